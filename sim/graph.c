#include "sim/graph.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/macros.h"
#include "base/time.h"
#include "base/json-write.h"
#include "sim/batch.h"
#include "sim/functions.h"
#include "sim/words.h"

#define JSON_TYPE                                                                               \
	"application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;" \
	"charset=utf-8"

static void write_error(struct sim *s, const struct sim_request *req, struct sim_reply *reply,
			const char *code, const char *message, const char *id)
{
	struct w365_jw j = { .out = &reply->body, .compact = true };
	char now[W365_TIME_MAX];

	w365_time_format(sim_now(s), now);
	now[19] = '\0'; /* here, and only here, Graph writes no Z */
	w365_jw_open(&j, '{');
	w365_jw_key(&j, "error");
	w365_jw_open(&j, '{');
	w365_jw_pair(&j, "code", code);
	w365_jw_pair(&j, "message", message);
	w365_jw_key(&j, "innerError");
	w365_jw_open(&j, '{');
	w365_jw_pair(&j, "date", now);
	w365_jw_pair(&j, "request-id", id);
	w365_jw_pair(&j, "client-request-id", req->client_request_id ? req->client_request_id : id);
	w365_jw_close(&j, '}');
	w365_jw_close(&j, '}');
	w365_jw_close(&j, '}');
}

/* The headers that every answer of Graph has. Sets @id, which they carry, too. */
static void begin(const struct sim_request *req, struct sim_reply *reply, char id[37])
{
	const char *have = sim_reply_get(reply, "request-id");

	if (have) {
		memcpy(id, have, 37);
		return;
	}
	w365_guid_new(id);
	sim_reply_header(reply, "request-id", id);
	sim_reply_header(reply, "client-request-id",
			 req->client_request_id ? req->client_request_id : id);
	sim_reply_header(
		reply, "x-ms-ags-diagnostic",
		"{\"ServerInfo\":{\"DataCenter\":\"Simulated\",\"Slice\":\"E\",\"Ring\":\"1\"}}");
	reply->content_type = JSON_TYPE;
}

void sim_graph_fail(struct sim *s, const struct sim_request *req, struct sim_reply *reply,
		    int status, const char *code, const char *fmt, ...)
{
	_cleanup_(w365_buf_done) struct w365_buf message = W365_BUF;
	char id[37];
	va_list ap;

	va_start(ap, fmt);
	w365_buf_addv(&message, fmt, ap);
	va_end(ap);
	begin(req, reply, id);
	w365_buf_reset(&reply->body);
	reply->status = status;
	write_error(s, req, reply, code, w365_buf_str(&message), id);
}

void sim_graph_challenge(struct sim *s, const struct sim_request *req, struct sim_reply *reply,
			 const char *message)
{
	_cleanup_(w365_buf_done) struct w365_buf challenge = W365_BUF;

	sim_graph_fail(s, req, reply, 401, "InvalidAuthenticationToken", "%s", message);
	w365_buf_addf(&challenge,
		      "Bearer realm=\"\", authorization_uri=\"%s/common/oauth2/authorize\", "
		      "client_id=\"00000003-0000-0000-c000-000000000000\"",
		      s->config.base);
	sim_reply_header(reply, "WWW-Authenticate", w365_buf_str(&challenge));
}

/* A challenge as continuous access evaluation sends it: the token must be newer than now. */
void sim_graph_claims(struct sim *s, const struct sim_request *req, struct sim_reply *reply,
		      int64_t nbf)
{
	_cleanup_(w365_buf_done) struct w365_buf header = W365_BUF;
	char json[128], base64[256];
	int n = snprintf(json, sizeof(json),
			 "{\"access_token\":{\"nbf\":{\"essential\":true,\"value\":\"%lld\"}}}",
			 (long long)nbf);

	EVP_EncodeBlock((unsigned char *)base64, (unsigned char *)json, n);
	w365_buf_addf(
		&header,
		"Bearer realm=\"\", authorization_uri=\"%s/common/oauth2/authorize\", "
		"client_id=\"00000003-0000-0000-c000-000000000000\", "
		"error=\"insufficient_claims\", "
		"claims=\"%s\", errorDescription=\"Continuous access evaluation resulted in claims "
		"challenge "
		"with result: InteractionRequired and code: TokenIssuedBeforeRevocationTimestamp\"",
		s->config.base, base64);
	sim_graph_fail(s, req, reply, 401, "InvalidAuthenticationToken",
		       "Continuous access evaluation resulted in challenge with result: "
		       "InteractionRequired and code: TokenIssuedBeforeRevocationTimestamp");
	sim_reply_header(reply, "WWW-Authenticate", w365_buf_str(&header));
}

