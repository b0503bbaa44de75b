/* w365sim: a Windows 365 tenant in a box.
 *
 * THREADS
 *
 * One. It waits in epoll_wait() alone; libmicrohttpd is driven from there, and so are timers and
 * signals. Nothing here blocks: what waits (latency, faults) is parked.
 */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/macros.h"
#include "base/url.h"
#include "sim/listen.h"
#include "sim/options.h"
#include "sim/server.h"

W365_DEFINE_CLEANUP(struct sim_server *, sim_server_free)

static int open_socket(const struct sim_options *o, struct w365_buf *base, struct w365_err *reterr)
{
	if (o->unix_path)
		return sim_listen_unix(o->unix_path, base, reterr);
	return sim_listen_tcp(o->listen, !o->tls_cert, o->tls_cert != NULL, base, reterr);
}

static int set_public_url(const struct sim_options *o, struct w365_buf *base,
			  struct w365_err *reterr)
{
	struct w365_origin origin;
	const char *rest;
	int r;

	if (!o->public_url)
		return 0;
	r = w365_origin_parse(o->public_url, &origin, &rest, reterr);
	if (r < 0)
		return r;
	if (*rest && !w365_streq(rest, "/"))
		return w365_err_set(reterr, EINVAL, "--public-url %.100s: an origin has no path",
				    o->public_url);
	w365_buf_reset(base);
	w365_buf_add(base, o->public_url, (size_t)(rest - o->public_url));
	return base->failed ? w365_err_oom(reterr) : 0;
}

/* "POST /_sim/throttle?times=2 {...}" */
static int run_line(struct sim *sim, char *line, struct w365_err *reterr)
{
	struct sim_request req = { .method = line };
	struct sim_reply reply = { 0 };
	char *target = strchr(line, ' '), *body, *question;
	int r = 0;

	if (!target)
		return w365_err_set(reterr, EINVAL, "METHOD /_sim/... is expected");
	*target++ = '\0';
	body = strchr(target, ' ');
	if (body)
		*body++ = '\0';
	req.target = target;
	question = strchr(target, '?');
	req.path = (struct w365_span){ target,
				       question ? (size_t)(question - target) : strlen(target) };
	if (question)
		req.query = (struct w365_span){ question + 1, strlen(question + 1) };
	if (body)
		req.body = (struct w365_span){ body, strlen(body) };
	if (!sim_is_hook(&req))
		return w365_err_set(reterr, EINVAL, "'%.100s' is no hook", target);
	sim_hook(sim, &req, &reply);
	if (reply.status >= 300)
		r = w365_err_set(reterr, EINVAL, "%s", w365_buf_str(&reply.body));
	sim_reply_reset(&reply);
	return r;
}

static int run_scenario(struct sim *sim, const char *path, struct w365_err *reterr)
{
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF;
	unsigned number = 0;
	int r;

	if (!path)
		return 0;
	r = w365_file_read(path, 1 << 20, false, &text, reterr);
	for (char *line = text.data, *next; r == 0 && line; line = next) {
		struct w365_err why;

		number++;
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		line += strspn(line, " \t");
		if (!*line || *line == '#')
			continue;
		if (run_line(sim, line, &why) < 0)
			r = w365_err_set(reterr, EINVAL, "%s line %u: %s", path, number, why.msg);
	}
	return r;
}

static int write_env(const struct sim *sim, const char *path, struct w365_err *reterr)
{
	const struct sim_identity *id = &sim->identity;
	const char *const exports[][2] = {
		{ "ENTRA_BASE", sim->config.base },
		{ "GRAPH_BASE", sim->config.base },
		{ "TENANT", id->tenant },
		{ "CLIENT_ID", id->client_id },
		{ "CLIENT_SECRET", id->client_secret },
		{ "PUBLIC_CLIENT_ID", id->public_client_id },
		{ "CERT_CLIENT_ID", id->cert_client_id },
		{ "SIM_USER", id->user },
		{ "SIM_PASSWORD", id->password },
		{ "MANAGED_CLIENT_ID", id->managed_id[0] },
		{ "ASSIGNED_CLIENT_ID", id->managed_id[1] },
		{ "IDENTITY_HEADER_VALUE", id->managed_header },
	};
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF, temporary = W365_BUF;
	_cleanup_(w365_closep) int fd = -1;

	if (!path)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(exports); i++)
		w365_buf_addf(&text, "export %s='%s'\n", exports[i][0], exports[i][1]);
	w365_buf_addf(&temporary, "%s.%d", path, (int)getpid());
	if (text.failed || temporary.failed)
		return w365_err_oom(reterr);
	/* Whoever waits for the file must find it whole. */
	fd = open(temporary.data, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return w365_err_set(reterr, errno, "cannot create '%s': %m", temporary.data);
	if (w365_write_all(fd, text.data, text.len) < 0 || rename(temporary.data, path) < 0) {
		int r = w365_err_set(reterr, errno, "cannot write '%s': %m", path);

		unlink(temporary.data);
		return r;
	}
	return 0;
}

static int serve(struct sim *sim, struct sim_loop *loop, const struct sim_options *o, int fd,
		 struct w365_err *reterr)
{
	const struct sim_server_config config = { fd, o->tls_cert, o->tls_key, o->quiet };
	_cleanup_(sim_server_freep) struct sim_server *server = NULL;
	int r = run_scenario(sim, o->scenario, reterr);

	if (r == 0)
		r = sim_server_new(sim, loop, &config, &server, reterr);
	if (r == 0)
		r = write_env(sim, o->env, reterr);
	if (r < 0)
		return r;
	printf("ready %s\n", sim->config.base);
	fflush(stdout);
	sim_server_run(server);
	return 0;
}

static int run(const struct sim_options *o, struct w365_err *reterr)
{
	_cleanup_(w365_buf_done) struct w365_buf base = W365_BUF;
	_cleanup_(sim_loop_done) struct sim_loop loop = { -1, -1, -1 };
	_cleanup_(sim_done) struct sim sim = { 0 };
	struct sim_config config;
	int fd, r;

	r = sim_loop_init(&loop, reterr);
	if (r < 0)
		return r;
	fd = open_socket(o, &base, reterr);
	if (fd < 0)
		return fd;
	r = set_public_url(o, &base, reterr);
	if (r == 0) {
		config = (struct sim_config){ .seed = o->seed,
					      .cloud_pcs = o->cloud_pcs,
					      .today = o->today,
					      .base = base.data,
					      .roles = o->roles,
					      .client_cert = o->client_cert,
					      .arc_keys = o->arc_keys,
					      .page_size = o->page_size,
					      .speed = o->speed,
					      .latency_ms = o->latency_ms,
					      .gzip = o->gzip,
					      .odd = o->odd };
		r = sim_init(&sim, &config, reterr);
	}
	if (r == 0)
		r = serve(&sim, &loop, o, fd, reterr);
	else
		close(fd);
	if (o->unix_path)
		unlink(o->unix_path);
	return r;
}

int main(int argc, char **argv)
{
	struct sim_options options;
	struct w365_err err;

	if (sim_options_read(argc, argv, &options, &err) < 0) {
		fprintf(stderr, "w365sim: %s\n", err.msg);
		return 1;
	}
	if (options.help) {
		sim_options_help();
		putchar('\n');
		sim_hook_help(stdout);
		return 0;
	}
	if (options.version) {
		puts("w365sim " W365_VERSION);
		return 0;
	}
	if (run(&options, &err) < 0) {
		fprintf(stderr, "w365sim: %s\n", err.msg);
		return 4;
	}
	return 0;
}
