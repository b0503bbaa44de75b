/* graph/client.h - requests to Graph: signed in, throttled, tried again, in order of their
 * importance. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "auth/auth.h"
#include "base/err.h"
#include "base/http.h"

struct graph_http;
struct graph_permission;
struct graph_loop;
struct graph_client; /* opaque; graph/client.c */
struct graph_call;   /* a request of ours, however often it has to be sent */

enum graph_priority {
	GRAPH_INTERACTIVE, /* somebody waits */
	GRAPH_BACKGROUND,  /* nobody does */
};

struct graph_client_config {
	const char *origin;      /* of Graph: "https://graph.microsoft.com". Borrowed */
	const char *version;     /* "beta". Borrowed */
	const char *token_cache; /* which auth/ uses, to be watched; may be NULL. Borrowed */
	uint64_t deadline_ms;    /* of one call, waiting and all its tries included */
};

/** What is seen from outside: counters since the start. */
struct graph_client_stats {
	uint64_t calls, requests, retries, throttled, renewed, failed;
	uint64_t gate_until; /* on the loop's clock: nobody asks before then */
};

/** @http and @auth are borrowed and outlive the client; so does what @config points to. */
int graph_client_new(struct graph_loop *loop, struct graph_http *http, struct auth *auth,
		     const struct graph_client_config *config, struct graph_client **ret,
		     struct w365_err *reterr);

/** Drops the calls that are left, without calling back. NULL is fine. Returns NULL. */
struct graph_client *graph_client_free(struct graph_client *c);

const struct graph_client_stats *graph_client_stats(const struct graph_client *c);

/** How often a token was asked for. */
uint64_t graph_client_token_requests(const struct graph_client *c);

/** The sign-in has succeeded (@err is NULL) or failed. */
typedef void graph_signin_fn(void *arg, const struct w365_err *err);

/** Gets a token, if none is there, and says so once. Never calls back before it returns. */
void graph_client_signin(struct graph_client *c, graph_signin_fn *fn, void *arg);

/** Somebody has mended something: a sign-in that was refused is tried again at once. @renew: and the
 * token at hand is given up for a new one, which may allow more. */
void graph_client_signin_again(struct graph_client *c, bool renew);

/** Who is told what a person has to do for the sign-in; without one nobody is. */
void graph_client_on_prompt(struct graph_client *c,
			    void (*fn)(void *arg, const struct auth_prompt *prompt), void *arg);

/** What whoever follows the state of things is told of. Each may be NULL. */
struct graph_client_hooks {
	/** The service wants to be left alone for @ms; until now it did not. */
	void (*throttled)(void *arg, uint64_t ms);
	/** Requests fail because the sign-in was refused (@err, borrowed), or succeed again (NULL).
	 * Once for each turn; trouble that passes is none. */
	void (*signin)(void *arg, const struct w365_err *err);
	/** Another token is used from now on, which may allow other things. */
	void (*token)(void *arg);
	void *arg;
};

/** @hooks are copied; NULL: nobody is told any more. */
void graph_client_watch(struct graph_client *c, const struct graph_client_hooks *hooks);

/** An answer of the 200 family (@reply, borrowed until the callback returns), or why there is none
 * (@err). */
typedef void graph_call_fn(void *arg, const struct w365_reply *reply, const struct w365_err *err);

struct graph_ask {
	const char *url; /* a whole URL, or a path below the version: "/deviceManagement/..." .
			     Copied */
	const struct graph_permission *permission; /* the least one, for sentences; may be NULL */
	enum graph_priority priority;
	const char *method; /* static; NULL: "GET" */
	const char *body;   /* JSON; NULL: none. Copied */
	bool secret;        /* the body holds a password: its copy is wiped */
	int accept; /* one more status that is handed on as an answer; 0: the 200 family alone */
};

/**
 * Sends a request. Never calls back before it returns. What is no GET is sent a second time only
 * where graph/retry.h knows that it was refused unseen; when its answer is lost, the error is
 * handed on, and whether it was carried out is for the caller to find out: err->unsent and err->http
 * tell when it certainly was not.
 *
 * Errors:  -EPROTO if the URL leads to another host than the configured one: no token goes there.
 * -ENOMEM. Errors in the callback: as graph/errors.h and graph/http.h have them; EAGAIN when the
 * service wants to be left alone for longer than the deadline; ETIMEDOUT.
 */
int graph_send(struct graph_client *c, const struct graph_ask *ask, graph_call_fn *fn, void *arg,
	       struct graph_call **ret, struct w365_err *reterr);

/** GETs, whatever the method of @ask. */
int graph_get(struct graph_client *c, const struct graph_ask *ask, graph_call_fn *fn, void *arg,
	      struct graph_call **ret, struct w365_err *reterr);

/** What it sends its requests by: for what goes elsewhere, without a token. */
struct graph_http *graph_client_http(const struct graph_client *c);

/** See graph_http_recycle(). */
void graph_client_recycle(struct graph_client *c, struct w365_buf *buf);

/** The callback will not run. NULL is fine. Returns NULL. */
struct graph_call *graph_call_cancel(struct graph_call *call);

/** Whether it is on the wire just now: cancelled, it may be carried out all the same. */
bool graph_call_flying(const struct graph_call *call);

/** The service, in whatever answer, wants nobody of this tenant to ask before @until (on the loop's
 * clock). */
void graph_client_hold(struct graph_client *c, uint64_t until);

/** An application is signed in, no person. */
bool graph_client_app_only(const struct graph_client *c);

/** Somebody waits for it now. */
void graph_call_promote(struct graph_call *call);
