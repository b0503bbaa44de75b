/* POST /_sim/...: the strings behind the puppet. Nothing here exists in the real services. */
#include "sim/hook.h"

#include <errno.h>

#include "base/macros.h"
#include "base/time.h"
#include "base/json-write.h"
#include "sim/odd.h"
#include "sim/words.h"

static int missing(const char *name, struct w365_err *reterr)
{
	return w365_err_set(reterr, EINVAL, "%s= is missing", name);
}

int sim_hook_number(const struct sim_hook_call *h, const char *name, uint64_t *ret,
		    struct w365_err *reterr)
{
	const char *text = sim_form_get(&h->form, name);

	if (!text)
		return missing(name, reterr);
	if (!w365_parse_u64(text, ret))
		return w365_err_set(reterr, EINVAL, "%s=%.100s is no number", name, text);
	return 0;
}

static struct w365_jw begin_json(struct sim_hook_call *h)
{
	h->reply->status = 200;
	h->reply->content_type = "application/json";
	return (struct w365_jw){ .out = &h->reply->body, .compact = true };
}

static int order(struct sim_hook_call *h, bool throttle, struct w365_err *reterr)
{
	_cleanup_(w365_buf_done) struct w365_buf body = W365_BUF;

	w365_buf_add(&body, h->body.p, h->body.len);
	return sim_fault_order(&h->sim->faults, throttle, &h->form, &body, reterr);
}

static int throttle(struct sim_hook_call *h, struct w365_err *reterr)
{
	return order(h, true, reterr);
}

static int fault(struct sim_hook_call *h, struct w365_err *reterr)
{
	return order(h, false, reterr);
}

static int clear_faults(struct sim_hook_call *h, struct w365_err *reterr)
{
	sim_faults_clear(&h->sim->faults);
	if (h->sim->on_clear)
		h->sim->on_clear(h->sim->on_clear_arg);
	return 0;
}

static int list_faults(struct sim_hook_call *h, struct w365_err *reterr)
{
	struct w365_jw j = begin_json(h);

	sim_faults_write(&h->sim->faults, j.out);
	return 0;
}

static int show_log(struct sim_hook_call *h, struct w365_err *reterr)
{
	struct w365_jw j = begin_json(h);
	const char *counts = sim_form_get(&h->form, "counts");

	sim_log_write(&h->sim->log, counts && w365_streq(counts, "1"), j.out);
	return 0;
}

static int reset_log(struct sim_hook_call *h, struct w365_err *reterr)
{
	sim_log_reset(&h->sim->log);
	return 0;
}

static int token(struct sim_hook_call *h, struct w365_err *reterr)
{
	uint64_t seconds;
	int r = sim_hook_number(h, "expires_in", &seconds, reterr);

	if (r == 0)
		h->sim->identity.lifetime = MIN(seconds, (uint64_t)INT32_MAX);
	return r;
}

static int revoke_tokens(struct sim_hook_call *h, struct w365_err *reterr)
{
	h->sim->identity.revoked = h->sim->identity.serial;
	return 0;
}

static int clock_ahead(struct sim_hook_call *h, struct w365_err *reterr)
{
	uint64_t seconds;
	int r = sim_hook_number(h, "advance", &seconds, reterr);

	if (r == 0)
		h->sim->clock_ahead += (int64_t)MIN(seconds, (uint64_t)INT32_MAX);
	if (r == 0)
		sim_courses_advance(&h->sim->courses, MIN(seconds, (uint64_t)INT32_MAX) * 1000);
	return r;
}

static int roles(struct sim_hook_call *h, struct w365_err *reterr)
{
	const char *words = sim_form_get(&h->form, "roles");

	if (!words)
		return missing("roles", reterr);
	return sim_identity_set_roles(&h->sim->identity, words) && sim_assignment_seed(h->sim)
		       ? 0
		       : w365_err_oom(reterr);
}

