/* .w365fs/rejected/ and .w365fs/history/ as the kernel sees them. */
#include "base/macros.h"
#include "base/str.h"
#include "fs/keep.h"
#include "fs/kept.h"
#include "tests/disk/texts.h"
#include "tests/lib/world.h"

#define A_ITEM ".w365fs/rejected/" FAMILY "/A b"

/* Whatever is done to the files is done in the loop's thread. */
static void open_it(void *arg)
{
	struct world *w = arg;

	w->fs->keep = open_keep(NULL);
}

static void refuse_one(void *arg)
{
	struct world *w = arg;

	refuse(w->fs->keep, "A b.json", "refused");
}

static void replace_many(void *arg)
{
	struct world *w = arg;
	char name[32];

	for (int i = 0; i < 30; i++) {
		snprintf(name, sizeof(name), "%02d.json", i);
		replace(w->fs->keep, name, "version", true);
	}
}

struct removal {
	struct world *w;
	uint64_t parent;
	const char *name;
	int file, folder;
};

static void remove_it(void *arg)
{
	struct removal *r = arg;
	struct fs_place p;

	r->file = r->folder = -ENOENT;
	if (!fs_place_of(r->w->fs, r->parent, &p) || !fs_place_kept(&p))
		return;
	r->file = fs_kept_unlink(r->w->fs, &p, r->name);
	r->folder = fs_kept_rmdir(r->w->fs, &p, r->name);
}

static struct removal removing(struct world *w, uint64_t parent, const char *name)
{
	struct removal r = { .w = w, .parent = parent, .name = name };

	world_post(w, remove_it, &r);
	return r;
}

static int list(struct world *w, const char *path, uint32_t size, struct kernel_entry *ret, int max)
{
	struct fuse_entry_out e;
	int r = kernel_walk(w->kernel, path, &e);

	return r < 0 ? r : kernel_readdir(w->kernel, e.nodeid, size, ret, max, NULL);
}

static void test_absent(struct world *w)
{
	struct kernel_entry found_entries[16];
	struct fuse_entry_out e;
	int n = list(w, ".w365fs", 4096, found_entries, 16);

	CHECK_INT("a mount that saves nothing has none",
		  kernel_walk(w->kernel, ".w365fs/rejected", &e), -ENOENT);
	for (int i = 0; i < n; i++)
		CHECK("nor lists it", !w365_streq(found_entries[i].name, "rejected") &&
					      !w365_streq(found_entries[i].name, "history"));
}

