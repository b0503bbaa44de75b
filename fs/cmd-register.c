/* register: the application that a mount signs in by, made by an administrator's sign-in. */
#include "auth/claims.h"
#include "base/log.h"
#include "base/macros.h"
#include "base/str.h"
#include "base/time.h"
#include "fs/commands.h"
#include "fs/connect.h"
#include "fs/register-config.h"
#include "fs/register-files.h"
#include "fs/register-options.h"
#include "fs/register-report.h"

#include <errno.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>

#define GRAPH_COMMAND_LINE_TOOLS "14d82eec-204b-4c2f-b7e8-296a70dab67e"
#define NAME                     "w365fs"
#define RECENT_S                 600            /* the directory may still be spreading a change */
#define SECRET_S                 (180L * 86400) /* many organisations allow no longer life */

enum {
	GIVEN_CLIENT_ID,
	GIVEN_AUTH,
	GIVEN_CLOUD,
	GIVEN_AUTHORITY,
	GIVEN_GRAPH,
	GIVEN_CA,
	GIVEN_SOCKET,
	GIVEN_COUNT,
};

struct registration {
	struct fs_register_options mine;
	struct fs_options o;
	bool given[GIVEN_COUNT]; /* which of those were on the command line */
	struct fs_connection c;
	struct graph_register_plan plan;
	struct graph_register *machine;
	struct graph_call *call;
	struct graph_timer timer;
	bool told, saved;
	struct w365_err err;

	struct w365_buf scope, certificate, requests;
	char *config, *secret_file, *certificate_file, *likely;
	char secret_name[96], secret_end[W365_TIME_MAX];
	bool secret_kept, default_tenant;
};

static void registration_done(struct registration *g)
{
	graph_call_cancel(g->call);
	graph_timer_stop(&g->timer);
	graph_register_free(g->machine);
	fs_connection_done(&g->c);
	fs_register_options_done(&g->mine);
	fs_options_done(&g->o);
	w365_buf_done(&g->scope);
	w365_buf_done(&g->certificate);
	w365_buf_done(&g->requests);
	if (g->plan.secret_name && !g->plan.dry)
		fs_register_secret_drop(g->secret_file);
	free(g->config);
	free(g->secret_file);
	free(g->certificate_file);
	free(g->likely);
}

/* ---- what is asked for ---- */

static int read_words(struct registration *g, int argc, char **argv, struct w365_err *reterr)
{
	_cleanup_(w365_freep) const char **words = calloc((size_t)argc + 1, sizeof(*words));
	struct fs_options *o = &g->o;
	int r = words ? fs_register_options_take(&g->mine, &argc, argv, reterr)
		      : w365_err_oom(reterr);

	if (r == 0)
		r = fs_options_parse(o, argc, argv, words, reterr);
	if (r < 0 || o->help)
		return r;
	if (words[0])
		return w365_err_set(reterr, EINVAL,
				    "'%.60s': 'w365fs register' takes options alone", words[0]);
	g->given[GIVEN_CLIENT_ID] = o->client_id;
	g->given[GIVEN_AUTH] = o->auth;
	g->given[GIVEN_CLOUD] = o->cloud;
	g->given[GIVEN_AUTHORITY] = o->authority;
	g->given[GIVEN_GRAPH] = o->graph_endpoint;
	g->given[GIVEN_CA] = o->ca_file;
	g->given[GIVEN_SOCKET] = o->unix_socket;
	if (g->mine.remove && !g->mine.name && !o->client_id)
		return w365_err_set(reterr, EINVAL,
				    "--delete needs to know which: add --name or --client-id");
	if (o->client_id && !w365_is_guid(o->client_id))
		return w365_err_set(reterr, EINVAL,
				    "'%.100s' cannot be an application: its client id is a GUID",
				    o->client_id);
	return fs_options_settle(o, reterr);
}

static bool changed_lately(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && time(NULL) - st.st_mtime < RECENT_S;
}

static int make_plan(struct registration *g, struct w365_err *reterr)
{
	const struct fs_register_options *mine = &g->mine;
	const struct fs_options *o = &g->o;

	g->config = fs_options_file_path(o);
	if (!g->config)
		return w365_err_set(reterr, EINVAL,
				    "there is no home directory: say where by --config");
	g->plan = (struct graph_register_plan){
		.name = mine->name ? mine->name : NAME,
		.client_id = g->given[GIVEN_CLIENT_ID] ? o->client_id : NULL,
		.likely = g->given[GIVEN_CLIENT_ID] ? NULL : o->client_id,
		.recent = changed_lately(g->config),
		.remove = mine->remove,
		.person = !mine->app_only,
		.app = mine->app_only || mine->app_and_person,
		.write = mine->read_write,
		.multi_tenant = mine->multi_tenant,
		.consent = !mine->no_consent,
		.dry = mine->dry_run,
		.issuer = mine->issuer,
		.subject = mine->subject,
	};
	return fs_options_absolute(&g->config, reterr);
}

