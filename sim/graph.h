/* sim/graph.h - the Microsoft Graph half: who calls, what is meant, may they; then one file per
 * kind of operation. */
#pragma once

#include "sim/route.h"
#include "sim/sim.h"

/** A request whose token, path and permission are checked, on its way to what serves it. */
struct sim_call {
	struct sim *sim;
	const struct sim_request *req;
	struct sim_reply *reply;
	struct sim_caller caller;
	enum sim_version version;
	struct sim_route route;
};

/** Answers a request to Graph. */
void sim_graph(struct sim *s, const struct sim_request *req, struct sim_reply *reply);

/** Writes an error as Graph does. */
void sim_graph_fail(struct sim *s, const struct sim_request *req, struct sim_reply *reply,
		    int status, const char *code, const char *fmt, ...)
	__attribute__((format(printf, 6, 7)));

/** 401 InvalidAuthenticationToken with its challenge. */
void sim_graph_challenge(struct sim *s, const struct sim_request *req, struct sim_reply *reply,
			 const char *message);

/** 401 insufficient_claims: the token must have been asked for with this "nbf". */
void sim_graph_claims(struct sim *s, const struct sim_request *req, struct sim_reply *reply,
		      int64_t nbf);

/** Does a permission of the list allow what asks for @least? One that writes may read. */
bool sim_permits(const char *list, const char *least);

#define SIM_FAIL(call, ...) sim_graph_fail((call)->sim, (call)->req, (call)->reply, __VA_ARGS__)

/** Answers what is about the directory: applications, grants, people. False: it is about
 * something else. */
bool sim_graph_directory(struct sim_call *c, const struct sim_path *path);

/** GET of a collection, an item or a singleton. */
void sim_read(struct sim_call *c);

/** Answers a write with @item of the path's collection, as GET without options has it. */
void sim_read_back(struct sim_call *c, int status, const struct sim_item *item);

/** POST, PATCH or DELETE of a collection, an item or a singleton. */
void sim_write(struct sim_call *c, enum sim_method_kind kind);

/** POST of an action. */
void sim_act(struct sim_call *c);
