/* Many actions on the wire: each exactly once, whatever the service and the network do. */
#include "base/buf.h"
#include "base/macros.h"
#include "base/str.h"
#include "graph/batch.h"
#include "tests/lib/check.h"
#include "tests/lib/world.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#define WAIT_MS  8000
#define POSTS    2000
#define SECOND   1000
#define REBOOT   "/deviceManagement/virtualEndpoint/cloudPCs/%u/reboot"
#define DEADLINE (120 * SECOND)

struct job {
	struct world *w;
	struct graph_batch *batch;
	struct graph_batch_config config;
	struct graph_post posts[POSTS];
	char paths[POSTS][80], targets[POSTS][16];
	unsigned n;
	pthread_mutex_t lock; /* what follows is written by the loop's thread */
	pthread_cond_t moved;
	char fates[POSTS +
		   1]; /* a letter each: Accepted, Refused, Unknown, Not sent; '.' none yet */
	int errs[POSTS];
	char said[POSTS][200], request_ids[POSTS][40], bodies[POSTS][40];
	unsigned ended;
	char left[POSTS]; /* how often it was told to be leaving */
	unsigned refuse;  /* leaving is refused after so many; 0: never */
	bool done, wrong; /* wrong: something ended twice, or after the end */
};

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

static void start(void *arg)
{
	struct job *j = arg;
	struct graph_batch_hooks hooks = { on_leaving, on_result, on_done, j };
	struct w365_err err;

	if (graph_batch_new(j->w->loop, world_client(j->w), &j->config, j->posts, j->n, &hooks,
			    &j->batch, &err) < 0)
		abort();
}

static void cancel(void *arg)
{
	graph_batch_cancel(((struct job *)arg)->batch);
}

static void drop(void *arg)
{
	struct job *j = arg;

	j->batch = graph_batch_free(j->batch);
}

/* @n reboots of as many Cloud PCs. */
static struct job *job_new(unsigned n)
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

static void go(struct job *j)
{
	world_post(j->w, start, j);
}

/* Waits for what @what is to be, as long as the job moves at all. */
static void wait_for(struct job *j, unsigned ended, bool done)
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

static unsigned ended(struct job *j)
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

static void job_end(struct job *j, const char *why, const char *fates)
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

static struct server_request *next(struct job *j, const char *why, const char *line)
{
	struct server_request *r = world_next(j->w, WAIT_MS);

	if (!CHECK(why, r && w365_streq(r->line, line)))
		check_show("came", r ? r->line : "nothing");
	return r;
}

static struct server_request *next_batch(struct job *j, const char *why)
{
	return next(j, why, "POST /beta/$batch");
}

static void answer(struct job *j, struct server_request *r, int status, const char *headers,
		   const char *body)
{
	if (r)
		world_answer(j->w, r, status, headers, body);
	server_request_free(r);
}

/* Which Cloud PCs the batch is about, in its order: "0 1 2". */
static void numbers(const struct server_request *r, struct w365_buf *out)
{
	for (const char *p = r ? r->body : ""; (p = strstr(p, "/cloudPCs/"));)
		w365_buf_addf(out, "%s%lu", out->len ? " " : "",
			      strtoul(p += strlen("/cloudPCs/"), NULL, 10));
}

static void check_numbers(const char *why, const struct server_request *r, const char *want)
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

/* An answer to a batch of @n: words like "204", "429:7" (with that Retry-After), "-" (left out), the
 * last of which holds for all that follow; the last post's answer comes first. */
static void answer_batch(struct job *j, struct server_request *r, int status, const char *words)
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

static void lose(struct job *j, struct server_request *r)
{
	if (r)
		world_answer_raw(j->w, r, "", 0, true);
	server_request_free(r);
}

/* ---- conversations ---- */

