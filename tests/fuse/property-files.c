/* Files are looked at, opened, written and closed: each with what must come of it. */
#include "base/macros.h"
#include "base/str.h"
#include "fs/file.h"
#include "fs/fs.h"
#include "tests/fuse/property.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

/* ---- names ---- */

bool is_resource(const char *name)
{
	return w365_ends(name, ".json") && name[0] != '.' && name[0] != '#';
}

struct item *shown(const char *name)
{
	char own[256];

	for (unsigned i = 0; i < P.n_items; i++) {
		if (!P.items[i].seen)
			continue;
		name_of(P.items[i].seen, own);
		if (w365_streq(own, name))
			return &P.items[i];
	}
	return NULL;
}

struct mf *local(const char *name)
{
	for (struct mf *f = P.files; f < P.files + FILES; f++)
		if (f->used && f->kind != MF_ITEM && !f->unlinked && w365_streq(f->name, name))
			return f;
	return NULL;
}

bool exists(const char *name)
{
	const struct item *it = shown(name);

	return local(name) || (it && !it->hidden);
}

struct mf *mf_of(const struct item *it)
{
	for (struct mf *f = P.files; f < P.files + FILES; f++)
		if (f->used && f->kind == MF_ITEM && f->item == it)
			return f;
	return NULL;
}

struct mf *mf_new(enum mf_kind kind, const char *name)
{
	for (struct mf *f = P.files; f < P.files + FILES; f++) {
		if (f->used)
			continue;
		*f = (struct mf){ .used = true, .kind = kind, .rejected = -1 };
		snprintf(f->name, sizeof(f->name), "%s", name);
		return f;
	}
	wrong("the test has no room for another file");
}

void mf_settle(struct mf *f)
{
	if (f->opens || (f->kind != MF_ITEM && !f->unlinked))
		return;
	free(f->text);
	*f = (struct mf){ 0 };
}

/* ---- texts ---- */

void mf_set_len(struct mf *f, size_t len)
{
	f->text = realloc(f->text, len + 1);
	if (len > f->len)
		memset(f->text + f->len, 0, len - f->len);
	f->text[len] = '\0';
	f->len = len;
}

static void load(struct mf *f)
{
	if (f->loaded)
		return;
	free(f->text);
	f->text = render(f->item->seen);
	f->len = strlen(f->text);
	f->loaded = true;
}

static void changed(struct mf *f)
{
	f->changes++;
	f->loaded = true;
}

/* The text that a program finds under a name. The caller frees it. */
static char *text_of(const char *name, size_t *ret_len)
{
	struct mf *f = local(name);
	struct item *it = f ? NULL : shown(name);
	char *text;

	if (it && !it->hidden)
		f = mf_of(it);
	if (f && f->loaded) {
		*ret_len = f->len;
		text = malloc(f->len + 1);
		memcpy(text, f->len ? f->text : "", f->len);
		text[f->len] = '\0';
		return text;
	}
	if (!it || it->hidden)
		return NULL;
	text = render(it->seen);
	*ret_len = strlen(text);
	return text;
}

/* ---- looking ---- */

/* What was hidden for too long shows again, or is gone. */
static void expire(void)
{
	for (unsigned i = 0; i < P.n_items; i++) {
		struct item *it = &P.items[i];

		if (!it->hidden || graph_loop_now(P.w->loop) < it->until)
			continue;
		while (it->removes && P.w->fs->saves)
			world_step(P.w);
		MUST(!it->removes || !it->alive || P.fault_percent,
		     "%s was taken away, and is still there", string_in(it->now, "displayName"));
		it->hidden = it->removes = false;
	}
}

int op_look(const char *name, struct fuse_entry_out *e)
{
	unsigned lists;
	int r;

	/* What it is answered from may be replaced right after the answer. */
	do {
		lists = P.lists;
		r = kernel_lookup(P.w->kernel, P.dir, name, e);
		world_settle(P.w);
		expire();
	} while (P.lists != lists);
	P.ops++;
	return r;
}