static bool authenticate(struct sim_call *c)
{
	const char *header = c->req->authorization;
	struct w365_err err;
	int r;

	/* Other services of Graph say 400; those of Windows 365 were seen to say this. */
	if (!c->req->user_agent || !*c->req->user_agent) {
		SIM_FAIL(c, 403, "Forbidden", "The request has no User-Agent header.");
		return false;
	}
	if (!header || strncasecmp(header, "Bearer ", 7) != 0) {
		sim_graph_challenge(c->sim, c->req, c->reply, "Access token is empty.");
		return false;
	}
	r = sim_token_check(&c->sim->identity, c->sim->config.base, header + 7, sim_now(c->sim),
			    &c->caller, &err);
	if (r == -EKEYREJECTED)
		sim_graph_claims(c->sim, c->req, c->reply,
				 sim_identity_challenged(&c->sim->identity, c->caller.object_id,
							 c->caller.serial));
	else if (r < 0)
		sim_graph_challenge(c->sim, c->req, c->reply, err.msg);
	return r == 0;
}

static bool find_version(struct sim_call *c, const struct sim_path *path)
{
	const char *name = path->segments[0];

	if (strcasecmp(name, "v1.0") == 0)
		c->version = SIM_V1;
	else if (strcasecmp(name, "beta") == 0)
		c->version = SIM_BETA;
	else
		SIM_FAIL(c, 400, "BadRequest", "Invalid version: %.100s.", name);
	return c->version != 0;
}

bool sim_permits(const char *list, const char *least)
{
	char higher[64];
	const char *dot = strstr(least, ".Read.");

	if (sim_has_word(list, least))
		return true;
	if (!dot)
		return false;
	snprintf(higher, sizeof(higher), "%.*s.ReadWrite.%s", (int)(dot - least), least, dot + 6);
	return sim_has_word(list, higher);
}

/* Has the caller one of the permissions of the list? */
static bool has_one(const struct sim_call *c, const char *list, bool *ret_writes)
{
	*ret_writes = strstr(list, ".ReadWrite.") != NULL;
	while (*list) {
		size_t n = strcspn(list, ",");
		char least[64];

		snprintf(least, sizeof(least), "%.*s", (int)n, list);
		if (sim_permits(c->caller.permissions, least))
			return true;
		list += n + (list[n] == ',');
	}
	return false;
}

/* What people ask for, they must be allowed themselves, too; but for what is their own. */
static bool check_role(struct sim_call *c, bool writes)
{
	struct sim_role rights;

	if (!c->caller.delegated || c->route.users)
		return true;
	rights = sim_user_rights(c->sim, c->caller.object_id);
	if (writes ? rights.writes_pcs : rights.reads_pcs)
		return true;
	SIM_FAIL(c, 403, "Forbidden",
		 "The user is not authorized to perform this operation: a role such as Windows 365 "
		 "Administrator is needed.");
	return false;
}

static bool authorize(struct sim_call *c, const struct sim_permission *p)
{
	const char *least = c->caller.delegated ? p->delegated : p->application;
	const struct sim_operation *o = c->route.operation;
	bool personal = c->route.me || (c->route.users && o && o->delegated_below_users), writes;
	char id[37];

	if (!least || (personal && !c->caller.delegated)) {
		SIM_FAIL(c, 403, "Forbidden",
			 "This operation is not supported with %s permissions: it needs a %s.",
			 c->caller.delegated ? "delegated" : "application",
			 c->caller.delegated ? "token of an application" : "signed-in user");
		return false;
	}
	if (has_one(c, least, &writes))
		return check_role(c, writes);
	/* The gateway before Windows 365 wraps its sentence in JSON once more. */
	w365_guid_new(id);
	SIM_FAIL(c, 403, "Forbidden",
		 "{\"_version\":3,\"Message\":\""
		 "Application is not authorized to perform this operation. "
		 "Application must have one of the following scopes: %s - "
		 "Operation ID (for customer support): 00000000-0000-0000-0000-000000000000 - "
		 "Activity ID: %s\","
		 "\"CustomApiErrorPhrase\":\"\",\"RetryAfter\":null,"
		 "\"ErrorSourceService\":\"\",\"HttpHeaders\":\"{}\"}",
		 least, id);
	return false;
}

/* The HTTP methods that can be meant, and what they mean for a collection and for one item. */
static const struct {
	const char *name;
	enum sim_method_kind many, one;
} methods[] = {
	{ "GET", SIM_LIST, SIM_GET },
	{ "POST", SIM_CREATE, SIM_METHODS },
	{ "PATCH", SIM_METHODS, SIM_UPDATE },
	{ "DELETE", SIM_METHODS, SIM_DELETE },
};

