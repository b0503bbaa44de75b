/* A text is saved, moved, or taken away: what must come of that. */
#include "base/macros.h"
#include "base/str.h"
#include "fs/fs.h"
#include "tests/fuse/property-keep.h"
#include "tests/fuse/property.h"

#include <errno.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <sys/prctl.h>

/* So soon after a refused rename the same is the kernel's second try. */
#define AGAIN_MS 1000

/* ---- saving ---- */

enum saving { TEXT, OVER, SWAP, AS };

static bool in_vain(const struct verdict *v)
{
	return v->err || (!v->body && !v->assign);
}

/* What was asked of the service: nothing but what follows from the text, and applied once. */
static void check_changes(const struct verdict *v, const struct item *it, bool *ret_done)
{
	unsigned applied[4] = { 0 };

	for (unsigned i = 0; i < P.record.n; i++) {
		const struct change *c = &P.record.change[i];

		MUST(c->kind == REMOVED || !in_vain(v), "something is sent of a text that %s",
		     v->err ? "is to be refused" : "changes nothing");
		applied[c->kind] += c->applied;
		switch (c->kind) {
		case MADE:
		case CHANGED:
			MUST((c->kind == MADE) == v->create, "%s is sent for %s",
			     c->kind == MADE ? "POST" : "PATCH",
			     v->create ? "a new item" : "a change");
			MUST(c->kind == MADE || c->item == it, "another item is changed");
			MUST(v->body && same(c->body, v->body), "the body is to be %s",
			     v->body ? cJSON_PrintUnformatted(v->body) : "none");
			break;
		case ASSIGNED: {
			cJSON *groups = groups_of(c->body->child);

			MUST(v->assign && same(groups, v->assign), "the assignments are to be %s",
			     v->assign ? cJSON_PrintUnformatted(v->assign) : "left alone");
			cJSON_Delete(groups);
			break;
		}
		case REMOVED: break; /* the service has looked at it */
		}
	}
	for (int k = 0; k < 4; k++)
		MUST(applied[k] <= 1, "one change is made %u times", applied[k]);
	*ret_done = (!v->body || applied[v->create ? MADE : CHANGED]) &&
		    (!v->assign || applied[ASSIGNED]);
}

/* Whether it was accepted, all told. */
static bool accepted(const struct verdict *v, int r, bool done, const char *text)
{
	if (P.record.interrupted) {
		if (P.record.before_change) {
			MUST(r == -EINTR && !P.record.n, "interrupted before anything was sent: %d",
			     r);
			return false;
		}
		return done;
	}
	if (!P.record.faulted) {
		MUST(r == -v->err, "the text is to be %s (%d), but %d comes of it:\n%s",
		     v->err ? "refused" : "accepted", v->err, r, text);
		MUST(v->err || done, "not all that was changed is sent");
		return r == 0;
	}
	MUST(!(r == 0 && v->err), "a text that is to be refused (%d) is accepted", v->err);
	MUST(r < 0 || done, "it is accepted, but not all was sent");
	return r == 0;
}

/* A text is saved: what must be so afterwards. @r: what the program was told. */
static void saved(enum saving how, struct mf *f, struct item *it, const char *name,
		  struct verdict *v, int r)
{
	bool done, ok;

	while (P.record.interrupted && P.w->fs->saves)
		world_step(P.w);
	world_settle(P.w);
	check_changes(v, it, &done);
	ok = accepted(v, r, done, f->text);
	/* Kept by the name that it was to get. */
	if (f->rejected >= 0 && !w365_streq(f->rejected_name, name))
		f->rejected = -1;
	if (P.record.was && it)
		keep_history(P.record.was);
	else if (P.record.unsure && it)
		keep_maybe(it);
	if (!ok) {
		f->refused = r ? -r : EINTR;
		if (f->len)
			keep_rejected(f, name);
		if (how != TEXT) {
			snprintf(f->rename_to, sizeof(f->rename_to), "%s", name);
			f->rename_changes = f->changes;
			f->rename_at = graph_loop_now(P.w->loop);
		}
		verdict_done(v);
		return;
	}
	f->refused = 0;
	f->saved = f->changes;
	keep_forget(f);
	if (it && (how == OVER || how == SWAP))
		it->hidden = it->removes = false;
	if (how == OVER || v->create) {
		f->unlinked = true;
		f->item = it;
		for (unsigned i = 0; v->create && i < P.record.n; i++)
			f->item = P.record.change[i].applied ? P.record.change[i].item : f->item;
		if (name != f->name)
			snprintf(f->name, sizeof(f->name), "%s", name);
	}
	verdict_done(v);
}

