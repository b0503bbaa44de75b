/* Names: moved, exchanged, removed. What a text becomes when it is moved over an item is fs/save.c's.
 */
#include "base/macros.h"
#include "base/str.h"
#include "fs/access.h"
#include "fs/kept.h"
#include "fs/ops.h"
#include "fs/save.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>

/* What exists under a name for a program that looks. */
static bool exists(const struct fs_spot *s)
{
	return s->file || (s->item && !s->hidden) || (s->node && !s->item);
}

void fs_note_refusal(struct fs *fs, const struct fs_spot *s, const struct w365_err *err)
{
	char path[FS_PATH_MAX + 260];

	if (s->node || !s->family)
		snprintf(path, sizeof(path), "%s", s->name);
	else
		snprintf(path, sizeof(path), "%s/%s", fs_save_folder(s->family), s->name);
	fs_note(fs, path, err);
}

static void refuse(const struct fs_request *r, const struct fs_spot *s, int error,
		   const char *sentence)
{
	struct w365_err err;

	w365_err_set(&err, error, "%s", sentence);
	fs_note_refusal(r->fs, s, &err);
	fuse_reply_err(r->req, error);
}

/* ---- rename ---- */

static void move_file(const struct fs_request *r, struct fs_file *f, const struct fs_spot *to)
{
	int error = fs_file_rename(f, to->dir, to->name);

	if (error == 0 && to->file)
		fs_file_unlink(r->fs, to->file);
	if (error == 0)
		f->family = to->family;
	fuse_reply_err(r->req, -error);
}

static void swap_files(const struct fs_request *r, struct fs_file *a, struct fs_file *b)
{
	char *name = a->name;

	a->name = b->name;
	b->name = name;
	fuse_reply_err(r->req, 0);
}

static void rename_file(const struct fs_request *r, const struct fs_spot *from,
			const struct fs_spot *to)
{
	struct fs_file *f = from->file;
	bool exchange = r->flags & RENAME_EXCHANGE;

	if (exchange && to->file) {
		swap_files(r, f, to->file);
	} else if (!fs_name_is_resource(to->name)) {
		move_file(r, f, to);
	} else if (f->kind == FS_FILE_LINK) {
		fuse_reply_err(r->req, EPERM);
	} else if (fs_file_rename_refused(f, to->name, graph_loop_now(r->fs->loop))) {
		fuse_reply_err(r->req, f->refused.num);
	} else if (f->save) {
		fuse_reply_err(r->req, EBUSY);
	} else if (to->item) {
		fs_save_over(r->fs, r->req, f, to, exchange);
	} else {
		fs_save_as(r->fs, r->req, f, to);
	}
}

/* An editor's backup: the text is kept under the other name, and the item waits to be written anew.
 */
static void set_aside(const struct fs_request *r, const struct fs_spot *from,
		      const struct fs_spot *to)
{
	struct fs_file *f;
	int error = fs_file_new(r->fs, FS_FILE_LOCAL, to->dir, to->name, from->family, 0600, &f);

	if (error < 0) {
		fuse_reply_err(r->req, -error);
		return;
	}
	error = fs_file_write(r->fs, f, from->item->text, from->item->text_len, 0);
	if (error == 0)
		error = fs_hide(r->fs, from, false);
	f->modified = (struct timespec){ from->item->modified / 1000000000,
					 from->item->modified % 1000000000 };
	f->saved = f->changes;
	if (error == 0 && to->file)
		fs_file_unlink(r->fs, to->file);
	if (error < 0)
		fs_file_unlink(r->fs, f);
	fuse_reply_err(r->req, -error);
}

static void rename_item(const struct fs_request *r, const struct fs_spot *from,
			const struct fs_spot *to)
{
	bool exchange = r->flags & RENAME_EXCHANGE;
	struct w365_err err;

	if (exchange && to->file && to->file->kind == FS_FILE_LOCAL) {
		fs_save_over(r->fs, r->req, to->file, from, true);
	} else if (exchange || to->item) {
		refuse(r, from, EPERM,
		       "an item cannot take the place of another one: copy what is to be changed "
		       "into its text");
	} else if (!fs_name_is_resource(to->name)) {
		set_aside(r, from, to);
	} else if (to->file) {
		fuse_reply_err(r->req, EEXIST);
	} else if (fs_may(r->fs, graph_family_collection(from->family), GRAPH_UPDATE, &err) < 0) {
		fs_note_refusal(r->fs, from, &err);
		fuse_reply_err(r->req, err.num);
	} else {
		fs_save_name(r->fs, r->req, from, to->name);
	}
}

static void rename_known(const struct fs_request *r, struct graph_family *family,
			 struct graph_snapshot *snap)
{
	struct fs_spot from, to;

	fs_spot_find(r->fs, r->ino, r->name, snap, &from);
	fs_spot_find(r->fs, r->to_dir, r->to_name, snap, &to);
	/* In the root each fixed entry has a family of its own. */
	if (from.node && from.family != family)
		from.item = NULL;
	if (to.node && to.family != family)
		to.item = NULL;
	if (!from.file && (!from.item || from.hidden) && !from.node)
		fuse_reply_err(r->req, ENOENT);
	else if ((r->flags & RENAME_NOREPLACE) && exists(&to))
		fuse_reply_err(r->req, EEXIST);
	else if ((r->flags & RENAME_EXCHANGE) && !exists(&to))
		fuse_reply_err(r->req, ENOENT);
	else if ((from.node && !from.item) || (to.node && !to.item))
		fuse_reply_err(r->req, EPERM); /* a directory, or a file that the program writes */
	else if (from.file)
		rename_file(r, &from, &to);
	else
		rename_item(r, &from, &to);
}

