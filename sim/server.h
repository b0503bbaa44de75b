/* sim/server.h - HTTP: libmicrohttpd, driven by our own loop. */
#pragma once

#include "sim/loop.h"
#include "sim/sim.h"

struct sim_server;

struct sim_server_config {
	int fd;                         /* listening; the server closes it */
	const char *tls_cert, *tls_key; /* PEM files; NULL: plain HTTP */
	bool quiet;                     /* no line per request */
};

/**
 * Starts to listen for @sim, whose on_clear it sets.
 *
 * Owner:  the caller owns *@ret. All three pointers are borrowed and must outlive it.
 * Errors: -errno of the files; -EINVAL if libmicrohttpd refuses (a bad certificate, say).
 */
int sim_server_new(struct sim *sim, struct sim_loop *loop, const struct sim_server_config *config,
		   struct sim_server **ret, struct w365_err *reterr);

/** Serves until the loop is stopped. */
void sim_server_run(struct sim_server *s);

/** Closes all connections, also those that are held back. NULL is fine. Returns NULL. */
struct sim_server *sim_server_free(struct sim_server *s);
