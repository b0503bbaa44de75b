/* sim/exchange.h - one request on its way through the server. */
#pragma once

#include <microhttpd.h>

#include "sim/fault.h"
#include "sim/loop.h"
#include "sim/message.h"

enum sim_exchange_state {
	SIM_X_NEW,     /* nothing but the target is known */
	SIM_X_READING, /* the body comes */
	SIM_X_PARKED,  /* suspended: held back by latency or a fault */
	SIM_X_READY,   /* was held back, and is to be answered now */
};

struct sim_exchange {
	struct sim_server *server;
	struct MHD_Connection *connection;
	enum sim_exchange_state state;
	char *target, *prefer; /* owned; what req borrows */
	struct w365_buf body;
	struct sim_request req;
	bool too_large;          /* the body: not kept */
	bool gone;               /* the peer has hung up while the request was held back */
	struct sim_fault *fault; /* a reference, or NULL */
	struct sim_reply reply;
	bool composed; /* the work is done, and @reply is what came of it */
	/* While parked: */
	int fd;
	struct sim_timer timer;
	struct sim_watch watch;
	struct sim_exchange *next, *previous;
};

/** NULL if there is no memory. */
struct sim_exchange *sim_exchange_new(const char *target, struct MHD_Connection *connection);

/** Fills x->req but for the body. */
void sim_exchange_read_head(struct sim_exchange *x, const char *method, const char *version);

/** NULL is fine. Returns NULL. */
struct sim_exchange *sim_exchange_free(struct sim_exchange *x);
