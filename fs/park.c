#include "fs/park.h"
#include "base/macros.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct fs_park {
	struct fs_request r;
	struct graph_family *family;
	struct graph_wait wait;
	struct graph_soon abandon;
	char *name, *to_name; /* r.name, r.to_name, owned */
	struct fs_park *next, **link;
};

static void leave(struct fs_park *p)
{
	*p->link = p->next;
	if (p->next)
		p->next->link = p->link;
	free(p->name);
	free(p->to_name);
	free(p);
}

/* Was not needed: the next one takes it. */
static void spare(struct fs *fs, struct fs_park *p)
{
	if (fs->ending)
		free(p);
	else
		fs->spare = p;
}

/* The C library takes ENOENT from reading a directory for its end: a collection that the service
 * does not have would look empty. */
static void reply_failure(const struct fs_request *r, const struct w365_err *err)
{
	fuse_reply_err(r->req, err->num == ENOENT && r->lists ? EOPNOTSUPP : err->num);
}

/* The snapshot is there, or will not come. */
static void resume(void *arg, struct graph_snapshot *snap, const struct w365_err *err)
{
	struct fs_park *p = arg;

	fuse_req_interrupt_func(p->r.req, NULL, NULL); /* before the reply: after it, req is gone */
	if (snap || p->r.anyway)
		p->r.go(&p->r, p->family, snap);
	else
		reply_failure(&p->r, err);
	leave(p);
}

static void abandon(void *arg)
{
	struct fs_park *p = arg;

	fuse_reply_err(p->r.req, EINTR);
	leave(p);
}

/* The reader got a signal. libfuse holds the request's lock here and unlocks it after we return, so
 * that a reply now could be a use after free: stop the waiting, and leave the reply to the loop. */
static void interrupted(fuse_req_t req, void *arg)
{
	struct fs_park *p = arg;

	graph_wait_cancel(&p->wait);
	graph_loop_soon(p->r.fs->loop, &p->abandon, abandon, p);
}

void fs_await(const struct fs_request *r, struct graph_family *f)
{
	struct fs *fs = r->fs;
	struct fs_park *p = fs->spare ? TAKE_PTR(fs->spare) : malloc(sizeof(*p));
	struct graph_snapshot *snap = NULL;
	struct w365_err err;
	int got = 0;

	if (!p || !f) {
		spare(fs, p);
		fuse_reply_err(r->req, ENOMEM);
		return;
	}
	*p = (struct fs_park){ .r = *r, .family = f };
	if (r->fresh)
		graph_family_refresh(f, &p->wait, resume, p);
	else
		got = graph_family_get(f, &p->wait, resume, p, &snap, &err);
	if (got == 0 && fs->ending) {
		graph_wait_cancel(&p->wait);
		got = w365_err_set(&err, EINTR, "the mount is ending");
	}
	if (got != 0) {
		spare(fs, p);
		if (got > 0 || r->anyway)
			r->go(r, f, got > 0 ? snap : NULL);
		else
			reply_failure(r, &err);
		return;
	}
	if (r->name)
		p->r.name = p->name = strdup(r->name);
	if (r->to_name)
		p->r.to_name = p->to_name = strdup(r->to_name);
	p->next = fs->parked;
	p->link = &fs->parked;
	if (p->next)
		p->next->link = &p->next;
	fs->parked = p;
	if ((r->name && !p->name) || (r->to_name && !p->to_name)) {
		graph_wait_cancel(&p->wait);
		graph_loop_soon(fs->loop, &p->abandon, abandon, p);
		return;
	}
	fuse_req_interrupt_func(r->req, interrupted, p); /* last: it may run at once */
}

void fs_park_done(struct fs *fs)
{
	while (fs->parked) {
		struct fs_park *p = fs->parked;

		graph_wait_cancel(&p->wait);
		graph_soon_cancel(fs->loop, &p->abandon);
		fuse_req_interrupt_func(p->r.req, NULL, NULL);
		abandon(p);
	}
	free(fs->spare);
	fs->spare = NULL;
}
