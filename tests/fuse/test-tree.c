/* The tree as the kernel sees it: names, attributes, contents, links, attributes of the extended
 * kind. */
#include "base/macros.h"
#include "base/str.h"
#include "tests/lib/check.h"
#include "tests/lib/world.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>

#define PCS                                                                                                                                                       \
	"{\"value\":["                                                                                                                                            \
	"{\"id\":\"id-1\",\"managedDeviceName\":\"CPC-1\",\"displayName\":\"One\",\"status\":\"provisioned\",\"lastModifiedDateTime\":\"2026-11-22T09:30:15Z\"}," \
	"{\"id\":\"id-2\",\"managedDeviceName\":null,\"displayName\":\"Two\",\"status\":\"failed\",\"lastModifiedDateTime\":\"2026-11-21T00:00:00Z\"},"           \
	"{\"id\":\"id-3\",\"status\":\"failed\"}]}"

static const char one_text[] =
	"{\n  \"id\": \"id-1\",\n  \"displayName\": \"One\",\n  \"managedDeviceName\": \"CPC-1\",\n"
	"  \"status\": \"provisioned\",\n  \"lastModifiedDateTime\": \"2026-11-22T09:30:15Z\"\n}\n";

/* Does @fn in a thread, as a program that uses the mount, and answers the one request it causes. */
struct job {
	struct world *w;
	void (*fn)(struct world *w);
};

static void *job_run(void *arg)
{
	struct job *j = arg;

	j->fn(j->w);
	return NULL;
}

static void while_answering(struct world *w, const char *path, const char *body,
			    void (*fn)(struct world *w))
{
	struct job j = { w, fn };
	struct server_request *r;
	pthread_t t;

	pthread_create(&t, NULL, job_run, &j);
	r = world_next(w, 5000);
	if (CHECK(path, r && strstr(r->line, path)))
		world_answer(w, r, 200, "", body);
	else if (r)
		printf("# %s\n", r->line);
	server_request_free(r);
	pthread_join(t, NULL);
}

static void read_one(struct world *w)
{
	struct fuse_entry_out e;
	int err;
	char *text = kernel_cat(w->kernel, "cloudPCs/CPC-1.json", &err);

	CHECK_STR("the text of a Cloud PC", text, one_text);
	free(text);
	CHECK_INT("it is there", kernel_walk(w->kernel, "cloudPCs/CPC-1.json", &e), 0);
	CHECK_INT("its size is exact", (int)e.attr.size, (int)strlen(one_text));
	CHECK_INT("its mode is that of a file nobody may write", e.attr.mode, S_IFREG | 0400);
	CHECK_INT("its time is its own", (int64_t)e.attr.mtime, 1795339815);
	CHECK("the kernel may believe it for most of the life of the snapshot",
	      e.attr_valid > 20 && e.attr_valid <= 24 && e.entry_valid == e.attr_valid);
	CHECK_INT("its number says what it is", (int)(e.nodeid >> 60), 1);
}

static void test_files(struct world *w)
{
	struct kernel_entry list[32];
	struct fuse_entry_out e, dir;
	char buf[300];
	int n, files = 0;

	CHECK("mounting asks for nothing", world_quiet(w));
	CHECK_INT("a directory is there without asking", kernel_walk(w->kernel, "cloudPCs", &dir),
		  0);
	CHECK_INT("its mode", dir.attr.mode, S_IFDIR | 0500);
	CHECK("still nothing was asked", world_quiet(w));
	while_answering(w, "GET /beta/deviceManagement/virtualEndpoint/cloudPCs?$select=id,", PCS,
			read_one);

	n = kernel_readdir(w->kernel, dir.nodeid, 4096, list, 16, NULL);
	CHECK_STR("by-id/ comes first", list[0].name, "by-id");
	for (int i = 1; i < n; i++) {
		if (!w365_ends(list[i].name, ".json"))
			continue;
		files++;
		CHECK("each with its attributes",
		      list[i].entry.nodeid && list[i].entry.attr.size > 10);
	}
	CHECK_INT("three files", files, 3);
	CHECK_INT("a name from displayName", kernel_walk(w->kernel, "cloudPCs/Two.json", &e), 0);
	CHECK_INT("a name from the id", kernel_walk(w->kernel, "cloudPCs/id-3.json", &e), 0);
	CHECK_INT("no such file", kernel_walk(w->kernel, "cloudPCs/none.json", &e), -ENOENT);
	CHECK_INT("nothing without its suffix", kernel_walk(w->kernel, "cloudPCs/CPC-1", &e),
		  -ENOENT);

	CHECK_INT("a link by id", kernel_walk(w->kernel, "cloudPCs/by-id/id-1.json", &e), 0);
	CHECK_INT("is a link", e.attr.mode, S_IFLNK | 0777);
	CHECK_INT("that reads", kernel_readlink(w->kernel, e.nodeid, buf, sizeof(buf)), 13);
	CHECK_STR("to the file", buf, "../CPC-1.json");
	CHECK_INT("its size is that of its target", (int)e.attr.size, 13);
	CHECK_INT("by-id itself", kernel_walk(w->kernel, "cloudPCs/by-id", &e), 0);
	CHECK_INT("lists all",
		  kernel_readdir(w->kernel, e.nodeid, 4096, list, ARRAY_SIZE(list), NULL), 3);
	CHECK_INT("another spelling of an id is no name",
		  kernel_walk(w->kernel, "cloudPCs/by-id/id%2D1.json", &e), -ENOENT);
	CHECK("all that with one listing", world_quiet(w));
}

