/* .w365fs/audit.ndjson: every event once, in the order in which it is seen, for as long as somebody looks. */
#include "base/buf.h"
#include "base/macros.h"
#include "base/str.h"
#include "base/time.h"
#include "graph/loop.h"
#include "tests/lib/check.h"
#include "tests/lib/world.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>

#define FILE_PATH ".w365fs/audit.ndjson"
#define DAY       86400

/* ---- the service's log ---- */

static struct {
	struct world *w;
	struct {
		const char *id;
		time_t when;
	} events[64];
	unsigned n, requests;
	unsigned other; /* for another day than today */
	int status;     /* of its answers; 0: 200 */
	char last[64];  /* "FROM..UNTIL" of the last listing */
} service;

static void happen(const char *id, time_t when)
{
	service.events[service.n].id = id;
	service.events[service.n++].when = when;
}

static time_t day_in(const char *line, const char *before)
{
	char date[11] = "";
	int64_t day = 0;

	snprintf(date, sizeof(date), "%s", strstr(line, before) + strlen(before));
	w365_date_parse(date, &day);
	return day * DAY;
}

/* The newest first, as they come from the service. */
static void answer(void *arg, struct server_request *r)
{
	_cleanup_(w365_buf_done) struct w365_buf body = W365_BUF;
	time_t from = day_in(r->line, "%20ge%20"), until = day_in(r->line, "%20lt%20");
	char a[W365_TIME_MAX], when[W365_TIME_MAX];
	const char *lead = "";

	service.requests++;
	service.other += from / DAY != world_time(service.w) / DAY;
	snprintf(service.last, sizeof(service.last), "%s..", w365_date_format(from / DAY, a));
	strcat(service.last, w365_date_format(until / DAY, a));
	if (service.status) {
		world_answer(service.w, r, service.status, "",
			     "{\"error\":{\"code\":\"Forbidden\",\"message\":\"no\"}}");
		return;
	}
	w365_buf_adds(&body, "{\"value\":[");
	for (unsigned i = service.n; i--;) {
		if (service.events[i].when < from || service.events[i].when >= until)
			continue;
		w365_buf_addf(
			&body,
			"%s{\"id\":\"%s\",\"activityDateTime\":\"%s\",\"displayName\":\"a \\\" b\"}",
			lead, service.events[i].id, w365_time_format(service.events[i].when, when));
		lead = ",";
	}
	w365_buf_adds(&body, "]}");
	world_answer(service.w, r, 200, "", w365_buf_str(&body));
}

static void begin(const char *options)
{
	memset(&service, 0, sizeof(service));
	service.w = world_new_stepped(options, NULL, answer, NULL);
	world_skip_to(service.w, DAY / 2);
}

static time_t now(void)
{
	return world_time(service.w);
}

static time_t midnight(void)
{
	return now() / DAY * DAY;
}

/* ---- a read-only mount ---- */

/* The ids in the file, "?" for a line that is none; NULL: it cannot be read. */
static const char *ids(void)
{
	static char out[512];
	int err;
	char *text = kernel_cat(service.w->kernel, FILE_PATH, &err), *rest = text, *line;

	out[0] = '\0';
	while (text && (line = strsep(&rest, "\n")) && rest) {
		char id[16] = "?";

		if (sscanf(line, "{\"id\":\"%15[a-z0-9]\",", id) == 1 &&
		    !strstr(line, "\"displayName\":\"a \\\" b\""))
			strcpy(id, "?");
		snprintf(out + strlen(out), sizeof(out) - strlen(out), "%s%s", *out ? " " : "",
			 *line ? id : "-");
	}
	free(text);
	return text ? out : NULL;
}

/* As `tail -f` looks, some times, a second after the other. */
static uint64_t watch(unsigned times)
{
	struct fuse_entry_out e = { 0 };
	struct fuse_attr_out attr = { 0 };

	kernel_walk(service.w->kernel, FILE_PATH, &e);
	while (times--) {
		kernel_getattr(service.w->kernel, e.nodeid, &attr);
		world_settle(service.w);
		world_skip(service.w, 1000);
	}
	return attr.attr.size;
}

static bool idle(void)
{
	world_settle(service.w);
	return graph_loop_idle(service.w->loop) == UINT64_MAX;
}

static void test_growing(void)
{
	struct kernel_entry list[32];
	struct fuse_entry_out e;
	unsigned before;
	int n;

	begin("");
	happen("old", midnight() - 10);
	happen("b", midnight() + 9 * 3600);
	happen("a", midnight() + 9 * 3600);
	happen("c", midnight() + 8 * 3600);
	kernel_walk(service.w->kernel, ".w365fs", &e);
	n = kernel_readdir(service.w->kernel, e.nodeid, 65536, list, ARRAY_SIZE(list), NULL);
	for (int i = 0; i < n; i++)
		CHECK("no walk finds it", !w365_streq(list[i].name, "audit.ndjson"));
	CHECK_INT("nobody has asked", service.requests, 0);
	CHECK_STR("it begins with today, in order", ids(), "c a b");
	CHECK_INT("by one request", service.requests, 1);
	CHECK_INT(
		"its size is exact", watch(1),
		3 * strlen("{\"id\":\"a\",\"activityDateTime\":\"2026-11-22T09:30:15Z\",\"displayName\":\"a \\\" b\"}\n"));
	CHECK_INT("looking again asks for nothing", service.requests, 1);

	happen("d", midnight() + 10 * 3600);
	happen("e", midnight() + 7 * 3600); /* it has taken long */
	watch(40);
	CHECK_STR("what is new follows, late or not", ids(), "c a b e d");
	CHECK_INT("asked for as often as today is", service.requests, 2);
	CHECK_INT("it was read once more by name", kernel_walk(service.w->kernel, FILE_PATH, &e),
		  0);
	CHECK("an open file begins where it did", e.nodeid >> 60 == 10);

	before = service.requests;
	world_skip(service.w, 9 * 3600 * 1000);
	CHECK("when nobody looks, nothing happens", idle());
	CHECK_INT("and nothing is asked", service.requests, before);
	service.status = 403;
	CHECK_STR("when the service refuses, there is what there was", ids(), "c a b e d");
	service.status = 0;
	world_free(service.w);
}

