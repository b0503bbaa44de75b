/* Views as the kernel sees them: groups, links in them, and what it is told when they change. */
#include "base/str.h"
#include "fs/fs.h"
#include "tests/lib/check.h"
#include "tests/lib/world.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>

#define PC(id, name, status)                                                         \
	"{\"id\":\"" id "\",\"managedDeviceName\":\"" name "\",\"status\":\"" status \
	"\",\"lastModifiedDateTime\":\"2026-11-22T09:30:15Z\"}"

static const char before[] = "{\"value\":[" PC("1", "A", "provisioned") "," PC(
	"2", "B", "provisioned") "," PC("3", "C", "failed") "]}";
/* B has failed, C has another name. */
static const char after[] = "{\"value\":[" PC("1", "A", "provisioned") "," PC(
	"2", "B", "failed") "," PC("3", "D", "failed") "]}";
/* Nobody has failed any more. */
static const char mended[] = "{\"value\":[" PC("1", "A", "provisioned") "," PC(
	"2", "B", "provisioned") "," PC("3", "D", "provisioned") "]}";

static void *look(void *arg)
{
	struct fuse_entry_out e;

	kernel_walk(((struct world *)arg)->kernel, "cloudPCs/by-status/none", &e);
	return NULL;
}

static void refresh(void *arg)
{
	graph_store_refresh(((struct fs *)arg)->store);
}

/* Has the listing answered that @fn causes (NULL: a refresh does). */
static void answer(struct world *w, void *(*fn)(void *arg), const char *body)
{
	struct server_request *r;
	pthread_t t;

	if (fn)
		pthread_create(&t, NULL, fn, w);
	else
		world_post(w, refresh, w->fs);
	r = world_next(w, 5000);
	if (CHECK("one request", r && strstr(r->line, "/cloudPCs?")))
		world_answer(w, r, 200, "", body);
	server_request_free(r);
	if (fn)
		pthread_join(t, NULL);
	CHECK("and no other", world_quiet(w));
}

static uint64_t ino_of(struct world *w, const char *path)
{
	struct fuse_entry_out e;

	return kernel_walk(w->kernel, path, &e) < 0 ? 0 : e.nodeid;
}

static unsigned told(struct world *w, int code, uint64_t ino, unsigned want)
{
	for (unsigned i = 0; i < 200 && kernel_notified(w->kernel, code, ino) < want; i++)
		poll(NULL, 0, 5);
	poll(NULL, 0, 20);
	return kernel_notified(w->kernel, code, ino);
}

/* The names in a directory, sorted: "a b c". */
static const char *names(struct world *w, const char *path)
{
	static char out[4096];
	struct kernel_entry list[32];
	int n = kernel_readdir(w->kernel, ino_of(w, path), 300, list, 32, NULL);

	*out = '\0';
	for (int left = n; left > 0; left--) {
		int first = -1;

		for (int i = 0; i < n; i++)
			if (*list[i].name &&
			    (first < 0 || strcmp(list[i].name, list[first].name) < 0))
				first = i;
		sprintf(out + strlen(out), "%s%s", *out ? " " : "", list[first].name);
		CHECK("with attributes", list[first].entry.nodeid);
		*list[first].name = '\0';
	}
	return out;
}

static void test_shape(struct world *w)
{
	struct fuse_entry_out e, item;
	char buf[300];

	CHECK_INT("a view is there without asking",
		  kernel_walk(w->kernel, "cloudPCs/by-status", &e), 0);
	CHECK_INT("a directory to look into", e.attr.mode, S_IFDIR | 0500);
	CHECK("nothing was asked", world_quiet(w));
	answer(w, look, before);
	CHECK_STR("a group for each value", names(w, "cloudPCs/by-status"), "failed provisioned");
	CHECK_STR("links in it", names(w, "cloudPCs/by-status/provisioned"), "A.json B.json");
	CHECK_STR("a view of what nobody has", names(w, "cloudPCs/by-user"), "(none)");
	CHECK_INT("no such group", kernel_walk(w->kernel, "cloudPCs/by-status/none", &e), -ENOENT);
	CHECK_INT("not in that group",
		  kernel_walk(w->kernel, "cloudPCs/by-status/failed/A.json", &e), -ENOENT);
	CHECK_INT("a group", kernel_walk(w->kernel, "cloudPCs/by-status/failed", &e), 0);
	CHECK_INT("is a directory", e.attr.mode, S_IFDIR | 0500);
	CHECK("of which the kernel may be sure as long as of the listing",
	      e.entry_valid > 20 && e.entry_valid <= 24 && e.attr_valid == e.entry_valid);
	CHECK_INT("found by its number",
		  kernel_getattr(w->kernel, e.nodeid, &(struct fuse_attr_out){ 0 }), 0);
	CHECK_INT("a link", kernel_walk(w->kernel, "cloudPCs/by-status/failed/C.json", &e), 0);
	CHECK_INT("is one", e.attr.mode, S_IFLNK | 0777);
	CHECK_INT("leads", kernel_readlink(w->kernel, e.nodeid, buf, sizeof(buf)), 12);
	CHECK_STR("to the file", buf, "../../C.json");
	CHECK_INT("has the size of its target", (int)e.attr.size, 12);
	kernel_walk(w->kernel, "cloudPCs/C.json", &item);
	CHECK("has the time of its item", item.attr.mtime == e.attr.mtime);
	CHECK("may be believed until the kernel is told otherwise", e.entry_valid >= 3600);
	CHECK("is one and the same in all views",
	      e.nodeid == ino_of(w, "cloudPCs/by-user/(none)/C.json"));
	CHECK_INT("its attributes are its item's",
		  kernel_getxattr(w->kernel, e.nodeid, "user.w365fs.id", buf, sizeof(buf)), 1);
	CHECK("all that with one listing", world_quiet(w));
}