void mf_hide(struct item *it, bool removes)
{
	it->hidden = true;
	it->removes = removes;
	it->until = graph_loop_now(P.w->loop) + HIDDEN_MS;
}

void op_wait(uint64_t ms)
{
	tell("%llu ms pass", (unsigned long long)ms);
	world_skip(P.w, ms);
	world_settle(P.w);
	expire();
}

void op_lookup(const char *name)
{
	struct fuse_entry_out e;
	size_t len = 0;
	char *text;
	int r = op_look(name, &e);

	text = text_of(name, &len);
	tell("lookup %s: %d", name, r);
	MUST(r == (text ? 0 : -ENOENT), "lookup of %s gives %d", name, r);
	MUST(!text || e.attr.size == len, "%s has %zu bytes, its size is %llu", name, len,
	     (unsigned long long)e.attr.size);
	free(text);
}

char *op_cat(const char *name, size_t *ret_len)
{
	struct fuse_entry_out e;
	size_t len = 0;
	char *want, *got;
	struct item *it;
	int r = op_look(name, &e), n = 0;

	want = text_of(name, &len);
	tell("read %s: %d", name, r);
	MUST(r == (want ? 0 : -ENOENT), "lookup of %s gives %d", name, r);
	if (!want)
		return NULL;
	got = calloc(1, len + 4096);
	if (!local(name) || local(name)->kind != MF_LINK)
		n = kernel_read(P.w->kernel, e.nodeid, 0, (uint32_t)(len + 4095), 0, got);
	else
		n = kernel_readlink(P.w->kernel, e.nodeid, got, len + 4095);
	MUST(n == (int)len && memcmp(got, want, len) == 0 && e.attr.size == len,
	     "%s reads\n%s\n(%d bytes, of size %llu) instead of\n%s\n(%zu bytes)", name, got, n,
	     (unsigned long long)e.attr.size, want, len);
	it = local(name) ? NULL : shown(name);
	if (it && !(mf_of(it) && mf_of(it)->loaded))
		it->last_read = it->seen;
	free(want);
	*ret_len = len;
	return got;
}

/* ---- opening and closing ---- */

static void opened(struct handle *h, struct mf *f, uint32_t flags)
{
	h->f = f;
	f->opens++;
	f->ino = h->h.ino;
	if (flags & O_TRUNC) {
		mf_set_len(f, 0);
		changed(f);
	}
}

int op_open(const char *name, uint32_t flags, struct handle *ret)
{
	struct fuse_entry_out e;
	struct mf *f;
	struct item *it;
	int r = op_look(name, &e);

	MUST((r == 0) == exists(name), "lookup of %s before it is opened gives %d", name, r);
	if (r < 0)
		return r;
	r = kernel_open(P.w->kernel, e.nodeid, flags, &ret->h);
	P.ops++;
	tell("open %s%s%s: %d", name, flags & O_TRUNC ? ", truncated" : "",
	     (flags & O_ACCMODE) == O_RDONLY ? ", to read" : "", r);
	MUST(r == 0, "open of %s gives %d", name, r);
	f = local(name);
	it = f ? NULL : shown(name);
	if (!f && (flags & O_ACCMODE) == O_RDONLY && !mf_of(it)) {
		P.read_by_us[P.n_read++ % ARRAY_SIZE(P.read_by_us)] = e.nodeid;
		ret->f = NULL;
		return 0;
	}
	if (it && (flags & O_ACCMODE) == O_RDONLY)
		P.read_by_us[P.n_read++ % ARRAY_SIZE(P.read_by_us)] = e.nodeid;
	if (it && !(f = mf_of(it))) {
		f = mf_new(MF_ITEM, name);
		f->item = it;
	}
	opened(ret, f, flags);
	return 0;
}

