#include "fs/saving.h"
#include "base/json-write.h"
#include "base/log.h"
#include "base/macros.h"
#include "base/str.h"
#include "fs/access.h"
#include "fs/journal.h"
#include "fs/keep.h"
#include "fs/names.h"
#include "fs/refusal.h"
#include "fs/versions.h"
#include "graph/saver.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define KEPT_MAX 64 /* texts of history/ that one save is compared with */

/* Somebody who waits for the end of a save. */
struct waiter {
	struct waiter *next;
	struct fs_save *save;
	fuse_req_t req;
	uint64_t changes; /* of the text: a save of an earlier state is not enough */
	struct graph_soon abandon;
};

struct fs_save {
	struct fs_save *next, **link;
	struct fs *fs;
	enum fs_saving_kind kind;
	struct fs_file *file; /* whose text it is; NULL: of nobody */
	struct graph_family *family;
	struct graph_saver *saver;
	uint64_t changes; /* the state of the text that is being saved */
	bool requested;   /* somebody waited for it */
	pid_t by;         /* who */
	struct waiter *waiting;
	struct fs_before *before;
	char *name;                /* the entry that it is about */
	char *id;                  /* the item's; NULL: it is made */
	uint64_t ino;              /* the item's; 0: there is none yet */
	struct w365_buf old;       /* of an exchange: the item's text before */
	struct graph_known *known; /* the first of them borrowed, the kept ones owned */
	unsigned n_known, n_borrowed;
};

static int start(struct fs_save *s, const char *text, size_t len, struct w365_err *reterr);

/* ---- making and ending one ---- */

static void forget_known(struct fs_save *s)
{
	for (unsigned i = s->n_borrowed; i < s->n_known; i++)
		free((char *)s->known[i].text);
	free(s->known);
	s->known = NULL;
	s->n_known = s->n_borrowed = 0;
}

static void free_save(struct fs_save *s)
{
	*s->link = s->next;
	if (s->next)
		s->next->link = s->link;
	graph_saver_cancel(s->saver);
	fs_before_end(s->before, false);
	forget_known(s);
	w365_buf_done(&s->old);
	free(s->name);
	free(s->id);
	free(s);
}

static struct fs_save *saving_new(struct fs *fs, const struct fs_saving *about)
{
	struct fs_save *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->fs = fs;
	s->kind = about->kind;
	s->family = about->family;
	s->file = about->file;
	s->ino = about->ino;
	s->name = strdup(about->name);
	s->id = about->id ? strndup(about->id, about->id_len) : NULL;
	if (!s->name || (about->id && !s->id)) {
		free(s->name);
		free(s->id);
		free(s);
		return NULL;
	}
	s->next = fs->saves;
	s->link = &fs->saves;
	if (s->next)
		s->next->link = &s->next;
	fs->saves = s;
	return s;
}

bool fs_saving(const struct fs *fs, uint64_t ino)
{
	for (const struct fs_save *s = fs->saves; s; s = s->next)
		if (s->ino == ino)
			return true;
	return false;
}

static void path_of(const struct fs_save *s, char out[FS_PATH_MAX + 260])
{
	if (graph_family_collection(s->family)->kind == GRAPH_SINGLETON)
		snprintf(out, FS_PATH_MAX + 260, "%s", s->name);
	else
		snprintf(out, FS_PATH_MAX + 260, "%s/%s", fs_save_folder(s->family), s->name);
}

/* ---- those who wait ---- */

static void abandon(void *arg)
{
	struct waiter *w = arg;

	fuse_reply_err(w->req, EINTR);
	free(w);
}

static void on_done(void *arg, const struct w365_err *err, bool changed, const char *id);
static void desert(void *arg);

/* Nobody waits any more. What was not sent yet, is not sent; what was, is followed to its end. */
static void deserted(struct fs_save *s)
{
	struct w365_err err;

	if (s->waiting || !s->saver || graph_saver_sent(s->saver))
		return;
	s->saver = graph_saver_cancel(s->saver);
	w365_err_set(&err, EINTR, "interrupted: nothing was sent");
	on_done(s, &err, false, NULL);
}

