#include "fs/run.h"
#include "fs/answers.h"
#include "fs/connect.h"
#include "auth/claims.h"
#include "base/log.h"
#include "base/macros.h"
#include "fs/prefetch.h"
#include "fs/session.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#ifdef HAVE_SYSTEMD
#include <systemd/sd-daemon.h>
#endif

/* All that lives as long as the mount. Taken down in the opposite order. */
struct world {
	struct fs_connection c;
	struct fs *fs;
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
	fs_connection_done(&w->c);
}

static void on_hangup(void *arg)
{
	struct world *w = arg;

	if (!w->fs)
		return;
	graph_client_signin_again(w->c.client, false);
	graph_store_refresh(w->fs->store);
	fs_answers_expire(w->fs, fs_tree_by_ino(w->fs->tree, FUSE_ROOT_ID));
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

/* Permissions are the kernel's to check, by the modes that are shown; the type is how mount(8) and
 * we know it. */
static int mount_it(struct world *w, const struct fs_run *run, struct w365_err *reterr)
{
	const struct fs_options *o = run->options;
	_cleanup_(w365_freep) char *options = NULL;
	int r;

	if (asprintf(&options, "%s,default_permissions,subtype=w365fs%s%s%s%s",
		     o->fs.rw ? "rw" : "ro",
		     o->fuse && strstr(o->fuse, "fsname=") ? "" : ",fsname=",
		     o->fuse && strstr(o->fuse, "fsname=") ? "" : o->fs.tenant, o->fuse ? "," : "",
		     o->fuse ? o->fuse : "") < 0)
		return w365_err_oom(reterr);
	run->options->fs.mountpoint = run->mountpoint;
	r = fs_new(&o->fs, w->c.loop, w->c.http, w->c.auth, w->c.client, &o->store, &w->fs, reterr);
	if (r == 0)
		r = fs_session_new(w->fs, options, o->debug, reterr);
	if (r == 0)
		r = fs_session_mount(w->fs, run->mountpoint, reterr);
	return r;
}

int fs_run(const struct fs_run *run, enum fs_stage *ret_stage, struct w365_err *reterr)
{
	_cleanup_(world_done) struct world w = { .c = { .hangup = on_hangup, .arg = &w } };
	int r;

	*ret_stage = FS_STAGE_SETTINGS;
	r = fs_connect(&w.c, run->options, reterr);
	if (r < 0)
		return r;
	*ret_stage = FS_STAGE_SIGNIN;
	r = fs_connection_suits(&w.c, run->options, reterr);
	if (r < 0)
		return r;
	/* The token is the one thing that a mount gets before it is used: without it nothing else
	 * can be had. A person can be asked now, and not once the terminal is gone. */
	r = fs_connection_signin(&w.c, reterr);
	if (r == 0)
		r = fs_connection_suits(&w.c, run->options, reterr);
	if (r < 0)
		return r;
	run->options->auth_config.person = false;
	warn_of_token(w.c.auth);
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
	graph_loop_run(w.c.loop);
	return 0;
}
