/* fs/forbidden.h - collections that the service does not let this sign-in read, as the kernel sees
 * them: mode 0, EACCES for whoever looks into them all the same, and everything beside them as ever.
 *
 * Only what the service said counts, by a 403: what is written in a token is for people to read. A
 * refusal is the answer as long as a listing would be. Then whoever looks, be it at the mode alone, has
 * the service asked again: where the kernel refuses by the mode, nothing else comes here.
 */
#pragma once

#include "fs/fs.h"
#include "fs/ops.h"

/** The family whose refusal closes the collection, log, day or singleton @p; NULL: it is open, or
 * no such thing. What is in a closed one is told by fs_await(). */
struct graph_family *fs_forbidden(struct fs *fs, const struct fs_place *p);

/* Requests for what fs_forbidden() has: each answers @r, now or when the service was asked again. */
void fs_forbidden_getattr(struct fs_request *r, struct graph_family *refused);
/** @go: goes on if it is open by now. */
void fs_forbidden_enter(struct fs_request *r, struct graph_family *refused,
			void (*go)(const struct fs_request *r, struct graph_family *f,
				   struct graph_snapshot *snap));

/** What is told of a singleton that was not read because it is refused: the attributes of its file. False if that is not why
 * there is none. */
bool fs_forbidden_singleton(const struct fs_request *r, const struct graph_family *f,
			    struct fuse_entry_param *e);

/** The store's hook: tells the kernel. */
void fs_forbidden_turned(struct fs *fs, struct graph_family *f);

/** A new token is in use: if it allows other things than the one before, the service is asked again. */
void fs_forbidden_token(struct fs *fs);
