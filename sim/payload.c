#include "sim/payload.h"

#include "sim/locate.h"

static bool is_json(const char *content_type)
{
	static const char json[] = "application/json";
	const size_t n = sizeof(json) - 1;

	return content_type && strncasecmp(content_type, json, n) == 0 &&
	       (!content_type[n] || content_type[n] == ';' || content_type[n] == ' ');
}

static bool is_utf8(struct w365_span text)
{
	unsigned n;

	for (size_t at = 0; at < text.len; at += n) {
		n = w365_utf8(text.p + at, text.len - at, NULL);
		if (!n)
			return false;
	}
	return true;
}

static bool parse(struct sim_call *c, struct sim_payload *ret)
{
	struct w365_err err;

	w365_buf_add(&ret->text, c->req->body.p, c->req->body.len);
	if (ret->text.failed) {
		sim_no_memory(c);
		return false;
	}
	if (is_utf8(c->req->body) &&
	    w365_json_parse(&ret->json, ret->text.data, ret->text.len, NULL, &err) == 0 &&
	    ret->json.nodes[0].kind == W365_JSON_IS_OBJECT)
		return true;
	SIM_FAIL(c, 400, "BadRequest",
		 "Unable to read JSON request payload. Please ensure Content-Type header is set "
		 "and payload is of valid JSON format.");
	return false;
}

bool sim_payload_read(struct sim_call *c, bool optional, struct sim_payload *ret)
{
	if (c->req->body.len > SIM_MAX_PAYLOAD) {
		SIM_FAIL(c, 413, "RequestEntityTooLarge",
			 "The request body is larger than %zu bytes.", SIM_MAX_PAYLOAD);
		return false;
	}
	if (!c->req->body.len) {
		if (!optional)
			SIM_FAIL(c, 400, "BadRequest", "Empty Payload. JSON content expected.");
		return optional;
	}
	if (!is_json(c->req->content_type)) {
		SIM_FAIL(
			c, 415, "UnsupportedMediaType",
			"The content type '%.100s' is not supported: application/json is expected.",
			c->req->content_type ? c->req->content_type : "");
		return false;
	}
	return parse(c, ret);
}

void sim_payload_done(struct sim_payload *p)
{
	w365_buf_done(&p->text);
	w365_json_done(&p->json);
}
