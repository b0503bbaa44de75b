#include "fs/errlog.h"
#include "base/buf.h"
#include "base/macros.h"
#include "base/str.h"
#include "base/time.h"

#include <time.h>

bool fs_errlog_add(struct fs_errlog *l, const char *where, const struct w365_err *err)
{
	_cleanup_(w365_buf_done) struct w365_buf b = W365_BUF;
	const char *before = l->count ? l->lines[(l->count - 1) % FS_ERRLOG_LINES] : NULL;
	char when[W365_TIME_MAX], *line;
	size_t time_len;

	w365_time_format(time(NULL), when);
	time_len = strlen(when);
	w365_buf_addf(&b, "%s %s %s%s%s\n", when, w365_errno_name(err->num), where,
		      *where ? ": " : "", err->msg);
	if (b.failed || (before && w365_streq(before + time_len, b.data + time_len)))
		return false;
	line = w365_buf_take(&b);
	free(l->lines[l->count % FS_ERRLOG_LINES]);
	l->lines[l->count++ % FS_ERRLOG_LINES] = line;
	return true;
}

void fs_errlog_write(const struct fs_errlog *l, struct w365_buf *out)
{
	uint64_t from = l->count > FS_ERRLOG_LINES ? l->count - FS_ERRLOG_LINES : 0;

	for (uint64_t i = from; i < l->count; i++)
		w365_buf_adds(out, l->lines[i % FS_ERRLOG_LINES]);
}

void fs_errlog_done(struct fs_errlog *l)
{
	for (unsigned i = 0; i < FS_ERRLOG_LINES; i++)
		free(l->lines[i]);
	*l = (struct fs_errlog){ 0 };
}
