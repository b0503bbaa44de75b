#include "auth/challenge.h"
#include "auth/machine.h"
#include "auth/settings.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/macros.h"
#include "base/str.h"
#include "base/time.h"

#include <errno.h>
#include <stdio.h>
#include <sys/random.h>

#define BACKOFF_MS     1000 /* doubled with each try, with jitter */
#define BACKOFF_MAX_MS (60 * 1000)

static void drop_token(struct auth *a)
{
	auth_token_done(&a->token);
	auth_claims_done(&a->claims);
	a->readable = false;
	a->expires = a->refresh = 0;
}

struct auth *auth_free(struct auth *a)
{
	if (a) {
		drop_token(a);
		auth_kept_done(&a->kept);
		free(a->challenge);
		if (a->grant && a->state)
			a->grant->close(a->state);
		free(a->tenant_url);
		free(a->token_url);
		free(a->scope);
		free(a->least);
		free(a);
	}
	return NULL;
}

W365_DEFINE_CLEANUP(struct auth *, auth_free)

static int make_urls(struct auth *a, struct w365_err *reterr)
{
	const struct auth_config *c = a->config;
	int n = (int)(strlen(c->authority) - w365_ends(c->authority, "/"));

	free(a->scope);
	free(a->tenant_url);
	free(a->token_url);
	free(TAKE_PTR(a->least));
	a->reduced = false;
	a->token_url = NULL;
	a->scope = auth_settings_scope(c, a->grant, NULL);
	a->more = !c->scope && a->grant->person && auth_settings_permissions(c)[1];
	if (asprintf(&a->tenant_url, "%.*s/%s", n, c->authority,
		     c->tenant ? c->tenant : "organizations") < 0)
		a->tenant_url = NULL;
	if (!a->tenant_url || asprintf(&a->token_url, "%s/oauth2/v2.0/token", a->tenant_url) < 0)
		a->token_url = NULL;
	return a->scope && a->token_url ? 0 : w365_err_oom(reterr);
}

/* Signs in by @g from now on. If that cannot be, nothing has changed. */
static int take(struct auth *a, const struct auth_grant *g, const struct auth_clock *now,
		struct w365_err *reterr)
{
	const struct auth_grant *before = a->grant;
	void *state = NULL;
	int r = auth_settings_check(a->config, g, reterr);

	if (r == 0)
		r = g->open(a->config, now, &state, reterr);
	if (r < 0)
		return r;
	if (a->state)
		before->close(a->state);
	a->grant = g;
	a->state = state;
	return make_urls(a, reterr);
}

int auth_new(const struct auth_config *config, const struct auth_clock *now, struct auth **ret,
	     struct w365_err *reterr)
{
	_cleanup_(auth_freep) struct auth *a = calloc(1, sizeof(*a));
	const struct auth_grant *g;
	int r;

	if (!a)
		return w365_err_oom(reterr);
	a->config = config;
	auth_kept_init(&a->kept, config);
	r = auth_grant_choose(config, &g, reterr);
	if (r == 0)
		r = take(a, g, now, reterr);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(a);
	return 0;
}

struct auth_context auth_context_of(const struct auth *a, const struct auth_clock *now)
{
	return (struct auth_context){ .config = a->config,
				      .tenant_url = a->tenant_url,
				      .token_url = a->token_url,
				      .scope = a->reduced ? a->least : a->scope,
				      .claims = a->challenge ? a->challenge : AUTH_CAPABLE,
				      .now = *now };
}

const char *auth_thumbprint(const struct auth *a)
{
	return a->grant->thumbprint ? a->grant->thumbprint(a->state) : NULL;
}

void auth_use_token(struct auth *a, struct auth_token *t, uint64_t from, uint64_t life)
{
	drop_token(a);
	a->token = *t;
	*t = (struct auth_token){ 0 };
	a->generation++;
	a->expires = from + life - MIN(life / 10, 30 * 1000);
	a->refresh = from + (a->token.refresh_in && a->token.refresh_in * 1000 < life
				     ? a->token.refresh_in * 1000
				     : life * 2 / 3);
	a->readable = auth_claims_read(a->token.bearer, &a->claims);
	a->tries = 0;
	a->not_before = a->go_on_at = 0;
	a->failure = (struct w365_err){ 0 };
}

/* ---- answers ---- */

