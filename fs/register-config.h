/* fs/register-config.h - the configuration of a tenant whose application was registered, or deleted. */
#pragma once

#include "fs/config-edit.h"

/** All borrowed; NULL where there is none. */
struct fs_register_entry {
	const char *config, *tenant, *client_id, *certificate, *secret_file;
	bool federated, remove;
	const struct fs_config_pair *given; /* further ones, ended by a NULL name; "" is left out */
};

/**
 * Writes it into the tenant's section and leaves the rest of the file as it is; what there belongs to
 * another application becomes a comment. The first tenant becomes the one that is meant where none
 * is given: *@ret_default says whether this one is. -errno.
 */
int fs_register_save(const struct fs_register_entry *e, bool *ret_default, struct w365_err *reterr);

/** The same from text to text. Pure. */
void fs_register_edit(const struct fs_register_entry *e, const char *text, struct w365_buf *out,
		      bool *ret_default);
