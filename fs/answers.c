#include "fs/answers-parts.h"
#include "base/buf.h"
#include "base/macros.h"
#include "base/str.h"
#include "fs/attr.h"
#include "fs/names.h"
#include "fs/notify.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

/* After a failure it is the answer to everybody for so long, as of a collection. */
#define RETRY_MS 1000

/* A request that waits for an answer. */
struct fs_answer_wait {
	struct fs_request r;
	struct fs_answer *a;
	struct graph_timer deadline;
	struct graph_soon abandon;
	struct fs_answer_wait *next, **link;
};

static uint64_t now_of(const struct fs_answer *a)
{
	return graph_loop_now(a->fs->loop);
}

static const struct graph_question *question(const struct fs_answer *a)
{
	return a->dir->question;
}

/* ---- replies ---- */

static void attr(const struct fs_answer *a, struct stat *st)
{
	fs_attr_file(a->fs, a->ino, a->len, a->modified, 4, st);
}

static uint64_t life(const struct fs_answer *a)
{
	uint64_t now = now_of(a);

	return a->text && now < a->expires ? a->expires - now : 0;
}

static void reply_entry(const struct fs_request *r, struct fs_answer *a)
{
	struct fuse_entry_param e = { .ino = a->ino };

	attr(a, &e.attr);
	e.attr_timeout = e.entry_timeout = fs_seconds(life(a));
	if (fuse_reply_entry(r->req, &e) == 0)
		a->known++;
}

static void reply_attr(const struct fs_request *r, struct fs_answer *a)
{
	struct stat st;

	attr(a, &st);
	fuse_reply_attr(r->req, &st, fs_seconds(life(a)));
}

static void reply_text(const struct fs_request *r, struct fs_answer *a)
{
	size_t off = MIN((size_t)r->off, a->len);

	fuse_reply_buf(r->req, a->text + off, MIN(r->size, a->len - off));
}

static void reply(const struct fs_request *r, struct fs_answer *a)
{
	fs_answer_used(a);
	switch (r->asks) {
	case FS_ASKS_ENTRY: reply_entry(r, a); break;
	case FS_ASKS_ATTR: reply_attr(r, a); break;
	default: reply_text(r, a);
	}
}

/* ---- waiting ---- */

static void leave(struct fs_answer_wait *w)
{
	struct fs_answer *a = w->a;

	graph_timer_stop(&w->deadline);
	*w->link = w->next;
	if (w->next)
		w->next->link = w->link;
	free(w);
	fs_answer_let_go(a);
}

static void note(struct fs_answer *a, const struct w365_err *err)
{
	_cleanup_(w365_buf_done) struct w365_buf where = W365_BUF;

	graph_question_path(&where, question(a));
	w365_buf_addf(&where, "/%s", a->name);
	fs_note(a->fs, w365_buf_str(&where), err);
}

static void overdue(void *arg)
{
	struct fs_answer_wait *w = arg;
	struct w365_err err;

	w365_err_set(
		&err, ETIMEDOUT, "not answered within %llu s: it goes on, try again",
		(unsigned long long)(graph_store_settings(w->r.fs->store)->deadline_ms / 1000));
	note(w->a, &err);
	fuse_req_interrupt_func(w->r.req, NULL, NULL);
	fuse_reply_err(w->r.req, ETIMEDOUT);
	leave(w);
}

static void abandon(void *arg)
{
	struct fs_answer_wait *w = arg;

	fuse_reply_err(w->r.req, EINTR);
	leave(w);
}

/* As with parked requests: no reply from inside libfuse's lock. */
static void interrupted(fuse_req_t req, void *arg)
{
	struct fs_answer_wait *w = arg;

	graph_timer_stop(&w->deadline);
	graph_loop_soon(w->r.fs->loop, &w->abandon, abandon, w);
}

static void await(const struct fs_request *r, struct fs_answer *a)
{
	struct fs_answer_wait *w = r->fs->ending ? NULL : calloc(1, sizeof(*w));

	if (!w) {
		fuse_reply_err(r->req, r->fs->ending ? EINTR : ENOMEM);
		return;
	}
	*w = (struct fs_answer_wait){ .r = *r, .a = a, .next = a->waiting, .link = &a->waiting };
	w->r.name = NULL; /* it is a->name */
	if (w->next)
		w->next->link = &w->next;
	a->waiting = w;
	graph_timer_init(&w->deadline, r->fs->loop, overdue, w);
	graph_timer_set(&w->deadline, now_of(a) + graph_store_settings(r->fs->store)->deadline_ms);
	fuse_req_interrupt_func(r->req, interrupted, w); /* last: it may run at once */
}

static void wake(struct fs_answer *a)
{
	struct fs_answer_wait *woken = a->waiting, *next;

	a->known++; /* so that it outlives the last of them */
	for (struct fs_answer_wait *w = woken; w; w = next) {
		next = w->next;
		if (w->abandon.link)
			continue; /* has got a signal: EINTR is on its way */
		fuse_req_interrupt_func(w->r.req, NULL, NULL);
		if (a->text && !a->last.num)
			reply(&w->r, a);
		else
			fuse_reply_err(w->r.req, a->last.num);
		leave(w);
	}
	a->known--;
	fs_answer_let_go(a);
}

