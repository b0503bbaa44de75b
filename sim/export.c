/* Export jobs: from their order to the file behind their address. */
#include <openssl/evp.h>
#include <stdio.h>
#include <zlib.h>

#include "base/macros.h"
#include "base/time.h"
#include "sim/course.h"
#include "sim/form.h"
#include "sim/jobs.h"
#include "sim/report.h"
#include "sim/tenant-parts.h"

#define ROOT "/export/cloudpc/"

static struct sim_set *jobs(struct sim *s)
{
	return sim_set_of(s, sim_resource_find("reports/exportJobs"));
}

/* What makes the address a secret: nobody who has not been told it can know it. */
static void sign(const struct sim *s, const char *id, time_t until, char out[65])
{
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF;
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	w365_buf_addf(&text, "%s\n%s\n%lld", s->identity.client_secret, id, (long long)until);
	EVP_Digest(w365_buf_str(&text), text.len, digest, &n, EVP_sha256(), NULL);
	for (unsigned i = 0; i < 32; i++)
		snprintf(out + 2 * i, 3, "%02x", digest[i]);
}

struct export
{
	struct sim *sim;
	const struct sim_course *course;
	bool fails;
};

static void set_running(struct sim_row *row, void *arg)
{
	sim_row_str(row, "exportJobStatus", "inProgress");
}

/* What a job's select and filter ask for, as CSV. False: it cannot be made. */
static bool write_report(struct sim *s, const char *id, struct w365_buf *out)
{
	_cleanup_(w365_buf_done) struct w365_buf name = W365_BUF, text = W365_BUF;
	_cleanup_(w365_json_done) struct w365_json json = { 0 };
	const struct sim_set *set = jobs(s);
	ptrdiff_t at = sim_set_find(jobs(s), id, NULL);
	static const char *const copied[] = { "select", "filter" };
	const struct sim_report *report;

	if (at < 0)
		return false;
	w365_buf_addf(&text, "{\"top\":%d", INT32_MAX);
	for (size_t i = 0; i < ARRAY_SIZE(copied); i++) {
		int column = sim_column_find(&set->columns,
					     (struct w365_span){ copied[i], strlen(copied[i]) });
		struct w365_span raw = sim_item_value(set->items[at], (size_t)column);

		w365_buf_addf(&text, ",\"%s\":%.*s", copied[i], raw.len ? (int)raw.len : 4,
			      raw.len ? raw.p : "null");
	}
	w365_buf_addc(&text, '}');
	report = sim_report_find("exportJobs",
				 sim_item_str(set, set->items[at], "reportName", &name));
	return report && !text.failed &&
	       w365_json_parse(&json, text.data, text.len, NULL, NULL) == 0 &&
	       sim_report_csv(s, report, &json, out, NULL) == 0;
}

static void set_over(struct sim_row *row, void *arg)
{
	const struct export *e = arg;
	time_t until = sim_now(e->sim) + 86400;
	_cleanup_(w365_buf_done) struct w365_buf url = W365_BUF;
	char sig[65];

	sim_row_str(row, "exportJobStatus", e->fails ? "failed" : "completed");
	if (e->fails)
		return;
	sign(e->sim, e->course->id, until, sig);
	w365_buf_addf(&url, "%s" ROOT "%s.zip?sv=2024-11-04&sr=b&sp=r&se=%lld&sig=%s",
		      e->sim->config.base, e->course->id, (long long)until, sig);
	sim_row_time(row, "expirationDateTime", until);
	sim_row_str(row, "exportUrl", w365_buf_str(&url));
}

static uint64_t run(struct sim *s, struct sim_course *c)
{
	struct sim_set *set = jobs(s);
	ptrdiff_t at = sim_set_find(set, c->id, NULL);
	_cleanup_(w365_buf_done) struct w365_buf report = W365_BUF;
	struct export e = { s, c, c->stage && (c->fails || !write_report(s, c->id, &report)) };

	if (at < 0)
		return SIM_ENDS;
	sim_item_change(s, set, (size_t)at, c->stage ? set_over : set_running, &e);
	return c->stage ? SIM_ENDS : 5000;
}

