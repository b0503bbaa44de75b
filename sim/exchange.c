#include "sim/exchange.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/macros.h"

struct sim_exchange *sim_exchange_new(const char *target, struct MHD_Connection *connection)
{
	struct sim_exchange *x = calloc(1, sizeof(*x));

	if (!x)
		return NULL;
	x->connection = connection;
	/* The request's body may hold a secret: the token endpoint's does. */
	x->body = W365_BUF_SECRET;
	x->target = strdup(target);
	return x->target ? x : sim_exchange_free(x);
}

/* A list may come in several headers: they mean the same as one with commas. */
static enum MHD_Result join_prefer(void *arg, enum MHD_ValueKind kind, const char *name,
				   const char *value)
{
	struct w365_buf *all = arg;

	if (strcasecmp(name, "Prefer") == 0 && value) {
		if (all->len)
			w365_buf_adds(all, ", ");
		w365_buf_adds(all, value);
	}
	return MHD_YES;
}

static const char *header(struct sim_exchange *x, const char *name)
{
	return MHD_lookup_connection_value(x->connection, MHD_HEADER_KIND, name);
}

void sim_exchange_read_head(struct sim_exchange *x, const char *method, const char *version)
{
	struct sim_request *req = &x->req;
	const char *question = strchr(x->target, '?'), *wants;
	struct w365_buf prefer = W365_BUF;

	req->method = method;
	req->target = x->target;
	req->path = (struct w365_span){ x->target, question ? (size_t)(question - x->target)
							    : strlen(x->target) };
	if (question)
		req->query = (struct w365_span){ question + 1, strlen(question + 1) };
	req->authorization = header(x, "Authorization");
	req->user_agent = header(x, "User-Agent");
	req->client_request_id = header(x, "client-request-id");
	req->accept_encoding = header(x, "Accept-Encoding");
	req->content_type = header(x, "Content-Type");
	req->host = header(x, "Host");
	req->cookie = header(x, "Cookie");
	req->metadata = header(x, "Metadata");
	req->identity_header = header(x, "X-IDENTITY-HEADER");
	req->msi_secret = header(x, "secret");
	req->forwarded_for = header(x, "X-Forwarded-For");
	req->government_token = header(x, "X-MS-CloudPC-USGovCloudTenantAADToken");
	wants = header(x, "return-client-request-id");
	req->return_client_request_id = wants && strcasecmp(wants, "true") == 0;
	snprintf(req->http_version, sizeof(req->http_version), "%s", version);
	MHD_get_connection_values(x->connection, MHD_HEADER_KIND, join_prefer, &prefer);
	if (prefer.len)
		req->prefer = x->prefer = w365_buf_take(&prefer);
	w365_buf_done(&prefer);
}

struct sim_exchange *sim_exchange_free(struct sim_exchange *x)
{
	if (x) {
		sim_fault_unref(x->fault);
		sim_reply_reset(&x->reply);
		w365_buf_done(&x->body);
		free(x->target);
		free(x->prefer);
		free(x);
	}
	return NULL;
}
