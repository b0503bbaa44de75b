/* `w365fs refresh`, from the mount's side. */
#include "fs/ioctl.h"
#include "auth/auth.h"
#include "fs/ops.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A refresh of some families, for one caller. */
struct refresh {
	struct fs *fs;
	fuse_req_t req;
	struct fs_refresh out;
	unsigned n, left;
	struct graph_soon abandon;
	struct one {
		struct refresh *refresh;
		struct graph_family *family;
		struct graph_wait wait;
	} waits[];
};

static void one_done(void *arg, struct graph_snapshot *snap, const struct w365_err *err)
{
	struct one *one = arg;
	struct refresh *r = one->refresh;
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
	free(r);
}

static void abandon(void *arg)
{
	struct refresh *r = arg;

	fuse_reply_err(r->req, EINTR);
	free(r);
}

/* As with parked requests: no reply from inside libfuse's lock. */
static void interrupted(fuse_req_t req, void *arg)
{
	struct refresh *r = arg;

	for (unsigned i = 0; i < r->n; i++)
		graph_wait_cancel(&r->waits[i].wait);
	graph_loop_soon(r->fs->loop, &r->abandon, abandon, r);
}

/* Whether @f is what the directory @p shows, or lies below it. */
static bool concerns(struct fs *fs, const struct fs_place *p, const struct graph_family *f)
{
	const struct fs_node *n = fs_tree_of(fs->tree, graph_family_collection(f));

	if (p->family)
		return p->family == f;
	while (n && n != p->node)
		n = n->parent;
	return n;
}

static void refresh(struct fs *fs, fuse_req_t req, const struct fs_place *p)
{
	struct refresh *r;
	unsigned n = 0, i = 0;

	auth_retry_now(fs->auth); /* whoever asks has mended it, maybe */
	for (struct graph_family *f = NULL; (f = graph_store_next(fs->store, f));)
		n += concerns(fs, p, f);
	r = calloc(1, sizeof(*r) + n * sizeof(r->waits[0]));
	if (!r) {
		fuse_reply_err(req, ENOMEM);
		return;
	}
	*r = (struct refresh){ .fs = fs, .req = req, .n = n, .left = n };
	if (!n) { /* nothing of it was looked at yet: nothing is old */
		fuse_reply_ioctl(req, 0, &r->out, sizeof(r->out));
		free(r);
		return;
	}
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

void fs_op_ioctl(fuse_req_t req, fuse_ino_t ino, unsigned cmd, void *arg, struct fuse_file_info *fi,
		 unsigned flags, const void *in, size_t in_size, size_t out_size)
{
	struct fs *fs = fuse_req_userdata(req);
	struct fs_place p;

	if (cmd != FS_IOC_REFRESH || (flags & FUSE_IOCTL_COMPAT) ||
	    out_size < sizeof(struct fs_refresh))
		fuse_reply_err(req, ENOTTY);
	else if (!fs_place_of(fs, ino, &p))
		fuse_reply_err(req, ENOENT);
	else
		refresh(fs, req, &p);
}
