#include "auth/aadsts.h"
#include "auth/auth.h"
#include "base/json-read.h"
#include "base/macros.h"
#include "base/str.h"
#include "base/time.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

/* %T the tenant, %C the client id, %H the certificate's thumbprint, %K how wrong the clock is. The
 * number decides the sentence; what is not here is told by the class of its "error" word, in
 * Entra's own words. */
static const struct code {
	unsigned number;
	enum auth_failure class;
	const char *sentence;
} codes[] = {
	{ 7000215, AUTH_FAIL_CONFIG,
	  "the client secret is wrong: is it the secret's value, and not its id?" },
	{ 7000222, AUTH_FAIL_CONFIG,
	  "the client secret has expired: make a new one in the app registration" },
	{ 700016, AUTH_FAIL_CONFIG,
	  "the application %C is not known in tenant %T: check --client-id and --tenant" },
	{ 700027, AUTH_FAIL_CONFIG,
	  "the certificate with thumbprint %H is not accepted for application %C: upload it to the app registration, or "
	  "try --assertion=rs256" },
	{ 700024, AUTH_FAIL_CONFIG, "this computer's clock is wrong%K: set it right" },
	{ 700023, AUTH_FAIL_CONFIG,
	  "the assertion was made for another sign-in address: check --cloud and --tenant" },
	{ 50012, AUTH_FAIL_CONFIG,
	  "the certificate's assertion is not accepted: is it the certificate of application %C?" },
	{ 50013, AUTH_FAIL_CONFIG,
	  "the certificate's assertion is not accepted: is it the certificate of application %C?" },
	{ 50027, AUTH_FAIL_BUG, "the assertion is malformed" },
	{ 7000112, AUTH_FAIL_CONFIG, "the application %C is disabled in tenant %T" },
	{ 7000229, AUTH_FAIL_CONFIG,
	  "the application %C has no service principal in tenant %T: consent to it there" },
	{ 90002, AUTH_FAIL_CONFIG,
	  "the tenant %T does not exist in this cloud: check --tenant and --cloud" },
	{ 900023, AUTH_FAIL_CONFIG,
	  "'%T' is neither the id nor a domain of a tenant: check --tenant" },
	{ 90038, AUTH_FAIL_CONFIG, "the tenant %T lives in another cloud: give --cloud" },
	{ 50059, AUTH_FAIL_CONFIG, "no tenant is named: give --tenant" },
	{ 50128, AUTH_FAIL_CONFIG, "no tenant is named: give --tenant" },
	{ 70011, AUTH_FAIL_CONFIG, "the scope is not valid: check --scope and --cloud" },
	{ 1002012, AUTH_FAIL_CONFIG,
	  "an application's scope must end in /.default: check --scope" },
	{ 500011, AUTH_FAIL_CONFIG,
	  "Microsoft Graph of this scope is not known in tenant %T: check --cloud and --scope" },
	{ 50001, AUTH_FAIL_CONFIG,
	  "Microsoft Graph of this scope is not known in tenant %T: check --cloud and --scope" },
	{ 7000218, AUTH_FAIL_CONFIG,
	  "the application needs a secret or certificate, or must be made a public client in its registration" },
	{ 700025, AUTH_FAIL_CONFIG,
	  "the application is a public client: take the secret out of the configuration" },
	{ 65001, AUTH_FAIL_CONSENT,
	  "nobody has approved the permissions of application %C in tenant %T: run 'w365fs login' and accept, or ask an administrator" },
	{ 65004, AUTH_FAIL_CONSENT,
	  "the page that asks for approval was cancelled: sign in again and accept" },
	{ 90094, AUTH_FAIL_CONSENT,
	  "an administrator of tenant %T has to approve the permissions of application %C" },
	{ 90095, AUTH_FAIL_CONSENT,
	  "an administrator of tenant %T has to approve the permissions of application %C: ask for it in the browser" },
	{ 90093, AUTH_FAIL_CONSENT,
	  "an administrator of tenant %T has to approve the permissions of application %C" },
	{ 90099, AUTH_FAIL_CONSENT,
	  "an administrator of tenant %T has to approve application %C first" },
	{ 65002, AUTH_FAIL_CONFIG,
	  "Microsoft does not let application %C ask for Cloud PC permissions: use an app registration of your own" },
	{ 65005, AUTH_FAIL_CONFIG,
	  "the permission is not in the registration of application %C: add it there" },
	{ 50020, AUTH_FAIL_ACCOUNT, "this account is not in tenant %T: sign in with another one" },
	{ 50034, AUTH_FAIL_ACCOUNT, "this account does not exist in tenant %T" },
	{ 50126, AUTH_FAIL_ACCOUNT, "the user name or the password is wrong" },
	{ 50053, AUTH_FAIL_ACCOUNT, "the account is locked for a while" },
	{ 50055, AUTH_FAIL_ACCOUNT, "the password has expired: change it in the browser" },
	{ 50057, AUTH_FAIL_ACCOUNT, "the account is disabled: ask the administrator of tenant %T" },
	{ 50105, AUTH_FAIL_POLICY,
	  "this account is not assigned to application %C: an administrator assigns it" },
	{ 50011, AUTH_FAIL_CONFIG,
	  "http://localhost is no redirect address of application %C: add it as a mobile and desktop application" },
	{ 50194, AUTH_FAIL_CONFIG, "application %C is for one tenant: give its id by --tenant" },
	{ 50058, AUTH_FAIL_LOGIN, "nobody is signed in" },
	{ 50072, AUTH_FAIL_LOGIN,
	  "the organisation wants multi-factor authentication to be set up: sign in by the browser" },
	{ 50074, AUTH_FAIL_LOGIN,
	  "the organisation asks for multi-factor authentication: sign in by the browser" },
	{ 50076, AUTH_FAIL_LOGIN,
	  "the organisation asks for multi-factor authentication: sign in by the browser" },
	{ 50078, AUTH_FAIL_LOGIN,
	  "multi-factor authentication is too long ago: sign in by the browser" },
	{ 50079, AUTH_FAIL_LOGIN,
	  "the organisation wants multi-factor authentication to be set up: sign in by the browser" },
	{ 50158, AUTH_FAIL_LOGIN,
	  "the organisation asks for a further proof: sign in by the browser" },
	{ 50132, AUTH_FAIL_LOGIN, "the sign-in was revoked, or the password was changed" },
	{ 50133, AUTH_FAIL_LOGIN, "the sign-in was revoked, or the password was changed" },
	{ 50173, AUTH_FAIL_LOGIN, "the sign-in was revoked, or the password was changed" },
	{ 50089, AUTH_FAIL_LOGIN, "the sign-in has expired" },
	{ 70008, AUTH_FAIL_LOGIN, "the sign-in has expired" },
	{ 700082, AUTH_FAIL_LOGIN, "the sign-in was not used for 90 days and has expired" },
	{ 70043, AUTH_FAIL_LOGIN, "a rule of the organisation has ended the session" },
	{ 700084, AUTH_FAIL_LOGIN,
	  "the redirect address of application %C is registered for single-page applications: make it mobile and desktop" },
	{ 70000, AUTH_FAIL_LOGIN, "the sign-in is not valid any more" },
	{ 54005, AUTH_FAIL_LOGIN, "the code of this sign-in was used already" },
	{ 70018, AUTH_FAIL_LOGIN, "the code was not typed as it is shown" },
	{ 70019, AUTH_FAIL_LOGIN, "nobody signed in by the code in time: try again" },
	{ 70020, AUTH_FAIL_LOGIN, "nobody signed in by the code in time: try again" },
	{ 53000, AUTH_FAIL_POLICY,
	  "the organisation lets only managed devices sign in: sign in by the browser of one, or as an application" },
	{ 53001, AUTH_FAIL_POLICY,
	  "the organisation lets only managed devices sign in: sign in by the browser of one, or as an application" },
	{ 53002, AUTH_FAIL_POLICY,
	  "the organisation lets only approved applications sign in: ask its administrator" },
	{ 530003, AUTH_FAIL_POLICY,
	  "the organisation lets only managed devices sign in: sign in by the browser of one, or as an application" },
	{ 530035, AUTH_FAIL_POLICY,
	  "the organisation blocks sign-in by device code: use --auth=browser" },
	{ 530036, AUTH_FAIL_POLICY,
	  "the organisation blocks sign-in by device code: use --auth=browser" },
	{ 700211, AUTH_FAIL_CONFIG,
	  "the issuer of the federated token is not the one of the federated credential of application %C" },
	{ 700212, AUTH_FAIL_CONFIG,
	  "the audience of the federated token must be api://AzureADTokenExchange" },
	{ 700213, AUTH_FAIL_CONFIG,
	  "the subject of the federated token is not the one of the federated credential of application %C" },
	{ 70021, AUTH_FAIL_CONFIG,
	  "application %C has no federated credential for this federated token" },
	{ 700222, AUTH_FAIL_CONFIG, "a token of Entra ID cannot be the federated token here" },
	{ 53003, AUTH_FAIL_POLICY,
	  "a Conditional Access policy of the organisation blocks this sign-in: ask its administrator" },
	{ 50131, AUTH_FAIL_POLICY,
	  "a Conditional Access policy of the organisation blocks this sign-in: ask its administrator" },
	{ 530032, AUTH_FAIL_POLICY,
	  "the organisation blocks this sign-in as a risk: ask its administrator" },
	{ 9002313, AUTH_FAIL_BUG, "Entra ID says that the request is malformed" },
	{ 900144, AUTH_FAIL_BUG, "Entra ID says that a parameter is missing" },
	{ 90014, AUTH_FAIL_BUG, "Entra ID says that a parameter is missing" },
};

