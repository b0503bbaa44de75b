/* What the network, the sign-in service and Graph say. Each question runs the loop until its answer
 * is there. */
#include "auth/claims.h"
#include "auth/discovery.h"
#include "base/buf.h"
#include "base/macros.h"
#include "base/str.h"
#include "base/time.h"
#include "base/url.h"
#include "fs/doctor.h"
#include "graph/query.h"

#include <errno.h>

#define DOCUMENT_MAX ((size_t)1 << 20)
#define CLOCK_WARN_S 60
#define CLOCK_FAIL_S 300 /* Entra ID takes assertions that are that much off */

/* Until somebody stops the loop. */
static void wait_for_answer(struct fs_doctor *d)
{
	if (graph_loop_run(d->c.loop) < 0)
		d->interrupted = true;
	graph_loop_resume(d->c.loop);
}

static bool managed(const struct fs_doctor *d)
{
	return d->c.auth && w365_streq(auth_grant_name(d->c.auth), "managed-identity");
}

/* ---- proxy ---- */

bool fs_doctor_no_proxy(const char *list, const char *host)
{
	size_t len = strlen(host);

	for (const char *p = list + strspn(list, ", "); *p;) {
		size_t n = strcspn(p, ", "), dot = *p == '.';

		if (n == 1 && *p == '*')
			return true;
		if (n > dot && n - dot <= len &&
		    strncasecmp(p + dot, host + len - (n - dot), n - dot) == 0 &&
		    (n - dot == len || host[len - (n - dot) - 1] == '.'))
			return true;
		p += n;
		p += strspn(p, ", ");
	}
	return false;
}

void fs_doctor_hide_password(const char *proxy, char *out, size_t size)
{
	const char *rest = strstr(proxy, "://"), *at;

	rest = rest ? rest + 3 : proxy;
	/* What is in front of the last '@', even where a '/' in it should have been encoded. */
	at = strrchr(rest, '@');
	if (at)
		snprintf(out, size, "%.*s***%s", (int)(rest - proxy), proxy, at);
	else
		snprintf(out, size, "%s", proxy);
}

/* The variable that libcurl takes for @origin, or NULL. HTTP_PROXY in capitals is none: a web
 * server's visitor could set it. */
static const char *proxy_variable(const struct w365_origin *origin)
{
	static const char *const https[] = { "https_proxy", "HTTPS_PROXY", "all_proxy",
					     "ALL_PROXY" };
	static const char *const http[] = { "http_proxy", "all_proxy", "ALL_PROXY" };
	const char *const *names = origin->tls ? https : http;
	size_t n = origin->tls ? ARRAY_SIZE(https) : ARRAY_SIZE(http);
	const char *except = getenv("no_proxy"), *value;

	if (!except)
		except = getenv("NO_PROXY");
	if (origin->loopback || (except && fs_doctor_no_proxy(except, origin->host)))
		return NULL;
	for (size_t i = 0; i < n; i++) {
		value = getenv(names[i]);
		if (value) /* an empty one hides the others: no proxy */
			return *value ? names[i] : NULL;
	}
	return NULL;
}

static bool origin_of(const char *url, struct w365_origin *ret)
{
	return w365_origin_parse(url, ret, NULL, NULL) == 0 && (ret->tls || ret->loopback);
}

static void one_proxy(struct w365_buf *out, const char *url)
{
	struct w365_origin origin;
	const char *variable;
	char shown[256];

	if (!origin_of(url, &origin))
		return;
	variable = proxy_variable(&origin);
	w365_buf_addf(out, "%s%s: ", out->len ? ", " : "", origin.host);
	if (!variable) {
		w365_buf_adds(out, "none");
		return;
	}
	fs_doctor_hide_password(getenv(variable), shown, sizeof(shown));
	w365_buf_addf(out, "%s of $%s", shown, variable);
}

