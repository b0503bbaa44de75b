/* The endpoints from which machines get tokens: of a virtual machine (IMDS), App Service and its
 * like, Cloud Shell, Azure Arc. */
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/json-write.h"
#include "base/macros.h"
#include "sim/entra.h"
#include "sim/words.h"

#define IMDS_PATH "/metadata/identity/oauth2/token"
#define APP_PATH  "/msi/token"
#define GRAPH     "https://graph.microsoft.com"
#define EXCHANGE  "api://AzureADTokenExchange"
#define LIFETIME  86399

#define IMDS_VERSIONS "2018-02-01 2018-10-01 2019-02-01 2019-06-01 2019-08-01 2020-09-01 2021-02-01"
#define ARC_VERSIONS  "2019-11-01 2020-06-01 2021-02-01"

enum platform { IMDS, APP_SERVICE, OLD_APP_SERVICE, CLOUD_SHELL, ARC };

struct machine {
	struct sim *sim;
	const struct sim_request *req;
	struct sim_reply *reply;
	enum platform platform;
	struct sim_form form;
};

static void fail(struct machine *m, int status, const char *error, const char *description)
{
	struct w365_jw j = { .out = &m->reply->body, .compact = true };

	m->reply->status = status;
	m->reply->content_type = "application/json; charset=utf-8";
	w365_jw_open(&j, '{');
	if (m->platform == APP_SERVICE || m->platform == OLD_APP_SERVICE) {
		w365_jw_pair_int(&j, "statusCode", status);
		w365_jw_pair(&j, "message", description);
	} else {
		w365_jw_pair(&j, "error", error);
		w365_jw_pair(&j, "error_description", description);
	}
	w365_jw_close(&j, '}');
}

static bool same(const char *a, const char *b)
{
	return a && strlen(a) == strlen(b) && CRYPTO_memcmp(a, b, strlen(b)) == 0;
}

/* The name of a user-assigned identity as Azure Resource Manager writes it. */
static void resource_id(const struct machine *m, struct w365_buf *out)
{
	w365_buf_addf(out,
		      "/subscriptions/%s/resourceGroups/sim/providers/"
		      "Microsoft.ManagedIdentity/userAssignedIdentities/sim-user-assigned",
		      m->sim->identity.tenant);
}

/* Which identity is meant; -1, and answered: none of the machine's. */
static int find_identity(struct machine *m)
{
	static const char *const by_client[] = { "client_id", "clientid" };
	static const char *const by_object[] = { "object_id", "principal_id" };
	static const char *const by_resource[] = { "msi_res_id", "mi_res_id" };
	_cleanup_(w365_buf_done) struct w365_buf name = W365_BUF;
	const struct sim_identity *id = &m->sim->identity;
	unsigned selectors = 0;
	int found = 0;
	char oid[37];

	resource_id(m, &name);
	for (size_t k = 0; k < 2; k++) {
		const char *client = sim_form_get(&m->form, by_client[k]);
		const char *object = sim_form_get(&m->form, by_object[k]);
		const char *resource = sim_form_get(&m->form, by_resource[k]);

		selectors += !!client + !!object + !!resource;
		if (client || object || resource)
			found = -1;
		for (int i = 0; i < 2; i++) {
			sim_principal_id(id->managed_id[i], oid);
			if ((client && strcasecmp(client, id->managed_id[i]) == 0) ||
			    (object && strcasecmp(object, oid) == 0) ||
			    (resource && i == 1 && strcasecmp(resource, w365_buf_str(&name)) == 0))
				found = i;
		}
		if (found < 0)
			break;
	}
	if (selectors > 1) {
		fail(m, 400, "invalid_request", "More than one identity selector was given");
		return -1;
	}
	if (found < 0)
		fail(m, 400, "invalid_request", "Identity not found");
	return found;
}

