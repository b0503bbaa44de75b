#include "fs/follow.h"
#include "base/macros.h"
#include "base/str.h"
#include "fs/actions.h"
#include "fs/control.h"
#include "graph/item.h"

#include <errno.h>
#include <string.h>

/* When to look: at once, then after these, then every LAST_MS. */
static const unsigned pauses_ms[] = { 1000, 2000, 4000, 8000 };
#define LAST_MS 15000
/* Of what has not ended then, nothing will be known. */
#define GIVE_UP_MS ((uint64_t)6 * 3600 * 1000)
/* So many items of one collection are read one by one; of more, the collection is. */
#define SINGLE_MAX 10

struct follow {
	struct follow *next, **link;
	struct fs *fs;
	struct fs_followed f; /* with strings of its own */
	struct graph_watch watch;
	struct graph_family *family;
	uint64_t since;
	unsigned looks;
	bool running; /* was told so */
	struct graph_timer again, patience;
	/* One look: at one item after the other, or at a function's answer. */
	unsigned at;
	struct graph_item_read *read;
	struct graph_call *call;
	struct graph_wait wait;
	struct graph_outcome worst;
};

static void look(void *arg);

static void free_follow(struct follow *w)
{
	*w->link = w->next;
	if (w->next)
		w->next->link = w->link;
	graph_timer_stop(&w->again);
	graph_timer_stop(&w->patience);
	graph_item_read_cancel(w->read);
	graph_call_cancel(w->call);
	graph_wait_cancel(&w->wait);
	free((char *)w->f.id);
	free((char *)w->f.entry);
	w365_wipe_str((char *)w->f.body);
	w365_wipe_str((char *)w->f.result);
	free(w);
}

static void record(struct fs *fs, const struct fs_followed *f, const char *state,
		   const char *detail)
{
	struct fs_control *c = fs_control_of(fs, fs_tree_control(fs->tree, &f->action));
	struct w365_err err;

	fs_actions_add(fs, &(struct fs_action_state){ .n = f->n,
						      .action = &f->action,
						      .id = f->id,
						      .entry = f->entry,
						      .state = state,
						      .detail = detail });
	if (fs_actions_flush(fs, &err) < 0)
		fs_note(fs, "", &err);
	if (c && !w365_streq(state, "running"))
		fs_control_say(c, state, f->entry ? f->entry : "", detail ? detail : "");
}

static void ended(struct follow *w, const struct graph_outcome *o)
{
	static const char *const states[] = { [GRAPH_WATCH_DONE] = "done",
					      [GRAPH_WATCH_FAILED] = "failed",
					      [GRAPH_WATCH_UNKNOWN] = "unknown" };
	void (*fn)(void *arg, const struct graph_outcome *outcome) = w->f.ended;
	struct graph_outcome copy = *o;
	void *arg = w->f.arg;

	record(w->fs, &w->f, states[o->state], o->detail);
	free_follow(w);
	if (fn)
		fn(arg, &copy);
}

static void on_patience(void *arg)
{
	struct follow *w = arg;
	void (*fn)(void *arg, const struct graph_outcome *outcome) = TAKE_PTR(w->f.ended);

	if (fn)
		fn(w->f.arg, NULL);
}

static void later(struct follow *w)
{
	uint64_t now = graph_loop_now(w->fs->loop);
	unsigned pause = w->looks < ARRAY_SIZE(pauses_ms) ? pauses_ms[w->looks] : LAST_MS;
	struct graph_outcome o = { .state = GRAPH_WATCH_UNKNOWN };

	w->looks++;
	if (now - w->since > GIVE_UP_MS) {
		snprintf(o.detail, sizeof(o.detail), "it has not come to an end within hours");
		ended(w, &o);
		return;
	}
	graph_timer_set(&w->again, now + pause);
}

/* ---- one look ---- */

/* Of several items one that runs counts more than one that failed, and that more than the others. */
static int weight(enum graph_watch_state s)
{
	return s == GRAPH_WATCH_RUNNING ? 3 : s == GRAPH_WATCH_FAILED ? 2 : s == GRAPH_WATCH_DONE;
}

static void judge(struct follow *w)
{
	if (w->worst.state == GRAPH_WATCH_RUNNING) {
		if (!w->running)
			record(w->fs, &w->f, "running", NULL);
		w->running = true;
		later(w);
		return;
	}
	ended(w, &w->worst);
}

static void next_item(struct follow *w);

static void seen(struct follow *w, const char *text, size_t len)
{
	_cleanup_(w365_freep) char *own = text ? strndup(text, len) : NULL; /* with its end */
	struct graph_outcome o;

	if (text && !own) {
		later(w);
		return;
	}
	graph_watch_look(&w->watch, own, len, &o);
	if (!w->at || weight(o.state) > weight(w->worst.state))
		w->worst = o;
	w->at++;
	next_item(w);
}