/* ---- asking ---- */

static void failed(struct fs_answer *a, const struct w365_err *err)
{
	a->last = *err;
	a->retry_at = now_of(a) + RETRY_MS;
	fs_answer_remember_failure(a);
	note(a, err);
}

/* What was written to a file for good lives as long as a day that is over. */
static uint64_t life_of(const struct fs_answer *a)
{
	return question(a)->download ? graph_store_settings(a->fs->store)->past_ms
				     : graph_store_ttl(a->fs->store, question(a)->home,
						       graph_store_today(a->fs->store));
}

static void succeeded(struct fs_answer *a, struct w365_buf *text)
{
	struct timespec wall;
	size_t len = text->len;
	bool same = a->text && a->len == len && memcmp(a->text, text->data, len) == 0;

	clock_gettime(CLOCK_REALTIME, &wall);
	a->last.num = 0;
	fs_answer_forget_failure(a);
	a->fetched = wall.tv_sec;
	a->expires = now_of(a) + life_of(a);
	if (same)
		return;
	if (a->text && a->fs->notifier)
		fs_notify_inode(a->fs->notifier, a->ino);
	a->modified = wall.tv_sec * 1000000000LL + wall.tv_nsec;
	fs_answer_set_text(a, w365_buf_take(text), len);
}

static void on_answer(void *arg, struct w365_buf *text, const struct w365_err *err)
{
	struct fs_answer *a = arg;

	if (err)
		failed(a, err);
	else
		succeeded(a, text);
	a->call = graph_answer_free(a->call);
	wake(a);
}

/* Has the service asked, unless it is already, and the request wait. */
static void ask(const struct fs_request *r, struct fs_answer *a)
{
	struct fs *fs = a->fs;
	struct w365_err err;

	if (!a->call && !fs->ending &&
	    graph_answer_new(fs->loop, fs->client, fs->config->version, question(a), &a->asked,
			     a->id, on_answer, a, &a->call, &err) < 0) {
		failed(a, &err);
		fuse_reply_err(r->req, err.num);
		fs_answer_let_go(a);
		return;
	}
	await(r, a);
	fs_answer_let_go(a);
}

/* What is known is the answer, if it is fresh; else it is asked for. */
static bool serve(const struct fs_request *r, struct fs_answer *a)
{
	if (a->call) {
		await(r, a);
		return true;
	}
	if (a->last.num && now_of(a) < a->retry_at) {
		fuse_reply_err(r->req, a->last.num);
		return true;
	}
	if (!a->text || now_of(a) >= a->expires)
		return false;
	reply(r, a);
	return true;
}

void fs_answer_getattr(const struct fs_request *r, struct fs_answer *a)
{
	struct fs_request attr_of = *r;

	attr_of.asks = FS_ASKS_ATTR;
	if (!serve(&attr_of, a))
		ask(&attr_of, a);
}

void fs_answer_read(const struct fs_request *r, struct fs_answer *a)
{
	struct fs_request text_of = *r;

	text_of.asks = FS_ASKS_TEXT;
	/* Who reads on reads the text that was begun. */
	if (a->text && !r->fresh)
		reply(&text_of, a);
	else
		ask(&text_of, a);
}

/* ---- looking up ---- */

/* The part of a name that stands for an item: the name of its file, or its id. */
static const struct graph_item *item_of(struct graph_snapshot *snap, const struct w365_buf *text)
{
	_cleanup_(w365_buf_done) struct w365_buf entry = W365_BUF;
	const struct fs_listing *l = fs_listing_of(snap);
	const struct graph_item *it;

	w365_buf_addf(&entry, "%s" FS_SUFFIX, w365_buf_str(text));
	if (!l || entry.failed)
		return NULL;
	it = fs_listing_find(snap, l, w365_buf_str(&entry));
	return it ? it : fs_listing_find_id(snap, l, w365_buf_str(&entry));
}

static void refuse(const struct fs_request *r, const struct fs_node *dir,
		   const struct w365_err *err)
{
	_cleanup_(w365_buf_done) struct w365_buf where = W365_BUF;

	graph_question_path(&where, dir->question);
	w365_buf_addf(&where, "/%s", r->name);
	fs_note(r->fs, w365_buf_str(&where), err);
	fuse_reply_err(r->req, err->num);
}

/* @asked is taken over. @about: the id of the item; none where it is about none. */
static void look(const struct fs_request *r, const struct fs_node *dir, struct graph_asked *asked,
		 struct w365_span about)
{
	struct fs_answer *a = fs_answers_remember(r->fs, dir, r->name);
	char *id = about.p ? strndup(about.p, about.len) : NULL;
	struct fs_request entry_of = *r;

