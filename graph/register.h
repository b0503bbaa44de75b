/* graph/register.h - registering an application by Graph: a step machine that says what to send and
 * is told what came back. Pure.
 *
 * Whatever a request may have changed is looked at before it is sent once more, so that a run that
 * was cut short is completed by the next one, and what is there stays as it is.
 *
 * Source: https://learn.microsoft.com/graph/api/application-post-applications,
 * https://learn.microsoft.com/graph/tutorial-applications-basics
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/http.h"

/** What is wanted. All borrowed; outlives the machine. */
struct graph_register_plan {
	const char *name; /* what the application is called */
	const char *
		client_id; /* which one is meant, of those that are there; NULL: the one of @name */
	const char *likely; /* client id of the one that an earlier run has made; may be NULL */
	bool recent;        /* that run was a moment ago: the directory may not show it yet */
	bool remove;        /* delete it, and nothing else */
	bool person, app;   /* who signs in by it: at least one of them */
	bool write;         /* more than reading */
	bool multi_tenant;
	bool consent; /* for everybody in the tenant */
	bool dry;     /* what is not made for want of sending it counts as made */

	const char *secret_name; /* of a secret to add, unlike all others; NULL: none */
	const char *secret_end;  /* RFC 3339 */
	const char *certificate; /* DER, base64; NULL: none */
	const char *certificate_name;
	const char *issuer, *subject; /* of a federated credential; NULL: none */
};

enum graph_register_fate {
	GRAPH_REGISTER_NONE, /* not wanted, or not there yet */
	GRAPH_REGISTER_THERE,
	GRAPH_REGISTER_CHANGED,
	GRAPH_REGISTER_MADE,
	GRAPH_REGISTER_REFUSED,
	GRAPH_REGISTER_REMOVED,
};

/** What has come of it so far. */
struct graph_register_result {
	char object[40], client_id[40], principal[40]; /* ids; "" while there are none */
	enum graph_register_fate application, service, secret, certificate, federated, delegated,
		roles;
	struct w365_buf secret_value; /* wiped with the machine */
	struct w365_err refused;      /* why nobody consented, if so */
};

enum graph_register_step {
	GRAPH_REGISTER_SEND, /* send it, hand what came to graph_register_feed() */
	GRAPH_REGISTER_WAIT, /* ask again after @wait_ms: the directory is not of one mind yet */
	GRAPH_REGISTER_DONE,
};

/** The text of @path and @body belongs to the machine, until it is told what came. */
struct graph_register_todo {
	const char *method, *path; /* below the version */
	const char *body;          /* JSON, or NULL */
	bool writes;
	uint64_t wait_ms;
};

struct graph_register; /* opaque; graph/register.c */

/** -ENOMEM. */
int graph_register_new(const struct graph_register_plan *plan, struct graph_register **ret,
		       struct w365_err *reterr);

/** Wipes the secret. NULL is fine. Returns NULL. */
struct graph_register *graph_register_free(struct graph_register *g);

/** A graph_register_step, or -ENOMEM. */
int graph_register_next(struct graph_register *g, struct graph_register_todo *ret,
			struct w365_err *reterr);

/**
 * What came: an answer of the 200 family, or (@err) none; as graph_call_fn has them.
 *
 * Errors:  what ends it all: EACCES names the role and the scope that are missing; ENOENT; EEXIST if
 * several applications are meant; ETIMEDOUT if the directory does not show what was made; EIO if
 * nobody can know whether something was carried out.
 */
int graph_register_feed(struct graph_register *g, const struct w365_reply *reply,
			const struct w365_err *err, struct w365_err *reterr);

/** What is to be sent shall count as done: for a run that only tells. */
int graph_register_pretend(struct graph_register *g, struct w365_err *reterr);

const struct graph_register_result *graph_register_result(const struct graph_register *g);

/** Appends the permissions that are wanted: "CloudPC.Read.All CloudPC.ReadWrite.All". */
void graph_register_permissions(const struct graph_register_plan *plan, struct w365_buf *out);

/** Appends the scopes, of Graph at @resource, that who registers has to sign in with. */
void graph_register_scopes(const struct graph_register_plan *plan, const char *resource,
			   struct w365_buf *out);
