#include "fs/run.h"
#include "auth/claims.h"
#include "base/log.h"
#include "base/macros.h"
#include "fs/prefetch.h"
#include "fs/session.h"
#include "graph/session.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#ifdef HAVE_SYSTEMD
#include <systemd/sd-daemon.h>
#endif

/* All that lives as long as the mount. Taken down in the opposite order. */
struct world {
	struct graph_loop *loop;
	int signal_fd;
	struct graph_io *signals;
	struct graph_http *http;
	struct auth *auth;
	struct graph_client *client;
	struct fs *fs;
	bool signed_in;
	struct w365_err err; /* why not */
};

static void world_done(struct world *w)
{
	/* Parked requests are answered while the kernel still listens, and the session outlives the
	 * notifier. */
	struct fs *fs = w->fs;

	if (fs)
		fs_stop(fs);
	if (fs && fs->se)
		fs_session_unmount(fs);
	if (fs)
		fs_session_free(fs);
	fs_free(fs);
	graph_client_free(w->client);
	auth_free(w->auth);
	graph_http_free(w->http);
	graph_io_free(w->signals);
	w365_closep(&w->signal_fd);
	graph_loop_free(w->loop);
}

static void on_signal(void *arg, uint32_t events)
{
	struct world *w = arg;
	struct signalfd_siginfo si;

	while (read(w->signal_fd, &si, sizeof(si)) == sizeof(si)) {
		if (si.ssi_signo != SIGHUP) {
			graph_loop_stop(w->loop, -EINTR);
		} else if (w->fs) {
			graph_client_signin_again(w->client, false);
			graph_store_refresh(w->fs->store);
		}
	}
}

static int watch_signals(struct world *w, struct w365_err *reterr)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	w->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (w->signal_fd < 0)
		return w365_err_set(reterr, errno, "cannot watch signals: %m");
	return graph_io_new(w->loop, w->signal_fd, EPOLLIN, on_signal, w, &w->signals, reterr);
}

static void on_signin(void *arg, const struct w365_err *err)
{
	struct world *w = arg;

	w->signed_in = !err;
	if (err)
		w->err = *err;
	graph_loop_stop(w->loop, 0);
}

/* Nothing is decided by what a token says of itself. But whoever forgot to have a permission granted
 * should hear of it now, and not by a refusal of every file. */
static void warn_of_token(const struct auth *auth)
{
	const struct auth_claims *c = auth_claims(auth);

	if (!c || auth_claims_have(c, "CloudPC.Read.All") ||
	    auth_claims_have(c, "CloudPC.ReadWrite.All"))
		return;
	w365_warning("the %s has not been granted the permission CloudPC.Read.All (it has: %s): "
		     "Microsoft Graph will refuse most of what is looked at",
		     auth_app_only(auth) ? "application" : "signed-in account",
		     c->roles    ? c->roles
		     : c->scopes ? c->scopes
				 : "none");
}

/* The token is the one thing that a mount gets before it is used: without it nothing else can be
 * had. */
static int sign_in(struct world *w, struct w365_err *reterr)
{
	graph_client_signin(w->client, on_signin, w);
	if (graph_loop_run(w->loop) < 0)
		return w365_err_set(reterr, EINTR, "interrupted");
	graph_loop_resume(w->loop);
	if (w->signed_in) {
		warn_of_token(w->auth);
		return 0;
	}
	*reterr = w->err;
	return -w->err.num;
}

static int connect_world(struct world *w, const struct fs_options *o, struct w365_err *reterr)
{
	struct auth_clock now;
	int r = graph_loop_new(&w->loop, reterr);

	if (r == 0)
		r = watch_signals(w, reterr);
	if (r == 0)
		r = graph_http_new(w->loop, &o->http, &w->http, reterr);
	if (r < 0)
		return r;
	now = graph_session_clock(w->loop);
	r = auth_new(&o->auth_config, &now, &w->auth, reterr);
	if (r == 0)
		r = graph_client_new(w->loop, w->http, w->auth, &o->client, &w->client, reterr);
	return r;
}

/* Permissions are the kernel's to check, by the modes that are shown; the type is how mount(8) and
 * we know it. */
static int mount_it(struct world *w, const struct fs_run *run, struct w365_err *reterr)
{
	const struct fs_options *o = run->options;
	_cleanup_(w365_freep) char *options = NULL;
	int r;

	if (asprintf(&options, "ro,default_permissions,subtype=w365fs%s%s%s%s",
		     o->fuse && strstr(o->fuse, "fsname=") ? "" : ",fsname=",
		     o->fuse && strstr(o->fuse, "fsname=") ? "" : o->fs.tenant, o->fuse ? "," : "",
		     o->fuse ? o->fuse : "") < 0)
		return w365_err_oom(reterr);
	r = fs_new(&o->fs, w->loop, w->http, w->auth, w->client, &o->store, &w->fs, reterr);
	if (r == 0)
		r = fs_session_new(w->fs, options, o->debug, reterr);
	if (r == 0)
		r = fs_session_mount(w->fs, run->mountpoint, reterr);
	return r;
}

int fs_run(const struct fs_run *run, enum fs_stage *ret_stage, struct w365_err *reterr)
{
	_cleanup_(world_done) struct world w = { .signal_fd = -1 };
	int r;

	*ret_stage = FS_STAGE_SETTINGS;
	r = connect_world(&w, run->options, reterr);
	if (r < 0)
		return r;
	*ret_stage = FS_STAGE_SIGNIN;
	r = sign_in(&w, reterr);
	if (r < 0)
		return r;
	*ret_stage = FS_STAGE_MOUNT;
	r = mount_it(&w, run, reterr);
	if (r < 0)
		return r;
	if (run->options->prefetch || run->options->prefetch_too)
		r = fs_prefetch(w.fs, reterr);
	if (r < 0)
		return r;
	*ret_stage = FS_STAGE_SERVING;
	w365_info("mounted at '%s'", run->mountpoint);
#ifdef HAVE_SYSTEMD
	sd_notify(0, "READY=1");
#endif
	run->ready(run->arg);
	graph_loop_run(w.loop);
	return 0;
}
