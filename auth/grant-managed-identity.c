/* A machine of Azure, which its platform vouches for: IMDS of a virtual machine, App Service and
 * Container Apps, Azure Arc.
 *
 * Source: https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/
 * how-to-use-vm-token, https://learn.microsoft.com/azure/azure-arc/servers/managed-identity-authentication
 */
#include "auth/grant.h"
#include "auth/probe.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/json-read.h"
#include "base/macros.h"
#include "base/str.h"
#include "base/url.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#define ARC        "http://127.0.0.1:40342/metadata/identity/oauth2/token"
#define ARC_TOKENS "/var/opt/azcmagent/tokens"
#define KEY_MAX    4096

enum platform { IMDS_VM, APP_SERVICE, AZURE_ARC };

struct identity {
	enum platform platform;
	char *endpoint, *secret; /* of App Service */
	char *arc_key;           /* what the agent has asked for; used once */
};

static const char *env(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

static bool arc_agent(void)
{
	return access("/opt/azcmagent/bin/himds", X_OK) == 0 ||
	       access("/var/opt/azcmagent/bin/himds", X_OK) == 0;
}

/* Where the platform has said so. A virtual machine says nothing: auth/probe.h asks its host. */
static bool configured(const struct auth_config *c)
{
	return (env("IDENTITY_ENDPOINT") && (env("IDENTITY_HEADER") || env("IMDS_ENDPOINT"))) ||
	       env("AZURE_POD_IDENTITY_AUTHORITY_HOST") || arc_agent();
}

/* The platform's answer is a token: plain http may go to this machine and its host alone. */
static int check_endpoint(const char *url, struct w365_err *reterr)
{
	struct w365_origin o;
	int r = w365_origin_parse(url, &o, NULL, reterr);

	if (r < 0)
		return r;
	if (!o.tls && !o.loopback && !w365_starts(o.host, "169.254."))
		return w365_err_set(
			reterr, EINVAL,
			"the managed identity's address %.200s is plain http and not on this machine",
			url);
	return 0;
}

static void close_identity(void *state)
{
	struct identity *id = state;

	free(id->endpoint);
	w365_wipe_str(id->secret);
	w365_wipe_str(id->arc_key);
	free(id);
}

static int open_identity(const struct auth_config *c, const struct auth_clock *now,
			 void **ret_state, struct w365_err *reterr)
{
	struct identity *id = calloc(1, sizeof(*id));
	const char *endpoint = env("IDENTITY_ENDPOINT"), *secret = env("IDENTITY_HEADER"),
		   *host = env("AZURE_POD_IDENTITY_AUTHORITY_HOST");
	int n = 0, r;

	if (!id)
		return w365_err_oom(reterr);
	if (endpoint && secret) {
		id->platform = APP_SERVICE;
		n = asprintf(&id->endpoint, "%s", endpoint);
		id->secret = strdup(secret);
	} else if ((endpoint && env("IMDS_ENDPOINT")) || arc_agent()) {
		id->platform = AZURE_ARC;
		n = asprintf(&id->endpoint, "%s", endpoint ? endpoint : ARC);
	} else {
		host = host ? host : AUTH_IMDS;
		n = asprintf(&id->endpoint, "%.*s" AUTH_IMDS_PATH,
			     (int)(strlen(host) - w365_ends(host, "/")), host);
	}
	if (n < 0) {
		id->endpoint = NULL;
		r = w365_err_oom(reterr);
	} else {
		r = check_endpoint(id->endpoint, reterr);
	}
	if (r < 0)
		close_identity(id);
	else
		*ret_state = id;
	return r;
}

static int header(struct w365_request *req, unsigned i, const char *before, const char *value)
{
	if (asprintf(&req->headers[i], "%s%s", before, value) < 0)
		req->headers[i] = NULL;
	return req->headers[i] ? 0 : -ENOMEM;
}

static int next(void *state, const struct auth_context *x, struct auth_todo *ret,
		struct w365_err *reterr)
{
	static const char *const versions[] = { "2018-02-01", "2019-08-01", "2020-06-01" };
	_cleanup_(w365_buf_done) struct w365_buf url = W365_BUF;
	struct identity *id = state;
	struct w365_request *req = &ret->request;
	int r;

	*req = (struct w365_request){ .method = "GET", .direct = true };
	w365_buf_addf(&url, "%s?api-version=%s&resource=", id->endpoint, versions[id->platform]);
	w365_buf_add_url(&url, x->config->resource);
	if (x->config->client_id) {
		w365_buf_adds(&url, "&client_id=");
		w365_buf_add_url(&url, x->config->client_id);
	}
	req->url = w365_buf_take(&url);
	if (id->platform == APP_SERVICE)
		r = header(req, 0, "X-IDENTITY-HEADER: ", id->secret);
	else
		r = header(req, 0, "Metadata: ", "true");
	if (r == 0 && id->arc_key)
		r = header(req, 1, "Authorization: Basic ", id->arc_key);
	id->arc_key = w365_wipe_str(id->arc_key);
	return r < 0 ? w365_err_oom(reterr) : AUTH_SEND;
}

/* The agent proves that it runs as root by a file that only root and its group may read. The path
 * comes over the network: it must be just where the agent puts such files, lest somebody has us
 * send any file. */
static int read_arc_key(struct identity *id, const char *challenge, struct w365_err *reterr)
{
	_cleanup_(w365_buf_done) struct w365_buf b = W365_BUF_SECRET;
	const char *realm = challenge ? strcasestr(challenge, "Basic realm=") : NULL;
	char path[256], *end;
	int r;

	if (!realm)
		return w365_err_set(reterr, EPROTO, "the Azure Arc agent names no key file");
	snprintf(path, sizeof(path), "%s", realm + strlen("Basic realm="));
	end = path + strcspn(path, ", \t\r\n");
	*end = '\0';
	if (!w365_starts(path, ARC_TOKENS "/") || strchr(path + strlen(ARC_TOKENS "/"), '/') ||
	    !w365_ends(path, ".key"))
		return w365_err_set(
			reterr, EACCES,
			"the Azure Arc agent names a key file in the wrong place: %.200s", path);
	r = w365_file_read(path, KEY_MAX, false, &b, reterr);
	if (r == -EACCES)
		return w365_err_set(reterr, EACCES,
				    "'%s' may not be read: add this user to the group himds", path);
	if (r == 0) {
		w365_wipe_str(id->arc_key);
		id->arc_key = strdup(w365_buf_str(&b));
	}
	return r;
}

struct failure {
	char *error, *description, *message;
};

static const struct w365_json_field failure_fields[] = {
	{ "error", W365_JSON_STRING, offsetof(struct failure, error), W365_JSON_LAX },
	{ "error_description", W365_JSON_STRING, offsetof(struct failure, description),
	  W365_JSON_LAX },
	{ "message", W365_JSON_STRING, offsetof(struct failure, message), W365_JSON_LAX },
	{ NULL, 0, 0, 0 },
};

static enum auth_result failed(const struct w365_reply *reply, struct auth_outcome *ret)
{
	bool passing = reply->status == 404 || reply->status == 410 || reply->status == 429 ||
		       reply->status >= 500;
	struct failure f = { 0 };
	const char *text;

	w365_json_read(reply->body, reply->len, failure_fields, &f, NULL);
	text = f.description ? f.description : f.message ? f.message : f.error ? f.error : "";
	w365_err_set(&ret->err, passing ? EAGAIN : EACCES,
		     "the platform gives no managed identity (%d%s%.*s)", reply->status,
		     *text ? ": " : "", (int)MIN(strcspn(text, "\r\n"), 300), text);
	ret->err.http = reply->status;
	/* Each virtual machine of Azure has IMDS; not each has an identity. */
	ret->absent = reply->status == 400 && strstr(text, "Identity not found");
	w365_json_read_free(failure_fields, &f);
	return passing ? AUTH_PASSING : AUTH_REFUSED;
}

static enum auth_result reply(void *state, const struct auth_context *x,
			      const struct w365_reply *reply, struct auth_outcome *ret)
{
	struct identity *id = state;

	if (reply->status == 401 && id->platform == AZURE_ARC)
		return read_arc_key(id, reply->www_authenticate, &ret->err) < 0 ? AUTH_REFUSED
										: AUTH_GO_ON;
	if (reply->status != 200)
		return failed(reply, ret);
	return auth_token_read(reply->body, reply->len, "the platform", &ret->token, &ret->err) < 0
		       ? AUTH_REFUSED
		       : AUTH_GOT_TOKEN;
}

const struct auth_grant auth_grant_managed_identity = {
	.name = "managed-identity",
	.help = "a machine of Azure by its own identity (IMDS, App Service, Arc)",
	.app_only = true,
	.anonymous = true,
	.configured = configured,
	.open = open_identity,
	.next = next,
	.reply = reply,
	.close = close_identity,
};
