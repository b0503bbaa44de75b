#include "graph/batch.h"
#include "base/log.h"
#include "base/macros.h"
#include "base/str.h"
#include "graph/client.h"
#include "graph/errors.h"
#include "graph/loop.h"
#include "graph/retry.h"

#include <errno.h>
#include <sys/random.h>
#include <time.h>

#define GROUPS      4                 /* in flight: readers need connections, too */
#define GROUP_BYTES ((size_t)1 << 20) /* of bodies: Graph takes 4 MiB */

enum state { WAITING, FLYING, ENDED };

struct post {
	uint64_t target; /* a hash; 0: none */
	uint64_t until;  /* on the loop's clock: it is not sent again after that; 0: never sent */
	unsigned tries;  /* refused without a time named */
	enum state state;
};

/** Posts that are sent in one request. */
struct group {
	struct graph_batch *batch;
	struct graph_call *call; /* NULL: the slot is free */
	unsigned n, members[GRAPH_BATCH_MAX];
};

struct graph_batch {
	struct graph_loop *loop;
	struct graph_client *client;
	const struct graph_batch_config *config;
	const struct graph_post *posts;
	struct graph_batch_hooks hooks;
	struct post *state;
	unsigned n, first, left; /* first: all before it have ended; left: how many have not */
	struct group groups[GROUPS];
	struct graph_timer hold; /* set while the service wants to be left alone */
	struct graph_soon soon;
	struct w365_err stopped; /* why nothing more is sent; num is 0 while it is */
	bool done;
};

W365_DEFINE_CLEANUP(struct graph_batch *, graph_batch_free)

static void pump(void *arg);

static void pump_soon(void *arg)
{
	struct graph_batch *b = arg;

	graph_loop_soon(b->loop, &b->soon, pump, b);
}

int graph_batch_new(struct graph_loop *loop, struct graph_client *client,
		    const struct graph_batch_config *config, const struct graph_post *posts,
		    unsigned n, const struct graph_batch_hooks *hooks, struct graph_batch **ret,
		    struct w365_err *reterr)
{
	_cleanup_(graph_batch_freep) struct graph_batch *b = calloc(1, sizeof(*b));

	if (!b)
		return w365_err_oom(reterr);
	b->loop = loop;
	b->client = client;
	b->config = config;
	b->posts = posts;
	b->hooks = *hooks;
	b->n = b->left = n;
	graph_timer_init(&b->hold, loop, pump_soon, b);
	b->state = calloc(n ? n : 1, sizeof(*b->state));
	if (!b->state)
		return w365_err_oom(reterr);
	for (unsigned i = 0; i < n; i++)
		if (posts[i].target)
			b->state[i].target =
				w365_hash(posts[i].target, strlen(posts[i].target), 0) | 1;
	pump_soon(b);
	*ret = TAKE_PTR(b);
	return 0;
}

struct graph_batch *graph_batch_free(struct graph_batch *b)
{
	if (b) {
		for (unsigned i = 0; i < GROUPS; i++)
			graph_call_cancel(b->groups[i].call);
		graph_timer_stop(&b->hold);
		graph_soon_cancel(b->loop, &b->soon);
		free(b->state);
		free(b);
	}
	return NULL;
}

/* ---- how posts end ---- */

static void end(struct graph_batch *b, unsigned i, enum graph_fate fate, const struct w365_err *err,
		const struct w365_reply *reply, const char *request_id)
{
	struct graph_result result = { fate, err, reply, request_id ? request_id : "" };

	b->state[i].state = ENDED;
	b->left--;
	b->hooks.result(b->hooks.arg, i, &result);
}

/* What waits is not sent any more. */
static void give_up(struct graph_batch *b, const struct w365_err *err)
{
	b->stopped = *err;
	graph_timer_stop(&b->hold);
	for (unsigned i = b->first; i < b->n; i++)
		if (b->state[i].state == WAITING)
			end(b, i, GRAPH_FATE_UNSENT, &b->stopped, NULL, NULL);
	pump_soon(b);
}

void graph_batch_cancel(struct graph_batch *b)
{
	struct w365_err err;

	w365_err_set(&err, EINTR, "interrupted: it was not sent");
	for (unsigned i = 0; i < GROUPS; i++) {
		struct group *g = &b->groups[i];

		if (!g->call || graph_call_flying(g->call))
			continue;
		g->call = graph_call_cancel(g->call);
		for (unsigned k = 0; k < g->n; k++)
			b->state[g->members[k]].state = WAITING;
	}
	give_up(b, &err);
}

