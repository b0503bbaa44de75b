#include "tests/wire/batch.h"

#include "base/macros.h"
#include "base/str.h"

#include <errno.h>
#include <stdlib.h>

static int on_leaving(void *arg, const unsigned *posts, unsigned n, struct w365_err *reterr)
{
	struct job *j = arg;
	bool refused;

	pthread_mutex_lock(&j->lock);
	refused = j->refuse && posts[0] >= j->refuse;
	for (unsigned i = 0; i < n && !refused; i++)
		j->left[posts[i]]++;
	pthread_mutex_unlock(&j->lock);
	return refused ? w365_err_set(reterr, ENOSPC, "no room to write it down") : 0;
}

static void on_result(void *arg, unsigned i, const struct graph_result *r)
{
	struct job *j = arg;

	pthread_mutex_lock(&j->lock);
	j->wrong |= j->done || j->fates[i] != '.' ||
		    (r->fate == GRAPH_FATE_ACCEPTED) != (r->reply != NULL) || !r->reply != !!r->err;
	j->fates[i] = "ARUN"[r->fate];
	j->errs[i] = r->err ? r->err->num : 0;
	snprintf(j->said[i], sizeof(j->said[i]), "%.199s", r->err ? r->err->msg : "");
	snprintf(j->request_ids[i], sizeof(j->request_ids[i]), "%.39s", r->request_id);
	snprintf(j->bodies[i], sizeof(j->bodies[i]), "%.39s", r->reply ? r->reply->body : "");
	j->ended++;
	pthread_cond_broadcast(&j->moved);
	pthread_mutex_unlock(&j->lock);
}

static void on_done(void *arg)
{
	struct job *j = arg;

	pthread_mutex_lock(&j->lock);
	j->wrong |= j->done;
	j->done = true;
	pthread_cond_broadcast(&j->moved);
	pthread_mutex_unlock(&j->lock);
}

void start(void *arg)
{
	struct job *j = arg;
	struct graph_batch_hooks hooks = { on_leaving, on_result, on_done, j };
	struct w365_err err;

	if (graph_batch_new(j->w->loop, world_client(j->w), &j->config, j->posts, j->n, &hooks,
			    &j->batch, &err) < 0)
		abort();
}

void cancel(void *arg)
{
	graph_batch_cancel(((struct job *)arg)->batch);
}

void drop(void *arg)
{
	struct job *j = arg;

	j->batch = graph_batch_free(j->batch);
}

struct job *job_new(unsigned n)
{
	struct job *j = calloc(1, sizeof(*j));

	j->w = world_new("", true);
	j->n = n;
	j->config.deadline_ms = DEADLINE;
	pthread_mutex_init(&j->lock, NULL);
	pthread_cond_init(&j->moved, NULL);
	memset(j->fates, '.', n);
	for (unsigned i = 0; i < n; i++) {
		snprintf(j->paths[i], sizeof(j->paths[i]), REBOOT, i);
		snprintf(j->targets[i], sizeof(j->targets[i]), "%u", i);
		j->posts[i] = (struct graph_post){ .path = j->paths[i], .target = j->targets[i] };
	}
	return j;
}

void go(struct job *j)
{
	world_post(j->w, start, j);
}

void wait_for(struct job *j, unsigned ended, bool done)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += WAIT_MS / 1000;
	pthread_mutex_lock(&j->lock);
	while ((j->ended < ended || (done && !j->done)) &&
	       pthread_cond_timedwait(&j->moved, &j->lock, &until) == 0)
		;
	pthread_mutex_unlock(&j->lock);
}

unsigned ended(struct job *j)
{
	unsigned n;

	pthread_mutex_lock(&j->lock);
	n = j->ended;
	pthread_mutex_unlock(&j->lock);
	return n;
}

/* Whatever may have been carried out was told to be leaving, and nothing more than once. */
static bool told(const struct job *j)
{
	for (unsigned i = 0; i < j->n; i++)
		if (j->left[i] > 1 || (!j->left[i] && j->fates[i] != 'N'))
			return false;
	return true;
}

void job_end(struct job *j, const char *why, const char *fates)
{
	wait_for(j, 0, true);
	CHECK("told before", told(j));
	CHECK(why, j->done && !j->wrong);
	if (fates)
		CHECK_STR(why, j->fates, fates);
	CHECK("nothing more is asked", world_quiet(j->w));
	world_post(j->w, drop, j);
	world_free(j->w);
	pthread_mutex_destroy(&j->lock);
	pthread_cond_destroy(&j->moved);
	free(j);
}

/* ---- the service's side ---- */

struct server_request *next(struct job *j, const char *why, const char *line)
{
	struct server_request *r = world_next(j->w, WAIT_MS);

	if (!CHECK(why, r && w365_streq(r->line, line)))
		check_show("came", r ? r->line : "nothing");
	return r;
}

struct server_request *next_batch(struct job *j, const char *why)
{
	return next(j, why, "POST /beta/$batch");
}

void answer(struct job *j, struct server_request *r, int status, const char *headers,
	    const char *body)
{
	if (r)
		world_answer(j->w, r, status, headers, body);
	server_request_free(r);
}

void numbers(const struct server_request *r, struct w365_buf *out)
{
	for (const char *p = r ? r->body : ""; (p = strstr(p, "/cloudPCs/"));)
		w365_buf_addf(out, "%s%lu", out->len ? " " : "",
			      strtoul(p += strlen("/cloudPCs/"), NULL, 10));
}

void check_numbers(const char *why, const struct server_request *r, const char *want)
{
	_cleanup_(w365_buf_done) struct w365_buf got = W365_BUF;

	numbers(r, &got);
	CHECK_STR(why, w365_buf_str(&got), want);
}

static unsigned count(const struct server_request *r)
{
	unsigned n = 0;

	for (const char *p = r ? r->body : ""; (p = strstr(p, "\"method\":")); p++)
		n++;
	return n;
}

void answer_batch(struct job *j, struct server_request *r, int status, const char *words)
{
	_cleanup_(w365_buf_done) struct w365_buf b = W365_BUF, all = W365_BUF;
	unsigned n = count(r);

	for (unsigned i = 0; i < n; i++) {
		const char *after = strchr(words, ':'), *end = strchr(words, ' ');

		w365_buf_reset(&b);
		if (*words != '-') {
			w365_buf_addf(
				&b,
				"{\"id\":\"%u\",\"status\":%d,\"headers\":{\"Request-Id\":\"r-%u\"",
				i + 1, atoi(words), i + 1);
			if (after && (!end || after < end))
				w365_buf_addf(&b, ",\"retry-after\":\"%d\"", atoi(after + 1));
			w365_buf_addf(
				&b, "}%s}%s",
				atoi(words) >= 400
					? ",\"body\":{\"error\":{\"code\":\"why\",\"message\":\"so\"}}"
					: "",
				all.len ? "," : "");
		}
		w365_buf_adds(&b, w365_buf_str(&all));
		w365_buf_reset(&all);
		w365_buf_adds(&all, w365_buf_str(&b));
		if (end)
			words = end + 1;
	}
	w365_buf_reset(&b);
	w365_buf_addf(&b, "{\"responses\":[%s]}", w365_buf_str(&all));
	answer(j, r, status, "request-id: outer\r\n", w365_buf_str(&b));
}

void lose(struct job *j, struct server_request *r)
{
	if (r)
		world_answer_raw(j->w, r, "", 0, true);
	server_request_free(r);
}
