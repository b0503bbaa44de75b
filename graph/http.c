#include "graph/http.h"
#include "base/log.h"
#include "base/macros.h"
#include "base/str.h"
#include "base/url.h"
#include "graph/loop.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>

#define CONNECT_TIMEOUT_MS 10000L
#define MAX_CONNECTIONS    8L

struct graph_http {
	struct graph_loop *loop;
	const struct graph_http_config *config;
	CURLM *multi;
	struct graph_timer timer;
	struct graph_soon
		kick, /* curl wants to run at once, but not from inside its own callback */
		gather;
	struct graph_transfer *transfers;
	struct w365_buf spare; /* for the body of the next answer */
	struct graph_http_stats stats;
	char user_agent[128];
};

struct graph_transfer {
	struct graph_http *http;
	struct graph_transfer *next, **link;
	CURL *easy;
	struct curl_slist *headers;
	size_t limit;
	bool too_big;
	graph_http_fn *fn;
	void *arg;
	struct w365_buf body;
	char *retry_after, *www_authenticate, *request_id, *date; /* of the answer */
	struct w365_origin origin;
	char error[CURL_ERROR_SIZE];
};

/* A socket of curl's that the loop watches. */
struct watch {
	struct graph_http *http;
	curl_socket_t fd;
	struct graph_io *io;
};

W365_DEFINE_CLEANUP(struct graph_http *, graph_http_free)
W365_DEFINE_CLEANUP(struct graph_transfer *, graph_transfer_cancel)

/* ---- curl and the loop ---- */

static void collect(struct graph_http *h);

static void act(struct graph_http *h, curl_socket_t fd, int mask)
{
	int running;

	curl_multi_socket_action(h->multi, fd, mask, &running);
	collect(h);
}

