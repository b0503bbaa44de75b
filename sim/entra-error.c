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
	{ 50011, 400, "invalid_request" },
	{ 50013, 401, "invalid_client" },
	{ 50027, 400, "invalid_request" },
	{ 50048, 400, "invalid_request" },
	{ 50057, 400, "invalid_grant" },
	{ 50058, 400, "login_required" },
	{ 50072, 400, "invalid_grant" },
	{ 50074, 400, "invalid_grant" },
	{ 50076, 400, "invalid_grant" },
	{ 50078, 400, "invalid_grant" },
	{ 50079, 400, "invalid_grant" },
	{ 50089, 400, "invalid_grant" },
	{ 50105, 400, "invalid_grant" },
	{ 50131, 400, "invalid_grant" },
	{ 50132, 400, "invalid_grant" },
	{ 50133, 400, "invalid_grant" },
	{ 50147, 400, "invalid_grant" },
	{ 50158, 400, "invalid_grant" },
	{ 50173, 400, "invalid_grant" },
	{ 50194, 400, "invalid_request" },
	{ 53000, 400, "invalid_grant" },
	{ 53001, 400, "invalid_grant" },
	{ 53002, 400, "invalid_grant" },
	{ 53003, 400, "invalid_grant" },
	{ 54005, 400, "invalid_grant" },
	{ 65001, 400, "invalid_grant" },
	{ 65002, 400, "invalid_request" },
	{ 65004, 400, "access_denied" },
	{ 70000, 400, "invalid_grant" },
	{ 70003, 400, "unsupported_grant_type" },
	{ 70005, 400, "unsupported_response_type" },
	{ 70007, 400, "invalid_request" },
	{ 70008, 400, "invalid_grant" },
	{ 70011, 400, "invalid_scope" },
	{ 70016, 400, "authorization_pending" },
	{ 70018, 400, "bad_verification_code" },
	{ 70020, 400, "expired_token" },
	{ 70021, 400, "invalid_request" },
	{ 70043, 400, "invalid_grant" },
	{ 90002, 400, "invalid_request" },
	{ 90023, 400, "invalid_request" },
	{ 90033, 503, "temporarily_unavailable" },
	{ 90055, 429, "temporarily_unavailable" },
	{ 90094, 400, "access_denied" },
	{ 500011, 400, "invalid_resource" },
	{ 501481, 400, "invalid_grant" },
	{ 501491, 400, "invalid_request" },
	{ 530003, 400, "invalid_grant" },
	{ 530032, 400, "invalid_grant" },
	{ 530035, 400, "invalid_grant" },
	{ 530036, 400, "invalid_grant" },
	{ 700005, 400, "invalid_grant" },
	{ 700016, 400, "unauthorized_client" },
	{ 700021, 401, "invalid_client" },
	{ 700023, 401, "invalid_client" },
	{ 700024, 401, "invalid_client" },
	{ 700025, 401, "invalid_client" },
	{ 700027, 401, "invalid_client" },
	{ 700082, 400, "invalid_grant" },
	{ 700084, 400, "invalid_grant" },
	{ 700211, 400, "invalid_client" },
	{ 700212, 400, "invalid_client" },
	{ 700213, 400, "invalid_client" },
	{ 700222, 400, "invalid_client" },
	{ 900023, 400, "invalid_request" },
	{ 900144, 400, "invalid_request" },
	{ 900561, 400, "invalid_request" },
	{ 1002012, 400, "invalid_scope" },
	{ 7000112, 400, "unauthorized_client" },
	{ 7000215, 401, "invalid_client" },
	{ 7000218, 401, "invalid_client" },
	{ 7000222, 401, "invalid_client" },
	{ 7000229, 401, "invalid_client" },
	{ 9001023, 400, "invalid_request" },
	{ 9002313, 400, "invalid_request" },
	{ 9002327, 400, "invalid_request" },
	{ 9002332, 400, "invalid_request" },
};

/* "2026-11-02 10:15:30Z" */
static void timestamp(time_t now, char out[W365_TIME_MAX])
{
	w365_time_format(now, out);
	out[10] = ' ';
}

static void correlation_of(const struct sim_request *req, char out[37])
{
	if (req->client_request_id && w365_is_guid(req->client_request_id))
		memcpy(out, req->client_request_id, 37);
	else
		w365_guid_new(out);
}

static void describe(unsigned code, const char *sentence, const char *trace,
		     const char *correlation, const char *when, struct w365_buf *out)
{
	w365_buf_addf(out, "AADSTS%u: %s\r\nTrace ID: %s\r\nCorrelation ID: %s\r\nTimestamp: %s",
		      code, sentence, trace, correlation, when);
}

void sim_entra_describe(struct sim *s, const struct sim_request *req, unsigned code,
			const char *sentence, struct w365_buf *out)
{
	char trace[37], correlation[37], when[W365_TIME_MAX];

	w365_guid_new(trace);
	correlation_of(req, correlation);
	timestamp(sim_now(s), when);
	describe(code, sentence, trace, correlation, when, out);
}

const char *sim_entra_error_word(unsigned code)
{
	for (size_t i = 0; i < ARRAY_SIZE(failures); i++)
		if (failures[i].code == code)
			return failures[i].error;
	return "invalid_request";
}

void sim_entra_fail_as(struct sim *s, const struct sim_request *req, struct sim_reply *reply,
		       int status, const char *error, unsigned code, const char *sentence)
{
	sim_entra_fail_more(s, req, reply, status, error, code, sentence, NULL, NULL);
}

void sim_entra_fail_more(struct sim *s, const struct sim_request *req, struct sim_reply *reply,
			 int status, const char *error, unsigned code, const char *sentence,
			 const char *suberror, const char *claims)
{
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF, uri = W365_BUF;
	struct w365_jw j = { .out = &reply->body, .compact = true };
	char trace[37], correlation[37], when[W365_TIME_MAX];

	w365_guid_new(trace);
	correlation_of(req, correlation);
	timestamp(sim_now(s), when);
	describe(code, sentence, trace, correlation, when, &text);
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
	if (suberror)
		w365_jw_pair(&j, "suberror", suberror);
	if (claims)
		w365_jw_pair(&j, "claims", claims);
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
	int status = 400;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(sentence, sizeof(sentence), fmt, ap);
	va_end(ap);
	for (size_t i = 0; i < ARRAY_SIZE(failures); i++)
		if (failures[i].code == code)
			status = failures[i].status;
	sim_entra_fail_as(s, req, reply, status, sim_entra_error_word(code), code, sentence);
}
