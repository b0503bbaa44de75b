#include "graph/watch.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/macros.h"
#include "base/str.h"
#include "base/time.h"
#include "graph/send.h"

#define CLOCKS_DIFFER_S 10
#define VALUES_MAX      2048

/* What a step or a value says. Of several values the greatest counts: as long as one runs, it runs. */
enum says { NOTHING, DONE, FAILED, RUNNING };

struct look {
	struct graph_watch *w;
	const struct graph_finish *f;
	struct w365_json json, body;
	char *detail;
	size_t detail_size;
	bool overtaken; /* another action was done to it since */
};

/* ---- values in JSON ---- */

/* Names vary in case where pages and service disagree. */
static uint32_t member(const struct w365_json *j, uint32_t obj, const char *name, size_t len)
{
	if (j->nodes[obj].kind != W365_JSON_IS_OBJECT)
		return 0;
	W365_JSON_EACH (j, obj, i)
		if (j->nodes[i].key_len == len &&
		    strncasecmp(j->text + j->nodes[i].key, name, len) == 0)
			return i;
	return 0;
}

/* What lies at @path below node @i, through arrays: writes at most @max nodes, returns how many. */
static unsigned find(const struct w365_json *j, uint32_t i, const char *path, uint32_t *ret,
		     unsigned max)
{
	size_t len = path ? strcspn(path, "/") : 0;
	unsigned n = 0;
	uint32_t m;

	if (j->nodes[i].kind == W365_JSON_IS_ARRAY) {
		W365_JSON_EACH (j, i, child)
			n += find(j, child, path, ret + n, max - n);
		return n;
	}
	if (!len) {
		if (max)
			*ret = i;
		return max ? 1 : 0;
	}
	m = member(j, i, path, len);
	return m ? find(j, m, path + len + (path[len] == '/'), ret, max) : 0;
}

/* The one value there; 0 if there is none, or null. */
static uint32_t find_one(const struct w365_json *j, uint32_t i, const char *path)
{
	uint32_t found = 0;

	if (!find(j, i, path, &found, 1) || j->nodes[found].kind == W365_JSON_IS_NULL)
		return 0;
	return found;
}

static void text_of(const struct w365_json *j, uint32_t i, struct w365_buf *out)
{
	if (j->nodes[i].kind == W365_JSON_IS_STRING)
		w365_json_decode(out, w365_json_raw(j, i));
	else if (j->nodes[i].kind != W365_JSON_IS_NULL)
		graph_send_value(&(struct graph_send){ .text = j }, i, NULL, out);
}

/* A function's answer wraps what is no object. */
static uint32_t unwrap(const struct w365_json *j)
{
	return w365_json_get(j, 0, "value");
}

static bool parse(struct w365_json *j, const char *text, size_t len)
{
	return text && len && w365_json_parse(j, text, len, NULL, NULL) == 0;
}

/* ---- steps ---- */

/* Whether the time at @path shows that the value beside it is newer than the action. */
enum age { UNTIMED, OLDER, NEWER };

static enum age age_of(const struct look *l, uint32_t i, const char *path)
{
	_cleanup_(w365_buf_done) struct w365_buf s = W365_BUF;
	uint32_t at = path ? find_one(&l->json, i, path) : 0;
	struct timespec ts;

	if (!at)
		return UNTIMED;
	text_of(&l->json, at, &s);
	if (!w365_time_parse(w365_buf_str(&s), s.len, &ts))
		return UNTIMED;
	return ts.tv_sec >= l->w->sent - CLOCKS_DIFFER_S ? NEWER : OLDER;
}

static void set_detail(struct look *l, uint32_t i, const char *path)
{
	_cleanup_(w365_buf_done) struct w365_buf s = W365_BUF;
	uint32_t at = path ? find_one(&l->json, i, path) : 0;

	if (!at)
		return;
	text_of(&l->json, at, &s);
	for (size_t k = 0; k < s.len; k++)
		if ((unsigned char)s.data[k] < 0x20)
			s.data[k] = ' ';
	snprintf(l->detail, l->detail_size, "%s", w365_buf_str(&s));
}

static bool same_action(const struct look *l, const char *name)
{
	static const char prefix[] = "CloudPc"; /* as in "CloudPcPowerOn" */

	if (strncasecmp(name, prefix, sizeof(prefix) - 1) == 0)
		name += sizeof(prefix) - 1;
	return strcasecmp(name, l->w->action->name) == 0 || w365_among(l->f->as, name);
}

