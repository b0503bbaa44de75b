#include "sim/page.h"

#include <errno.h>
#include <openssl/crypto.h>

#include "base/macros.h"

void sim_page_begin(struct sim_reply *reply, int status, const char *title)
{
	w365_buf_reset(&reply->body);
	reply->status = status;
	reply->content_type = "text/html; charset=utf-8";
	sim_reply_header(reply, "Cache-Control", "no-store, no-cache");
	sim_reply_header(reply, "Content-Security-Policy",
			 "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'");
	sim_reply_header(reply, "Referrer-Policy", "no-referrer");
	w365_buf_adds(&reply->body,
		      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
		      "<meta name=\"viewport\" content=\"width=device-width\"><title>");
	sim_page_text(reply, title);
	w365_buf_adds(&reply->body,
		      "</title><style>body{font-family:sans-serif;max-width:28em;margin:4em auto;"
		      "padding:0 1em}label,button{display:block;margin:1em 0}</style></head>\n"
		      "<body><h1>");
	sim_page_text(reply, title);
	w365_buf_adds(&reply->body, "</h1>\n");
}

void sim_page_end(struct sim_reply *reply)
{
	w365_buf_adds(&reply->body, "</body></html>\n");
}

void sim_page_text(struct sim_reply *reply, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '&': w365_buf_adds(&reply->body, "&amp;"); break;
		case '<': w365_buf_adds(&reply->body, "&lt;"); break;
		case '>': w365_buf_adds(&reply->body, "&gt;"); break;
		case '"': w365_buf_adds(&reply->body, "&quot;"); break;
		case '\'': w365_buf_adds(&reply->body, "&#39;"); break;
		default: w365_buf_addc(&reply->body, *text); break;
		}
	}
}

void sim_page_form(struct sim *s, struct sim_reply *reply, const char *tenant, const char *path)
{
	w365_buf_adds(&reply->body, "<form method=\"post\" action=\"");
	sim_page_text(reply, s->config.base);
	if (*tenant)
		w365_buf_addc(&reply->body, '/');
	sim_page_text(reply, tenant);
	sim_page_text(reply, path);
	w365_buf_adds(&reply->body, "\">\n");
}

void sim_page_hidden(struct sim_reply *reply, const char *name, const char *value)
{
	w365_buf_adds(&reply->body, "<input type=\"hidden\" name=\"");
	sim_page_text(reply, name);
	w365_buf_adds(&reply->body, "\" value=\"");
	sim_page_text(reply, value);
	w365_buf_adds(&reply->body, "\">\n");
}

void sim_page_button(struct sim_reply *reply, const char *name, const char *value,
		     const char *label)
{
	w365_buf_addf(&reply->body, "<button type=\"submit\" name=\"%s\" value=\"", name);
	sim_page_text(reply, value);
	w365_buf_adds(&reply->body, "\">");
	sim_page_text(reply, label);
	w365_buf_adds(&reply->body, "</button>\n");
}

void sim_page_credentials(struct sim_reply *reply, const char *user)
{
	w365_buf_adds(&reply->body,
		      "<label>User name <input type=\"text\" name=\"login\" value=\"");
	sim_page_text(reply, user ? user : "");
	w365_buf_adds(&reply->body, "\" autocomplete=\"username\"></label>\n"
				    "<label>Password <input type=\"password\" name=\"passwd\" "
				    "autocomplete=\"current-password\"></label>\n");
}

void sim_page_permissions(struct sim_reply *reply, const char *words)
{
	w365_buf_adds(&reply->body, "<ul>\n");
	for (const char *p = words + strspn(words, " "); *p; p += strspn(p, " ")) {
		struct w365_span word = { p, strcspn(p, " ") };
		const struct sim_grantable *g = sim_grantable_find(word);

		p += word.len;
		if (!g)
			continue;
		w365_buf_adds(&reply->body, "<li><b>");
		sim_page_text(reply, g->name);
		w365_buf_adds(&reply->body, "</b> ");
		sim_page_text(reply, g->title);
		w365_buf_adds(&reply->body, "</li>\n");
	}
	w365_buf_adds(&reply->body, "</ul>\n");
}

void sim_page_error(struct sim *s, const struct sim_request *req, struct sim_reply *reply,
		    unsigned code, const char *sentence)
{
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF;

	sim_entra_describe(s, req, code, sentence, &text);
	sim_page_begin(reply, 400, "Sorry, but we're having trouble signing you in.");
	w365_buf_adds(&reply->body, "<pre>");
	sim_page_text(reply, w365_buf_str(&text));
	w365_buf_adds(&reply->body, "</pre>\n");
	sim_page_end(reply);
}