static int secret(struct sim_hook_call *h, struct w365_err *reterr)
{
	const char *state = sim_form_get(&h->form, "state");

	if (!state || (!w365_streq(state, "expired") && !w365_streq(state, "valid")))
		return w365_err_set(reterr, EINVAL, "state= must be expired or valid");
	h->sim->identity.secret_expired = w365_streq(state, "expired");
	return 0;
}

static int latency(struct sim_hook_call *h, struct w365_err *reterr)
{
	return sim_hook_number(h, "ms", &h->sim->latency_ms, reterr);
}

static int odd(struct sim_hook_call *h, struct w365_err *reterr)
{
	return sim_odd(h->sim, reterr);
}

static int page_size(struct sim_hook_call *h, struct w365_err *reterr)
{
	uint64_t n;
	int r = sim_hook_number(h, "n", &n, reterr);

	if (r == 0 && !n)
		return w365_err_set(reterr, EINVAL, "a page has at least one item");
	if (r == 0)
		h->sim->page_size = n;
	return r;
}

static int state(struct sim_hook_call *h, struct w365_err *reterr)
{
	const struct sim *s = h->sim;
	struct w365_jw j = begin_json(h);
	char now[W365_TIME_MAX];

	w365_jw_open(&j, '{');
	w365_jw_pair_int(&j, "seed", (int64_t)s->config.seed);
	w365_jw_pair(&j, "now", w365_time_format(sim_now(s), now));
	w365_jw_pair(&j, "today", w365_time_format(s->config.today, now));
	w365_jw_pair(&j, "base", s->config.base);
	w365_jw_pair(&j, "tenant", s->identity.tenant);
	w365_jw_pair(&j, "domain", s->identity.domain);
	w365_jw_pair(&j, "roles", s->identity.roles);
	w365_jw_pair_int(&j, "page_size", (int64_t)s->page_size);
	w365_jw_pair_int(&j, "latency_ms", (int64_t)s->latency_ms);
	w365_jw_key(&j, "collections");
	w365_jw_open(&j, '{');
	for (size_t i = 0; i < sim_resource_count; i++) {
		const struct sim_resource *r = &sim_resources[i];
		const struct sim_set *set = sim_set_of(h->sim, r);

		if (!w365_starts(r->name, "users/"))
			w365_jw_pair_int(&j, r->name, set ? (int64_t)set->count : -1);
	}
	w365_jw_close(&j, '}');
	w365_jw_close(&j, '}');
	return 0;
}

static const struct {
	const char *method, *name;
	const char *params;
	bool own; /* the hook checks them itself */
	sim_hook_fn *run;
	const char *help;
} hooks[] = {
	{ "POST", "throttle", "times skip match retry_after", true, throttle,
	  "answer the next requests to Graph with 429" },
	{ "POST", "fault", "kind times skip match ...", true, fault,
	  "spoil the next answers; the kinds are below" },
	{ "DELETE", "fault", "", false, clear_faults, "forget what was ordered" },
	{ "GET", "fault", "", false, list_faults, "what was ordered" },
	{ "POST", "item", "collection id parent create delete", false, sim_hook_item,
	  "change an item by the JSON of the body, or create or delete it" },
	{ "POST", "items", "collection keep", false, sim_hook_items,
	  "keep so many items of a collection" },
	{ "GET", "log", "counts", false, show_log,
	  "the requests; counts=1: only how many of each" },
	{ "DELETE", "log", "", false, reset_log, "begin to count anew" },
	{ "POST", "token", "expires_in", false, token, "seconds that new tokens live" },
	{ "POST", "revoke", "", false, revoke_tokens, "refuse every token given so far" },
	{ "POST", "clock", "advance", false, clock_ahead, "move the clock on by seconds" },
	{ "POST", "roles", "roles", false, roles, "the applications' permissions from now on" },
	{ "POST", "secret", "state", false, secret, "the client secret is expired, or valid" },
	{ "POST", "device", "user_code action user interval", false, sim_hook_device,
	  "approve (or decline, expire) one, else the newest; or set interval=" },
	{ "POST", "consent", "client_id scopes user clear", false, sim_hook_consent,
	  "consent to scopes for a user, else for all; or clear=1" },
	{ "POST", "user", "user role state", false, sim_hook_user,
	  "a user's directory role (none: an ordinary one); disabled or enabled" },
	{ "POST", "policy", "grant code clear", false, sim_hook_policy,
	  "refuse a grant with this AADSTS code, until clear=1" },
	{ "POST", "sign-out", "code", false, sim_hook_sign_out,
	  "end every sign-in so far: with this AADSTS code, else 50173" },
	{ "POST", "federated", "issuer subject audience client_id", false, sim_hook_federated,
	  "trust an issuer's tokens; the body is its PEM key" },
	{ "POST", "replication", "ms", false, sim_hook_replication,
	  "how long what is made in the directory stays unseen" },
	{ "POST", "limit", "writes requests ms", false, sim_hook_limit,
	  "answer 429 to more than so many writes, or requests, in 20 s (else ms=)" },
	{ "POST", "course", "speed advance", false, sim_hook_course,
	  "what goes on after answers: so many times faster; on by seconds" },
	{ "POST", "fail", "action id times code message", false, sim_hook_fail,
	  "let the next courses of an action fail (of one item)" },
	{ "DELETE", "fail", "", false, sim_hook_unfail, "forget that" },
	{ "POST", "latency", "ms", false, latency, "wait so long before each answer" },
	{ "POST", "odd", "", false, odd, "be odd from now on, as --odd is" },
	{ "POST", "page-size", "n", false, page_size, "items on a page" },
	{ "GET", "state", "", false, state, "the tenant's numbers" },
};

