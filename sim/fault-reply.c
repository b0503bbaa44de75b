#include <errno.h>

#include "base/macros.h"
#include "sim/entra.h"
#include "sim/fault.h"
#include "sim/graph.h"
#include "base/json-write.h"
#include "sim/sim.h"

static const char *param(const struct sim_fault *f, const char *name, const char *otherwise)
{
	const char *value = sim_form_get(&f->form, name);

	return value ? value : otherwise;
}

static const char *usual_code(int status)
{
	static const struct {
		int status;
		const char *code;
	} usual[] = {
		{ 400, "BadRequest" },      { 401, "InvalidAuthenticationToken" },
		{ 403, "Forbidden" },       { 404, "ResourceNotFound" },
		{ 409, "Conflict" },        { 423, "resourceLocked" },
		{ 429, "TooManyRequests" }, { 500, "InternalServerError" },
		{ 502, "BadGateway" },      { 503, "ServiceUnavailable" },
		{ 504, "GatewayTimeout" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(usual); i++)
		if (usual[i].status == status)
			return usual[i].code;
	return "UnknownError";
}

static void own_body(const struct sim_fault *f, struct sim_reply *reply, int status)
{
	reply->status = status;
	reply->content_type = "application/json";
	w365_buf_add(&reply->body, f->body.data, f->body.len);
	if (sim_form_get(&f->form, "content_type")) {
		sim_reply_header(reply, "Content-Type", param(f, "content_type", ""));
		reply->content_type = sim_reply_get(reply, "Content-Type");
	}
}

static void status(const struct sim_fault *f, struct sim *s, const struct sim_request *req,
		   struct sim_reply *reply)
{
	const char *retry_after = param(f, "retry_after", "");

	if (f->body.len)
		own_body(f, reply, f->status);
	else
		sim_graph_fail(s, req, reply, f->status, param(f, "code", usual_code(f->status)),
			       "%s", param(f, "message", "Ordered by a hook of the simulator."));
	if (*retry_after)
		sim_reply_header(reply, "Retry-After", retry_after);
}

/* From now on the caller needs a token that was asked for with what the challenge says. */
static void claims(struct sim *s, const struct sim_request *req, struct sim_reply *reply)
{
	const char *header = req->authorization;
	int64_t now = sim_now(s);
	struct sim_caller caller;

	if (header && strncasecmp(header, "Bearer ", 7) == 0) {
		int r = sim_token_check(&s->identity, s->config.base, header + 7, now, &caller,
					NULL);

		if (r == 0 || r == -EKEYREJECTED) {
			sim_identity_challenge(&s->identity, caller.object_id, now);
			sim_caller_done(&caller);
		}
	}
	sim_graph_claims(s, req, reply, now);
}

bool sim_fault_reply(const struct sim_fault *f, struct sim *s, const struct sim_request *req,
		     struct sim_reply *reply)
{
	switch (f->kind) {
	case SIM_FAULT_STATUS: status(f, s, req, reply); return true;
	case SIM_FAULT_BODY: own_body(f, reply, 200); return true;
	case SIM_FAULT_CLAIMS: claims(s, req, reply); return true;
	case SIM_FAULT_UNAUTHORIZED:
		sim_graph_challenge(s, req, reply,
				    "Lifetime validation failed, the token is expired.");
		return true;
	case SIM_FAULT_OAUTH:
		sim_entra_fail_as(s, req, reply, f->status,
				  param(f, "error", "temporarily_unavailable"), f->aadsts,
				  param(f, "message", "Ordered by a hook of the simulator."));
		return true;
	case SIM_FAULT_DROP:
		if (f->after)
			return false;
		reply->delivery = SIM_DROP;
		return true;
	case SIM_FAULT_HTML:
		reply->status = 200;
		reply->content_type = "text/html; charset=utf-8";
		w365_buf_adds(
			&reply->body,
			"<!DOCTYPE html><html><head><title>Sign in to the network</title></head>"
			"<body><h1>Please sign in</h1></body></html>");
		return true;
	case SIM_FAULT_BIG:
		reply->status = 200;
		reply->content_type = "application/json";
		reply->delivery = SIM_BIG;
		reply->size = f->size;
		reply->chunked = f->chunked;
		return true;
	default: return false;
	}
}

static void replace_link(struct w365_buf *body, const char *url)
{
	static const char name[] = "\"@odata.nextLink\":", list[] = "\"value\":[";
	_cleanup_(w365_buf_done) struct w365_buf out = W365_BUF;
	const char *text = w365_buf_str(body), *from = strstr(text, name), *to;
	struct w365_jw j = { .out = &out, .compact = true };

	if (from) {
		to = strchr(from + sizeof(name), '"') +
		     2; /* a link of ours has no quote, and a comma behind it */
	} else {
		from = to = strstr(text, list);
		if (!from)
			return;
	}
	w365_buf_add(&out, text, (size_t)(from - text));
	w365_jw_pair(&j, "@odata.nextLink", url);
	w365_buf_addc(&out, ',');
	w365_buf_adds(&out, to);
	w365_buf_done(body);
	*body = out;
	out = W365_BUF;
}

void sim_fault_spoil(const struct sim_fault *f, struct sim_reply *reply)
{
	if (f->kind == SIM_FAULT_DROP)
		reply->delivery = SIM_DROP;
	else if (f->kind == SIM_FAULT_CUT)
		reply->delivery = SIM_CUT;
	else if (f->kind == SIM_FAULT_TRUNCATE)
		reply->body.len /= 2;
	else if (f->kind == SIM_FAULT_LINK)
		replace_link(&reply->body, param(f, "url", ""));
}