static enum says remote_action(struct look *l)
{
	static const struct {
		const char *state;
		enum says says;
	} states[] = {
		{ "none", RUNNING },        { "pending", RUNNING }, { "active", RUNNING },
		{ "done", DONE },           { "failed", FAILED },   { "canceled", FAILED },
		{ "notSupported", FAILED },
	};
	_cleanup_(w365_buf_done) struct w365_buf name = W365_BUF, state = W365_BUF;
	uint32_t r = find_one(&l->json, 0, "lastRemoteActionResult"), at;
	enum says says = NOTHING;

	if (!r || age_of(l, r, "startDateTime") != NEWER)
		return NOTHING;
	at = find_one(&l->json, r, "actionName");
	if (at)
		text_of(&l->json, at, &name);
	if (!same_action(l, w365_buf_str(&name))) {
		l->overtaken = true;
		return NOTHING;
	}
	at = find_one(&l->json, r, "actionState");
	if (at)
		text_of(&l->json, at, &state);
	for (size_t i = 0; i < ARRAY_SIZE(states); i++)
		if (strcasecmp(states[i].state, w365_buf_str(&state)) == 0)
			says = states[i].says;
	if (says == FAILED) {
		snprintf(l->detail, l->detail_size, "%s", w365_buf_str(&state));
		set_detail(l, r, "statusDetail/code");
		set_detail(l, r, "statusDetail/message");
	}
	return says;
}

/* What a value says of which that step knows the names. */
static enum says state_value(struct look *l, const char *value, enum age age)
{
	const struct graph_finish *f = l->f;

	if (w365_among(f->running, value))
		return RUNNING;
	if (age == OLDER)
		return NOTHING;
	if (w365_among(f->done, value))
		return f->proves_done || age == NEWER || l->w->ran ? DONE : NOTHING;
	if (w365_among(f->failed, value))
		return f->proves_failed || age == NEWER || l->w->ran ? FAILED : NOTHING;
	return NOTHING;
}

static enum says state_of(struct look *l, uint32_t i)
{
	_cleanup_(w365_freep) uint32_t *values = calloc(VALUES_MAX, sizeof(*values));
	unsigned n = values ? find(&l->json, i, l->f->state, values, VALUES_MAX) : 0;
	enum age age = age_of(l, i, l->f->time);
	enum says all = NOTHING;

	for (unsigned k = 0; k < n; k++) {
		_cleanup_(w365_buf_done) struct w365_buf s = W365_BUF;
		enum says one;

		text_of(&l->json, values[k], &s);
		one = state_value(l, w365_buf_str(&s), age);
		if (one == FAILED && all != FAILED) {
			snprintf(l->detail, l->detail_size, "%s", w365_buf_str(&s));
			set_detail(l, i, l->f->detail);
		}
		all = MAX(all, one);
	}
	return all;
}

static enum says state(struct look *l)
{
	uint32_t root = l->f->function ? unwrap(&l->json) : 0;
	enum says all = NOTHING;

	if (l->json.nodes[root].kind != W365_JSON_IS_ARRAY)
		return state_of(l, root);
	W365_JSON_EACH (&l->json, root, i) {
		enum says one = state_of(l, i);

		all = MAX(all, one);
	}
	return all;
}

static enum says same(struct look *l)
{
	_cleanup_(w365_buf_done) struct w365_buf is = W365_BUF, wanted = W365_BUF_SECRET;
	uint32_t root = l->f->function ? unwrap(&l->json) : 0, at;

	if (!l->body.count || !find(&l->body, 0, l->f->parameter, &at, 1))
		return NOTHING;
	text_of(&l->body, at, &wanted);
	if (find(&l->json, root, l->f->state, &at, 1))
		text_of(&l->json, at, &is);
	return strcmp(w365_buf_str(&is), w365_buf_str(&wanted)) == 0 ? DONE : NOTHING;
}

static bool each_in(const struct w365_json *a, const uint32_t *is, unsigned n,
		    const struct w365_json *b, const uint32_t *among, unsigned m)
{
	for (unsigned i = 0; i < n; i++) {
		bool found = false;

		for (unsigned k = 0; k < m && !found; k++)
			found = a->nodes[is[i]].val_len == b->nodes[among[k]].val_len &&
				strncasecmp(a->text + a->nodes[is[i]].val,
					    b->text + b->nodes[among[k]].val,
					    a->nodes[is[i]].val_len) == 0;
		if (!found)
			return false;
	}
	return true;
}

