/* fs/events.h - .w365fs/events: what happens, as it happens, a line of JSON each: fs/stream.h.
 *
 * Lines are written by whoever has something to tell, in the loop: fs_event_begin(). They cost no
 * request, however many read.
 */
#pragma once

#include "base/json-write.h"
#include "fs/fs.h"

struct fs_events; /* opaque; fs/events.c */

/** NULL: no memory. */
struct fs_events *fs_events_new(struct fs *fs);

/** After the session's end. NULL is fine. Returns NULL. */
struct fs_events *fs_events_free(struct fs_events *e);

struct fs_stream *fs_events_stream(const struct fs *fs);

/**
 * Begins a line: {"time":"...", and whatever the caller adds as members of the object. Nothing else
 * may be begun before fs_event_end(). Never NULL; without memory for it the line is dropped.
 */
struct w365_jw *fs_event_begin(struct fs *fs);

/** Ends the line; those who wait get it once the event at hand has been dealt with. */
void fs_event_end(struct fs *fs);
