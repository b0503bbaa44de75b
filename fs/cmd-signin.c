/* login, logout, status, token: a sign-in without a mount. */
#include "auth/cache.h"
#include "auth/claims.h"
#include "auth/grant.h"
#include "base/buf.h"
#include "base/json-write.h"
#include "base/log.h"
#include "base/macros.h"
#include "base/str.h"
#include "base/time.h"
#include "fs/commands.h"
#include "fs/connect.h"
#include "fs/keyring.h"

#include <errno.h>
#include <sys/prctl.h>

/* Reads the words of one of these commands. 1: go on; else its exit code is in *@ret_code. */
static int begin(struct fs_options *o, int argc, char **argv, int *ret_code)
{
	_cleanup_(w365_freep) const char **words = calloc((size_t)argc + 1, sizeof(*words));
	struct w365_err err = { 0 };
	int r = words ? fs_options_parse(o, argc, argv, words, &err) : w365_err_oom(&err);

	*ret_code = FS_EXIT_OK;
	if (r == 0 && o->help) {
		fs_command_help(argv[0]);
		printf("\n");
		fs_options_help(stdout);
		return 0;
	}
	if (r == 0 && words[0])
		r = w365_err_set(&err, EINVAL, "'%.60s': 'w365fs %s' takes options alone", words[0],
				 argv[0]);
	if (r == 0)
		r = fs_options_settle(o, &err);
	if (r < 0)
		*ret_code = fs_complain(&err, FS_EXIT_USAGE);
	else if (o->verbose)
		w365_log_set_level(W365_LOG_INFO);
	prctl(PR_SET_DUMPABLE, 0);
	return r == 0;
}

static int sign_in(struct fs_connection *c, struct fs_options *o, int *ret_code)
{
	struct w365_err err = { 0 };
	enum fs_stage stage = FS_STAGE_SETTINGS;
	int r = fs_connect(c, o, &err);

	if (r == 0) {
		stage = FS_STAGE_SIGNIN;
		r = fs_connection_signin(c, &err);
	}
	if (r < 0)
		*ret_code = fs_complain(&err, fs_exit_code(stage, &err));
	return r;
}

/* ---- status ---- */

static const char *expires(const struct fs_connection *c, char when[W365_TIME_MAX])
{
	int64_t off = ((int64_t)auth_expires(c->auth) - (int64_t)graph_loop_now(c->loop)) / 1000;

	return w365_time_format(time(NULL) + off, when);
}

/* What the token opens in the tree. */
static const char *allowed(const struct auth_claims *c)
{
	if (!c)
		return "unknown";
	if (auth_claims_have(c, "CloudPC.ReadWrite.All"))
		return "read and write";
	return auth_claims_have(c, "CloudPC.Read.All") ? "read" : "nothing of Windows 365";
}

static void words_of(struct w365_jw *w, const char *words)
{
	char one[128];

	for (const char *p = words; p && *p; p += strspn(p, " ")) {
		size_t n = strcspn(p, " ");

		snprintf(one, sizeof(one), "%.*s", (int)MIN(n, sizeof(one) - 1), p);
		w365_jw_str(w, one);
		p += n;
	}
}

static void status_json(const struct fs_connection *c, const struct fs_options *o)
{
	const struct auth_claims *cl = auth_claims(c->auth);
	_cleanup_(w365_buf_done) struct w365_buf b = W365_BUF;
	struct w365_jw w = { .out = &b };
	char when[W365_TIME_MAX];

	w365_jw_open(&w, '{');
	w365_jw_pair(&w, "tenant", cl && cl->tenant ? cl->tenant : o->tenant);
	w365_jw_pair(&w, "account", cl ? cl->user ? cl->user : cl->object : NULL);
	w365_jw_pair(&w, "clientId", o->client_id);
	w365_jw_pair(&w, "grant", auth_grant_name(c->auth));
	w365_jw_key(&w, "scopes");
	w365_jw_open(&w, '[');
	words_of(&w, cl ? cl->scopes : NULL);
	w365_jw_close(&w, ']');
	w365_jw_key(&w, "roles");
	w365_jw_open(&w, '[');
	words_of(&w, cl ? cl->roles : NULL);
	w365_jw_close(&w, ']');
	w365_jw_pair(&w, "permissions", allowed(cl));
	w365_jw_pair(&w, "expires", expires(c, when));
	w365_jw_close(&w, '}');
	printf("%s\n", w365_buf_str(&b));
}

static void status_text(const struct fs_connection *c, const struct fs_options *o)
{
	const struct auth_claims *cl = auth_claims(c->auth);
	const char *granted = !cl ? NULL : cl->roles ? cl->roles : cl->scopes;
	char when[W365_TIME_MAX];

	printf("tenant      %s\n", cl && cl->tenant ? cl->tenant
				   : o->tenant      ? o->tenant
						    : "unknown");
	printf("account     %s%s\n",
	       !cl          ? "unknown"
	       : cl->user   ? cl->user
	       : cl->object ? cl->object
			    : "unknown",
	       auth_app_only(c->auth) ? " (an application)" : "");
	printf("application %s\n", o->client_id ? o->client_id : "unknown");
	printf("signed in   by %s\n", auth_grant_name(c->auth));
	printf("granted     %s\n", granted ? granted : "nothing");
	printf("allows      %s\n", allowed(cl));
	printf("token until %s\n", expires(c, when));
}