static void test_zero_messages(struct world *w)
{
	uint32_t flags = kernel_flags(w->kernel);

	struct fuse_open_in in = { 0 };
	struct fuse_flush_in flush = { 0 };

	CHECK_INT("open is switched off", kernel_simple(w->kernel, FUSE_OPEN, 1, &in, sizeof(in)),
		  -ENOSYS);
	CHECK_INT("opendir too", kernel_simple(w->kernel, FUSE_OPENDIR, 1, &in, sizeof(in)),
		  -ENOSYS);
	CHECK("several may look up and list at once", flags & FUSE_PARALLEL_DIROPS);
	CHECK("directories come with attributes, always",
	      (flags & FUSE_DO_READDIRPLUS) && !(flags & FUSE_READDIRPLUS_AUTO));
	CHECK_INT("and flush", kernel_simple(w->kernel, FUSE_FLUSH, 1, &flush, sizeof(flush)),
		  -ENOSYS);
}

static void test_xattrs(struct world *w)
{
	struct fuse_entry_out e;
	char buf[256];
	int n;

	kernel_walk(w->kernel, "cloudPCs/CPC-1.json", &e);
	n = kernel_getxattr(w->kernel, e.nodeid, "user.w365fs.id", buf, sizeof(buf));
	CHECK("id", n == 4 && memcmp(buf, "id-1", 4) == 0);
	CHECK_INT("the length alone",
		  kernel_getxattr(w->kernel, e.nodeid, "user.w365fs.id", buf, 0), 4);
	CHECK_INT("too small a buffer",
		  kernel_getxattr(w->kernel, e.nodeid, "user.w365fs.id", buf, 2), -ERANGE);
	n = kernel_getxattr(w->kernel, e.nodeid, "user.w365fs.url", buf, sizeof(buf));
	CHECK("Graph path",
	      n > 0 &&
		      memcmp(buf, "/beta/deviceManagement/virtualEndpoint/cloudPCs/id-1", 52) ==
			      0 &&
		      n == 52);
	n = kernel_getxattr(w->kernel, e.nodeid, "user.w365fs.fetched", buf, sizeof(buf));
	CHECK_INT("when it was fetched", n, 20);
	CHECK_INT("none that it does not have",
		  kernel_getxattr(w->kernel, e.nodeid, "user.w365fs.error", buf, sizeof(buf)),
		  -ENODATA);
	CHECK_INT("nobody else's",
		  kernel_getxattr(w->kernel, e.nodeid, "user.other", buf, sizeof(buf)), -ENODATA);
	CHECK_INT("no ACLs: ls stops asking",
		  kernel_getxattr(w->kernel, e.nodeid, "system.posix_acl_access", buf, sizeof(buf)),
		  -EOPNOTSUPP);
	n = kernel_getxattr(w->kernel, e.nodeid, NULL, buf, sizeof(buf));
	CHECK("the list", n == 15 + 16 + 20 && memmem(buf, (size_t)n, "user.w365fs.url", 16));
	kernel_walk(w->kernel, "cloudPCs", &e);
	n = kernel_getxattr(w->kernel, e.nodeid, "user.w365fs.url", buf, sizeof(buf));
	CHECK("a directory's Graph path",
	      n == 47 && memcmp(buf, "/beta/deviceManagement/virtualEndpoint/cloudPCs", 47) == 0);
	kernel_walk(w->kernel, "README.md", &e);
	CHECK_INT("a file of our own has none",
		  kernel_getxattr(w->kernel, e.nodeid, NULL, buf, sizeof(buf)), 0);
}

static void stat_settings(struct world *w)
{
	struct fuse_entry_out e;

	CHECK_INT("a singleton is a file", kernel_walk(w->kernel, "organizationSettings.json", &e),
		  0);
	CHECK_INT("of exact size", (int)e.attr.size,
		  (int)strlen("{\n  \"id\": \"s\",\n  \"enableSingleSignOn\": true\n}\n"));
}

