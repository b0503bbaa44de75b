/* Folders that are no good, links where there should be none, disks that are full: nothing is followed,
 * nothing is lost that was there, and a sentence says what is wrong. */
#include "base/macros.h"
#include "fs/keep-disk.h"
#include "tests/disk/texts.h"

#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

static void refused_folder(const char *reason, int want, const char *says)
{
	struct fs_keep *k = NULL;
	struct w365_err err = { .msg = "" };

	CHECK_INT(reason, fs_keep_new(at("state/w365fs/T"), NULL, &k, &err), want);
	CHECK("with a sentence", strstr(err.msg, says) && strstr(err.msg, "/state/w365fs"));
	printf("# %s\n", err.msg);
	fs_keep_free(k);
}

static void chown_to(uid_t uid)
{
	if (chown(at("state/w365fs/T"), uid, (gid_t)-1) < 0)
		abort();
}

static void test_folders(void)
{
	struct fs_keep *k;
	struct stat st;

	folder_write("elsewhere/x", "");
	mkdir(at("state"), 0700);
	mkdir(at("state/w365fs"), 0700);
	CHECK_INT("a link", symlink("../../elsewhere", at("state/w365fs/T")), 0);
	refused_folder("is not followed", -ELOOP, "symbolic link");
	CHECK_INT("nothing was written behind it", files("elsewhere"), 1);
	unlink(at("state/w365fs/T"));

	folder_write("state/w365fs/T", "");
	refused_folder("a file", -ENOTDIR, "cannot open the folder");
	unlink(at("state/w365fs/T"));

	mkdir(at("state/w365fs/T"), 0755);
	chmod(at("state/w365fs/T"), 0755);
	k = open_keep(NULL);
	stat(at("state/w365fs/T"), &st);
	CHECK_INT("open to others: not any more", st.st_mode & 0777, 0700);

	if (geteuid() == 0) {
		chown_to(12345);
		refused_folder("of another user", -EACCES, "belongs to another user");
		chown_to(0);
	}

	/* Somebody removes all of it while it is in use. */
	folder_remove("state");
	refuse(k, "A.json", "text");
	CHECK_STR("it is made again", only(REFUSED, ".json"), "text");
	folder_remove(SAVING);
	folder_remove(HISTORY);
	replace(k, "A.json", "text", true);
	CHECK_STR("so is what is in it", only(HISTORY, ".json"), "text");
	fs_keep_free(k);
}

static void test_links(void)
{
	struct fs_keep *k = open_keep(NULL);
	struct fs_keep_stat st;
	struct fs_wip *w = NULL;
	struct w365_err err;

	folder_write("elsewhere/A/20260101T000000.000Z.json", "secret");
	CHECK_INT("a link for a family", symlink("../../../../elsewhere", at(HISTORY "/linked")),
		  0);
	mkdir(at(HISTORY "/real"), 0700);
	CHECK_INT("a link for an item",
		  symlink("../../../../../elsewhere/A", at(HISTORY "/real/A")), 0);
	mkdir(at(HISTORY "/real/B"), 0700);
	CHECK_INT("a link for a text",
		  symlink("../../../../../../elsewhere/A/20260101T000000.000Z.json",
			  at(HISTORY "/real/B/20260101T000000.001Z.json")),
		  0);
	CHECK("is there, for who follows it",
	      folder_read(HISTORY "/real/B/20260101T000000.001Z.json"));
	mkfifo(at(HISTORY "/real/B/20260101T000000.002Z.json"), 0600);
	int dir = open(at(HISTORY "/real/B"), O_RDONLY | O_DIRECTORY);

	CHECK_INT("it is not opened",
		  keep_open_file(dir, "20260101T000000.001Z.json", O_RDONLY, NULL), -ELOOP);
	CHECK_INT("nor is a pipe", keep_open_file(dir, "20260101T000000.002Z.json", O_RDONLY, NULL),
		  -EINVAL);
	close(dir);
	fs_keep_lookup(k, FS_KEEP_ROOT, "history", &st);
	CHECK_INT("no such family", fs_keep_lookup(k, st.id, "linked", &st), -ENOENT);
	CHECK_STR("nothing of it is read", history(k, "linked", 0, 0), "");
	CHECK_STR("nor of the others", history(k, "real", 0, 0), "");

	CHECK_INT("a link where texts are saved",
		  symlink("../../../../elsewhere", at(SAVING "/linked")), 0);
	CHECK("is not written through", fs_wip_new(k, "linked", "A.json", &w, &err) < 0);
	CHECK_INT("nothing was", files("elsewhere"), 1);
	fs_keep_free(k);
	k = open_keep(NULL);
	CHECK_INT("nor at the next start", files("elsewhere"), 1);
	fs_keep_free(k);
}