const struct sim_user *sim_page_sign_in(struct sim *s, const struct sim_form *form,
					unsigned *ret_code, struct w365_err *reterr)
{
	const char *login = sim_form_get(form, "login"), *password = sim_form_get(form, "passwd");
	const struct sim_user *user = login ? sim_tenant_user(&s->tenant, login) : NULL;
	size_t n = strlen(s->identity.password);

	if (!user) {
		*ret_code = 50034;
		w365_err_set(reterr, EINVAL,
			     "The user account %.200s does not exist in the %s directory.",
			     login ? login : "", s->identity.organization);
		return NULL;
	}
	if (!password || strlen(password) != n ||
	    CRYPTO_memcmp(password, s->identity.password, n) != 0) {
		*ret_code = 50126;
		w365_err_set(reterr, EINVAL,
			     "Error validating credentials due to invalid username or password.");
		return NULL;
	}
	if (sim_user_is_disabled(s, user->id)) {
		*ret_code = 50057;
		w365_err_set(reterr, EINVAL, "The user account is disabled.");
		return NULL;
	}
	return user;
}

void sim_page_remember(struct sim *s, struct sim_reply *reply, const struct sim_user *user)
{
	_cleanup_(w365_buf_done) struct w365_buf cookie = W365_BUF;
	const struct sim_browser *b = sim_browser_new(&s->sessions, user);

	if (!b)
		return;
	w365_buf_addf(&cookie, "ESTSAUTH=%s; Path=/; HttpOnly%s", b->cookie,
		      w365_starts(s->config.base, "https:") ? "; Secure; SameSite=None" : "");
	sim_reply_header(reply, "Set-Cookie", w365_buf_str(&cookie));
}

static void post_back(struct sim_reply *reply, const char *uri, const char *const *pairs)
{
	sim_page_begin(reply, 200, "Working...");
	w365_buf_adds(&reply->body, "<form method=\"post\" name=\"hiddenform\" action=\"");
	sim_page_text(reply, uri);
	w365_buf_adds(&reply->body, "\">\n");
	for (; pairs[0]; pairs += 2)
		if (pairs[1])
			sim_page_hidden(reply, pairs[0], pairs[1]);
	w365_buf_adds(&reply->body, "<button type=\"submit\">Continue</button></form>\n");
	sim_page_end(reply);
}

void sim_page_redirect(struct sim_reply *reply, const char *uri, const char *mode,
		       const char *const *pairs)
{
	_cleanup_(w365_buf_done) struct w365_buf location = W365_BUF;
	char separator = strchr(uri, '?') ? '&' : '?';

	if (w365_streq(mode, "form_post")) {
		post_back(reply, uri, pairs);
		return;
	}
	w365_buf_adds(&location, uri);
	if (w365_streq(mode, "fragment"))
		separator = '#';
	for (; pairs[0]; pairs += 2) {
		if (!pairs[1])
			continue;
		w365_buf_addf(&location, "%c%s=", separator, pairs[0]);
		w365_buf_add_url(&location, pairs[1]);
		separator = '&';
	}
	w365_buf_reset(&reply->body);
	reply->status = 302;
	reply->content_type = NULL;
	sim_reply_header(reply, "Location", w365_buf_str(&location));
	sim_reply_header(reply, "Cache-Control", "no-store, no-cache");
}

/* The end of "http://localhost" or "http://127.0.0.1" in @uri, with any port; NULL: it is neither.
 */
static const char *behind_loopback(const char *uri, size_t *ret_host)
{
	static const char *const hosts[] = { "http://localhost", "http://127.0.0.1" };

	for (size_t i = 0; i < ARRAY_SIZE(hosts); i++) {
		size_t n = strlen(hosts[i]);

		if (strncasecmp(uri, hosts[i], n) != 0)
			continue;
		*ret_host = i;
		if (uri[n] == ':')
			for (n++; w365_is_digit(uri[n]); n++)
				;
		return !uri[n] || uri[n] == '/' || uri[n] == '?' ? uri + n : NULL;
	}
	return NULL;
}

static bool same_redirect(const char *registered, const char *uri)
{
	size_t a, b;
	const char *x = behind_loopback(registered, &a), *y = behind_loopback(uri, &b);

	if (w365_streq(registered, uri))
		return true;
	if (!x || !y || a != b)
		return false;
	return w365_streq(*x ? x : "/", *y ? y : "/");
}

static bool lists(const struct sim_app *app, const char *kind, const char *uri)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(
			    cJSON_GetObjectItemCaseSensitive(app->json, kind), "redirectUris"),
		    *item;

	cJSON_ArrayForEach(item, list) if (cJSON_IsString(item) &&
					   same_redirect(item->valuestring, uri)) return true;
	return false;
}

bool sim_redirect_known(const struct sim_app *app, const char *uri, struct sim_sign_in *ret)
{
	/* Microsoft's own public clients. */
	if (!app->json)
		return same_redirect("http://localhost", uri) ||
		       w365_streq(uri,
				  "https://login.microsoftonline.com/common/oauth2/nativeclient");
	if (lists(app, "publicClient", uri))
		return true;
	ret->confidential = lists(app, "web", uri);
	ret->spa = !ret->confidential && lists(app, "spa", uri);
	return ret->confidential || ret->spa;
}