void fs_doctor_proxy(struct fs_doctor *d, struct fs_finding *f)
{
	_cleanup_(w365_buf_done) struct w365_buf b = W365_BUF;

	if (d->o->unix_socket) {
		fs_doctor_ok(f, "none: --unix-socket=%s is asked", d->o->unix_socket);
		return;
	}
	one_proxy(&b, d->o->auth_config.authority);
	if (!w365_streq(d->o->auth_config.authority, d->o->client.origin))
		one_proxy(&b, d->o->client.origin);
	fs_doctor_ok(f, "%s", w365_buf_str(&b));
}

/* ---- the sign-in host, the tenant, the clock ---- */

static void on_discovery(void *arg, const struct w365_reply *reply, const struct w365_err *err)
{
	struct fs_doctor *d = arg;

	d->date_wall = time(NULL);
	if (!reply) {
		d->host = *err;
	} else {
		snprintf(d->date, sizeof(d->date), "%s", reply->date ? reply->date : "");
		auth_discovery_judge(&d->o->auth_config, reply, (int64_t)d->date_wall, &d->tenant);
		if (d->tenant.num == EPROTO || d->tenant.num == EAGAIN)
			d->host = d->tenant;
	}
	graph_loop_stop(d->c.loop, 0);
}

static void discover(struct fs_doctor *d)
{
	struct graph_transfer *t = NULL;
	struct w365_request req;
	int r = auth_discovery_request(&d->o->auth_config, &req, &d->host);

	if (r == 0)
		r = graph_http_send(d->c.http, &req, NULL, NULL, DOCUMENT_MAX, on_discovery, d, &t,
				    &d->host);
	if (r == 0)
		wait_for_answer(d);
	if (d->interrupted)
		graph_transfer_cancel(t);
	w365_request_done(&req);
}

/* Hints alone: the words are OpenSSL's and curl's. */
static const char *about_certificate(const char *sentence)
{
	if (strstr(sentence, "expired") || strstr(sentence, "not yet valid"))
		return "look at this computer's clock; if it is right, tell whoever runs that host";
	if (strstr(sentence, "match"))
		return "check the address: a host of another name answers there";
	return "give --ca-file with the authority that signs for it";
}

/* What to do about a host that does not answer. */
static void blame_network(struct fs_finding *f, const struct w365_err *err, const char *url)
{
	struct w365_origin origin;
	const char *variable = origin_of(url, &origin) ? proxy_variable(&origin) : NULL;
	char next[320];

	if (err->num == EIO && !err->passing)
		snprintf(next, sizeof(next), "%s", about_certificate(err->msg));
	else if (err->num == EAGAIN)
		snprintf(next, sizeof(next), "try again in some minutes");
	else if (err->num == EPROTO || err->num == EINVAL)
		next[0] = '\0'; /* the sentence has it */
	else if (variable)
		snprintf(next, sizeof(next), "see whether the proxy of $%s is right and lets %s by",
			 variable, origin.host);
	else
		snprintf(next, sizeof(next),
			 "see whether this computer is online and a firewall lets %s by; behind a "
			 "proxy, set HTTPS_PROXY",
			 url);
	fs_doctor_fail(f, err->num == EINVAL ? FS_EXIT_USAGE : FS_EXIT_NETWORK, next, "%s",
		       err->msg);
}

void fs_doctor_host(struct fs_doctor *d, struct fs_finding *f)
{
	const char *authority = d->o->auth_config.authority;
	struct w365_origin origin;

	if (managed(d)) {
		fs_doctor_skip(f, "a managed identity asks this machine's own");
		return;
	}
	if (!origin_of(authority, &origin)) {
		fs_doctor_skip(f, "\"settings\" comes first");
		f->blocks = true;
		return;
	}
	discover(d);
	if (d->host.num)
		blame_network(f, &d->host, authority);
	else
		fs_doctor_ok(f, "%s answers%s", authority,
			     origin.tls ? ", with a certificate that is trusted" : "");
}

