#include "tests/fuse/property-keep.h"
#include "base/file.h"
#include "base/macros.h"
#include "base/str.h"

#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- what must be there ---- */

static struct kept *add(struct kept *list, unsigned *n, const char *text)
{
	MUST(*n < KEPT, "the test has no room for another text");
	list[*n] = (struct kept){ .text = strdup(text) };
	return &list[(*n)++];
}

void keep_history(const char *text)
{
	tell("  to be in history/: %zu bytes", strlen(text));
	add(P.history, &P.n_history, text);
}

void keep_rejected(struct mf *f, const char *name)
{
	struct kept *k;

	if (f->rejected < 0) {
		f->rejected = (int)P.n_rejected;
		add(P.rejected, &P.n_rejected, "");
	}
	k = &P.rejected[f->rejected];
	free(k->text);
	k->text = malloc(f->len + 1);
	memcpy(k->text, f->text, f->len);
	k->text[f->len] = '\0';
	k->len = f->len;
	snprintf(f->rejected_name, sizeof(f->rejected_name), "%s", name);
	tell("  to be in rejected/: %zu bytes", f->len);
}

void keep_forget(struct mf *f)
{
	if (f->rejected >= 0)
		P.rejected[f->rejected].gone = true;
	f->rejected = -1;
}

/* ---- what is there ---- */

static void each(const char *part, void (*fn)(void *arg, const char *path, const char *name),
		 void *arg)
{
	char path[300];
	struct dirent *d, *e;
	DIR *family, *dir;

	snprintf(path, sizeof(path), "%s/%s/" FAMILY, P.keep, part);
	family = opendir(path);
	while (family && (d = readdir(family))) {
		char item[600];

		if (d->d_name[0] == '.')
			continue;
		snprintf(item, sizeof(item), "%s/%s", path, d->d_name);
		dir = opendir(item);
		while (dir && (e = readdir(dir))) {
			char file[900];

			snprintf(file, sizeof(file), "%s/%s", item, e->d_name);
			if (e->d_name[0] != '.')
				fn(arg, file, e->d_name);
		}
		if (dir)
			closedir(dir);
	}
	if (family)
		closedir(family);
}

struct comparison {
	const char *part;
	struct kept *list;
	unsigned n;
};

static void find(void *arg, const char *path, const char *name)
{
	const struct comparison *c = arg;
	struct w365_buf text = W365_BUF;
	struct w365_err err;

	if (!w365_ends(name, ".json"))
		return;
	MUST(w365_file_read(path, 1 << 20, false, &text, &err) >= 0, "%s: %s", path, err.msg);
	for (unsigned i = 0; i < c->n; i++) {
		struct kept *k = &c->list[i];
		size_t len = k->len ? k->len : strlen(k->text);

		if (k->gone || k->found || len != text.len || memcmp(k->text, text.data, len) != 0)
			continue;
		k->found = true;
		w365_buf_done(&text);
		return;
	}
	wrong("%s is kept, but was not to be:\n%s", path, w365_buf_str(&text));
}

static void compare(const char *part, struct kept *list, unsigned n)
{
	struct comparison c = { part, list, n };

	for (unsigned i = 0; i < n; i++)
		list[i].found = false;
	each(part, find, &c);
	for (unsigned i = 0; i < n; i++)
		MUST(list[i].found || list[i].gone, "this is not kept in %s/:\n%s", part,
		     list[i].text);
}

void keep_check(void)
{
	compare("rejected", P.rejected, P.n_rejected);
	compare("history", P.history, P.n_history);
}

struct search {
	const char *text;
	unsigned n;
};

static void find_text(void *arg, const char *path, const char *name)
{
	struct search *s = arg;
	struct w365_buf text = W365_BUF;

	if (w365_ends(name, ".json") && w365_file_read(path, 1 << 20, false, &text, NULL) >= 0)
		s->n += w365_streq(w365_buf_str(&text), s->text);
	w365_buf_done(&text);
}

void keep_maybe(const struct item *it)
{
	char *text = render(it->now);
	struct search s = { .text = text };

	each("history", find_text, &s);
	for (unsigned i = 0; i < P.n_history; i++)
		s.n -= w365_streq(P.history[i].text, text);
	MUST(s.n <= 1, "a version is kept too often");
	if (s.n)
		keep_history(text);
	free(text);
}

static void count(void *arg, const char *path, const char *name)
{
	++*(unsigned *)arg;
}

unsigned keep_saving(void)
{
	unsigned n = 0;

	each("saving", count, &n);
	return n;
}

static void remove_one(void *arg, const char *path, const char *name)
{
	unlink(path);
}

static void forget(struct kept *list, unsigned *n)
{
	for (unsigned i = 0; i < *n; i++)
		free(list[i].text);
	*n = 0;
}

void keep_clear(void)
{
	each("rejected", remove_one, NULL);
	each("history", remove_one, NULL);
	forget(P.rejected, &P.n_rejected);
	forget(P.history, &P.n_history);
	for (struct mf *f = P.files; f < P.files + FILES; f++)
		f->rejected = -1;
}