void fs_op_rename(fuse_req_t req, fuse_ino_t parent, const char *name, fuse_ino_t to_dir,
		  const char *to_name, unsigned flags)
{
	struct fs_request r = fs_request(req, parent);
	struct graph_family *f;

	r.name = name;
	r.to_dir = to_dir;
	r.to_name = to_name;
	r.flags = flags;
	r.go = rename_known;
	if (!r.fs->config->rw) {
		fuse_reply_err(req, EROFS);
	} else if (flags & ~(unsigned)(RENAME_NOREPLACE | RENAME_EXCHANGE)) {
		fuse_reply_err(req, EINVAL);
	} else if (parent != to_dir) {
		fuse_reply_err(req, EXDEV); /* mv(1) then copies, and removes */
	} else if (!fs_dir_takes_files(r.fs, parent)) {
		fuse_reply_err(req, EPERM);
	} else if (strlen(to_name) > 255) {
		fuse_reply_err(req, ENAMETOOLONG);
	} else {
		f = fs_spot_family(r.fs, to_dir, to_name);
		if (!f)
			f = fs_spot_family(r.fs, parent, name);
		if (f)
			fs_await(&r, f);
		else
			rename_known(&r, NULL, NULL);
	}
}

/* ---- unlink ---- */

/*
 * Programs that take a file away in order to write it anew at once, by unlink(2) and open(2): their
 * unlink cannot be told from rm's but by their name. Those of the second kind also remove what they
 * have copied elsewhere; then they have read it before.
 */
static const struct replacer {
	const char *comm;
	bool reads_first;
} replacers[] = {
	{ "install", false }, { "ginstall", false }, { "git", false },    { "cp", false },
	{ "mv", true },       { "tar", false },      { "bsdtar", false }, { "unzip", false },
	{ "patch", false },   { "vim", false },      { "vi", false },     { "emacs", false },
	{ "rsync", true },    { "ln", false },
};

static bool has_read(const struct fs *fs, pid_t pid, uint64_t ino)
{
	for (size_t i = 0; i < ARRAY_SIZE(fs->readers); i++)
		if (fs->readers[i].pid == pid && fs->readers[i].ino == ino)
			return true;
	return false;
}

static bool replaces(const struct fs_request *r, uint64_t ino)
{
	pid_t pid = fuse_req_ctx(r->req)->pid;
	char path[64], comm[32] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	f = fopen(path, "re");
	if (!f)
		return false;
	if (fgets(comm, sizeof(comm), f))
		comm[strcspn(comm, "\n")] = '\0';
	fclose(f);
	for (size_t i = 0; i < ARRAY_SIZE(replacers); i++)
		if (w365_streq(comm, replacers[i].comm))
			return !replacers[i].reads_first || !has_read(r->fs, pid, ino);
	return false;
}

static void unlink_known(const struct fs_request *r, struct graph_family *family,
			 struct graph_snapshot *snap)
{
	const struct graph_collection *c = graph_family_collection(family);
	struct fs_spot spot;
	struct w365_err err;
	bool may;

	fs_spot_find(r->fs, r->ino, r->name, snap, &spot);
	if (!spot.item || spot.hidden) {
		fuse_reply_err(r->req, ENOENT);
		return;
	}
	may = r->fs->config->deletes && fs_may(r->fs, c, GRAPH_DELETE, NULL) == 0;
	if (replaces(r, spot.ino)) {
		fuse_reply_err(r->req, -fs_hide(r->fs, &spot, may));
	} else if (may) {
		fs_save_delete(r->fs, r->req, &spot);
	} else if (fs_may(r->fs, c, GRAPH_DELETE, &err) < 0) {
		fs_note_refusal(r->fs, &spot, &err);
		fuse_reply_err(r->req, err.num);
	} else {
		refuse(r, &spot, EPERM,
		       "nothing is removed on this mount: mount it with -o rw,delete");
	}
}

void fs_op_unlink(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct fs_request r = fs_request(req, parent);
	struct graph_family *f;
	struct fs_file *file;
	struct fs_place p;

	r.name = name;
	r.go = unlink_known;
	if (!r.fs->config->rw) {
		fuse_reply_err(req, EROFS);
		return;
	}
	if (fs_place_of(r.fs, parent, &p) && fs_place_kept(&p)) {
		fuse_reply_err(req, -fs_kept_unlink(r.fs, &p, name));
		return;
	}
	file = fs_file_by_name(r.fs, parent, name);
	f = fs_spot_family(r.fs, parent, name);
	if (file && file->save) {
		fuse_reply_err(req, EBUSY);
	} else if (file) {
		fs_file_unlink(r.fs, file);
		fuse_reply_err(req, 0);
	} else if (f && fs_dir_takes_files(r.fs, parent)) {
		fs_await(&r, f);
	} else {
		fuse_reply_err(req, EPERM);
	}
}

/* Collections are the service's. */
void fs_op_mkdir(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode)
{
	const struct fs *fs = fuse_req_userdata(req);

	fuse_reply_err(req, fs->config->rw ? EPERM : EROFS);
}

void fs_op_rmdir(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct fs *fs = fuse_req_userdata(req);
	struct fs_place p;

	if (fs_place_of(fs, parent, &p) && fs_place_kept(&p))
		fuse_reply_err(req, -fs_kept_rmdir(fs, &p, name));
	else
		fuse_reply_err(req, fs->config->rw ? EPERM : EROFS);
}

void fs_op_link(fuse_req_t req, fuse_ino_t ino, fuse_ino_t parent, const char *name)
{
	const struct fs *fs = fuse_req_userdata(req);

	fuse_reply_err(req, fs->config->rw ? EPERM : EROFS);
}
