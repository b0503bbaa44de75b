/* What the service does not let the sign-in read: its mode, that nothing in it is reached, and that the
 * kernel is told when it turns. */
#include "base/macros.h"
#include "fs/ioctl.h"
#include "tests/lib/check.h"
#include "tests/lib/world.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>

#define NO    "{\"error\":{\"code\":\"Forbidden\",\"message\":\"no\"}}"
#define ONE   "{\"value\":[{\"id\":\"1\",\"displayName\":\"one\"}]}"
#define TTL_S 60 /* of configuration */

/* One use of the mount, in a thread of its own. */
struct use {
	struct world *w;
	int (*fn)(struct world *w, const char *path);
	const char *path;
	int ret;
};

static void *use_run(void *arg)
{
	struct use *u = arg;

	u->ret = u->fn(u->w, u->path);
	return NULL;
}

/* Uses the mount, which has to cost one request: answers that. */
static int use(struct world *w, int (*fn)(struct world *w, const char *path), const char *path,
	       int status, const char *body)
{
	struct use u = { .w = w, .fn = fn, .path = path };
	struct server_request *r;
	pthread_t t;

	pthread_create(&t, NULL, use_run, &u);
	r = world_next(w, 5000);
	if (CHECK("one request", r != NULL))
		world_answer(w, r, status, "", body);
	server_request_free(r);
	pthread_join(t, NULL);
	CHECK("and no other", world_quiet(w));
	return u.ret;
}

static int list(struct world *w, const char *path)
{
	struct kernel_entry list[64];
	struct fuse_entry_out e;
	int r = kernel_walk(w->kernel, path, &e);

	return r < 0 ? r : kernel_readdir(w->kernel, e.nodeid, 65536, list, 64, NULL);
}

static int walk(struct world *w, const char *path)
{
	struct fuse_entry_out e;

	return kernel_walk(w->kernel, path, &e);
}

static uint64_t ino_of(struct world *w, const char *path)
{
	struct fuse_entry_out e;

	return kernel_walk(w->kernel, path, &e) < 0 ? 0 : e.nodeid;
}

/* The mode by GETATTR. */
static int mode(struct world *w, const char *path)
{
	struct fuse_attr_out a;
	int r = kernel_getattr(w->kernel, ino_of(w, path), &a);

	return r < 0 ? r : (int)a.attr.mode;
}

static unsigned told(struct world *w, int code, uint64_t ino)
{
	for (unsigned i = 0; i < 200 && !kernel_notified(w->kernel, code, ino); i++)
		poll(NULL, 0, 5);
	return kernel_notified(w->kernel, code, ino);
}

static int named(struct world *w, const char *name)
{
	struct kernel_entry list[64];
	int n = kernel_readdir(w->kernel, 1, 65536, list, ARRAY_SIZE(list), NULL);

	for (int i = 0; i < n; i++)
		if (strcmp(list[i].name, name) == 0)
			return (int)list[i].entry.attr.mode;
	return -ENOENT;
}

static void test_directory(struct world *w)
{
	uint64_t dir = ino_of(w, "userSettings");
	struct fuse_attr_out a;

	CHECK_INT("before anybody has looked", mode(w, "userSettings"), S_IFDIR | 0500);
	CHECK_INT("looked into", use(w, list, "userSettings", 403, NO), -EACCES);
	CHECK_INT("it is closed", mode(w, "userSettings"), S_IFDIR);
	CHECK_INT("in the listing of all, too", named(w, "userSettings"), S_IFDIR);
	CHECK_INT("the others are not", named(w, "snapshots"), S_IFDIR | 0500);
	CHECK("the kernel was told", told(w, FUSE_NOTIFY_INVAL_INODE, dir) > 0);
	CHECK("of what is in it, too", told(w, FUSE_NOTIFY_INVAL_ENTRY, dir) > 0);
	kernel_getattr(w->kernel, dir, &a);
	CHECK("and may believe it as long as a listing", a.attr_valid > 50 && a.attr_valid <= 60);
	CHECK_INT("nobody gets through to a file", walk(w, "userSettings/x.json"), -EACCES);
	CHECK_INT("nor to the fixed ones", walk(w, "userSettings/actions"), -EACCES);
	CHECK_INT("nor to what cannot be", walk(w, "userSettings/.git"), -EACCES);
	CHECK("nobody was asked for all that", world_quiet(w));

	kernel_forget_notifications(w->kernel);
	world_skip(w, (TTL_S + 1) * 1000);
	CHECK_INT("then a look at the mode asks", use(w, mode, "userSettings", 403, NO), S_IFDIR);
	CHECK_INT("once", mode(w, "userSettings"), S_IFDIR);
	world_skip(w, (TTL_S + 1) * 1000);
	CHECK_INT("and finds it open", use(w, mode, "userSettings", 200, ONE), S_IFDIR | 0500);
	CHECK("the kernel was told of that", told(w, FUSE_NOTIFY_INVAL_INODE, dir) > 0);
	CHECK_INT("what is in it is there", walk(w, "userSettings/one.json"), 0);
	CHECK("without asking", world_quiet(w));
}

