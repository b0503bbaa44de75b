/* tests/wire/batch.h - a job of many actions, and the service that answers it: what the tests of batches share. The job runs
 * on the loop's thread; all that is declared here is for the test's own. */
#pragma once

#include "base/buf.h"
#include "graph/batch.h"
#include "tests/lib/check.h"
#include "tests/lib/world.h"

#include <pthread.h>

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

/** @n reboots of as many Cloud PCs, not begun. job_end() frees it. */
struct job *job_new(unsigned n);

/** Begins it. */
void go(struct job *j);

/** What world_post() is given: begins it, interrupts it, frees the batch. */
void start(void *job);
void cancel(void *job);
void drop(void *job);

/** Waits for so many to have ended, and @done: for all, as long as the job moves at all. */
void wait_for(struct job *j, unsigned ended, bool done);

/** How many have ended. */
unsigned ended(struct job *j);

/** Waits for the end; checks that all was told once, before and after; @fates: what became of each, NULL: whatever. */
void job_end(struct job *j, const char *why, const char *fates);

/** The next request, which has to be @line; NULL (and a failed check) when none comes. To be freed, or answered. */
struct server_request *next(struct job *j, const char *why, const char *line);
struct server_request *next_batch(struct job *j, const char *why);

/** Answers, and frees the request; NULL is allowed. */
void answer(struct job *j, struct server_request *r, int status, const char *headers,
	    const char *body);

/**
 * An answer to a batch: words like "204", "429:7" (with that Retry-After), "-" (left out), the last of which holds for all that
 * follow; the last post's answer comes first.
 */
void answer_batch(struct job *j, struct server_request *r, int status, const char *words);

/** Cuts the connection, and frees the request. */
void lose(struct job *j, struct server_request *r);

/** Which Cloud PCs the batch is about, in its order: "0 1 2". */
void numbers(const struct server_request *r, struct w365_buf *out);
void check_numbers(const char *why, const struct server_request *r, const char *want);
