#include "auth/probe.h"
#include "auth/grant.h"
#include "base/json-read.h"
#include "base/macros.h"

bool auth_probe_wanted(const struct auth_config *c)
{
	struct auth_config elsewhere = *c;
	const struct auth_grant *g = NULL;

	if (!w365_streq(c->grant, "auto"))
		return false;
	/* The Azure CLI comes after the machine's identity, and a person in front of it even later. */
	elsewhere.azure = AUTH_AZURE_YES;
	return auth_grant_choose(&elsewhere, &g, NULL) == 0 && g == &auth_grant_managed_identity &&
	       !g->configured(c);
}

int auth_probe_request(struct w365_request *ret, struct w365_err *reterr)
{
	*ret = (struct w365_request){ .method = "GET",
				      .url = strdup(AUTH_IMDS AUTH_IMDS_PATH),
				      .direct = true };
	return ret->url ? 0 : w365_err_oom(reterr);
}

struct refusal {
	char *error;
};

bool auth_probe_judge(const struct w365_reply *reply)
{
	static const struct w365_json_field fields[] = {
		{ "error", W365_JSON_STRING, offsetof(struct refusal, error), W365_JSON_MUST },
		{ NULL, 0, 0, 0 },
	};
	struct refusal refusal = { 0 };
	bool is = reply->status == 400 &&
		  w365_json_read(reply->body, reply->len, fields, &refusal, NULL) == 0;

	w365_json_read_free(fields, &refusal);
	return is;
}