static void test_there(struct world *w)
{
	struct kernel_entry list_of[16];
	struct fuse_entry_out e, part;
	struct fuse_attr_out attr;
	int n, dirs = 0, err;
	char *text, path[600], buf[8];

	world_post(w, open_it, w);
	n = list(w, ".w365fs", 4096, list_of, 16);
	for (int i = 0; i < n; i++)
		dirs += w365_streq(list_of[i].name, "rejected") ||
			w365_streq(list_of[i].name, "history");
	CHECK_INT("both are listed where they are", dirs, 2);
	CHECK_INT("refused texts", kernel_walk(w->kernel, ".w365fs/rejected", &part), 0);
	CHECK_INT("are in a folder", part.attr.mode, S_IFDIR | 0700);
	CHECK("of which nothing is believed for long", part.attr_valid == 0);
	CHECK_INT("empty", list(w, ".w365fs/rejected", 4096, list_of, 16), 0);

	world_post(w, refuse_one, w);
	CHECK_INT("the folder's attributes", kernel_getattr(w->kernel, part.nodeid, &attr), 0);
	CHECK("are others at once, so that it is read again",
	      attr.attr.mtimensec != part.attr.mtimensec || attr.attr.mtime != part.attr.mtime);
	CHECK_INT("a family", list(w, ".w365fs/rejected", 4096, list_of, 16), 1);
	CHECK_STR("by its name", list_of[0].name, FAMILY);
	CHECK_INT("an item", list(w, ".w365fs/rejected/" FAMILY, 4096, list_of, 16), 1);
	CHECK_STR("by its name", list_of[0].name, "A b");
	CHECK_INT("text and sentence", list(w, A_ITEM, 4096, list_of, 16), 2);
	for (int i = 0; i < n && i < 2; i++) {
		bool json = w365_ends(list_of[i].name, ".json");

		CHECK_INT("may be read", list_of[i].entry.attr.mode, S_IFREG | 0400);
		CHECK_INT("of their size", (int)list_of[i].entry.attr.size, json ? 7 : 17);
		snprintf(path, sizeof(path), A_ITEM "/%s", list_of[i].name);
		text = kernel_cat(w->kernel, path, &err);
		CHECK_STR("read", text, json ? "refused" : "line 3: not JSON\n");
		free(text);
	}
	CHECK_INT("by its number", kernel_getattr(w->kernel, list_of[0].entry.nodeid, &attr), 0);
	CHECK("the same", attr.attr.ino == list_of[0].entry.nodeid && attr.attr_valid == 0);
	CHECK_INT("a piece", kernel_read(w->kernel, list_of[0].entry.nodeid, 3, 4, 0, buf), 4);
	CHECK_INT("no such file", kernel_walk(w->kernel, A_ITEM "/x", &e), -ENOENT);
	CHECK_INT("a folder is not read", kernel_read(w->kernel, part.nodeid, 0, 4, 0, buf),
		  -EISDIR);
	CHECK_INT("nor a file listed",
		  kernel_readdir(w->kernel, list_of[0].entry.nodeid, 4096, list_of + 2, 1, NULL),
		  -ENOTDIR);
	CHECK_INT("it has no attributes of the extended kind",
		  kernel_getxattr(w->kernel, list_of[0].entry.nodeid, NULL, buf, sizeof(buf)), 0);
	CHECK("nobody was asked", world_quiet(w));
}

static void test_many(struct world *w)
{
	struct kernel_entry all[64], pieces[64];
	struct fuse_entry_out e;
	int n, requests;

	world_post(w, replace_many, w);
	CHECK_INT("many items", list(w, ".w365fs/history/" FAMILY, 65536, all, 64), 30);
	kernel_walk(w->kernel, ".w365fs/history/" FAMILY, &e);
	n = kernel_readdir(w->kernel, e.nodeid, 1024, pieces, 64, &requests);
	CHECK("in pieces", requests > 3);
	CHECK_INT("the same", n, 30);
	for (int i = 0; i < n; i++)
		CHECK("each by its number", all[i].entry.nodeid == pieces[i].entry.nodeid);
}

static void test_removed(struct world *w)
{
	struct kernel_entry list_of[16];
	struct fuse_entry_out part, family, item;
	struct removal r;

	kernel_walk(w->kernel, ".w365fs/rejected", &part);
	kernel_walk(w->kernel, ".w365fs/rejected/" FAMILY, &family);
	kernel_walk(w->kernel, A_ITEM, &item);
	list(w, A_ITEM, 4096, list_of, 16);
	r = removing(w, family.nodeid, "A b");
	CHECK_INT("rm of a folder", r.file, -EISDIR);
	CHECK_INT("rmdir of one that is not empty", r.folder, -ENOTEMPTY);
	for (int i = 0; i < 2; i++)
		CHECK_INT("rm", removing(w, item.nodeid, list_of[i].name).file, 0);
	CHECK_INT("it is gone",
		  kernel_getattr(w->kernel, list_of[0].entry.nodeid, &(struct fuse_attr_out){ 0 }),
		  -ENOENT);
	CHECK_INT("rmdir", removing(w, family.nodeid, "A b").folder, 0);
	CHECK_INT("and above", removing(w, part.nodeid, FAMILY).folder, 0);
	CHECK_INT("nothing is left", list(w, ".w365fs/rejected", 4096, list_of, 16), 0);
	CHECK_INT("rm of nothing", removing(w, part.nodeid, "x").file, -ENOENT);
	CHECK_INT("elsewhere nothing is removed", removing(w, 1, "README.md").file, -ENOENT);
}

int main(void)
{
	struct world *w = world_new("", true);

	folder_new(NULL);
	test_absent(w);
	test_there(w);
	test_many(w);
	test_removed(w);
	world_free(w);
	folder_done();
	return check_summary();
}