void fs_doctor_tenant(struct fs_doctor *d, struct fs_finding *f)
{
	if (managed(d) || !d->o->tenant)
		fs_doctor_skip(f, "none is named");
	else if (d->tenant.num)
		fs_doctor_fail(f, FS_EXIT_SIGNIN, NULL, "%s", d->tenant.msg);
	else
		fs_doctor_ok(f, "%s exists", d->o->tenant);
}

void fs_doctor_judge_clock(struct fs_finding *f, int64_t ahead)
{
	static const char set[] = "set it right: timedatectl set-ntp true";
	const char *which = ahead > 0 ? "fast" : "slow";
	long long off = llabs((long long)ahead);

	if (off > CLOCK_FAIL_S)
		fs_doctor_fail(f, FS_EXIT_USAGE, set, "this computer's clock is %lld minutes %s",
			       off / 60, which);
	else if (off > CLOCK_WARN_S)
		fs_doctor_warn(f, set, "this computer's clock is %lld s %s", off, which);
	else
		fs_doctor_ok(f, "right to %lld s", off + 1); /* the service tells whole seconds */
}

void fs_doctor_clock(struct fs_doctor *d, struct fs_finding *f)
{
	time_t theirs;

	if (*d->date && w365_time_parse_http(d->date, &theirs))
		fs_doctor_judge_clock(f, (int64_t)d->date_wall - (int64_t)theirs);
	else
		fs_doctor_skip(f, "nobody has told the time");
}

/* ---- the sign-in ---- */

static void blame_signin(const struct fs_doctor *d, struct fs_finding *f,
			 const struct w365_err *err)
{
	int code = fs_exit_code(FS_STAGE_SIGNIN, err);

	if (code == FS_EXIT_NETWORK && managed(d))
		fs_doctor_fail(f, code,
			       "see in the portal whether this machine has a managed identity",
			       "%s", err->msg);
	else if (code == FS_EXIT_NETWORK)
		blame_network(f, err, d->o->auth_config.authority);
	else
		fs_doctor_fail(f, code, auth_of_person(d->c.auth) ? "run 'w365fs login'" : NULL,
			       "%s", err->msg);
}

/* Without a person: what only one can do, the sign-in refuses. */
void fs_doctor_signin(struct fs_doctor *d, struct fs_finding *f)
{
	struct w365_err err = { 0 };
	const struct auth_claims *c;
	int r;

	if (d->no_cache && auth_of_person(d->c.auth)) {
		fs_doctor_skip(f, "\"token cache\" comes first");
		f->blocks = true;
		return;
	}
	r = fs_connection_signin(&d->c, &err);
	if (r < 0) {
		d->interrupted = err.num == EINTR;
		blame_signin(d, f, &err);
		return;
	}
	c = auth_claims(d->c.auth);
	if (auth_app_only(d->c.auth))
		fs_doctor_ok(f, "the application is known, its credential accepted");
	else
		fs_doctor_ok(f, "signed in%s%s", c && c->user ? " as " : "",
			     c && c->user ? c->user : "");
}

static const char *how_to_permit(const struct fs_doctor *d)
{
	const char *grant = auth_grant_name(d->c.auth);

	if (w365_streq(grant, "managed-identity"))
		return "grant the application role CloudPC.Read.All to the managed identity; that may take a day to show";
	if (w365_streq(grant, "azure-cli"))
		return "run 'w365fs login': tokens of the Azure CLI have no permission for Cloud PCs";
	if (auth_app_only(d->c.auth))
		return "add the application permission CloudPC.Read.All of Microsoft Graph to the app registration, and grant admin consent";
	return "add the delegated permission CloudPC.Read.All of Microsoft Graph to the app registration, and run 'w365fs login' to accept it";
}