static void on_io(void *arg, uint32_t events)
{
	struct watch *w = arg;

	act(w->http, w->fd,
	    (events & EPOLLIN ? CURL_CSELECT_IN : 0) | (events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
		    (events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0));
}

static void on_timeout(void *arg)
{
	act(arg, CURL_SOCKET_TIMEOUT, 0);
}

/* What ended while it was being sent: no event of curl's will say so. */
static void on_gather(void *arg)
{
	collect(arg);
}

static int socket_cb(CURL *easy, curl_socket_t fd, int what, void *arg, void *known)
{
	struct graph_http *h = arg;
	struct watch *w = known;
	uint32_t events =
		(what & CURL_POLL_IN ? EPOLLIN : 0) | (what & CURL_POLL_OUT ? EPOLLOUT : 0);

	if (what == CURL_POLL_REMOVE) {
		if (w) {
			graph_io_free(w->io);
			free(w);
			curl_multi_assign(h->multi, fd, NULL);
		}
		return 0;
	}
	if (w) {
		graph_io_set(w->io, events);
		return 0;
	}
	w = calloc(1, sizeof(*w));
	if (!w)
		return -1;
	w->http = h;
	w->fd = fd;
	if (graph_io_new(h->loop, fd, events, on_io, w, &w->io, NULL) < 0) {
		free(w);
		return -1;
	}
	curl_multi_assign(h->multi, fd, w);
	return 0;
}

static int timer_cb(CURLM *multi, long timeout_ms, void *arg)
{
	struct graph_http *h = arg;

	graph_timer_stop(&h->timer);
	graph_soon_cancel(h->loop, &h->kick);
	if (timeout_ms == 0)
		graph_loop_soon(h->loop, &h->kick, on_timeout, h);
	else if (timeout_ms > 0)
		graph_timer_set(&h->timer, graph_loop_now(h->loop) + (uint64_t)timeout_ms);
	return 0;
}

int graph_http_new(struct graph_loop *loop, const struct graph_http_config *config,
		   struct graph_http **ret, struct w365_err *reterr)
{
	_cleanup_(graph_http_freep) struct graph_http *h = calloc(1, sizeof(*h));

	if (!h || curl_global_init(CURL_GLOBAL_DEFAULT) != 0)
		return w365_err_oom(reterr);
	h->loop = loop;
	h->config = config;
	graph_timer_init(&h->timer, loop, on_timeout, h);
	/* Windows 365 endpoints answer 403 to a request that does not say who makes it. */
	snprintf(h->user_agent, sizeof(h->user_agent), "w365fs/%s (Linux) libcurl/%s", W365_VERSION,
		 curl_version_info(CURLVERSION_NOW)->version);
	h->multi = curl_multi_init();
	if (!h->multi)
		return w365_err_oom(reterr);
	curl_multi_setopt(h->multi, CURLMOPT_SOCKETFUNCTION, socket_cb);
	curl_multi_setopt(h->multi, CURLMOPT_SOCKETDATA, h);
	curl_multi_setopt(h->multi, CURLMOPT_TIMERFUNCTION, timer_cb);
	curl_multi_setopt(h->multi, CURLMOPT_TIMERDATA, h);
	curl_multi_setopt(h->multi, CURLMOPT_MAX_HOST_CONNECTIONS, MAX_CONNECTIONS);
	*ret = TAKE_PTR(h);
	return 0;
}

struct graph_http *graph_http_free(struct graph_http *h)
{
	if (h) {
		while (h->transfers)
			graph_transfer_cancel(h->transfers);
		if (h->multi)
			curl_multi_cleanup(h->multi);
		graph_timer_stop(&h->timer);
		graph_soon_cancel(h->loop, &h->gather);
		graph_soon_cancel(h->loop, &h->kick);
		w365_buf_done(&h->spare);
		curl_global_cleanup();
		free(h);
	}
	return NULL;
}

const struct graph_http_stats *graph_http_stats(const struct graph_http *h)
{
	return &h->stats;
}

/* ---- one transfer ---- */

struct graph_transfer *graph_transfer_cancel(struct graph_transfer *t)
{
	if (!t)
		return NULL;
	if (t->link) {
		*t->link = t->next;
		if (t->next)
			t->next->link = t->link;
	}
	if (t->easy) {
		curl_multi_remove_handle(t->http->multi, t->easy);
		curl_easy_cleanup(t->easy);
	}
	/* The Authorization header is among them. What curl copied into its send buffer is out of
	 * reach. */
	for (struct curl_slist *s = t->headers; s; s = s->next)
		explicit_bzero(s->data, strlen(s->data));
	curl_slist_free_all(t->headers);
	w365_buf_done(&t->body);
	free(t->retry_after);
	free(t->www_authenticate);
	free(t->request_id);
	free(t->date);
	free(t);
	return NULL;
}

static size_t write_cb(char *p, size_t size, size_t n, void *arg)
{
	struct graph_transfer *t = arg;

	if (n > t->limit - t->body.len) {
		t->too_big = true;
		return 0;
	}
	t->http->stats.bytes_received += n;
	w365_buf_add(&t->body, p, n);
	return t->body.failed ? 0 : n;
}

static void keep(char **to, const char *value, size_t len)
{
	char *both = NULL;

	if (*to && asprintf(&both, "%s, %.*s", *to, (int)len, value) < 0)
		both = NULL;
	if (!*to)
		both = strndup(value, len);
	if (both) {
		free(*to);
		*to = both;
	}
}

static size_t header_cb(char *line, size_t size, size_t n, void *arg)
{
	struct graph_transfer *t = arg;
	const struct {
		const char *name;
		char **to;
	} wanted[] = {
		{ "retry-after", &t->retry_after },
		{ "www-authenticate", &t->www_authenticate },
		{ "request-id", &t->request_id },
		{ "x-ms-request-id", &t->request_id },
		{ "date", &t->date },
	};
	const char *colon = memchr(line, ':', n), *value, *end = line + n;

	if (n > 5 && memcmp(line, "HTTP/", 5) == 0) { /* an interim answer's headers do not count */
		for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) {
			free(*wanted[i].to);
			*wanted[i].to = NULL;
		}
	}
	if (!colon)
		return n;
	for (value = colon + 1; value < end && (*value == ' ' || *value == '\t');)
		value++;
	while (end > value && strchr(" \t\r\n", end[-1]))
		end--;
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
		if (strlen(wanted[i].name) == (size_t)(colon - line) &&
		    strncasecmp(line, wanted[i].name, (size_t)(colon - line)) == 0 &&
		    end - value < 4096)
			keep(wanted[i].to, value, (size_t)(end - value));
	return n;
}

static int add_header(struct graph_transfer *t, const char *line)
{
	struct curl_slist *s = curl_slist_append(t->headers, line);

	if (!s)
		return -ENOMEM;
	t->headers = s;
	return 0;
}