static const char *audience(struct machine *m)
{
	const char *resource = sim_form_get(&m->form, "resource");
	size_t n = resource ? strlen(resource) : 0;

	if (!n) {
		fail(m, 400, "invalid_request", "Required query variable 'resource' is missing");
		return NULL;
	}
	if (resource[n - 1] == '/')
		n--;
	if (w365_span_is((struct w365_span){ resource, n }, GRAPH) ||
	    strcasecmp(resource, SIM_GRAPH_APP) == 0)
		return GRAPH;
	if (w365_span_is((struct w365_span){ resource, n }, m->sim->config.base))
		return m->sim->config.base;
	if (w365_span_is((struct w365_span){ resource, n }, EXCHANGE))
		return EXCHANGE;
	fail(m, 400, "invalid_resource",
	     "AADSTS50001: The resource principal was not found in the tenant. This can happen if "
	     "the application has not been installed by the administrator of the tenant.");
	return NULL;
}

static void pair_text(struct w365_jw *j, const char *key, int64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long)value);
	w365_jw_pair(j, key, text);
}

static void write_answer(struct machine *m, const char *token, const char *client,
			 const char *resource)
{
	struct w365_jw j = { .out = &m->reply->body, .compact = true };
	time_t now = sim_now(m->sim);
	bool app = m->platform == APP_SERVICE || m->platform == OLD_APP_SERVICE;

	m->reply->status = 200;
	m->reply->content_type = "application/json; charset=utf-8";
	w365_jw_open(&j, '{');
	w365_jw_pair(&j, "access_token", token);
	w365_jw_pair(&j, "client_id", client);
	if (m->platform == OLD_APP_SERVICE) {
		char text[40];
		struct tm tm;
		time_t end = now + LIFETIME;

		/* As it was before numbers were thought of. */
		if (gmtime_r(&end, &tm) &&
		    strftime(text, sizeof(text), "%m/%d/%Y %H:%M:%S +00:00", &tm))
			w365_jw_pair(&j, "expires_on", text);
	} else {
		pair_text(&j, "expires_on", now + LIFETIME);
	}
	if (!app) {
		pair_text(&j, "expires_in", LIFETIME);
		pair_text(&j, "ext_expires_in", LIFETIME);
		pair_text(&j, "not_before", now);
	}
	w365_jw_pair(&j, "resource", resource);
	w365_jw_pair(&j, "token_type", "Bearer");
	w365_jw_close(&j, '}');
}

static void give_token(struct machine *m)
{
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF_SECRET, roles = W365_BUF;
	const char *to = audience(m);
	int which = to ? find_identity(m) : -1;
	struct sim *s = m->sim;
	const struct sim_app *app;
	struct sim_token_spec spec;

	if (which < 0)
		return;
	app = sim_app_find(s, s->identity.managed_id[which]);
	if (!app) {
		fail(m, 400, "invalid_request", "Identity not found");
		return;
	}
	sim_app_roles(s, app->principal_id, app->built_in, &roles);
	spec = (struct sim_token_spec){ .base = s->config.base,
					.audience = to,
					.client_id = app->app_id,
					.app_name = sim_app_name(app),
					.proof = SIM_PROOF_CERTIFICATE,
					.roles = w365_buf_str(&roles),
					.lifetime = LIFETIME };
	if (w365_streq(to, EXCHANGE)) {
		spec.v2_issuer = true;
		spec.roles = NULL;
	}
	if (sim_token_mint(&s->identity, &spec, sim_now(s), &text))
		write_answer(m, w365_buf_str(&text), app->app_id,
			     sim_form_get(&m->form, "resource"));
	else
		fail(m, 500, "unknown", "Failed to retrieve token from the Active directory.");
}

