/* sim/listen.h - the socket, and what its address is called. */
#pragma once

#include <stdbool.h>

#include "base/err.h"

struct w365_buf;

/**
 * Listens on "HOST:PORT" (numbers, or localhost; an IPv6 address in brackets; port 0 takes a free
 * one).
 *
 * @loopback_only: another address is refused: there is no TLS.
 * @base:          the URL of the address is appended: "https://127.0.0.1:8443".
 * Returns the descriptor, or -errno with the sentence.
 */
int sim_listen_tcp(const char *address, bool loopback_only, bool tls, struct w365_buf *base,
		   struct w365_err *reterr);

/** The same on a Unix socket, which only this user can reach. One that nobody listens on any more
 * is replaced. */
int sim_listen_unix(const char *path, struct w365_buf *base, struct w365_err *reterr);