static void test_one(void)
{
	struct job *j = job_new(1);
	struct server_request *r;

	j->posts[0].body = "{\"a\":1}";
	go(j);
	r = next(j, "one goes as it is",
		 "POST /beta/deviceManagement/virtualEndpoint/cloudPCs/0/reboot");
	CHECK_STR("with its body", r ? r->body : "", "{\"a\":1}");
	answer(j, r, 200, "request-id: r1\r\n", "{\"id\":\"x\"}");
	wait_for(j, 1, true);
	CHECK_STR("the answer is handed on", j->bodies[0], "{\"id\":\"x\"}");
	CHECK_STR("and its request id", j->request_ids[0], "r1");
	job_end(j, "one", "A");

	j = job_new(1);
	go(j);
	r = next(j, "one without a body",
		 "POST /beta/deviceManagement/virtualEndpoint/cloudPCs/0/reboot");
	CHECK("says so", r && strcasestr(r->headers, "content-length: 0") &&
				 !strcasestr(r->headers, "content-type"));
	answer(j, r, 204, "", "");
	job_end(j, "one without a body", "A");

	j = job_new(0);
	go(j);
	job_end(j, "none", "");
}

static void test_one_fails(void)
{
	static const struct {
		const char *why;
		int status;
		const char *fate;
		int err;
	} rows[] = {
		{ "gone", 404, "R", ENOENT },
		{ "forbidden", 403, "R", EACCES },
		{ "busy", 409, "R", EBUSY },
		{ "a bad request", 400, "R", EINVAL },
		{ "a server error", 500, "U", EIO },
		{ "unavailable", 503, "U", EIO },
		{ "a gateway's time-out", 504, "U", ETIMEDOUT },
		{ "a time-out", 408, "U", ETIMEDOUT },
		{ "lost", 0, "U", EIO },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct job *j = job_new(1);
		struct server_request *r;

		go(j);
		r = world_next(j->w, WAIT_MS);
		if (rows[i].status)
			answer(j, r, rows[i].status, "Retry-After: 1\r\n", "{}");
		else
			lose(j, r);
		wait_for(j, 1, true);
		CHECK_INT(rows[i].why, j->errs[0], rows[i].err);
		CHECK(rows[i].why,
		      !strstr(j->said[0], "look before you repeat") == (*rows[i].fate == 'R'));
		world_skip(j->w, 100 * SECOND);
		job_end(j, rows[i].why, rows[i].fate);
	}
}

static void test_throttled_one(void)
{
	struct job *j = job_new(1);

	go(j);
	answer(j, world_next(j->w, WAIT_MS), 429, "Retry-After: 7\r\n", "{}");
	CHECK("until then nobody asks", world_quiet(j->w));
	world_skip(j->w, 7 * SECOND);
	answer(j,
	       next(j, "then it is sent again",
		    "POST /beta/deviceManagement/virtualEndpoint/cloudPCs/0/reboot"),
	       204, "", "");
	job_end(j, "one that is throttled", "A");

	j = job_new(1);
	go(j);
	answer(j, world_next(j->w, WAIT_MS), 429, "Retry-After: 500\r\n", "{}");
	wait_for(j, 1, true);
	CHECK_INT("throttled for too long", j->errs[0], EAGAIN);
	job_end(j, "throttled for too long", "R");
}

