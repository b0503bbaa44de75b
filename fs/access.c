#include "fs/access.h"
#include "auth/auth.h"
#include "auth/claims.h"
#include "graph/plan.h"

#include <errno.h>
#include <stdio.h>

/* A token that cannot be read may allow anything: the service will say. */
static bool granted(const struct fs *fs, const struct graph_permission *p)
{
	const struct auth_claims *c = auth_claims(fs->auth);
	const char *name = auth_app_only(fs->auth) ? p->application : p->delegated;

	return !c || (name && auth_claims_have(c, name));
}

int fs_allowed(struct fs *fs, const struct graph_permission *p, const char *what,
	       struct w365_err *reterr)
{
	bool app = auth_app_only(fs->auth);
	const char *name = app ? p->application : p->delegated;

	if (!fs->config->rw)
		return w365_err_set(reterr, EROFS, "this mount is read-only: mount it with -o rw");
	if (granted(fs, p))
		return 0;
	if (!name)
		return w365_err_set(reterr, EACCES,
				    "%s: only a signed-in person may, no application: sign in by "
				    "'w365fs login -o rw'",
				    what);
	return w365_err_set(reterr, EACCES, "%s needs the permission %s: %s", what, name,
			    app ? "have it granted by 'w365fs register --app-only --read-write'"
				: "sign in again by 'w365fs login -o rw'");
}

static bool possible(const struct graph_collection *c, enum graph_verb verb,
		     enum graph_version version)
{
	switch (verb) {
	case GRAPH_CREATE: return graph_creatable(c, version);
	case GRAPH_UPDATE: return graph_updatable(c, version);
	case GRAPH_DELETE: return graph_deletable(c, version);
	default: return true;
	}
}

bool fs_writable(struct fs *fs, const struct graph_collection *c)
{
	enum graph_version v = fs->config->version;

	return fs->config->rw &&
	       (graph_updatable(c, v) || graph_creatable(c, v) || graph_deletable(c, v));
}

/* The row that says what changing an item needs: one singleton is changed by making it. */
static enum graph_verb changing(const struct graph_collection *c, enum graph_version version)
{
	return c->methods[GRAPH_UPDATE].versions & version ? GRAPH_UPDATE : GRAPH_CREATE;
}

bool fs_may_write(struct fs *fs, const struct graph_collection *c)
{
	enum graph_version v = fs->config->version;

	return fs->config->rw && graph_updatable(c, v) &&
	       granted(fs, &c->methods[changing(c, v)].permission);
}

int fs_may(struct fs *fs, const struct graph_collection *c, enum graph_verb verb,
	   struct w365_err *reterr)
{
	static const struct {
		const char *doing, *done;
	} words[GRAPH_VERBS] = { [GRAPH_CREATE] = { "making", "made" },
				 [GRAPH_UPDATE] = { "changing", "changed" },
				 [GRAPH_DELETE] = { "removing", "removed" } };
	enum graph_verb row = verb == GRAPH_UPDATE ? changing(c, fs->config->version) : verb;
	char what[FS_PATH_MAX];

	if (fs->config->rw && !possible(c, verb, fs->config->version))
		return w365_err_set(reterr, EPERM, "%s cannot be %s by their files", c->name,
				    words[verb].done);
	snprintf(what, sizeof(what), "%s %s", words[verb].doing, c->name);
	return fs_allowed(fs, &c->methods[row].permission, what, reterr);
}
