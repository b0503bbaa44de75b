/* tests/disk/texts.h - texts that are saved in folder_new(), each step checked. */
#pragma once

#include <sched.h>

#include "base/str.h"
#include "fs/keep-disk.h"
#include "fs/keep.h"
#include "tests/disk/folder.h"

#define FAMILY  "provisioningPolicies"
#define SAVING  "state/w365fs/T/saving"
#define REFUSED "state/w365fs/T/rejected"
#define HISTORY "state/w365fs/T/history"

static const struct w365_err why = { .num = EINVAL, .msg = "line 3: not JSON" };

/* Which of two items' texts is the newer one is known to the millisecond. */
static inline void next_time(void)
{
	int64_t t = keep_now();

	while (keep_now() == t)
		sched_yield();
}

static inline struct fs_keep *open_keep(const struct fs_keep_limits *limits)
{
	struct w365_err err;
	struct fs_keep *k = NULL;

	if (!CHECK("the folder can be used",
		   fs_keep_new(at("state/w365fs/T"), limits, &k, &err) == 0))
		printf("# %s\n", err.msg);
	return k;
}

static inline struct fs_wip *new_text(struct fs_keep *k, const char *name, const char *text)
{
	struct w365_err err;
	struct fs_wip *w = NULL;

	if (!CHECK("a text begins", fs_wip_new(k, FAMILY, name, &w, &err) == 0))
		printf("# %s\n", err.msg);
	else
		CHECK_INT("and is written", fs_wip_write(w, text, strlen(text), 0), 0);
	return w;
}

static inline void refuse(struct fs_keep *k, const char *name, const char *text)
{
	struct fs_wip *w = new_text(k, name, text);

	next_time();
	CHECK_INT("and refused", fs_wip_reject(w, &why), 0);
	fs_wip_free(w, false);
}

static inline void replace(struct fs_keep *k, const char *name, const char *text, bool accepted)
{
	struct fs_before *b = NULL;
	struct w365_err err;

	next_time();
	if (!CHECK("a version is kept",
		   fs_before_new(k, FAMILY, name, text, strlen(text), &b, &err) == 0))
		printf("# %s\n", err.msg);
	fs_before_end(b, accepted);
}

/* The only file with such an end below a folder: its text. */
static inline const char *only(const char *below, const char *suffix)
{
	char path[1200];
	const char *text = NULL;
	int n = files(below);

	for (int i = 0; i < n; i++) {
		if (!w365_ends(found[i].path, suffix))
			continue;
		if (text)
			return "more than one";
		snprintf(path, sizeof(path), "%s/%s", below, found[i].path);
		text = folder_read(path);
	}
	return text;
}

/* ---- history ---- */

struct seen {
	char all[256];
	unsigned stop_after;
};

static inline bool see(void *arg, const char *text, size_t len)
{
	struct seen *s = arg;

	CHECK_INT("it is terminated", text[len], 0);
	strcat(strcat(s->all, text), " ");
	return s->stop_after && !--s->stop_after;
}

static inline const char *history(struct fs_keep *k, const char *family, size_t size,
				  unsigned stop_after)
{
	static struct seen s;

	s = (struct seen){ .stop_after = stop_after };
	fs_keep_history(k, family, size, see, &s);
	return s.all;
}