static void test_groups(void)
{
	struct job *j = job_new(45);
	struct server_request *r[3];
	char fates[46];

	j->posts[1].body = "{\"displayName\":\"\xc3\xa4 \\\"\"}";
	go(j);
	for (unsigned i = 0; i < 3; i++)
		r[i] = next_batch(j, "three at the same time");
	check_numbers("the first twenty", r[0],
		      "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19");
	check_numbers("the last five", r[2], "40 41 42 43 44");
	CHECK("with and without a body",
	      r[0] && w365_starts(
			      r[0]->body,
			      "{\"requests\":[{\"id\":\"1\",\"method\":\"POST\",\"url\":\"/deviceManagement/virtualEndpoint/cloudPCs/0/reboot\"},"
			      "{\"id\":\"2\",\"method\":\"POST\",\"url\":\"/deviceManagement/virtualEndpoint/cloudPCs/1/reboot\","
			      "\"headers\":{\"Content-Type\":\"application/json\"},\"body\":{\"displayName\":\"\xc3\xa4 \\\"\"}},"));
	answer_batch(j, r[2], 200, "204");
	answer_batch(j, r[0], 200, "204 200 404 204 500 204");
	answer_batch(j, r[1], 200, "409 - 202");
	memset(fates, 'A', 45);
	fates[45] = '\0';
	fates[2] = fates[20] = 'R';
	fates[4] = fates[21] = 'U';
	wait_for(j, 45, true);
	CHECK_STR("each has its own request id", j->request_ids[2], "r-3");
	CHECK("and its own sentence", strstr(j->said[2], "(404 why: so)"));
	CHECK_STR("what is not in the answer has the batch's", j->request_ids[21], "");
	CHECK("and says so", strstr(j->said[21], "says nothing of it"));
	job_end(j, "forty-five", fates);
}

static void test_in_flight(void)
{
	struct job *j = job_new(100);
	struct server_request *r[5];

	go(j);
	for (unsigned i = 0; i < 4; i++)
		r[i] = next_batch(j, "four at the same time");
	CHECK("and no more", world_quiet(j->w));
	answer_batch(j, r[2], 200, "204");
	r[4] = next_batch(j, "the fifth when there is room");
	check_numbers("is the rest", r[4],
		      "80 81 82 83 84 85 86 87 88 89 90 91 92 93 94 95 96 97 98 99");
	answer_batch(j, r[4], 200, "204");
	answer_batch(j, r[0], 200, "204");
	answer_batch(j, r[1], 200, "204");
	answer_batch(j, r[3], 200, "204");
	job_end(j, "a hundred", NULL);
}

static void test_throttled_some(void)
{
	struct job *j = job_new(24);
	struct server_request *r[2];

	go(j);
	r[0] = next_batch(j, "twenty");
	r[1] = next_batch(j, "four");
	answer_batch(j, r[0], 200, "204 429:3 204 429:7 204");
	wait_for(j, 18, false);
	answer_batch(j, r[1], 200, "429:5 204 429 204");
	wait_for(j, 20, false);
	CHECK("as long as the longest", world_quiet(j->w));
	world_skip(j->w, 6 * SECOND);
	CHECK("and no shorter", world_quiet(j->w));
	world_skip(j->w, 1 * SECOND);
	r[0] = next_batch(j, "then those alone");
	check_numbers("in their order", r[0], "1 3 20 22");
	answer_batch(j, r[0], 200, "204 204 204 429:1");
	wait_for(j, 23, false);
	CHECK("once more", world_quiet(j->w));
	world_skip(j->w, 1 * SECOND);
	answer(j,
	       next(j, "the last one alone",
		    "POST /beta/deviceManagement/virtualEndpoint/cloudPCs/22/reboot"),
	       204, "", "");
	job_end(j, "some are throttled", "AAAAAAAAAAAAAAAAAAAAAAAA");
}

static void test_throttled_whole(void)
{
	struct job *j = job_new(3);

	go(j);
	answer(j, next_batch(j, "refused as a whole"), 429, "Retry-After: 4\r\n", "{}");
	CHECK("until then nobody asks", world_quiet(j->w));
	world_skip(j->w, 4 * SECOND);
	answer_batch(j, next_batch(j, "sent again as a whole"), 424, "429:2 204 429:2");
	wait_for(j, 1, false);
	CHECK("424 is an answer, too", world_quiet(j->w));
	world_skip(j->w, 2 * SECOND);
	answer_batch(j, next_batch(j, "those that were throttled"), 200, "204");
	job_end(j, "the whole is throttled", "AAA");
}

