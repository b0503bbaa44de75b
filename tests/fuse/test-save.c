/* Saves that meet one another, step by step. What follows from one save alone is test-property's. */
#include "base/macros.h"
#include "base/str.h"
#include "fs/fs.h"
#include "tests/lib/check.h"
#include "tests/lib/world.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>

#define ITEM                                                                                  \
	"\"displayName\":\"New\",\"imageDisplayName\":\"i\",\"imageId\":\"i\",\"imageType\":" \
	"\"gallery\",\"domainJoinConfigurations\":[]"

static struct service {
	struct world *w;
	struct kernel_handle file;
	struct kernel_call *second; /* a flush that comes while the first is on its way */
	unsigned posts, patches;
	char patched[200];
} S;

static void answer(struct server_request *r, int status, const char *body)
{
	world_answer(S.w, r, status, "", body);
}

static void on_request(void *arg, struct server_request *r)
{
	const char *item = S.patches ? "{\"id\":\"1\"," ITEM ",\"description\":\"later\"}"
				     : "{\"id\":\"1\"," ITEM ",\"description\":null}";
	const char *later = "{" ITEM ",\"description\":\"later\"}";

	if (strncmp(r->line, "POST ", 5) == 0) {
		if (!S.posts++) {
			kernel_write(S.w->kernel, &S.file, later, strlen(later), 0);
			S.second = kernel_begin_flush(S.w->kernel, &S.file);
		}
		answer(r, 201, item);
	} else if (strncmp(r->line, "PATCH ", 6) == 0) {
		S.patches++;
		snprintf(S.patched, sizeof(S.patched), "%s", r->body);
		answer(r, 204, "");
	} else if (strstr(r->line, "provisioningPolicies/1")) {
		answer(r, 200, item);
	} else {
		answer(r, 200, "{\"value\":[]}");
	}
}

static void test_written_while_it_is_made(void)
{
	struct fuse_entry_out dir, e;
	const char *text = "{" ITEM "}";

	kernel_walk(S.w->kernel, "provisioningPolicies", &dir);
	CHECK_INT("a new file",
		  kernel_create(S.w->kernel, dir.nodeid, "New.json", O_WRONLY, &e, &S.file), 0);
	CHECK_INT("its text", kernel_write(S.w->kernel, &S.file, text, strlen(text), 0),
		  (int)strlen(text));
	CHECK_INT("is closed by one who has it open", kernel_flush(S.w->kernel, &S.file), 0);
	CHECK("and by another one, who has written on", S.second != NULL);
	CHECK_INT("who is told of success too", kernel_end(S.w->kernel, S.second), 0);
	CHECK_INT("one item is made", S.posts, 1);
	CHECK_INT("and then changed", S.patches, 1);
	CHECK_STR("as it was written", S.patched, "{\"description\":\"later\"}");
	CHECK_INT("closed", kernel_release(S.w->kernel, &S.file), 0);
	CHECK_INT("the item is there",
		  kernel_walk(S.w->kernel, "provisioningPolicies/New.json", &e), 0);
}

static int remove_path(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	return remove(path);
}

int main(void)
{
	char keep[] = "/tmp/w365fs-save-XXXXXX";

	if (!mkdtemp(keep))
		return 1;
	S.w = world_new_stepped("rw", keep, on_request, NULL);
	test_written_while_it_is_made();
	world_free(S.w);
	nftw(keep, remove_path, 16, FTW_DEPTH | FTW_PHYS);
	return check_summary();
}
