/* Saves that meet one another, step by step. What follows from one save alone is test-property's. */
#include "base/macros.h"
#include "base/str.h"
#include "fs/fs.h"
#include "tests/lib/check.h"
#include "tests/lib/world.h"

#include <errno.h>
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
	bool forbidden;
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

	if (S.forbidden) {
		answer(r, 403, "{\"error\":{\"code\":\"Forbidden\",\"message\":\"no\"}}");
	} else if (strncmp(r->line, "POST ", 5) == 0) {
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

/* The notifier may wait for what a request holds that is never answered: at the end of the mount nothing
 * is begun that would have to wait. */
static void test_ending(void)
{
	static const char line[] = "1 displayName=x\n";
	struct fuse_entry_out e;
	struct kernel_handle h;
	unsigned posts = S.posts, patches = S.patches;

	kernel_walk(S.w->kernel, "provisioningPolicies/New.json", &e);
	CHECK_INT("an item is opened", kernel_open(S.w->kernel, e.nodeid, O_WRONLY | O_TRUNC, &h),
		  0);
	kernel_write(S.w->kernel, &h, "{\"description\":\"too late\"}", 26, 0);
	S.w->fs->ending = true;
	CHECK_INT("at the end of the mount it is not saved", kernel_flush(S.w->kernel, &h), -EINTR);
	kernel_release(S.w->kernel, &h);
	kernel_walk(S.w->kernel, "cloudPCs/actions/rename", &e);
	CHECK_INT("a control file", kernel_open(S.w->kernel, e.nodeid, O_WRONLY, &h), 0);
	CHECK_INT("does nothing any more", kernel_write(S.w->kernel, &h, line, strlen(line), 0),
		  -EINTR);
	kernel_release(S.w->kernel, &h);
	CHECK("nothing is sent of all that", S.posts == posts && S.patches == patches);
	S.w->fs->ending = false;
}

/* There is no other answer than none. What is wrong is said where people look for it. */
static void test_no_items(void)
{
	static const char line[] = "1 assignments=[]\n";
	struct fuse_entry_out e;
	struct kernel_handle h;
	char *errors;
	int err;

	S.forbidden = true;
	kernel_walk(S.w->kernel, "userSettings/actions/assign", &e);
	kernel_open(S.w->kernel, e.nodeid, O_WRONLY, &h);
	CHECK_INT("targets that cannot be looked for",
		  kernel_write(S.w->kernel, &h, line, strlen(line), 0), -EACCES);
	CHECK_INT("also when that is known already",
		  kernel_write(S.w->kernel, &h, line, strlen(line), 0), -EACCES);
	kernel_release(S.w->kernel, &h);
	errors = kernel_cat(S.w->kernel, ".w365fs/errors", &err);
	CHECK("each time with the reason",
	      errors && !strstr(errors, "userSettings/actions/assign: \n") &&
		      strstr(errors, "userSettings/actions/assign: the signed-in"));
	free(errors);
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
	test_ending();
	test_no_items();
	world_free(S.w);
	nftw(keep, remove_path, 16, FTW_DEPTH | FTW_PHYS);
	return check_summary();
}
