#include "fs/save.h"
#include "base/json-write.h"
#include "base/macros.h"
#include "base/str.h"
#include "fs/access.h"
#include "fs/names.h"
#include "fs/saving.h"
#include "graph/plan.h"

#include <errno.h>
#include <string.h>

const char *fs_save_folder(const struct graph_family *f)
{
	return graph_family_collection(f)->name;
}

/* A save that is about the item of @spot. */
static struct fs_saving about_item(enum fs_saving_kind kind, struct fs_file *f,
				   const struct fs_spot *spot)
{
	return (struct fs_saving){ .kind = kind,
				   .family = spot->family,
				   .file = f,
				   .name = spot->name,
				   .id = spot->item->id_len ? spot->item->id : "",
				   .id_len = spot->item->id_len,
				   .ino = spot->ino };
}

/* ---- close, fsync ---- */

/* What a local file of a resource's name says that it is: 1 a new item, 0 a draft, -errno nothing
 * that could be sent. */
static int identify(struct fs *fs, const struct fs_file *f, struct graph_family *family,
		    struct w365_err *reterr)
{
	int r = graph_text_id(w365_buf_str(&f->text), f->text.len, NULL, reterr);

	if (r == -ENODATA)
		return w365_err_set(reterr, EINVAL, "an empty text is not sent");
	if (r < 0)
		return r;
	if (r == 1)
		return 0;
	r = fs_may(fs, graph_family_collection(family), GRAPH_CREATE, reterr);
	return r < 0 ? r : 1;
}

void fs_save(struct fs *fs, fuse_req_t req, struct fs_file *f)
{
	struct fs_saving about = { .kind = FS_SAVING_TEXT,
				   .family = f->family,
				   .file = f,
				   .name = f->name,
				   .id = f->id,
				   .id_len = f->id ? strlen(f->id) : 0,
				   .ino = f->kind == FS_FILE_ITEM ? f->ino : 0 };
	struct w365_err err = { 0 };
	int r = 1;

	/* Nothing was written yet: a shell closes one of two descriptors before its program begins. */
	if (!fs_file_dirty(f) || !f->text.len || f->kind == FS_FILE_LINK ||
	    (f->unlinked && !f->id) || !f->family || !fs_name_is_resource(f->name)) {
		fuse_reply_err(req, 0);
		return;
	}
	if (f->save) {
		fs_saving_wait(f->save, req);
		return;
	}
	if (!f->id)
		r = identify(fs, f, f->family, &err);
	else if (graph_text_id(f->text.data, f->text.len, NULL, &err) == -ENODATA)
		r = w365_err_set(&err, EINVAL, "an empty text is not sent: the file is as it was");
	if (r < 0) {
		fs_saving_refuse(fs, req, &about, &err);
	} else if (r == 0) { /* a draft stays here */
		f->saved = f->changes;
		f->refused = (struct w365_err){ 0 };
		fuse_reply_err(req, 0);
	} else {
		fs_saving_begin(fs, req, &about, f->text.data, f->text.len);
	}
}

/* ---- rename ---- */

void fs_save_over(struct fs *fs, fuse_req_t req, struct fs_file *f, const struct fs_spot *target,
		  bool exchange)
{
	struct fs_saving about = about_item(exchange ? FS_SAVING_SWAP : FS_SAVING_OVER, f, target);
	struct w365_err err = { 0 };
	int r = fs_may(fs, graph_family_collection(target->family), GRAPH_UPDATE, &err);

	if (r == 0)
		r = graph_text_id(w365_buf_str(&f->text), f->text.len, NULL, &err);
	if (r == -ENODATA)
		w365_err_set(&err, EINVAL, "an empty text is not sent: the file is as it was");
	if (r < 0)
		fs_saving_refuse(fs, req, &about, &err);
	else
		fs_saving_begin(fs, req, &about, f->text.data, f->text.len);
}

void fs_save_as(struct fs *fs, fuse_req_t req, struct fs_file *f, const struct fs_spot *target)
{
	struct fs_saving about = {
		.kind = FS_SAVING_AS, .family = target->family, .file = f, .name = target->name
	};
	struct w365_err err = { 0 };
	int r = target->family ? identify(fs, f, target->family, &err) : 0;

	if (r < 0) {
		fs_saving_refuse(fs, req, &about, &err);
	} else if (r == 0) { /* a draft of another name */
		r = fs_file_rename(f, target->dir, target->name);
		f->family = target->family;
		fuse_reply_err(req, -r);
	} else {
		fs_saving_begin(fs, req, &about, f->text.data, f->text.len);
	}
}

void fs_save_name(struct fs *fs, fuse_req_t req, const struct fs_spot *item, const char *name)
{
	_cleanup_(w365_buf_done) struct w365_buf stem = W365_BUF, text = W365_BUF;
	const struct graph_collection *c = graph_family_collection(item->family);
	struct fs_saving about = about_item(FS_SAVING_NAME, NULL, item);
	struct w365_jw w = { .out = &text, .compact = true };

	if (!c->name_from[0] || !fs_name_decode(&stem, name, strlen(name) - strlen(FS_SUFFIX))) {
		fuse_reply_err(req, c->name_from[0] ? EINVAL : EPERM);
		return;
	}
	w365_jw_open(&w, '{');
	w365_jw_pair(&w, c->name_from[0], w365_buf_str(&stem));
	w365_jw_close(&w, '}');
	if (text.failed || stem.failed)
		fuse_reply_err(req, ENOMEM);
	else
		fs_saving_begin(fs, req, &about, text.data, text.len);
}

/* ---- unlink ---- */

void fs_save_delete(struct fs *fs, fuse_req_t req, const struct fs_spot *item)
{
	struct fs_saving about = about_item(FS_SAVING_DELETE, NULL, item);

	fs_saving_begin(fs, req, &about, "", 0);
}

void fs_save_delete_later(struct fs *fs, struct graph_family *f, const char *id)
{
	struct graph_snapshot *snap = graph_family_snapshot(f);
	const struct fs_listing *l = snap ? fs_listing_of(snap) : NULL;
	const struct graph_item *it = l ? graph_snapshot_by_id(snap, id, strlen(id)) : NULL;
	char name[256];

	if (!it)
		return;
	fs_listing_entry(snap, l, it, name);
	fs_save_delete(
		fs, NULL,
		&(struct fs_spot){ .name = name,
				   .family = f,
				   .item = it,
				   .ino = fs_ino(FS_INO_ITEM, snap->collection, 0, it->key) });
}