static void test_changes(struct world *w)
{
	uint64_t view = ino_of(w, "cloudPCs/by-status"), user = ino_of(w, "cloudPCs/by-user"),
		 failed = ino_of(w, "cloudPCs/by-status/failed"),
		 fine = ino_of(w, "cloudPCs/by-status/provisioned"),
		 none = ino_of(w, "cloudPCs/by-user/(none)"),
		 link = ino_of(w, "cloudPCs/by-status/failed/C.json");
	struct fuse_attr_out a;

	kernel_forget_notifications(w->kernel);
	answer(w, NULL, before);
	CHECK_INT("no news, no words",
		  told(w, FUSE_NOTIFY_INVAL_INODE, 0, 0) + told(w, FUSE_NOTIFY_INVAL_ENTRY, 0, 0),
		  0);

	answer(w, NULL, after);
	CHECK_STR("the link has moved", names(w, "cloudPCs/by-status/failed"), "B.json D.json");
	CHECK_STR("away from where it was", names(w, "cloudPCs/by-status/provisioned"), "A.json");
	CHECK("numbers stay", ino_of(w, "cloudPCs/by-status/failed") == failed &&
				      ino_of(w, "cloudPCs/by-status/failed/D.json") == link);
	CHECK_INT("told: the link is gone from there", told(w, FUSE_NOTIFY_INVAL_ENTRY, fine, 1),
		  1);
	CHECK_INT("the old name from here", told(w, FUSE_NOTIFY_INVAL_ENTRY, failed, 1), 1);
	CHECK_INT("and from the view that shows all", told(w, FUSE_NOTIFY_INVAL_ENTRY, none, 1), 1);
	CHECK_INT("both have other links",
		  told(w, FUSE_NOTIFY_INVAL_INODE, fine, 1) +
			  told(w, FUSE_NOTIFY_INVAL_INODE, failed, 1),
		  2);
	CHECK("one link leads elsewhere", told(w, FUSE_NOTIFY_INVAL_INODE, link, 1) >= 1);
	CHECK_INT("the groups are the same",
		  told(w, FUSE_NOTIFY_INVAL_INODE, view, 0) +
			  told(w, FUSE_NOTIFY_INVAL_ENTRY, view, 0) +
			  told(w, FUSE_NOTIFY_INVAL_INODE, user, 0),
		  0);
	CHECK_INT("their times tell it", kernel_getattr(w->kernel, fine, &a), 0);
	CHECK("since now", a.attr.mtime + 60 > (uint64_t)time(NULL));

	kernel_forget_notifications(w->kernel);
	answer(w, NULL, mended);
	CHECK_INT("told: a group is gone", told(w, FUSE_NOTIFY_INVAL_ENTRY, view, 1), 1);
	CHECK_INT("so the view is another", told(w, FUSE_NOTIFY_INVAL_INODE, view, 1), 1);
	CHECK("it is gone", !ino_of(w, "cloudPCs/by-status/failed"));
	CHECK_INT("by its number, too", kernel_getattr(w->kernel, failed, &a), -ENOENT);
	CHECK_STR("nothing is in it", names(w, "cloudPCs/by-status"), "provisioned");
}

static uint64_t group;

static void *stand(void *arg)
{
	struct world *w = arg;
	struct fuse_attr_out a;

	CHECK_INT("the group is there", kernel_getattr(w->kernel, group, &a), 0);
	return NULL;
}

/* Who stands in a group and lists it again gets news when they are due: nothing else would ask for
 * them. */
static void test_standing(struct world *w)
{
	group = ino_of(w, "cloudPCs/by-status/provisioned");
	world_skip(w, 31000);
	answer(w, stand, before);
	CHECK_STR("the news are there", names(w, "cloudPCs/by-status/failed"), "C.json");
}

int main(void)
{
	struct world *w = world_new("", true);

	test_shape(w);
	test_changes(w);
	test_standing(w);
	world_free(w);
	return check_summary();
}
