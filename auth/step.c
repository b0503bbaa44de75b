/* What the sign-in machine wants next. */
#include "auth/machine.h"
#include "auth/settings.h"
#include "base/macros.h"
#include "base/str.h"
#include "base/time.h"

#include <errno.h>

#define OTHERS_MS (30 * 1000) /* another process renews: so long at most */

static int grant_request(struct auth *a, const struct auth_context *x, struct auth_todo *ret,
			 struct w365_err *reterr)
{
	int r;

	if (a->grant->next)
		return a->grant->next(a->state, x, ret, reterr);
	auth_form_begin(x, &ret->request);
	r = a->grant->form(a->state, x, &ret->request.body, reterr);
	return r < 0 ? r : AUTH_SEND;
}

/* Whether the sign-in that is kept has something that is wanted and not asked for any more. */
static bool kept_has_more(const struct auth *a)
{
	const char *const *p = auth_settings_permissions(a->config);

	for (unsigned i = 1; p[i]; i++)
		if (!auth_scope_has(a->least, p[i]) && auth_scope_has(a->kept.account.scope, p[i]))
			return true;
	return false;
}

/* Whether it has all that is asked for just now. What nothing goes without need not be told: there would be no
 * token. */
static bool kept_has_all(const struct auth *a)
{
	const char *const *p = auth_settings_permissions(a->config);

	for (unsigned i = 1; p[i]; i++)
		if ((!a->reduced || auth_scope_has(a->least, p[i])) &&
		    !auth_scope_has(a->kept.account.scope, p[i]))
			return false;
	return true;
}

static int look(struct auth *a, struct w365_err *reterr)
{
	int r = auth_kept_look(&a->kept, reterr);

	if (r > 0 && a->reduced && auth_kept_mark(&a->kept) != a->reduced_by && kept_has_more(a))
		a->reduced = false; /* somebody has consented to more */
	return r;
}

/* Takes the token that is kept, if there is one and it is worth it. */
static bool adopt(struct auth *a, const struct auth_clock *now)
{
	struct auth_token t = { 0 };
	uint64_t life;

	if (a->more && !kept_has_all(a))
		return false; /* of who was granted less */
	if (a->challenge || !auth_kept_token(&a->kept, a->token.bearer, now, &t, &life))
		return false;
	auth_use_token(a, &t, now->ms, MIN(life, (uint64_t)AUTH_LIFE_MAX_S) * 1000);
	return true;
}

/* By the refresh token that is kept. -ENOKEY: it is no good any more. */
static int renew(struct auth *a, const struct auth_context *x, struct auth_todo *ret,
		 struct w365_err *reterr)
{
	int r = auth_kept_renew(&a->kept);

	if (r == -EAGAIN) {
		/* Its answer will be ours: whoever watches the folder asks us again. */
		ret->at = a->not_before = x->now.ms + OTHERS_MS;
		return AUTH_WAIT;
	}
	/* Who was about it a moment ago has another one by now: each may serve only once. */
	r = look(a, reterr);
	if (r < 0)
		return r;
	if (adopt(a, &x->now)) {
		auth_kept_renewed(&a->kept);
		ret->at = a->refresh;
		return AUTH_READY;
	}
	if (!auth_kept_renewable(&a->kept)) {
		auth_kept_renewed(&a->kept);
		return -ENOKEY;
	}
	a->busy = RENEWAL;
	auth_form_begin(x, &ret->request);
	w365_buf_adds(&ret->request.body, "&grant_type=refresh_token&client_info=1&refresh_token=");
	w365_buf_add_url(&ret->request.body, a->kept.account.refresh);
	return AUTH_SEND;
}

static int ask_keyring(struct auth *a, bool make, struct auth_todo *ret)
{
	a->busy = KEYRING;
	ret->argv = auth_kept_ask_key(&a->kept, make);
	return AUTH_RUN;
}

/* Nothing can be done before somebody has changed something: said again for a minute. */
static int remember(struct auth *a, const struct auth_clock *now, struct w365_err *reterr)
{
	a->not_before = now->ms + AUTH_REMEMBER_MS;
	*reterr = a->failure;
	return -a->failure.num;
}

