/* w365fs - Windows 365 as files.
 *
 * THREADS: see fs/fs.h.
 */
#include "base/str.h"
#include "fs/commands.h"
#include "fs/keyring.h"

#include <stdio.h>

static const struct fs_command {
	const char *name;
	const char *words; /* what follows it */
	const char *help;  /* NULL: it is not for people */
	int (*run)(int argc,
		   char **argv); /* argv[0] is the command's name; returns the exit code */
} commands[] = {
	{ "mount", "[options] MOUNTPOINT", "sign in and mount the tenant", fs_cmd_mount },
	{ "umount", "[--lazy] MOUNTPOINT", "unmount it", fs_cmd_umount },
	{ "refresh", "MOUNTPOINT [COLLECTION...]", "ask the service again now", fs_cmd_refresh },
	{ "login", "[options]", "sign in as a person, once, for mounts to come", fs_cmd_login },
	{ "logout", "[options]", "forget that", fs_cmd_logout },
	{ "status", "[--json] [options]", "who is signed in, how, and what that allows",
	  fs_cmd_status },
	{ "token", "[--json] [options]", "print an access token, for curl", fs_cmd_token },
	{ "doctor", "[--json] [options]", "what is missing for a mount, and the next step",
	  fs_cmd_doctor },
	{ "register", "[options]", "make the app registration that a mount signs in by",
	  fs_cmd_register },
	{ "permissions", "[--api=VERSION] [-o me]", "the least permission of every operation",
	  fs_cmd_permissions },
	{ "demo", "[MOUNTPOINT]", "mount a simulated tenant; needs no account", fs_cmd_demo },
	{ "keyring", "", NULL, fs_cmd_keyring },
	{ "help", "[COMMAND]", "this text, or a command's options", fs_cmd_help },
	{ NULL, NULL, NULL, NULL },
};

void fs_usage(FILE *f)
{
	fprintf(f, "w365fs - Windows 365 as files\n\n");
	for (const struct fs_command *c = commands; c->name; c++) {
		char left[64];

		if (!c->help)
			continue;
		snprintf(left, sizeof(left), "w365fs %s %s", c->name, c->words);
		fprintf(f, "  %-46s %s\n", left, c->help);
	}
	fprintf(f,
		"\nExit codes: 0, 1 usage, 2 sign-in needed or refused, 3 network, 4 internal.\n");
}

bool fs_command_help(const char *name)
{
	for (const struct fs_command *c = commands; c->name; c++) {
		if (!w365_streq(c->name, name) || !c->help)
			continue;
		printf("w365fs %s %s\n\n%s\n", c->name, c->words, c->help);
		return true;
	}
	fprintf(stderr, "w365fs: there is no command '%.60s': see 'w365fs help'\n", name);
	return false;
}

bool fs_wants_help(int argc, char **argv, const char *name)
{
	for (int i = 1; i < argc; i++)
		if (w365_streq(argv[i], "--help") || w365_streq(argv[i], "-h"))
			return fs_command_help(name);
	return false;
}

int main(int argc, char **argv)
{
	const char *self = argc > 0 ? strrchr(argv[0], '/') : NULL;

	self = self ? self + 1 : argc > 0 ? argv[0] : "";
	if (w365_streq(self, "mount.w365fs"))
		return fs_cmd_mount_helper(argc, argv);
	if (argc < 2) {
		fs_usage(stderr);
		return FS_EXIT_USAGE;
	}
	if (w365_streq(argv[1], "--version") || w365_streq(argv[1], "-V")) {
		printf("w365fs %s\n", W365_VERSION);
		return 0;
	}
	if (w365_streq(argv[1], "--help") || w365_streq(argv[1], "-h")) {
		fs_usage(stdout);
		return 0;
	}
	for (const struct fs_command *c = commands; c->name; c++)
		if (w365_streq(c->name, argv[1]))
			return c->run(argc - 1, argv + 1);
	fprintf(stderr, "w365fs: unknown command '%s': see 'w365fs help'\n", argv[1]);
	return FS_EXIT_USAGE;
}