/* ---- an administrator signs in ---- */

static int sign_in(struct registration *g, enum fs_stage *stage, struct w365_err *reterr)
{
	struct auth_config *a = &g->o.auth_config;
	const char *how = g->given[GIVEN_AUTH] ? g->o.auth : "browser";
	int r;

	if (!w365_streq(how, "browser") && !w365_streq(how, "device-code") &&
	    !w365_streq(how, "azure-cli"))
		return w365_err_set(
			reterr, EINVAL,
			"--auth=%.40s: registering takes a person: browser, device-code or azure-cli",
			how);
	graph_register_scopes(&g->plan, a->resource, &g->scope);
	*a = (struct auth_config){
		.grant = how,
		.authority = a->authority,
		/* Who gives no tenant means that of the account. */
		.tenant = a->tenant || w365_streq(how, "azure-cli") ? a->tenant : "organizations",
		.client_id = g->mine.admin_client_id ? g->mine.admin_client_id
						     : GRAPH_COMMAND_LINE_TOOLS,
		.resource = a->resource,
		.scope = w365_buf_str(&g->scope),
		.person = true,
		.fresh = true, /* an administrator's rights are never kept: no token_cache */
		.directory = true,
		.login_hint = a->login_hint,
	};
	g->o.client.token_cache = NULL;
	g->o.client.version = "v1.0"; /* whatever the mount uses */
	r = fs_connect(&g->c, &g->o, reterr);
	if (r < 0)
		return r;
	*stage = FS_STAGE_SIGNIN;
	r = fs_connection_signin(&g->c, reterr);
	if (r == -EACCES) {
		struct w365_err e = *reterr;

		w365_err_set(reterr, EACCES,
			     "%s. Registering takes an account with the role Application "
			     "Administrator, Cloud Application Administrator or Privileged Role "
			     "Administrator, and the scopes %s",
			     e.msg, w365_buf_str(&g->scope));
	}
	return r;
}

static int find_tenant(struct registration *g, struct w365_err *reterr)
{
	const struct auth_claims *claims = auth_claims(g->c.auth);

	if (g->o.tenant && !w365_streq(g->o.tenant, "organizations"))
		return 0;
	if (!claims || !claims->tenant || !w365_is_guid(claims->tenant))
		return w365_err_set(reterr, EINVAL,
				    "whose tenant this is cannot be read: give --tenant");
	free(g->o.tenant);
	g->o.tenant = strdup(claims->tenant);
	return g->o.tenant ? 0 : w365_err_oom(reterr);
}

/* ---- files ---- */

static int prepare_certificate(struct registration *g, struct w365_err *reterr)
{
	int r;

	g->certificate_file = strdup(g->mine.certificate);
	if (!g->certificate_file)
		return w365_err_oom(reterr);
	r = fs_options_absolute(&g->certificate_file, reterr);
	if (r < 0)
		return r;
	if (g->plan.dry && access(g->certificate_file, F_OK) < 0)
		w365_buf_adds(&g->certificate, "{the new certificate, DER in base64}");
	else
		r = fs_register_certificate(g->certificate_file, g->plan.name, &g->certificate,
					    reterr);
	g->plan.certificate = w365_buf_str(&g->certificate);
	g->plan.certificate_name = g->plan.name;
	return r;
}

static int prepare_secret(struct registration *g, struct w365_err *reterr)
{
	const char *slash = strrchr(g->config, '/');
	char random[37], host[33] = "";
	struct stat st;
	int r;

	if (*g->mine.secret)
		g->secret_file = strdup(g->mine.secret);
	else if (asprintf(&g->secret_file, "%.*s/%s.secret", (int)(slash - g->config), g->config,
			  g->o.tenant) < 0)
		g->secret_file = NULL;
	if (!g->secret_file)
		return w365_err_oom(reterr);
	r = fs_options_absolute(&g->secret_file, reterr);
	if (r == 0 && g->plan.dry)
		g->secret_kept = stat(g->secret_file, &st) == 0 && st.st_size > 0;
	else if (r == 0)
		r = fs_register_secret_begin(g->secret_file, &g->secret_kept, reterr);
	if (r < 0 || g->secret_kept)
		return r;
	gethostname(host, sizeof(host) - 1);
	w365_guid_new(random);
	snprintf(g->secret_name, sizeof(g->secret_name), "w365fs on %s %.8s", host, random);
	w365_time_format(time(NULL) + SECRET_S, g->secret_end);
	g->plan.secret_name = g->secret_name;
	g->plan.secret_end = g->secret_end;
	return 0;
}