static const struct {
	const char *error;
	enum auth_failure class;
} errors[] = {
	{ "invalid_grant", AUTH_FAIL_LOGIN },    { "interaction_required", AUTH_FAIL_LOGIN },
	{ "login_required", AUTH_FAIL_LOGIN },   { "consent_required", AUTH_FAIL_CONSENT },
	{ "access_denied", AUTH_FAIL_POLICY },   { "temporarily_unavailable", AUTH_FAIL_TRANSIENT },
	{ "server_error", AUTH_FAIL_TRANSIENT },
};

struct failure {
	char *error, *description, *correlation;
};

static const struct w365_json_field failure_fields[] = {
	{ "error", W365_JSON_STRING, offsetof(struct failure, error), W365_JSON_LAX },
	{ "error_description", W365_JSON_STRING, offsetof(struct failure, description),
	  W365_JSON_LAX },
	{ "correlation_id", W365_JSON_STRING, offsetof(struct failure, correlation),
	  W365_JSON_LAX },
	{ NULL, 0, 0, 0 },
};

/* How far the server's Date is from our clock, in words; "" where that is not known. */
static void clock_words(struct w365_buf *out, const char *date, int64_t wall)
{
	time_t theirs;
	int64_t off;

	if (!date || !w365_time_parse_http(date, &theirs))
		return;
	off = wall - (int64_t)theirs;
	if (llabs(off) >= 60)
		w365_buf_addf(out, " by %lld minutes", llabs(off) / 60);
}

