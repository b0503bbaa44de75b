/* doctor: what is missing for a mount, and the one next step. */
#include "base/buf.h"
#include "base/json-write.h"
#include "base/log.h"
#include "base/macros.h"
#include "fs/doctor.h"

#include <errno.h>
#include <sys/prctl.h>

#define DEADLINE_S 20 /* somebody sits in front of it; a mount is more patient */

static void print_line(const char *name, const struct fs_finding *f)
{
	static const char *const words[] = { "ok  ", "warn", "FAIL", "skip" };

	if (f->state == FS_DOCTOR_SILENT)
		return;
	printf("%s %s%s%s%s%s\n", words[f->state], name, *f->detail ? ": " : "", f->detail,
	       *f->next ? "; next: " : "", f->next);
	fflush(stdout); /* the next one may take a while */
}

static void print_json(struct w365_jw *w, const char *name, const struct fs_finding *f)
{
	if (f->state == FS_DOCTOR_SILENT)
		return;
	w365_jw_open(w, '{');
	w365_jw_pair(w, "check", name);
	if (f->state == FS_DOCTOR_SKIP)
		w365_jw_pair(w, "ok", NULL);
	else
		w365_jw_pair_bool(w, "ok", f->state != FS_DOCTOR_FAIL);
	w365_jw_pair(w, "detail", f->detail);
	w365_jw_pair(w, "next",
		     *f->next                     ? f->next
		     : f->state == FS_DOCTOR_FAIL ? f->detail /* which ends in the cure */
						  : NULL);
	w365_jw_close(w, '}');
}

static int examine(struct fs_doctor *d)
{
	_cleanup_(w365_buf_done) struct w365_buf b = W365_BUF;
	struct fs_finding found[FS_CHECKS_MAX];
	struct w365_jw w = { .out = &b };
	int code = FS_EXIT_OK;

	w365_jw_open(&w, '[');
	for (unsigned i = 0; fs_checks[i].name && !d->interrupted; i++) {
		fs_doctor_check(d, fs_checks, i, found);
		if (d->interrupted)
			break;
		if (found[i].state == FS_DOCTOR_FAIL && code == FS_EXIT_OK)
			code = found[i].code;
		if (d->o->json)
			print_json(&w, fs_checks[i].name, &found[i]);
		else
			print_line(fs_checks[i].name, &found[i]);
	}
	w365_jw_close(&w, ']');
	if (d->o->json)
		printf("%s\n", w365_buf_str(&b));
	if (d->interrupted || b.failed || fflush(stdout) != 0)
		return FS_EXIT_INTERNAL;
	return code;
}

int fs_cmd_doctor(int argc, char **argv)
{
	_cleanup_(fs_options_done) struct fs_options o;
	_cleanup_(w365_freep) const char **words = calloc((size_t)argc + 1, sizeof(*words));
	struct fs_doctor d = { .o = &o };
	struct w365_err err = { 0 };
	int r;

	fs_options_init(&o);
	r = words ? fs_options_parse(&o, argc, argv, words, &err) : w365_err_oom(&err);
	if (r == 0 && o.help) {
		fs_command_help(argv[0]);
		printf("\n");
		fs_options_help(stdout);
		return FS_EXIT_OK;
	}
	if (r == 0 && words[0])
		r = w365_err_set(&err, EINVAL, "'%.60s': 'w365fs doctor' takes options alone",
				 words[0]);
	if (r < 0)
		return fs_complain(&err, FS_EXIT_USAGE);
	if (o.verbose)
		w365_log_set_level(W365_LOG_INFO);
	if (o.deadline < 0)
		o.deadline = DEADLINE_S;
	if (o.timeout < 0)
		o.timeout = DEADLINE_S;
	prctl(PR_SET_DUMPABLE, 0);
	r = examine(&d);
	fs_connection_done(&d.c);
	return r;
}