void fs_doctor_permission(struct fs_doctor *d, struct fs_finding *f)
{
	const struct auth_claims *c = auth_claims(d->c.auth);
	struct w365_err err;

	if (fs_connection_suits(&d->c, d->o, &err) < 0)
		fs_doctor_fail(f, FS_EXIT_SIGNIN, "run 'w365fs login', and give --auth=browser",
			       "%s", err.msg);
	else if (!c)
		fs_doctor_skip(f, "this token cannot be read; Microsoft Graph will tell");
	else if (auth_claims_have(c, "CloudPC.ReadWrite.All"))
		fs_doctor_ok(f, "CloudPC.ReadWrite.All: read and write");
	else if (auth_claims_have(c, "CloudPC.Read.All"))
		fs_doctor_ok(f, "CloudPC.Read.All: read");
	else
		fs_doctor_fail(f, FS_EXIT_SIGNIN, how_to_permit(d),
			       "the token has no permission for Windows 365 (it has %s)",
			       c->roles    ? c->roles
			       : c->scopes ? c->scopes
					   : "none at all");
}

/* ---- Graph ---- */

static void on_probe(void *arg, const struct w365_reply *reply, const struct w365_err *err)
{
	struct fs_doctor *d = arg;

	d->graph = err ? *err : (struct w365_err){ 0 };
	graph_loop_stop(d->c.loop, 0);
}

void fs_doctor_graph(struct fs_doctor *d, struct fs_finding *f)
{
	const struct graph_ask ask = { .url = graph_query_probe(d->o->fs.own),
				       .priority = GRAPH_INTERACTIVE };
	const char *origin = d->o->client.origin;
	const struct w365_err *e = &d->graph;
	struct graph_call *call = NULL;

	if (graph_get(d->c.client, &ask, on_probe, d, &call, &d->graph) == 0)
		wait_for_answer(d);
	if (!e->num || e->http == 403 || e->http == 404)
		fs_doctor_ok(f, "%s answers", origin);
	else if (e->num == EACCES) /* 401; or a new token was needed, and refused */
		fs_doctor_fail(f, FS_EXIT_SIGNIN,
			       auth_of_person(d->c.auth)
				       ? "run 'w365fs login'"
				       : "see whether --cloud and --graph-endpoint fit the tenant",
			       "%s", e->msg);
	else if (e->http == 429 || e->num == EAGAIN)
		fs_doctor_fail(f, FS_EXIT_NETWORK, "wait, and ask less often", "%s", e->msg);
	else if (e->http >= 500)
		fs_doctor_fail(f, FS_EXIT_NETWORK, "try again in some minutes", "%s", e->msg);
	else
		blame_network(f, e, origin);
}

void fs_doctor_role(struct fs_doctor *d, struct fs_finding *f)
{
	const struct auth_claims *c = auth_claims(d->c.auth);
	const char *role = c && c->wids ? auth_claims_role(c) : NULL;

	if (auth_app_only(d->c.auth))
		fs_doctor_skip(f, "an application needs none");
	else if (d->o->fs.own)
		fs_doctor_skip(f, "one's own Cloud PCs take none");
	else if (role)
		fs_doctor_ok(f, "%s", role);
	else if (!c || !c->wids)
		fs_doctor_skip(f, "this token does not tell");
	else if (d->graph.http == 403)
		fs_doctor_fail(
			f, FS_EXIT_SIGNIN,
			"ask an administrator for the role Windows 365 Administrator (to read, Global Reader is enough)",
			"%s has no role that opens Windows 365", c->user ? c->user : "this person");
	else
		fs_doctor_ok(f, "none in the directory, but one in Windows 365 or Intune");
}

static const char *how_to_enter(const struct fs_doctor *d)
{
	if (d->graph.http == 404)
		return "see whether Windows 365 is offered in this cloud (--cloud), or try the other --api";
	if (strcasestr(d->graph.msg, "licen") || auth_app_only(d->c.auth))
		return "see whether the organisation has a Windows 365 licence";
	return "see whether the organisation has a Windows 365 licence, and this person the role Windows 365 Administrator";
}

void fs_doctor_windows365(struct fs_doctor *d, struct fs_finding *f)
{
	if (d->graph.num)
		fs_doctor_fail(f, FS_EXIT_SIGNIN, how_to_enter(d), "%s", d->graph.msg);
	else
		fs_doctor_ok(f, "Cloud PCs may be listed");
}