static void tell_status(const struct fs_connection *c, const struct fs_options *o)
{
	if (o->json)
		status_json(c, o);
	else
		status_text(c, o);
}

int fs_cmd_status(int argc, char **argv)
{
	_cleanup_(fs_options_done) struct fs_options o;
	_cleanup_(fs_connection_done) struct fs_connection c = { 0 };
	int code;

	fs_options_init(&o);
	if (begin(&o, argc, argv, &code) && sign_in(&c, &o, &code) == 0)
		tell_status(&c, &o);
	return code;
}

int fs_cmd_token(int argc, char **argv)
{
	_cleanup_(fs_options_done) struct fs_options o;
	_cleanup_(fs_connection_done) struct fs_connection c = { 0 };
	int code;

	fs_options_init(&o);
	if (!begin(&o, argc, argv, &code) || sign_in(&c, &o, &code) < 0)
		return code;
	if (o.json) {
		_cleanup_(w365_buf_done) struct w365_buf b = W365_BUF_SECRET;
		struct w365_jw w = { .out = &b };
		char when[W365_TIME_MAX];

		w365_jw_open(&w, '{');
		w365_jw_pair(&w, "accessToken", auth_bearer(c.auth, graph_loop_now(c.loop)));
		w365_jw_pair(&w, "expires", expires(&c, when));
		w365_jw_close(&w, '}');
		puts(w365_buf_str(&b));
	} else {
		puts(auth_bearer(c.auth, graph_loop_now(c.loop)));
	}
	return fflush(stdout) == 0 ? code : FS_EXIT_INTERNAL;
}

static bool of_person(const char *name)
{
	for (const struct auth_grant *const *g = auth_grants; *g; g++)
		if (w365_streq((*g)->name, name))
			return (*g)->person;
	return true; /* unknown: that is said later */
}

/* Signed in. A sign-in that is not kept was for nothing. */
static int tell_login(const struct fs_connection *c, const struct fs_options *o)
{
	struct w365_err err;

	tell_status(c, o);
	if (!auth_is_kept(c->auth)) {
		w365_err_set(
			&err, EIO,
			"the sign-in is not kept: name a file that can be written by --token-cache");
		return fs_complain(&err, FS_EXIT_INTERNAL);
	}
	if (!o->json)
		printf("kept in     %s, %s\n", o->token_cache,
		       auth_is_sealed(c->auth) ? "sealed by the keyring"
					       : "which nobody else may read");
	return FS_EXIT_OK;
}

int fs_cmd_login(int argc, char **argv)
{
	_cleanup_(fs_options_done) struct fs_options o;
	_cleanup_(fs_connection_done) struct fs_connection c = { 0 };
	struct w365_err err;
	int code;

	fs_options_init(&o);
	if (!begin(&o, argc, argv, &code))
		return code;
	if (w365_streq(o.auth_config.grant, "auto"))
		o.auth_config.grant = "browser";
	if (!of_person(o.auth_config.grant)) {
		w365_err_set(
			&err, EINVAL,
			"--auth=%s signs in by itself, at each mount; 'login' is for people: browser or device-code",
			o.auth_config.grant);
		return fs_complain(&err, FS_EXIT_USAGE);
	}
	o.auth_config.person = o.auth_config.fresh = true;
	return sign_in(&c, &o, &code) == 0 ? tell_login(&c, &o) : code;
}

static void count_sealed(void *arg, const struct auth_account *a)
{
	*(unsigned *)arg += a->sealed != NULL;
}

static unsigned sealed_in(const char *path)
{
	unsigned n = 0;

	auth_cache_each(path, count_sealed, &n, NULL);
	return n;
}

int fs_cmd_logout(int argc, char **argv)
{
	_cleanup_(fs_options_done) struct fs_options o;
	struct w365_err err = { 0 };
	unsigned sealed;
	int code, n;

	fs_options_init(&o);
	if (!begin(&o, argc, argv, &code))
		return code;
	if (!o.token_cache || !o.tenant || !o.client_id) {
		w365_err_set(
			&err, EINVAL,
			"which sign-in? Give --tenant and --client-id, or write them into the configuration");
		return fs_complain(&err, FS_EXIT_USAGE);
	}
	sealed = sealed_in(o.token_cache);
	n = auth_cache_forget(o.token_cache, o.auth_config.authority, o.tenant, o.client_id, &err);
	if (n < 0)
		return fs_complain(&err, FS_EXIT_INTERNAL);
	if (sealed && !sealed_in(o.token_cache))
		fs_keyring_forget(o.token_cache);
	if (o.json)
		printf("{\n  \"forgotten\": %d\n}\n", n);
	else if (n)
		printf("Signed out here. What was given out before stays valid for up to 90 days: an administrator, "
		       "or \"sign out everywhere\" at https://myaccount.microsoft.com, revokes it.\n");
	else
		printf("Nobody was signed in.\n");
	return FS_EXIT_OK;
}
