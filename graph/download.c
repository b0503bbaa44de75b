#include "graph/download.h"
#include "base/json.h"
#include "base/log.h"
#include "base/macros.h"
#include "base/str.h"
#include "base/url.h"
#include "graph/http.h"

#include <errno.h>

struct graph_download {
	struct graph_client *client;
	const struct graph_question *q;
	const char *url; /* of the item */
	graph_download_fn *fn;
	void *arg;
	struct graph_call *call;
	struct graph_transfer *transfer;
	struct w365_request request;
	char *address; /* the secret; wiped */
	bool again;    /* the address had run out: this is the second try */
};

W365_DEFINE_CLEANUP(struct graph_download *, graph_download_free)

struct graph_download *graph_download_free(struct graph_download *d)
{
	if (d) {
		graph_call_cancel(d->call);
		graph_transfer_cancel(d->transfer);
		w365_wipe_str(d->address);
		free(d);
	}
	return NULL;
}

static void fail(struct graph_download *d, const struct w365_err *err)
{
	d->fn(d->arg, NULL, err);
}

/* ---- the file ---- */

static int read_item(struct graph_download *d, struct w365_err *reterr);

static void order_again(const struct graph_download *d, struct w365_err *err, const char *why)
{
	w365_err_set(err, ENODATA, "%s: order it again by %s/actions/create", why,
		     d->q->home->name);
}

/* The storage knows the address no more, or not any longer. */
static bool ran_out(int status)
{
	return status == 401 || status == 403 || status == 404 || status == 410;
}

static void refused(struct graph_download *d, const struct w365_reply *reply)
{
	char why[128];
	struct w365_err err;

	if (ran_out(reply->status) && !d->again) {
		d->again = true;
		if (read_item(d, &err) < 0)
			fail(d, &err);
		return;
	}
	if (ran_out(reply->status)) {
		snprintf(why, sizeof(why), "its file is not there any more (%d)", reply->status);
		order_again(d, &err, why);
	} else {
		w365_err_set(&err, reply->status >= 500 ? EIO : EPROTO,
			     "where its file is, the answer was %d%s%.60s: try again later",
			     reply->status, reply->request_id ? ", request-id " : "",
			     reply->request_id ? reply->request_id : "");
	}
	err.http = reply->status;
	fail(d, &err);
}

static void on_file(void *arg, const struct w365_reply *reply, const struct w365_err *err)
{
	struct graph_download *d = arg;
	_cleanup_(w365_buf_done) struct w365_buf file = W365_BUF;
	struct w365_err slow;

	d->transfer = NULL;
	if (err && err->num == ETIMEDOUT) {
		slow = *err;
		w365_err_set(&slow, ETIMEDOUT, "%.300s; -o timeout= gives it longer", err->msg);
		fail(d, &slow);
	} else if (err) {
		fail(d, err);
	} else if (reply->status != 200) {
		refused(d, reply);
	} else {
		w365_debug("download: %zu bytes", reply->len);
		file = *reply->buf; /* kept beyond this callback */
		*reply->buf = W365_BUF;
		d->fn(d->arg, &file, NULL);
	}
}

/* No sentence says any of the address. */
static int fetch(struct graph_download *d, struct w365_err *reterr)
{
	struct w365_origin origin;
	int r;

	if (w365_origin_parse(d->address, &origin, NULL, NULL) < 0)
		return w365_err_set(reterr, EPROTO, "the address of its file is none");
	if (!origin.tls && !origin.loopback)
		return w365_err_set(reterr, EPROTO,
				    "the address of its file is not https: it is not fetched");
	w365_debug("download: from %s", origin.host);
	d->request = (struct w365_request){ .method = "GET", .url = d->address };
	r = graph_http_send(graph_client_http(d->client), &d->request, NULL, NULL,
			    GRAPH_DOWNLOAD_MAX, on_file, d, &d->transfer, reterr);
	if (r < 0)
		d->transfer = NULL;
	return r;
}

/* ---- the item ---- */

/* Why there is no address: where making the item begins something, the catalogue knows by which words it
 * tells how far it is. */
static int not_there(const struct graph_download *d, const struct w365_json *j, uint32_t item,
		     struct w365_err *reterr)
{
	const struct graph_finish *f = d->q->home->methods[GRAPH_CREATE].finish;
	_cleanup_(w365_buf_done) struct w365_buf state = W365_BUF;
	uint32_t at = f && f->state ? w365_json_get(j, item, f->state) : 0;
	char why[160];

	if (at && j->nodes[at].kind == W365_JSON_IS_STRING)
		w365_json_decode(&state, w365_json_raw(j, at));
	snprintf(why, sizeof(why), "there is no file of it (%.60s)",
		 state.len ? w365_buf_str(&state) : "nothing is said of its state");
	if (!f || !w365_among(f->running, w365_buf_str(&state))) {
		order_again(d, reterr, why);
		return -ENODATA;
	}
	return w365_err_set(reterr, EAGAIN, "its file is not written yet (%.60s): try again later",
			    w365_buf_str(&state));
}

/* A documented example wraps the item in "value". */
static uint32_t unwrapped(const struct w365_json *j)
{
	uint32_t value = w365_json_get(j, 0, "value");

	return value && j->nodes[value].kind == W365_JSON_IS_OBJECT ? value : 0;
}

/* Takes the address from the item's text. */
static int read_address(struct graph_download *d, const struct w365_reply *reply,
			struct w365_err *reterr)
{
	_cleanup_(w365_buf_done) struct w365_buf address = W365_BUF_SECRET;
	_cleanup_(w365_json_done) struct w365_json j = { 0 };
	uint32_t item, at;

	if (w365_json_parse(&j, reply->body, reply->len, NULL, reterr) < 0)
		return reterr->num == ENOMEM
			       ? -ENOMEM
			       : w365_err_set(reterr, EPROTO, "the service's answer is no JSON");
	item = unwrapped(&j);
	at = w365_json_get(&j, item, d->q->download->name);
	if (at && j.nodes[at].kind == W365_JSON_IS_STRING)
		w365_json_decode(&address, w365_json_raw(&j, at));
	if (!address.len)
		return not_there(d, &j, item, reterr);
	if (address.failed)
		return w365_err_oom(reterr);
	if (d->again && w365_streq(w365_buf_str(&address), d->address)) {
		order_again(d, reterr, "the address of its file has run out");
		return -ENODATA;
	}
	w365_wipe_str(d->address);
	d->address = w365_buf_take(&address);
	return 0;
}

static void on_item(void *arg, const struct w365_reply *reply, const struct w365_err *err)
{
	struct graph_download *d = arg;
	struct w365_err own = { 0 };

	d->call = NULL;
	if (err)
		fail(d, err);
	else if (read_address(d, reply, &own) < 0 || fetch(d, &own) < 0)
		fail(d, &own);
}

static int read_item(struct graph_download *d, struct w365_err *reterr)
{
	struct graph_ask ask = { .url = d->url, .permission = d->q->permission };

	return graph_get(d->client, &ask, on_item, d, &d->call, reterr);
}

int graph_download_new(struct graph_client *client, const struct graph_question *question,
		       const char *url, graph_download_fn *fn, void *arg,
		       struct graph_download **ret, struct w365_err *reterr)
{
	_cleanup_(graph_download_freep) struct graph_download *d = calloc(1, sizeof(*d));
	int r;

	if (!d)
		return w365_err_oom(reterr);
	d->client = client;
	d->q = question;
	d->url = url;
	d->fn = fn;
	d->arg = arg;
	r = read_item(d, reterr);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(d);
	return 0;
}
