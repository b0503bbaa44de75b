#include "fs/events.h"
#include "base/buf.h"
#include "base/time.h"
#include "fs/stream.h"

#include <stdlib.h>

#define KEEP ((size_t)1 << 20)

struct fs_events {
	struct fs_stream *stream;
	struct w365_buf line;
	struct w365_jw jw;
};

struct fs_events *fs_events_new(struct fs *fs)
{
	struct fs_events *e = calloc(1, sizeof(*e));

	if (!e)
		return NULL;
	e->stream = fs_stream_new(
		fs, &(struct fs_stream_config){ .kind = FS_INO_EVENTS, .keep = KEEP });
	return e->stream ? e : fs_events_free(e);
}

struct fs_events *fs_events_free(struct fs_events *e)
{
	if (e) {
		fs_stream_free(e->stream);
		w365_buf_done(&e->line);
		free(e);
	}
	return NULL;
}

struct fs_stream *fs_events_stream(const struct fs *fs)
{
	return fs->events->stream;
}

struct w365_jw *fs_event_begin(struct fs *fs)
{
	struct fs_events *e = fs->events;
	char now[W365_TIME_MAX];

	w365_buf_reset(&e->line);
	e->jw = (struct w365_jw){ .out = &e->line, .compact = true };
	w365_jw_open(&e->jw, '{');
	w365_jw_pair(&e->jw, "time", w365_time_format(time(NULL), now));
	return &e->jw;
}

void fs_event_end(struct fs *fs)
{
	struct fs_events *e = fs->events;

	w365_jw_close(&e->jw, '}');
	w365_buf_addc(&e->line, '\n');
	/* Without memory this line is missing. */
	if (e->line.failed)
		w365_buf_done(&e->line);
	else
		fs_stream_add(e->stream, e->line.data, e->line.len);
}
