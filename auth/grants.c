#include "auth/grant.h"
#include "base/str.h"

#include <errno.h>

const struct auth_grant *const auth_grants[] = {
	&auth_grant_client_secret,
	&auth_grant_client_certificate,
	NULL,
};

int auth_grant_choose(const struct auth_config *c, const struct auth_grant **ret,
		      struct w365_err *reterr)
{
	bool automatic = w365_streq(c->grant, "auto");

	for (const struct auth_grant *const *g = auth_grants; *g; g++) {
		if (automatic ? !(*g)->configured(c) : !w365_streq((*g)->name, c->grant))
			continue;
		*ret = *g;
		return 0;
	}
	if (automatic)
		return w365_err_set(
			reterr, EINVAL,
			"no credential is configured: give --client-secret-file or --certificate, or set "
			"AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH");
	return w365_err_set(reterr, EINVAL,
			    "--auth=%.40s is not known; 'w365fs help mount' lists what is",
			    c->grant);
}
