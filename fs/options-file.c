/* The configuration file: "name = value" lines; a "[tenant]" line begins what holds for that tenant
 * alone. */
#include "base/buf.h"
#include "base/file.h"
#include "base/macros.h"
#include "base/str.h"
#include "fs/options.h"

#include <errno.h>
#include <sys/stat.h>

#define FILE_MAX ((size_t)1 << 20)

static char *usual_path(void)
{
	const char *dir = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	char *path = NULL;
	int n = -1;

	if (dir && *dir == '/')
		n = asprintf(&path, "%s/w365fs/config", dir);
	else if (home && *home == '/')
		n = asprintf(&path, "%s/.config/w365fs/config", home);
	return n < 0 ? NULL : path;
}

static char *trim(char *s)
{
	char *end = s + strlen(s);

	while (end > s && strchr(" \t\r", end[-1]))
		*--end = '\0';
	return s + strspn(s, " \t");
}

/* "~/x" is in the home directory, as a shell has it. On the heap. */
static char *at_home(const char *value)
{
	const char *home = getenv("HOME");
	char *path;

	if (!w365_starts(value, "~/") || !home)
		return strdup(value);
	return asprintf(&path, "%s%s", home, value + 1) < 0 ? NULL : path;
}

/* Who may write here decides whom the secret is sent to. */
static int check_writers(const char *path, struct w365_err *reterr)
{
	struct stat st;

	if (stat(path, &st) < 0 || !S_ISREG(st.st_mode))
		return 0;
	if (st.st_mode & 022)
		return w365_err_set(
			reterr, EACCES,
			"'%s' may be written by others, who could have the sign-in sent to "
			"themselves: chmod 600 it",
			path);
	return 0;
}

/* One pass over the file's lines, for what stands under @section ("": before the first one). */
static int pass(struct fs_options *o, const char *path, const char *text, const char *section,
		struct w365_err *reterr)
{
	_cleanup_(w365_freep) char *copy = strdup(text);
	char *rest = copy, *line;
	bool ours = !*section;
	unsigned n = 0;
	int r;

	if (!copy)
		return w365_err_oom(reterr);
	while ((line = strsep(&rest, "\n"))) {
		char *value;

		n++;
		line = trim(line);
		if (!*line || *line == '#')
			continue;
		if (*line == '[') {
			size_t len = strlen(line);

			if (line[len - 1] != ']')
				return w365_err_set(reterr, EINVAL,
						    "%s line %u: a section is [tenant]", path, n);
			line[len - 1] = '\0';
			ours = strcasecmp(trim(line + 1), section) == 0;
			continue;
		}
		value = strchr(line, '=');
		if (!value)
			return w365_err_set(reterr, EINVAL, "%s line %u: a line is 'name = value'",
					    path, n);
		*value++ = '\0';
		line = trim(line);
		if (!ours)
			continue;
		value = at_home(trim(value));
		r = value ? fs_options_set(o, line, value, true, reterr) : w365_err_oom(reterr);
		free(value);
		if (r < 0)
			return r;
		if (r == 0)
			return w365_err_set(reterr, EINVAL, "%s line %u: unknown name '%.60s'",
					    path, n, line);
	}
	return 0;
}

char *fs_options_file_path(const struct fs_options *o)
{
	return o->config ? strdup(o->config) : usual_path();
}

int fs_options_file(struct fs_options *o, const char *path, struct w365_err *reterr)
{
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF;
	_cleanup_(w365_freep) char *usual = path ? NULL : usual_path();
	int r;

	if (!path && (!usual || access(usual, F_OK) < 0))
		return 0;
	path = path ? path : usual;
	r = check_writers(path, reterr);
	if (r == 0)
		r = w365_file_read(path, FILE_MAX, false, &text, reterr);
	/* What holds for the tenant comes before what holds for all; the default tenant may be
	 * named by the latter. */
	if (r == 0 && !o->tenant) {
		struct fs_options general;

		fs_options_init(&general);
		r = pass(&general, path, w365_buf_str(&text), "", reterr);
		if (r == 0 && general.tenant)
			r = MIN(fs_options_set(o, "tenant", general.tenant, true, reterr), 0);
		fs_options_done(&general);
	}
	if (r == 0 && o->tenant)
		r = pass(o, path, w365_buf_str(&text), o->tenant, reterr);
	if (r == 0)
		r = pass(o, path, w365_buf_str(&text), "", reterr);
	return r;
}
