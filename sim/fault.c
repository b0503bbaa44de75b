#include "sim/fault.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/macros.h"
#include "base/json-write.h"
#include "sim/words.h"

W365_DEFINE_CLEANUP(struct sim_fault *, sim_fault_unref)

/* The kinds, and the parameters that each of them has besides kind, match, times and skip. */
static const struct {
	const char *name;
	const char *params;
	bool body; /* may have one */
	const char *help;
} kinds[] = {
	[SIM_FAULT_STATUS] = { "status", "status code message retry_after content_type", true,
			       "answer this status, with an error of Graph's form or the body" },
	[SIM_FAULT_DROP] = { "drop", "after", false,
			     "close the connection without an answer; after=1: the work is done" },
	[SIM_FAULT_CUT] = { "cut", "", false, "close it in the middle of the answer" },
	[SIM_FAULT_DELAY] = { "delay", "ms after", false,
			      "answer later; after=1: but do the work now" },
	[SIM_FAULT_STALL] = { "stall", "after", false,
			      "never answer, until DELETE /_sim/fault; after=1: do the work now" },
	[SIM_FAULT_HTML] = { "html", "", false, "a page for people instead of JSON" },
	[SIM_FAULT_TRUNCATE] = { "truncate", "", false, "half of the JSON, as if it were all" },
	[SIM_FAULT_BODY] = { "body", "content_type", true, "the body of this hook instead" },
	[SIM_FAULT_LINK] = { "link", "url", false, "another @odata.nextLink" },
	[SIM_FAULT_BIG] = { "big", "size length", false, "an answer of so many bytes" },
	[SIM_FAULT_UNAUTHORIZED] = { "unauthorized", "", false, "401, as for an old token" },
	[SIM_FAULT_CLAIMS] = { "claims", "", false, "401 with a claims challenge" },
	[SIM_FAULT_OAUTH] = { "oauth", "error code status message", false,
			      "an error of the sign-in service" },
};

void sim_fault_help(FILE *f)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		char left[96];

		snprintf(left, sizeof(left), "kind=%s%s%s", kinds[i].name,
			 *kinds[i].params ? " " : "", kinds[i].params);
		fprintf(f, "  %-52s  %s\n", left, kinds[i].help);
	}
}

static int number(const struct sim_form *form, const char *name, uint64_t otherwise, uint64_t *ret,
		  struct w365_err *reterr)
{
	const char *text = sim_form_get(form, name);

	*ret = otherwise;
	if (!text || w365_parse_u64(text, ret))
		return 0;
	return w365_err_set(reterr, EINVAL, "%s=%.100s is no number", name, text);
}

static int check_params(const struct sim_form *form, const char *common, const char *params,
			struct w365_err *reterr)
{
	for (size_t i = 0; i < form->count; i++) {
		const char *name = form->pairs[i].name;

		if (!sim_has_word(common, name) && !sim_has_word(params, name))
			return w365_err_set(reterr, EINVAL, "parameter '%.100s' means nothing here",
					    name);
	}
	return 0;
}

static int read_kind(struct sim_fault *f, const struct sim_form *form, struct w365_err *reterr)
{
	const char *kind = sim_form_get(form, "kind");

	for (size_t i = 0; kind && i < ARRAY_SIZE(kinds); i++) {
		if (!w365_streq(kind, kinds[i].name))
			continue;
		f->kind = (enum sim_fault_kind)i;
		return check_params(form, "kind match times skip", kinds[i].params, reterr);
	}
	return w365_err_set(reterr, EINVAL, "unknown fault: kind=%.100s", kind ? kind : "");
}

static int read_numbers(struct sim_fault *f, const struct sim_form *form, struct w365_err *reterr)
{
	uint64_t status, code = 0, length, after;
	int r = number(form, "times", 1, &f->times, reterr);

	if (r == 0)
		r = number(form, "skip", 0, &f->skip, reterr);
	if (r == 0)
		r = number(form, "ms", 1000, &f->ms, reterr);
	if (r == 0)
		r = number(form, "size", (uint64_t)2 << 30, &f->size, reterr);
	if (r == 0)
		r = number(form, "length", 0, &length, reterr);
	if (r == 0)
		r = number(form, "after", 0, &after, reterr);
	if (r == 0)
		r = number(form, "status", f->kind == SIM_FAULT_OAUTH ? 400 : 500, &status, reterr);
	if (r == 0 && f->kind == SIM_FAULT_OAUTH)
		r = number(form, "code", 90033, &code, reterr);
	if (r < 0)
		return r;
	if (status < 200 || status > 599)
		return w365_err_set(reterr, EINVAL, "status=%llu is no final HTTP status",
				    (unsigned long long)status);
	f->status = (int)status;
	f->aadsts = (unsigned)code;
	f->chunked = !length;
	f->after = after;
	return 0;
}

