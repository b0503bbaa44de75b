/* What can be seen on this machine: settings, files, FUSE. */
#include "auth/cache.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/macros.h"
#include "base/str.h"
#include "base/time.h"
#include "fs/doctor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#define SMALL ((size_t)1 << 20)
#define DAY_S 86400

/* ---- settings ---- */

void fs_doctor_configuration(struct fs_doctor *d, struct fs_finding *f)
{
	_cleanup_(w365_freep) char *path = fs_options_file_path(d->o);
	struct w365_err err = { 0 };
	struct stat st;
	int r = fs_options_settle(d->o, &err);

	if (r == 0)
		r = fs_connect_network(&d->c, d->o, &err);
	if (r < 0)
		fs_doctor_fail(f, fs_exit_code(FS_STAGE_SETTINGS, &err), NULL, "%s", err.msg);
	else if (path && stat(path, &st) == 0)
		fs_doctor_ok(f, "%s", path);
	else
		fs_doctor_ok(f, "there is no file%s%s: the command line and the environment alone",
			     path ? " " : "", path ? path : "");
}

static void count_sealed(void *arg, const struct auth_account *a)
{
	*(int *)arg += a->sealed != NULL;
}

void fs_doctor_token_cache(struct fs_doctor *d, struct fs_finding *f)
{
	const char *path = d->o->token_cache;
	struct w365_err err = { 0 };
	char sealed[64] = "";
	int n, k = 0;

	if (!path) {
		fs_doctor_skip(f, "there is no home for one");
		return;
	}
	n = auth_cache_check(path, &err);
	if (n > 0) {
		auth_cache_each(path, count_sealed, &k, NULL);
		if (k)
			snprintf(sealed, sizeof(sealed), ", %d of them sealed by the keyring", k);
		fs_doctor_ok(f, "%s, which nobody else may read, keeps %d sign-in%s%s", path, n,
			     n == 1 ? "" : "s", sealed);
	} else if (n == 0) {
		fs_doctor_ok(f, "nobody's sign-in is kept");
	} else {
		/* To use it would put a damaged one aside. */
		d->no_cache = true;
		d->o->auth_config.token_cache = d->o->client.token_cache = NULL;
		fs_doctor_fail(f, FS_EXIT_USAGE,
			       n == -EBADMSG ? "move the file away and run 'w365fs login'" : NULL,
			       "%s", err.msg);
	}
}

/* Where the credential of a way to sign in comes from. */
static const char *origin_of(const struct fs_doctor *d, const char *grant)
{
	static const struct {
		const char *grant, *option;
	} credentials[] = {
		{ "client-secret", "client-secret-file" },
		{ "client-certificate", "certificate" },
		{ "workload-identity", "federated-token-file" },
	};
	const char *source;

	if (w365_streq(grant, "managed-identity"))
		return d->o->auth_config.azure == AUTH_AZURE_YES
			       ? "this machine's own: IMDS answers"
			       : "this machine's own";
	if (w365_streq(grant, "client-secret") && !d->o->client_secret_file)
		return "AZURE_CLIENT_SECRET";
	for (size_t i = 0; i < ARRAY_SIZE(credentials); i++)
		if (w365_streq(credentials[i].grant, grant) &&
		    (source = fs_options_source(d->o, credentials[i].option)))
			return source;
	source = fs_options_source(d->o, "auth");
	return source ? source : "the token cache";
}

void fs_doctor_settings(struct fs_doctor *d, struct fs_finding *f)
{
	const struct fs_options *o = d->o;
	struct w365_err err = { 0 };
	const char *grant;
	bool any = w365_streq(o->auth_config.grant, "auto");
	int r = fs_connect_credentials(&d->c, d->o, &err);

	if (r == -ENOKEY && d->no_cache) {
		fs_doctor_skip(f, "\"token cache\" comes first");
		f->blocks = true;
	} else if (r < 0) {
		fs_doctor_fail(f, fs_exit_code(FS_STAGE_SETTINGS, &err), NULL, "%s", err.msg);
	} else {
		grant = auth_grant_name(d->c.auth);
		fs_doctor_ok(f, "tenant %s, application %s, signs in by %s%s (%s)",
			     o->tenant ? o->tenant : "not named",
			     o->client_id ? o->client_id : "not named", any ? "auto: " : "", grant,
			     origin_of(d, grant));
	}
}

