#include "graph/saver.h"
#include "base/buf.h"
#include "base/json-read.h"
#include "base/macros.h"
#include "base/str.h"
#include "graph/family.h"
#include "graph/item.h"
#include "graph/query.h"

#include <errno.h>
#include <string.h>

/* A saver goes through these in order, and leaves out what it does not need. */
enum state { READING, SENDING, FINDING_OUT, ASSIGNING, READING_AGAIN };

struct graph_saver {
	struct graph_store *store;
	struct graph_family *family;
	struct graph_saver_hooks hooks;
	struct graph_saver_job job; /* with strings of its own */
	char *id, *text, *name;
	enum state state;
	struct graph_plan plan;
	struct graph_item_read *read;
	struct graph_call *call;
	struct graph_soon soon;
	struct graph_timer deadline;
	bool sent;           /* too late to stop */
	bool changed;        /* the item is another one now, or may be */
	struct w365_err err; /* the failure to hand on, once all is found out */
};

W365_DEFINE_CLEANUP(struct graph_saver *, graph_saver_cancel)

static void step(struct graph_saver *s);

struct graph_saver *graph_saver_cancel(struct graph_saver *s)
{
	if (s) {
		graph_item_read_cancel(s->read);
		graph_call_cancel(s->call);
		graph_soon_cancel(s->store->loop, &s->soon);
		graph_timer_stop(&s->deadline);
		graph_plan_done(&s->plan);
		free(s->id);
		if (s->text)
			w365_wipe_free(s->text, s->job.len); /* it may hold a password */
		free(s->name);
		free(s);
	}
	return NULL;
}

bool graph_saver_sent(const struct graph_saver *s)
{
	return s->sent;
}

static void end(struct graph_saver *s, const struct w365_err *err)
{
	struct graph_saver_hooks hooks = s->hooks;
	struct w365_err copy = err ? *err : (struct w365_err){ 0 };
	_cleanup_(w365_freep) char *id = TAKE_PTR(s->id);
	bool changed = s->changed;

	graph_saver_cancel(s);
	hooks.done(hooks.arg, err ? &copy : NULL, changed, id);
}

/* ---- the requests ---- */

static enum graph_version version(const struct graph_saver *s)
{
	return s->store->config->version;
}

static const struct graph_collection *collection(const struct graph_saver *s)
{
	return s->family->collection;
}

static void on_read(void *arg, struct graph_snapshot *snap, const struct w365_err *err)
{
	struct graph_saver *s = arg;

	s->read = NULL;
	if (err && s->state == READING) {
		end(s, err);
		return;
	}
	if (s->state == READING_AGAIN) {
		/* It is done, whatever became of reading it again. */
		end(s, s->err.num ? &s->err : NULL);
		return;
	}
	step(s);
}

static void read_item(struct graph_saver *s, enum state state)
{
	struct w365_err err;

	s->state = state;
	if (graph_item_read(s->family, s->id ? s->id : "", s->id ? strlen(s->id) : 0, on_read, s,
			    &s->read, &err) < 0)
		end(s, s->err.num ? &s->err : &err);
}

static void on_sent(void *arg, const struct w365_reply *reply, const struct w365_err *err);

static void ask(struct graph_saver *s, const char *method, const char *url, const char *body,
		const struct graph_permission *permission)
{
	struct graph_ask a = {
		.url = url, .method = method, .body = body, .permission = permission
	};
	struct w365_err err;

	s->sent = true;
	if (graph_send(s->store->client, &a, on_sent, s, &s->call, &err) < 0)
		end(s, &err);
}

static const char *method_of(const struct graph_saver *s, enum graph_verb *ret_verb)
{
	const struct graph_collection *c = collection(s);

	switch (s->job.kind) {
	case GRAPH_SAVE_DELETE: *ret_verb = GRAPH_DELETE; return "DELETE";
	case GRAPH_SAVE_CREATE: *ret_verb = GRAPH_CREATE; return "POST";
	default: break;
	}
	/* One singleton is written by POST alone. */
	if (c->methods[GRAPH_UPDATE].versions & version(s)) {
		*ret_verb = GRAPH_UPDATE;
		return "PATCH";
	}
	*ret_verb = GRAPH_CREATE;
	return "POST";
}

