/* An application that proves itself by a password. */
#include "auth/grant.h"
#include "base/file.h"
#include "base/macros.h"
#include "base/str.h"

#include <errno.h>

#define SECRET_MAX 4096 /* bytes; Entra's have about 40 */

static bool configured(const struct auth_config *c)
{
	return c->client_secret || c->client_secret_file;
}

static int open_secret(const struct auth_config *c, const struct auth_clock *now, void **ret_state,
		       struct w365_err *reterr)
{
	_cleanup_(w365_buf_done) struct w365_buf b = W365_BUF_SECRET;
	int r;

	if (c->client_secret_file) {
		r = w365_file_read(c->client_secret_file, SECRET_MAX, true, &b, reterr);
		if (r < 0)
			return r;
		/* Editors and echo end the line; a secret never does. */
		while (b.len && (b.data[b.len - 1] == '\n' || b.data[b.len - 1] == '\r'))
			b.data[--b.len] = '\0';
	} else if (c->client_secret) {
		w365_buf_adds(&b, c->client_secret);
	}
	if (b.failed)
		return w365_err_oom(reterr);
	if (!b.len && c->client_secret_file)
		return w365_err_set(reterr, EINVAL, "'%s' holds no client secret: it is empty",
				    c->client_secret_file);
	if (!b.len)
		return w365_err_set(
			reterr, EINVAL,
			"the client secret is missing: give --client-secret-file or set AZURE_CLIENT_SECRET");
	if (w365_is_guid(b.data))
		return w365_err_set(
			reterr, EINVAL,
			"that is the id of a client secret: what is needed is its value, which the portal "
			"shows once, when the secret is made");
	*ret_state = w365_buf_take(&b);
	return 0;
}

static int form(void *state, const struct auth_context *x, struct w365_buf *form,
		struct w365_err *reterr)
{
	w365_buf_adds(form, "&grant_type=client_credentials&client_secret=");
	w365_buf_add_url(form, state);
	return 0;
}

static void close_secret(void *state)
{
	w365_wipe_str(state);
}

const struct auth_grant auth_grant_client_secret = {
	.name = "client-secret",
	.help = "an application with a client secret",
	.app_only = true,
	.configured = configured,
	.open = open_secret,
	.form = form,
	.close = close_secret,
};