void sim_hook_help(FILE *f)
{
	fprintf(f, "Hooks:\n");
	for (size_t i = 0; i < ARRAY_SIZE(hooks); i++) {
		char left[96];

		snprintf(left, sizeof(left), "%s /_sim/%s%s%s", hooks[i].method, hooks[i].name,
			 *hooks[i].params ? " " : "", hooks[i].params);
		fprintf(f, "  %-54s  %s\n", left, hooks[i].help);
	}
	fprintf(f, "\nKinds of faults:\n");
	sim_fault_help(f);
}

static int check_params(const struct sim_form *form, const char *params, struct w365_err *reterr)
{
	for (size_t i = 0; i < form->count; i++)
		if (!sim_has_word(params, form->pairs[i].name))
			return w365_err_set(reterr, EINVAL, "parameter '%.100s' means nothing here",
					    form->pairs[i].name);
	return 0;
}

static int run(struct sim_hook_call *h, const struct sim_request *req, struct w365_err *reterr)
{
	struct w365_span name = { req->path.p + 6, req->path.len - 6 };
	int r = sim_form_parse(req->query, &h->form, reterr);

	for (size_t i = 0; i < ARRAY_SIZE(hooks) && r == 0; i++) {
		if (!w365_streq(req->method, hooks[i].method) || !w365_span_is(name, hooks[i].name))
			continue;
		r = hooks[i].own ? 0 : check_params(&h->form, hooks[i].params, reterr);
		return r < 0 ? r : hooks[i].run(h, reterr);
	}
	return r < 0 ? r
		     : w365_err_set(reterr, EINVAL, "there is no hook %s %.*s", req->method,
				    (int)req->path.len, req->path.p);
}

bool sim_is_hook(const struct sim_request *req)
{
	return req->path.len >= 6 && memcmp(req->path.p, "/_sim/", 6) == 0;
}

void sim_hook(struct sim *s, const struct sim_request *req, struct sim_reply *reply)
{
	struct sim_hook_call h = { .sim = s, .body = req->body, .reply = reply };
	struct w365_err err;

	sim_courses_run(s);
	reply->status = 204;
	if (run(&h, req, &err) < 0) {
		reply->status = 400;
		reply->content_type = "text/plain; charset=utf-8";
		w365_buf_reset(&reply->body);
		w365_buf_addf(&reply->body, "%s\n", err.msg);
	}
	sim_form_done(&h.form);
}