static void send_change(struct graph_saver *s)
{
	_cleanup_(w365_buf_done) struct w365_buf path = W365_BUF;
	const struct graph_collection *c = collection(s);
	enum graph_verb verb;
	const char *method = method_of(s, &verb);

	s->state = SENDING;
	if (c->kind == GRAPH_SINGLETON || s->job.kind == GRAPH_SAVE_CREATE)
		w365_buf_adds(&path, c->path);
	else
		graph_query_item(&path, c, s->id, strlen(s->id));
	if (path.failed) {
		w365_err_oom(&s->err);
		end(s, &s->err);
		return;
	}
	ask(s, method, w365_buf_str(&path), s->plan.body.len ? w365_buf_str(&s->plan.body) : NULL,
	    &c->methods[verb].permission);
}

static void assign(struct graph_saver *s)
{
	_cleanup_(w365_buf_done) struct w365_buf path = W365_BUF;
	const struct graph_operation *op = graph_assign_of(collection(s), version(s));

	s->state = ASSIGNING;
	graph_query_item(&path, collection(s), s->id, strlen(s->id));
	w365_buf_addf(&path, "/%s", op->name);
	if (path.failed) {
		w365_err_oom(&s->err);
		end(s, &s->err);
		return;
	}
	ask(s, "POST", w365_buf_str(&path), w365_buf_str(&s->plan.assign), &op->permission);
}

/* ---- what comes of them ---- */

/* The item that was made. */
static int take_id(struct graph_saver *s, const struct w365_reply *reply, struct w365_err *reterr)
{
	static const struct w365_json_field fields[] = {
		{ "id", W365_JSON_STRING, 0, W365_JSON_MUST }, { NULL, 0, 0, 0 }
	};

	if (collection(s)->kind == GRAPH_SINGLETON)
		return 0;
	if (w365_json_read(reply->body, reply->len, fields, &s->id, NULL) == 0)
		return 0;
	return w365_err_set(reterr, EPROTO,
			    "the item was made, but the service did not say its id: look for it");
}

/* Whether it is unknown what became of the change: no answer came, or one that does not say. */
static bool uncertain(const struct w365_err *err)
{
	return (!err->http && err->num != ENOMEM && err->num != EACCES) || err->http >= 500 ||
	       err->http == 408;
}

static void say_unknown(struct graph_saver *s)
{
	struct w365_err was = s->err;

	w365_err_set(&s->err, was.num,
		     "%s; it is not known whether the service has %s: look before you repeat it",
		     was.msg, s->job.kind == GRAPH_SAVE_CREATE ? "made the item" : "done it");
	s->err.http = was.http;
}

static void sent_in_vain(struct graph_saver *s, const struct w365_err *err)
{
	s->err = *err;
	s->changed = s->changed || uncertain(err);
	if (s->state == ASSIGNING) {
		w365_err_set(&s->err, err->num, "%s, but its assignments were not set: %s",
			     s->job.kind == GRAPH_SAVE_CREATE ? "the item was made"
			     : s->plan.body.len               ? "the properties were saved"
							      : "nothing else was changed",
			     err->msg);
		read_item(s, READING_AGAIN);
		return;
	}
	if (!uncertain(err)) {
		s->sent = false;
		end(s, &s->err);
		return;
	}
	if (s->job.kind == GRAPH_SAVE_CREATE && collection(s)->kind != GRAPH_SINGLETON) {
		say_unknown(s);
		end(s, &s->err);
		return;
	}
	read_item(s, FINDING_OUT);
}

static void on_sent(void *arg, const struct w365_reply *reply, const struct w365_err *err)
{
	struct graph_saver *s = arg;

	s->call = NULL;
	s->changed = s->changed || !err;
	if (s->job.kind == GRAPH_SAVE_DELETE && (!err || err->http == 404 || err->http == 410)) {
		graph_item_gone(s->family, s->id, strlen(s->id));
		end(s, err);
		return;
	}
	if (err) {
		sent_in_vain(s, err);
		return;
	}
	if (s->state == SENDING && s->job.kind == GRAPH_SAVE_CREATE &&
	    take_id(s, reply, &s->err) < 0) {
		end(s, &s->err);
		return;
	}
	if (s->state == SENDING && s->plan.assign.len)
		assign(s);
	else
		read_item(s, READING_AGAIN);
}

/* ---- what to send ---- */

static const struct graph_item *item_of(const struct graph_saver *s)
{
	const struct graph_snapshot *snap = s->family->current;

	if (!snap || s->job.kind == GRAPH_SAVE_CREATE)
		return NULL;
	if (collection(s)->kind == GRAPH_SINGLETON)
		return snap->n_items ? &snap->items[0] : NULL;
	return graph_snapshot_by_id(snap, s->id, strlen(s->id));
}

