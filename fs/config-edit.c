#include "fs/config-edit.h"
#include "base/file.h"
#include "base/macros.h"
#include "base/str.h"

#define FILE_MAX ((size_t)1 << 20)

/* A line of the file, without its end. */
struct line {
	const char *p;
	size_t len;
	struct w365_span name, value; /* of "name = value"; name.p is NULL of all others */
	struct w365_span section;     /* of "[section]" */
};

static struct w365_span trimmed(const char *p, size_t len)
{
	while (len && strchr(" \t\r", *p)) {
		p++;
		len--;
	}
	while (len && strchr(" \t\r", p[len - 1]))
		len--;
	return (struct w365_span){ p, len };
}

/* Takes the next line off @text. False at the end. */
static bool next_line(const char **text, struct line *ret)
{
	struct w365_span s;
	const char *equals;

	if (!**text)
		return false;
	*ret = (struct line){ .p = *text, .len = strcspn(*text, "\n") };
	*text += ret->len + ((*text)[ret->len] == '\n');
	s = trimmed(ret->p, ret->len);
	equals = s.len ? memchr(s.p, '=', s.len) : NULL;
	if (s.len > 1 && s.p[0] == '[' && s.p[s.len - 1] == ']') {
		ret->section = trimmed(s.p + 1, s.len - 2);
	} else if (s.len && s.p[0] != '#' && equals) {
		ret->name = trimmed(s.p, (size_t)(equals - s.p));
		ret->value = trimmed(equals + 1, (size_t)(s.p + s.len - equals - 1));
	}
	return true;
}

/* "client_id" is "client-id". */
static bool same_name(struct w365_span a, const char *b)
{
	size_t i = 0;

	while (i < a.len && b[i] && (a.p[i] == b[i] || (a.p[i] == '_' && b[i] == '-')))
		i++;
	return i == a.len && !b[i];
}

static bool same_section(struct w365_span a, const char *b)
{
	return a.len == strlen(b) && strncasecmp(a.p, b, a.len) == 0;
}

bool fs_config_get(const char *text, const char *section, const char *name, struct w365_buf *out)
{
	bool ours = !*section;
	struct line l;

	while (next_line(&text, &l)) {
		if (l.section.p)
			ours = same_section(l.section, section);
		if (!ours || !l.name.p || !same_name(l.name, name))
			continue;
		w365_buf_add(out, l.value.p, l.value.len);
		return true;
	}
	return false;
}

#define PAIRS_MAX 32

struct editor {
	const struct fs_config_pair *pairs;
	bool set[PAIRS_MAX];
	struct w365_buf *out;
	size_t blank; /* length of @out before the blank lines at its end */
	bool seen;    /* the section */
};

static void put(struct editor *e, const char *p, size_t len)
{
	w365_buf_add(e->out, p, len);
	w365_buf_addc(e->out, '\n');
	if (trimmed(p, len).len)
		e->blank = e->out->len;
}

/* What was not there: before the blank lines that set the next section apart. */
static void put_rest(struct editor *e)
{
	_cleanup_(w365_buf_done) struct w365_buf tail = W365_BUF;

	if (e->out->failed)
		return;
	w365_buf_add(&tail, w365_buf_str(e->out) + e->blank, e->out->len - e->blank);
	e->out->len = e->blank;
	for (unsigned i = 0; e->pairs[i].name; i++) {
		if (e->set[i] || !e->pairs[i].value)
			continue;
		w365_buf_addf(e->out, "%s = %s\n", e->pairs[i].name, e->pairs[i].value);
		e->set[i] = true;
	}
	e->blank = e->out->len;
	w365_buf_add(e->out, w365_buf_str(&tail), tail.len);
	e->out->failed |= tail.failed;
}

/* True if the line was one of ours. */
static bool edit_line(struct editor *e, const struct line *l)
{
	for (unsigned i = 0; e->pairs[i].name; i++) {
		const struct fs_config_pair *p = &e->pairs[i];

		if (!same_name(l->name, p->name) || (p->value && e->set[i]))
			continue;
		if (p->value)
			w365_buf_addf(e->out, "%s = %s\n", p->name, p->value);
		else
			w365_buf_addf(e->out, "# %.*s\n", (int)l->len, l->p);
		e->set[i] = true;
		e->blank = e->out->len;
		return true;
	}
	return false;
}

void fs_config_edit(const char *text, const char *section, const struct fs_config_pair *pairs,
		    struct w365_buf *out)
{
	struct editor e = { .pairs = pairs, .out = out, .blank = out->len, .seen = !*section };
	bool ours = e.seen;
	struct line l;

	if (!*section && (text[0] == '[' || !*text)) {
		put_rest(&e);
		w365_buf_addc(out, '\n');
	}
	while (next_line(&text, &l)) {
		if (l.section.p) {
			if (ours)
				put_rest(&e);
			ours = same_section(l.section, section);
			e.seen |= ours;
		}
		if (!ours || !l.name.p || !edit_line(&e, &l))
			put(&e, l.p, l.len);
	}
	if (!e.seen) {
		if (out->len)
			w365_buf_addc(out, '\n');
		w365_buf_addf(out, "[%s]\n", section);
		e.blank = out->len;
		ours = true;
	}
	if (ours)
		put_rest(&e);
}

int fs_config_read(const char *path, struct w365_buf *out, struct w365_err *reterr)
{
	return access(path, F_OK) < 0 ? 0 : w365_file_read(path, FILE_MAX, false, out, reterr);
}

int fs_config_write(const char *path, const struct w365_buf *text, struct w365_err *reterr)
{
	_cleanup_(w365_freep) char *real = realpath(path, NULL);
	int r;

	if (text->failed)
		return w365_err_oom(reterr);
	r = w365_file_folder(path, reterr);
	return r < 0 ? r : w365_file_replace(real ? real : path, text->data, text->len, reterr);
}
