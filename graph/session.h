/* graph/session.h - keeps a token at hand: gives auth/ what it has not: sockets, programs, a clock,
 * an ear on what other processes of this user do to the token cache. */
#pragma once

#include "auth/auth.h"
#include "base/err.h"

struct graph_http;
struct graph_loop;
struct graph_session; /* opaque; graph/session.c */

/** Something has changed since graph_session_poll() said "wait": poll again. */
typedef void graph_session_fn(void *arg);

/** A person has to be told something before the sign-in can go on. */
typedef void graph_prompt_fn(void *arg, const struct auth_prompt *prompt);

/** @auth and @http are borrowed and outlive the session. @token_cache: the file to keep an eye on;
 * NULL: none. */
int graph_session_new(struct graph_loop *loop, struct graph_http *http, struct auth *auth,
		      const char *token_cache, graph_session_fn *fn, void *arg,
		      struct graph_session **ret, struct w365_err *reterr);

/** NULL is fine. Returns NULL. */
struct graph_session *graph_session_free(struct graph_session *s);

/** Who is told of prompts; without one nobody is. */
void graph_session_on_prompt(struct graph_session *s, graph_prompt_fn *fn, void *arg);

/**
 * Says whether a token is there, and sees to it that one comes: a missing one is fetched, one past
 * two thirds of its life is replaced while it still serves. Only use makes requests: an idle
 * session sends nothing.
 *
 * Returns 1 if auth_bearer() is valid now, 0 if the caller must wait for the callback, or -errno
 * with @reterr: signing in has failed, and will not be tried again for a while.
 */
int graph_session_poll(struct graph_session *s, struct w365_err *reterr);

/** How often a token was asked for. */
uint64_t graph_session_requests(const struct graph_session *s);

/** Both clocks, as auth/ wants them. */
struct auth_clock graph_session_clock(const struct graph_loop *loop);