void fs_doctor_judge_certificate(struct fs_finding *f, const char *thumbprint, int64_t left,
				 int64_t until)
{
	char when[W365_TIME_MAX];

	w365_time_format((time_t)until, when);
	if (left < (int64_t)30 * DAY_S)
		fs_doctor_warn(f, "make a new one and upload it to the app registration",
			       "%s ends in %lld days, at %s", thumbprint, (long long)left / DAY_S,
			       when);
	else
		fs_doctor_ok(f, "%s, until %s", thumbprint, when);
}

/* One that is over, or does not begin yet, was told by the settings. */
void fs_doctor_certificate(struct fs_doctor *d, struct fs_finding *f)
{
	int64_t until = auth_credential_expires(d->c.auth);
	const char *thumbprint = auth_thumbprint(d->c.auth);

	if (until)
		fs_doctor_judge_certificate(f, thumbprint ? thumbprint : "it",
					    until - (int64_t)time(NULL), until);
	else
		f->state = FS_DOCTOR_SILENT;
}

/* ---- FUSE ---- */

void fs_doctor_fuse(struct fs_doctor *d, struct fs_finding *f)
{
	_cleanup_(w365_closep) int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);

	if (fd >= 0)
		fs_doctor_ok(f, "/dev/fuse opens");
	else if (errno == ENOENT)
		fs_doctor_fail(
			f, FS_EXIT_USAGE,
			"as root: modprobe fuse; a container is started with --device /dev/fuse",
			"there is no /dev/fuse");
	else if (errno == ENODEV || errno == ENXIO)
		fs_doctor_fail(f, FS_EXIT_USAGE, "as root: modprobe fuse",
			       "the kernel's fuse module is not loaded");
	else if (errno == EACCES || errno == EPERM)
		fs_doctor_fail(
			f, FS_EXIT_USAGE,
			"as root: chmod 666 /dev/fuse; a container is started with --device /dev/fuse",
			"/dev/fuse may not be opened: %m");
	else
		fs_doctor_fail(f, FS_EXIT_USAGE, "see what the kernel's log says of fuse",
			       "/dev/fuse does not open: %m");
}

uint64_t fs_doctor_status_field(const char *text, const char *key, int base)
{
	const char *at = w365_starts(text, key) ? text : NULL;

	for (const char *p = text; !at && (p = strchr(p, '\n'));)
		if (w365_starts(++p, key))
			at = p;
	return at ? strtoull(at + strlen(key), NULL, base) : 0;
}

/* Reads what need not be there. */
static const char *small_file(const char *path, struct w365_buf *b)
{
	w365_file_read(path, SMALL, false, b, NULL);
	return w365_buf_str(b);
}

/* As libfuse looks for it, in the end. 0, or -ENOENT. */
static int find_program(const char *name, char *out, size_t size, struct stat *ret)
{
	const char *path = getenv("PATH");
	_cleanup_(w365_freep) char *copy = NULL;
	char *rest, *dir;

	if (asprintf(&copy, "%s:/usr/bin:/bin", path ? path : "") < 0)
		return -ENOENT;
	for (rest = copy; (dir = strsep(&rest, ":"));) {
		if (*dir != '/' || snprintf(out, size, "%s/%s", dir, name) >= (int)size)
			continue;
		if (stat(out, ret) == 0 && S_ISREG(ret->st_mode) && access(out, X_OK) == 0)
			return 0;
	}
	return -ENOENT;
}

