/* The days of a log where something is in the way: no room for all, a service that refuses, a clock that jumps; and how often the
 * service is asked for them then. */
#include "base/buf.h"
#include "base/macros.h"
#include "base/time.h"
#include "graph/loop.h"
#include "graph/store.h"
#include "tests/lib/check.h"
#include "tests/lib/world.h"

#include <fcntl.h>
#include <stdlib.h>

#define DAY   86400
#define EVENT 1200 /* bytes, about */

static struct {
	struct world *w;
	unsigned requests, ranges, events;
	unsigned status, status_of_past; /* instead of an answer; 0: none */
	unsigned a_day;                  /* events of each */
	int64_t last;                    /* the last day that has any */
	bool ancient;                    /* there is one of the year 1677 */
	int jump;                        /* of the wall clock, seconds */
} S;

/* The wall clock alone, which somebody sets. */
time_t time(time_t *ret)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	if (ret)
		*ret = now.tv_sec + S.jump;
	return now.tv_sec + S.jump;
}

static int64_t today(void)
{
	return world_time(S.w) / DAY;
}

static int64_t day_behind(const char *line, const char *word)
{
	char date[11];
	int64_t day = 0;

	snprintf(date, sizeof(date), "%s", strstr(line, word) + strlen(word));
	w365_date_parse(date, &day);
	return day;
}

static void answer(void *arg, struct server_request *r)
{
	_cleanup_(w365_buf_done) struct w365_buf body = W365_BUF;
	int64_t from = day_behind(r->line, "%20ge%20"), until = day_behind(r->line, "%20lt%20");
	unsigned status = from < today() && S.status_of_past ? S.status_of_past : S.status;
	char date[W365_TIME_MAX];

	S.requests++;
	S.ranges += until - from > 1;
	for (int64_t day = from; day < until && day <= S.last; day++)
		for (unsigned i = 0; i < S.a_day; i++, S.events++) {
			w365_date_format(day, date);
			w365_buf_addf(
				&body,
				"%s{\"id\":\"%s-%u\",\"activityDateTime\":\"%sT00:00:%02uZ\",\"activity\":\"%01000d\"}",
				body.len ? "," : "{\"value\":[", date, i, date, i, 0);
		}
	if (S.ancient)
		w365_buf_addf(&body,
			      "%s{\"id\":\"old\",\"activityDateTime\":\"1677-09-21T00:12:46Z\"}",
			      body.len ? "," : "{\"value\":[");
	w365_buf_adds(&body, body.len ? "]}" : "{\"value\":[]}");
	world_answer(S.w, r, status ? (int)status : 200, "",
		     status ? "{\"error\":{\"code\":\"x\",\"message\":\"no\"}}"
			    : w365_buf_str(&body));
}

static void begin(const char *options, uint64_t second_of_day)
{
	memset(&S, 0, sizeof(S));
	S.a_day = 1;
	S.w = world_new_stepped(options, NULL, answer, NULL);
	world_skip_to(S.w, second_of_day);
	S.last = today();
}

/* How many events the day's directory shows, and what else it has; or -errno. */
static int shown(int64_t day)
{
	struct kernel_entry list[8];
	struct fuse_entry_out dir;
	char path[64], date[W365_TIME_MAX];
	int r;

	snprintf(path, sizeof(path), "auditEvents/%s", w365_date_format(day, date));
	r = kernel_walk(S.w->kernel, path, &dir);
	return r < 0 ? r
		     : kernel_readdir(S.w->kernel, dir.nodeid, 65536, list, ARRAY_SIZE(list), NULL);
}

/* As `tail -f` looks at the stream, a second after the other. */
static uint64_t watch(unsigned times)
{
	struct fuse_entry_out e = { 0 };
	struct fuse_attr_out a = { 0 };

	kernel_walk(S.w->kernel, ".w365fs/audit.ndjson", &e);
	while (times--) {
		kernel_getattr(S.w->kernel, e.nodeid, &a);
		world_settle(S.w);
		world_skip(S.w, 1000);
	}
	return a.attr.size;
}

static void test_room(void)
{
	static const struct {
		const char *why;
		size_t room;
		unsigned ranges, events;
	} rows[] = {
		{ "room for all", 256 << 20, 1, 90 },
		{ "for two thirds", 60 * EVENT, 1, 2 * 90 },
		{ "for one", 30 * EVENT, 1, 2 * 90 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		begin("", DAY / 2);
		((struct graph_store_config *)graph_store_settings(S.w->fs->store))->log_bytes =
			rows[i].room;
		for (int64_t day = today() - 89; day <= today(); day++) {
			CHECK(rows[i].why, shown(day) == 1);
			world_skip(S.w, 100);
		}
		CHECK_INT("one listing of many days", S.ranges, rows[i].ranges);
		CHECK("and what had to go is read once more at most", S.events <= rows[i].events);
		world_free(S.w);
	}
}

/* Somebody has looked at the stream, and comes back after sixty days. */
static void test_gap(void)
{
	static const struct {
		const char *why;
		unsigned status, of_past, requests;
		bool other; /* another day was refused just before */
	} rows[] = {
		{ "all is well", 0, 0, 7, false },     { "all is refused", 403, 0, 4, false },
		{ "and was before", 403, 0, 4, true }, { "past days are none", 0, 400, 70, false },
		{ "nor there", 0, 404, 70, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		begin("", DAY / 2);
		watch(1);
		world_skip(S.w, 60ULL * DAY * 1000);
		S.last = today();
		S.status = rows[i].status;
		S.status_of_past = rows[i].of_past;
		if (rows[i].other) {
			shown(today() - 5);
			world_skip(S.w, 31000);
		}
		S.requests = 0;
		watch(70);
		CHECK(rows[i].why, S.requests > 0 && S.requests <= rows[i].requests);
		S.requests = 0;
		watch(70);
		CHECK("and is not asked about again and again", S.requests <= 4);
		world_free(S.w);
	}
}

static void test_ancient(void)
{
	begin("", DAY / 2);
	S.ancient = true;
	for (int64_t day = today() - 4; day < today() - 2; day++)
		shown(day);
	CHECK_INT("an event of the year 1677 is of no day", shown(today() - 1), 1);
	world_free(S.w);
}

/* However long a listing is good for. */
static void test_midnight(void)
{
	uint64_t before;

	begin("ttl.auditEvents=86400", 20 * 3600);
	before = watch(2);
	world_skip(S.w, 5 * 3600 * 1000);
	S.last = today();
	CHECK("today's is told after midnight", watch(3) > before);
	CHECK_INT("as it is shown", shown(today()), 1);
	world_free(S.w);
}

static void test_clock(void)
{
	uint64_t before;

	begin("", DAY / 2);
	watch(2);
	S.jump = 2 * DAY;
	watch(2);
	CHECK_INT("a day that is over by a clock that is wrong", shown(S.last), 1);
	S.jump = 0;
	S.a_day = 3;
	world_skip(S.w, 3600 * 1000);
	before = watch(60);
	CHECK_INT("is not, once it is right", shown(today()), 3);
	world_skip(S.w, (uint64_t)DAY * 1000);
	S.last = today();
	CHECK_INT("nor the day behind it", shown(today()), 3);
	CHECK("the stream goes on", watch(60) > before);
	world_free(S.w);
}

int main(void)
{
	test_room();
	test_gap();
	test_ancient();
	test_midnight();
	test_clock();
	return check_summary();
}