/* A token is needed, and nothing stands against asking for one. */
static int begin(struct auth *a, const struct auth_clock *now, struct auth_todo *ret,
		 struct w365_err *reterr)
{
	bool keeps = !a->go_on_at && !a->config->fresh;
	int r = keeps && a->grant->person ? look(a, reterr) : 0;
	struct auth_context x = auth_context_of(a, now); /* look() may change what is asked for */

	if (r < 0)
		return r;
	if (r > 0 && auth_kept_closed(&a->kept) && a->config->keyring &&
	    a->kept.key_is == KEY_UNKNOWN)
		return ask_keyring(a, false, ret);
	if (r > 0 && adopt(a, now)) {
		ret->at = a->refresh;
		return AUTH_READY;
	}
	if (keeps && auth_kept_renewable(&a->kept)) {
		r = renew(a, &x, ret, reterr);
		if (r != -ENOKEY)
			return r;
	}
	if (keeps && auth_kept_closed(&a->kept) && !a->kept.account.trouble) {
		auth_kept_no_key(&a->kept, &a->failure);
		return remember(a, now, reterr);
	}
	if (a->grant->person && !a->config->person) {
		auth_kept_refuse(&a->kept, &a->failure);
		return remember(a, now, reterr);
	}
	if (a->grant->person && !a->go_on_at) {
		/* Before the person is asked: it is known then how the answer will be kept. */
		if (auth_kept_wants_key(&a->kept))
			return ask_keyring(a, true, ret);
		if (a->config->sealing == AUTH_SEAL_ALWAYS && a->kept.key_is != KEY_HERE) {
			auth_kept_no_key(&a->kept, &a->failure);
			return remember(a, now, reterr);
		}
	}
	r = grant_request(a, &x, ret, reterr);
	a->busy = r == AUTH_SEND     ? GRANT
		  : r == AUTH_RUN    ? PROGRAM
		  : r == AUTH_LISTEN ? BROWSER
				     : IDLE;
	return r;
}

static bool token_suffices(const struct auth *a)
{
	const char *const *p = auth_settings_permissions(a->config);

	if (!a->readable)
		return !a->reduced;
	for (unsigned i = 1; p[i]; i++)
		if (!auth_claims_have(&a->claims, p[i]))
			return false;
	return true;
}

/* A token that may do less than is wanted: has somebody signed in with more? Nothing is sent
 * to find out. */
static void see_news(struct auth *a, const struct auth_clock *now)
{
	bool was_reduced = a->reduced;

	if (a->news && a->more && !token_suffices(a) && look(a, NULL) > 0 && !a->reduced &&
	    (was_reduced || kept_has_all(a)) && !adopt(a, now))
		a->refresh = now->ms; /* by the refresh token, then */
	a->news = false;
}

int auth_step(struct auth *a, const struct auth_clock *now, struct auth_todo *ret,
	      struct w365_err *reterr)
{
	bool valid = auth_bearer(a, now->ms) != NULL;
	uint64_t not_before = MAX(a->not_before, a->go_on_at);
	int r;

	*ret = (struct auth_todo){ .at = W365_NEVER };
	if (a->busy != IDLE)
		return AUTH_WAIT;
	if (valid)
		see_news(a, now);
	if (valid && now->ms < a->refresh) {
		ret->at = a->refresh;
		return AUTH_READY;
	}
	if (now->ms < not_before) {
		ret->at = not_before;
		if (valid)
			return AUTH_READY;
		/* Passing trouble is worth waiting for, but not for ever: after some tries the
		 * caller gets to know. */
		if (!a->failure.num || (a->tries && a->tries < AUTH_TRIES))
			return AUTH_WAIT;
		*reterr = a->failure;
		return -a->failure.num;
	}
	if (a->tries >= AUTH_TRIES)
		a->tries = 0;
	r = begin(a, now, ret, reterr);
	a->sent_at = now->ms;
	if (r == AUTH_SEND && (ret->request.body.failed || !ret->request.url))
		r = w365_err_oom(reterr);
	if (r < 0) {
		w365_request_done(&ret->request);
		auth_kept_renewed(&a->kept);
		a->busy = IDLE;
	}
	return r;
}
