#include <stdarg.h>
#include <stdio.h>

#include "base/macros.h"
#include "base/time.h"
#include "sim/entra.h"
#include "base/json-write.h"

static const struct {
	unsigned code;
	int status;
	const char *error;
} failures[] = {
	{ 50013, 401, "invalid_client" },    { 50027, 400, "invalid_request" },
	{ 50048, 400, "invalid_request" },   { 70003, 400, "unsupported_grant_type" },
	{ 70011, 400, "invalid_scope" },     { 90002, 400, "invalid_request" },
	{ 500011, 400, "invalid_resource" }, { 700016, 400, "unauthorized_client" },
	{ 700021, 401, "invalid_client" },   { 700023, 401, "invalid_client" },
	{ 700024, 401, "invalid_client" },   { 700025, 401, "invalid_client" },
	{ 700027, 401, "invalid_client" },   { 900023, 400, "invalid_request" },
	{ 900144, 400, "invalid_request" },  { 900561, 400, "invalid_request" },
	{ 1002012, 400, "invalid_scope" },   { 7000215, 401, "invalid_client" },
	{ 7000218, 401, "invalid_client" },  { 7000222, 401, "invalid_client" },
	{ 9001023, 400, "invalid_request" }, { 9002313, 400, "invalid_request" },
};

/* "2026-11-02 10:15:30Z" */
static void timestamp(time_t now, char out[W365_TIME_MAX])
{
	w365_time_format(now, out);
	out[10] = ' ';
}

void sim_entra_fail_as(struct sim *s, const struct sim_request *req, struct sim_reply *reply,
		       int status, const char *error, unsigned code, const char *sentence)
{
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF, uri = W365_BUF;
	struct w365_jw j = { .out = &reply->body, .compact = true };
	char trace[37], correlation[37], when[W365_TIME_MAX];

	w365_guid_new(trace);
	if (req->client_request_id && w365_is_guid(req->client_request_id))
		memcpy(correlation, req->client_request_id, 37);
	else
		w365_guid_new(correlation);
	timestamp(sim_now(s), when);
	w365_buf_addf(&text, "AADSTS%u: %s\r\nTrace ID: %s\r\nCorrelation ID: %s\r\nTimestamp: %s",
		      code, sentence, trace, correlation, when);
	w365_buf_addf(&uri, "%s/error?code=%u", s->config.base, code);

	reply->status = status;
	reply->content_type = "application/json; charset=utf-8";
	w365_jw_open(&j, '{');
	w365_jw_pair(&j, "error", error);
	w365_jw_pair(&j, "error_description", w365_buf_str(&text));
	w365_jw_key(&j, "error_codes");
	w365_jw_open(&j, '[');
	w365_jw_int(&j, code);
	w365_jw_close(&j, ']');
	w365_jw_pair(&j, "timestamp", when);
	w365_jw_pair(&j, "trace_id", trace);
	w365_jw_pair(&j, "correlation_id", correlation);
	w365_jw_pair(&j, "error_uri", w365_buf_str(&uri));
	w365_jw_close(&j, '}');
	sim_reply_header(reply, "Cache-Control", "no-store, no-cache");
	sim_reply_header(reply, "Pragma", "no-cache");
	sim_reply_header(reply, "x-ms-request-id", trace);
	if (req->return_client_request_id)
		sim_reply_header(reply, "client-request-id", correlation);
}

void sim_entra_fail(struct sim *s, const struct sim_request *req, struct sim_reply *reply,
		    unsigned code, const char *fmt, ...)
{
	char sentence[1024];
	const char *error = "invalid_request";
	int status = 400;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(sentence, sizeof(sentence), fmt, ap);
	va_end(ap);
	for (size_t i = 0; i < ARRAY_SIZE(failures); i++) {
		if (failures[i].code != code)
			continue;
		error = failures[i].error;
		status = failures[i].status;
	}
	sim_entra_fail_as(s, req, reply, status, error, code, sentence);
}