/* ---- no room ---- */

/* What was written before goes on to be there, and what cannot be written is told. */
static void fill(struct fs_keep *k, const char *big, size_t len)
{
	struct fs_before *b = NULL;
	struct fs_wip *w;
	struct w365_err err = { .msg = "" };
	int r = 0;

	replace(k, "A.json", "version", true);
	refuse(k, "A.json", "refused before");
	w = new_text(k, "B.json", "small");
	for (uint64_t off = 5; r == 0 && off < 64 * len; off += len)
		r = fs_wip_write(w, big, len, off);
	CHECK("at some time there is no room", r == -ENOSPC || r == -EFBIG);
	r = fs_before_new(k, FAMILY, "A.json", big, len, &b, &err);
	CHECK("a version that cannot be kept is not", r < 0 && !b);
	CHECK("and says so", strstr(err.msg, "cannot keep the version before the change"));
	printf("# %s\n", err.msg);
	CHECK_STR("those before are there", history(k, FAMILY, 0, 0), "version ");
	fs_wip_reject(w, &why);
	CHECK("what there was room for is refused", fs_wip_rejected(w) != NULL);
	fs_wip_free(w, false);
	CHECK_INT("nothing is left of the rest", files(SAVING), 0);
	files(REFUSED "/" FAMILY "/B");
	CHECK("the text is among the refused, at least", found_n >= 1);
	CHECK("whole as far as it went",
	      w365_ends(found[0].path, ".json") && found[0].st.st_size > 5);
	CHECK_STR("the other too", only(REFUSED "/" FAMILY "/A", ".json"), "refused before");
}

/* In a process of its own, which may not write more than so much to a file. */
static void test_file_limit(void)
{
	static char big[65536];
	struct rlimit limit = { 40000, 40000 };
	struct rlimit before;
	struct fs_keep *k = open_keep(NULL);

	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	limit.rlim_max = before.rlim_max;
	memset(big, 'x', sizeof(big));
	CHECK_INT("no file may be large", setrlimit(RLIMIT_FSIZE, &limit), 0);
	fill(k, big, sizeof(big));
	setrlimit(RLIMIT_FSIZE, &before);
	fs_keep_free(k);
}

/* A file system of 256 KiB in a mount namespace of its own: it goes with the process. */
static void test_full(void)
{
	static char big[65536];
	struct fs_keep *k;
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		if (unshare(CLONE_NEWNS) < 0 ||
		    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		    mount("tmpfs", folder, "tmpfs", 0, "size=256k,mode=0700") < 0) {
			printf("ok %u - a full disk # SKIP nothing may be mounted\n",
			       ++check_count);
		} else {
			memset(big, 'x', sizeof(big));
			k = open_keep(NULL);
			fill(k, big, sizeof(big));
			fs_keep_free(k);
			CHECK_INT("read-only",
				  mount(NULL, folder, NULL, MS_REMOUNT | MS_RDONLY, NULL), 0);
			refused_folder("cannot be used", -EROFS, "Read-only file system");
		}
		fflush(stdout);
		_exit(check_failed ? 255 : (int)MIN(check_count, 254U));
	}
	waitpid(pid, &status, 0);
	check_count = WIFEXITED(status) ? (unsigned)WEXITSTATUS(status) : check_count;
	CHECK("a full disk", WIFEXITED(status) && WEXITSTATUS(status) != 255);
}

int main(void)
{
	static void (*const tests[])(void) = {
		test_folders,
		test_links,
		test_file_limit,
		test_full,
	};

	folder_new(NULL);
	for (size_t i = 0; i < ARRAY_SIZE(tests); i++) {
		tests[i]();
		folder_empty();
	}
	folder_done();
	return check_summary();
}