static int prepare(struct registration *g, struct w365_err *reterr)
{
	int r = find_tenant(g, reterr);

	if (r == 0 && g->mine.certificate && !g->plan.remove)
		r = prepare_certificate(g, reterr);
	if (r == 0 && g->mine.secret && !g->plan.remove)
		r = prepare_secret(g, reterr);
	if (r == 0)
		r = graph_register_new(&g->plan, &g->machine, reterr);
	return r;
}

static int save(struct registration *g, struct w365_err *reterr)
{
	const struct fs_options *o = &g->o;
	const struct fs_config_pair given[] = {
		{ g->given[GIVEN_CLOUD] ? "cloud" : "", o->cloud },
		{ g->given[GIVEN_AUTHORITY] ? "authority" : "", o->authority },
		{ g->given[GIVEN_GRAPH] ? "graph-endpoint" : "", o->graph_endpoint },
		{ g->given[GIVEN_CA] ? "ca-file" : "", o->ca_file },
		{ g->given[GIVEN_SOCKET] ? "unix-socket" : "", o->unix_socket },
		{ NULL, NULL },
	};
	const struct fs_register_entry e = {
		.config = g->config,
		.tenant = o->tenant,
		.client_id = graph_register_result(g->machine)->client_id,
		.certificate = g->certificate_file,
		.secret_file = g->secret_file,
		.federated = g->plan.issuer,
		.remove = g->plan.remove,
		.given = given,
	};

	return fs_register_save(&e, &g->default_tenant, reterr);
}

/* ---- the way through ---- */

static void stop(struct registration *g, const struct w365_err *err)
{
	if (err)
		g->err = *err;
	graph_loop_stop(g->c.loop, 0);
}

/* What a dry run would send. */
static int note_request(struct registration *g, const struct graph_register_todo *todo,
			struct w365_err *reterr)
{
	struct w365_jw w = { .out = &g->requests, .some = g->requests.len > 0 };
	_cleanup_(w365_buf_done) struct w365_buf url = W365_BUF;

	w365_buf_addf(&url, "%.*s/v1.0%s",
		      (int)(strlen(g->o.fs.endpoint) - w365_ends(g->o.fs.endpoint, "/")),
		      g->o.fs.endpoint, todo->path);
	if (g->o.json) {
		w365_jw_open(&w, '{');
		w365_jw_pair(&w, "method", todo->method);
		w365_jw_pair(&w, "url", w365_buf_str(&url));
		w365_jw_key(&w, "body");
		if (todo->body)
			w365_jw_raw(&w, todo->body);
		else
			w365_jw_str(&w, NULL);
		w365_jw_close(&w, '}');
	} else {
		printf("%s %s\n%s%s\n", todo->method, w365_buf_str(&url),
		       todo->body ? todo->body : "", todo->body ? "\n" : "");
	}
	return graph_register_pretend(g->machine, reterr);
}

static void step(void *arg);

/* The new application's id is kept at once: what comes after may fail. And a secret is told once. */
static int keep(struct registration *g, struct w365_err *reterr)
{
	const struct graph_register_result *to = graph_register_result(g->machine);
	int r = 0;

	if (!g->saved && to->application == GRAPH_REGISTER_MADE) {
		g->saved = true;
		r = save(g, reterr);
	}
	if (r == 0 && to->secret_value.len && !g->secret_kept) {
		g->secret_kept = true;
		r = fs_register_secret_write(g->secret_file, &to->secret_value, reterr);
	}
	return r;
}

static void on_call(void *arg, const struct w365_reply *reply, const struct w365_err *err)
{
	struct registration *g = arg;
	struct w365_err e = { 0 };
	int r;

	g->call = NULL;
	if (err)
		w365_info("register: %s", err->msg);
	r = graph_register_feed(g->machine, reply, err, &e);
	if (reply && reply->buf && reply->buf->data)
		explicit_bzero(reply->buf->data, reply->buf->cap); /* a secret may be in it */
	if (r == 0)
		r = keep(g, &e);
	if (r < 0)
		stop(g, &e);
	else
		step(g);
}

static void step(void *arg)
{
	struct registration *g = arg;
	struct graph_register_todo todo;
	struct w365_err e = { 0 };
	int r;

	for (;;) {
		r = graph_register_next(g->machine, &todo, &e);
		if (r != GRAPH_REGISTER_SEND || !todo.writes || !g->plan.dry)
			break;
		r = note_request(g, &todo, &e);
		if (r < 0)
			break;
	}
	if (r == GRAPH_REGISTER_SEND) {
		const struct graph_ask ask = { .url = todo.path,
					       .priority = GRAPH_INTERACTIVE,
					       .method = todo.method,
					       .body = todo.body };

		r = graph_send(g->c.client, &ask, on_call, g, &g->call, &e);
	} else if (r == GRAPH_REGISTER_WAIT) {
		if (!g->told)
			fprintf(stderr, "w365fs: the directory does not know everything yet: "
					"waiting, some minutes at most\n");
		g->told = true;
		graph_timer_set(&g->timer, graph_loop_now(g->c.loop) + todo.wait_ms);
	} else if (r == GRAPH_REGISTER_DONE) {
		stop(g, NULL);
	}
	if (r < 0)
		stop(g, &e);
}

