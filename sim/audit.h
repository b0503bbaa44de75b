/* sim/audit.h - every write is told in auditEvents. */
#pragma once

#include "sim/graph.h"
#include "base/json.h"

/** What was done. */
struct sim_deed {
	const char *operation; /* cloudPcAuditActivityOperationType */
	const char *verb;      /* "patch", "reboot": written with a capital */
	const struct sim_type *type;
	const char *id, *name;        /* of the thing; may be "" */
	const struct w365_json *sent; /* whose members have changed; NULL: none */
};

/** Tells it, as the newest event. */
void sim_audit(struct sim_call *c, const struct sim_deed *deed);
