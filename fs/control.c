#include "fs/control.h"
#include "base/macros.h"
#include "base/time.h"
#include "fs/access.h"
#include "fs/attr.h"
#include "fs/job.h"
#include "fs/proc.h"
#include "graph/usage.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

/* Bytes of results that a control file remembers: half of it has what is said of 2,000 Cloud PCs. */
#define RESULTS_MAX ((size_t)1 << 20)
/* Who writes many lines shall write many at a time: cat, cp and the like have buffers as large as this.
 * The C library's are 8 KiB, whatever it is told here. */
#define CONTROL_BLKSIZE (1 << 20)

/* ---- what it remembers ---- */

struct fs_control *fs_control_of(struct fs *fs, const struct fs_node *n)
{
	struct fs_control *c;

	for (c = fs->controls; c; c = c->next)
		if (c->node == n)
			return c;
	c = calloc(1, sizeof(*c));
	if (!c)
		return NULL;
	c->node = n;
	c->modified = fs->started;
	graph_action_find(n->home, n->name, fs->config->version, &c->action);
	c->said = 1;
	c->next = fs->controls;
	fs->controls = c;
	return c;
}

void fs_controls_done(struct fs *fs)
{
	while (fs->controls) {
		struct fs_control *c = fs->controls;

		fs->controls = c->next;
		w365_buf_done(&c->results);
		w365_buf_done(&c->text);
		free(c);
	}
}

void fs_control_path(const struct fs_control *c, char *out, size_t size)
{
	_cleanup_(w365_buf_done) struct w365_buf path = W365_BUF;

	graph_usage_path(&path, &c->action);
	snprintf(out, size, "%s", w365_buf_str(&path));
}

void fs_control_add(struct fs_control *c, const struct w365_buf *lines)
{
	const char *cut;

	w365_buf_add(&c->results, lines->data, lines->len);
	if (c->results.len > RESULTS_MAX) {
		cut = memchr(c->results.data + c->results.len - RESULTS_MAX / 2, '\n',
			     RESULTS_MAX / 2);
		c->results.len -= (size_t)(cut + 1 - c->results.data);
		memmove(c->results.data, cut + 1, c->results.len + 1);
	}
	c->said++;
	clock_gettime(CLOCK_REALTIME, &c->modified);
}

void fs_control_say(struct fs_control *c, const char *what, const char *target, const char *detail)
{
	_cleanup_(w365_buf_done) struct w365_buf line = W365_BUF;
	char when[W365_TIME_MAX];

	w365_buf_addf(&line, "# %s %s%s%s%s%s\n", w365_time_format(time(NULL), when), what,
		      *target ? " " : "", target, *detail ? ": " : "", detail);
	fs_control_add(c, &line);
}

/* ---- reading ---- */

/* What is read is the text whose size was told. */
static const struct w365_buf *text_of(struct fs *fs, struct fs_control *c)
{
	if (c->shown != c->said) {
		w365_buf_reset(&c->text);
		graph_usage_text(&c->text, &c->action, fs->config->version);
		w365_buf_add(&c->text, w365_buf_str(&c->results), c->results.len);
		c->shown = c->said;
	}
	return &c->text;
}

void fs_control_attr(struct fs *fs, const struct fs_node *n, struct stat *st)
{
	struct fs_control *c = fs_control_of(fs, n);
	bool may = c && fs_allowed(fs, &c->action.permission, c->action.name, NULL) == 0;
	struct timespec when = c ? c->modified : fs->started;

	fs_attr_file(fs, n->ino, c ? text_of(fs, c)->len : 0,
		     when.tv_sec * 1000000000LL + when.tv_nsec, may ? 6 : 4, st);
	st->st_blksize = CONTROL_BLKSIZE;
}

void fs_control_read(struct fs *fs, fuse_req_t req, const struct fs_node *n, size_t size, off_t off)
{
	struct fs_control *c = fs_control_of(fs, n);

	if (!c)
		fuse_reply_err(req, ENOMEM);
	else if ((size_t)off >= c->text.len)
		fuse_reply_buf(req, NULL, 0);
	else
		fuse_reply_buf(req, c->text.data + off, MIN(size, c->text.len - (size_t)off));
}

/* ---- writing ---- */

static struct fs_writing *writing_of(const struct fuse_file_info *fi)
{
	return (struct fs_writing *)(uintptr_t)fi->fh;
}

void fs_writing_unref(struct fs_writing *w)
{
	if (--w->refs)
		return;
	graph_lines_done(&w->lines);
	free(w);
}

static int begin(struct fs *fs, fuse_req_t req, struct fs_control *c, struct fs_writing **ret)
{
	char path[FS_PATH_MAX + 64];
	struct w365_err err;
	int r = fs_allowed(fs, &c->action.permission, c->action.name, &err);

	if (r < 0) {
		fs_control_path(c, path, sizeof(path));
		fs_note(fs, path, &err);
		return r;
	}
	*ret = calloc(1, sizeof(**ret));
	if (!*ret)
		return -ENOMEM;
	(*ret)->control = c;
	(*ret)->lines.rest.secret = true; /* a line may hold a password */
	(*ret)->opener = fuse_req_ctx(req)->pid;
	(*ret)->refs = 1;
	return 0;
}

void fs_control_open(struct fs *fs, fuse_req_t req, const struct fs_node *n,
		     struct fuse_file_info *fi)
{
	struct fs_control *c = fs_control_of(fs, n);
	struct fs_writing *w = NULL;
	int r = c ? 0 : -ENOMEM;

	if (r == 0 && (fi->flags & O_ACCMODE) != O_RDONLY)
		r = begin(fs, req, c, &w);
	if (r < 0) {
		fuse_reply_err(req, -r);
		return;
	}
	fi->fh = (uintptr_t)w;
	fi->direct_io = w != NULL; /* what one write(2) has, arrives in one piece */
	fi->noflush = !w;
	if (fuse_reply_open(req, fi) < 0 && w)
		fs_writing_unref(w);
}

void fs_control_write(struct fs *fs, fuse_req_t req, const char *buf, size_t size,
		      struct fuse_file_info *fi)
{
	struct fs_writing *w = writing_of(fi);

	if (w)
		fs_job_write(fs, req, w, buf, size);
	else
		fuse_reply_err(req, EBADF);
}

/* A line without its end runs at close: when the one who opened the file closes it, and not when a
 * program that it had started ends. Of who was killed while writing it, it is not whole. */
void fs_control_flush(struct fs *fs, fuse_req_t req, struct fuse_file_info *fi)
{
	struct fs_writing *w = writing_of(fi);
	pid_t pid = fuse_req_ctx(req)->pid;

	if (!w || w->opener != pid) {
		fuse_reply_err(req, 0);
		return;
	}
	if (fs_proc_killed(pid))
		graph_lines_done(&w->lines);
	fs_job_rest(fs, req, w);
}

void fs_control_release(struct fs *fs, fuse_req_t req, struct fuse_file_info *fi)
{
	struct fs_writing *w = writing_of(fi);

	if (w) {
		fs_job_rest(fs, NULL, w);
		fs_writing_unref(w);
	}
	fuse_reply_err(req, 0);
}