static enum graph_fate fate_of(const struct w365_err *err)
{
	if (err->unsent)
		return GRAPH_FATE_UNSENT;
	if (err->http && err->http < 500 && err->http != 408)
		return GRAPH_FATE_REFUSED;
	return GRAPH_FATE_UNKNOWN;
}

/* Whether all others would fare the same. */
static bool for_all(const struct w365_err *err)
{
	return err->unsent || err->http == 401 || err->num == EAGAIN;
}

/* The sentence of what may have been carried out says so. */
static void say_unknown(struct w365_err *err)
{
	struct w365_err was = *err;

	w365_err_set(err, was.num,
		     "it may have been carried out: look before you repeat it (%.600s)", was.msg);
	err->http = was.http;
	memcpy(err->code, was.code, sizeof(err->code));
	memcpy(err->request, was.request, sizeof(err->request));
}

static void fail(struct graph_batch *b, unsigned i, struct w365_err err)
{
	enum graph_fate fate = fate_of(&err);

	if (fate == GRAPH_FATE_UNKNOWN)
		say_unknown(&err);
	end(b, i, fate, &err, NULL, err.request);
}

void graph_batch_lost(struct graph_batch *b)
{
	struct w365_err err;

	w365_err_set(&err, EINTR, "the answer was not waited for");
	for (unsigned i = 0; i < GROUPS; i++) {
		struct group *g = &b->groups[i];

		if (!g->call)
			continue;
		g->call = graph_call_cancel(g->call);
		for (unsigned k = 0; k < g->n; k++)
			fail(b, g->members[k], err);
	}
}

/* Refused unseen: it waits for another time, in its old place. */
static void again(struct graph_batch *b, unsigned i, const struct graph_verdict *v,
		  const struct w365_err *err)
{
	uint64_t at = graph_loop_now(b->loop) + v->wait_ms;
	struct post *p = &b->state[i];

	if (b->stopped.num) {
		end(b, i, GRAPH_FATE_UNSENT, &b->stopped, NULL, NULL);
		return;
	}
	if (at >= p->until) {
		fail(b, i, *err); /* it would only wait in order to fail; and so would the others */
		give_up(b, err);
		return;
	}
	if (!v->told)
		p->tries++;
	p->state = WAITING;
	b->first = MIN(b->first, i);
	if (!graph_timer_pending(&b->hold) || b->hold.at < at) {
		graph_timer_set(&b->hold, at);
		graph_client_hold(b->client, at);
	}
}

/* One answer out of a batch. */
static void answered(struct graph_batch *b, unsigned i, const struct graph_batch_answer *a,
		     const struct w365_reply *outer)
{
	struct w365_reply reply = {
		.status = a->status,
		.body = w365_buf_str(&a->body),
		.len = a->body.len,
		.retry_after = a->retry_after.len ? a->retry_after.data : NULL,
		.request_id = a->request_id.len ? a->request_id.data : outer->request_id,
		.date = outer->date,
	};
	struct graph_verdict v;
	struct w365_err err = { 0 };
	uint32_t random = 0;

	if (!a->status) {
		w365_err_set(&err, EPROTO, "the answer to the batch says nothing of it");
		fail(b, i, err);
		return;
	}
	if (getrandom(&random, sizeof(random), GRND_NONBLOCK) < 0)
		random = (uint32_t)graph_loop_now(b->loop);
	v = graph_verdict(&reply, NULL, false, b->state[i].tries, random, time(NULL));
	if (v.kind == GRAPH_VERDICT_DONE) {
		end(b, i, GRAPH_FATE_ACCEPTED, NULL, &reply, reply.request_id);
		return;
	}
	graph_err_from_reply(&err, &reply, b->posts[i].permission,
			     graph_client_app_only(b->client));
	if (v.kind == GRAPH_VERDICT_AGAIN)
		again(b, i, &v, &err);
	else
		fail(b, i, err);
}

static void batch_answered(struct graph_batch *b, const struct group *g,
			   const struct w365_reply *reply)
{
	struct graph_batch_answer answers[GRAPH_BATCH_MAX] = { 0 };
	struct w365_err err = { 0 };

	if (graph_batch_read(reply->body, reply->len, answers, g->n, &err) < 0) {
		if (reply->request_id)
			snprintf(err.request, sizeof(err.request), "%s", reply->request_id);
		for (unsigned k = 0; k < g->n; k++)
			fail(b, g->members[k], err);
	} else {
		for (unsigned k = 0; k < g->n; k++)
			answered(b, g->members[k], &answers[k], reply);
	}
	graph_batch_answers_done(answers, g->n);
}