	if (!a || (about.p && !id)) {
		fuse_reply_err(r->req, ENOMEM);
		free(id);
		graph_asked_done(asked);
		return;
	}
	if (a->call) { /* another was faster: it has what it needs */
		free(id);
		graph_asked_done(asked);
	} else {
		graph_asked_done(&a->asked);
		free(a->id);
		a->asked = *asked;
		a->id = id;
	}
	entry_of.asks = FS_ASKS_ENTRY;
	ask(&entry_of, a);
}

/* What is not in the listing may be there all the same: no page documents that there is one. */
static bool unlisted(const struct fs *fs, const struct graph_question *q)
{
	return q->download && !(q->home->methods[GRAPH_LIST].versions & fs->config->version);
}

static void look_for_item(const struct fs_request *r, struct graph_family *f,
			  struct graph_snapshot *snap)
{
	const struct fs_node *dir = fs_tree_by_ino(r->fs->tree, r->ino);
	const struct graph_item *it;
	struct graph_asked asked;
	struct w365_err err;
	bool all;

	/* It was read before; what it says is kept by the name alone. */
	if (graph_question_read(dir->question, r->fs->config->version, r->fs->config->lax, r->name,
				&asked, &err) <= 0) {
		fuse_reply_err(r->req, ENOMEM);
		return;
	}
	all = w365_streq(w365_buf_str(&asked.item), "all");
	it = item_of(snap, &asked.item);
	if (it || (unlisted(r->fs, dir->question) && !all)) {
		look(r, dir, &asked,
		     it ? (struct w365_span){ it->id, it->id_len }
			: (struct w365_span){ w365_buf_str(&asked.item), asked.item.len });
		return;
	}
	if (all) {
		w365_err_set(&err, EINVAL,
			     "%s is about one item: the file is called as the item's file in %s/",
			     dir->question->name, snap->collection->name);
		refuse(r, dir, &err);
	} else {
		fuse_reply_err(r->req, ENOENT);
	}
	graph_asked_done(&asked);
}

void fs_answer_lookup(struct fs_request *r, const struct fs_place *p)
{
	const struct graph_question *q = p->node->question;
	struct fs *fs = r->fs;
	struct graph_asked asked;
	struct fs_answer *a;
	struct w365_err err;
	uint64_t ino;
	int got;

	a = fs->answers ? fs_answers_find(fs, p->node, r->name, &ino) : NULL;
	r->asks = FS_ASKS_ENTRY;
	if (a && serve(r, a))
		return;
	got = graph_question_read(q, fs->config->version, fs->config->lax, r->name, &asked, &err);
	if (got < 0) {
		refuse(r, p->node, &err);
	} else if (!got) {
		fuse_reply_err(r->req, ENOENT);
	} else if (q->n_ids) {
		graph_asked_done(&asked);
		r->go = look_for_item;
		fs_await(r, graph_store_family(fs->store, q->home, 0));
	} else {
		look(r, p->node, &asked, (struct w365_span){ 0 });
	}
}

/* ---- the rest ---- */

bool fs_answer_url(const struct fs_answer *a, struct w365_buf *out)
{
	graph_question_url(out, question(a), &a->asked, a->id);
	return true;
}

bool fs_answer_fetched(const struct fs_answer *a, time_t *ret)
{
	*ret = a->fetched;
	return a->text;
}

static bool below(const struct fs_node *n, const struct fs_node *top)
{
	while (n && n != top)
		n = n->parent;
	return n;
}

void fs_answers_expire(struct fs *fs, const struct fs_node *node)
{
	for (unsigned i = 0; fs->answers && i < FS_ANSWERS_BUCKETS; i++)
		for (struct fs_answer *a = fs->answers->buckets[i]; a; a = a->next) {
			if (!below(a->dir, node))
				continue;
			a->expires = a->retry_at = 0;
			if (fs->notifier)
				fs_notify_entry(fs->notifier, a->dir->ino, a->name);
		}
}

void fs_answers_stop(struct fs *fs)
{
	for (unsigned i = 0; fs->answers && i < FS_ANSWERS_BUCKETS; i++)
		for (struct fs_answer *a = fs->answers->buckets[i], *next; a; a = next) {
			next = a->next;
			a->call = graph_answer_free(a->call);
			a->known++;
			while (a->waiting) {
				struct fs_answer_wait *w = a->waiting;

				graph_soon_cancel(fs->loop, &w->abandon);
				fuse_req_interrupt_func(w->r.req, NULL, NULL);
				abandon(w);
			}
			a->known--;
			fs_answer_let_go(a);
		}
}

void fs_answers_done(struct fs *fs)
{
	if (!fs->answers)
		return;
	fs_answers_stop(fs);
	for (unsigned i = 0; i < FS_ANSWERS_BUCKETS; i++)
		while (fs->answers->buckets[i]) {
			struct fs_answer *a = fs->answers->buckets[i];

			fs_answer_drop_text(a);
			fs_answer_forget_failure(a);
			a->known = 0;
			fs_answer_let_go(a);
		}
	free(fs->answers);
	fs->answers = NULL;
}
