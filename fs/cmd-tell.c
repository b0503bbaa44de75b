/* Commands that only tell or ask: refresh, permissions, help actions. */
#include "base/buf.h"
#include "base/macros.h"
#include "base/str.h"
#include "fs/commands.h"
#include "fs/ioctl.h"
#include "graph/usage.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>

static int refresh_failed(bool open_failed, const char *path)
{
	struct w365_err err;

	switch (errno) {
	case ENOTCONN:
		w365_err_set(&err, ENOTCONN,
			     "'%s': the program of this mount has ended: 'w365fs mount' it again",
			     path);
		break;
	case ENOTTY:
	case EINVAL:
		w365_err_set(&err, errno, "'%s' is no collection of a w365fs mount", path);
		break;
	default:
		w365_err_set(&err, errno, "cannot %s '%s': %m", open_failed ? "open" : "refresh",
			     path);
		return fs_complain(&err, open_failed ? FS_EXIT_USAGE : FS_EXIT_INTERNAL);
	}
	return fs_complain(&err, FS_EXIT_USAGE);
}

/* Of a collection that is refused the kernel lets nobody but root open the directory: then the mount is
 * told its name. */
static int open_to_refresh(const char *mountpoint, const char *collection, const char *path,
			   struct fs_refresh *what)
{
	int dir = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (dir >= 0 || errno != EACCES)
		return dir;
	snprintf(what->msg, sizeof(what->msg), "%s", collection);
	return open(mountpoint, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
}

static int refresh_one(const char *mountpoint, const char *collection)
{
	_cleanup_(w365_closep) int dir = -1;
	struct fs_refresh out = { 0 };
	struct w365_err err;
	_cleanup_(w365_freep) char *path = NULL;

	if (asprintf(&path, "%s/%s", mountpoint, collection) < 0) {
		path = NULL;
		return fs_complain((w365_err_oom(&err), &err), FS_EXIT_INTERNAL);
	}
	dir = open_to_refresh(mountpoint, collection, path, &out);
	if (dir < 0 || ioctl(dir, FS_IOC_REFRESH, &out) < 0)
		return refresh_failed(dir < 0, path);
	if (!out.num)
		return FS_EXIT_OK;
	out.msg[sizeof(out.msg) - 1] = '\0';
	w365_err_set(&err, out.num, "%s", out.msg);
	return fs_complain(&err, out.num == EACCES ? FS_EXIT_SIGNIN : FS_EXIT_NETWORK);
}

int fs_cmd_refresh(int argc, char **argv)
{
	int code = FS_EXIT_OK;

	if (fs_wants_help(argc, argv, "refresh"))
		return FS_EXIT_OK;
	if (argc < 2 || argv[1][0] == '-') {
		fprintf(stderr, "w365fs: usage: w365fs refresh MOUNTPOINT [COLLECTION...]\n");
		return FS_EXIT_USAGE;
	}
	if (argc == 2)
		return refresh_one(argv[1], "");
	for (int i = 2; i < argc; i++) {
		int one = refresh_one(argv[1], argv[i]);

		code = MAX(code, one);
	}
	return code;
}

static void permission_row(const char *what, const char *verb, const struct graph_permission *p,
			   const struct graph_collection *home)
{
	printf("%-58s %-7s %-24s %-24s%s", what, verb, p->delegated ? p->delegated : "-",
	       p->application && !home->own ? p->application : "-",
	       p->inferred ? " (inferred)" : "");
	for (unsigned i = 0; graph_with[i]; i++)
		if (home->with & 1U << i)
			printf(" (-o with=%s)", graph_with[i]);
	printf("\n");
}

static void permission_rows(const struct graph_part *part)
{
	printf("%-58s %-7s %-24s %-24s\n", "# what", "verb", "delegated", "application");
	for (unsigned i = 0; i < graph_n_collections; i++) {
		const struct graph_collection *c = &graph_collections[i];
		const struct graph_collection *home = c->nested ? graph_home_of(c->path) : c;

		if (!home || !graph_collection_in(home, part))
			continue;
		for (unsigned v = 0; v < GRAPH_VERBS; v++)
			if (c->methods[v].versions & part->version)
				permission_row(c->name, graph_verb_name(v),
					       &c->methods[v].permission, home);
	}
	for (unsigned i = 0; i < graph_n_operations; i++) {
		const struct graph_operation *o = &graph_operations[i];
		const struct graph_collection *home = graph_home_of(o->path);
		char what[128];

		if (!(o->versions & part->version) || !graph_collection_in(home, part))
			continue;
		snprintf(what, sizeof(what), "%s%s/%s", o->bound->name, o->collection ? "[]" : "",
			 o->name);
		permission_row(what, o->function ? "GET" : "POST", &o->permission, home);
	}
}

int fs_cmd_permissions(int argc, char **argv)
{
	_cleanup_(w365_freep) const char **words = calloc((size_t)argc + 1, sizeof(*words));
	_cleanup_(fs_options_done) struct fs_options o;
	struct graph_part part;
	struct w365_err err;
	int r;

	fs_options_init(&o);
	if (fs_wants_help(argc, argv, "permissions"))
		return FS_EXIT_OK;
	r = words ? fs_options_parse(&o, argc, argv, words, &err) : w365_err_oom(&err);
	if (r == 0 && words[0])
		r = w365_err_set(&err, EINVAL,
				 "usage: w365fs permissions [--api=beta|v1.0] [-o me]");
	if (r == 0)
		r = fs_options_part(&o, &part, &err);
	if (r < 0)
		return fs_complain(&err, FS_EXIT_USAGE);
	if (!o.with)
		part.with = UINT_MAX;
	permission_rows(&part);
	return FS_EXIT_OK;
}

static void action_rows(struct w365_buf *out, const struct graph_collection *home)
{
	struct graph_action a, other;

	for (unsigned at = 0; graph_action_next(home, GRAPH_BETA, &at, &a);) {
		graph_usage_path(out, &a);
		w365_buf_addc(out, ' ');
		graph_usage_synopsis(out, &a, GRAPH_BETA);
		w365_buf_addf(out, "\n\t%s%s%s. %s\n", graph_safety_name(a.safety),
			      graph_action_find(home, a.name, GRAPH_V1, &other) ? ""
										: ", beta only",
			      a.deprecated ? ", deprecated" : "", a.note ? a.note : "");
		graph_usage_types(out, &a, GRAPH_BETA, "\t- ");
	}
}

int fs_help_actions(void)
{
	_cleanup_(w365_buf_done) struct w365_buf out = W365_BUF;
	struct w365_err err;

	for (unsigned i = 0; i < graph_n_collections; i++)
		if (!graph_collections[i].own)
			action_rows(&out, &graph_collections[i]);
	if (out.failed)
		return fs_complain((w365_err_oom(&err), &err), FS_EXIT_INTERNAL);
	printf("Control files, and what a line that is written to them looks like:\n\n%s",
	       w365_buf_str(&out));
	return FS_EXIT_OK;
}
