/* tests/lib/server.h - a web server that knows nothing: the test takes each request and says what
 * to answer.
 *
 * It lives on the loop of the program under test (another thread than the test's): requests come
 * through a queue.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct graph_loop;
struct server;

struct server_request {
	struct server_conn *conn;
	char *line;    /* "GET /path?query" */
	char *headers; /* as sent, lines ended by \n */
	char *body;
};

/** Listens on a Unix socket at @path. Loop thread. */
struct server *server_new(struct graph_loop *loop, const char *path);
void server_free(struct server *s);

/** The next request, or NULL if none has come within @ms. Any thread. The caller frees it:
 * server_request_free(). */
struct server_request *server_next(struct server *s, int ms);
void server_request_free(struct server_request *r);

/**
 * Sends @len bytes as they are on the connection of a request; @close: and ends the connection.
 * Does nothing if the client has gone. Loop thread.
 */
void server_send(struct server_conn *c, const char *bytes, size_t len, bool close);

/** How many requests have come; how many connections were made. Any thread. */
unsigned server_count(struct server *s);
unsigned server_connections(struct server *s);
