/* A snapshot is replaced: the kernel is told what changed and nothing else; readers get whole
 * texts. */
#include "base/macros.h"
#include "base/str.h"
#include "fs/invalidate.h"
#include "fs/ioctl.h"
#include "tests/lib/check.h"
#include "tests/lib/world.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>

#define ITEM(id, name, extra) "{\"id\":\"" id "\",\"displayName\":\"" name "\"" extra "}"

static const char before[] =
	"{\"value\":[" ITEM("1", "same", "") "," ITEM("2", "changes", "") "," ITEM(
		"3", "goes", "") "," ITEM("4", "renamed", "") "," ITEM("5", "alone", "") "]}";
static const char after[] = "{\"value\":[" ITEM("1", "same", "") "," ITEM(
	"2", "changes",
	",\"version\":\"much longer than before\"") "," ITEM("4", "other",
							     "") "," ITEM("5", "alone",
									  "") "," ITEM("6", "alone",
										       "") "]}";

struct job {
	struct world *w;
	const char *path; /* to list; NULL: to refresh deviceImages */
};

static void *use(void *arg)
{
	const struct job *j = arg;
	struct fuse_entry_out e;
	struct kernel_entry list[16];
	struct fs_refresh out;

	kernel_walk(j->w->kernel, "deviceImages", &e);
	if (j->path)
		kernel_readdir(j->w->kernel, e.nodeid, 65536, list, 16, NULL);
	else
		kernel_ioctl(j->w->kernel, e.nodeid, FS_IOC_REFRESH, &out, sizeof(out));
	return NULL;
}

static void answer(struct world *w, const char *path, const char *body)
{
	struct job j = { w, path };
	struct server_request *r;
	pthread_t t;

	pthread_create(&t, NULL, use, &j);
	r = world_next(w, 5000);
	CHECK("it is listed", r != NULL);
	world_answer(w, r, 200, "", body);
	server_request_free(r);
	pthread_join(t, NULL);
}

/* The notifier's words come from another thread. */
static unsigned told(struct world *w, int code, uint64_t ino, unsigned want)
{
	for (unsigned i = 0; i < 200 && kernel_notified(w->kernel, code, ino) < want; i++)
		poll(NULL, 0, 5);
	poll(NULL, 0, 20);
	return kernel_notified(w->kernel, code, ino);
}

static uint64_t ino_of(struct world *w, const char *path)
{
	struct fuse_entry_out e;

	return kernel_walk(w->kernel, path, &e) < 0 ? 0 : e.nodeid;
}

static void test_notifications(struct world *w)
{
	uint64_t dir = ino_of(w, "deviceImages"), by_id = ino_of(w, "deviceImages/by-id"), same,
		 changes, goes, renamed, link4, link5;

	answer(w, "deviceImages", before);
	same = ino_of(w, "deviceImages/same.json");
	changes = ino_of(w, "deviceImages/changes.json");
	goes = ino_of(w, "deviceImages/goes.json");
	renamed = ino_of(w, "deviceImages/renamed.json");
	link4 = ino_of(w, "deviceImages/by-id/4.json");
	link5 = ino_of(w, "deviceImages/by-id/5.json");
	CHECK_INT("the first listing tells the kernel nothing",
		  told(w, FUSE_NOTIFY_INVAL_INODE, 0, 0), 0);

	answer(w, NULL, before);
	CHECK_INT("a refresh without news tells it nothing", told(w, FUSE_NOTIFY_INVAL_INODE, 0, 0),
		  0);

	answer(w, NULL, after);
	CHECK_INT("a changed text", told(w, FUSE_NOTIFY_INVAL_INODE, changes, 1), 1);
	CHECK_INT("an unchanged one is left alone", told(w, FUSE_NOTIFY_INVAL_INODE, same, 0), 0);
	CHECK_INT("what was renamed has another text, too",
		  told(w, FUSE_NOTIFY_INVAL_INODE, renamed, 1), 1);
	CHECK_INT("names that are gone: one lost, one renamed, one that has a namesake now",
		  told(w, FUSE_NOTIFY_INVAL_ENTRY, dir, 3), 3);
	CHECK_INT("the link of what is gone", told(w, FUSE_NOTIFY_INVAL_ENTRY, by_id, 1), 1);
	CHECK_INT("links that lead elsewhere",
		  told(w, FUSE_NOTIFY_INVAL_INODE, link4, 1) +
			  told(w, FUSE_NOTIFY_INVAL_INODE, link5, 1),
		  2);
	CHECK_INT("the directory, whose names are others", told(w, FUSE_NOTIFY_INVAL_INODE, dir, 1),
		  1);
	CHECK_INT("and that is all", told(w, FUSE_NOTIFY_INVAL_INODE, 0, 6), 6);
	CHECK("a renamed item keeps its number", ino_of(w, "deviceImages/other.json") == renamed);
	CHECK("namesakes both get their ids",
	      ino_of(w, "deviceImages/alone~5.json") && ino_of(w, "deviceImages/alone~6.json"));
	CHECK("what is gone is gone", !ino_of(w, "deviceImages/goes.json"));
	CHECK_INT("also by its number",
		  kernel_getattr(w->kernel, goes, &(struct fuse_attr_out){ 0 }), -ENOENT);
}

static struct graph_snapshot *kept;

static void keep(void *arg)
{
	struct fs *fs = arg;

	kept = graph_snapshot_ref(graph_family_snapshot(
		graph_store_known(fs->store, graph_collection_find("deviceImages"), 0)));
}

/* In the loop's thread, where the notifier's mark cannot arrive before this returns: what a READ
 * gets between the replacement and the kernel's knowing of it. */
static void pins(void *arg)
{
	struct fs *fs = arg;
	struct graph_family *f =
		graph_store_known(fs->store, graph_collection_find("deviceImages"), 0);
	struct graph_snapshot *s = graph_family_snapshot(f);
	const struct graph_item *is = graph_snapshot_by_id(s, "2", 1),
				*was = graph_snapshot_by_id(kept, "2", 1);
	const struct graph_item *same = graph_snapshot_by_id(s, "1", 1);
	uint64_t ino = fs_ino(FS_INO_ITEM, s->collection, 0, is->key);

	CHECK("unpinned: the present text", fs_pinned(fs, ino, is) == is);
	fs_invalidate(fs, f, kept, s);
	CHECK("pinned: the old text, whose size the kernel believes",
	      fs_pinned(fs, ino, is) == was);
	CHECK("what did not change is not pinned",
	      fs_pinned(fs, fs_ino(FS_INO_ITEM, s->collection, 0, same->key), same) == same);
	fs_invalidate(fs, f, kept, s);
	fs_believe(fs, ino);
	CHECK("once the new size was given out: the new text", fs_pinned(fs, ino, is) == is);
	fs_invalidate(fs, f, kept, s);
	kept = graph_snapshot_unref(kept);
	CHECK("the old texts live as long as they are pinned",
	      fs_pinned(fs, ino, is)->text[0] == '{');
}

static void pins_left(void *arg)
{
	CHECK("the notifier has been round: nothing is pinned any more", !((struct fs *)arg)->pins);
}

int main(void)
{
	struct world *w = world_new("ttl=1000", true);

	test_notifications(w);
	answer(w, NULL, before);
	world_post(w, keep, w->fs);
	answer(w, NULL, after);
	told(w, FUSE_NOTIFY_INVAL_INODE, 0, 0);
	world_post(w, pins, w->fs);
	poll(NULL, 0, 100);
	world_post(w, pins_left, w->fs);
	world_free(w);
	return check_summary();
}
