/* fs/commands.h - the program's commands, one function each. They print their own errors and return
 * the exit code. */
#pragma once

#include <stdio.h>

#include "base/err.h"
#include "fs/run.h"

enum { FS_EXIT_OK, FS_EXIT_USAGE, FS_EXIT_SIGNIN, FS_EXIT_NETWORK, FS_EXIT_INTERNAL };

int fs_cmd_mount(int argc, char **argv);
int fs_cmd_umount(int argc, char **argv);
int fs_cmd_refresh(int argc, char **argv);
int fs_cmd_permissions(int argc, char **argv);
int fs_cmd_demo(int argc, char **argv);
int fs_cmd_login(int argc, char **argv);
int fs_cmd_logout(int argc, char **argv);
int fs_cmd_status(int argc, char **argv);
int fs_cmd_token(int argc, char **argv);
int fs_cmd_doctor(int argc, char **argv);
int fs_cmd_register(int argc, char **argv);
int fs_cmd_help(int argc, char **argv);

/** Prints every control file, with its parameters and how dangerous it is. */
int fs_help_actions(void);

/** As mount(8) calls it: mount.w365fs SOURCE TARGET [-sfnv] [-o OPTIONS]. Exits with mount(8)'s
 * codes. */
int fs_cmd_mount_helper(int argc, char **argv);

/** All commands, a line each. */
void fs_usage(FILE *f);

/** A command's own help. False, with a complaint, if there is no such command. */
bool fs_command_help(const char *name);

/** Prints the help of command @name if --help or -h is among its words. */
bool fs_wants_help(int argc, char **argv, const char *name);

/** Prints "w365fs: SENTENCE" to stderr and returns @code. */
int fs_complain(const struct w365_err *err, int code);

/** The exit code of a run that failed at @stage. */
int fs_exit_code(enum fs_stage stage, const struct w365_err *err);
