/* fs/connect.h - a sign-in and a way to Graph, before there is a mount: what `mount` begins with,
 * and all that `login` and its like need. */
#pragma once

#include <stdbool.h>

#include "auth/auth.h"
#include "base/err.h"
#include "fs/options.h"
#include "graph/client.h"
#include "graph/http.h"
#include "graph/loop.h"

/** Zero-initialised is none. */
struct fs_connection {
	struct graph_loop *loop;
	struct graph_http *http;
	struct auth *auth;
	struct graph_client *client;
	/** SIGHUP has come. May be NULL. */
	void (*hangup)(void *arg);
	void *arg;

	int signal_fd; /* 0: none */
	struct graph_io *signals;
	bool signed_in;
	struct w365_err err; /* why not */
};

/**
 * Reads the credentials. Nothing is sent, unless none is configured: then, for a second at most, the
 * machine's host is asked whether this is one of Azure's (auth/probe.h). Blocks SIGINT, SIGTERM and SIGHUP for good: the loop reads
 * them. @o is settled, borrowed, and outlives the connection.
 */
int fs_connect(struct fs_connection *c, struct fs_options *o, struct w365_err *reterr);

/** Its two halves, for who wants to know which one fails: the loop and the network, which fails for
 * want of memory alone; then the credentials. */
int fs_connect_network(struct fs_connection *c, struct fs_options *o, struct w365_err *reterr);
int fs_connect_credentials(struct fs_connection *c, struct fs_options *o, struct w365_err *reterr);

/** Runs the loop until there is a token, telling the person what to do where one is needed. -EINTR
 * by a signal, else as auth_step() fails. */
int fs_connection_signin(struct fs_connection *c, struct w365_err *reterr);

/** Whether who signs in can have what shall be shown: an application has no Cloud PCs of its own. What
 * the Azure CLI gives, say, is known only once there is a token. -EACCES with the cure. */
int fs_connection_suits(const struct fs_connection *c, const struct fs_options *o,
			struct w365_err *reterr);

void fs_connection_done(struct fs_connection *c);
