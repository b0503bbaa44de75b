/* Many actions on the wire where the service or the network does not do what it should: each at most once. */
#include "base/macros.h"
#include "base/str.h"
#include "tests/wire/batch.h"

#include <errno.h>
#include <stdlib.h>

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

int main(void)
{
	test_one_fails();
	test_throttled_one();
	test_throttled_some();
	test_throttled_whole();
	test_throttled_too_long();
	test_deadline_runs_from_the_first_sending();
	test_lost();
	test_nonsense();
	test_not_written_down();
	test_no_network();
	test_timed_out();
	test_token_renewed();
	return check_summary();
}
