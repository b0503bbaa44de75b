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

#define SIM_FAIL(call, ...) sim_graph_fail((call)->sim, (call)->req, (call)->reply, __VA_ARGS__)

/** GET of a collection, an item or a singleton. */
void sim_read(struct sim_call *c);