static void on_item(void *arg, struct graph_snapshot *snap, const struct w365_err *err)
{
	struct follow *w = arg;
	_cleanup_(w365_buf_done) struct w365_buf id = W365_BUF;
	const struct graph_item *it;

	w->read = NULL;
	if (err && err->num != ENOENT) {
		later(w); /* trouble: what it is, was said where it is read */
		return;
	}
	if (graph_watch_place(&w->watch) == GRAPH_LOOK_ITEM)
		w365_buf_adds(&id, w->f.id);
	else
		graph_watch_item(&w->watch, w->at, &id);
	it = snap ? graph_snapshot_by_id(snap, w365_buf_str(&id), id.len) : NULL;
	seen(w, it ? it->text : NULL, it ? it->text_len : 0);
}

static unsigned unfinished(const struct fs *fs, const struct graph_family *family)
{
	unsigned n = 0;

	for (const struct follow *w = fs->followed; w; w = w->next)
		n += w->family == family;
	return n;
}

static void read_one(struct follow *w, const char *id)
{
	struct w365_err err;

	if (unfinished(w->fs, w->family) > SINGLE_MAX &&
	    (graph_family_collection(w->family)->methods[GRAPH_LIST].versions &
	     w->fs->config->version))
		graph_family_refresh(w->family, &w->wait, on_item, w);
	else if (graph_item_read(w->family, id, strlen(id), on_item, w, &w->read, &err) < 0)
		later(w);
}

static void next_item(struct follow *w)
{
	_cleanup_(w365_buf_done) struct w365_buf id = W365_BUF;

	if (graph_watch_place(&w->watch) == GRAPH_LOOK_ITEMS &&
	    graph_watch_item(&w->watch, w->at, &id))
		read_one(w, w365_buf_str(&id));
	else
		judge(w);
}

static void on_answer(void *arg, const struct w365_reply *reply, const struct w365_err *err)
{
	struct follow *w = arg;

	w->call = NULL;
	if (err)
		later(w);
	else
		seen(w, reply->body, reply->len);
}

static void ask(struct follow *w)
{
	_cleanup_(w365_buf_done) struct w365_buf path = W365_BUF;
	struct graph_ask a = { .permission = &w->f.action.permission,
			       .priority = GRAPH_BACKGROUND };
	struct w365_err err;

	if (!graph_watch_path(&w->watch, w->f.id, &path)) {
		seen(w, NULL, 0);
		return;
	}
	a.url = w365_buf_str(&path);
	if (path.failed || graph_get(w->fs->client, &a, on_answer, w, &w->call, &err) < 0)
		later(w);
}

static void look(void *arg)
{
	struct follow *w = arg;

	w->at = 0;
	w->worst = (struct graph_outcome){ 0 };
	switch (graph_watch_place(&w->watch)) {
	case GRAPH_LOOK_ITEM: read_one(w, w->f.id); break;
	case GRAPH_LOOK_ITEMS: next_item(w); break;
	case GRAPH_LOOK_FUNCTION: ask(w); break;
	default: seen(w, NULL, 0);
	}
}

/* ---- beginning ---- */

static char *copy(const char *s)
{
	return s ? strdup(s) : NULL;
}

void fs_follow(struct fs *fs, const struct fs_followed *f)
{
	struct follow *w = calloc(1, sizeof(*w));

	if (!w) {
		record(fs, f, "unknown", "out of memory: it is not followed");
		return;
	}
	w->fs = fs;
	w->f = *f;
	w->f.id = copy(f->id);
	w->f.entry = copy(f->entry);
	w->f.body = copy(f->body);
	w->f.result = copy(f->result);
	w->watch = (struct graph_watch){ .action = &w->f.action,
					 .version = fs->config->version,
					 .sent = f->sent,
					 .body = w->f.body,
					 .result = w->f.result };
	w->family = graph_store_family(fs->store, f->action.home, 0);
	w->since = graph_loop_now(fs->loop);
	graph_timer_init(&w->again, fs->loop, look, w);
	graph_timer_init(&w->patience, fs->loop, on_patience, w);
	w->next = fs->followed;
	w->link = &fs->followed;
	if (w->next)
		w->next->link = &w->next;
	fs->followed = w;
	if (f->wait_ms)
		graph_timer_set(&w->patience, w->since + f->wait_ms);
	graph_timer_set(&w->again, w->since); /* not from here: the caller is in the middle of it */
}

void fs_follow_forget(struct fs *fs, const void *arg)
{
	for (struct follow *w = fs->followed; w; w = w->next)
		if (w->f.arg == arg)
			w->f.ended = NULL;
}

void fs_follow_done(struct fs *fs)
{
	while (fs->followed)
		free_follow(fs->followed);
}
