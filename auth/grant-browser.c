/* A person signs in by the browser of this computer, which comes back to a port of ours.
 *
 * Source: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow, RFC 7636,
 * RFC 8252
 */
#include "auth/grant.h"
#include "base/buf.h"
#include "base/macros.h"
#include "base/str.h"
#include "base/url.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>

struct browser {
	char state[48], nonce[48], verifier[48]; /* 32 random bytes each; empty: none is open */
	char *redirect, *url, *text, *code;
	struct auth_prompt prompt;
};

static bool configured(const struct auth_config *c)
{
	return false; /* "auto" takes it where somebody is there and nothing else is configured */
}

static int open_browser(const struct auth_config *c, const struct auth_clock *now, void **ret_state,
			struct w365_err *reterr)
{
	*ret_state = calloc(1, sizeof(struct browser));
	return *ret_state ? 0 : w365_err_oom(reterr);
}

static void restart(void *state)
{
	struct browser *b = state;

	explicit_bzero(b->state, sizeof(b->state));
	explicit_bzero(b->nonce, sizeof(b->nonce));
	explicit_bzero(b->verifier, sizeof(b->verifier));
	b->code = w365_wipe_str(b->code);
	free(TAKE_PTR(b->redirect));
	b->url = w365_wipe_str(b->url);
	b->text = w365_wipe_str(b->text);
	b->prompt.text = b->prompt.url = NULL;
}

static bool random_text(char out[48])
{
	_cleanup_(w365_buf_done) struct w365_buf b = W365_BUF_SECRET;
	unsigned char bytes[32];

	if (RAND_bytes(bytes, sizeof(bytes)) != 1)
		return false;
	w365_base64url(&b, bytes, sizeof(bytes));
	explicit_bzero(bytes, sizeof(bytes));
	snprintf(out, 48, "%s", w365_buf_str(&b));
	return b.len == 43;
}

static int next(void *state, const struct auth_context *x, struct auth_todo *ret,
		struct w365_err *reterr)
{
	struct browser *b = state;
	struct w365_buf *body = &ret->request.body;

	if (!b->code) {
		restart(b);
		if (!random_text(b->state) || !random_text(b->nonce) || !random_text(b->verifier))
			return w365_err_set(reterr, EIO, "there are no random numbers to be had");
		return AUTH_LISTEN;
	}
	auth_form_begin(x, &ret->request);
	w365_buf_adds(body, "&grant_type=authorization_code&client_info=1&code=");
	w365_buf_add_url(body, b->code);
	w365_buf_adds(body, "&redirect_uri=");
	w365_buf_add_url(body, b->redirect);
	w365_buf_adds(body, "&code_verifier=");
	w365_buf_add_url(body, b->verifier);
	return AUTH_SEND;
}

static void challenge(const char *verifier, struct w365_buf *out)
{
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	if (EVP_Digest(verifier, strlen(verifier), md, &n, EVP_sha256(), NULL) == 1)
		w365_base64url(out, md, n);
	else
		out->failed = true;
}

static void pair(struct w365_buf *url, const char *name, const char *value)
{
	w365_buf_addf(url, "&%s=", name);
	w365_buf_add_url(url, value);
}

static int listening(void *state, const struct auth_context *x, unsigned port,
		     struct w365_err *reterr)
{
	_cleanup_(w365_buf_done) struct w365_buf url = W365_BUF;
	_cleanup_(w365_buf_done) struct w365_buf hash = W365_BUF;
	struct browser *b = state;

