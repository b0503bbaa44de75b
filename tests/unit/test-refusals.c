/* What the services refuse: Entra ID's numbers in words with a cure, and Graph's challenges. */
#include "auth/aadsts.h"
#include "auth/auth.h"
#include "auth/challenge.h"
#include "base/buf.h"
#include "base/macros.h"
#include "tests/lib/check.h"

#define WALL 1795339815

/* What Entra ID's numbers mean to a person: whom it is for, and a word of the cure. */
static void test_codes(void)
{
	static const struct {
		unsigned number;
		enum auth_failure class;
		const char *cure;
	} codes[] = {
		{ 65001, AUTH_FAIL_CONSENT, "administrator" },
		{ 65004, AUTH_FAIL_CONSENT, "accept" },
		{ 65002, AUTH_FAIL_CONFIG, "registration of your own" },
		{ 65005, AUTH_FAIL_CONFIG, "add it" },
		{ 90094, AUTH_FAIL_CONSENT, "administrator" },
		{ 90095, AUTH_FAIL_CONSENT, "administrator" },
		{ 70011, AUTH_FAIL_CONFIG, "--scope" },
		{ 1002012, AUTH_FAIL_CONFIG, "--scope" },
		{ 7000215, AUTH_FAIL_CONFIG, "value" },
		{ 7000222, AUTH_FAIL_CONFIG, "make a new one" },
		{ 700016, AUTH_FAIL_CONFIG, "--client-id" },
		{ 700027, AUTH_FAIL_CONFIG, "upload" },
		{ 700024, AUTH_FAIL_CONFIG, "clock" },
		{ 7000218, AUTH_FAIL_CONFIG, "public client" },
		{ 700025, AUTH_FAIL_CONFIG, "take the secret out" },
		{ 500011, AUTH_FAIL_CONFIG, "--cloud" },
		{ 50001, AUTH_FAIL_CONFIG, "--cloud" },
		{ 90002, AUTH_FAIL_CONFIG, "--tenant" },
		{ 900023, AUTH_FAIL_CONFIG, "--tenant" },
		{ 50128, AUTH_FAIL_CONFIG, "--tenant" },
		{ 50059, AUTH_FAIL_CONFIG, "--tenant" },
		{ 50020, AUTH_FAIL_ACCOUNT, "another one" },
		{ 50034, AUTH_FAIL_ACCOUNT, "does not exist" },
		{ 50126, AUTH_FAIL_ACCOUNT, "password" },
		{ 50053, AUTH_FAIL_ACCOUNT, "locked" },
		{ 50055, AUTH_FAIL_ACCOUNT, "change it" },
		{ 50057, AUTH_FAIL_ACCOUNT, "administrator" },
		{ 50058, AUTH_FAIL_LOGIN, "nobody is signed in" },
		{ 50105, AUTH_FAIL_POLICY, "assigns" },
		{ 50011, AUTH_FAIL_CONFIG, "redirect" },
		{ 50194, AUTH_FAIL_CONFIG, "--tenant" },
		{ 50076, AUTH_FAIL_LOGIN, "browser" },
		{ 50074, AUTH_FAIL_LOGIN, "browser" },
		{ 50079, AUTH_FAIL_LOGIN, "browser" },
		{ 50072, AUTH_FAIL_LOGIN, "browser" },
		{ 50078, AUTH_FAIL_LOGIN, "browser" },
		{ 50158, AUTH_FAIL_LOGIN, "browser" },
		{ 53003, AUTH_FAIL_POLICY, "administrator" },
		{ 50131, AUTH_FAIL_POLICY, "administrator" },
		{ 53000, AUTH_FAIL_POLICY, "managed devices" },
		{ 53001, AUTH_FAIL_POLICY, "managed devices" },
		{ 53002, AUTH_FAIL_POLICY, "administrator" },
		{ 530003, AUTH_FAIL_POLICY, "managed devices" },
		{ 530035, AUTH_FAIL_POLICY, "--auth=browser" },
		{ 530036, AUTH_FAIL_POLICY, "--auth=browser" },
		{ 530032, AUTH_FAIL_POLICY, "administrator" },
		{ 70043, AUTH_FAIL_LOGIN, "ended" },
		{ 700082, AUTH_FAIL_LOGIN, "90 days" },
		{ 700084, AUTH_FAIL_LOGIN, "mobile and desktop" },
		{ 70008, AUTH_FAIL_LOGIN, "expired" },
		{ 50173, AUTH_FAIL_LOGIN, "revoked" },
		{ 50132, AUTH_FAIL_LOGIN, "revoked" },
		{ 50133, AUTH_FAIL_LOGIN, "revoked" },
		{ 50089, AUTH_FAIL_LOGIN, "expired" },
		{ 70000, AUTH_FAIL_LOGIN, "not valid" },
		{ 70019, AUTH_FAIL_LOGIN, "try again" },
		{ 70020, AUTH_FAIL_LOGIN, "try again" },
		{ 70018, AUTH_FAIL_LOGIN, "typed" },
		{ 54005, AUTH_FAIL_LOGIN, "used already" },
		{ 7000112, AUTH_FAIL_CONFIG, "disabled" },
		{ 7000229, AUTH_FAIL_CONFIG, "service principal" },
		{ 70021, AUTH_FAIL_CONFIG, "federated credential" },
		{ 700211, AUTH_FAIL_CONFIG, "issuer" },
		{ 700212, AUTH_FAIL_CONFIG, "api://AzureADTokenExchange" },
		{ 700213, AUTH_FAIL_CONFIG, "subject" },
		{ 90038, AUTH_FAIL_CONFIG, "--cloud" },
		{ 9002313, AUTH_FAIL_BUG, "malformed" },
		{ 900144, AUTH_FAIL_BUG, "missing" },
	};
	static const struct auth_config c = { .authority = "https://login.example",
					      .tenant = "contoso.com",
					      .client_id = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee" };

	for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
		char body[160], why[32], number[32];
		struct w365_reply r = { .status = 400, .body = body };
		struct w365_err err = { 0 };

		snprintf(
			body, sizeof(body),
			"{\"error\":\"invalid_grant\",\"error_description\":\"AADSTS%u: eyJhbGciOi words.\"}",
			codes[i].number);
		r.len = strlen(body);
		snprintf(why, sizeof(why), "AADSTS%u", codes[i].number);
		snprintf(number, sizeof(number), "AADSTS%u", codes[i].number);
		CHECK_INT(why, auth_failure_from_reply(&r, &c, "AB12", WALL, &err), codes[i].class);
		if (!CHECK(why, strstr(err.msg, codes[i].cure) && strstr(err.msg, number)))
			check_show("sentence", err.msg);
		CHECK(why, !strstr(err.msg, "eyJ"));
	}
}