static int read_order(struct sim_fault *f, bool throttle, const struct sim_form *form,
		      size_t body_len, struct w365_err *reterr)
{
	const char *match = sim_form_get(form, "match");
	int r = throttle ? check_params(form, "match times skip", "retry_after", reterr)
			 : read_kind(f, form, reterr);

	if (r == 0)
		r = read_numbers(f, form, reterr);
	if (r < 0)
		return r;
	if (body_len && (throttle || !kinds[f->kind].body))
		return w365_err_set(reterr, EINVAL, "this fault takes no body");
	if (f->kind == SIM_FAULT_LINK && !sim_form_get(form, "url"))
		return w365_err_set(reterr, EINVAL, "kind=link wants url=");
	if (throttle) {
		f->kind = SIM_FAULT_STATUS;
		f->status = 429;
		f->graph_only = true;
	}
	f->match = match ? match : "";
	return 0;
}

int sim_fault_order(struct sim_faults *faults, bool throttle, struct sim_form *form,
		    struct w365_buf *body, struct w365_err *reterr)
{
	_cleanup_(sim_fault_unrefp) struct sim_fault *f = calloc(1, sizeof(*f));
	struct sim_fault **end = &faults->first;
	int r;

	if (!f)
		return w365_err_oom(reterr);
	f->refs = 1;
	r = read_order(f, throttle, form, body->len, reterr);
	if (r < 0)
		return r;
	f->form = *form;
	f->body = *body;
	*form = (struct sim_form){ 0 };
	*body = W365_BUF;
	while (*end)
		end = &(*end)->next;
	*end = TAKE_PTR(f);
	return 0;
}

/* As sent, and with its percent codes read: whoever orders a fault should not have to know how a
 * client encodes. */
static bool matches(const struct sim_fault *f, const struct sim_request *req)
{
	_cleanup_(w365_buf_done) struct w365_buf line = W365_BUF;
	size_t at;

	w365_buf_addf(&line, "%s %s", req->method, req->target);
	if (line.failed)
		return false;
	if (strstr(line.data, f->match))
		return true;
	return !sim_percent_decode(line.data, line.len, true, &at) && strstr(line.data, f->match);
}

static struct sim_fault *pick(struct sim_faults *faults, const struct sim_request *req, bool graph,
			      bool replies)
{
	for (struct sim_fault *f = faults->first; f; f = f->next) {
		if ((f->times && f->hits >= f->times) || (f->graph_only && !graph) ||
		    (f->kind == SIM_FAULT_OAUTH && graph) ||
		    (replies && f->kind != SIM_FAULT_STATUS && f->kind != SIM_FAULT_BODY) ||
		    !matches(f, req))
			continue;
		if (f->passed < f->skip) {
			f->passed++;
			continue;
		}
		f->hits++;
		f->refs++;
		return f;
	}
	return NULL;
}

struct sim_fault *sim_fault_pick(struct sim_faults *faults, const struct sim_request *req,
				 bool graph)
{
	return pick(faults, req, graph, false);
}

struct sim_fault *sim_fault_pick_reply(struct sim_faults *faults, const struct sim_request *req)
{
	return pick(faults, req, true, true);
}

struct sim_fault *sim_fault_unref(struct sim_fault *f)
{
	if (f && --f->refs == 0) {
		sim_form_done(&f->form);
		w365_buf_done(&f->body);
		free(f);
	}
	return NULL;
}

void sim_faults_clear(struct sim_faults *faults)
{
	while (faults->first) {
		struct sim_fault *next = faults->first->next;

		sim_fault_unref(faults->first);
		faults->first = next;
	}
}

void sim_faults_write(const struct sim_faults *faults, struct w365_buf *out)
{
	struct w365_jw j = { .out = out, .compact = true };

	w365_jw_open(&j, '[');
	for (const struct sim_fault *f = faults->first; f; f = f->next) {
		w365_jw_open(&j, '{');
		w365_jw_pair(&j, "kind", f->graph_only ? "throttle" : kinds[f->kind].name);
		w365_jw_pair(&j, "match", f->match);
		w365_jw_pair_int(&j, "times", (int64_t)f->times);
		w365_jw_pair_int(&j, "skip", (int64_t)f->skip);
		w365_jw_pair_int(&j, "passed", (int64_t)f->passed);
		w365_jw_pair_int(&j, "hits", (int64_t)f->hits);
		w365_jw_close(&j, '}');
	}
	w365_jw_close(&j, ']');
}
