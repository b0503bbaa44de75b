/* auth/probe.h - is this a virtual machine of Azure, whose host knows it by itself? The machine does not say so in its
 * environment: one request tells.
 *
 * Source: https://learn.microsoft.com/azure/virtual-machines/instance-metadata-service
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/http.h"

struct auth_config;

/** Where the host of a virtual machine answers. */
#define AUTH_IMDS      "http://169.254.169.254"
#define AUTH_IMDS_PATH "/metadata/identity/oauth2/token"

/** So long it is worth waiting for the answer: the host is next door, and elsewhere the address may swallow everything. */
#define AUTH_PROBE_MS 1000

/** Whether it is worth asking: "auto" is to choose, and finds nothing that comes before a machine's identity. */
bool auth_probe_wanted(const struct auth_config *c);

/** The request. It lacks the header that IMDS wants of everybody, so that the answer is a refusal and no token. */
int auth_probe_request(struct w365_request *ret, struct w365_err *reterr);

/** Was that IMDS? Other clouds answer at the same address. Set auth_config.azure by it. */
bool auth_probe_judge(const struct w365_reply *reply);
