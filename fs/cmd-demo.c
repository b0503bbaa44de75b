/* w365fs demo: the simulator, and a mount of what it simulates. Needs no account, leaves nothing
 * behind. */
#include "base/buf.h"
#include "base/file.h"
#include "base/log.h"
#include "base/macros.h"
#include "base/str.h"
#include "fs/commands.h"
#include "fs/mountpoint.h"
#include "fs/selfsigned.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define READY_MS 20000

struct demo {
	char dir[64]; /* private: the certificate, its key, what the simulator tells */
	char *cert, *key, *env, *log;
	char *mountpoint;
	bool made_mountpoint;
	pid_t sim;
};

static const char *const files[] = { "cert.pem", "key.pem", "env", "sim.log" };

static void demo_done(struct demo *d)
{
	int status;

	if (d->sim > 0) {
		kill(d->sim, SIGTERM);
		while (waitpid(d->sim, &status, 0) < 0 && errno == EINTR)
			;
	}
	if (d->made_mountpoint)
		rmdir(d->mountpoint);
	for (size_t i = 0; i < ARRAY_SIZE(files) && d->dir[0]; i++) {
		char path[PATH_MAX];

		snprintf(path, sizeof(path), "%s/%s", d->dir, files[i]);
		unlink(path);
	}
	if (d->dir[0])
		rmdir(d->dir);
	free(d->cert);
	free(d->key);
	free(d->env);
	free(d->log);
	free(d->mountpoint);
}

static char *path_in(const struct demo *d, const char *name)
{
	char *path;

	return asprintf(&path, "%s/%s", d->dir, name) < 0 ? NULL : path;
}

static int make_dirs(struct demo *d, const char *mountpoint, struct w365_err *reterr)
{
	strcpy(d->dir, "/tmp/w365fs-demo-XXXXXX");
	if (!mkdtemp(d->dir)) {
		d->dir[0] = '\0';
		return w365_err_set(reterr, errno, "cannot make a directory in /tmp: %m");
	}
	d->cert = path_in(d, "cert.pem");
	d->key = path_in(d, "key.pem");
	d->env = path_in(d, "env");
	d->log = path_in(d, "sim.log");
	d->mountpoint = mountpoint ? strdup(mountpoint) : path_in(d, "tenant");
	if (!d->cert || !d->key || !d->env || !d->log || !d->mountpoint)
		return w365_err_oom(reterr);
	if (mkdir(d->mountpoint, 0700) == 0)
		d->made_mountpoint = true;
	else if (errno != EEXIST)
		return w365_err_set(reterr, errno, "cannot make '%s': %m", d->mountpoint);
	return 0;
}

/* Beside this program, where it was built, or in $PATH. */
static void find_sim(char *out, size_t size)
{
	static const char *const places[] = { "w365sim", "../sim/w365sim" };
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash;

	self[MAX(n, 0)] = '\0';
	slash = strrchr(self, '/');
	for (size_t i = 0; slash && i < ARRAY_SIZE(places); i++) {
		snprintf(out, size, "%.*s/%s", (int)(slash - self), self, places[i]);
		if (access(out, X_OK) == 0)
			return;
	}
	snprintf(out, size, "w365sim");
}

static void become_sim(const struct demo *d, const char *sim)
{
	_cleanup_(w365_fclosep) FILE *log = fopen(d->log, "we");

	setpgid(0, 0); /* Ctrl-C is for us: the simulator answers until we have unmounted */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (log) {
		dup2(fileno(log), STDOUT_FILENO);
		dup2(fileno(log), STDERR_FILENO);
	}
	execlp(sim, "w365sim", "--listen", "127.0.0.1:0", "--tls-cert", d->cert, "--tls-key",
	       d->key, "--env", d->env, (char *)NULL);
	_exit(127);
}

/* The simulator renames its file into place once it can answer; or it ends. */
static int wait_ready(const struct demo *d, int watch, struct w365_err *reterr)
{
	_cleanup_(w365_closep) int pidfd = (int)syscall(SYS_pidfd_open, d->sim, 0);
	struct pollfd fds[] = { { .fd = watch, .events = POLLIN },
				{ .fd = pidfd, .events = POLLIN } };
	char events[4096];

	while (access(d->env, F_OK) < 0) {
		int n = poll(fds, 2, READY_MS);

		if (n < 0 && errno == EINTR)
			return w365_err_set(reterr, EINTR, "interrupted");
		if (n == 0 || fds[1].revents) {
			_cleanup_(w365_buf_done) struct w365_buf said = W365_BUF;

			w365_file_read(d->log, 400, false, &said, NULL);
			return w365_err_set(reterr, EIO, "the simulator did not start: %.400s",
					    said.len ? w365_buf_str(&said)
						     : "is w365sim installed?");
		}
		if (fds[0].revents && read(watch, events, sizeof(events)) < 0)
			return w365_err_set(reterr, errno, "cannot watch '%s': %m", d->dir);
	}
	return 0;
}

