/* `w365fs refresh`, from the mount's side. */
#include "fs/ioctl.h"
#include "base/macros.h"
#include "fs/answers.h"
#include "fs/ops.h"
#include "fs/park.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A refresh of some families, for one caller. */
struct fs_refreshing {
	struct fs *fs;
	struct fs_refreshing *next, **link;
	fuse_req_t req;
	struct fs_refresh out;
	unsigned n, left;
	struct graph_soon abandon;
	struct one {
		struct fs_refreshing *refresh;
		struct graph_family *family;
		struct graph_wait wait;
	} waits[];
};

static void leave(struct fs_refreshing *r)
{
	*r->link = r->next;
	if (r->next)
		r->next->link = r->link;
	free(r);
}

static void one_done(void *arg, struct graph_snapshot *snap, const struct w365_err *err)
{
	struct one *one = arg;
	struct fs_refreshing *r = one->refresh;
	char path[FS_PATH_MAX];

	if (err && !r->out.num) {
		fs_path_of(one->family, path, sizeof(path));
		r->out.num = err->num;
		snprintf(r->out.msg, sizeof(r->out.msg), "%.200s: %s", path, err->msg);
	}
	if (--r->left)
		return;
	fuse_req_interrupt_func(r->req, NULL, NULL);
	fuse_reply_ioctl(r->req, 0, &r->out, sizeof(r->out));
	leave(r);
}

static void abandon(void *arg)
{
	struct fs_refreshing *r = arg;

	fuse_reply_err(r->req, EINTR);
	leave(r);
}

/* As with parked requests: no reply from inside libfuse's lock. */
static void interrupted(fuse_req_t req, void *arg)
{
	struct fs_refreshing *r = arg;

	for (unsigned i = 0; i < r->n; i++)
		graph_wait_cancel(&r->waits[i].wait);
	graph_loop_soon(r->fs->loop, &r->abandon, abandon, r);
}

void fs_refresh_done(struct fs *fs)
{
	while (fs->refreshing) {
		struct fs_refreshing *r = fs->refreshing;

		for (unsigned i = 0; i < r->n; i++)
			graph_wait_cancel(&r->waits[i].wait);
		graph_soon_cancel(fs->loop, &r->abandon);
		fuse_req_interrupt_func(r->req, NULL, NULL);
		abandon(r);
	}
}

/* Whether @f is what the directory or file @p shows, or lies below it and has something that may be
 * old: what was merely listed by its name, or refused, is not asked for. */
static bool concerns(struct fs *fs, const struct fs_place *p, const struct graph_family *f)
{
	const struct fs_node *n = fs_tree_of(fs->tree, graph_family_collection(f));

	if (p->family)
		return p->family == f;
	while (n && n != p->node)
		n = n->parent;
	return n && graph_family_snapshot(f);
}

/* What was refused, and is not asked for here, is asked for by whoever looks next. */
static void forget_refusals(struct fs *fs, const struct fs_place *p)
{
	for (struct graph_family *f = NULL; (f = graph_store_next(fs->store, f));)
		if (!concerns(fs, p, f))
			graph_family_ask_again(f);
}

/* Whoever asks has mended something, maybe. A token says what was allowed when it was made: where a
 * permission was missing, only a new one can help. */
static void sign_in_again(struct fs *fs)
{
	bool refused = false;

	for (struct graph_family *f = NULL; (f = graph_store_next(fs->store, f));)
		refused = refused || graph_family_stats(f)->last.num == EACCES;
	graph_client_signin_again(fs->client, refused);
}

static void refresh(struct fs *fs, fuse_req_t req, const struct fs_place *p)
{
	struct fs_refreshing *r;
	unsigned n = 0, i = 0;

	sign_in_again(fs);
	forget_refusals(fs, p);
	if (p->node)
		fs_answers_expire(fs, p->node);
	for (struct graph_family *f = NULL; (f = graph_store_next(fs->store, f));)
		n += concerns(fs, p, f);
	r = calloc(1, sizeof(*r) + n * sizeof(r->waits[0]));
	if (!r) {
		fuse_reply_err(req, ENOMEM);
		return;
	}
	*r = (struct fs_refreshing){ .fs = fs, .req = req, .n = n, .left = n };
	if (!n || fs->ending) { /* nothing of it was looked at yet: nothing is old */
		fuse_reply_ioctl(req, 0, &r->out, sizeof(r->out));
		free(r);
		return;
	}
	r->next = fs->refreshing;
	r->link = &fs->refreshing;
	if (r->next)
		r->next->link = &r->next;
	fs->refreshing = r;
	for (struct graph_family *f = NULL; (f = graph_store_next(fs->store, f));)
		if (concerns(fs, p, f))
			graph_family_outdate(f);
	for (struct graph_family *f = NULL; i < n && (f = graph_store_next(fs->store, f));) {
		if (!concerns(fs, p, f))
			continue;
		r->waits[i].refresh = r;
		r->waits[i].family = f;
		graph_family_refresh(f, &r->waits[i].wait, one_done, &r->waits[i]);
		i++;
	}
	fuse_req_interrupt_func(req, interrupted, r); /* last: it may run at once */
}

/* The place below @ino that @in names; false if there is none. */
static bool place_below(struct fs *fs, uint64_t ino, const struct fs_refresh *in,
			struct fs_place *ret)
{
	const struct fs_node *n = fs_tree_by_ino(fs->tree, ino);
	_cleanup_(w365_freep) char *path = strndup(in->msg, sizeof(in->msg));
	char *rest = path, *name;

	while (n && (name = strsep(&rest, "/")))
		n = *name ? fs_node_child(n, name) : n;
	return path && n && fs_place_of(fs, n->ino, ret);
}

void fs_op_ioctl(fuse_req_t req, fuse_ino_t ino, unsigned cmd, void *arg, struct fuse_file_info *fi,
		 unsigned flags, const void *in, size_t in_size, size_t out_size)
{
	struct fs *fs = fuse_req_userdata(req);
	const struct fs_refresh *what = in_size >= sizeof(*what) ? in : NULL;
	struct fs_place p;

	if (cmd != FS_IOC_REFRESH || (flags & FUSE_IOCTL_COMPAT) ||
	    out_size < sizeof(struct fs_refresh))
		fuse_reply_err(req, ENOTTY);
	else if (what && *what->msg ? !place_below(fs, ino, what, &p) : !fs_place_of(fs, ino, &p))
		fuse_reply_err(req, ENOENT);
	else
		refresh(fs, req, &p);
}