int op_create(const char *name, uint32_t flags, struct handle *ret)
{
	struct fuse_entry_out e;
	struct item *it;
	struct mf *f;
	bool there;
	int r;

	op_look(name, &e);
	there = exists(name);
	r = kernel_create(P.w->kernel, P.dir, name, flags, &e, &ret->h);
	P.ops++;
	tell("create %s%s: %d", name, flags & O_EXCL ? ", which must not be there" : "", r);
	MUST(r == (there && (flags & O_EXCL) ? -EEXIST : 0), "create of %s gives %d", name, r);
	if (r < 0)
		return r;
	f = local(name);
	it = f ? NULL : shown(name);
	if (it && it->hidden) {
		it->hidden = it->removes = false;
		flags |= O_TRUNC;
	}
	if (it) {
		f = mf_of(it);
		if (!f) {
			f = mf_new(MF_ITEM, name);
			f->item = it;
		}
	} else if (!f) {
		f = mf_new(MF_LOCAL, name);
		f->loaded = true;
		mf_set_len(f, 0);
	}
	opened(ret, f, flags);
	return 0;
}

int op_write(struct handle *h, const char *text, size_t n, uint64_t off)
{
	struct mf *f = h->f;
	int r;

	if (!f->loaded && !f->item->seen) {
		r = kernel_write(P.w->kernel, &h->h, text, n, off);
		MUST(r == -ESTALE, "write to %s, which is gone, gives %d", f->name, r);
		return r;
	}
	load(f);
	if (h->h.flags & O_APPEND)
		off = f->len;
	r = kernel_write(P.w->kernel, &h->h, text, n, off);
	P.ops++;
	tell("write %zu bytes at %llu to %s: %d", n, (unsigned long long)off, f->name, r);
	MUST(r == (int)n, "write to %s gives %d", f->name, r);
	if (off + n > f->len)
		mf_set_len(f, off + n);
	memcpy(f->text + off, text, n);
	changed(f);
	return r;
}

int op_truncate(struct handle *h, uint64_t size, bool by_handle)
{
	struct mf *f = h->f;
	bool gone = !f->loaded && !f->item->seen;
	int r = kernel_truncate(P.w->kernel, h->h.ino, by_handle ? &h->h : NULL, size);

	P.ops++;
	tell("truncate %s to %llu: %d", f->name, (unsigned long long)size, r);
	MUST(r == (gone ? -ESTALE : 0), "truncate of %s gives %d", f->name, r);
	if (gone)
		return r;
	load(f);
	mf_set_len(f, size);
	changed(f);
	return r;
}

void op_release(struct handle *h)
{
	int r = kernel_release(P.w->kernel, &h->h);

	P.ops++;
	tell("close %s: %d", h->f ? h->f->name : "what was read", r);
	MUST(r == 0, "release gives %d", r);
	if (!h->f)
		return;
	h->f->opens--;
	mf_settle(h->f);
	h->f = NULL;
}

/* ---- what else can be made ---- */

int op_symlink(const char *name, const char *target)
{
	struct fuse_entry_out e;
	bool there = exists(name);
	struct mf *f;
	int r = kernel_symlink(P.w->kernel, P.dir, name, target, &e);

	P.ops++;
	tell("symlink %s: %d", name, r);
	MUST(r == (there ? -EEXIST : 0), "symlink %s gives %d", name, r);
	if (r < 0)
		return r;
	f = mf_new(MF_LINK, name);
	f->loaded = true;
	f->text = strdup(target);
	f->len = strlen(target);
	f->saved = f->changes;
	return r;
}

int op_mknod(const char *name)
{
	struct fuse_entry_out e;
	bool there = exists(name);
	struct mf *f;
	int r = kernel_mknod(P.w->kernel, P.dir, name, S_IFREG | 0600, &e);

	P.ops++;
	tell("mknod %s: %d", name, r);
	MUST(r == (there ? -EEXIST : 0), "mknod %s gives %d", name, r);
	if (r < 0)
		return r;
	f = mf_new(MF_LOCAL, name);
	f->loaded = true;
	mf_set_len(f, 0);
	return r;
}