/* The program got a signal. As in fs/park.c the reply is left to the loop. */
static void interrupted(fuse_req_t req, void *arg)
{
	struct waiter *w = arg;
	struct fs_save *s = w->save;
	struct graph_loop *loop = s->fs->loop;

	for (struct waiter **at = &s->waiting; *at; at = &(*at)->next)
		if (*at == w) {
			*at = w->next;
			break;
		}
	graph_loop_soon(loop, &w->abandon, abandon, w);
	if (!s->waiting)
		graph_loop_soon(loop, &s->fs->desert, desert, s->fs);
}

static void desert(void *arg)
{
	struct fs *fs = arg;
	struct fs_save *next;

	for (struct fs_save *s = fs->saves; s; s = next) {
		next = s->next;
		if (s->requested)
			deserted(s);
	}
}

/* Answers those for whom the save of the state @changes was enough, or all (@err). */
static void answer(struct fs_save *s, uint64_t changes, const struct w365_err *err)
{
	struct waiter **at = &s->waiting, *w;

	while ((w = *at)) {
		if (!err && w->changes > changes) {
			at = &w->next;
			continue;
		}
		*at = w->next;
		fuse_req_interrupt_func(w->req, NULL, NULL);
		fuse_reply_err(w->req, err ? err->num : 0);
		free(w);
	}
}

void fs_saving_wait(struct fs_save *s, fuse_req_t req)
{
	struct waiter *w = malloc(sizeof(*w)), **end = &s->waiting;

	if (!w) {
		fuse_reply_err(req, ENOMEM);
		return;
	}
	*w = (struct waiter){ .save = s, .req = req, .changes = s->file ? s->file->changes : 0 };
	while (*end)
		end = &(*end)->next;
	*end = w;
	s->requested = true;
	s->by = fuse_req_ctx(req)->pid;
	fuse_req_interrupt_func(req, interrupted, w); /* last: it may run at once */
}

/* ---- texts that must not be lost ---- */

static void refused(struct fs_save *s, const struct w365_err *err)
{
	char path[FS_PATH_MAX + 260];
	struct w365_err said = *err;
	struct fs_file *f = s->file;
	const char *kept;

	if (f) {
		f->refused = *err;
		if (f->wip && f->text.len && fs_wip_reject(f->wip, err) < 0)
			w365_warning("%s: the text that was refused could not be kept", s->name);
		kept = f->wip ? fs_wip_rejected(f->wip) : NULL;
		if (kept)
			w365_err_set(&said, err->num, "%s; the text is kept in .w365fs/%s",
				     err->msg, kept);
	}
	path_of(s, path);
	fs_note(s->fs, path, &said);
	fs_refusal_note(s->fs, s->ino ? s->ino : f ? f->ino : 0, err);
}

/* ---- what the saver asks ---- */

struct keeping {
	struct fs_save *s;
	const char *id;
	unsigned room;
};

static bool add_kept(void *arg, const char *text, size_t len)
{
	struct keeping *k = arg;
	struct fs_save *s = k->s;
	char *copy;

	if (k->id[0] && !strstr(text, k->id))
		return false;
	copy = malloc(len + 1);
	if (!copy)
		return true;
	memcpy(copy, text, len + 1);
	s->known[s->n_known++] = (struct graph_known){ .text = copy, .len = len, .kept = true };
	return s->n_known == k->room;
}

/* The text of the item by the snapshot; NULL: there is none. */
static const struct graph_item *item_now(const struct fs_save *s)
{
	struct graph_snapshot *snap = graph_family_snapshot(s->family);

	if (!snap || !s->id)
		return NULL;
	return s->id[0]        ? graph_snapshot_by_id(snap, s->id, strlen(s->id))
	       : snap->n_items ? &snap->items[0]
			       : NULL;
}

