/* Extended attributes: what a file does not show in its text. */
#include "base/buf.h"
#include "base/macros.h"
#include "base/str.h"
#include "base/time.h"
#include "fs/answers.h"
#include "fs/ops.h"
#include "fs/refusal.h"
#include "graph/query.h"

#include <errno.h>

#define PREFIX "user.w365fs."

/* What there is to say of a file or directory. @it is NULL of a directory. */
struct subject {
	struct fs *fs;
	uint64_t ino;
	const struct graph_collection *collection;
	struct graph_family *family;
	struct graph_snapshot *snap;
	const struct graph_item *it;
	const struct fs_answer *answer; /* of a file whose name is a question */
	enum graph_version version;
};

static bool say_id(const struct subject *s, struct w365_buf *out)
{
	if (!s->it || !s->it->id_len)
		return false;
	w365_buf_add(out, s->it->id, s->it->id_len);
	return true;
}

static bool say_url(const struct subject *s, struct w365_buf *out)
{
	if (!s->collection && !s->answer)
		return false;
	w365_buf_addf(out, "/%s", graph_version_name(s->version));
	if (s->answer)
		return fs_answer_url(s->answer, out);
	if (s->it && s->collection->kind != GRAPH_SINGLETON)
		graph_query_item(out, s->collection, s->it->id, s->it->id_len);
	else
		w365_buf_adds(out, s->collection->path);
	return true;
}

static bool say_fetched(const struct subject *s, struct w365_buf *out)
{
	char when[W365_TIME_MAX];
	time_t t = s->snap ? s->snap->wall.tv_sec : 0;

	if (!s->snap && !(s->answer && fs_answer_fetched(s->answer, &t)))
		return false;
	w365_buf_adds(out, w365_time_format(t, when));
	return true;
}

static bool say_error(const struct subject *s, struct w365_buf *out)
{
	const struct graph_family_stats *stats =
		s->family && !s->it ? graph_family_stats(s->family) : NULL;
	const char *refused = fs_refusal_of(s->fs, s->ino);

	if (refused) {
		w365_buf_adds(out, refused);
		return true;
	}
	if (!stats || !stats->last.num)
		return false;
	w365_buf_adds(out, stats->last.msg);
	return true;
}

static const struct {
	const char *name;
	bool (*say)(const struct subject *s, struct w365_buf *out); /* false: there is none */
} attributes[] = {
	{ PREFIX "id", say_id },
	{ PREFIX "url", say_url },
	{ PREFIX "fetched", say_fetched },
	{ PREFIX "error", say_error },
};

static void reply(const struct fs_request *r, const struct w365_buf *value)
{
	if (value->failed)
		fuse_reply_err(r->req, ENOMEM);
	else if (!r->size)
		fuse_reply_xattr(r->req, value->len);
	else if (value->len > r->size)
		fuse_reply_err(r->req, ERANGE);
	else
		fuse_reply_buf(r->req, value->data, value->len);
}

static void answer(const struct fs_request *r, const struct subject *s)
{
	_cleanup_(w365_buf_done) struct w365_buf value = W365_BUF, all = W365_BUF;

	for (size_t i = 0; i < ARRAY_SIZE(attributes); i++) {
		if (r->name && !w365_streq(r->name, attributes[i].name))
			continue;
		w365_buf_reset(&value);
		if (!attributes[i].say(s, &value))
			continue;
		if (r->name) {
			reply(r, &value);
			return;
		}
		w365_buf_add(&all, attributes[i].name, strlen(attributes[i].name) + 1);
	}
	if (r->name)
		fuse_reply_err(r->req, ENODATA);
	else
		reply(r, &all);
}

static void answer_item(const struct fs_request *r, struct graph_family *f,
			struct graph_snapshot *snap)
{
	struct subject s = { .fs = r->fs,
			     .ino = r->ino,
			     .collection = snap->collection,
			     .family = f,
			     .snap = snap,
			     .it = fs_item_of(snap, r->ino),
			     .version = r->fs->config->version };

	if (s.it)
		answer(r, &s);
	else
		fuse_reply_err(r->req, ENOENT);
}

static void ask(struct fs_request *r)
{
	static const struct w365_buf none = { 0 };
	struct fs_place p;

	if (!fs_place_of(r->fs, r->ino, &p)) {
		fuse_reply_err(r->req, ENOENT);
	} else if (p.answer) {
		answer(r, &(struct subject){ .fs = r->fs,
					     .ino = r->ino,
					     .answer = p.answer,
					     .version = r->fs->config->version });
	} else if (p.file) {
		answer(r, &(struct subject){ .fs = r->fs, .ino = r->ino });
	} else if (!p.collection) {
		if (r->name)
			fuse_reply_err(r->req, ENODATA);
		else
			reply(r, &none);
	} else if (p.kind == FS_INO_DAY ||
		   (p.kind == FS_INO_NODE && p.node->kind != FS_NODE_SINGLETON)) {
		/* Of a directory what is known is told: asking for its attributes does not list it.
		 */
		answer(r,
		       &(struct subject){ .fs = r->fs,
					  .ino = r->ino,
					  .collection = p.collection,
					  .family = p.family,
					  .snap = p.family ? graph_family_snapshot(p.family) : NULL,
					  .version = r->fs->config->version });
	} else {
		r->go = answer_item;
		fs_await(r, p.family);
	}
}

void fs_op_getxattr(fuse_req_t req, fuse_ino_t ino, const char *name, size_t size)
{
	struct fs_request r = fs_request(req, ino);

	if (!r.fs->config->xattrs) {
		fuse_reply_err(req, ENOSYS);
		return;
	}
	/* Not ENODATA: ls gives up asking for ACLs and labels once it has seen that there are none.
	 */
	if (!w365_starts(name, "user.")) {
		fuse_reply_err(req, EOPNOTSUPP);
		return;
	}
	if (!w365_starts(name, PREFIX)) {
		fuse_reply_err(req, ENODATA);
		return;
	}
	r.name = name;
	r.size = size;
	ask(&r);
}

void fs_op_listxattr(fuse_req_t req, fuse_ino_t ino, size_t size)
{
	struct fs_request r = fs_request(req, ino);

	if (!r.fs->config->xattrs) {
		fuse_reply_err(req, ENOSYS);
		return;
	}
	r.size = size;
	ask(&r);
}