static enum sim_method_kind meaning(const struct sim_call *c, size_t method)
{
	/* A singleton is created where it is. */
	if (c->route.resource->singleton && methods[method].many == SIM_CREATE)
		return SIM_CREATE;
	return c->route.item || c->route.resource->singleton ? methods[method].one
							     : methods[method].many;
}

static bool documented(const struct sim_call *c, enum sim_method_kind kind)
{
	return kind != SIM_METHODS && (c->route.resource->methods[kind].versions & c->version);
}

static void wrong_method(struct sim_call *c)
{
	_cleanup_(w365_buf_done) struct w365_buf allowed = W365_BUF;
	const struct sim_operation *o = c->route.operation;

	if (o)
		w365_buf_adds(&allowed, o->action ? "POST" : "GET");
	for (size_t i = 0; !o && i < ARRAY_SIZE(methods); i++)
		if (documented(c, meaning(c, i)))
			w365_buf_addf(&allowed, "%s%s", allowed.len ? ", " : "", methods[i].name);
	SIM_FAIL(c, 405, "MethodNotAllowed", "The HTTP method '%.20s' is not supported here.",
		 c->req->method);
	sim_reply_header(c->reply, "Allow", w365_buf_str(&allowed));
}

static void operation(struct sim_call *c)
{
	const struct sim_operation *o = c->route.operation;

	if (!w365_streq(c->req->method, o->action ? "POST" : "GET"))
		wrong_method(c);
	else if (!authorize(c, &o->permission))
		return;
	else if (c->route.users && !o->documented_below_users)
		SIM_FAIL(c, 400, "BadRequest", "'%s' is not supported below a user.", o->name);
	else if (o->action)
		sim_act(c);
	else
		sim_function(c);
}

static void resource(struct sim_call *c)
{
	const struct sim_resource *r = c->route.resource;
	enum sim_method_kind kind = SIM_METHODS;

	for (size_t i = 0; i < ARRAY_SIZE(methods); i++)
		if (w365_streq(c->req->method, methods[i].name))
			kind = meaning(c, i);
	if (!documented(c, kind)) {
		if (kind == SIM_LIST || kind == SIM_GET)
			SIM_FAIL(c, 400, "BadRequest", "Reading '%s' %s is not supported.", r->name,
				 kind == SIM_LIST ? "as a list" : "by itself");
		else
			wrong_method(c);
	} else if (authorize(c, &r->methods[kind].permission)) {
		if (kind == SIM_LIST || kind == SIM_GET)
			sim_read(c);
		else
			sim_write(c, kind);
	}
}

static void batch(struct sim_call *c)
{
	if (c->req->inner)
		SIM_FAIL(c, 400, "BadRequest", "A batch cannot be in a batch.");
	else if (w365_streq(c->req->method, "POST"))
		sim_batch(c);
	else
		SIM_FAIL(c, 405, "MethodNotAllowed", "A batch is sent by POST.");
}

/* Too many requests? A batch is none: those inside it are. */
static bool is_throttled(struct sim_call *c, const struct sim_path *path)
{
	bool writes = !w365_streq(c->req->method, "GET");
	unsigned seconds;
	char text[16];

	if (path->count == 2 && strcasecmp(path->segments[1], "$batch") == 0)
		return false;
	seconds = sim_limit_count(&c->sim->limit, writes, w365_now_ms());
	if (!seconds)
		return false;
	SIM_FAIL(c, 429, "TooManyRequests", "Too many requests: please retry after %u seconds.",
		 seconds);
	snprintf(text, sizeof(text), "%u", seconds);
	sim_reply_header(c->reply, "Retry-After", text);
	return true;
}

static void dispatch(struct sim_call *c, const struct sim_path *path)
{
	if (!find_version(c, path) || is_throttled(c, path))
		return;
	if (sim_graph_directory(c, path))
		return;
	if (path->count == 2 && strcasecmp(path->segments[1], "$batch") == 0)
		batch(c);
	else if (!sim_route_find(path, 1, c->version, &c->route))
		SIM_FAIL(c, 404, "BadRequest", "Resource not found for the segment '%.200s'.",
			 c->route.unknown);
	else if (c->route.operation)
		operation(c);
	else
		resource(c);
}

void sim_graph(struct sim *s, const struct sim_request *req, struct sim_reply *reply)
{
	_cleanup_(sim_path_done) struct sim_path path = { 0 };
	struct sim_call c = { .sim = s, .req = req, .reply = reply };
	char id[37];

	begin(req, reply, id);
	if (authenticate(&c)) {
		if (sim_path_read(req->path, &path))
			dispatch(&c, &path);
		else
			SIM_FAIL(&c, 400, "BadRequest", "The request URI is not valid.");
	}
	sim_caller_done(&c.caller);
}