static void test_root(struct world *w)
{
	struct kernel_entry list[64];
	bool hidden = true, bare = false, mapping = false, reports = false;
	int n = kernel_readdir(w->kernel, 1, 4096, list, 64, NULL), err;
	struct fuse_entry_out e;
	char *text;

	for (int i = 0; i < n; i++) {
		hidden = hidden && !w365_streq(list[i].name, ".w365fs");
		bare = bare || (w365_streq(list[i].name, "organizationSettings.json") &&
				!list[i].entry.nodeid);
		mapping = mapping || w365_starts(list[i].name, "crossCloud");
		reports = reports || (w365_streq(list[i].name, "reports") && list[i].entry.nodeid);
	}
	CHECK("collections and files", n >= 19 && reports);
	CHECK(".w365fs is not listed", hidden);
	CHECK_INT("but reached by name", kernel_walk(w->kernel, ".w365fs/status.json", &e), 0);
	CHECK("a singleton that was not looked at is listed by its name alone", bare);
	CHECK("what an application may not read is not listed", !mapping);
	CHECK("listing the root asks for nothing", world_quiet(w));
	while_answering(w,
			"GET /beta/deviceManagement/virtualEndpoint/organizationSettings?$select=",
			"{\"enableSingleSignOn\":true,\"id\":\"s\"}", stat_settings);

	text = kernel_cat(w->kernel, "README.md", &err);
	CHECK("README.md names every collection",
	      text && strstr(text, "`cloudPCs/`") && strstr(text, "`auditEvents/`") &&
		      strstr(text, "`organizationSettings.json`"));
	free(text);
	text = kernel_cat(w->kernel, ".w365fs/status.json", &err);
	CHECK("status.json counts", text && strstr(text, "\"name\": \"cloudPCs\"") &&
					    strstr(text, "\"count\": 3") &&
					    strstr(text, "\"LOOKUP\": "));
	CHECK("and holds no token",
	      text && !strstr(text, "a.token.t") && !strstr(text, "a~secret"));
	free(text);
	kernel_walk(w->kernel, ".w365fs/status.json", &e);
	CHECK("the kernel asks about it each time", e.attr_valid == 0 && e.attr_valid_nsec == 0);
}

static void read_day(struct world *w)
{
	struct fuse_entry_out e;
	int err;
	char *text =
		kernel_cat(w->kernel, "auditEvents/2026-11-20/093015Z-REBOOT-1a2b3c4d.json", &err);

	CHECK("an event of a day", text && strstr(text, "\"activityType\": \"REBOOT\""));
	free(text);
	CHECK_INT("its number finds the way back",
		  kernel_walk(w->kernel, "auditEvents/2026-11-20/093015Z-REBOOT-1a2b3c4d.json", &e),
		  0);
	CHECK_INT("to its text", kernel_getattr(w->kernel, e.nodeid, &(struct fuse_attr_out){ 0 }),
		  0);
}

static void test_log(struct world *w)
{
	struct kernel_entry list[128];
	struct fuse_entry_out e;

	kernel_walk(w->kernel, "auditEvents", &e);
	CHECK_INT("ninety days are listed, in pieces, and functions",
		  kernel_readdir(w->kernel, e.nodeid, 4096, list, 128, NULL), 91);
	CHECK("listing the days asks for nothing", world_quiet(w));
	CHECK_INT("no such day", kernel_walk(w->kernel, "auditEvents/2026-02-30", &e), -ENOENT);
	CHECK_INT("no day to come", kernel_walk(w->kernel, "auditEvents/2999-01-01", &e), -ENOENT);
	while_answering(
		w,
		"auditEvents?$filter=activityDateTime%20ge%202026-11-20T00:00:00Z%20and%20activityDateTime%20lt%202026-11-21T00:00:00Z",
		"{\"value\":[{\"id\":\"1a2b3c4d-5\",\"activityType\":\"REBOOT\",\"activityDateTime\":\"2026-11-20T17:30:15+08:00\"}]}",
		read_day);
}

/* A directory that is read in pieces shows each name once, even while items come and go. */
static void test_cookies(struct world *w)
{
	struct kernel_entry list[32];
	struct fuse_entry_out dir;
	int whole, pieces, requests;

	kernel_walk(w->kernel, "cloudPCs", &dir);
	whole = kernel_readdir(w->kernel, dir.nodeid, 65536, list, ARRAY_SIZE(list), &requests);
	CHECK_INT("whole: one reply, and the empty one", requests, 2);
	pieces = kernel_readdir(w->kernel, dir.nodeid, 340, list, ARRAY_SIZE(list), &requests);
	CHECK_INT("in pieces: the same number", pieces, whole);
	CHECK("of more requests", requests > 3);
	for (int i = 0; i < pieces; i++)
		for (int k = i + 1; k < pieces; k++)
			CHECK("no name twice", !w365_streq(list[i].name, list[k].name));
}

int main(void)
{
	struct world *w = world_new("", true);

	test_files(w);
	test_zero_messages(w);
	test_xattrs(w);
	test_root(w);
	test_log(w);
	test_cookies(w);
	world_free(w);
	return check_summary();
}
