/* What .w365fs/events tells of: changes that a refresh finds, throttling, the sign-in. */
#include "fs/ioctl.h"
#include "graph/client.h"
#include "tests/fuse/events.h"

static void *list(void *arg)
{
	struct world *w = arg;
	struct fuse_entry_out e;
	struct kernel_entry found[16];

	kernel_walk(w->kernel, "deviceImages", &e);
	kernel_readdir(w->kernel, e.nodeid, 65536, found, 16, NULL);
	return NULL;
}

static void *list_other(void *arg)
{
	struct world *w = arg;
	struct fuse_entry_out e;
	struct kernel_entry found[16];

	kernel_walk(w->kernel, "galleryImages", &e);
	kernel_readdir(w->kernel, e.nodeid, 65536, found, 16, NULL);
	return NULL;
}

struct count {
	struct world *w;
	uint64_t *n;
};

static void throttled(void *arg)
{
	const struct count *c = arg;

	*c->n = graph_client_stats(world_client(c->w))->throttled;
}

static void *refresh(void *arg)
{
	struct world *w = arg;
	struct fuse_entry_out e;
	struct fs_refresh out;

	list(w);
	kernel_walk(w->kernel, "deviceImages", &e);
	kernel_ioctl(w->kernel, e.nodeid, FS_IOC_REFRESH, &out, sizeof(out));
	return NULL;
}

/* The next request, answered. */
static void answer(struct world *w, int status, const char *headers, const char *body)
{
	struct server_request *r = world_next(w, 5000);

	CHECK("it is asked", r != NULL);
	if (r)
		world_answer(w, r, status, headers, body);
	server_request_free(r);
}

#define ITEM(id, name, extra) "{\"id\":\"" id "\",\"displayName\":\"" name "\"" extra "}"

static void test_lines(void)
{
	struct world *w = world_new("rw,ttl=1000", true);
	struct open_file f = open_file(w);
	struct server_request *first, *second;
	pthread_t t, other;

	read_all(&f);
	pthread_create(&t, NULL, refresh, w);
	answer(w, 200, "",
	       "{\"value\":[" ITEM("1", "same", "") "," ITEM(
		       "2", "A/b", ",\"version\":\"1\"") "," ITEM("3", "goes",
								  "") "," ITEM("4", "again",
									       "") "]}");
	CHECK_STR("the first listing is no news", next_line(&f), "");
	answer(w, 200, "",
	       "{\"value\":[" ITEM("1", "same", "") "," ITEM(
		       "2", "A/b", ",\"version\":\"2\"") "," ITEM("5", "new \\\"one\\\"",
								  "") "," ITEM("4", "renamed",
									       "") "]}");
	pthread_join(t, NULL);
	{
		const char *want[] = {
			"\"collection\":\"deviceImages\",\"name\":\"A%2Fb.json\",\"id\":\"2\","
			"\"changed\":{\"version\":[\"1\",\"2\"]}}",
			"\"collection\":\"deviceImages\",\"name\":\"goes.json\",\"id\":\"3\",\"removed\":true}",
			"\"collection\":\"deviceImages\",\"name\":\"renamed.json\",\"id\":\"4\","
			"\"changed\":{\"displayName\":[\"again\",\"renamed\"]}}",
			"\"collection\":\"deviceImages\",\"name\":\"new \\\"one\\\".json\",\"id\":\"5\",\"added\":true}",
		};
		bool seen[ARRAY_SIZE(want)] = { false };
		unsigned lines = 0;
		const char *line;

		for (; *(line = next_line(&f)); lines++)
			for (unsigned i = 0; i < ARRAY_SIZE(want); i++)
				seen[i] = seen[i] || strcmp(line, want[i]) == 0;
		CHECK("changed", seen[0]);
		CHECK("removed", seen[1]);
		CHECK("renamed, under its new name", seen[2]);
		CHECK("added", seen[3]);
		CHECK_INT("nothing else", lines, ARRAY_SIZE(want));
	}
	pthread_create(&t, NULL, refresh, w);
	answer(w, 200, "",
	       "{\"value\":[{\"displayName\":\"same\",\"id\":\"1\"}," ITEM(
		       "2", "A/b",
		       ",\"version\":\"2\",\"@odata.etag\":\"x\"") "," ITEM("5",
									    "new \\u0022one\\u0022",
									    "") "," ITEM("4",
											 "renamed",
											 "") "]}");
	pthread_join(t, NULL);
	CHECK_STR("what says the same is no news", next_line(&f), "");

	pthread_create(&t, NULL, refresh, w);
	pthread_create(&other, NULL, list_other, w);
	first = world_next(w, 5000);
	second = world_next(w, 5000);
	world_answer(w, first, 429, "Retry-After: 1\r\n", "{}");
	begin_read(&f);
	CHECK("throttling", end_read(&f) > 0);
	CHECK_STR("is told", f.buf + TIME_LEN, "\"throttled\":{\"seconds\":1}}\n");
	world_answer(w, second, 429, "Retry-After: 2\r\n", "{}");
	server_request_free(first);
	server_request_free(second);
	for (uint64_t n = 0; n < 2;) /* until it has come */
		world_post(w, throttled, &(struct count){ w, &n });
	CHECK_STR("not again for who was on the way", next_line(&f), "");
	world_skip(w, 2001);
	first = world_next(w, 5000);
	second = world_next(w, 5000);
	if (strstr(first->line, "galleryImages")) {
		struct server_request *r = first;

		first = second;
		second = r;
	}
	world_answer(w, second, 200, "", "{\"value\":[]}");
	pthread_join(other, NULL);
	world_answer(w, first, 429, "Retry-After: 3\r\n", "{}");
	server_request_free(first);
	server_request_free(second);
	begin_read(&f);
	CHECK("each time", end_read(&f) > 0);
	CHECK_STR("it begins", f.buf + TIME_LEN, "\"throttled\":{\"seconds\":3}}\n");
	world_skip(w, 3001);
	answer(w, 200, "", "{\"value\":[]}");
	pthread_join(t, NULL);
	for (unsigned i = 0; i < 4; i++)
		CHECK("all are gone", strstr(next_line(&f), "\"removed\":true}"));
	CHECK_STR("and that is all", next_line(&f), "");
	close_file(&f);
	world_free(w);
}

static void test_signin(void)
{
	struct world *w = world_new("rw,ttl=1000", false);
	struct open_file f = open_file(w);
	pthread_t t;

	read_all(&f);
	pthread_create(&t, NULL, list, w);
	answer(w, 401, "",
	       "{\"error\":\"invalid_client\",\"error_codes\":[7000222],\"error_description\":\"AADSTS7000222: x\"}");
	pthread_join(t, NULL);
	CHECK("a sign-in that is refused is told, with the cure",
	      strncmp(next_line(&f),
		      "\"signIn\":\"needed\",\"message\":\"the client secret has expired",
		      50) == 0);
	pthread_create(&t, NULL, list, w);
	pthread_join(t, NULL);
	CHECK_STR("once", next_line(&f), "");
	world_skip(w, 70000);
	pthread_create(&t, NULL, list, w);
	answer(w, 200, "",
	       "{\"token_type\":\"Bearer\",\"expires_in\":3600,\"access_token\":\"a.token.t\"}");
	answer(w, 200, "", "{\"value\":[]}");
	pthread_join(t, NULL);
	CHECK_STR("and when it is mended", next_line(&f), "\"signIn\":\"ok\"}");
	CHECK_STR("that is all", next_line(&f), "");
	close_file(&f);
	world_free(w);
}

int main(void)
{
	test_lines();
	test_signin();
	return check_summary();
}
