/* -o name=value,name,...: the mount's own options, the shared ones, and what is libfuse's or the
 * kernel's. */
#include "base/buf.h"
#include "base/macros.h"
#include "base/str.h"
#include "fs/options.h"

#include <errno.h>
#include <grp.h>
#include <math.h>
#include <pwd.h>

#define AT(member) offsetof(struct fs_options, member)

static const struct seconds_row {
	const char *name;
	size_t offset; /* of a double */
	const char *help;
} seconds_rows[] = {
	{ "ttl", AT(ttl), "what was fetched is fresh so long (live things 30, configuration 60)" },
	{ "patience", AT(patience), "wait so long for news before the old state is shown (3)" },
	{ "stale", AT(stale), "show an old state for so long when the service is away (86400)" },
	{ "timeout", AT(timeout), "of one transfer (30)" },
	{ "deadline", AT(deadline), "of one file operation, all waiting included (120)" },
};

static const struct number_row {
	const char *name;
	size_t offset; /* of a long */
	int base;
	const char *needs, *help;
} number_rows[] = {
	{ "uid", AT(uid), 10, "a user's name or number", "owner of all files" },
	{ "gid", AT(gid), 10, "a group's name or number", "group of all files" },
	{ "max-targets", AT(max_targets), 10, "a number",
	  "at most so many things for one opening of a control file (100)" },
	{ "umask", AT(umask), 8, "an octal number",
	  "what others than the owner may not, octal (077)" },
};

static const struct flag_row {
	const char *name;
	size_t offset; /* of a bool */
	const char *help;
} flag_rows[] = {
	{ "rw", AT(rw), "files may be written: asks for the permission CloudPC.ReadWrite.All" },
	{ "write", AT(rw), "the same, for fstab, where mount(8) says rw of itself" },
	{ "delete", AT(deletes), "and removed: rm deletes at the service" },
	{ "lax", AT(lax), "send also what w365fs does not know: new properties, new words" },
	{ "dry-run", AT(dry_run), "check what is written to control files, send nothing" },
	{ "noxattr", AT(noxattr), "no extended attributes: spares ls two requests" },
	{ "prefetch", AT(prefetch_too), "fetch every collection first, as --prefetch does" },
	{ "nonempty", AT(nonempty), "mount over a directory that has files in it" },
};

/* libfuse's own, and the kernel's, by the names that mount(8) knows; the last ones end in '='. */
static const char *const pass[] = { "allow_other", "allow_root", "auto_unmount", "dev",
				    "nodev",       "suid",       "nosuid",       "exec",
				    "noexec",      "atime",      "noatime",      "diratime",
				    "nodiratime",  "relatime",   "norelatime",   "sync",
				    "async",       "dirsync",    "fsname=",      "max_read=" };

/* What fstab carries for others. */
static const char *const ignored[] = { "defaults",
				       "auto",
				       "noauto",
				       "user",
				       "nouser",
				       "users",
				       "owner",
				       "group",
				       "_netdev",
				       "nofail",
				       "default_permissions",
				       "comment=",
				       "x-" };

static bool listed(const char *const *list, size_t n, const char *option)
{
	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(list[i]);

		if (strchr("=-", list[i][len - 1]) ? w365_starts(option, list[i])
						   : w365_streq(option, list[i]))
			return true;
	}
	return false;
}

static int parse_seconds(const char *name, const char *value, double *ret, struct w365_err *reterr)
{
	char *end;
	double v;

	errno = 0;
	v = value && *value ? strtod(value, &end) : -1;
	if (v < 0 || errno || *end || !isfinite(v) || v > 10.0 * 365 * 86400)
		return w365_err_set(reterr, EINVAL, "-o %s needs a number of seconds", name);
	if (v == 0 && (w365_streq(name, "timeout") || w365_streq(name, "deadline")))
		return w365_err_set(reterr, EINVAL, "-o %s=0 leaves no time for anything", name);
	*ret = v;
	return 1;
}

static int own_ttl(struct fs_options *o, const char *name, const char *value,
		   struct w365_err *reterr)
{
	const struct graph_collection *c = graph_collection_find(name + strlen("ttl."));
	double v;
	int r;

	if (!c || c->nested || (c->kind != GRAPH_COLLECTION && c->kind != GRAPH_SINGLETON))
		return w365_err_set(reterr, EINVAL, "-o %.60s: there is no such collection", name);
	r = parse_seconds(name, value, &v, reterr);
	if (r < 0)
		return r;
	if (o->n_own_ttl == ARRAY_SIZE(o->own_ttl))
		return w365_err_set(reterr, EINVAL, "too many -o ttl.NAME");
	o->own_ttl[o->n_own_ttl++] = (struct fs_own_ttl){ c, MAX((uint64_t)(v * 1000), 1) };
	return 1;
}

