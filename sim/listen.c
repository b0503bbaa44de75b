#include "sim/listen.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/buf.h"
#include "base/macros.h"
#include "base/str.h"

#define BACKLOG 128

static bool is_loopback(const struct sockaddr *a)
{
	if (a->sa_family == AF_INET)
		return ntohl(((const struct sockaddr_in *)a)->sin_addr.s_addr) >> 24 == 127;
	return a->sa_family == AF_INET6 &&
	       IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)a)->sin6_addr);
}

static int resolve(const char *address, struct addrinfo **ret, struct w365_err *reterr)
{
	const char *colon = strrchr(address, ':');
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
				  .ai_flags = AI_PASSIVE | AI_NUMERICSERV };
	char host[128];
	size_t n = colon ? (size_t)(colon - address) : 0;
	uint64_t port;

	if (!n || n >= sizeof(host) || !w365_parse_u64(colon + 1, &port) || port > 65535)
		return w365_err_set(reterr, EINVAL, "'%.100s' is not HOST:PORT", address);
	memcpy(host, address, n);
	host[n] = '\0';
	if (host[0] == '[' && host[n - 1] == ']') {
		host[n - 1] = '\0';
		memmove(host, host + 1, n);
	}
	/* No question to a name server: the one name that needs none is spelt out. */
	if (strcasecmp(host, "localhost") == 0)
		snprintf(host, sizeof(host), "127.0.0.1");
	hints.ai_flags |= AI_NUMERICHOST;
	if (getaddrinfo(host, colon + 1, &hints, ret) != 0)
		return w365_err_set(reterr, EINVAL, "'%.100s' is no address and port", address);
	return 0;
}

static int name_it(int fd, bool tls, struct w365_buf *base, struct w365_err *reterr)
{
	struct sockaddr_storage address;
	socklen_t len = sizeof(address);
	char host[INET6_ADDRSTRLEN], port[8];

	if (getsockname(fd, (struct sockaddr *)&address, &len) < 0 ||
	    getnameinfo((struct sockaddr *)&address, len, host, sizeof(host), port, sizeof(port),
			NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		return w365_err_set(reterr, EIO, "the socket has no name");
	w365_buf_addf(base, strchr(host, ':') ? "%s://[%s]:%s" : "%s://%s:%s",
		      tls ? "https" : "http", host, port);
	return base->failed ? w365_err_oom(reterr) : 0;
}

int sim_listen_tcp(const char *address, bool loopback_only, bool tls, struct w365_buf *base,
		   struct w365_err *reterr)
{
	_cleanup_(w365_closep) int fd = -1;
	struct addrinfo *info;
	int r = resolve(address, &info, reterr), one = 1;

	if (r < 0)
		return r;
	if (loopback_only && !is_loopback(info->ai_addr)) {
		freeaddrinfo(info);
		return w365_err_set(reterr, EINVAL, "'%.100s': without TLS only loopback addresses",
				    address);
	}
	fd = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
	    bind(fd, info->ai_addr, info->ai_addrlen) < 0 || listen(fd, BACKLOG) < 0)
		r = w365_err_set(reterr, errno, "cannot listen on '%.100s': %m", address);
	freeaddrinfo(info);
	if (r == 0)
		r = name_it(fd, tls, base, reterr);
	return r < 0 ? r : TAKE_FD(fd);
}

/* A socket left behind by a simulator that was killed: nobody answers there. */
static void remove_stale(const struct sockaddr_un *address)
{
	_cleanup_(w365_closep) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct stat st;

	if (fd < 0 || lstat(address->sun_path, &st) < 0 || !S_ISSOCK(st.st_mode))
		return;
	if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0 &&
	    errno == ECONNREFUSED)
		unlink(address->sun_path);
}

int sim_listen_unix(const char *path, struct w365_buf *base, struct w365_err *reterr)
{
	_cleanup_(w365_closep) int fd =
		socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	mode_t mask;
	int r;

	if (strlen(path) >= sizeof(address.sun_path))
		return w365_err_set(reterr, ENAMETOOLONG, "'%s' is too long for a socket", path);
	strcpy(address.sun_path, path);
	remove_stale(&address);
	mask = umask(0077);
	r = fd < 0 ? -1 : bind(fd, (struct sockaddr *)&address, sizeof(address));
	umask(mask);
	if (r < 0 || listen(fd, BACKLOG) < 0)
		return w365_err_set(reterr, errno, "cannot listen on '%s': %m", path);
	w365_buf_adds(base, "http://localhost");
	return TAKE_FD(fd);
}
