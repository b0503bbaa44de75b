/* w365fs mount, umount, help; and what mount(8) calls. */
#include "base/log.h"
#include "base/macros.h"
#include "base/str.h"
#include "fs/commands.h"
#include "fs/daemon.h"
#include "fs/mountpoint.h"

#include <errno.h>
#include <sys/prctl.h>
#include <sys/resource.h>

/* mount(8)'s */
enum { HELPER_USAGE = 1, HELPER_SYSTEM = 2, HELPER_FAILED = 32 };

/* Secrets shall not be found in a core dump, nor read by another process of this user. */
static void keep_secrets(void)
{
	static const struct rlimit none = { 0, 0 };

	prctl(PR_SET_DUMPABLE, 0);
	setrlimit(RLIMIT_CORE, &none);
}

static void on_ready(void *arg)
{
	fs_daemon_ready(arg);
}

/* Reads the options; the one word that is no option is the mount point. */
static int prepare(struct fs_options *o, int argc, char **argv, char **ret_mountpoint,
		   struct w365_err *reterr)
{
	_cleanup_(w365_freep) const char **words = calloc((size_t)argc + 1, sizeof(*words));
	int r;

	if (!words)
		return w365_err_oom(reterr);
	r = fs_options_parse(o, argc, argv, words, reterr);
	if (r < 0 || o->help || o->version)
		return r;
	if (!words[0] || words[1])
		return w365_err_set(
			reterr, EINVAL,
			words[0] ? "'%.60s': there is one mount point to give"
				 : "the mount point is missing: w365fs mount [options] MOUNTPOINT",
			words[0] ? words[1] : "");
	r = fs_options_settle(o, reterr);
	return r < 0 ? r : fs_mountpoint_check(words[0], o->nonempty, ret_mountpoint, reterr);
}

static int mount_and_serve(struct fs_options *o, const char *mountpoint)
{
	struct fs_daemon daemon = { .fd = -1 };
	struct fs_run run = {
		.options = o, .mountpoint = mountpoint, .ready = on_ready, .arg = &daemon
	};
	enum fs_stage stage;
	struct w365_err err = { 0 };
	int r = 0;

	if (o->debug)
		w365_log_set_level(W365_LOG_DEBUG);
	else if (o->verbose)
		w365_log_set_level(W365_LOG_INFO);
	if (!o->foreground && !o->debug)
		r = fs_daemon_fork(&daemon, FS_EXIT_INTERNAL);
	if (r < 0)
		return fs_complain((w365_err_set(&err, -r, "cannot fork: %s", strerror(-r)), &err),
				   FS_EXIT_INTERNAL);
	keep_secrets();
	o->auth_config.person = isatty(STDERR_FILENO);
	r = fs_run(&run, &stage, &err);
	if (r < 0)
		return fs_complain(&err, fs_exit_code(stage, &err));
	return FS_EXIT_OK;
}

int fs_cmd_mount(int argc, char **argv)
{
	_cleanup_(fs_options_done) struct fs_options o;
	_cleanup_(w365_freep) char *mountpoint = NULL;
	struct w365_err err = { 0 };

	fs_options_init(&o);
	if (prepare(&o, argc, argv, &mountpoint, &err) < 0)
		return fs_complain(&err, FS_EXIT_USAGE);
	if (o.help)
		return fs_cmd_help(2, (char *[]){ "help", "mount", NULL });
	if (o.version)
		return printf("w365fs %s\n", W365_VERSION) < 0;
	return mount_and_serve(&o, mountpoint);
}

/* mount(8) says "rw" first unless somebody said "ro". Nobody has asked for it. */
static char *without_rw(char *options)
{
	if (w365_streq(options, "rw"))
		return options + strlen("rw");
	return w365_starts(options, "rw,") ? options + strlen("rw,") : options;
}

/* mount -t w365fs SOURCE TARGET: the source is the tenant. -s, -n and -v are mount(8)'s own
 * business. */
int fs_cmd_mount_helper(int argc, char **argv)
{
	_cleanup_(w365_freep) char **own = calloc((size_t)argc + 2, sizeof(*own));
	_cleanup_(w365_freep) char *tenant = NULL;
	const char *source = NULL;
	int n = 1, code;

	if (!own)
		return HELPER_SYSTEM;
	own[0] = argv[0];
	for (int i = 1; i < argc; i++) {
		if (w365_streq(argv[i], "-o") && i + 1 < argc) {
			own[n++] = argv[i++];
			own[n++] = without_rw(argv[i]);
		} else if (argv[i][0] == '-') {
			continue;
		} else if (!source) {
			source = argv[i];
		} else {
			own[n++] = argv[i];
		}
	}
	if (source && !w365_streq(source, "w365fs") && !w365_streq(source, "none")) {
		if (asprintf(&tenant, "--tenant=%s", source) < 0)
			return HELPER_SYSTEM;
		own[n++] = tenant;
	}
	code = fs_cmd_mount(n, own);
	return code == FS_EXIT_OK ? 0 : code == FS_EXIT_USAGE ? HELPER_USAGE : HELPER_FAILED;
}

int fs_cmd_umount(int argc, char **argv)
{
	bool lazy = argc == 3 && (w365_streq(argv[1], "--lazy") || w365_streq(argv[1], "-z"));
	struct w365_err err = { 0 };

	if (fs_wants_help(argc, argv, "umount"))
		return FS_EXIT_OK;
	if (argc != 2 + lazy || argv[argc - 1][0] == '-') {
		fprintf(stderr, "w365fs: usage: w365fs umount [--lazy] MOUNTPOINT\n");
		return FS_EXIT_USAGE;
	}
	if (fs_mountpoint_unmount(argv[argc - 1], lazy, &err) < 0)
		return fs_complain(&err, err.num == EINVAL || err.num == ENOENT ? FS_EXIT_USAGE
										: FS_EXIT_INTERNAL);
	return FS_EXIT_OK;
}

int fs_cmd_help(int argc, char **argv)
{
	if (argc < 2) {
		fs_usage(stdout);
		printf("\n'w365fs help mount' and 'w365fs help register' tell the options, 'w365fs "
		       "help actions'\nwhat can be done to Cloud PCs and policies.\n");
		return FS_EXIT_OK;
	}
	if (w365_streq(argv[1], "register"))
		return fs_cmd_register(2, (char *[]){ argv[1], (char[]){ "--help" }, NULL });
	if (w365_streq(argv[1], "actions"))
		return fs_help_actions();
	if (!w365_streq(argv[1], "mount"))
		return fs_command_help(argv[1]) ? FS_EXIT_OK : FS_EXIT_USAGE;
	printf("w365fs mount [options] MOUNTPOINT\n\n");
	fs_options_help(stdout);
	printf("\nMount options (-o NAME[=VALUE],...):\n");
	fs_options_mount_help(stdout);
	return FS_EXIT_OK;
}
