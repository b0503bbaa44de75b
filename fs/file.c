#include "fs/file.h"
#include "base/log.h"
#include "base/macros.h"
#include "base/str.h"
#include "fs/access.h"
#include "fs/attr.h"
#include "fs/keep.h"
#include "fs/names.h"
#include "fs/notify.h"
#include "fs/save.h"
#include "graph/plan.h"

#include <errno.h>
#include <string.h>

/* So long an item may be without its name while a program writes it anew. */
#define HIDDEN_MS 2000
/* The kernel tries a rename once more after ESTALE, at once. */
#define RENAME_AGAIN_MS 1000

/* ---- finding ---- */

bool fs_name_is_resource(const char *name)
{
	return w365_ends(name, FS_SUFFIX) && strlen(name) > strlen(FS_SUFFIX) && name[0] != '.' &&
	       name[0] != '#';
}

bool fs_dir_takes_files(struct fs *fs, uint64_t dir)
{
	const struct fs_node *n = fs_tree_by_ino(fs->tree, dir);

	if (!fs->config->rw || !n || !fs_node_is_dir(n))
		return false;
	return !n->parent || (n->kind == FS_NODE_COLLECTION && fs_writable(fs, n->collection));
}

static const struct fs_node *fixed_entry(struct fs *fs, uint64_t dir, const char *name)
{
	const struct fs_node *n = fs_tree_by_ino(fs->tree, dir);

	return n ? fs_node_child(n, name) : NULL;
}

struct graph_family *fs_spot_family(struct fs *fs, uint64_t dir, const char *name)
{
	const struct fs_node *child = fixed_entry(fs, dir, name);
	struct fs_place p;

	if (child)
		return child->kind == FS_NODE_SINGLETON
			       ? graph_store_family(fs->store, child->collection, 0)
			       : NULL;
	return fs_name_is_resource(name) && fs_place_of(fs, dir, &p) ? p.family : NULL;
}

struct fs_hidden *fs_hidden_of(const struct fs *fs, uint64_t ino)
{
	for (struct fs_hidden *h = fs->hidden; h; h = h->next)
		if (h->ino == ino)
			return h;
	return NULL;
}

void fs_spot_find(struct fs *fs, uint64_t dir, const char *name, struct graph_snapshot *snap,
		  struct fs_spot *ret)
{
	const struct fs_listing *l;
	struct fs_place p;

	*ret = (struct fs_spot){ .dir = dir,
				 .name = name,
				 .node = fixed_entry(fs, dir, name),
				 .family = fs_spot_family(fs, dir, name),
				 .file = fs_file_by_name(fs, dir, name) };
	if (!ret->family && fs_place_of(fs, dir, &p))
		ret->family = p.family;
	if (!snap)
		return;
	if (ret->node) {
		ret->item = snap->n_items ? &snap->items[0] : NULL;
		ret->ino = ret->node->ino;
	} else {
		l = fs_listing_of(snap);
		ret->item = l ? fs_listing_find(snap, l, name) : NULL;
		ret->ino = ret->item ? fs_ino(FS_INO_ITEM, snap->collection, 0, ret->item->key) : 0;
	}
	if (ret->item)
		ret->hidden = fs_hidden_of(fs, ret->ino);
}

struct fs_file *fs_file_by_ino(struct fs *fs, uint64_t ino)
{
	for (struct fs_file *f = fs->files; f; f = f->next)
		if (f->ino == ino)
			return f;
	return NULL;
}

struct fs_file *fs_file_by_name(struct fs *fs, uint64_t dir, const char *name)
{
	for (struct fs_file *f = fs->files; f; f = f->next)
		if (f->kind != FS_FILE_ITEM && !f->unlinked && f->dir == dir &&
		    w365_streq(f->name, name))
			return f;
	return NULL;
}

/* ---- coming and going ---- */

static void free_file(struct fs *fs, struct fs_file *f)
{
	if (f->link) {
		*f->link = f->next;
		if (f->next)
			f->next->link = f->link;
		else
			fs->last_file = f->link;
		fs->n_files--;
	}
	fs->file_bytes -= f->text.len;
	fs_wip_free(f->wip, false);
	w365_buf_done(&f->text);
	free(f->name);
	free(f->id);
	free(f->rename_to);
	free(f);
}

static int new_file(struct fs *fs, enum fs_file_kind kind, uint64_t dir, const char *name,
		    struct fs_file **ret)
{
	struct fs_file *f;

