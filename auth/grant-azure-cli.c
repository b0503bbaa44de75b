/* Whoever is signed in to the Azure CLI. Good for service principals and managed identities: the
 * CLI's own application may not ask for Cloud PC permissions on behalf of a person.
 *
 * Source: https://learn.microsoft.com/cli/azure/account#az-account-get-access-token
 */
#include "auth/claims.h"
#include "auth/grant.h"
#include "base/buf.h"
#include "base/macros.h"
#include "base/str.h"

#include <errno.h>
#include <unistd.h>

struct cli {
	const char *argv[10];
};

/* Somebody has used the CLI here. */
static bool configured(const struct auth_config *c)
{
	const char *folder = getenv("AZURE_CONFIG_DIR"), *home = getenv("HOME");
	_cleanup_(w365_freep) char *profile = NULL;
	int n;

	if (folder && *folder)
		n = asprintf(&profile, "%s/azureProfile.json", folder);
	else
		n = asprintf(&profile, "%s/.azure/azureProfile.json", home ? home : "");
	if (n < 0)
		profile = NULL;
	return profile && access(profile, F_OK) == 0;
}

static int open_cli(const struct auth_config *c, const struct auth_clock *now, void **ret_state,
		    struct w365_err *reterr)
{
	struct cli *cli = calloc(1, sizeof(*cli));
	unsigned n = 0;

	if (!cli)
		return w365_err_oom(reterr);
	cli->argv[n++] = "az";
	cli->argv[n++] = "account";
	cli->argv[n++] = "get-access-token";
	cli->argv[n++] = "--output";
	cli->argv[n++] = "json";
	cli->argv[n++] = "--resource";
	cli->argv[n++] = c->resource;
	if (c->tenant) {
		cli->argv[n++] = "--tenant";
		cli->argv[n++] = c->tenant;
	}
	*ret_state = cli;
	return 0;
}

static int next(void *state, const struct auth_context *x, struct auth_todo *ret,
		struct w365_err *reterr)
{
	ret->argv = ((struct cli *)state)->argv;
	return AUTH_RUN;
}

/* A person's token of the CLI never has what we need: better said now than by 403. */
static bool persons(const char *bearer)
{
	struct auth_claims c = { 0 };
	bool is = auth_claims_read(bearer, &c) && c.scopes && !c.roles &&
		  !strstr(c.scopes, "CloudPC.");

	auth_claims_done(&c);
	return is;
}

static enum auth_result ran(void *state, const struct auth_context *x, const struct auth_ran *ran,
			    struct auth_outcome *ret)
{
	if (ran->status == 127) {
		w365_err_set(&ret->err, EACCES,
			     "the Azure CLI is not installed: there is no program 'az'");
		return AUTH_REFUSED;
	}
	if (ran->status == -1) {
		w365_err_set(&ret->err, ETIMEDOUT, "the Azure CLI did not answer in time");
		return AUTH_PASSING;
	}
	if (ran->status != 0) {
		bool out = strstr(ran->err, "az login") || strstr(ran->err, "az account set");

		w365_err_set(&ret->err, EACCES, "%s: %.*s",
			     out ? "nobody is signed in to the Azure CLI: run 'az login'"
				 : "the Azure CLI failed",
			     (int)MIN(strcspn(ran->err, "\r\n"), 200), ran->err);
		return AUTH_REFUSED;
	}
	if (auth_token_read(ran->out, strlen(ran->out), "the Azure CLI", &ret->token, &ret->err) <
	    0)
		return AUTH_REFUSED;
	if (!x->config->directory && persons(ret->token.bearer)) {
		auth_token_done(&ret->token);
		w365_err_set(
			&ret->err, EACCES,
			"a person's sign-in to the Azure CLI cannot read Cloud PCs: run 'w365fs login', or "
			"'az login --service-principal'");
		return AUTH_REFUSED;
	}
	return AUTH_GOT_TOKEN;
}

static void close_cli(void *state)
{
	free(state);
}

const struct auth_grant auth_grant_azure_cli = {
	.name = "azure-cli",
	.help = "whoever 'az login' has signed in: a service principal or managed identity",
	.app_only = true,
	.anonymous = true,
	.configured = configured,
	.open = open_cli,
	.next = next,
	.ran = ran,
	.close = close_cli,
};