	if (asprintf(&b->redirect, "http://localhost:%u/", port) < 0) {
		b->redirect = NULL;
		return w365_err_oom(reterr);
	}
	challenge(b->verifier, &hash);
	w365_buf_addf(&url, "%s/oauth2/v2.0/authorize?client_id=%s", x->tenant_url,
		      x->config->client_id);
	pair(&url, "response_type", "code");
	pair(&url, "redirect_uri", b->redirect);
	pair(&url, "response_mode", "form_post");
	pair(&url, "scope", x->scope);
	pair(&url, "state", b->state);
	pair(&url, "nonce", b->nonce);
	pair(&url, "code_challenge", w365_buf_str(&hash));
	pair(&url, "code_challenge_method", "S256");
	if (x->config->login_hint)
		pair(&url, "login_hint", x->config->login_hint);
	else
		pair(&url, "prompt", "select_account");
	pair(&url, "claims", x->claims);
	if (url.failed || hash.failed)
		return w365_err_oom(reterr);
	b->url = w365_buf_take(&url);
	if (asprintf(&b->text,
		     "To sign in, use the browser. If none has opened, open this page:\n%s",
		     b->url) < 0) {
		b->text = NULL;
		return w365_err_oom(reterr);
	}
	b->prompt.serial++;
	b->prompt.text = b->text;
	b->prompt.url = b->url;
	return 0;
}

/* A value of a form, decoded; NULL if it is not there. On the heap. */
static char *value_of(const char *form, const char *name)
{
	size_t n = strlen(name);

	for (const char *p = form; p; p = strchr(p, '&') ? strchr(p, '&') + 1 : NULL) {
		_cleanup_(w365_buf_done) struct w365_buf b = W365_BUF_SECRET;

		if (strncmp(p, name, n) != 0 || p[n] != '=')
			continue;
		w365_form_decode(&b, p + n + 1, strcspn(p + n + 1, "&"));
		return w365_buf_take(&b);
	}
	return NULL;
}

static bool same(const char *a, const char *b)
{
	return strlen(a) == strlen(b) && CRYPTO_memcmp(a, b, strlen(a)) == 0;
}

static enum auth_result refused(const char *error, const char *description,
				struct auth_outcome *ret)
{
	const char *text = description ? description : error;
	bool cancelled = strstr(text, "AADSTS65004") || w365_streq(error, "access_denied");

	w365_err_set(&ret->err, EACCES, "%s: %.*s",
		     cancelled ? "the sign-in was cancelled" : "the sign-in was refused",
		     (int)MIN(strcspn(text, "\r\n"), 300), text);
	snprintf(ret->err.code, sizeof(ret->err.code), "%s", error);
	return AUTH_REFUSED;
}

static enum auth_result arrived(void *state, const struct auth_context *x, const char *form,
				struct auth_outcome *ret)
{
	struct browser *b = state;
	char *given = value_of(form, "state"), *error = value_of(form, "error"),
	     *description = value_of(form, "error_description");
	enum auth_result result = AUTH_PASSING; /* somebody else's: go on listening */

	if (given && *b->state && same(given, b->state)) {
		b->code = error ? NULL : value_of(form, "code");
		if (b->code && *b->code) {
			result = AUTH_GO_ON;
		} else {
			b->code = w365_wipe_str(b->code);
			result = refused(error ? error : "no code came", description, ret);
		}
		b->prompt.text = b->prompt.url = NULL;
	}
	w365_wipe_str(given);
	free(error);
	free(description);
	return result;
}

static enum auth_result reply(void *state, const struct auth_context *x,
			      const struct w365_reply *reply, struct auth_outcome *ret)
{
	enum auth_result result = auth_judge(x, reply, NULL, ret);

	/* A code serves once. Trouble that passes may come before it was used: it is tried again.
	 */
	if (result != AUTH_PASSING)
		restart(state);
	return result;
}

static const struct auth_prompt *prompt(const void *state)
{
	const struct browser *b = state;

	return b->prompt.text ? &b->prompt : NULL;
}

static void close_browser(void *state)
{
	restart(state);
	free(state);
}

const struct auth_grant auth_grant_browser = {
	.name = "browser",
	.help = "a person, by the browser of this computer",
	.person = true,
	.configured = configured,
	.open = open_browser,
	.next = next,
	.reply = reply,
	.listening = listening,
	.arrived = arrived,
	.prompt = prompt,
	.restart = restart,
	.close = close_browser,
};
