#include "graph/words.h"
#include "base/json.h"
#include "base/macros.h"

#include <errno.h>

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

unsigned graph_words_column(const struct graph_words *w, const char *at)
{
	unsigned column = 1;

	for (const char *p = w->line; p < at; p++)
		column += ((unsigned char)*p & 0xc0) != 0x80;
	return column;
}

/* From the opening quote to the closing one. */
static int quoted(struct graph_words *w, struct w365_buf *out, struct w365_err *reterr)
{
	const char *open = w->p;
	char quote = *w->p++;

	for (; w->p < w->end && *w->p != quote; w->p++) {
		if (quote == '"' && *w->p == '\\' && w->p[1] && strchr("\"\\$`", w->p[1]))
			w->p++;
		w365_buf_addc(out, *w->p);
	}
	if (w->p == w->end)
		return w365_err_set(reterr, EINVAL,
				    "column %u: this %c has no end: close it, or write \\%c",
				    graph_words_column(w, open), quote, quote);
	w->p++;
	return 0;
}

/* One JSON value as it stands. */
static int json(struct graph_words *w, struct graph_word *ret, struct w365_err *reterr)
{
	struct w365_json j = { 0 };
	struct w365_err err = { 0 };
	size_t used = 0;
	int r = w365_json_parse(&j, w->p, (size_t)(w->end - w->p), &used, &err);

	w365_json_done(&j);
	if (r == -ENOMEM)
		return w365_err_oom(reterr);
	if (r < 0)
		return w365_err_set(reterr, EINVAL, "column %u: %.*s: %s",
				    graph_words_column(w, w->p), (int)ret->key_len,
				    w365_buf_str(&ret->text), err.msg);
	if (w->p + used < w->end && !blank(w->p[used]))
		return w365_err_set(reterr, EINVAL, "column %u: a blank is missing behind the JSON",
				    graph_words_column(w, w->p + used));
	w365_buf_add(&ret->text, w->p, used);
	w->p += used;
	ret->json = true;
	return 0;
}

int graph_words_next(struct graph_words *w, bool pairs, graph_word_json_fn *is_json, void *arg,
		     struct graph_word *ret, struct w365_err *reterr)
{
	int r = 0;

	while (w->p < w->end && blank(*w->p))
		w->p++;
	if (w->p == w->end || *w->p == '#')
		return 0;
	w365_buf_reset(&ret->text);
	ret->at = w->p;
	ret->key_len = 0;
	ret->json = false;
	while (r == 0 && w->p < w->end && !blank(*w->p)) {
		if (*w->p == '\'' || *w->p == '"') {
			r = quoted(w, &ret->text, reterr);
			continue;
		}
		if (pairs && *w->p == '=' && !ret->key_len && ret->text.len) {
			ret->key_len = ret->text.len;
			w365_buf_addc(&ret->text, *w->p++);
			ret->value = w->p;
			if ((*w->p == '[' || *w->p == '{') &&
			    is_json(arg, (struct w365_span){ ret->text.data, ret->key_len }))
				r = json(w, ret, reterr);
			continue;
		}
		if (*w->p == '\\' && w->p + 1 < w->end)
			w->p++;
		w365_buf_addc(&ret->text, *w->p++);
	}
	w365_buf_room(&ret->text, 0); /* "" is a word, too */
	if (r < 0)
		return r;
	return ret->text.failed ? w365_err_oom(reterr) : 1;
}