static void test_service_down(struct world *w)
{
	CHECK_INT("refused", use(w, list, "snapshots", 403, NO), -EACCES);
	world_skip(w, 31000);
	CHECK_INT("then out of order: that is no refusal",
		  use(w, mode, "snapshots", 404, "{\"error\":{}}"), S_IFDIR | 0500);
}

static void test_file(struct world *w)
{
	static const char path[] = "organizationSettings.json";
	struct fuse_entry_out e;
	char buf[16];

	CHECK_INT("a singleton", use(w, walk, path, 403, NO), 0);
	kernel_walk(w->kernel, path, &e);
	CHECK_INT("is a closed file", e.attr.mode, S_IFREG);
	CHECK("that the kernel does not take for an empty one", e.attr.size > 0);
	CHECK_INT("and cannot be read", kernel_read(w->kernel, e.nodeid, 0, 16, 0, buf), -EACCES);
	CHECK("nobody was asked for that", world_quiet(w));
	world_skip(w, (TTL_S + 1) * 1000);
	CHECK_INT("until its time has come", use(w, mode, path, 200, "{\"id\":\"x\"}"),
		  S_IFREG | 0400);
}

/* w365fs refresh MNT externalPartners, by who may not open the directory. */
static int refresh(struct world *w, const char *path)
{
	struct fuse_ioctl_in in = { .flags = FUSE_IOCTL_DIR,
				    .cmd = FS_IOC_REFRESH,
				    .in_size = sizeof(struct fs_refresh),
				    .out_size = sizeof(struct fs_refresh) };
	struct fs_refresh what = { 0 };
	struct {
		struct fuse_ioctl_out head;
		struct fs_refresh how;
	} out = { 0 };
	struct iovec iov[] = { { &in, sizeof(in) }, { &what, sizeof(what) } };
	int r;

	snprintf(what.msg, sizeof(what.msg), "%s", path);
	r = kernel_call(w->kernel, FUSE_IOCTL, 1, iov, 2, &out, sizeof(out));
	return r < 0 ? r : -out.how.num;
}

static void test_refresh(struct world *w)
{
	uint64_t dir = ino_of(w, "externalPartners");

	CHECK_INT("refused", use(w, list, "externalPartners", 403, NO), -EACCES);
	CHECK_INT("a refresh of it asks", use(w, refresh, "externalPartners", 403, NO), -EACCES);
	CHECK_INT("and may find it open", use(w, refresh, "externalPartners", 200, ONE), 0);
	CHECK_INT("so it is", mode(w, "externalPartners"), S_IFDIR | 0500);
	CHECK_INT("of what is not there", refresh(w, "nothing"), -ENOENT);
	CHECK_INT("of what is no directory of ours", refresh(w, "externalPartners/one.json"),
		  -ENOENT);

	CHECK_INT("another", use(w, list, "cloudApps", 403, NO), -EACCES);
	dir = ino_of(w, "cloudApps");
	kernel_forget_notifications(w->kernel);
	CHECK_INT("a refresh of all does not fail for it",
		  use(w, refresh, "", 200, "{\"value\":[]}"), 0);
	CHECK("but the kernel is told to ask", told(w, FUSE_NOTIFY_INVAL_INODE, dir) > 0);
	CHECK_INT("and finds it open", use(w, mode, "cloudApps", 200, ONE), S_IFDIR | 0500);
}

int main(void)
{
	static void (*const tests[])(struct world *) = { test_directory, test_service_down,
							 test_file, test_refresh };

	for (size_t i = 0; i < ARRAY_SIZE(tests); i++) {
		struct world *w = world_new("", true);

		tests[i](w);
		world_free(w);
	}
	return check_summary();
}