static void test_challenges(void)
{
#define NBF    "eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7InZhbHVlIjoiMSJ9fX0"
#define MERGED "{\"access_token\":{\"nbf\":{\"value\":\"1\"},\"xms_cc\":{\"values\":[\"cp1\"]}}}"
	static const struct {
		const char *why, *header, *claims;
	} cases[] = {
		{ "none", NULL, NULL },
		{ "an old token", "Bearer error=\"invalid_token\"", NULL },
		{ "plain", "Bearer error=\"insufficient_claims\", claims=\"" NBF "\"", MERGED },
		{ "the other way round", "Bearer claims=\"" NBF "\", error=\"insufficient_claims\"",
		  MERGED },
		{ "without quotes", "Bearer error=insufficient_claims, claims=" NBF, MERGED },
		{ "padded", "bearer ERROR=\"insufficient_claims\",claims=\"" NBF "=\"", MERGED },
		{ "after another scheme",
		  "PoP nonce=\"a,b=c\", Bearer realm=\"\", error=\"insufficient_claims\", claims=\"" NBF
		  "\"",
		  MERGED },
		{ "not base64", "Bearer error=\"insufficient_claims\", claims=\"{}\"", NULL },
		{ "not an object", "Bearer error=\"insufficient_claims\", claims=\"WzFd\"", NULL },
		{ "nothing asked for", "Bearer error=\"insufficient_claims\", claims=\"e30\"",
		  AUTH_CAPABLE },
		{ "an open quote", "Bearer error=\"insufficient_claims\", claims=\"", NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(w365_buf_done) struct w365_buf out = W365_BUF;
		bool is = auth_challenge_read(cases[i].header, &out);

		CHECK_STR(cases[i].why, is ? w365_buf_str(&out) : NULL, cases[i].claims);
	}
}

int main(void)
{
	test_codes();
	test_challenges();
	return check_summary();
}
