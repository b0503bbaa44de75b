#include "graph/errors.h"
#include "base/json-read.h"
#include "base/macros.h"
#include "base/str.h"

#include <errno.h>

/* First match wins; 0 and NULL match all. */
static const struct {
	int http;
	const char *code;
	int num;
} errors[] = {
	{ 400, NULL, EINVAL },    { 401, NULL, EACCES }, { 402, NULL, EACCES },
	{ 403, NULL, EACCES },    { 404, NULL, ENOENT }, { 405, NULL, EOPNOTSUPP },
	{ 408, NULL, ETIMEDOUT }, { 409, NULL, EBUSY },  { 410, NULL, ENOENT },
	{ 412, NULL, ESTALE },    { 413, NULL, EFBIG },  { 422, NULL, EINVAL },
	{ 423, NULL, EBUSY },     { 429, NULL, EAGAIN }, { 501, NULL, EOPNOTSUPP },
	{ 504, NULL, ETIMEDOUT }, { 509, NULL, EAGAIN }, { 0, "activityLimitReached", EBUSY },
	{ 0, NULL, EIO },
};

struct failure {
	char *code, *message, *id, *id2, *id3;
};

/* innerError is also written innererror, and any of it may be missing. */
static const struct w365_json_field failure_fields[] = {
	{ "error/code", W365_JSON_STRING, offsetof(struct failure, code), W365_JSON_LAX },
	{ "error/message", W365_JSON_STRING, offsetof(struct failure, message), W365_JSON_LAX },
	{ "error/innerError/request-id", W365_JSON_STRING, offsetof(struct failure, id),
	  W365_JSON_LAX },
	{ "error/innererror/request-id", W365_JSON_STRING, offsetof(struct failure, id2),
	  W365_JSON_LAX },
	{ "error/innerError/requestId", W365_JSON_STRING, offsetof(struct failure, id3),
	  W365_JSON_LAX },
	{ NULL, 0, 0, 0 },
};

/* Windows 365 and Intune sometimes put JSON into the message: the sentence is inside. */
struct inner {
	char *message;
};

static const struct w365_json_field inner_fields[] = {
	{ "Message", W365_JSON_STRING, offsetof(struct inner, message), W365_JSON_LAX },
	{ NULL, 0, 0, 0 },
};

static int number(int http, const char *code)
{
	for (size_t i = 0; i < ARRAY_SIZE(errors); i++)
		if ((!errors[i].http || errors[i].http == http) &&
		    (!errors[i].code || (code && w365_streq(errors[i].code, code))))
			return errors[i].num;
	return EIO;
}

static const char *cure(int status)
{
	switch (status) {
	case 401: return "Microsoft Graph does not accept the sign-in";
	case 403: return "the signed-in account or application may not do this";
	case 404: return "there is no such thing any more";
	case 409:
	case 423: return "it is busy with another action: try again later";
	case 429:
	case 509: return "Microsoft Graph limits requests: try again later";
	case 405:
	case 501: return "not available in this cloud or API version";
	default:
		return status >= 500 ? "Microsoft Graph is not well: try again later"
				     : "Microsoft Graph refused";
	}
}

static void say_needed(struct w365_buf *say, const struct graph_permission *p, bool app_only)
{
	const char *name = app_only ? p->application : p->delegated;

	if (name)
		w365_buf_addf(say, "; needed is the permission %s", name);
	else if (app_only && p->delegated)
		w365_buf_adds(say, "; only a signed-in person may, no application");
}

int graph_err_from_reply(struct w365_err *err, const struct w365_reply *reply,
			 const struct graph_permission *permission, bool app_only)
{
	_cleanup_(w365_buf_done) struct w365_buf say = W365_BUF;
	struct failure f = { 0 };
	struct inner in = { 0 };
	const char *message, *id;

	if (w365_json_read(reply->body, reply->len, failure_fields, &f, NULL) < 0)
		f = (struct failure){ 0 };
	if (f.message && f.message[0] == '{')
		w365_json_read(f.message, strlen(f.message), inner_fields, &in, NULL);
	message = in.message ? in.message : f.message;
	id = f.id ? f.id : f.id2 ? f.id2 : f.id3 ? f.id3 : reply->request_id;

	w365_buf_adds(&say, cure(reply->status));
	if (reply->status == 403 && permission)
		say_needed(&say, permission, app_only);
	w365_buf_addf(&say, " (%d", reply->status);
	if (f.code && *f.code)
		w365_buf_addf(&say, " %.60s", f.code);
	if (message && *message)
		w365_buf_addf(&say, ": %.300s", message);
	w365_buf_addc(&say, ')');
	if (id && *id)
		w365_buf_addf(&say, ", request-id %.60s", id);

	w365_err_set(err, number(reply->status, f.code), "%s", w365_buf_str(&say));
	err->http = reply->status;
	if (f.code)
		snprintf(err->code, sizeof(err->code), "%s", f.code);
	if (id)
		snprintf(err->request, sizeof(err->request), "%s", id);
	w365_json_read_free(failure_fields, &f);
	w365_json_read_free(inner_fields, &in);
	return -err->num;
}
