/* fs/options.h - what the user asked for: from the command line, the environment, the configuration
 * file.
 *
 * One table has all options; help, parsing, `-o name=value` and the file follow from it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "auth/auth.h"
#include "base/err.h"
#include "fs/fs.h"
#include "graph/needs.h"

struct w365_buf;

struct fs_own_ttl {
	const struct graph_collection *collection;
	uint64_t ms;
};

/** Where an option is from, in words: fs_options_source(). */
#define FS_OPTIONS_LINE "the command line"

struct fs_options {
	/* Strings are owned; NULL if nobody gave them. */
	char *tenant, *client_id, *auth, *certificate, *certificate_key, *certificate_password_file,
		*client_secret_file, *assertion, *cloud, *api, *authority, *graph_endpoint, *scope,
		*ca_file, *unix_socket, *config, *federated_token_file, *token_cache, *account, *me,
		*with;
	char *client_secret;  /* from the environment alone: wiped there, and wiped here */
	char *version, *help; /* not NULL if asked for */
	char *verbose, *foreground, *debug, *prefetch, *json;

	/* of -o */
	double ttl, patience, stale, timeout, deadline; /* seconds; below 0: not given */
	struct fs_own_ttl own_ttl[64];
	unsigned n_own_ttl;
	long uid, gid, umask, max_targets; /* below 0: not given */
	bool credential_given;             /* on the command line or by the environment */
	enum auth_sealing sealing;
	bool prefetch_too, noxattr, nonempty, rw, deletes, lax;
	enum graph_destructive destructive;
	bool dry_run;
	char *fuse; /* for libfuse: "allow_other,fsname=..." */

	/* what follows from all that: fs_options_settle() */
	struct auth_config auth_config;
	struct graph_http_config http;
	struct graph_client_config client;
	struct graph_store_config store;
	struct fs_config fs;
	const char *permissions[GRAPH_NEEDS_MAX + 1]; /* auth_config.permissions */
	char *settled[3];                             /* strings that had to be put together */
	char *keep;                                   /* fs.keep */

	/* where each option is from, by its place in the table; and who is being read just now */
	const char *sources[32], *reading;
};

void fs_options_init(struct fs_options *o);

/** Wipes the secret. */
void fs_options_done(struct fs_options *o);

/**
 * Reads the options among @argv (argv[0] is skipped) and leaves the other words in @words (borrowed
 * from argv, room for argc), ended by NULL.
 *
 * Errors: -EINVAL with the sentence: a usage error.
 */
int fs_options_parse(struct fs_options *o, int argc, char **argv, const char **words,
		     struct w365_err *reterr);

/**
 * Adds what the environment and the configuration file say and the command line does not, checks
 * it, and fills the members of the last group.
 *
 * Errors: -EINVAL with the sentence; -errno of the configuration file.
 */
int fs_options_settle(struct fs_options *o, struct w365_err *reterr);

/** Where the option @name is from: "the command line", the name of a variable, "the configuration
 * file". NULL: nobody gave it. Static. */
const char *fs_options_source(const struct fs_options *o, const char *name);

/** The configuration file that is read, which need not exist; NULL: there is no home. On the heap. */
char *fs_options_file_path(const struct fs_options *o);

/** Prints the options, a line each. */
void fs_options_help(FILE *f);
void fs_options_mount_help(FILE *f);

/** Those of them that say what of the service is shown; of @fs_options_mount_help() alone. */
void fs_options_part_help(FILE *f);

/** Puts the working directory before a path that does not begin at the root; NULL stays. -errno. */
int fs_options_absolute(char **path, struct w365_err *reterr);

/* Between the files of options alone. */

/** What is shown of the service: -o me, -o with=, --api. -EINVAL with the sentence. */
int fs_options_part(const struct fs_options *o, struct graph_part *ret, struct w365_err *reterr);

/** Whether -o with= takes this word; and all that it takes, separated by @separator. */
bool fs_options_is_with(const char *word);
void fs_options_with_words(struct w365_buf *out, const char *separator);

/** Adds what the environment says and the command line does not. The secret leaves it in any case. */
int fs_options_environment(struct fs_options *o, struct w365_err *reterr);

/** Whether a credential was given so far. */
bool fs_options_credential(const struct fs_options *o);

/** Sets the option @name, as -o and the configuration file spell it ('-' or '_'). 0 if there is
 * none of that name. */
int fs_options_set(struct fs_options *o, const char *name, const char *value, bool only_if_unset,
		   struct w365_err *reterr);

/** Reads "name=value,name,..." as -o has it. */
int fs_options_mount(struct fs_options *o, const char *list, struct w365_err *reterr);

/** Reads the configuration file: @path, or the usual place, where it need not be. */
int fs_options_file(struct fs_options *o, const char *path, struct w365_err *reterr);