static enum says groups(struct look *l)
{
	static const char path[] = "assignments/target/groupId";
	_cleanup_(w365_freep) uint32_t *now = calloc(VALUES_MAX, sizeof(*now));
	_cleanup_(w365_freep) uint32_t *wanted = calloc(VALUES_MAX, sizeof(*wanted));
	unsigned n, m;

	/* A text without the property was read without $expand, and says nothing. */
	if (!now || !wanted || !l->body.count ||
	    !member(&l->json, 0, "assignments", strlen("assignments")))
		return NOTHING;
	n = find(&l->json, 0, path, now, VALUES_MAX);
	m = find(&l->body, 0, path, wanted, VALUES_MAX);
	return each_in(&l->json, now, n, &l->body, wanted, m) &&
			       each_in(&l->body, wanted, m, &l->json, now, n)
		       ? DONE
		       : NOTHING;
}

static enum says ask_step(struct look *l, bool there)
{
	static enum says (*const steps[])(struct look *) = {
		[GRAPH_FINISH_REMOTE_ACTION] = remote_action,
		[GRAPH_FINISH_STATE] = state,
		[GRAPH_FINISH_SAME] = same,
		[GRAPH_FINISH_GROUPS] = groups,
	};

	if (l->f->kind == GRAPH_FINISH_GONE)
		return there ? NOTHING : DONE;
	return there ? steps[l->f->kind](l) : NOTHING;
}

/* ---- where to look ---- */

static const struct graph_operation *function_of(const struct graph_watch *w)
{
	const char *name = w->action->n_finish ? w->action->finish[0].function : NULL;

	for (unsigned i = 0; name && w->action->op && i < graph_n_operations; i++) {
		const struct graph_operation *o = &graph_operations[i];

		if (o->function && o->bound == w->action->op->bound &&
		    o->own == w->action->op->own && w365_streq(o->name, name))
			return o;
	}
	return NULL;
}

/* Whether this version of the API shows what the step looks at. */
static bool shown(const struct graph_watch *w, const struct graph_finish *f)
{
	const struct graph_operation *fn = f->function ? function_of(w) : NULL;
	const struct graph_type *t = w->action->creates ? w->action->creates : w->action->op->bound;
	const char *path = f->kind == GRAPH_FINISH_REMOTE_ACTION ? "lastRemoteActionResult"
			   : f->kind == GRAPH_FINISH_GROUPS      ? "assignments"
								 : f->state;

	if (f->kind == GRAPH_FINISH_GONE)
		return true;
	if (f->function)
		return fn && (fn->versions & w->version);
	return graph_property_find(t, path, strcspn(path, "/"), w->version);
}

static bool any_shown(const struct graph_watch *w)
{
	for (unsigned i = 0; i < w->action->n_finish; i++)
		if (shown(w, &w->action->finish[i]))
			return true;
	return false;
}

enum graph_watch_place graph_watch_place(const struct graph_watch *w)
{
	const struct graph_finish *f = w->action->finish;

	if (!any_shown(w))
		return GRAPH_LOOK_NOWHERE;
	if (f->function)
		return GRAPH_LOOK_FUNCTION;
	return f->items || w->action->creates ? GRAPH_LOOK_ITEMS : GRAPH_LOOK_ITEM;
}

/* Appends what lies at "body/PATH", "result" or "result/PATH". */
static bool from_source(const struct graph_watch *w, const char *source, struct w365_buf *out)
{
	bool body = w365_starts(source, "body");
	const char *text = body ? w->body : w->result, *path = strchr(source, '/');
	struct w365_json j = { 0 };
	uint32_t at = 0;
	bool there = parse(&j, text, text ? strlen(text) : 0);

	if (there)
		at = find_one(&j, body || path ? 0 : unwrap(&j), path ? path + 1 : NULL);
	/* The whole of an answer may be the value: then it is no object. */
	there = there && (at || (!path && j.nodes[0].kind == W365_JSON_IS_STRING));
	if (there)
		text_of(&j, at, out);
	w365_json_done(&j);
	return there;
}