void sim_export_after(struct sim_change *c)
{
	struct sim_course course = { .run = run };

	memcpy(course.id, c->id, sizeof(course.id));
	sim_failure_take(&c->call->sim->courses, "export", &course);
	sim_course_begin(c->call->sim, &course, 1000);
}

static void number(struct w365_buf *out, unsigned bytes, uint32_t v)
{
	for (unsigned i = 0; i < bytes; i++, v >>= 8)
		w365_buf_addc(out, (char)(v & 0xff));
}

/* What the two headers of an archive's only member have in common. */
static void member(struct w365_buf *out, const struct w365_buf *data, size_t name_len)
{
	number(out, 2, 20);         /* version needed */
	number(out, 4, 0);          /* no flags; stored */
	number(out, 4, 0x5b760000); /* some day of 2025, midnight */
	number(out, 4, (uint32_t)crc32(0, (const unsigned char *)data->data, (uInt)data->len));
	number(out, 4, (uint32_t)data->len);
	number(out, 4, (uint32_t)data->len);
	number(out, 2, (uint32_t)name_len);
	number(out, 2, 0);
}

static void zip(struct w365_buf *out, const char *name, const struct w365_buf *data)
{
	size_t n = strlen(name), directory;

	number(out, 4, 0x04034b50);
	member(out, data, n);
	w365_buf_adds(out, name);
	w365_buf_add(out, data->data, data->len);
	directory = out->len;
	number(out, 4, 0x02014b50);
	number(out, 2, 20);
	member(out, data, n);
	number(out, 2, 0); /* no comment */
	number(out, 4, 0);
	number(out, 4, 0);
	number(out, 4, 0); /* where the member is */
	w365_buf_adds(out, name);
	n = out->len - directory;
	number(out, 4, 0x06054b50);
	number(out, 4, 0);
	number(out, 2, 1);
	number(out, 2, 1);
	number(out, 4, (uint32_t)n);
	number(out, 4, (uint32_t)directory);
	number(out, 2, 0);
}

static void refuse(struct sim_reply *reply, int status, const char *code)
{
	reply->status = status;
	reply->content_type = "application/xml";
	w365_buf_addf(&reply->body,
		      "<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>%s</Code></Error>",
		      code);
}

/* The signature, and that it has not run out. */
static bool is_signed(struct sim *s, const struct sim_request *req, const char *id)
{
	_cleanup_(sim_form_done) struct sim_form form = { 0 };
	const char *sig, *until;
	char good[65];
	uint64_t t;

	if (sim_form_parse(req->query, &form, NULL) < 0)
		return false;
	sig = sim_form_get(&form, "sig");
	until = sim_form_get(&form, "se");
	if (!sig || !until || !w365_parse_u64(until, &t) || (time_t)t < sim_now(s))
		return false;
	sign(s, id, (time_t)t, good);
	return w365_streq(sig, good);
}

bool sim_export_download(struct sim *s, const struct sim_request *req, struct sim_reply *reply)
{
	_cleanup_(w365_buf_done) struct w365_buf id = W365_BUF, report = W365_BUF;
	const size_t n = sizeof(ROOT) - 1;
	char name[256];

	if (req->path.len < n + 4 || memcmp(req->path.p, ROOT, n) != 0)
		return false;
	w365_buf_add(&id, req->path.p + n, req->path.len - n - 4);
	if (!w365_streq(req->method, "GET")) {
		refuse(reply, 405, "UnsupportedHttpVerb");
	} else if (req->authorization) {
		/* A token of Graph is none of storage's business. */
		refuse(reply, 403, "AuthenticationFailed");
	} else if (!is_signed(s, req, w365_buf_str(&id))) {
		refuse(reply, 403, "AuthenticationFailed");
	} else if (sim_set_find(jobs(s), w365_buf_str(&id), NULL) < 0) {
		refuse(reply, 404, "BlobNotFound");
	} else if (!write_report(s, w365_buf_str(&id), &report)) {
		refuse(reply, 500, "InternalError");
	} else {
		snprintf(name, sizeof(name), "%.200s.csv", w365_buf_str(&id));
		zip(&reply->body, name, &report);
		reply->status = 200;
		reply->content_type = "application/zip";
	}
	return true;
}