	if (fs->n_files >= FS_FILES_MANY)
		return -ENOSPC;
	f = calloc(1, sizeof(*f));
	if (!f)
		return -ENOMEM;
	f->kind = kind;
	f->dir = dir;
	f->text.secret = true; /* what is written may be a password */
	f->name = strdup(name);
	if (!f->name) {
		free_file(fs, f);
		return -ENOMEM;
	}
	clock_gettime(CLOCK_REALTIME, &f->modified);
	f->link = fs->last_file;
	*f->link = f;
	fs->last_file = &f->next;
	fs->n_files++;
	*ret = f;
	return 0;
}

int fs_file_new(struct fs *fs, enum fs_file_kind kind, uint64_t dir, const char *name,
		struct graph_family *family, mode_t mode, struct fs_file **ret)
{
	struct fs_file *f;
	int r = new_file(fs, kind, dir, name, &f);

	if (r < 0)
		return r;
	f->ino = (uint64_t)FS_INO_LOCAL << 60 | ++fs->local_numbers;
	f->family = family;
	f->mode = mode & 0777;
	f->loaded = true;
	*ret = f;
	return 0;
}

int fs_file_of_item(struct fs *fs, const struct fs_spot *spot, struct fs_file **ret)
{
	struct fs_file *f = fs_file_by_ino(fs, spot->ino);
	int r;

	if (!f) {
		r = new_file(fs, FS_FILE_ITEM, spot->dir, spot->name, &f);
		if (r < 0)
			return r;
		f->ino = spot->ino;
		f->family = spot->family;
		f->id = strndup(spot->item->id_len ? spot->item->id : "", spot->item->id_len);
		if (!f->id) {
			free_file(fs, f);
			return -ENOMEM;
		}
	}
	*ret = f;
	return 0;
}

void fs_file_settle(struct fs *fs, struct fs_file *f)
{
	if (f->opens || f->save)
		return;
	if (f->kind == FS_FILE_ITEM) {
		/* From now on the file is again what the service has; the kernel may have kept what
		 * was written. */
		if (fs->notifier && f->loaded)
			fs_notify_inode(fs->notifier, f->ino);
		free_file(fs, f);
	} else if (f->unlinked) {
		free_file(fs, f);
	}
}

void fs_file_unlink(struct fs *fs, struct fs_file *f)
{
	f->unlinked = true;
	fs_file_settle(fs, f);
}

int fs_file_rename(struct fs_file *f, uint64_t dir, const char *name)
{
	char *copy = strdup(name);

	if (!copy)
		return -ENOMEM;
	free(f->name);
	f->name = copy;
	f->dir = dir;
	return 0;
}

/* ---- texts ---- */

static int make_room(struct fs *fs, struct fs_file *f, uint64_t size)
{
	if (size > FS_FILE_MAX || fs->file_bytes - f->text.len + size > FS_FILES_MAX)
		return -ENOSPC;
	if (size <= f->text.len)
		return 0;
	return w365_buf_room(&f->text, size - f->text.len) ? 0 : -ENOMEM;
}

static void set_len(struct fs *fs, struct fs_file *f, size_t len)
{
	if (len > f->text.len)
		memset(f->text.data + f->text.len, 0, len - f->text.len);
	else if (f->text.data)
		explicit_bzero(f->text.data + len, f->text.len - len);
	fs->file_bytes += len - f->text.len;
	f->text.len = len;
	if (f->text.data)
		f->text.data[len] = '\0';
}

static void changed(struct fs_file *f)
{
	f->changes++;
	f->loaded = true;
	clock_gettime(CLOCK_REALTIME, &f->modified);
}

/* What may become an item is on the disk from its first byte on, unless it may hold a password: then
 * only once it is known where that stands. */
static int journal(struct fs *fs, struct fs_file *f)
{
	struct w365_err err;
	int r;

	if (f->wip || f->kind == FS_FILE_LINK || !f->family || !fs_name_is_resource(f->name) ||
	    graph_holds_secrets(graph_family_collection(f->family)))
		return 0;
	r = fs_wip_new(fs->keep, fs_save_folder(f->family), f->name, &f->wip, &err);
	if (r < 0)
		fs_note(fs, f->name, &err);
	if (r == 0 && f->text.len)
		r = fs_wip_write(f->wip, f->text.data, f->text.len, 0);
	return r;
}

int fs_file_load(struct fs *fs, struct fs_file *f, const char *text, size_t len)
{
	int r;

	if (f->loaded)
		return 0;
	r = make_room(fs, f, len);
	if (r < 0)
		return r;
	set_len(fs, f, len);
	if (len)
		memcpy(f->text.data, text, len);
	f->loaded = true;
	return 0;
}

