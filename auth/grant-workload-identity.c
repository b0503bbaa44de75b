/* An application that proves itself by a token of somebody else: Kubernetes, GitHub, another cloud.
 *
 * Source: https://learn.microsoft.com/entra/workload-id/workload-identity-federation
 */
#include "auth/grant.h"
#include "base/file.h"
#include "base/macros.h"
#include "base/str.h"

#include <errno.h>
#include <string.h>

#define ASSERTION_MAX ((size_t)64 << 10)

static bool configured(const struct auth_config *c)
{
	return c->federated_token_file;
}

static int open_file(const struct auth_config *c, const struct auth_clock *now, void **ret_state,
		     struct w365_err *reterr)
{
	if (!c->federated_token_file)
		return w365_err_set(
			reterr, EINVAL,
			"the federated token is missing: give --federated-token-file or set AZURE_FEDERATED_TOKEN_FILE");
	*ret_state = NULL;
	return 0;
}

/* Read afresh each time: whoever issues the token replaces it about every hour. It is made for this
 * exchange alone, and platforms mount it readable for all. */
static int form(void *state, const struct auth_context *x, struct w365_buf *form,
		struct w365_err *reterr)
{
	_cleanup_(w365_buf_done) struct w365_buf b = W365_BUF_SECRET;
	int r = w365_file_read(x->config->federated_token_file, ASSERTION_MAX, false, &b, reterr);

	if (r < 0)
		return r;
	while (b.len && strchr(" \t\r\n", b.data[b.len - 1]))
		b.data[--b.len] = '\0';
	if (!b.len)
		return w365_err_set(reterr, EINVAL, "'%s' holds no token",
				    x->config->federated_token_file);
	w365_buf_adds(form, "&grant_type=client_credentials&" AUTH_ASSERTION);
	w365_buf_add_url(form, b.data);
	return 0;
}

static void close_file(void *state)
{
}

const struct auth_grant auth_grant_workload_identity = {
	.name = "workload-identity",
	.help = "an application with a federated token (Kubernetes, GitHub)",
	.app_only = true,
	.configured = configured,
	.open = open_file,
	.form = form,
	.close = close_file,
};