/* The key of the challenge, in a file that only those in the right group can read. */
static bool write_key(struct machine *m, struct w365_buf *ret_path)
{
	struct sim_identity *id = &m->sim->identity;
	_cleanup_(w365_closep) int fd = -1;
	char name[37];

	w365_guid_new(name);
	w365_guid_new(id->arc_key);
	w365_buf_addf(ret_path, "%s/%s.key", m->sim->config.arc_keys, name);
	if (ret_path->failed)
		return false;
	fd = open(ret_path->data, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	return fd >= 0 && w365_write_all(fd, id->arc_key, strlen(id->arc_key)) == 0;
}

static void challenge(struct machine *m)
{
	_cleanup_(w365_buf_done) struct w365_buf path = W365_BUF, header = W365_BUF;

	if (!write_key(m, &path)) {
		fail(m, 500, "unknown", "The key file cannot be written.");
		return;
	}
	w365_buf_addf(&header, "Basic realm=%s", w365_buf_str(&path));
	fail(m, 401, "unauthorized_client", "The Authorization header is missing.");
	sim_reply_header(m->reply, "WWW-Authenticate", w365_buf_str(&header));
}

static void arc(struct machine *m)
{
	struct sim_identity *id = &m->sim->identity;
	const char *header = m->req->authorization;

	if (!header) {
		challenge(m);
	} else if (id->arc_key[0] && w365_starts(header, "Basic ") &&
		   same(header + 6, id->arc_key)) {
		id->arc_key[0] = '\0'; /* good for one request */
		give_token(m);
	} else {
		fail(m, 401, "unauthorized_client", "The key is not the one of the challenge.");
	}
}

static void imds(struct machine *m)
{
	const char *version = sim_form_get(&m->form, "api-version");
	bool post = w365_streq(m->req->method, "POST");

	if (!m->req->metadata || !w365_streq(m->req->metadata, "true") || m->req->forwarded_for)
		fail(m, 400, "bad_request_102", "Required metadata header not specified");
	else if (m->platform == CLOUD_SHELL)
		give_token(m);
	else if (post)
		fail(m, 405, "method_not_allowed", "The requested method is not allowed");
	else if (!version ||
		 (!sim_has_word(IMDS_VERSIONS, version) && !sim_has_word(ARC_VERSIONS, version)))
		fail(m, 400, "bad_request_101",
		     version ? "Unsupported api-version"
			     : "Required query variable 'api-version' is missing");
	else if (m->sim->config.arc_keys && sim_has_word(ARC_VERSIONS, version)) {
		m->platform = ARC;
		arc(m);
	} else if (!sim_has_word(IMDS_VERSIONS, version)) {
		fail(m, 400, "bad_request_101", "Unsupported api-version");
	} else {
		give_token(m);
	}
}

static void app_service(struct machine *m)
{
	const char *version = sim_form_get(&m->form, "api-version");
	const char *header =
		m->platform == APP_SERVICE ? m->req->identity_header : m->req->msi_secret;

	if (!same(header, m->sim->identity.managed_header))
		fail(m, 401, "", "The identity header is missing or wrong.");
	else if (!w365_streq(m->req->method, "GET"))
		fail(m, 405, "", "The method is not allowed.");
	else if (!version ||
		 !w365_streq(version, m->platform == APP_SERVICE ? "2019-08-01" : "2017-09-01"))
		fail(m, 400, "", "The api-version is missing or not supported.");
	else
		give_token(m);
}

bool sim_managed(struct sim *s, const struct sim_request *req, struct sim_reply *reply)
{
	struct machine m = { .sim = s, .req = req, .reply = reply };
	/* MSAL for JavaScript adds a slash. */
	bool metadata =
		w365_span_is(req->path, IMDS_PATH) || w365_span_is(req->path, IMDS_PATH "/");
	bool post = w365_streq(req->method, "POST");
	struct w365_err err;

	if (!metadata && !w365_span_is(req->path, APP_PATH))
		return false;
	if (sim_form_parse(post ? req->body : req->query, &m.form, &err) < 0) {
		fail(&m, 400, "invalid_request", err.msg);
		return true;
	}
	if (metadata) {
		imds(&m);
	} else if (post) {
		m.platform = CLOUD_SHELL;
		imds(&m);
	} else {
		m.platform =
			req->msi_secret && !req->identity_header ? OLD_APP_SERVICE : APP_SERVICE;
		app_service(&m);
	}
	sim_form_done(&m.form);
	return true;
}
