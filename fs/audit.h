/* fs/audit.h - .w365fs/audit.ndjson: the audit log as one stream, a line for each event: fs/stream.h.
 *
 * It begins when somebody first looks at it, with what that day has (UTC), in the order of the events'
 * times. From then on each event is added when it is first seen, once, however late it came to the log:
 * a day is looked at until it is settled (graph/store.h). An empty line stands at the beginning where
 * there was no event yet.
 *
 * Only looking causes requests, as with the directories: the name, the size, and on a mount that can be
 * written a read or poll(2) that waits at the end, have the day asked for when it is due.
 */
#pragma once

#include "fs/fs.h"
#include "fs/park.h"

struct fs_audit; /* opaque; fs/audit.c */

/** The log that it shows; NULL: @part has none. */
const struct graph_collection *fs_audit_log(const struct graph_part *part);

/** NULL: no memory. */
struct fs_audit *fs_audit_new(struct fs *fs);

/** NULL is fine. Returns NULL. */
struct fs_audit *fs_audit_free(struct fs_audit *a);

struct fs_stream *fs_audit_stream(const struct fs *fs);

/** A listing of @f has ended, well or not. */
void fs_audit_listed(struct fs *fs, const struct graph_family *f);

/* Answer the request, once the day has been listed. */
void fs_audit_lookup(struct fs_request *r);
void fs_audit_getattr(struct fs_request *r);
