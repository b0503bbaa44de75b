/* What a signed-in user may do, and an application may not: with tokens that no grant gives out
 * yet. */
#include <stdlib.h>

#include "base/macros.h"
#include "sim/graph.h"
#include "sim/jwt.h"
#include "tests/lib/check.h"

#define BASE "https://127.0.0.1:8443"

static struct sim sim;
static struct w365_buf authorization;

static void sign_in(const struct sim_user *user, const char *scp)
{
	_cleanup_(w365_buf_done) struct w365_buf header = W365_BUF, payload = W365_BUF;
	long long now = (long long)sim_now(&sim);

	w365_buf_addf(&header, "{\"typ\":\"JWT\",\"alg\":\"RS256\",\"kid\":\"%s\"}",
		      sim.identity.kid);
	w365_buf_addf(&payload,
		      "{\"aud\":\"https://"
		      "graph.microsoft.com\",\"tid\":\"%s\",\"oid\":\"%s\",\"scp\":\"%s\","
		      "\"nbf\":%lld,\"exp\":%lld,\"sim_serial\":1}",
		      sim.identity.tenant, user ? user->id : "nobody", scp, now, now + 600);
	w365_buf_reset(&authorization);
	w365_buf_adds(&authorization, "Bearer ");
	sim_jwt_sign(&authorization, header.data, payload.data, sim.identity.key);
}

/* The status; the body is in @body. */
static int ask(const char *method, const char *path, struct w365_buf *body)
{
	struct sim_request req = { .method = method,
				   .target = path,
				   .path = { path, strlen(path) },
				   .user_agent = "test",
				   .authorization = w365_buf_str(&authorization) };
	struct sim_reply reply = { 0 };
	int status;

	sim_answer(&sim, &req, &reply);
	status = reply.status;
	w365_buf_reset(body);
	w365_buf_add(body, w365_buf_str(&reply.body), reply.body.len);
	sim_reply_reset(&reply);
	return status;
}

static const struct {
	const char *why, *method, *path;
	int status;
	const char *has, *lacks; /* texts of the body */
} cases[] = {
	{ "the own Cloud PCs", "GET", "/beta/me/cloudPCs", 200,
	  "\"displayName\":\"Engineering EU - Alex Winter\"", "\"status\":" },
	{ "the ten properties", "GET", "/beta/me/cloudPCs", 200,
	  "\"servicePlanType\":", "\"managedDeviceName\":" },
	{ "v1.0 has nine of them", "GET", "/v1.0/me/cloudPCs", 200,
	  "\"servicePlanName\":", "\"deviceRegionName\":" },
	{ "nobody else's", "GET", "/beta/me/cloudPCs", 200, "Alex Winter", "Mira Holt" },
	{ "by the own name", "GET", "/beta/users/alexw%40larkspurlabs.example/cloudPCs", 200,
	  "Alex Winter", NULL },
	{ "an unknown user", "GET", "/beta/users/nobody/cloudPCs", 404, "Request_ResourceNotFound",
	  NULL },
	{ "an item that is not there", "GET", "/beta/me/cloudPCs/nope", 404, "ResourceNotFound",
	  NULL },
	{ "all Cloud PCs", "GET", "/beta/deviceManagement/virtualEndpoint/cloudPCs", 200,
	  "Mira Holt", NULL },
	{ "what is delegated only", "GET",
	  "/beta/deviceManagement/virtualEndpoint/crossCloudGovernmentOrganizationMapping", 200,
	  "\"organizationIdsInUSGovCloud\":[", NULL },
	{ "a function that is delegated only", "GET",
	  "/beta/deviceManagement/virtualEndpoint/getEffectivePermissions", 200,
	  "\"value\":[\"*\"]", NULL },
	{ "writing needs more", "POST", "/beta/me/cloudPCs/1/reboot", 403, "CloudPC.ReadWrite.All",
	  NULL },
};

int main(void)
{
	const struct sim_config config = {
		.seed = 1, .base = BASE, .page_size = 1000, .cloud_pcs = 60, .roles = ""
	};
	_cleanup_(w365_buf_done) struct w365_buf body = W365_BUF;
	struct w365_err err;

	if (!CHECK("a simulator", sim_init(&sim, &config, &err) == 0))
		return check_summary();
	sign_in(&sim.tenant.users[0], "openid CloudPC.Read.All");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int status = ask(cases[i].method, cases[i].path, &body);

		CHECK_INT(cases[i].why, status, cases[i].status);
		if (!CHECK(cases[i].why, strstr(w365_buf_str(&body), cases[i].has) &&
						 (!cases[i].lacks ||
						  !strstr(w365_buf_str(&body), cases[i].lacks))))
			check_show("body", w365_buf_str(&body));
	}
	sign_in(NULL, "CloudPC.Read.All");
	CHECK_INT("a user that is not of the tenant", ask("GET", "/beta/me/cloudPCs", &body), 404);
	sign_in(&sim.tenant.users[0], "User.Read");
	CHECK_INT("a user without the scope", ask("GET", "/beta/me/cloudPCs", &body), 403);
	w365_buf_done(&authorization);
	sim_done(&sim);
	return check_summary();
}
