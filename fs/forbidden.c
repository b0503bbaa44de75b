#include "fs/forbidden.h"
#include "auth/auth.h"
#include "auth/claims.h"
#include "base/str.h"
#include "fs/attr.h"
#include "fs/notify.h"

#include <errno.h>
#include <string.h>

/* What the kernel would cut a READ to is told by the size: of an empty file it reads nothing, and whoever
 * may pass the mode by, root, would take it for one. */
#define SIZE 1

static bool closes(const struct fs_place *p)
{
	if (p->kind == FS_INO_DAY)
		return true;
	return p->node && (p->node->kind == FS_NODE_COLLECTION || p->node->kind == FS_NODE_LOG ||
			   p->node->kind == FS_NODE_SINGLETON);
}

struct graph_family *fs_forbidden(struct fs *fs, const struct fs_place *p)
{
	return p->collection && closes(p) ? graph_store_refused(fs->store, p->collection) : NULL;
}

static void forbidden_entry(struct fs *fs, const struct graph_family *f, uint64_t ino,
			    struct fuse_entry_param *e)
{
	fs_attr_file(fs, ino, SIZE, fs->started.tv_sec * 1000000000LL, 0, &e->attr);
	e->ino = ino;
	e->entry_timeout = e->attr_timeout = fs_seconds(graph_family_refusal_life(f));
}

bool fs_forbidden_singleton(const struct fs_request *r, const struct graph_family *f,
			    struct fuse_entry_param *e)
{
	if (!r->failure || r->failure->http != 403)
		return false;
	forbidden_entry(r->fs, f, r->ino, e);
	return true;
}

/* The service has answered, or will not: it is shown as it is now. */
static void getattr_known(const struct fs_request *r, struct graph_family *f,
			  struct graph_snapshot *snap)
{
	struct fs_place p;
	struct stat st;
	uint64_t life;

	if (!fs_place_of(r->fs, r->ino, &p)) {
		fuse_reply_err(r->req, ENOENT);
		return;
	}
	fs_attr_dir(r->fs, r->ino, &p, &st, &life);
	fuse_reply_attr(r->req, &st, fs_seconds(life));
}

void fs_forbidden_getattr(struct fs_request *r, struct graph_family *refused)
{
	r->go = getattr_known;
	r->anyway = true;
	fs_await(r, refused);
}

void fs_forbidden_enter(struct fs_request *r, struct graph_family *refused,
			void (*go)(const struct fs_request *r, struct graph_family *f,
				   struct graph_snapshot *snap))
{
	r->go = go;
	fs_await(r, refused);
}

/* Names in it, too: root, whom modes do not stop, would go on by what the kernel believes of them. */
void fs_forbidden_turned(struct fs *fs, struct graph_family *f)
{
	const struct fs_node *n = fs_tree_of(fs->tree, graph_family_collection(f));

	if (!n || !fs->notifier)
		return;
	for (const struct fs_node *c = n->children; c; c = c->next)
		fs_notify_entry(fs->notifier, n->ino, c->name);
	fs_notify_inode(fs->notifier, n->ino);
	if (n->kind == FS_NODE_SINGLETON)
		fs_notify_entry(fs->notifier, n->parent->ino, n->name);
}

static uint64_t hash(uint64_t seed, const char *words)
{
	return words ? w365_hash(words, strlen(words), seed) : seed;
}

void fs_forbidden_token(struct fs *fs)
{
	const struct auth_claims *c = auth_claims(fs->auth);
	uint64_t allowed = c ? hash(hash(hash(1, c->scopes), c->roles), c->wids) : 0;

	/* What cannot be read may have changed. */
	if (allowed && allowed == fs->allowed)
		return;
	fs->allowed = allowed;
	for (struct graph_family *f = NULL; (f = graph_store_next(fs->store, f));)
		graph_family_ask_again(f);
}
