#include "fs/connect.h"
#include "auth/claims.h"
#include "auth/probe.h"
#include "base/log.h"
#include "base/macros.h"
#include "base/str.h"
#include "graph/session.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#define PROBE_MAX ((size_t)64 << 10)

extern char **environ;

void fs_connection_done(struct fs_connection *c)
{
	graph_client_free(c->client);
	auth_free(c->auth);
	graph_http_free(c->http);
	graph_io_free(c->signals);
	if (c->signal_fd > 0)
		close(c->signal_fd);
	graph_loop_free(c->loop);
	*c = (struct fs_connection){ 0 };
}

static void on_signal(void *arg, uint32_t events)
{
	struct fs_connection *c = arg;
	struct signalfd_siginfo si;

	while (read(c->signal_fd, &si, sizeof(si)) == sizeof(si)) {
		if (si.ssi_signo != SIGHUP)
			graph_loop_stop(c->loop, -EINTR);
		else if (c->hangup)
			c->hangup(c->arg);
	}
}

static int watch_signals(struct fs_connection *c, struct w365_err *reterr)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	c->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (c->signal_fd < 0)
		return w365_err_set(reterr, errno, "cannot watch signals: %m");
	return graph_io_new(c->loop, c->signal_fd, EPOLLIN, on_signal, c, &c->signals, reterr);
}

/* Without a shell, and let go at once: setsid(1) forks, so that nobody has to wait for it. What the
 * browser says is nobody's business here. */
static void open_browser(const char *url)
{
	const char *browser = getenv("BROWSER");
	bool desktop = getenv("DISPLAY") || getenv("WAYLAND_DISPLAY");
	const char *argv[] = { "setsid", "--fork", browser && *browser ? browser : "xdg-open", url,
			       NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none;
	pid_t pid;

	if (!(browser && *browser) && !desktop)
		return; /* over ssh, say: the address is on the terminal */
	sigemptyset(&none);
	posix_spawn_file_actions_init(&files);
	posix_spawnattr_init(&attr);
	for (int fd = 0; fd < 3; fd++)
		posix_spawn_file_actions_addopen(&files, fd, "/dev/null", O_RDWR, 0);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setsigmask(&attr, &none);
	if (posix_spawnp(&pid, argv[0], &files, &attr, (char *const *)argv, environ) == 0)
		waitpid(pid, NULL, 0);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attr);
}

static void on_prompt(void *arg, const struct auth_prompt *prompt)
{
	fprintf(stderr, "%s\n", prompt->text);
	fflush(stderr);
	if (prompt->url)
		open_browser(prompt->url);
}

static void on_signin(void *arg, const struct w365_err *err)
{
	struct fs_connection *c = arg;

	c->signed_in = !err;
	if (err)
		c->err = *err;
	graph_loop_stop(c->loop, 0);
}

int fs_connection_signin(struct fs_connection *c, struct w365_err *reterr)
{
	graph_client_signin(c->client, on_signin, c);
	if (graph_loop_run(c->loop) < 0)
		return w365_err_set(reterr, EINTR, "interrupted");
	graph_loop_resume(c->loop);
	if (c->signed_in)
		return 0;
	*reterr = c->err;
	return -c->err.num;
}

int fs_connection_suits(const struct fs_connection *c, const struct fs_options *o,
			struct w365_err *reterr)
{
	const struct auth_claims *told = auth_claims(c->auth);

	if (!o->fs.own || !(auth_app_only(c->auth) || (told && told->roles && !told->scopes)))
		return 0;
	return w365_err_set(reterr, EACCES,
			    "-o me shows a person's own Cloud PCs, and --auth=%s signs in an "
			    "application: run 'w365fs login', and mount with --auth=browser",
			    auth_grant_name(c->auth));
}

int fs_connect_network(struct fs_connection *c, struct fs_options *o, struct w365_err *reterr)
{
	int r = graph_loop_new(&c->loop, reterr);

	if (r == 0)
		r = watch_signals(c, reterr);
	return r < 0 ? r : graph_http_new(c->loop, &o->http, &c->http, reterr);
}

/* ---- is this a machine of Azure? ---- */

struct probe {
	struct graph_loop *loop;
	struct graph_transfer *transfer;
	struct graph_timer timer;
	bool found;
};

static void on_probe(void *arg, const struct w365_reply *reply, const struct w365_err *err)
{
	struct probe *p = arg;

	p->transfer = NULL;
	p->found = reply && auth_probe_judge(reply);
	graph_loop_stop(p->loop, 0);
}

static void on_probe_late(void *arg)
{
	struct probe *p = arg;

	graph_loop_stop(p->loop, 0);
}

/* Asked only where nothing else is configured, so that nobody else waits for it. */
static int probe_azure(struct fs_connection *c, struct fs_options *o, struct w365_err *reterr)
{
	struct probe p = { .loop = c->loop };
	struct w365_request req;
	int r = auth_probe_request(&req, reterr);

	if (r < 0)
		return r;
	graph_timer_init(&p.timer, c->loop, on_probe_late, &p);
	graph_timer_set(&p.timer, graph_loop_now(c->loop) + AUTH_PROBE_MS);
	r = graph_http_send(c->http, &req, NULL, NULL, PROBE_MAX, on_probe, &p, &p.transfer,
			    reterr);
	if (r == 0 && graph_loop_run(c->loop) < 0)
		r = w365_err_set(reterr, EINTR, "interrupted");
	graph_loop_resume(c->loop);
	graph_timer_stop(&p.timer);
	graph_transfer_cancel(p.transfer);
	w365_request_done(&req);
	o->auth_config.azure = p.found ? AUTH_AZURE_YES : AUTH_AZURE_NO;
	w365_info("auth: auto finds nothing configured; IMDS, as a machine of Azure has it, %s",
		  p.found ? "answers: managed-identity" : "does not answer");
	return r;
}

int fs_connect_credentials(struct fs_connection *c, struct fs_options *o, struct w365_err *reterr)
{
	struct auth_clock now;
	int r = auth_probe_wanted(&o->auth_config) ? probe_azure(c, o, reterr) : 0;

	now = graph_session_clock(c->loop);
	if (r == 0)
		r = auth_new(&o->auth_config, &now, &c->auth, reterr);
	if (r == 0)
		r = graph_client_new(c->loop, c->http, c->auth, &o->client, &c->client, reterr);
	if (r == 0)
		graph_client_on_prompt(c->client, on_prompt, c);
	return r;
}

int fs_connect(struct fs_connection *c, struct fs_options *o, struct w365_err *reterr)
{
	int r = fs_connect_network(c, o, reterr);

	return r < 0 ? r : fs_connect_credentials(c, o, reterr);
}
