/* fs/doctor.h - looks at everything that a mount needs, one thing after the other, and says what
 * would have to be done next. Changes nothing (a person's sign-in that is due is renewed, as by
 * every command). */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "base/err.h"
#include "fs/commands.h"
#include "fs/connect.h"
#include "fs/options.h"

enum fs_doctor_state {
	FS_DOCTOR_OK,
	FS_DOCTOR_WARN, /* it works, but not for long, or not well */
	FS_DOCTOR_FAIL,
	FS_DOCTOR_SKIP,
	FS_DOCTOR_SILENT, /* has nothing to do with this machine or these settings */
};

/** What a check has found. Zero-initialised: fine. */
struct fs_finding {
	enum fs_doctor_state state;
	int code;         /* of FS_DOCTOR_FAIL: the exit code */
	bool blocks;      /* what needs this one cannot be checked: failed, or skipped for that */
	char detail[800]; /* what is so; of a failure: the sentence */
	char next[320];   /* the next step, where the sentence does not end in it; else "" */
};

struct fs_doctor {
	struct fs_options *o;
	struct fs_connection c; /* c.loop is NULL until the configuration is read */
	bool no_cache;          /* the token cache cannot be used, and is left alone */
	bool interrupted;

	/* what the sign-in service has answered */
	struct w365_err host;   /* num is 0: it did */
	struct w365_err tenant; /* num is 0: it knows the tenant */
	char date[64];          /* its clock, as the header has it; "" unknown */
	time_t date_wall;       /* ours at that moment */

	/* what Graph has answered: num is 0: what was asked for */
	struct w365_err graph;
};

struct fs_check {
	const char *name;
	const char *needs[2]; /* earlier ones that must not have failed */
	void (*fn)(struct fs_doctor *d, struct fs_finding *f);
};

/** All of them, in their order; ended by a NULL name. */
extern const struct fs_check fs_checks[];

enum { FS_CHECKS_MAX = 24 };

/** One check of @checks, whose earlier ones have found what is in @found. */
void fs_doctor_check(struct fs_doctor *d, const struct fs_check *checks, unsigned i,
		     struct fs_finding *found);

/* What checks say. */

void fs_doctor_ok(struct fs_finding *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void fs_doctor_warn(struct fs_finding *f, const char *next, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void fs_doctor_fail(struct fs_finding *f, int code, const char *next, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
void fs_doctor_skip(struct fs_finding *f, const char *why, ...)
	__attribute__((format(printf, 2, 3)));

/* The checks: fs/doctor-local.c, fs/doctor-net.c. */

void fs_doctor_configuration(struct fs_doctor *d, struct fs_finding *f);
void fs_doctor_token_cache(struct fs_doctor *d, struct fs_finding *f);
void fs_doctor_settings(struct fs_doctor *d, struct fs_finding *f);
void fs_doctor_certificate(struct fs_doctor *d, struct fs_finding *f);
void fs_doctor_fuse(struct fs_doctor *d, struct fs_finding *f);
void fs_doctor_mounting(struct fs_doctor *d, struct fs_finding *f);
void fs_doctor_allow_other(struct fs_doctor *d, struct fs_finding *f);
void fs_doctor_apparmor(struct fs_doctor *d, struct fs_finding *f);
void fs_doctor_proxy(struct fs_doctor *d, struct fs_finding *f);
void fs_doctor_host(struct fs_doctor *d, struct fs_finding *f);
void fs_doctor_tenant(struct fs_doctor *d, struct fs_finding *f);
void fs_doctor_clock(struct fs_doctor *d, struct fs_finding *f);
void fs_doctor_signin(struct fs_doctor *d, struct fs_finding *f);
void fs_doctor_permission(struct fs_doctor *d, struct fs_finding *f);
void fs_doctor_graph(struct fs_doctor *d, struct fs_finding *f);
void fs_doctor_role(struct fs_doctor *d, struct fs_finding *f);
void fs_doctor_windows365(struct fs_doctor *d, struct fs_finding *f);

/* The parts of them that read no file and ask nobody. */

/** Judges how far our clock is @ahead of the service's, in seconds. */
void fs_doctor_judge_clock(struct fs_finding *f, int64_t ahead);

/** Judges what is left of a certificate, in seconds. */
void fs_doctor_judge_certificate(struct fs_finding *f, const char *thumbprint, int64_t left,
				 int64_t until);

/** Whether @text, a /etc/fuse.conf, has user_allow_other. */
bool fs_doctor_allows_other(const char *text);

/** Whether @text, the kernel's list of AppArmor profiles, has an enforced one of fusermount3. */
bool fs_doctor_confines(const char *text);

/** The number that /proc/PID/status has behind @key ("CapEff:"), in @base; 0 if it is not there. */
uint64_t fs_doctor_status_field(const char *text, const char *key, int base);

/** Whether @list, a NO_PROXY, excepts @host. */
bool fs_doctor_no_proxy(const char *list, const char *host);

/** Writes a proxy's address to @out without the name and password in it. */
void fs_doctor_hide_password(const char *proxy, char *out, size_t size);
