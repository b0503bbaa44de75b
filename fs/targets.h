/* fs/targets.h - which item somebody means who writes to a control file: a file's name with or without
 * ".json", a path in the mount, an id, or what people call it.
 */
#pragma once

#include "fs/fs.h"
#include "graph/command.h"

struct fs_targets {
	struct fs *fs;
	struct graph_family *family; /* NULL: nothing can be meant */
	char entries[8][256];        /* of what was found last */
};

/** A graph_resolve_fn; @arg is a struct fs_targets. */
int fs_targets_resolve(void *arg, struct w365_span text, struct graph_found *ret, unsigned max,
		       struct w365_err *reterr);