static int add_headers(struct graph_transfer *t, const struct w365_request *req, const char *bearer,
		       const char *const *headers)
{
	_cleanup_(w365_buf_done) struct w365_buf auth = W365_BUF_SECRET;
	int r = add_header(t, "Accept: application/json");

	if (r == 0)
		r = add_header(t, "Expect:"); /* no waiting for 100-continue */
	if (r == 0 && req->content_type) {
		w365_buf_addf(&auth, "Content-Type: %s", req->content_type);
		r = add_header(t, w365_buf_str(&auth));
	} else if (r == 0 && !w365_streq(req->method, "GET")) {
		r = add_header(t, "Content-Type:"); /* curl would say that nothing is a form */
	}
	if (r == 0 && bearer) {
		w365_buf_reset(&auth);
		w365_buf_adds(&auth, "Authorization: Bearer ");
		w365_buf_adds(&auth, bearer);
		r = auth.failed ? -ENOMEM : add_header(t, w365_buf_str(&auth));
	}
	for (; r == 0 && headers && *headers; headers++)
		r = add_header(t, *headers);
	for (unsigned i = 0; r == 0 && i < ARRAY_SIZE(req->headers); i++)
		if (req->headers[i])
			r = add_header(t, req->headers[i]);
	return r;
}

static void set_options(struct graph_transfer *t, const struct w365_request *req)
{
	const struct graph_http_config *c = t->http->config;
	CURL *e = t->easy;

	curl_easy_setopt(e, CURLOPT_URL, req->url);
	curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, t->origin.tls ? "https" : "http");
	curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(e, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	curl_easy_setopt(e, CURLOPT_PIPEWAIT, 1L);
	curl_easy_setopt(e, CURLOPT_ACCEPT_ENCODING, "");
	curl_easy_setopt(e, CURLOPT_USERAGENT, t->http->user_agent);
	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(e, CURLOPT_NOPROGRESS, 1L);
	curl_easy_setopt(e, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS,
			 MIN(CONNECT_TIMEOUT_MS, (long)c->timeout_ms));
	curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)c->timeout_ms);
	curl_easy_setopt(e, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)t->limit);
	curl_easy_setopt(e, CURLOPT_BUFFERSIZE, 512L * 1024);
	curl_easy_setopt(e, CURLOPT_HEADEROPT,
			 (long)CURLHEADER_SEPARATE); /* a proxy never sees the token */
	curl_easy_setopt(e, CURLOPT_HTTPHEADER, t->headers);
	curl_easy_setopt(e, CURLOPT_ERRORBUFFER, t->error);
	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, write_cb);
	curl_easy_setopt(e, CURLOPT_WRITEDATA, t);
	curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, header_cb);
	curl_easy_setopt(e, CURLOPT_HEADERDATA, t);
	curl_easy_setopt(e, CURLOPT_PRIVATE, t);
	if (c->ca_file)
		curl_easy_setopt(e, CURLOPT_CAINFO, c->ca_file);
	if (c->unix_socket)
		curl_easy_setopt(e, CURLOPT_UNIX_SOCKET_PATH, c->unix_socket);
	/* No proxy knows the way to this machine's own loopback. */
	if (c->unix_socket || t->origin.loopback || req->direct)
		curl_easy_setopt(e, CURLOPT_PROXY, "");
	if (w365_streq(req->method, "GET")) {
		curl_easy_setopt(e, CURLOPT_HTTPGET, 1L);
	} else {
		/* Not copied: the caller's buffer is wiped when it is done with. */
		curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)req->body.len);
		curl_easy_setopt(e, CURLOPT_POSTFIELDS, w365_buf_str(&req->body));
		curl_easy_setopt(e, CURLOPT_CUSTOMREQUEST, req->method);
		/* On a kept connection that dies without an answer curl sends again by itself,
		 * though the first may have been carried out. What is no GET goes on a connection
		 * of its own. */
		curl_easy_setopt(e, CURLOPT_FRESH_CONNECT, 1L);
	}
}

int graph_http_send(struct graph_http *h, const struct w365_request *req, const char *bearer,
		    const char *const *headers, size_t limit, graph_http_fn *fn, void *arg,
		    struct graph_transfer **ret, struct w365_err *reterr)
{
	_cleanup_(graph_transfer_cancelp) struct graph_transfer *t = calloc(1, sizeof(*t));
	int running;