static void known(void *arg, bool all, const struct graph_known **ret, unsigned *ret_n)
{
	struct fs_save *s = arg;
	struct keeping k = { .s = s, .room = FS_VERSIONS_MAX + 2 + KEPT_MAX };
	const struct graph_item *it = item_now(s);

	forget_known(s);
	*ret = NULL;
	*ret_n = 0;
	s->known = it ? calloc(k.room, sizeof(*s->known)) : NULL;
	if (!s->known)
		return;
	s->n_known = s->n_borrowed =
		fs_versions_of(s->fs, s->family, it, s->file ? s->by : 0, s->known);
	if (s->file) {
		k.id = s->id;
		fs_keep_history(s->fs->keep, fs_save_folder(s->family), all ? 0 : s->file->text.len,
				add_kept, &k);
	}
	*ret = s->known;
	*ret_n = s->n_known;
}

static int sending(void *arg, const struct graph_item *it, struct w365_err *reterr)
{
	struct fs_save *s = arg;

	if (!it)
		return 0;
	if (s->kind == FS_SAVING_SWAP)
		w365_buf_add(&s->old, it->text, it->text_len);
	return fs_before_new(s->fs->keep, fs_save_folder(s->family), s->name, it->text,
			     it->text_len, &s->before, reterr);
}

/* ---- the end ---- */

static void unhide(struct fs_save *s)
{
	struct fs_hidden *h = s->ino ? fs_hidden_of(s->fs, s->ino) : NULL;

	if (h)
		fs_unhide(s->fs, h);
}

/* The text is an item now, and the file is gone from its directory. Whoever has it open still writes
 * to that item. */
static void became(struct fs_save *s, const char *id)
{
	struct fs_file *f = s->file;

	f->unlinked = true;
	f->family = s->family;
	free(f->id);
	f->id = id && fs_file_rename(f, f->dir, s->name) == 0 ? strdup(id) : NULL;
}

/* It was written on while it was exchanged: what was written has no file any more. */
static void lose_place(struct fs_save *s)
{
	struct fs_file *f = s->file;
	struct w365_err err;

	w365_err_set(&err, EBUSY, "it was written while it was exchanged with another file");
	refused(s, &err);
	f->wip = fs_wip_free(f->wip, false);
}

/* What the end of a save means for the names. @id: the item's. */
static void renamed(struct fs_save *s, const char *id)
{
	struct fs_file *f = s->file;
	const struct graph_item *it;

	switch (s->kind) {
	case FS_SAVING_SWAP:
		it = s->old.len ? NULL : item_now(s); /* nothing was sent: it is as it was */
		if (it)
			w365_buf_add(&s->old, it->text, it->text_len);
		if (fs_file_dirty(f))
			lose_place(s);
		fs_file_set_text(s->fs, f, &s->old);
		unhide(s);
		break;
	case FS_SAVING_OVER:
		unhide(s);
		became(s, s->id);
		break;
	case FS_SAVING_AS: became(s, id); break;
	case FS_SAVING_TEXT:
		if (!s->id) /* a new item stands in its place */
			became(s, id);
		break;
	default: break;
	}
}

/* It was written on meanwhile, and closed once more: an update of what it is by now. */
static int start_again(struct fs_save *s, struct w365_err *reterr)
{
	struct fs_file *f = s->file;

	if (s->kind == FS_SAVING_SWAP)
		return w365_err_set(reterr, EBUSY, "its text has lost its place");
	s->kind = FS_SAVING_TEXT;
	if (!s->id && f->id) {
		s->id = strdup(f->id);
		if (!s->id)
			return w365_err_oom(reterr);
	}
	return start(s, f->text.data, f->text.len, reterr);
}

static void on_done(void *arg, const struct w365_err *err, bool changed, const char *id)
{
	struct fs_save *s = arg;
	struct fs *fs = s->fs;
	struct fs_file *f = s->file;
	struct fs_hidden *h = err && s->ino ? fs_hidden_of(fs, s->ino) : NULL;
	struct w365_err again = { 0 };

	s->saver = NULL;
	s->before = fs_before_end(s->before, changed);
	if (h)
		fs_hide_on(fs, h); /* for another try */
	if (err) {
		refused(s, err);
		if (f && s->kind != FS_SAVING_TEXT)
			fs_file_refuse_rename(f, s->name, graph_loop_now(fs->loop));
	} else {
		fs_refusal_note(fs, s->ino ? s->ino : f ? f->ino : 0, NULL);
		if (f) {
			f->refused = (struct w365_err){ 0 };
			f->saved = s->changes;
			if (!fs_file_dirty(f))
				f->wip = fs_wip_free(f->wip, true);
			if (s->kind == FS_SAVING_TEXT && s->id && !fs_file_dirty(f) && item_now(s))
				fs_version_accepted(fs, s->family, item_now(s), f->text.data,
						    f->text.len, s->by);
			renamed(s, id);
		}
	}
	answer(s, s->changes, err);
	if (s->waiting && f && start_again(s, &again) == 0)
		return;
	if (s->waiting)
		answer(s, 0, &again);
	free_save(s);
	if (f) {
		f->save = NULL;
		fs_file_settle(fs, f);
	}
}

