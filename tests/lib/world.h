/* tests/lib/world.h - the program under test, whole but for the mount: its loop in a thread of its
 * own, a server that the test speaks for on one side, a kernel that the test speaks for on the
 * other.
 */
#pragma once

#include "fs/options.h"
#include "tests/lib/kernel.h"
#include "tests/lib/server.h"

struct world {
	struct kernel *kernel;
	struct server *server;
	struct graph_loop *loop; /* touch it only inside world_post() */
	struct fs *fs;           /* the same */
	struct world_private *private;
};

#define WORLD_TENANT "11111111-2222-4333-8444-555555555555"

/**
 * Starts it. @options: as for -o, may be ""; with "rw" what is kept is kept in a private folder. @answer_tokens: requests for tokens are answered
 * without asking the test, with tokens that live for an hour.
 */
struct world *world_new(const char *options, bool answer_tokens);

/**
 * The same in the caller's thread, where nothing depends on chance: time stands still until nothing
 * else is left to happen, and the daemon goes on only while an answer to a FUSE request is waited
 * for, or in world_settle(). @on_request answers each of its requests but those for tokens, or
 * leaves it unanswered; it is freed by the caller.
 *
 * @keep: where texts are kept; NULL on a read-only mount.
 */
struct world *world_new_stepped(const char *options, const char *keep,
				void (*on_request)(void *arg, struct server_request *r), void *arg);

/** Goes on until nothing happens but by time. Stepped worlds alone. */
void world_settle(struct world *w);

/** One step further, if need be in time. Stepped worlds alone. */
void world_step(struct world *w);

/** Stops the thread and frees all. */
void world_free(struct world *w);

/** Runs @fn in the loop's thread and waits until it has returned. */
void world_post(struct world *w, void (*fn)(void *arg), void *arg);

/** What makes its requests; touch it only inside world_post(). */
struct graph_client *world_client(const struct world *w);

/** From now on nobody can connect. */
void world_cut_off(struct world *w);

/** Time moves on. */
void world_skip(struct world *w, uint64_t ms);

/** What the clock on the wall shows there: seconds since 1970. */
time_t world_time(struct world *w);

/** Time moves on to this time of day (seconds, UTC), today's if that is to come, else tomorrow's. */
void world_skip_to(struct world *w, unsigned second);

/** Answers a request: status, further header lines ("" or "A: b\r\n"), body. */
void world_answer(struct world *w, struct server_request *r, int status, const char *headers,
		  const char *body);

/** Sends bytes as they are, and may end the connection. */
void world_answer_raw(struct world *w, struct server_request *r, const char *bytes, size_t len,
		      bool close);

/** The next request that is not for a token (those are answered if so wished), or NULL after @ms.
 */
struct server_request *world_next(struct world *w, int ms);

/** Whether nothing comes for a moment. */
bool world_quiet(struct world *w);