int fs_file_write(struct fs *fs, struct fs_file *f, const void *p, size_t n, uint64_t off)
{
	int r = off > FS_FILE_MAX ? -ENOSPC : make_room(fs, f, MAX(off + n, f->text.len));

	if (r == 0)
		r = journal(fs, f);
	if (r == 0 && f->wip)
		r = fs_wip_write(f->wip, p, n, off);
	if (r < 0)
		return r;
	if (off + n > f->text.len)
		set_len(fs, f, off + n);
	if (n)
		memcpy(f->text.data + off, p, n);
	changed(f);
	return 0;
}

int fs_file_truncate(struct fs *fs, struct fs_file *f, uint64_t size)
{
	int r = make_room(fs, f, size);

	if (r == 0 && size)
		r = journal(fs, f);
	if (r == 0 && f->wip)
		r = fs_wip_truncate(f->wip, size);
	if (r < 0)
		return r;
	set_len(fs, f, size);
	changed(f);
	return 0;
}

void fs_file_set_text(struct fs *fs, struct fs_file *f, const struct w365_buf *text)
{
	if (make_room(fs, f, text->len) < 0)
		return;
	set_len(fs, f, text->len);
	if (text->len)
		memcpy(f->text.data, text->data, text->len);
	changed(f);
	f->saved = f->changes;
}

void fs_file_refuse_rename(struct fs_file *f, const char *to, uint64_t now)
{
	free(f->rename_to);
	f->rename_to = strdup(to);
	f->rename_changes = f->changes;
	f->rename_at = now;
}

bool fs_file_rename_refused(const struct fs_file *f, const char *to, uint64_t now)
{
	return f->rename_to && f->refused.num && w365_streq(f->rename_to, to) &&
	       f->rename_changes == f->changes && now - f->rename_at < RENAME_AGAIN_MS;
}

void fs_file_attr(struct fs *fs, const struct fs_file *f, struct stat *st)
{
	int64_t when = f->modified.tv_sec * 1000000000LL + f->modified.tv_nsec;

	if (f->kind == FS_FILE_LINK) {
		fs_attr_link(fs, f->ino, f->text.len, when, st);
		return;
	}
	fs_attr_file(fs, f->ino, f->text.len, when, 6, st);
	if (f->kind == FS_FILE_LOCAL)
		st->st_mode = S_IFREG | (f->mode & ~fs->config->umask);
}

/* ---- items without a name ---- */

static void free_hidden(struct fs_hidden *h)
{
	graph_timer_stop(&h->until);
	*h->link = h->next;
	if (h->next)
		h->next->link = h->link;
	free(h->id);
	free(h);
}

void fs_unhide(struct fs *fs, struct fs_hidden *h)
{
	if (fs->notifier)
		fs_notify_inode(fs->notifier, h->dir);
	free_hidden(h);
}

void fs_hide_on(struct fs *fs, struct fs_hidden *h)
{
	graph_timer_set(&h->until, graph_loop_now(fs->loop) + HIDDEN_MS);
}

/* Nobody has written it anew; unless that is under way, and merely takes its time. */
static void on_time_out(void *arg)
{
	struct fs_hidden *h = arg;

	if (fs_saving(h->fs, h->ino)) {
		fs_hide_on(h->fs, h);
		return;
	}
	if (h->removes)
		fs_save_delete_later(h->fs, h->family, h->id);
	fs_unhide(h->fs, h);
}

int fs_hide(struct fs *fs, const struct fs_spot *spot, bool removes)
{
	struct fs_hidden *h = calloc(1, sizeof(*h));

	if (!h)
		return -ENOMEM;
	h->id = strndup(spot->item->id_len ? spot->item->id : "", spot->item->id_len);
	if (!h->id) {
		free(h);
		return -ENOMEM;
	}
	h->fs = fs;
	h->family = spot->family;
	h->dir = spot->dir;
	h->ino = spot->ino;
	h->removes = removes;
	h->next = fs->hidden;
	h->link = &fs->hidden;
	if (h->next)
		h->next->link = &h->next;
	fs->hidden = h;
	graph_timer_init(&h->until, fs->loop, on_time_out, h);
	fs_hide_on(fs, h);
	return 0;
}

void fs_files_done(struct fs *fs)
{
	struct w365_err err;

	while (fs->hidden)
		free_hidden(fs->hidden);
	w365_err_set(&err, EINTR, "the mount was ended before it was sent");
	while (fs->files) {
		struct fs_file *f = fs->files;

		if (f->wip && f->text.len && !f->unlinked && !f->refused.num &&
		    fs_wip_reject(f->wip, &err) < 0)
			w365_warning("%s: the draft could not be kept", f->name);
		free_file(fs, f);
	}
}
