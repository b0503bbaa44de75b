/* fs/register-options.h - what 'w365fs register' is told, beside the options shared by all. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"

/** Borrowed from argv. A flag that was given is "". */
struct fs_register_options {
	const char *name, *read_only, *read_write, *app_only, *app_and_person, *multi_tenant,
		*secret, *certificate, *federated, *no_consent, *admin_client_id, *dry_run, *remove,
		*yes;
	char *issuer, *subject; /* of @federated; owned */
};

/** Takes the options of its own out of @argv, of which @argc words are left. -EINVAL with the
 * sentence. */
int fs_register_options_take(struct fs_register_options *o, int *argc, char **argv,
			     struct w365_err *reterr);
void fs_register_options_done(struct fs_register_options *o);

void fs_register_options_help(FILE *f);