bool graph_watch_item(const struct graph_watch *w, unsigned i, struct w365_buf *out)
{
	const struct graph_finish *f = w->action->finish;
	_cleanup_(w365_freep) uint32_t *ids = NULL;
	struct w365_json j = { 0 };
	unsigned n = 0;

	if (w->action->creates)
		return i == 0 && from_source(w, "result/id", out);
	ids = calloc(VALUES_MAX, sizeof(*ids));
	if (f && f->items && ids && parse(&j, w->body, w->body ? strlen(w->body) : 0))
		n = find(&j, 0, f->items, ids, VALUES_MAX);
	if (i < n)
		text_of(&j, ids[i], out);
	w365_json_done(&j);
	return i < n;
}

/* The value of the parameter at @name: of an argument in the catalogue's row. */
static bool argument(const struct graph_watch *w, const char *name, size_t len,
		     struct w365_buf *out)
{
	const char *const *args = w->action->finish->arguments;

	for (; args && *args; args++)
		if (strncmp(*args, name, len) == 0 && (*args)[len] == '=')
			return !(*args)[len + 1] || from_source(w, *args + len + 1, out);
	return false;
}

bool graph_watch_path(const struct graph_watch *w, const char *id, struct w365_buf *out)
{
	const struct graph_operation *fn = function_of(w);
	const char *p = fn ? fn->path : "", *open;

	while ((open = strchr(p, '{'))) {
		_cleanup_(w365_buf_done) struct w365_buf value = W365_BUF, quoted = W365_BUF;
		const char *close = strchr(open, '}');
		bool of_item = w365_starts(open, "{id}");

		if (of_item && !id)
			return false;
		if (of_item)
			w365_buf_adds(&value, id);
		else if (!argument(w, open + 1, (size_t)(close - open - 1), &value))
			return false;
		/* Inside quotes a quote is written twice. */
		for (const char *s = w365_buf_str(&value); *s; s++)
			w365_buf_addf(&quoted, *s == '\'' && !of_item ? "''" : "%c", *s);
		w365_buf_add(out, p, (size_t)(open - p));
		w365_buf_add_url(out, w365_buf_str(&quoted));
		p = close + 1;
	}
	w365_buf_adds(out, p);
	return fn != NULL;
}

/* ---- one look ---- */

static void say(struct graph_outcome *ret, enum graph_watch_state s, const char *detail)
{
	ret->state = s;
	snprintf(ret->detail, sizeof(ret->detail), "%s", detail);
}

/* What can be said without looking anywhere. */
static void without_look(const struct graph_watch *w, struct graph_outcome *ret)
{
	const struct graph_action *a = w->action;

	if (!a->runs_on)
		say(ret, GRAPH_WATCH_DONE, "");
	else if (a->n_finish)
		say(ret, GRAPH_WATCH_UNKNOWN,
		    "accepted; this version of the API does not show how it ends: mount with --api=beta");
	else
		snprintf(ret->detail, sizeof(ret->detail),
			 "accepted; whether it has ended nothing tells%s%s",
			 a->watch ? ": look at " : "", a->watch ? a->watch : "");
}

void graph_watch_look(struct graph_watch *w, const char *text, size_t len,
		      struct graph_outcome *ret)
{
	struct look l = { .w = w, .detail = ret->detail, .detail_size = sizeof(ret->detail) };
	enum says says = NOTHING;
	bool there = text != NULL;

	*ret = (struct graph_outcome){ .state = GRAPH_WATCH_UNKNOWN };
	if (graph_watch_place(w) == GRAPH_LOOK_NOWHERE) {
		without_look(w, ret);
		return;
	}
	ret->state = GRAPH_WATCH_RUNNING;
	if (there && !parse(&l.json, text, len)) {
		w365_json_done(&l.json);
		return;
	}
	if (parse(&l.body, w->body, w->body ? strlen(w->body) : 0) == false)
		l.body.count = 0;
	for (unsigned i = 0; i < w->action->n_finish && says == NOTHING; i++) {
		l.f = &w->action->finish[i];
		if (shown(w, l.f))
			says = ask_step(&l, there);
	}
	w->ran |= says == RUNNING;
	if (says != FAILED)
		ret->detail[0] = '\0'; /* of one among several */
	if (says == DONE)
		say(ret, GRAPH_WATCH_DONE, "");
	else if (says == FAILED)
		ret->state = GRAPH_WATCH_FAILED;
	else if (!there)
		say(ret, GRAPH_WATCH_UNKNOWN, "it is not there any more");
	else if (says == NOTHING && l.overtaken)
		say(ret, GRAPH_WATCH_UNKNOWN, "another action came after it");
	w365_json_done(&l.json);
	w365_json_done(&l.body);
}
