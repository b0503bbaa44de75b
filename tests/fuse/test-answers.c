/* Files whose names are questions: their attributes, what is remembered of them, and for how long. */
#include "base/str.h"
#include "fs/answers.h"
#include "tests/lib/check.h"
#include "tests/lib/world.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/stat.h>

#define DIR "reports/getRealTimeRemoteConnectionStatus"

static atomic_uint asked;
static atomic_bool stop;

/* Answers everything with what it was asked about. */
static void *serve(void *arg)
{
	struct world *w = arg;

	while (!stop) {
		struct server_request *r = world_next(w, 20);
		char *id = r ? strstr(r->line, "cloudPcId='") : NULL, body[400];

		if (!r)
			continue;
		asked++;
		snprintf(body, sizeof(body), "{\"@odata.context\":\"c\",\"value\":\"%.*s\"}",
			 id ? (int)strcspn(id + 11, "'") : 0, id ? id + 11 : "");
		world_answer(w, r, 200, "", id ? body : "{\"value\":[]}");
		server_request_free(r);
	}
	return NULL;
}

static void test_attributes(struct world *w)
{
	struct kernel_entry list[16];
	struct fuse_entry_out dir, e, again;
	struct fuse_attr_out a;
	char buf[200];
	int n;

	CHECK_INT("a directory", kernel_walk(w->kernel, DIR, &dir), 0);
	CHECK_INT("to look into", dir.attr.mode, S_IFDIR | 0500);
	CHECK_INT("that lists nothing", kernel_readdir(w->kernel, dir.nodeid, 4096, list, 16, NULL),
		  0);
	CHECK_INT("nothing was asked", (int)asked, 0);
	CHECK_INT("a name is looked up",
		  kernel_lookup(w->kernel, dir.nodeid, "cloudPcId=x.json", &e), 0);
	CHECK_INT("by one request", (int)asked, 1);
	CHECK_INT("is a file that nobody may write", e.attr.mode, S_IFREG | 0400);
	CHECK_INT("its size is exact", (int)e.attr.size, 4);
	CHECK("the kernel may believe it as long as the answer is fresh",
	      e.entry_valid > 50 && e.entry_valid <= 60 && e.attr_valid == e.entry_valid);
	CHECK_INT("it reads", kernel_read(w->kernel, e.nodeid, 0, 100, 0, buf), 4);
	CHECK("as it is", memcmp(buf, "\"x\"\n", 4) == 0);
	CHECK_INT("from any place", kernel_read(w->kernel, e.nodeid, 2, 100, 0, buf), 2);
	CHECK_INT("and to its end", kernel_read(w->kernel, e.nodeid, 4, 100, 0, buf), 0);
	CHECK_INT("it is found by its number", kernel_getattr(w->kernel, e.nodeid, &a), 0);
	CHECK("with the same attributes",
	      a.attr.size == e.attr.size && a.attr.mtime == e.attr.mtime);
	n = kernel_getxattr(w->kernel, e.nodeid, "user.w365fs.url", buf, sizeof(buf));
	CHECK("where it is in Graph",
	      n > 0 && memmem(buf, (size_t)n, "/beta/deviceManagement/", 23) == buf &&
		      memmem(buf, (size_t)n, "(cloudPcId='x')", 15));
	CHECK_INT("when it was fetched",
		  kernel_getxattr(w->kernel, e.nodeid, "user.w365fs.fetched", buf, sizeof(buf)),
		  20);
	CHECK_INT("all of that with one request", (int)asked, 1);

	world_skip(w, 61000);
	CHECK_INT("later it is asked for again",
		  kernel_lookup(w->kernel, dir.nodeid, "cloudPcId=x.json", &again), 0);
	CHECK_INT("once", (int)asked, 2);
	CHECK("the same text keeps its number and its time",
	      again.nodeid == e.nodeid && again.attr.mtime == e.attr.mtime &&
		      again.attr.mtimensec == e.attr.mtimensec);
	world_skip(w, 61000);
	CHECK_INT("an open file reads on what it has begun",
		  kernel_read(w->kernel, e.nodeid, 2, 100, 0, buf), 2);
	CHECK_INT("without a request", (int)asked, 2);
	CHECK_INT("its attributes are asked for", kernel_getattr(w->kernel, e.nodeid, &a), 0);
	CHECK_INT("as a look-up does", (int)asked, 3);
	kernel_forget(w->kernel, e.nodeid, 2);
	CHECK_INT("what the kernel has forgotten is still known while it is fresh",
		  kernel_lookup(w->kernel, dir.nodeid, "cloudPcId=x.json", &again), 0);
	CHECK("under its number, without a request", again.nodeid == e.nodeid && asked == 3);
}

/* More than are kept: the oldest goes, and comes back when it is read. */
static void test_many(struct world *w)
{
	struct fuse_entry_out dir, first = { 0 }, second = { 0 }, e;
	char name[100], buf[100];
	unsigned before;

	kernel_walk(w->kernel, DIR, &dir);
	for (unsigned i = 0; i < FS_ANSWERS_MANY + 2; i++) {
		snprintf(name, sizeof(name), "cloudPcId=many%u.json", i);
		if (kernel_lookup(w->kernel, dir.nodeid, name,
				  i == 0   ? &first
				  : i == 1 ? &second
					   : &e) != 0)
			CHECK(name, false);
	}
	before = asked;
	CHECK_INT("the last one is kept", kernel_read(w->kernel, e.nodeid, 0, 100, 0, buf), 11);
	CHECK("without a request", asked == before);
	CHECK_INT("the first one is not, but the kernel may read it",
		  kernel_read(w->kernel, first.nodeid, 0, 100, 0, buf), 8);
	CHECK("what it always was", memcmp(buf, "\"many0\"\n", 8) == 0);
	CHECK("by asking again", asked == before + 1);
	kernel_forget(w->kernel, second.nodeid, 1);
	CHECK_INT("and if the kernel forgets, all is forgotten",
		  kernel_getattr(w->kernel, second.nodeid, &(struct fuse_attr_out){ 0 }), -ENOENT);
	CHECK_INT("until it is looked up",
		  kernel_lookup(w->kernel, dir.nodeid, "cloudPcId=many1.json", &e), 0);
	CHECK("under the same number", e.nodeid == second.nodeid && asked == before + 2);
}

static void test_writing(struct world *w)
{
	struct fuse_entry_out dir;
	struct fuse_create_in in = { .flags = O_WRONLY | O_CREAT };
	char buf[100] = { 0 };

	kernel_walk(w->kernel, DIR, &dir);
	memcpy(buf, &in, sizeof(in));
	strcpy(buf + sizeof(in), "x.json");
	CHECK_INT("nothing can be made there",
		  kernel_simple(w->kernel, FUSE_CREATE, dir.nodeid, buf, sizeof(in) + 7), -EROFS);
}

int main(void)
{
	struct world *w = world_new("", true);
	pthread_t t;

	pthread_create(&t, NULL, serve, w);
	test_attributes(w);
	test_many(w);
	test_writing(w);
	stop = true;
	pthread_join(t, NULL);
	world_free(w);
	return check_summary();
}
