/* What follows from the options, wherever they are from. */
#include "auth/cache.h"
#include "auth/clouds.h"
#include "base/macros.h"
#include "base/str.h"
#include "fs/keyring.h"
#include "fs/options.h"
#include "graph/loop.h"

#include <errno.h>

static uint64_t seconds(double given, double otherwise)
{
	return (uint64_t)((given >= 0 ? given : otherwise) * 1000);
}

static uint64_t own_ttl(void *arg, const struct graph_collection *c)
{
	const struct fs_options *o = arg;

	for (unsigned i = 0; i < o->n_own_ttl; i++)
		if (w365_streq(o->own_ttl[i].collection->name, c->name))
			return o->own_ttl[i].ms;
	return 0;
}

static void settle_store(struct fs_options *o)
{
	o->http = (struct graph_http_config){ .ca_file = o->ca_file,
					      .unix_socket = o->unix_socket,
					      .timeout_ms = seconds(o->timeout, 30) };
	o->client.deadline_ms = seconds(o->deadline, 120);
	o->store = (struct graph_store_config){
		.version = o->fs.version,
		.live_ms = seconds(o->ttl, 30),
		.configuration_ms = seconds(o->ttl, 60),
		.catalogue_ms = 3600 * 1000,
		.past_ms = 24 * 3600 * 1000,
		.log_bytes = (size_t)256 << 20,
		.patience_ms = seconds(o->patience, 3),
		.stale_ms = seconds(o->stale, 24 * 3600),
		.deadline_ms = seconds(o->deadline, 120),
		.own_ttl = own_ttl,
		.own_ttl_arg = o,
	};
}

int fs_options_absolute(char **path, struct w365_err *reterr)
{
	_cleanup_(w365_freep) char *here = NULL;
	char *longer;

	if (!*path || **path == '/')
		return 0;
	here = getcwd(NULL, 0);
	if (!here)
		return w365_err_set(reterr, errno, "'%s': this directory is gone: %m", *path);
	if (asprintf(&longer, "%s/%s", here, *path) < 0)
		return w365_err_oom(reterr);
	free(*path);
	*path = longer;
	return 0;
}

/* Where texts are kept that must not be lost: a folder a tenant. */
static int settle_keep(struct fs_options *o, struct w365_err *reterr)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME"),
		   *tenant = *o->fs.tenant ? o->fs.tenant : "default";
	int n;

	if (state && *state == '/')
		n = asprintf(&o->keep, "%s/w365fs/%s", state, tenant);
	else if (home && *home == '/')
		n = asprintf(&o->keep, "%s/.local/state/w365fs/%s", home, tenant);
	else
		return w365_err_set(reterr, EINVAL,
				    "-o rw: set HOME or XDG_STATE_HOME: texts that the service "
				    "refuses are kept there");
	if (n < 0)
		return w365_err_oom(reterr);
	for (char *p = o->keep + n - strlen(tenant); *p; p++)
		if (*p == '/')
			*p = '_';
	o->fs.keep = o->keep;
	return 0;
}

/* "https://host/" is "https://host": it is part of the key of what is kept. */
static const char *authority_of(struct fs_options *o, const struct auth_cloud *cloud)
{
	size_t n = o->authority ? strlen(o->authority) : 0;

	if (n && o->authority[n - 1] == '/')
		o->authority[n - 1] = '\0';
	return o->authority ? o->authority : cloud->authority;
}

/* A file that somebody names is a plain file; the usual one is sealed where that can be. */
static int settle_token_cache(struct fs_options *o, struct w365_err *reterr)
{
	bool keyring = w365_streq(o->token_cache ? o->token_cache : "", "keyring");

	o->sealing = keyring          ? AUTH_SEAL_ALWAYS
		     : o->token_cache ? AUTH_SEAL_NEVER
				      : AUTH_SEAL_MAYBE;
	if (o->token_cache && !keyring)
		return fs_options_absolute(&o->token_cache, reterr);
	if (keyring && !fs_keyring_program())
		return w365_err_set(
			reterr, EINVAL,
			"--token-cache=keyring: this w365fs was built without libsecret; leave it away, or give a file");
	free(o->token_cache);
	o->token_cache = auth_cache_path();
	return 0;
}