static void test_midnight(void)
{
	unsigned before;

	begin("");
	world_skip_to(service.w, DAY - 60);
	happen("a", now());
	CHECK_STR("shortly before midnight", ids(), "a");
	happen("c", midnight() + DAY + 5);
	world_skip_to(service.w, 10);
	happen("b", midnight() - 5);
	watch(3);
	CHECK_STR("the days are told in order", ids(), "a b c");
	happen("late", midnight() - 20);
	watch(60);
	CHECK_STR("what comes to the former day now, is told now", ids(), "a b c late");
	before = service.requests;
	service.other = 0;
	watch(60);
	CHECK_INT("both days are looked at", service.other, (service.requests - before) / 2);
	CHECK_STR("and nothing is told twice", ids(), "a b c late");
	world_skip_to(service.w, 3601);
	happen("later", midnight() - 20);
	watch(3);
	CHECK_STR("to the end", ids(), "a b c late later");
	service.other = 0;
	watch(50);
	CHECK_INT("an hour after its end a day has ended", service.other, 0);
	world_free(service.w);
}

static void test_gap(void)
{
	char expected[64], a[W365_TIME_MAX];
	unsigned before;

	begin("");
	happen("a", midnight());
	CHECK_STR("somebody looks", ids(), "a");
	for (int i = 0; i < 7; i++)
		happen((const char *[]){ "b", "c", "d", "e", "f", "g", "h" }[i],
		       midnight() + i * DAY + 20 * 3600);
	world_skip(service.w, 6ULL * DAY * 1000 + 10 * 3600 * 1000);
	before = service.requests;
	watch(3);
	CHECK_STR("and again after days: all that was is told, in order", ids(), "a b c d e f g h");
	snprintf(expected, sizeof(expected), "%s..", w365_date_format(midnight() / DAY - 3, a));
	strcat(expected, w365_date_format(midnight() / DAY, a));
	CHECK_INT("by one request for today, one for the first day, two, and one for the others",
		  service.requests - before, 5);
	CHECK_STR("which asks for no other days", service.last, expected);
	world_free(service.w);
}

static void test_refused(void)
{
	struct fuse_entry_out e;

	begin("");
	service.status = 403;
	CHECK_INT("without the permission there is none",
		  kernel_walk(service.w->kernel, FILE_PATH, &e), -EACCES);
	service.status = 0;
	world_skip(service.w, 31000);
	CHECK_STR("a day without events has an empty line, which is no empty file", ids(), "-");
	happen("a", now());
	watch(40);
	CHECK_STR("and then what comes", ids(), "- a");
	world_free(service.w);
}

/* ---- a mount that can be written ---- */

static void test_waiting(void)
{
	struct kernel *k;
	struct kernel_handle h, other;
	struct fuse_entry_out e = { 0 };
	char buf[4096];
	unsigned before;
	int n;

	begin("rw");
	k = service.w->kernel;
	CHECK_INT("it is there", kernel_walk(k, FILE_PATH, &e), 0);
	CHECK_INT("and can be opened", kernel_open(k, e.nodeid, O_RDONLY, &h), 0);
	CHECK_INT("not for writing", kernel_open(k, e.nodeid, O_RDWR, &other), -EACCES);
	CHECK_INT("there is an empty line", kernel_read_open(k, &h, 0, sizeof(buf), 0, buf), 1);
	CHECK_INT("who does not wait is told so",
		  kernel_read_open(k, &h, 1, sizeof(buf), O_NONBLOCK, buf), -EAGAIN);
	CHECK("and makes nothing happen later", idle());

	before = service.requests;
	happen("a", now());
	n = kernel_read_open(k, &h, 1, sizeof(buf), 0, buf);
	CHECK("who waits gets what comes", n > 0 && strncmp(buf, "{\"id\":\"a\",", 10) == 0);
	CHECK_INT("the log was looked at for him", service.requests, before + 1);
	CHECK("and then no more", idle());

	world_skip(service.w, 3600 * 1000);
	before = service.requests;
	CHECK_INT("who polls", kernel_poll(k, &h, 7, true), 0);
	happen("b", now());
	world_settle(service.w);
	kernel_walk(k, ".w365fs", &e); /* what was told before is there now */
	CHECK_INT("is told", kernel_notified(k, FUSE_NOTIFY_POLL, 7), 1);
	CHECK_INT("and finds something", kernel_poll(k, &h, 7, false), POLLIN | POLLRDNORM);
	CHECK_INT("after a listing", service.requests, before + 1);
	CHECK("and finds it", kernel_read_open(k, &h, 1 + (uint64_t)n, sizeof(buf), 0, buf) == n &&
				      strncmp(buf, "{\"id\":\"b\",", 10) == 0);
	CHECK("that is all", idle());

	CHECK_INT("who polls and goes", kernel_poll(k, &h, 8, true), 0);
	CHECK("has it looked at", !idle());
	CHECK_INT("until then", kernel_release(k, &h), 0);
	CHECK("and no longer", idle());
	world_free(service.w);
}

int main(void)
{
	test_growing();
	test_midnight();
	test_gap();
	test_refused();
	test_waiting();
	return check_summary();
}