/* Whether closing it means anything. */
static bool is_saved(const struct mf *f)
{
	return f->changes != f->saved && f->len && f->kind != MF_LINK &&
	       (!f->unlinked || f->item) && is_resource(f->name);
}

int op_flush(struct handle *h, bool fsync)
{
	struct mf *f = h->f;
	struct item *it = f ? f->item : NULL; /* what it is, or has become */
	struct verdict v = { 0 };
	bool draft = false;
	int r;

	if (!f)
		return 0;
	remote_watch();
	if (is_saved(f) && it) {
		v = judge(it, f->text, f->len, false);
	} else if (is_saved(f)) {
		r = text_id(f->text, f->len);
		draft = r == 1;
		if (r < 0)
			v.err = EINVAL;
		else if (r == 0)
			v = judge_create(f->text, f->len, f->name);
	}
	r = fsync ? kernel_fsync(P.w->kernel, &h->h) : kernel_flush(P.w->kernel, &h->h);
	P.ops++;
	tell("%s %s: %d", fsync ? "fsync" : "flush", f->name, r);
	if (!is_saved(f) || draft) {
		MUST(r == 0, "there is nothing to save of %s, but %d comes of it", f->name, r);
		MUST(!P.record.n, "something is sent without need");
		if (draft) {
			f->saved = f->changes;
			f->refused = 0;
		}
		P.interrupt_at = 0;
		return r;
	}
	saved(TEXT, f, it, f->name, &v, r);
	P.interrupt_at = 0;
	return r;
}

/* ---- names that are moved ---- */

static int rename_over(struct mf *f, struct item *it, const char *to, bool swap, uint32_t flags,
		       const char *from, const char *name)
{
	struct verdict v = judge(it, f->len ? f->text : "", f->len, true);
	char *was = it->alive ? render(it->now) : NULL;
	int r;

	P.saving = it;
	r = kernel_rename(P.w->kernel, P.dir, from, name, flags);
	tell("rename %s over %s%s: %d", from, name, swap ? ", exchanged" : "", r);
	saved(swap ? SWAP : OVER, f, it, to, &v, r);
	P.saving = NULL;
	it->until = graph_loop_now(P.w->loop) + HIDDEN_MS; /* for another try */
	if (swap && !f->refused) {
		free(f->text);
		f->text = TAKE_PTR(was);
		f->len = strlen(f->text);
		f->changes++;
		f->saved = f->changes;
	}
	free(was);
	mf_settle(f);
	return r;
}

static int rename_as(struct mf *f, const char *to)
{
	int id = text_id(f->len ? f->text : "", f->len), r;
	struct verdict v = { .err = id < 0 ? EINVAL : 0 };
	char from[256];

	snprintf(from, sizeof(from), "%s", f->name);
	if (id == 0)
		v = judge_create(f->text, f->len, to);
	r = kernel_rename(P.w->kernel, P.dir, from, to, 0);
	tell("rename %s to %s, which is free: %d", from, to, r);
	if (id == 1) {
		MUST(r == 0 && !P.record.n, "a draft is moved: %d", r);
		snprintf(f->name, sizeof(f->name), "%s", to);
		return r;
	}
	saved(AS, f, NULL, to, &v, r);
	mf_settle(f);
	return r;
}

static int move(struct mf *f, const char *to)
{
	struct mf *there = local(to);
	int r = kernel_rename(P.w->kernel, P.dir, f->name, to, 0);

	tell("rename %s to %s: %d", f->name, to, r);
	MUST(r == 0 && !P.record.n, "a local file is moved: %d", r);
	if (there) {
		there->unlinked = true;
		mf_settle(there);
	}
	snprintf(f->name, sizeof(f->name), "%s", to);
	return r;
}

static int rename_item(struct item *it, const char *from, const char *to)
{
	struct mf *there = local(to), *f;
	bool taken = there || shown(to), done;
	struct verdict v;
	char text[300];
	int r;

	if (!is_resource(to)) {
		r = kernel_rename(P.w->kernel, P.dir, from, to, 0);
		tell("rename %s to %s: %d", from, to, r);
		MUST(r == 0 && !P.record.n, "an item is set aside: %d", r);
		if (there) {
			there->unlinked = true;
			mf_settle(there);
		}
		f = mf_new(MF_LOCAL, to);
		f->loaded = true;
		f->text = render(it->seen);
		f->len = strlen(f->text);
		mf_hide(it, false);
		return r;
	}
	snprintf(text, sizeof(text), "{\"displayName\":\"%.*s\"}",
		 (int)(strlen(to) - strlen(".json")), to);
	v = judge(it, text, strlen(text), true);
	r = kernel_rename(P.w->kernel, P.dir, from, to, 0);
	tell("rename %s to %s, a new name: %d", from, to, r);
	world_settle(P.w);
	if (taken) {
		MUST(r < 0 && !P.record.n, "an item is moved over another file: %d", r);
		verdict_done(&v);
		return r;
	}
	check_changes(&v, it, &done);
	accepted(&v, r, done, text);
	verdict_done(&v);
	if (P.record.was)
		keep_history(P.record.was);
	else if (P.record.unsure)
		keep_maybe(it);
	return r;
}