int fs_options_settle(struct fs_options *o, struct w365_err *reterr)
{
	const struct auth_cloud *cloud;
	struct graph_part part;
	int r = fs_options_environment(o, reterr);

	o->credential_given = fs_options_credential(o);
	o->reading = "the configuration file";
	if (r == 0)
		r = fs_options_file(o, o->config, reterr);
	if (r < 0)
		return r;
	cloud = auth_cloud_find(o->cloud ? o->cloud : auth_clouds[0].name);
	if (!cloud)
		return w365_err_set(
			reterr, EINVAL,
			"--cloud=%.40s is not known: it is global, usgov, usgov-dod or china",
			o->cloud);
	r = fs_options_part(o, &part, reterr);
	if (r < 0)
		return r;
	if (o->assertion && !w365_streq(o->assertion, "ps256") &&
	    !w365_streq(o->assertion, "rs256"))
		return w365_err_set(reterr, EINVAL,
				    "--assertion=%.40s is not known: it is ps256 or rs256",
				    o->assertion);
	/* The daemon leaves this directory. */
	r = settle_token_cache(o, reterr);
	if (r < 0 || (r = fs_options_absolute(&o->ca_file, reterr)) < 0 ||
	    (r = fs_options_absolute(&o->unix_socket, reterr)) < 0 ||
	    (r = fs_options_absolute(&o->federated_token_file, reterr)) < 0)
		return r;
	if (o->ca_file && access(o->ca_file, R_OK) < 0)
		return w365_err_set(reterr, EINVAL, "cannot read --ca-file=%.200s: %m", o->ca_file);
	o->fs = (struct fs_config){
		.version = part.version,
		.endpoint = o->graph_endpoint ? o->graph_endpoint : cloud->graph,
		.tenant = o->tenant ? o->tenant : "",
		.client_id = o->client_id ? o->client_id : "",
		.uid = o->uid >= 0 ? (uid_t)o->uid : getuid(),
		.gid = o->gid >= 0 ? (gid_t)o->gid : getgid(),
		.umask = o->umask >= 0 ? (mode_t)o->umask : 0077,
		.xattrs = !o->noxattr,
		.rw = o->rw,
		.deletes = o->rw && o->deletes,
		.lax = o->lax,
		.destructive = o->destructive,
		.dry_run = o->dry_run,
		.max_targets = o->max_targets >= 0 ? (uint64_t)o->max_targets : 100,
		.deadline_ms = seconds(o->deadline, 120),
		.own = part.own,
		.with = part.with,
	};
	graph_needs(&part, o->rw, o->permissions);
	if (o->rw && (r = settle_keep(o, reterr)) < 0)
		return r;
	o->client = (struct graph_client_config){ .origin = o->fs.endpoint,
						  .version = graph_version_name(o->fs.version),
						  .token_cache = o->token_cache };
	o->auth_config = (struct auth_config){
		.grant = o->auth ? o->auth : "auto",
		.authority = authority_of(o, cloud),
		.tenant = o->tenant,
		.client_id = o->client_id,
		.resource = cloud->graph,
		.scope = o->scope,
		.client_secret = o->client_secret,
		.client_secret_file = o->client_secret_file,
		.certificate = o->certificate,
		.certificate_key = o->certificate_key,
		.certificate_password_file = o->certificate_password_file,
		.federated_token_file = o->federated_token_file,
		.token_cache = o->token_cache,
		.keyring = fs_keyring_program(),
		.sealing = o->sealing,
		.login_hint = o->account,
		.permissions = o->permissions,
		.rs256 = o->assertion && w365_streq(o->assertion, "rs256"),
	};
	settle_store(o);
	return 0;
}