/* ---- the beginning ---- */

static int start(struct fs_save *s, const char *text, size_t len, struct w365_err *reterr)
{
	struct fs *fs = s->fs;
	_cleanup_(w365_buf_done) struct w365_buf stem = W365_BUF;
	struct graph_saver_hooks hooks = {
		.known = known, .sending = sending, .done = on_done, .arg = s
	};
	struct graph_saver_job job = { .kind = s->kind == FS_SAVING_DELETE ? GRAPH_SAVE_DELETE
					       : s->id                     ? GRAPH_SAVE_UPDATE
									   : GRAPH_SAVE_CREATE,
				       .family = s->family,
				       .id = s->id,
				       .id_len = s->id ? strlen(s->id) : 0,
				       .text = text,
				       .len = len,
				       .lax = fs->config->lax,
				       .destructive =
					       fs->config->destructive == GRAPH_DESTRUCTIVE_ALLOW };
	int r = 0;

	if (s->file) {
		s->file->save = s;
		s->changes = s->file->changes;
		r = fs_journal(fs, s->file, s->family, s->name, reterr);
		if (r < 0)
			return r;
	}
	if (fs->ending)
		return w365_err_set(reterr, EINTR, "the mount is ending: nothing was sent");
	if (!s->id) {
		if (!fs_name_decode(&stem, s->name, strlen(s->name) - strlen(FS_SUFFIX)))
			return w365_err_set(reterr, EINVAL,
					    "a %% in a name is followed by two hexadecimal "
					    "digits: write %%25");
		if (stem.failed)
			return w365_err_oom(reterr);
		job.name = w365_buf_str(&stem);
	}
	return graph_saver_new(fs->store, &job, &hooks, &s->saver, reterr);
}

void fs_saving_begin(struct fs *fs, fuse_req_t req, const struct fs_saving *about, const char *text,
		     size_t len)
{
	struct fs_save *s = saving_new(fs, about);
	struct w365_err err = { 0 };

	if (!s) {
		if (req)
			fuse_reply_err(req, ENOMEM);
		return;
	}
	if (req)
		fs_saving_wait(s, req);
	/* Ends as one that was refused. */
	if (start(s, text, len, &err) < 0)
		on_done(s, &err, false, NULL);
}

/* Refuses a text as it is: nothing has to be asked for that. */
void fs_saving_refuse(struct fs *fs, fuse_req_t req, const struct fs_saving *about,
		      const struct w365_err *err)
{
	struct fs_save *s = saving_new(fs, about);
	struct fs_file *f = about->file;
	struct w365_err own = *err, unkept;

	if (!s) {
		fuse_reply_err(req, ENOMEM);
		return;
	}
	f->save = s;
	s->changes = f->changes;
	fs_saving_wait(s, req);
	if (f->text.len && fs_journal(fs, f, about->family, about->name, &unkept) < 0)
		w365_warning("%s", unkept.msg);
	on_done(s, &own, false, NULL);
}

void fs_saves_done(struct fs *fs)
{
	struct w365_err err;
	bool sent;

	while (fs->saves) {
		struct fs_save *s = fs->saves;

		sent = s->saver && graph_saver_sent(s->saver);
		s->saver = graph_saver_cancel(s->saver);
		w365_err_set(&err, EINTR, "the mount was ended: %s",
			     sent ? "it is not known whether the service has done it"
				  : "nothing was sent");
		on_done(s, &err, sent, NULL);
	}
}