static void mounting_as_root(uint64_t capabilities, struct fs_finding *f)
{
	if (capabilities >> CAP_SYS_ADMIN & 1)
		fs_doctor_ok(f, "root mounts by itself");
	else
		fs_doctor_fail(f, FS_EXIT_USAGE,
			       "start the container with --cap-add SYS_ADMIN --device /dev/fuse",
			       "this root may not mount: it has no CAP_SYS_ADMIN");
}

void fs_doctor_mounting(struct fs_doctor *d, struct fs_finding *f)
{
	_cleanup_(w365_buf_done) struct w365_buf b = W365_BUF;
	const char *status = small_file("/proc/self/status", &b);
	char path[1024];
	struct stat st;

	if (geteuid() == 0) {
		mounting_as_root(fs_doctor_status_field(status, "CapEff:", 16), f);
		return;
	}
	if (find_program("fusermount3", path, sizeof(path), &st) < 0)
		fs_doctor_fail(f, FS_EXIT_USAGE, "install fuse3", "there is no fusermount3");
	else if (!(st.st_mode & S_ISUID && st.st_uid == 0) &&
		 getxattr(path, "security.capability", NULL, 0) <= 0)
		fs_doctor_fail(f, FS_EXIT_USAGE,
			       "as root: chmod u+s it, or install the package fuse3 anew",
			       "%s is not setuid root, so that it may not mount", path);
	else if (fs_doctor_status_field(status, "NoNewPrivs:", 10))
		fs_doctor_fail(
			f, FS_EXIT_USAGE,
			"end that: NoNewPrivileges= of a systemd unit, no-new-privileges of a container",
			"%s has no effect here: this process may get no new privileges", path);
	else
		fs_doctor_ok(f, "%s", path);
}

static bool has_option(const char *list, const char *name)
{
	size_t n = strlen(name);

	for (const char *p = list; p && *p; p += strcspn(p, ","), p += *p == ',')
		if (strncmp(p, name, n) == 0 && (p[n] == ',' || !p[n]))
			return true;
	return false;
}

bool fs_doctor_allows_other(const char *text)
{
	for (const char *p = text; *p; p += strcspn(p, "\n"), p += *p == '\n') {
		const char *word = p + strspn(p, " \t");
		size_t n = strcspn(word, " \t\r\n#");

		if (w365_span_is((struct w365_span){ word, n }, "user_allow_other"))
			return true;
	}
	return false;
}

void fs_doctor_allow_other(struct fs_doctor *d, struct fs_finding *f)
{
	_cleanup_(w365_buf_done) struct w365_buf b = W365_BUF;

	if (!has_option(d->o->fuse, "allow_other") && !has_option(d->o->fuse, "allow_root"))
		f->state = FS_DOCTOR_SILENT;
	else if (geteuid() == 0)
		fs_doctor_ok(f, "root may");
	else if (fs_doctor_allows_other(small_file("/etc/fuse.conf", &b)))
		fs_doctor_ok(f, "/etc/fuse.conf has user_allow_other");
	else
		fs_doctor_fail(f, FS_EXIT_USAGE, "as root: write the line into /etc/fuse.conf",
			       "/etc/fuse.conf has no user_allow_other");
}

/* "fusermount3 (enforce)", "/usr/bin/fusermount3 (enforce)" */
bool fs_doctor_confines(const char *text)
{
	for (const char *p = text; (p = strstr(p, "fusermount3 (enforce)")); p++)
		if (p == text || strchr("\n/", p[-1]))
			return true;
	return false;
}

/* A hint alone: most mount points are allowed by the profile. */
void fs_doctor_apparmor(struct fs_doctor *d, struct fs_finding *f)
{
	_cleanup_(w365_buf_done) struct w365_buf b = W365_BUF;

	if (geteuid() != 0 &&
	    fs_doctor_confines(small_file("/sys/kernel/security/apparmor/profiles", &b)))
		fs_doctor_ok(f,
			     "a profile confines fusermount3: where it says EACCES, take a mount "
			     "point in the home directory, or allow one in "
			     "/etc/apparmor.d/local/fusermount3");
	else
		f->state = FS_DOCTOR_SILENT;
}