	if (!t)
		return w365_err_oom(reterr);
	t->http = h;
	t->limit = limit;
	t->fn = fn;
	t->arg = arg;
	t->body.secret = !bearer; /* what the sign-in service answers holds tokens */
	if (bearer) {
		t->body = h->spare;
		h->spare = W365_BUF;
	}
	if (w365_origin_parse(req->url, &t->origin, NULL, reterr) < 0)
		return -EINVAL;
	t->easy = curl_easy_init();
	if (!t->easy || add_headers(t, req, bearer, headers) < 0)
		return w365_err_oom(reterr);
	set_options(t, req);
	if (curl_multi_add_handle(h->multi, t->easy) != CURLM_OK)
		return w365_err_oom(reterr);
	h->stats.requests++;
	t->next = h->transfers;
	t->link = &h->transfers;
	if (t->next)
		t->next->link = &t->next;
	h->transfers = t;
	/* Onto the wire at once: what our caller does next may take a while. How it went is
	 * collected later. */
	curl_multi_socket_action(h->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	graph_loop_soon(h->loop, &h->gather, on_gather, h);
	*ret = TAKE_PTR(t);
	return 0;
}

void graph_http_recycle(struct graph_http *h, struct w365_buf *buf)
{
	w365_buf_done(&h->spare);
	w365_buf_reset(buf);
	if (h->transfers) { /* somebody will want it soon */
		h->spare = *buf;
		*buf = W365_BUF;
	} else {
		w365_buf_done(buf);
	}
}

/* ---- how it ended ---- */

static void explain(const struct graph_transfer *t, CURLcode code, struct w365_err *err)
{
	const char *host =
		t->http->config->unix_socket ? t->http->config->unix_socket : t->origin.host;
	const char *detail = t->error[0] ? t->error : curl_easy_strerror(code);

	switch (code) {
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_CONNECT:
	case CURLE_PROXY:
	case CURLE_INTERFACE_FAILED:
		w365_err_set(err, ENETUNREACH, "cannot reach %s: %s", host, detail);
		err->passing = true;
		return;
	case CURLE_OPERATION_TIMEDOUT:
		w365_err_set(err, ETIMEDOUT, "no answer from %s in time: %s", host, detail);
		err->passing = true;
		return;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_INVALIDCERTSTATUS:
		w365_err_set(
			err, EIO,
			"the certificate of %s is not trusted: %s (behind an inspecting proxy, give --ca-file)",
			host, detail);
		return;
	case CURLE_SSL_CACERT_BADFILE:
		w365_err_set(err, EINVAL, "--ca-file=%s cannot be used: %s",
			     t->http->config->ca_file ? t->http->config->ca_file : "", detail);
		return;
	case CURLE_FILESIZE_EXCEEDED:
	case CURLE_WRITE_ERROR:
		if (code == CURLE_WRITE_ERROR && !t->too_big) {
			w365_err_oom(err);
			return;
		}
		w365_err_set(err, EPROTO, "the answer of %s is larger than %zu MiB: it is not read",
			     host, t->limit >> 20);
		return;
	case CURLE_BAD_CONTENT_ENCODING:
	case CURLE_WEIRD_SERVER_REPLY:
	case CURLE_UNSUPPORTED_PROTOCOL:
		w365_err_set(err, EPROTO, "%s did not answer as HTTP servers do: %s", host, detail);
		return;
	default:
		w365_err_set(err, EIO, "the connection to %s was lost: %s", host, detail);
		err->passing = true;
	}
}

/* Whether the connection never came so far that a request could go out on it. */
static bool unsent(const struct graph_transfer *t)
{
	long size = 1;
	curl_off_t began = 1;

	return curl_easy_getinfo(t->easy, CURLINFO_REQUEST_SIZE, &size) == CURLE_OK &&
	       curl_easy_getinfo(t->easy, CURLINFO_PRETRANSFER_TIME_T, &began) == CURLE_OK &&
	       size == 0 && began == 0;
}

static void finish(struct graph_transfer *t, CURLcode code)
{
	struct w365_reply reply = { 0 };
	struct w365_err err = { 0 };
	long status = 0, connections = 0;

	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(t->easy, CURLINFO_NUM_CONNECTS, &connections);
	t->http->stats.connections += (uint64_t)connections;
	if (code != CURLE_OK || !status) {
		t->http->stats.failures++;
		explain(t, code, &err);
		err.unsent = unsent(t);
		w365_debug("http: %s failed: %s", t->origin.host, err.msg);
		t->fn(t->arg, NULL, &err);
		return;
	}
	w365_buf_room(&t->body, 0); /* an empty answer is "" */
	reply = (struct w365_reply){
		.status = (int)status,
		.body = w365_buf_str(&t->body),
		.len = t->body.len,
		.buf = &t->body,
		.retry_after = t->retry_after,
		.www_authenticate = t->www_authenticate,
		.request_id = t->request_id,
		.date = t->date,
	};
	t->fn(t->arg, &reply, NULL);
}

static void collect(struct graph_http *h)
{
	CURLMsg *msg;
	int left;

	while ((msg = curl_multi_info_read(h->multi, &left))) {
		CURLcode code = msg->data.result;
		struct graph_transfer *t;
		void *private;

		if (msg->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &private);
		t = private;
		/* Out of the list, so that nobody cancels what is just calling back. */
		*t->link = t->next;
		if (t->next)
			t->next->link = t->link;
		t->link = NULL;
		finish(t, code);
		graph_transfer_cancel(t);
	}
}
