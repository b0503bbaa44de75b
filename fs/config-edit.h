/* fs/config-edit.h - changing the configuration file and leaving what others have written there. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

/** "name = value"; without a value, a line of that name becomes a comment. */
struct fs_config_pair {
	const char *name, *value;
};

/** Appends what @text says of @name below "[@section]" ("": above the first section). False if
 * nothing. Pure. */
bool fs_config_get(const char *text, const char *section, const char *name, struct w365_buf *out);

/** Appends @text with @pairs (ended by a NULL name) set below "[@section]". Pure. */
void fs_config_edit(const char *text, const char *section, const struct fs_config_pair *pairs,
		    struct w365_buf *out);

/** Reads the file; one that is not there is empty. -errno. */
int fs_config_read(const char *path, struct w365_buf *out, struct w365_err *reterr);

/** Puts @text in its place, at once, 0600; makes its folder. A symbolic link stays one. -errno. */
int fs_config_write(const char *path, const struct w365_buf *text, struct w365_err *reterr);