static void on_answer(void *arg, const struct w365_reply *reply, const struct w365_err *err)
{
	struct group *slot = arg, g = *slot;
	struct graph_batch *b = g.batch;

	slot->call = NULL;
	pump_soon(b);
	if (reply && g.n > 1) {
		batch_answered(b, &g, reply);
	} else if (reply) {
		end(b, g.members[0], GRAPH_FATE_ACCEPTED, NULL, reply, reply->request_id);
	} else {
		struct w365_err copy = *err;

		for (unsigned k = 0; k < g.n; k++)
			fail(b, g.members[k], copy);
		if (for_all(&copy))
			give_up(b, &copy);
	}
}

/* ---- which posts go next ---- */

static bool target_flies(const struct graph_batch *b, uint64_t target)
{
	for (unsigned i = 0; target && i < GROUPS; i++)
		for (unsigned k = 0; b->groups[i].call && k < b->groups[i].n; k++)
			if (b->state[b->groups[i].members[k]].target == target)
				return true;
	return false;
}

static bool in_group(const struct graph_batch *b, const struct group *g, uint64_t target)
{
	for (unsigned k = 0; target && k < g->n; k++)
		if (b->state[g->members[k]].target == target)
			return true;
	return false;
}

/* The first ones that wait, no two of one target, and none whose target is in flight: so those of
 * one target keep their order. */
static void gather(struct graph_batch *b, struct group *g)
{
	size_t bytes = 0;

	while (b->first < b->n && b->state[b->first].state == ENDED)
		b->first++;
	g->n = 0;
	for (unsigned i = b->first; i < b->n && g->n < GRAPH_BATCH_MAX; i++) {
		const struct post *p = &b->state[i];
		size_t size = b->posts[i].body ? strlen(b->posts[i].body) : 0;

		if (p->state != WAITING || target_flies(b, p->target) || in_group(b, g, p->target))
			continue;
		if (g->n && bytes + size > GROUP_BYTES)
			return;
		bytes += size;
		g->members[g->n++] = i;
	}
}

static int send_group(struct graph_batch *b, struct group *g, struct w365_err *reterr)
{
	_cleanup_(w365_buf_done) struct w365_buf body = W365_BUF_SECRET;
	const struct graph_post *posts[GRAPH_BATCH_MAX];
	struct graph_ask ask = { .method = "POST", .priority = GRAPH_INTERACTIVE };

	for (unsigned k = 0; k < g->n; k++) {
		posts[k] = &b->posts[g->members[k]];
		ask.secret |= posts[k]->secret;
	}
	ask.url = posts[0]->path;
	ask.body = posts[0]->body && *posts[0]->body ? posts[0]->body : NULL;
	ask.permission = posts[0]->permission;
	if (g->n > 1) {
		graph_batch_write(&body, posts, g->n);
		if (body.failed)
			return w365_err_oom(reterr);
		ask.url = "/$batch";
		ask.body = w365_buf_str(&body);
		ask.accept = 424; /* what throttled batches answer, by one of two pages */
	}
	return graph_send(b->client, &ask, on_answer, g, &g->call, reterr);
}

/* Those of the group that have not been sent before. */
static int tell_leaving(struct graph_batch *b, const struct group *g, struct w365_err *reterr)
{
	unsigned posts[GRAPH_BATCH_MAX], n = 0;

	for (unsigned k = 0; k < g->n; k++)
		if (!b->state[g->members[k]].until)
			posts[n++] = g->members[k];
	return n && b->hooks.leaving ? b->hooks.leaving(b->hooks.arg, posts, n, reterr) : 0;
}

static bool start(struct graph_batch *b, struct group *g)
{
	uint64_t now = graph_loop_now(b->loop);
	struct w365_err err = { 0 };

	gather(b, g);
	if (!g->n)
		return false;
	g->batch = b;
	if (tell_leaving(b, g, &err) < 0 || send_group(b, g, &err) < 0) {
		g->call = NULL;
		give_up(b, &err);
		return false;
	}
	for (unsigned k = 0; k < g->n; k++) {
		struct post *p = &b->state[g->members[k]];

		p->state = FLYING;
		if (!p->until)
			p->until = now + b->config->deadline_ms;
	}
	return true;
}

static void pump(void *arg)
{
	struct graph_batch *b = arg;

	for (unsigned i = 0; i < GROUPS && b->left && !graph_timer_pending(&b->hold); i++)
		if (!b->groups[i].call && !start(b, &b->groups[i]))
			break;
	if (!b->left && !b->done) {
		b->done = true;
		b->hooks.done(b->hooks.arg);
	}
}