static void test_throttled_too_long(void)
{
	struct job *j = job_new(90);
	struct server_request *r[4];
	char fates[91];

	go(j);
	for (unsigned i = 0; i < 4; i++)
		r[i] = next_batch(j, "four at the same time");
	answer_batch(j, r[0], 200, "204 429:500 429:500 204");
	wait_for(j, 21, false);
	answer_batch(j, r[1], 200, "429:1 204");
	answer_batch(j, r[2], 200, "204");
	answer_batch(j, r[3], 200, "500 204");
	memset(fates, 'A', 90);
	fates[90] = '\0';
	fates[1] = 'R'; /* waited for until it would be too late */
	fates[2] = 'N'; /* refused unseen after that, as is the next one */
	fates[20] = 'N';
	fates[60] = 'U';
	memset(fates + 80, 'N', 10);
	wait_for(j, 90, true);
	CHECK_INT("it says try again", j->errs[1], EAGAIN);
	CHECK_INT("and so do those that were not sent", j->errs[85], EAGAIN);
	job_end(j, "throttled for longer than the deadline", fates);
}

static void test_deadline_runs_from_the_first_sending(void)
{
	struct job *j = job_new(2);

	go(j);
	for (unsigned i = 0; i < 3; i++) {
		answer_batch(j, next_batch(j, "again and again"), 200, "429:50");
		CHECK("it waits", i == 2 || world_quiet(j->w));
		world_skip(j->w, i == 2 ? 0 : 50 * SECOND);
	}
	job_end(j, "but not for ever", "RN");
}

static void test_order(void)
{
	struct job *j = job_new(6);
	struct server_request *r;

	/* Cloud PC 1 three times, 4 twice. */
	for (unsigned i = 2; i <= 3; i++) {
		strcpy(j->targets[i], "1");
		strcpy(j->paths[i], j->paths[1]);
	}
	strcpy(j->targets[5], "4");
	strcpy(j->paths[5], j->paths[4]);
	j->posts[1].body = "{\"n\":1}";
	j->posts[2].body = "{\"n\":2}";
	j->posts[3].body = "{\"n\":3}";
	go(j);
	r = next_batch(j, "no two of one target");
	check_numbers("in a batch", r, "0 1 4");
	CHECK("nor at the same time", world_quiet(j->w));
	answer_batch(j, r, 200, "204 429:2 204");
	wait_for(j, 2, false);
	CHECK("the service is left alone", world_quiet(j->w));
	world_skip(j->w, 2 * SECOND);
	r = next_batch(j, "the first one again");
	CHECK("before those that follow it",
	      r && strstr(r->body, "{\"n\":1}") && !strstr(r->body, "{\"n\":2}"));
	check_numbers("and what else waits", r, "1 4");
	answer_batch(j, r, 200, "204");
	for (unsigned i = 2; i <= 3; i++) {
		r = next(j, "one after the other",
			 "POST /beta/deviceManagement/virtualEndpoint/cloudPCs/1/reboot");
		CHECK("in their order", r && strstr(r->body, i == 2 ? "{\"n\":2}" : "{\"n\":3}"));
		CHECK("alone", world_quiet(j->w));
		answer(j, r, 204, "", "");
	}
	job_end(j, "order", "AAAAAA");
}

static void test_no_target(void)
{
	struct job *j = job_new(3);

	for (unsigned i = 0; i < 3; i++)
		j->posts[i].target = NULL;
	go(j);
	answer_batch(j, next_batch(j, "posts of no target go together"), 200, "204");
	job_end(j, "no target", "AAA");
}

static void test_lost(void)
{
	struct job *j = job_new(30);
	struct server_request *r[2];

	go(j);
	r[0] = next_batch(j, "twenty");
	r[1] = next_batch(j, "ten");
	lose(j, r[0]);
	wait_for(j, 20, false);
	answer(j, r[1], 502, "", "<html>");
	wait_for(j, 30, true);
	world_skip(j->w, 100 * SECOND);
	CHECK("the sentence says what to do", strstr(j->said[3], "look before you repeat it"));
	job_end(j, "lost answers", "UUUUUUUUUUUUUUUUUUUUUUUUUUUUUU");
}