static int destructive(struct fs_options *o, const char *value, struct w365_err *reterr)
{
	static const char *const words[] = { "confirm", "deny", "allow" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (value && w365_streq(value, words[i])) {
			o->destructive = (enum graph_destructive)i;
			return 1;
		}
	return w365_err_set(reterr, EINVAL, "-o destructive is deny, confirm or allow");
}

static int keep_for_fuse(struct fs_options *o, const char *option, struct w365_err *reterr)
{
	char *longer;

	if (asprintf(&longer, "%s%s%s", o->fuse ? o->fuse : "", o->fuse ? "," : "", option) < 0)
		return w365_err_oom(reterr);
	free(o->fuse);
	o->fuse = longer;
	return 1;
}

/* Of a user's or group's name; -1: there is none. */
static long number_of(const char *option, const char *name, char **ret_end)
{
	const struct passwd *user = name && w365_streq(option, "uid") ? getpwnam(name) : NULL;
	const struct group *group = name && w365_streq(option, "gid") ? getgrnam(name) : NULL;

	*ret_end = name ? (char *)name + strlen(name) : "";
	return user ? (long)user->pw_uid : group ? (long)group->gr_gid : -1;
}

/* "with=roles,alerts": the comma ends an option, so that the second word comes as one of its own. */
static int one_more(struct fs_options *o, const char *word, struct w365_err *reterr)
{
	char *longer;

	if (asprintf(&longer, "%s,%s", o->with, word) < 0)
		return w365_err_oom(reterr);
	free(o->with);
	o->with = longer;
	return 1;
}

static int one(struct fs_options *o, char *option, struct w365_err *reterr)
{
	char *value = strchr(option, '=');
	int r;

	if (listed(pass, ARRAY_SIZE(pass), option))
		return keep_for_fuse(o, option, reterr);
	if (listed(ignored, ARRAY_SIZE(ignored), option))
		return 1;
	if (value)
		*value++ = '\0';
	if (w365_streq(option, "ro"))
		return !(o->rw = false);
	if (w365_streq(option, "destructive"))
		return destructive(o, value, reterr);
	for (size_t i = 0; i < ARRAY_SIZE(flag_rows); i++)
		if (w365_streq(option, flag_rows[i].name))
			return *(bool *)((char *)o + flag_rows[i].offset) = true;
	if (w365_starts(option, "ttl."))
		return own_ttl(o, option, value, reterr);
	for (size_t i = 0; i < ARRAY_SIZE(seconds_rows); i++)
		if (w365_streq(option, seconds_rows[i].name))
			return parse_seconds(option, value,
					     (double *)((char *)o + seconds_rows[i].offset),
					     reterr);
	for (size_t i = 0; i < ARRAY_SIZE(number_rows); i++) {
		char *end = NULL;
		long v;

		if (!w365_streq(option, number_rows[i].name))
			continue;
		v = value && w365_is_digit(*value) ? strtol(value, &end, number_rows[i].base)
						   : number_of(option, value, &end);
		if (v < 0 || *end || v > UINT32_MAX)
			return w365_err_set(reterr, EINVAL, "-o %s needs %s", option,
					    number_rows[i].needs);
		*(long *)((char *)o + number_rows[i].offset) = v;
		return 1;
	}
	if (!value && o->with && fs_options_is_with(option))
		return one_more(o, option, reterr);
	if (value && *value && o->with && w365_streq(option, "with"))
		return one_more(o, value, reterr); /* said twice: both */
	r = fs_options_set(o, option, value, false, reterr);
	return r ? r
		 : w365_err_set(reterr, EINVAL, "unknown option -o %.60s%s", option,
				o->with && !value ? ", and nothing that -o with= takes" : "");
}

int fs_options_mount(struct fs_options *o, const char *list, struct w365_err *reterr)
{
	_cleanup_(w365_buf_done) struct w365_buf b = W365_BUF;
	int r = 1;

	for (const char *p = list; r > 0; p++) {
		if (*p == '\\' && p[1] == ',') { /* as mount(8) has it */
			w365_buf_addc(&b, *++p);
			continue;
		}
		if (*p && *p != ',') {
			w365_buf_addc(&b, *p);
			continue;
		}
		if (b.failed)
			return w365_err_oom(reterr);
		if (b.len)
			r = one(o, b.data, reterr);
		w365_buf_reset(&b);
		if (!*p)
			break;
	}
	return r;
}

void fs_options_mount_help(FILE *f)
{
	static const char seconds[] = "=SECONDS";

	for (size_t i = 0; i < ARRAY_SIZE(seconds_rows); i++)
		fprintf(f, "  %s%-*s %s\n", seconds_rows[i].name,
			38 - (int)strlen(seconds_rows[i].name), seconds, seconds_rows[i].help);
	fprintf(f, "  %-38s %s\n", "ttl.COLLECTION=SECONDS", "the same of one collection");
	for (size_t i = 0; i < ARRAY_SIZE(number_rows); i++)
		fprintf(f, "  %s%-*s %s\n", number_rows[i].name,
			38 - (int)strlen(number_rows[i].name), "=N", number_rows[i].help);
	for (size_t i = 0; i < ARRAY_SIZE(flag_rows); i++)
		fprintf(f, "  %-38s %s\n", flag_rows[i].name, flag_rows[i].help);
	fs_options_part_help(f);
	fprintf(f, "  %-38s %s\n", "destructive=deny|confirm|allow",
		"what takes people's Cloud PCs away (confirm)");
	fprintf(f, "  %-38s %s\n", "allow_other, allow_root, ...",
		"as libfuse and mount(8) have them");
	fprintf(f, "  %-38s %s\n", "NAME=VALUE", "any --NAME=VALUE above, as for fstab");
}
