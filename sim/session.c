#include "sim/session.h"

#include <ctype.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/macros.h"
#include "base/str.h"

static void *grow(void *array, size_t *count, size_t size)
{
	void **at = array;
	void *more = reallocarray(*at, *count + 1, size);

	if (!more)
		return NULL;
	*at = more;
	return memset((char *)more + (*count)++ * size, 0, size);
}

/* Secrets are random, whatever the seed: nobody is to guess them. */
static bool random_text(const char *prefix, char *out, size_t size)
{
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF_SECRET;
	unsigned char raw[36];

	if (RAND_bytes(raw, sizeof(raw)) != 1)
		return false;
	w365_buf_adds(&text, prefix);
	w365_base64url(&text, raw, sizeof(raw));
	snprintf(out, size, "%s", w365_buf_str(&text));
	return !text.failed;
}

void sim_sign_in_done(struct sim_sign_in *i)
{
	free(i->scope);
	free(i->nonce);
	*i = (struct sim_sign_in){ 0 };
}

bool sim_sign_in_copy(struct sim_sign_in *to, const struct sim_sign_in *from)
{
	struct sim_sign_in copy = *from;

	copy.scope = strdup(from->scope ? from->scope : "");
	copy.nonce = from->nonce ? strdup(from->nonce) : NULL;
	*to = copy;
	return copy.scope && (!from->nonce || copy.nonce);
}

static void code_done(struct sim_code *c)
{
	sim_sign_in_done(&c->sign_in);
	free(c->redirect);
	free(c->challenge);
}

struct sim_code *sim_code_new(struct sim_sessions *s, int64_t now)
{
	struct sim_code *c;
	size_t kept = 0;

	/* Kept for a while after their end: what is too old is told apart from what never was. */
	for (size_t i = 0; i < s->code_count; i++) {
		if (s->codes[i].until + 3600 < now)
			code_done(&s->codes[i]);
		else
			s->codes[kept++] = s->codes[i];
	}
	s->code_count = kept;
	c = grow(&s->codes, &s->code_count, sizeof(*c));
	if (!c)
		return NULL;
	c->until = now + SIM_CODE_LIFE;
	return random_text("1.", c->text, sizeof(c->text)) ? c : NULL;
}

static void make_user_code(char out[12])
{
	static const char letters[] = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
	unsigned char raw[9];

	RAND_bytes(raw, sizeof(raw));
	for (size_t i = 0; i < sizeof(raw); i++)
		out[i] = letters[raw[i] & 31];
	out[sizeof(raw)] = '\0';
}

struct sim_device *sim_device_new(struct sim_sessions *s, int64_t now)
{
	struct sim_device *d;
	size_t kept = 0;

	for (size_t i = 0; i < s->device_count; i++) {
		if (s->devices[i].until + 3600 < now)
			sim_sign_in_done(&s->devices[i].sign_in);
		else
			s->devices[kept++] = s->devices[i];
	}
	s->device_count = kept;
	d = grow(&s->devices, &s->device_count, sizeof(*d));
	if (!d)
		return NULL;
	d->until = now + SIM_DEVICE_LIFE;
	d->wait = s->device_wait;
	make_user_code(d->user_code);
	return random_text("D", d->device_code, sizeof(d->device_code)) ? d : NULL;
}

struct sim_refresh *sim_refresh_new(struct sim_sessions *s, int64_t now)
{
	struct sim_refresh *r;
	size_t kept = 0;

	for (size_t i = 0; i < s->refresh_count; i++) {
		if (s->refreshes[i].issued + 2 * SIM_REFRESH_LIFE < now)
			sim_sign_in_done(&s->refreshes[i].sign_in);
		else
			s->refreshes[kept++] = s->refreshes[i];
	}
	s->refresh_count = kept;
	r = grow(&s->refreshes, &s->refresh_count, sizeof(*r));
	if (!r)
		return NULL;
	r->issued = now;
	r->number = ++s->refresh_number;
	return random_text("0.", r->text, sizeof(r->text)) ? r : NULL;
}

struct sim_browser *sim_browser_new(struct sim_sessions *s, const struct sim_user *user)
{
	struct sim_browser *b = grow(&s->browsers, &s->browser_count, sizeof(*b));

	if (!b || !random_text("", b->cookie, sizeof(b->cookie)))
		return NULL;
	b->user = user;
	return b;
}

struct sim_code *sim_code_find(struct sim_sessions *s, const char *text)
{
	for (size_t i = 0; i < s->code_count; i++)
		if (w365_streq(s->codes[i].text, text))
			return &s->codes[i];
	return NULL;
}

struct sim_device *sim_device_find(struct sim_sessions *s, const char *device_code)
{
	for (size_t i = 0; i < s->device_count; i++)
		if (w365_streq(s->devices[i].device_code, device_code))
			return &s->devices[i];
	return NULL;
}

struct sim_refresh *sim_refresh_find(struct sim_sessions *s, const char *text)
{
	for (size_t i = 0; i < s->refresh_count; i++)
		if (w365_streq(s->refreshes[i].text, text))
			return &s->refreshes[i];
	return NULL;
}

static bool same_user_code(const char *typed, const char *code)
{
	for (; *typed; typed++) {
		if (*typed == ' ' || *typed == '-')
			continue;
		if (!*code || toupper((unsigned char)*typed) != *code++)
			return false;
	}
	return !*code;
}

struct sim_device *sim_device_by_user_code(struct sim_sessions *s, const char *user_code)
{
	for (size_t i = 0; i < s->device_count; i++)
		if (same_user_code(user_code, s->devices[i].user_code))
			return &s->devices[i];
	return NULL;
}

const struct sim_user *sim_browser_user(const struct sim_sessions *s, const char *cookies)
{
	const char *p = cookies ? strstr(cookies, "ESTSAUTH=") : NULL;

	for (size_t i = 0; p && i < s->browser_count; i++) {
		size_t n = strlen(s->browsers[i].cookie);

		if (strncmp(p + 9, s->browsers[i].cookie, n) == 0 && (!p[9 + n] || p[9 + n] == ';'))
			return s->browsers[i].user;
	}
	return NULL;
}

void sim_sessions_done(struct sim_sessions *s)
{
	for (size_t i = 0; i < s->code_count; i++)
		code_done(&s->codes[i]);
	for (size_t i = 0; i < s->device_count; i++)
		sim_sign_in_done(&s->devices[i].sign_in);
	for (size_t i = 0; i < s->refresh_count; i++)
		sim_sign_in_done(&s->refreshes[i].sign_in);
	free(s->codes);
	free(s->devices);
	free(s->refreshes);
	free(s->browsers);
	free(s->policies);
	*s = (struct sim_sessions){ 0 };
}