static int make_plan(struct graph_saver *s, const struct graph_item *it, bool all,
		     struct graph_plan *ret, struct w365_err *reterr)
{
	struct graph_save save = { .collection = collection(s),
				   .version = version(s),
				   .text = s->text,
				   .len = s->job.len,
				   .name = s->name,
				   .lax = s->job.lax,
				   .destructive = s->job.destructive };

	if (it) {
		save.name = NULL;
		save.id = it->id;
		save.id_len = it->id_len;
		save.remote = it->text;
		save.remote_len = it->text_len;
		s->hooks.known(s->hooks.arg, all, &save.known, &save.n_known);
	}
	return graph_plan_make(&save, ret, reterr);
}

/* The answer to the change was lost. If nothing is left to change, it was made. */
static void find_out(struct graph_saver *s)
{
	const struct graph_item *it = item_of(s);
	struct graph_plan left = { 0 };

	if (s->job.kind == GRAPH_SAVE_UPDATE && it && make_plan(s, it, true, &left, NULL) == 0 &&
	    !left.body.len) {
		graph_plan_done(&left);
		s->err = (struct w365_err){ 0 };
		if (s->plan.assign.len)
			assign(s);
		else
			end(s, NULL);
		return;
	}
	graph_plan_done(&left);
	say_unknown(s);
	end(s, &s->err);
}

static void plan(struct graph_saver *s)
{
	const struct graph_item *it = item_of(s);
	struct w365_err err = { 0 };
	int r = make_plan(s, it, false, &s->plan, &err);

	/* Older texts are on the disk, where a text that was copied back may be found. */
	if (r == -ESTALE && it) {
		graph_plan_done(&s->plan);
		r = make_plan(s, it, true, &s->plan, &err);
	}
	if (r < 0) {
		end(s, &err);
		return;
	}
	if (s->plan.kind == GRAPH_PLAN_NOTHING) {
		end(s, NULL);
		return;
	}
	if (s->hooks.sending(s->hooks.arg, it, &err) < 0) {
		end(s, &err);
		return;
	}
	if (s->job.kind == GRAPH_SAVE_CREATE || s->plan.body.len)
		send_change(s);
	else
		assign(s);
}

static void step(struct graph_saver *s)
{
	struct w365_err err = { 0 };

	if (s->state == FINDING_OUT) {
		find_out(s);
	} else if (s->job.kind != GRAPH_SAVE_DELETE) {
		plan(s);
	} else if (s->hooks.sending(s->hooks.arg, item_of(s), &err) < 0) {
		end(s, &err);
	} else {
		send_change(s);
	}
}

static void begin(void *arg)
{
	struct graph_saver *s = arg;

	if (s->job.kind == GRAPH_SAVE_CREATE)
		step(s);
	else
		read_item(s, READING);
}

/* What was sent has a deadline of its own, and its end must be known. */
static void on_deadline(void *arg)
{
	struct graph_saver *s = arg;
	struct w365_err err;

	if (s->sent)
		return;
	w365_err_set(&err, ETIMEDOUT, "not read again within %llu s: nothing was sent",
		     (unsigned long long)(s->store->config->deadline_ms / 1000));
	end(s, &err);
}

int graph_saver_new(struct graph_store *store, const struct graph_saver_job *job,
		    const struct graph_saver_hooks *hooks, struct graph_saver **ret,
		    struct w365_err *reterr)
{
	_cleanup_(graph_saver_cancelp) struct graph_saver *s = calloc(1, sizeof(*s));

	if (!s)
		return w365_err_oom(reterr);
	s->store = store;
	s->family = job->family;
	s->hooks = *hooks;
	s->job = *job;
	graph_timer_init(&s->deadline, store->loop, on_deadline, s);
	s->id = job->id ? strndup(job->id, job->id_len) : NULL;
	s->text = malloc(job->len + 1);
	s->name = job->name ? strdup(job->name) : NULL;
	if (!s->text || (job->id && !s->id) || (job->name && !s->name))
		return w365_err_oom(reterr);
	if (job->len)
		memcpy(s->text, job->text, job->len);
	s->text[job->len] = '\0';
	graph_timer_set(&s->deadline, graph_loop_now(store->loop) + store->config->deadline_ms);
	graph_loop_soon(store->loop, &s->soon, begin, s);
	*ret = TAKE_PTR(s);
	return 0;
}
