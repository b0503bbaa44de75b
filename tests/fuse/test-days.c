/* The days of the log: what the kernel may keep of them, what the daemon lets go. */
#include "base/buf.h"
#include "base/macros.h"
#include "base/time.h"
#include "tests/lib/check.h"
#include "tests/lib/world.h"

#include <string.h>

#define PATH_MAX_ 64
#define HOUR      3600

static unsigned requests;

/* Every day has an event of one kibibyte. */
static void answer(void *arg, struct server_request *r)
{
	struct world **w = arg;
	_cleanup_(w365_buf_done) struct w365_buf body = W365_BUF;
	const char *ge = strstr(r->line, "%20ge%20");

	requests++;
	w365_buf_addf(&body,
		      "{\"value\":[{\"id\":\"%.10s\",\"activityDateTime\":\"%.10sT12:00:00Z\",",
		      ge + 8, ge + 8);
	w365_buf_addf(&body, "\"activity\":\"%01000d\"}]}", 0);
	world_answer(*w, r, 200, "", w365_buf_str(&body));
}

static void path_of(struct world *w, int back, char out[PATH_MAX_])
{
	char date[W365_TIME_MAX];

	snprintf(out, PATH_MAX_, "auditEvents/%s",
		 w365_date_format(world_time(w) / 86400 - back, date));
}

/* How many events the day of so many days ago has, and what the first one's entry is like. */
static int count(struct world *w, int back, struct fuse_entry_out *ret_first)
{
	struct kernel_entry list[8];
	struct fuse_entry_out dir;
	char path[PATH_MAX_];
	int n;

	path_of(w, back, path);
	n = kernel_walk(w->kernel, path, &dir);
	if (n == 0)
		n = kernel_readdir(w->kernel, dir.nodeid, 65536, list, ARRAY_SIZE(list), NULL);
	if (n > 0 && ret_first)
		*ret_first = list[0].entry;
	return n;
}

static uint64_t time_of(struct world *w, int back)
{
	struct fuse_entry_out dir;
	char path[PATH_MAX_];

	path_of(w, back, path);
	kernel_walk(w->kernel, path, &dir);
	return dir.attr.mtime * 1000000000 + dir.attr.mtimensec;
}

static void test_lives(struct world *w)
{
	struct fuse_entry_out e = { 0 };
	uint64_t before;

	CHECK_INT("a day has its event", count(w, 1, &e), 1);
	CHECK("the kernel may keep it for many hours",
	      e.entry_valid > 10 * HOUR && e.attr_valid == e.entry_valid);
	CHECK_INT("today has one as well", count(w, 0, &e), 1);
	CHECK("which it may keep for half a minute", e.entry_valid <= 30 && e.attr_valid <= 30);
	CHECK_INT("two requests", requests, 2);
	before = time_of(w, 1);
	world_skip(w, 23ULL * HOUR * 1000);
	CHECK("when that is over, the kernel is to read the directory again",
	      time_of(w, 2) != before);
	CHECK_INT("which is there", count(w, 2, &e), 1);
	CHECK("for as long again", e.entry_valid > 10 * HOUR);
	CHECK_INT("without a request", requests, 2);
	before = time_of(w, 2);
	CHECK_INT("until then", count(w, 2, &e), 1);
	CHECK("its time stays", time_of(w, 2) == before);
}

static void test_memory(struct world *w)
{
	struct graph_store_config *config =
		(struct graph_store_config *)graph_store_settings(w->fs->store);
	unsigned before;

	config->log_bytes = 4000; /* three days, not four */
	for (int back = 10; back < 13; back++) {
		count(w, back, NULL);
		world_skip(w, 10000);
	}
	before = requests;
	for (int back = 10; back < 13; back++)
		CHECK_INT("three days are kept", count(w, back, NULL), 1);
	CHECK_INT("without a request", requests, before);
	CHECK_INT("a fourth", count(w, 13, NULL), 1);
	CHECK_INT("has the one let go that was looked at first",
		  (count(w, 11, NULL), count(w, 12, NULL), requests), before + 1);
	CHECK_INT("which is read again", count(w, 10, NULL), 1);
	CHECK_INT("when it is looked at", requests, before + 2);
}

int main(void)
{
	struct world *w = NULL;

	w = world_new_stepped("", NULL, answer, &w);
	world_skip_to(w, 12 * HOUR);
	test_lives(w);
	test_memory(w);
	world_free(w);
	return check_summary();
}
