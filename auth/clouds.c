#include "auth/clouds.h"
#include "base/str.h"

const struct auth_cloud auth_clouds[] = {
	{ "global", "https://login.microsoftonline.com", "https://graph.microsoft.com",
	  "worldwide, US GCC included" },
	{ "usgov", "https://login.microsoftonline.us", "https://graph.microsoft.us",
	  "US Government L4 (GCC High)" },
	{ "usgov-dod", "https://login.microsoftonline.us", "https://dod-graph.microsoft.us",
	  "US Government L5 (DoD)" },
	{ "china", "https://login.partner.microsoftonline.cn",
	  "https://microsoftgraph.chinacloudapi.cn",
	  "operated by 21Vianet; has no Windows 365 yet" },
	{ NULL, NULL, NULL, NULL },
};

const struct auth_cloud *auth_cloud_find(const char *name)
{
	for (const struct auth_cloud *c = auth_clouds; c->name; c++)
		if (w365_streq(c->name, name))
			return c;
	return NULL;
}
