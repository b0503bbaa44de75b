#include "sim/form.h"

#include <errno.h>
#include <stdlib.h>

const char *sim_percent_decode(char *s, size_t len, bool plus, size_t *ret_at)
{
	char *to = s;

	for (size_t i = 0; i < len; i++) {
		char c = s[i];

		if (c == '%') {
			int high = i + 2 < len ? w365_hex(s[i + 1]) : -1;
			int low = i + 2 < len ? w365_hex(s[i + 2]) : -1;

			if (high < 0 || low < 0) {
				*ret_at = i;
				return "a % needs two hexadecimal digits";
			}
			c = (char)(high << 4 | low);
			i += 2;
			if (!c) {
				*ret_at = i - 2;
				return "a NUL is not allowed";
			}
		} else if (c == '+' && plus) {
			c = ' ';
		}
		*to++ = c;
	}
	*to = '\0';
	return NULL;
}

static int decode(const struct sim_form *f, char *part, size_t len, struct w365_err *reterr)
{
	size_t at;
	const char *wrong = sim_percent_decode(part, len, true, &at);

	if (wrong)
		return w365_err_set(reterr, EINVAL, "%s, at position %zu", wrong,
				    (size_t)(part - f->text) + at);
	return 0;
}

static int add(struct sim_form *f, char *part, size_t len, struct w365_err *reterr)
{
	size_t position = (size_t)(part - f->text), name_len;
	char *equals = memchr(part, '=', len);
	struct sim_pair *pair = &f->pairs[f->count];
	int r;

	if (!equals)
		return w365_err_set(reterr, EINVAL, "a pair without '=', at position %zu",
				    position);
	name_len = (size_t)(equals - part);
	if (!name_len)
		return w365_err_set(reterr, EINVAL, "a pair without a name, at position %zu",
				    position);
	r = decode(f, equals + 1, len - name_len - 1, reterr);
	if (r == 0)
		r = decode(f, part, name_len, reterr);
	if (r < 0)
		return r;
	if (sim_form_get(f, part))
		return w365_err_set(reterr, EINVAL, "'%.100s' is there twice, at position %zu",
				    part, position);
	*pair = (struct sim_pair){ part, equals + 1 };
	f->count++;
	return 0;
}

int sim_form_parse(struct w365_span text, struct sim_form *ret, struct w365_err *reterr)
{
	struct sim_form f = { 0 };
	size_t parts = 1;
	int r = 0;

	for (size_t i = 0; i < text.len; i++) {
		if (!text.p[i])
			return w365_err_set(reterr, EINVAL, "a NUL is not allowed, at position %zu",
					    i);
		parts += text.p[i] == '&';
	}
	f.text = malloc(text.len + 1);
	f.pairs = calloc(parts, sizeof(*f.pairs));
	if (!f.text || !f.pairs) {
		sim_form_done(&f);
		return w365_err_oom(reterr);
	}
	memcpy(f.text, text.p ? text.p : "", text.len);
	f.text[text.len] = '\0';

	for (char *p = f.text, *end = f.text + text.len; text.len && p <= end && r == 0;) {
		char *amp = memchr(p, '&', (size_t)(end - p));
		size_t len = (size_t)((amp ? amp : end) - p);

		r = add(&f, p, len, reterr);
		p += len + 1;
	}
	if (r < 0) {
		sim_form_done(&f);
		return r;
	}
	*ret = f;
	return 0;
}

void sim_form_done(struct sim_form *f)
{
	free(f->pairs);
	free(f->text);
	*f = (struct sim_form){ 0 };
}

const char *sim_form_get(const struct sim_form *f, const char *name)
{
	for (size_t i = 0; i < f->count; i++)
		if (w365_streq(f->pairs[i].name, name))
			return f->pairs[i].value;
	return NULL;
}