/* A request failed in a way that may pass: wait as told, or longer each time. */
static void back_off(struct auth *a, const struct auth_clock *now, const char *retry_after)
{
	uint64_t wait = (uint64_t)BACKOFF_MS << MIN(a->tries, 6);
	uint64_t told = 0;
	uint32_t random = 0;

	a->tries++;
	if (retry_after && w365_parse_u64(retry_after, &told) && told && told <= 3600) {
		a->not_before = now->ms + told * 1000;
		return;
	}
	if (getrandom(&random, sizeof(random), GRND_NONBLOCK) < 0)
		random = (uint32_t)now->ms; /* jitter, not secrecy */
	wait = MIN(wait, BACKOFF_MAX_MS);
	a->not_before = now->ms + wait / 2 + random % (wait / 2 + 1);
}

/* No use asking again before somebody has changed something, or a minute is over. */
static void give_up(struct auth *a, const struct auth_clock *now)
{
	a->tries = 0;
	a->go_on_at = 0;
	a->not_before = now->ms + AUTH_REMEMBER_MS;
	if (a->grant->restart)
		a->grant->restart(a->state);
}

/* A machine of Azure without an identity: what auto would have taken elsewhere. If that is nothing, @err says so. */
static bool pass_over(struct auth *a, const struct auth_clock *now, struct w365_err *err)
{
	struct auth_config elsewhere = *a->config;
	const struct auth_grant *g;

	if (elsewhere.azure != AUTH_AZURE_YES)
		return false;
	elsewhere.azure = AUTH_AZURE_NO_IDENTITY;
	if (auth_grant_choose(&elsewhere, &g, err) < 0 || take(a, g, now, err) < 0)
		return false;
	w365_info("auth: this machine has no identity; auto goes on to %s", g->name);
	a->failure = (struct w365_err){ 0 };
	a->go_on_at = a->not_before = 0;
	return true;
}

static void warn_of_missing(const struct auth_config *c, const char *granted)
{
	const char *const *p = auth_settings_permissions(c);
	_cleanup_(w365_buf_done) struct w365_buf names = W365_BUF;

	for (unsigned i = 1; p[i]; i++)
		if (!auth_scope_has(granted, p[i]))
			w365_buf_addf(&names, "%s%s", names.len ? ", " : "", p[i]);
	if (w365_streq(w365_buf_str(&names), "CloudPC.ReadWrite.All"))
		w365_warning(
			"the sign-in may only read: run 'w365fs login -o rw' to add the permission CloudPC.ReadWrite.All");
	else
		w365_warning(
			"the sign-in lacks %s: run 'w365fs login' with the -o options of the mount to add that",
			w365_buf_str(&names));
}

/* Not all has been consented to: go on without one that no sign-in tells of; or, if what is told is more
 * than holds now, with the least. False: there is nothing to do without. */
static bool reduce(struct auth *a)
{
	const char *const *p = auth_settings_permissions(a->config);
	const char *before = a->reduced ? a->least : a->scope, *file = a->kept.account.scope;
	_cleanup_(w365_buf_done) struct w365_buf left = W365_BUF;
	unsigned drop = 0;
	char *less;

	if (!a->more)
		return false;
	/* The last one that the file does not tell of; where it tells of all, all. */
	for (unsigned i = 1; p[i]; i++)
		if (auth_scope_has(before, p[i]) && !auth_scope_has(file, p[i]))
			drop = i;
	for (unsigned i = 1; drop && p[i]; i++)
		if (i != drop && auth_scope_has(before, p[i]))
			w365_buf_addf(&left, "%s ", p[i]);
	less = auth_settings_scope(a->config, a->grant, w365_buf_str(&left));
	if (!less || w365_streq(less, before)) {
		free(less);
		return false;
	}
	warn_of_missing(a->config, w365_buf_str(&left));
	free(a->least);
	a->least = less;
	a->reduced_by = auth_kept_mark(&a->kept);
	return a->reduced = true;
}

static void conclude(struct auth *a, const struct auth_clock *now, enum auth_result result,
		     struct auth_outcome *o, const char *retry_after)
{
	bool renewal = a->busy == RENEWAL;
	uint64_t life;

	a->busy = IDLE;
	switch (result) {
	case AUTH_GOT_TOKEN:
		life = auth_token_life(&o->token, now);
		auth_use_token(a, &o->token, a->sent_at, life * 1000);
		free(TAKE_PTR(a->challenge));
		if (a->grant->person)
			auth_kept_put(&a->kept, a->grant->name, &a->token, auth_claims(a), now,
				      life);
		break;
	case AUTH_GO_ON: a->go_on_at = MAX(o->at, (uint64_t)1); break;
	case AUTH_PASSING:
		a->failure = o->err;
		back_off(a, now, retry_after);
		break;
	case AUTH_REFUSED:
		if (o->absent && pass_over(a, now, &o->err))
			break;
		if (renewal && o->consent && reduce(a))
			break;
		a->failure = o->err;
		give_up(a, now);
		if (renewal && o->login) {
			auth_kept_trouble(&a->kept, o->err.msg, now);
			a->not_before =
				0; /* the grant's own way is next, if somebody is there to go it */
		}
		break;
	}
	auth_kept_renewed(&a->kept);
	auth_token_done(&o->token);
}