int op_rename(const char *from, const char *to, uint32_t flags)
{
	struct mf *f, *g;
	struct item *it, *source;
	struct fuse_entry_out e;
	bool swap = flags & RENAME_EXCHANGE;
	int r, want = 0;

	op_look(from, &e);
	op_look(to, &e);
	f = local(from);
	it = shown(to);
	source = f ? NULL : shown(from);
	remote_watch();
	P.ops++;
	if (!exists(from) || (swap && !exists(to)))
		return -ENOENT; /* the kernel asks no more */
	if ((flags & RENAME_NOREPLACE) && exists(to))
		want = EEXIST;
	else if (f && f->kind == MF_LINK && is_resource(to))
		want = EPERM;
	else if (f && is_resource(to) && !(swap && local(to)) && f->refused &&
		 w365_streq(f->rename_to, to) && f->rename_changes == f->changes &&
		 graph_loop_now(P.w->loop) - f->rename_at < AGAIN_MS)
		want = f->refused;
	if (want) {
		r = kernel_rename(P.w->kernel, P.dir, from, to, flags);
		tell("rename %s to %s: %d", from, to, r);
		MUST(r == -want && !P.record.n, "rename of %s to %s gives %d, not %d", from, to, r,
		     -want);
		return r;
	}
	g = local(to);
	if (f && g && swap) {
		r = kernel_rename(P.w->kernel, P.dir, from, to, flags);
		tell("exchange %s with %s: %d", from, to, r);
		MUST(r == 0, "two local files are exchanged: %d", r);
		snprintf(f->name, sizeof(f->name), "%s", to);
		snprintf(g->name, sizeof(g->name), "%s", from);
		return r;
	}
	if (f && !is_resource(to))
		return move(f, to);
	if (f && it)
		return rename_over(f, it, to, swap, flags, from, to);
	if (f)
		return rename_as(f, to);
	if (swap && g && g->kind == MF_LOCAL)
		return rename_over(g, source, from, true, flags, from, to);
	if (swap) {
		r = kernel_rename(P.w->kernel, P.dir, from, to, flags);
		tell("exchange %s with %s: %d", from, to, r);
		MUST(r == -EPERM && !P.record.n, "two items are exchanged: %d", r);
		return r;
	}
	return rename_item(source, from, to);
}

/* ---- names that are taken away ---- */

static bool replaces(const char *program, uint64_t ino)
{
	if (!w365_streq(program, "mv"))
		return w365_streq(program, "install") || w365_streq(program, "vim");
	for (size_t i = 0; i < ARRAY_SIZE(P.read_by_us); i++)
		if (P.read_by_us[i] == ino)
			return false;
	return true;
}

int op_unlink(const char *name, const char *program)
{
	struct mf *f = local(name);
	struct item *it = f ? NULL : shown(name);
	struct fuse_entry_out e = { 0 };
	int r;

	r = op_look(name, &e);
	MUST((r == 0) == exists(name), "lookup of %s before it is removed gives %d", name, r);
	if (r < 0)
		return r; /* the kernel asks no more */
	it = f ? NULL : shown(name);
	remote_watch();
	P.removing = it;
	prctl(PR_SET_NAME, program);
	r = kernel_unlink(P.w->kernel, P.dir, name);
	prctl(PR_SET_NAME, "rm");
	P.ops++;
	tell("unlink %s by %s: %d", name, program, r);
	world_settle(P.w);
	P.removing = NULL;
	if (f) {
		MUST(r == 0 && !P.record.n, "a local file is removed: %d", r);
		f->unlinked = true;
		mf_settle(f);
		return r;
	}
	if (replaces(program, e.nodeid)) {
		MUST(r == 0 && !P.record.n, "%s is taken away: %d", name, r);
		mf_hide(it, P.deletes);
		return r;
	}
	if (!P.deletes) {
		MUST(r == -EPERM && !P.record.n, "%s is removed: %d", name, r);
		return r;
	}
	for (unsigned i = 0; i < P.record.n; i++)
		MUST(P.record.change[i].kind == REMOVED, "more is done than to remove %s", name);
	if (P.record.was)
		keep_history(P.record.was);
	else if (P.record.unsure)
		keep_maybe(it);
	MUST(P.record.faulted || (r == 0 && !it->alive) || (r == -ENOENT && !P.record.was),
	     "%s is removed: %d", name, r);
	return r;
}
