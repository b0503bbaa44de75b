/* auth/clouds.h - Microsoft's national clouds: who signs in where, and where its Graph is. */
#pragma once

/** Apps, tokens and tenants do not cross clouds. */
struct auth_cloud {
	const char *name;      /* value of --cloud */
	const char *authority; /* origin of the sign-in service */
	const char *graph;     /* origin of Graph */
	const char *help;
};

extern const struct auth_cloud auth_clouds[]; /* ended by a NULL name; the first is the default */

/** By name; NULL if there is none. */
const struct auth_cloud *auth_cloud_find(const char *name);