static int start_sim(struct demo *d, struct w365_err *reterr)
{
	_cleanup_(w365_closep) int watch = inotify_init1(IN_CLOEXEC);
	char sim[PATH_MAX + 32];

	if (watch < 0 || inotify_add_watch(watch, d->dir, IN_MOVED_TO | IN_CLOSE_WRITE) < 0)
		return w365_err_set(reterr, errno, "cannot watch '%s': %m", d->dir);
	find_sim(sim, sizeof(sim));
	d->sim = fork();
	if (d->sim < 0)
		return w365_err_set(reterr, errno, "cannot fork: %m");
	if (d->sim == 0)
		become_sim(d, sim);
	return wait_ready(d, watch, reterr);
}

/* One "export NAME='VALUE'" line of the simulator's file. */
static void take_line(struct fs_options *o, char *line)
{
	static const struct {
		const char *name;
		size_t offset;
	} wanted[] = {
		{ "ENTRA_BASE", offsetof(struct fs_options, authority) },
		{ "GRAPH_BASE", offsetof(struct fs_options, graph_endpoint) },
		{ "TENANT", offsetof(struct fs_options, tenant) },
		{ "CLIENT_ID", offsetof(struct fs_options, client_id) },
		{ "CLIENT_SECRET", offsetof(struct fs_options, client_secret) },
	};
	char *name = w365_starts(line, "export ") ? line + strlen("export ") : line,
	     *value = strchr(name, '=');
	size_t len;

	if (!value)
		return;
	*value++ = '\0';
	len = strlen(value);
	if (len >= 2 && value[0] == '\'' && value[len - 1] == '\'') {
		value[len - 1] = '\0';
		value++;
	}
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
		if (w365_streq(wanted[i].name, name))
			*(char **)((char *)o + wanted[i].offset) = strdup(value);
}

static int take_env(const struct demo *d, struct fs_options *o, struct w365_err *reterr)
{
	_cleanup_(w365_buf_done) struct w365_buf b = W365_BUF_SECRET;
	char *rest, *line;
	int r = w365_file_read(d->env, 65536, false, &b, reterr);

	if (r < 0)
		return r;
	for (rest = b.data; (line = strsep(&rest, "\n"));)
		take_line(o, line);
	o->ca_file = strdup(d->cert);
	o->config =
		strdup("/dev/null"); /* what is configured for a real tenant has no part in this */
	o->auth = strdup("client-secret");
	return o->ca_file && o->config && o->auth ? 0 : w365_err_oom(reterr);
}

static void on_ready(void *arg)
{
	const struct demo *d = arg;

	printf("\nA simulated Windows 365 tenant is mounted at %s\n\n"
	       "Look at it from another terminal:\n\n"
	       "  cd %s && ls\n"
	       "  ls -lt cloudPCs | head\n"
	       "  jq -r '[.managedDeviceName,.status]|@tsv' cloudPCs/*.json\n"
	       "  grep -rl '\"failed\"' cloudPCs\n"
	       "  cat README.md .w365fs/status.json\n\n"
	       "Ctrl-C unmounts it and leaves nothing behind.\n",
	       d->mountpoint, d->mountpoint);
	fflush(stdout);
}

static int run_demo(struct demo *d, struct fs_options *o, const char *mountpoint,
		    enum fs_stage *stage, struct w365_err *reterr)
{
	_cleanup_(w365_freep) char *real = NULL;
	struct fs_run run = { .options = o, .ready = on_ready, .arg = d };
	int r = make_dirs(d, mountpoint, reterr);

	if (r == 0)
		r = fs_mountpoint_check(d->mountpoint, false, &real, reterr);
	if (r == 0)
		r = fs_selfsigned_make(d->cert, d->key, reterr);
	if (r == 0)
		r = start_sim(d, reterr);
	if (r == 0)
		r = take_env(d, o, reterr);
	if (r == 0)
		r = fs_options_settle(o, reterr);
	run.mountpoint = real;
	return r < 0 ? r : fs_run(&run, stage, reterr);
}

int fs_cmd_demo(int argc, char **argv)
{
	_cleanup_(fs_options_done) struct fs_options o;
	_cleanup_(demo_done) struct demo d = { 0 };
	enum fs_stage stage = FS_STAGE_SETTINGS;
	struct w365_err err = { 0 };

	fs_options_init(&o);
	if (fs_wants_help(argc, argv, "demo"))
		return FS_EXIT_OK;
	if (argc > 2 || (argc == 2 && argv[1][0] == '-')) {
		fprintf(stderr, "w365fs: usage: w365fs demo [MOUNTPOINT]\n");
		return FS_EXIT_USAGE;
	}
	if (run_demo(&d, &o, argv[1], &stage, &err) < 0)
		return fs_complain(&err, fs_exit_code(stage, &err));
	printf("\nUnmounted.\n");
	return FS_EXIT_OK;
}