static void test_nonsense(void)
{
	static const struct {
		const char *why, *body, *fates;
	} rows[] = {
		{ "no JSON", "<html>", "UUU" },
		{ "cut short", "{\"responses\":[{\"id\":\"1\",\"status\":204}", "UUU" },
		{ "no answers", "{\"value\":[]}", "UUU" },
		{ "an empty list", "{\"responses\":[]}", "UUU" },
		{ "no list", "{\"responses\":{}}", "UUU" },
		{ "odd ones",
		  "{\"responses\":[1,{\"id\":\"0\",\"status\":204},{\"id\":\"4\",\"status\":204},{\"id\":\"-1\",\"status\":204},{\"id\":2,\"status\":\"204\"},{\"status\":204}]}",
		  "UAU" },
		{ "the first of two counts",
		  "{\"responses\":[{\"id\":\"1\",\"status\":500},{\"id\":\"1\",\"status\":204}]}",
		  "UUU" },
		{ "statuses that are none",
		  "{\"responses\":[{\"id\":\"1\",\"status\":0},{\"id\":\"2\",\"status\":-204},{\"id\":\"3\",\"status\":99999}]}",
		  "UUU" },
		{ "a redirect",
		  "{\"responses\":[{\"id\":\"1\",\"status\":302},{\"id\":\"2\",\"status\":204,\"headers\":null,\"body\":\"aGFsbG8=\"},{\"id\":\"3\",\"status\":204,\"headers\":{\"Retry-After\":1}}]}",
		  "RAA" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct job *j = job_new(3);

		go(j);
		answer(j, next_batch(j, rows[i].why), 200, "", rows[i].body);
		job_end(j, rows[i].why, rows[i].fates);
	}
}

static void test_cancel(void)
{
	struct job *j = job_new(100);
	struct server_request *r[4];
	char fates[101];

	go(j);
	for (unsigned i = 0; i < 4; i++)
		r[i] = next_batch(j, "four at the same time");
	answer_batch(j, r[0], 200, "429:9 204");
	wait_for(j, 19, false);
	world_post(j->w, cancel, j);
	CHECK_INT("what was not sent ends at once", ended(j), 19 + 1 + 20);
	CHECK("the rest does not", !j->done);
	answer_batch(j, r[1], 200, "204");
	answer_batch(j, r[2], 200, "429:9 204");
	lose(j, r[3]);
	memset(fates, 'A', 100);
	fates[100] = '\0';
	fates[0] = fates[40] = 'N';
	memset(fates + 60, 'U', 20);
	memset(fates + 80, 'N', 20);
	wait_for(j, 100, true);
	CHECK_INT("interrupted", j->errs[80], EINTR);
	CHECK_INT("and so is what would have been sent again", j->errs[40], EINTR);
	world_skip(j->w, 20 * SECOND);
	job_end(j, "interrupted", fates);
}

static void test_not_written_down(void)
{
	struct job *j = job_new(90);
	char fates[91];

	j->refuse = 20;
	go(j);
	answer_batch(j, next_batch(j, "the first ones"), 200, "204");
	memset(fates, 'A', 20);
	memset(fates + 20, 'N', 70);
	fates[90] = '\0';
	wait_for(j, 90, true);
	CHECK_STR("why", j->said[89], "no room to write it down");
	job_end(j, "what cannot be written down is not sent", fates);
}

static void start_and_cancel(void *arg)
{
	start(arg);
	cancel(arg);
}

static void test_cancel_at_once(void)
{
	struct job *j = job_new(30);
	char fates[31];

	world_post(j->w, start_and_cancel, j);
	memset(fates, 'N', 30);
	fates[30] = '\0';
	job_end(j, "interrupted before anything was sent", fates);
}

static void test_no_network(void)
{
	struct job *j = job_new(1);
	char fates[91];

	go(j);
	answer(j, world_next(j->w, WAIT_MS), 204, "", ""); /* signed in now */
	wait_for(j, 1, true);
	world_post(j->w, drop, j);
	world_cut_off(j->w);
	j->ended = 0;
	j->done = false;
	j->n = 90;
	memset(j->fates, '.', 90);
	memset(j->left, 0, sizeof(j->left));
	for (unsigned i = 1; i < 90; i++) {
		snprintf(j->paths[i], sizeof(j->paths[i]), REBOOT, i);
		j->posts[i] = (struct graph_post){ .path = j->paths[i] };
	}
	go(j);
	wait_for(j, 90, true);
	memset(fates, 'N', 90);
	fates[90] = '\0';
	CHECK_INT("no way there", j->errs[0], ENETUNREACH);
	CHECK_INT("for all", j->errs[89], ENETUNREACH);
	job_end(j, "no network: nothing was sent", fates);
}

static void test_timed_out(void)
{
	struct job *j = job_new(2);
	struct server_request *r;

	go(j);
	r = next_batch(j, "no answer comes");
	world_skip(j->w, DEADLINE + SECOND);
	wait_for(j, 2, true);
	CHECK_INT("timed out", j->errs[1], ETIMEDOUT);
	server_request_free(r);
	job_end(j, "no answer", "UU");
}

static void test_token_renewed(void)
{
	struct job *j = job_new(2);

	go(j);
	answer(j, next_batch(j, "the token is refused"), 401, "", "{}");
	answer_batch(j, next_batch(j, "sent again with a new one"), 200, "204");
	job_end(j, "a new token", "AA");
}

/* 2,000 reboots at a service that takes 200 in 20 seconds. */
static void test_limit(void)
{
	struct job *j = job_new(2000);
	unsigned batches = 0, room = 200, taken[2000] = { 0 }, once = 0, refused = 0;
	struct server_request *r;

	go(j);
	while (ended(j) < 2000) {
		_cleanup_(w365_buf_done) struct w365_buf list = W365_BUF, words = W365_BUF;

		r = world_next(j->w, room ? WAIT_MS : 60);
		if (!r) {
			if (room)
				break;
			world_skip(j->w, 20 * SECOND);
			room = 200;
			continue;
		}
		batches++;
		numbers(r, &list);
		for (char *p = list.data, *end; p && *p; p = *end ? end + 1 : NULL) {
			unsigned long n = strtoul(p, &end, 10);

			if (room && n < 2000) {
				room--;
				taken[n]++;
				w365_buf_adds(&words, words.len ? " 204" : "204");
			} else {
				refused++;
				w365_buf_adds(&words, words.len ? " 429:20" : "429:20");
			}
		}
		answer_batch(j, r, 200, w365_buf_str(&words));
	}
	wait_for(j, 2000, true);
	for (unsigned i = 0; i < 2000; i++)
		once += taken[i] == 1 && j->fates[i] == 'A';
	CHECK_INT("each exactly once", once, 2000);
	printf("# %u batches, %u refused\n", batches, refused);
	CHECK("no more batches than needed, and those that throttling asked for",
	      batches <= 100 + (refused + 19) / 20 + 9 * 4);
	job_end(j, "two thousand", NULL);
}

int main(void)
{
	test_one();
	test_one_fails();
	test_throttled_one();
	test_groups();
	test_in_flight();
	test_throttled_some();
	test_throttled_whole();
	test_throttled_too_long();
	test_deadline_runs_from_the_first_sending();
	test_order();
	test_no_target();
	test_lost();
	test_nonsense();
	test_cancel();
	test_not_written_down();
	test_cancel_at_once();
	test_no_network();
	test_timed_out();
	test_token_renewed();
	test_limit();
	return check_summary();
}