/* What follows is for the next step to decide. */
static void keyring_said(struct auth *a, const struct auth_ran *ran)
{
	a->busy = IDLE;
	auth_kept_key(&a->kept, ran);
}

void auth_feed(struct auth *a, const struct auth_clock *now, const struct w365_reply *reply,
	       const struct w365_err *err)
{
	struct auth_context x = auth_context_of(a, now);
	struct auth_outcome o = { 0 };
	enum auth_result result;

	if (a->busy == KEYRING) {
		keyring_said(a, &(struct auth_ran){ .status = 127 });
		return;
	}
	if (!reply) {
		o.err = *err;
		result = err->passing ? AUTH_PASSING : AUTH_REFUSED;
	} else if (a->grant->reply && a->busy == GRANT) {
		result = a->grant->reply(a->state, &x, reply, &o);
	} else {
		result = auth_judge(&x, reply, auth_thumbprint(a), &o);
	}
	conclude(a, now, result, &o, reply ? reply->retry_after : NULL);
}

void auth_ran(struct auth *a, const struct auth_clock *now, const struct auth_ran *ran)
{
	struct auth_context x = auth_context_of(a, now);
	struct auth_outcome o = { 0 };

	if (a->busy == KEYRING)
		keyring_said(a, ran);
	else
		conclude(a, now, a->grant->ran(a->state, &x, ran, &o), &o, NULL);
}

void auth_listening(struct auth *a, const struct auth_clock *now, unsigned port,
		    const struct w365_err *err)
{
	struct auth_context x = auth_context_of(a, now);
	struct auth_outcome o = { 0 };

	if (err)
		o.err = *err;
	if (err || a->grant->listening(a->state, &x, port, &o.err) < 0)
		conclude(a, now, AUTH_REFUSED, &o, NULL);
}

bool auth_arrived(struct auth *a, const struct auth_clock *now, const char *form)
{
	struct auth_context x = auth_context_of(a, now);
	struct auth_outcome o = { 0 };
	enum auth_result result = a->grant->arrived(a->state, &x, form, &o);

	if (result == AUTH_PASSING)
		return false;
	conclude(a, now, result, &o, NULL);
	return true;
}

const struct auth_prompt *auth_prompt(const struct auth *a)
{
	return a->grant->prompt ? a->grant->prompt(a->state) : NULL;
}

const char *auth_bearer(const struct auth *a, uint64_t now)
{
	return a->token.bearer && now < a->expires ? a->token.bearer : NULL;
}

unsigned auth_generation(const struct auth *a)
{
	return a->generation;
}

void auth_reject(struct auth *a, unsigned generation)
{
	if (generation == a->generation) {
		drop_token(a);
		a->kept.rejected = a->kept.account.stored;
	}
}

void auth_challenge(struct auth *a, unsigned generation, const char *claims)
{
	if (generation != a->generation)
		return; /* a newer token is there already, or on its way */
	auth_reject(a, generation);
	free(a->challenge);
	a->challenge = strdup(claims);
}

void auth_news(struct auth *a)
{
	a->not_before = 0;
	a->tries = 0;
	a->news = true;
}

void auth_retry_now(struct auth *a)
{
	auth_news(a);
	a->reduced = false;
}

const char *auth_grant_name(const struct auth *a)
{
	return a->grant->name;
}

bool auth_app_only(const struct auth *a)
{
	return a->grant->app_only;
}

bool auth_of_person(const struct auth *a)
{
	return a->grant->person;
}

bool auth_is_kept(const struct auth *a)
{
	return a->kept.in_file;
}

bool auth_is_sealed(const struct auth *a)
{
	return a->kept.account.sealed;
}

int64_t auth_credential_expires(const struct auth *a)
{
	return a->grant->expires ? a->grant->expires(a->state) : 0;
}

uint64_t auth_expires(const struct auth *a)
{
	return a->expires;
}

const struct auth_claims *auth_claims(const struct auth *a)
{
	return a->readable ? &a->claims : NULL;
}
