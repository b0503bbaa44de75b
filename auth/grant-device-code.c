/* A person signs in on any device, by a code shown here.
 *
 * Source: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code, RFC 8628
 */
#include "auth/grant.h"
#include "base/buf.h"
#include "base/json-read.h"
#include "base/macros.h"
#include "base/str.h"

#include <errno.h>
#include <stdio.h>

#define INTERVAL_S      5 /* RFC 8628: if the service does not say */
#define INTERVAL_MAX_S  60
#define CODE_LIFE_MAX_S 3600

struct device {
	char *code; /* NULL: none is open */
	char text[512], url[256];
	struct auth_prompt prompt;
	uint64_t interval, ends; /* ms; ends on the monotonic clock */
};

struct opening {
	char *device_code, *user_code, *uri, *message;
	uint64_t expires_in, interval;
};

static const struct w365_json_field opening_fields[] = {
	{ "device_code", W365_JSON_STRING, offsetof(struct opening, device_code),
	  W365_JSON_MUST | W365_JSON_SECRET },
	{ "user_code", W365_JSON_STRING, offsetof(struct opening, user_code), W365_JSON_MUST },
	{ "verification_uri", W365_JSON_STRING, offsetof(struct opening, uri), W365_JSON_MUST },
	{ "message", W365_JSON_STRING, offsetof(struct opening, message), W365_JSON_LAX },
	{ "expires_in", W365_JSON_UINT, offsetof(struct opening, expires_in), 0 },
	{ "interval", W365_JSON_UINT, offsetof(struct opening, interval), W365_JSON_LAX },
	{ NULL, 0, 0, 0 },
};

static bool configured(const struct auth_config *c)
{
	return false; /* has to be asked for by name */
}

static int open_device(const struct auth_config *c, const struct auth_clock *now, void **ret_state,
		       struct w365_err *reterr)
{
	*ret_state = calloc(1, sizeof(struct device));
	return *ret_state ? 0 : w365_err_oom(reterr);
}

static void restart(void *state)
{
	struct device *d = state;

	d->code = w365_wipe_str(d->code);
	d->prompt.text = NULL;
}

static int next(void *state, const struct auth_context *x, struct auth_todo *ret,
		struct w365_err *reterr)
{
	struct device *d = state;
	struct w365_request *req = &ret->request;

	auth_form_begin(x, req);
	if (d->code) {
		w365_buf_adds(
			&req->body,
			"&client_info=1&grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3A"
			"device_code&device_code=");
		w365_buf_add_url(&req->body, d->code);
	} else {
		free(req->url);
		if (asprintf(&req->url, "%s/oauth2/v2.0/devicecode", x->tenant_url) < 0)
			req->url = NULL;
	}
	return AUTH_SEND;
}

/* The service's words are for a terminal: nothing that could move its cursor. */
static void print(char *out, size_t size, const char *text)
{
	size_t n = 0;

	for (; *text && n + 1 < size; text++)
		if ((unsigned char)*text >= ' ' && *text != 0x7f)
			out[n++] = *text;
	out[n] = '\0';
}

static enum auth_result opened(struct device *d, const struct auth_context *x,
			       const struct w365_reply *reply, struct auth_outcome *ret)
{
	struct opening o = { 0 };
	struct w365_err e;

	if (reply->status != 200)
		return auth_judge(x, reply, NULL, ret);
	if (w365_json_read(reply->body, reply->len, opening_fields, &o, &e) < 0) {
		w365_err_set(&ret->err, EPROTO, "%s answered, but not with a device code: %s",
			     x->config->authority, e.msg);
		return AUTH_REFUSED;
	}
	d->code = TAKE_PTR(o.device_code);
	d->interval = 1000 * MIN(o.interval ? o.interval : INTERVAL_S, (uint64_t)INTERVAL_MAX_S);
	d->ends = x->now.ms +
		  1000 * MIN(o.expires_in ? o.expires_in : 900, (uint64_t)CODE_LIFE_MAX_S);
	print(d->url, sizeof(d->url), o.uri);
	if (o.message) {
		print(d->text, sizeof(d->text), o.message);
	} else {
		char code[64];

		print(code, sizeof(code), o.user_code);
		snprintf(d->text, sizeof(d->text),
			 "To sign in, open the page %s and enter the code %s", d->url, code);
	}
	d->prompt.serial++;
	d->prompt.text = d->text;
	w365_json_read_free(opening_fields, &o);
	ret->at = x->now.ms + d->interval;
	return AUTH_GO_ON;
}

/* RFC 8628: out of reach, the client waits longer; the person is at it. */
static enum auth_result wait_on(struct device *d, const struct auth_context *x,
				struct auth_outcome *ret)
{
	if (x->now.ms < d->ends) {
		ret->at = x->now.ms + d->interval;
		return AUTH_GO_ON;
	}
	w365_err_set(
		&ret->err, EACCES,
		"nobody signed in by the code in time: try again; if the page said that the device must be managed, "
		"sign in by --auth=browser");
	return AUTH_REFUSED;
}

static enum auth_result reply(void *state, const struct auth_context *x,
			      const struct w365_reply *reply, struct auth_outcome *ret)
{
	struct device *d = state;
	enum auth_result result;

	if (!d->code)
		return opened(d, x, reply, ret);
	result = auth_judge(x, reply, NULL, ret);
	if (result == AUTH_GOT_TOKEN) {
		restart(d);
		return result;
	}
	if (w365_streq(ret->err.code, "authorization_pending"))
		return wait_on(d, x, ret);
	if (w365_streq(ret->err.code, "slow_down")) {
		d->interval += 5000;
		return wait_on(d, x, ret);
	}
	if (result == AUTH_PASSING && x->now.ms < d->ends) {
		d->interval = MIN(d->interval * 2, (uint64_t)INTERVAL_MAX_S * 1000);
		return wait_on(d, x, ret);
	}
	return result;
}

static const struct auth_prompt *prompt(const void *state)
{
	const struct device *d = state;

	return d->prompt.text ? &d->prompt : NULL;
}

static void close_device(void *state)
{
	restart(state);
	free(state);
}

const struct auth_grant auth_grant_device_code = {
	.name = "device-code",
	.help = "a person, by a code to enter on any device",
	.person = true,
	.configured = configured,
	.open = open_device,
	.next = next,
	.reply = reply,
	.prompt = prompt,
	.restart = restart,
	.close = close_device,
};