static void expand(struct w365_buf *out, const char *sentence, const struct w365_reply *reply,
		   const struct auth_config *c, const char *thumbprint, int64_t wall)
{
	for (const char *p = sentence; *p; p++) {
		if (*p != '%') {
			w365_buf_addc(out, *p);
			continue;
		}
		switch (*++p) {
		case 'T': w365_buf_adds(out, c->tenant); break;
		case 'C': w365_buf_adds(out, c->client_id); break;
		case 'H': w365_buf_adds(out, thumbprint ? thumbprint : "(none)"); break;
		case 'K': clock_words(out, reply->date, wall); break;
		}
	}
}

/* "AADSTS700016: ..." somewhere in the text. Codes also come in "error_codes", but only this is
 * always there. */
static unsigned number_in(const char *description)
{
	const char *at = description ? strstr(description, "AADSTS") : NULL;

	return at ? (unsigned)strtoul(at + strlen("AADSTS"), NULL, 10) : 0;
}

enum auth_failure auth_failure_from_reply(const struct w365_reply *reply,
					  const struct auth_config *config, const char *thumbprint,
					  int64_t wall, struct w365_err *err)
{
	_cleanup_(w365_buf_done) struct w365_buf say = W365_BUF;
	enum auth_failure class = AUTH_FAIL_CONFIG;
	const struct code *known = NULL;
	struct failure f = { 0 };
	unsigned number;

	if (w365_json_read(reply->body, reply->len, failure_fields, &f, NULL) < 0 || !f.error) {
		bool later = reply->status == 408 || reply->status == 429 || reply->status >= 500;

		w365_json_read_free(failure_fields, &f);
		w365_err_set(
			err, later ? EAGAIN : EPROTO,
			"%s answered %d without a reason that can be read: is that the sign-in service%s?",
			config->authority, reply->status, later ? ", and is it well" : "");
		err->http = reply->status;
		return later ? AUTH_FAIL_TRANSIENT : AUTH_FAIL_CONFIG;
	}
	number = number_in(f.description);
	for (size_t i = 0; i < ARRAY_SIZE(errors); i++)
		if (w365_streq(errors[i].error, f.error))
			class = errors[i].class;
	for (size_t i = 0; i < ARRAY_SIZE(codes) && number; i++)
		if (codes[i].number == number)
			known = &codes[i];
	if (known)
		class = known->class;
	if (reply->status == 429 || reply->status >= 500)
		class = AUTH_FAIL_TRANSIENT;

	if (known) {
		expand(&say, known->sentence, reply, config, thumbprint, wall);
	} else {
		const char *text = f.description ? f.description : f.error;

		w365_buf_addf(&say, "the sign-in was refused: %.*s",
			      (int)MIN(strcspn(text, "\r\n"), 300), text);
	}
	if (number && known)
		w365_buf_addf(&say, " (AADSTS%u", number);
	else
		w365_buf_addf(&say, " (%.60s", f.error);
	if (f.correlation && w365_is_guid(f.correlation))
		w365_buf_addf(&say, ", correlation id %s", f.correlation);
	w365_buf_addc(&say, ')');

	w365_err_set(err,
		     class == AUTH_FAIL_TRANSIENT ? EAGAIN
		     : class == AUTH_FAIL_BUG     ? EIO
						  : EACCES,
		     "%s", w365_buf_str(&say));
	err->http = reply->status;
	snprintf(err->code, sizeof(err->code), "%s", f.error);
	if (f.correlation)
		snprintf(err->request, sizeof(err->request), "%s", f.correlation);
	w365_json_read_free(failure_fields, &f);
	return class;
}
