#include "fs/doctor.h"
#include "base/macros.h"
#include "base/str.h"

#include <stdarg.h>

/* In this order: the first failure decides the exit code, and is what has to be mended first. */
const struct fs_check fs_checks[] = {
	{ "configuration", { NULL }, fs_doctor_configuration },
	{ "token cache", { "configuration" }, fs_doctor_token_cache },
	{ "settings", { "configuration" }, fs_doctor_settings },
	{ "certificate", { "settings" }, fs_doctor_certificate },
	{ "FUSE device", { NULL }, fs_doctor_fuse },
	{ "mounting", { NULL }, fs_doctor_mounting },
	{ "allow_other", { NULL }, fs_doctor_allow_other },
	{ "AppArmor", { NULL }, fs_doctor_apparmor },
	{ "proxy", { "configuration" }, fs_doctor_proxy },
	{ "sign-in host", { "configuration" }, fs_doctor_host },
	{ "tenant", { "sign-in host" }, fs_doctor_tenant },
	{ "clock", { "sign-in host" }, fs_doctor_clock },
	{ "sign-in", { "settings", "tenant" }, fs_doctor_signin },
	{ "permission", { "sign-in" }, fs_doctor_permission },
	{ "Microsoft Graph", { "sign-in" }, fs_doctor_graph },
	{ "role", { "permission", "Microsoft Graph" }, fs_doctor_role },
	{ "Windows 365", { "role" }, fs_doctor_windows365 },
	{ NULL, { NULL }, NULL },
};

_Static_assert(ARRAY_SIZE(fs_checks) <= FS_CHECKS_MAX, "there is no room for their findings");

static void say(char *out, size_t size, const char *fmt, va_list ap)
{
	vsnprintf(out, size, fmt, ap);
	for (char *p = out; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = ' ';
}

#define SAY(f, fmt)                                               \
	do {                                                      \
		va_list ap;                                       \
                                                                  \
		va_start(ap, fmt);                                \
		say((f)->detail, sizeof((f)->detail), (fmt), ap); \
		va_end(ap);                                       \
	} while (0)

void fs_doctor_ok(struct fs_finding *f, const char *fmt, ...)
{
	f->state = FS_DOCTOR_OK;
	SAY(f, fmt);
}

void fs_doctor_warn(struct fs_finding *f, const char *next, const char *fmt, ...)
{
	f->state = FS_DOCTOR_WARN;
	snprintf(f->next, sizeof(f->next), "%s", next ? next : "");
	SAY(f, fmt);
}

void fs_doctor_fail(struct fs_finding *f, int code, const char *next, const char *fmt, ...)
{
	f->state = FS_DOCTOR_FAIL;
	f->code = code;
	f->blocks = true;
	snprintf(f->next, sizeof(f->next), "%s", next ? next : "");
	SAY(f, fmt);
}

void fs_doctor_skip(struct fs_finding *f, const char *why, ...)
{
	f->state = FS_DOCTOR_SKIP;
	SAY(f, why);
}

void fs_doctor_check(struct fs_doctor *d, const struct fs_check *checks, unsigned i,
		     struct fs_finding *found)
{
	found[i] = (struct fs_finding){ 0 };
	for (unsigned n = 0; n < ARRAY_SIZE(checks[i].needs) && checks[i].needs[n]; n++) {
		for (unsigned k = 0; k < i; k++) {
			if (!found[k].blocks || !w365_streq(checks[k].name, checks[i].needs[n]))
				continue;
			fs_doctor_skip(&found[i], "\"%s\" comes first", checks[k].name);
			found[i].blocks = true;
			return;
		}
	}
	checks[i].fn(d, &found[i]);
}
