/* Many actions on the wire: each exactly once, in groups, in order, until somebody interrupts. */
#include "base/macros.h"
#include "base/str.h"
#include "tests/wire/batch.h"

#include <errno.h>
#include <stdlib.h>

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
	test_groups();
	test_in_flight();
	test_order();
	test_no_target();
	test_cancel();
	test_cancel_at_once();
	test_limit();
	return check_summary();
}
