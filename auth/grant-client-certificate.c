/* An application that proves itself by a signature: nothing secret crosses the wire. */
#include "auth/certificate.h"
#include "auth/grant.h"
#include "base/macros.h"

#include <errno.h>

static bool configured(const struct auth_config *c)
{
	return c->certificate;
}

static int open_certificate(const struct auth_config *c, const struct auth_clock *now,
			    void **ret_state, struct w365_err *reterr)
{
	struct auth_certificate *cert;
	int r;

	if (!c->certificate)
		return w365_err_set(
			reterr, EINVAL,
			"the certificate is missing: give --certificate or set AZURE_CLIENT_CERTIFICATE_PATH");
	r = auth_certificate_load(c->certificate, c->certificate_key, c->certificate_password_file,
				  now->wall, &cert, reterr);
	if (r == 0)
		*ret_state = cert;
	return r;
}

static int form(void *state, const struct auth_context *x, struct w365_buf *form,
		struct w365_err *reterr)
{
	w365_buf_adds(form, "&grant_type=client_credentials&" AUTH_ASSERTION);
	return auth_certificate_assertion(state, x->config->client_id, x->token_url, x->now.wall,
					  x->config->rs256, form, reterr);
}

static const char *thumbprint(const void *state)
{
	return auth_certificate_thumbprint(state);
}

static int64_t expires(const void *state)
{
	return auth_certificate_expires(state);
}

static void close_certificate(void *state)
{
	auth_certificate_free(state);
}

const struct auth_grant auth_grant_client_certificate = {
	.name = "client-certificate",
	.help = "an application with a certificate (PEM or PFX, RSA)",
	.app_only = true,
	.configured = configured,
	.open = open_certificate,
	.form = form,
	.thumbprint = thumbprint,
	.expires = expires,
	.close = close_certificate,
};