static int walk(struct registration *g, struct w365_err *reterr)
{
	graph_timer_init(&g->timer, g->c.loop, step, g);
	step(g);
	if (graph_loop_run(g->c.loop) < 0)
		return w365_err_set(reterr, EINTR,
				    "interrupted: run this again, it goes on where it was");
	if (!g->err.num)
		return 0;
	*reterr = g->err;
	return -g->err.num;
}

/* Where an administrator consents later. A client without an address to come back to has the older
 * page, which needs none. */
static char *consent_url(const struct registration *g)
{
	const struct graph_register_result *to = graph_register_result(g->machine);
	const struct auth_config *a = &g->o.auth_config;
	_cleanup_(w365_buf_done) struct w365_buf url = W365_BUF;

	if (g->plan.consent && !to->refused.num)
		return NULL;
	w365_buf_addf(&url, "%s/%s", a->authority, g->o.tenant);
	if (g->plan.person) {
		w365_buf_addf(&url, "/v2.0/adminconsent?client_id=%s&scope=", to->client_id);
		w365_buf_add_url(&url, a->resource);
		w365_buf_adds(&url, "%2F.default&redirect_uri=http%3A%2F%2Flocalhost");
	} else {
		w365_buf_addf(&url, "/adminconsent?client_id=%s", to->client_id);
	}
	return w365_buf_take(&url);
}

static void report(struct registration *g, const char *url)
{
	bool old =
		g->secret_kept && graph_register_result(g->machine)->secret != GRAPH_REGISTER_MADE;
	struct fs_register_report r = { .plan = &g->plan,
					.result = graph_register_result(g->machine),
					.tenant = g->o.tenant,
					.consent_url = url,
					.secret_file = g->secret_file,
					.certificate_file = g->certificate_file,
					.config = g->plan.dry || g->plan.remove ? NULL : g->config,
					.secret_kept = old,
					.default_tenant = g->default_tenant,
					.requests =
						g->plan.dry ? w365_buf_str(&g->requests) : NULL };

	if (g->o.json)
		fs_register_report_json(&r);
	else if (g->plan.dry)
		printf("Nothing was changed.\n");
	else
		fs_register_report_text(&r);
}

static int run(struct registration *g, enum fs_stage *stage, struct w365_err *reterr)
{
	_cleanup_(w365_freep) char *url = NULL;
	int r = make_plan(g, reterr);

	if (r == 0)
		r = sign_in(g, stage, reterr);
	if (r < 0)
		return r;
	*stage = FS_STAGE_SETTINGS; /* files here, and then what was asked for */
	r = prepare(g, reterr);
	if (r < 0)
		return r;
	r = walk(g, reterr);
	if (r < 0 && r != -ENOENT && r != -EEXIST && r != -EPERM && r != -EINVAL)
		*stage = FS_STAGE_SIGNIN;
	if (r == 0 && !g->plan.dry)
		r = save(g, reterr);
	if (r < 0)
		return r;
	url = g->plan.remove ? NULL : consent_url(g);
	report(g, url);
	if (graph_register_result(g->machine)->refused.num) {
		*stage = FS_STAGE_SIGNIN;
		*reterr = graph_register_result(g->machine)->refused;
		return -EACCES;
	}
	return 0;
}

int fs_cmd_register(int argc, char **argv)
{
	_cleanup_(registration_done) struct registration g = { .certificate = W365_BUF };
	enum fs_stage stage = FS_STAGE_SETTINGS;
	struct w365_err err = { 0 };
	int r;

	prctl(PR_SET_DUMPABLE, 0);
	fs_options_init(&g.o);
	r = read_words(&g, argc, argv, &err);
	if (r == 0 && g.o.help) {
		fs_command_help(argv[0]);
		printf("\nOptions of its own:\n");
		fs_register_options_help(stdout);
		printf("\nOptions:\n");
		fs_options_help(stdout);
		return FS_EXIT_OK;
	}
	if (r == 0 && g.o.verbose)
		w365_log_set_level(W365_LOG_INFO);
	if (r == 0)
		r = run(&g, &stage, &err);
	return r < 0 ? fs_complain(&err, fs_exit_code(stage, &err)) : FS_EXIT_OK;
}
