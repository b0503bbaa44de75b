/* Texts that must not be lost: what is on disk after each step, and what is found of it. */
#include "base/macros.h"
#include "base/str.h"
#include "fs/keep-disk.h"
#include "tests/disk/texts.h"

#include <sys/wait.h>

static void test_file_names(void)
{
	static const struct {
		const char *why, *name;
		bool ok;
	} cases[] = {
		{ "a text", "20261122T093015.123Z.json", true },
		{ "a leap day", "20280229T235959.999Z.reason", true },
		{ "no such day", "20270229T000000.000Z.json", false },
		{ "nothing", "", false },
		{ "cut short", "20261122T093015", false },
		{ "no milliseconds", "20261122T093015Z.json", false },
		{ "another separator", "20261122 093015.123Z.json", false },
		{ "a sign", "+0261122T093015.123Z.json", false },
		{ "somebody's notes", "notes.json", false },
	};
	const char *suffix;
	char name[KEEP_FILE_MAX];
	int64_t t;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		bool ok = keep_file_parse(cases[i].name, &t, &suffix);

		CHECK_INT(cases[i].why, ok, cases[i].ok);
		if (ok)
			CHECK_STR("and back", keep_file(t, suffix, name), cases[i].name);
	}
	CHECK_STR("the time is UTC", keep_file(1795339815123, ".json", name),
		  "20261122T093015.123Z.json");
}

static void test_names(void)
{
	char longest[256 + 5], longer[300];
	struct fs_keep *k = open_keep(NULL);
	struct fs_wip *w;
	struct w365_err err;
	const struct {
		const char *why, *family, *name;
		int r;
	} cases[] = {
		{ "the folder above", FAMILY, "..", -EINVAL },
		{ "the folder above, with a suffix", FAMILY, "...json", -EINVAL },
		{ "the folder itself", FAMILY, ".", -EINVAL },
		{ "hidden", FAMILY, ".x.json", -EINVAL },
		{ "nothing", FAMILY, "", -EINVAL },
		{ "nothing but the suffix", FAMILY, ".json", -EINVAL },
		{ "a path", FAMILY, "a/b.json", -EINVAL },
		{ "a family above", "..", "a.json", -EINVAL },
		{ "no family", "", "a.json", -EINVAL },
		{ "too long", FAMILY, longer, -ENAMETOOLONG },
		{ "the longest", FAMILY, longest, 0 },
		{ "a collection in a collection", "reports/exportJobs", "a.json", 0 },
		{ "a family that only looks like one", "../../etc", "a.json", -EINVAL },
		{ "blanks and all that", FAMILY, " a\n\xff%2F*.json", 0 },
		{ "without the suffix", FAMILY, "plain", 0 },
	};

	memset(longest, 'n', 250);
	strcpy(longest + 250, ".json");
	memset(longer, 'n', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		w = NULL;
		CHECK_INT(cases[i].why, fs_wip_new(k, cases[i].family, cases[i].name, &w, &err),
			  cases[i].r);
		if (!w)
			continue;
		CHECK_INT("can be refused", fs_wip_reject(w, &why), 0);
		CHECK("and is where it says", strstr(fs_wip_rejected(w), "../") == NULL &&
						      access(at("state/w365fs/T"), F_OK) == 0);
		fs_wip_free(w, true);
	}
	CHECK_INT("nothing is left", files("state"), 0);
	CHECK_INT("and nothing is elsewhere", files(""), 0);
	fs_keep_free(k);
}

static void check_modes(void)
{
	int n = everything("state/w365fs/T");
	bool private = true;

	for (int i = 0; i < n; i++)
	private = private &&
		  (found[i].st.st_mode & 0777) == (S_ISDIR(found[i].st.st_mode) ? 0700 : 0600);
	CHECK("files are 0600 and folders 0700", private && n > 4);
}

static void test_refused(void)
{
	static const struct w365_err again = { .num = EPERM, .msg = "still not" };
	mode_t mask = umask(0);
	struct fs_keep *k = open_keep(NULL);
	struct fs_wip *w = new_text(k, "A b.json", "hello");
	char where[600], path[1200];

	CHECK_STR("a text is on disk from its first byte on", only(SAVING, ".json"), "hello");
	CHECK_INT("further on", fs_wip_write(w, "world", 5, 7), 0);
	CHECK_INT("with a hole before", (int)found[0].st.st_size, 5);
	CHECK_INT("cut", fs_wip_truncate(w, 9), 0);
	CHECK_INT("durable", fs_wip_sync(w), 0);
	CHECK("nothing was refused", !fs_wip_rejected(w));
	check_modes();

	CHECK_INT("it is refused", fs_wip_reject(w, &why), 0);
	snprintf(where, sizeof(where), "%s", fs_wip_rejected(w));
	snprintf(path, sizeof(path), "state/w365fs/T/%s", where);
	CHECK("its place says which", w365_starts(where, "rejected/" FAMILY "/A b/20"));
	CHECK("its text is there", memcmp(folder_read(path), "hello\0\0wo", 10) == 0);
	CHECK_STR("and why", only(REFUSED, ".reason"), "line 3: not JSON\n");
	CHECK_INT("nothing is being saved", files(SAVING), 0);
	check_modes();
	umask(mask);

	CHECK_INT("refused once more as it is", fs_wip_reject(w, &why), 0);
	CHECK_STR("it is the same entry", fs_wip_rejected(w), where);
	CHECK_INT("for another reason", fs_wip_reject(w, &again), 0);
	CHECK_STR("it is the same too", fs_wip_rejected(w), where);
	CHECK_STR("with that reason", only(REFUSED, ".reason"), "still not\n");

	CHECK_INT("it is written on", fs_wip_write(w, "HE", 2, 0), 0);
	CHECK("that leaves the entry alone", memcmp(folder_read(path), "hello\0\0wo", 10) == 0);
	CHECK("and is on disk", memcmp(only(SAVING, ".json"), "HEllo\0\0wo", 10) == 0);
	CHECK_INT("cut", fs_wip_truncate(w, 4), 0);
	CHECK_INT("and refused", fs_wip_reject(w, &again), 0);
	CHECK("which is another entry", !w365_streq(fs_wip_rejected(w), where));
	CHECK_STR("in the place of the first", only(REFUSED, ".json"), "HEll");
	CHECK_INT("with its reason", files(REFUSED), 2);

	CHECK_INT("cut after that", fs_wip_truncate(w, 2), 0);
	CHECK_STR("it goes on with what is left", only(SAVING, ".json"), "HE");
	CHECK_STR("the entry is as it was", only(REFUSED, ".json"), "HEll");
	w = fs_wip_free(w, false);
	CHECK("freed", !w);
	CHECK_INT("what was not refused is gone", files(SAVING), 0);
	CHECK_STR("what was, is not", only(REFUSED, ".json"), "HEll");
	fs_keep_free(k);
}

static void test_forgotten(void)
{
	struct fs_keep *k = open_keep(NULL);
	struct fs_wip *w = new_text(k, "A.json", "one");

	fs_wip_reject(w, &why);
	CHECK_INT("there is an entry", files(REFUSED), 2);
	fs_wip_write(w, "two", 3, 0);
	fs_wip_free(w, true);
	CHECK_INT("accepted in the end, nothing is left of it", everything(REFUSED), 1);
	fs_wip_free(NULL, true);
	fs_before_end(NULL, true);

	w = new_text(k, "A.json", "one");
	fs_wip_reject(w, &why);
	folder_remove(REFUSED "/" FAMILY); /* somebody does */
	CHECK_INT("and the text is refused again", fs_wip_reject(w, &why), 0);
	CHECK_STR("it is there again", only(REFUSED, ".json"), "one");
	fs_wip_free(w, true);
	fs_keep_free(k);
}

/* ---- history ---- */

static void test_history(void)
{
	struct fs_keep *k = open_keep(NULL);
	struct fs_before *b;
	struct w365_err err;

	CHECK_STR("nothing yet", history(k, FAMILY, 0, 0), "");
	CHECK_INT("a change is sent", fs_before_new(k, FAMILY, "A.json", "one", 3, &b, &err), 0);
	CHECK_STR("until then the version is kept", only(SAVING, ".before"), "one");
	CHECK_STR("but not shown", history(k, FAMILY, 0, 0), "");
	CHECK_INT("not at all", files(HISTORY), 0);
	fs_before_end(b, true);
	CHECK_STR("it was accepted", only(HISTORY "/" FAMILY "/A", ".json"), "one");
	CHECK_INT("and is in one place", files("state"), 1);
	replace(k, "B.json", "two", true);
	replace(k, "A.json", "three", true);
	replace(k, "A.json", "not", false);
	CHECK_INT("what was not accepted is forgotten", files("state"), 3);
	CHECK_STR("the newest first", history(k, FAMILY, 0, 0), "three two one ");
	CHECK_STR("those of a size", history(k, FAMILY, 3, 0), "two one ");
	CHECK_STR("until it is enough", history(k, FAMILY, 3, 1), "two ");
	CHECK_STR("another family", history(k, "userSettings", 0, 0), "");
	CHECK_STR("no family at all", history(k, "..", 0, 0), "");
	check_modes();
	fs_keep_free(k);

	k = open_keep(NULL);
	CHECK_STR("after the next start too", history(k, FAMILY, 0, 0), "three two one ");
	fs_keep_free(k);
}

/* ---- limits ---- */

static void write_old(const char *path)
{
	folder_write(path, "old");
	utimensat(AT_FDCWD, at(path), (struct timespec[2]){ { 1, 0 }, { 1, 0 } }, 0);
}

static void test_limits(void)
{
	static const struct fs_keep_limits few = { .per_item = 3, .bytes = 1000, .age_s = 3600 };
	char big[701], name[32], path[PATH_MAX], old[KEEP_FILE_MAX];
	struct fs_keep *k = open_keep(&few);

	for (int i = 0; i < 5; i++) {
		snprintf(name, sizeof(name), "v%d", i);
		replace(k, "A.json", name, true);
	}
	CHECK_STR("so many of an item", history(k, FAMILY, 0, 0), "v4 v3 v2 ");
	replace(k, "B.json", "b", true);
	CHECK_STR("of each", history(k, FAMILY, 0, 0), "b v4 v3 v2 ");

	memset(big, 'x', 700);
	big[700] = '\0';
	replace(k, "C.json", big, true);
	CHECK_INT("so many bytes", files(HISTORY), 5);
	replace(k, "C.json", big, true);
	CHECK_INT("of all items together", files(HISTORY), 1);
	CHECK_INT("folders without a text go too", everything(HISTORY), 4);
	refuse(k, "A.json", big);
	CHECK_INT("refused texts are counted by themselves", files("state"), 3);
	refuse(k, "B.json", big);
	CHECK_INT("text and sentence come and go together", files(REFUSED), 2);
	CHECK("the newer one stays", w365_starts(found[0].path, FAMILY "/B/"));
	fs_keep_free(k);

	k = open_keep(&(struct fs_keep_limits){ .per_item = 1, .bytes = 10, .age_s = 3600 });
	CHECK_INT("less is kept from now on", files("state"), 0);
	refuse(k, "A.json", big);
	CHECK_INT("but never nothing of what was just written", files(REFUSED), 2);
	refuse(k, "A.json", big);
	CHECK_INT("only that", files(REFUSED), 2);
	fs_keep_free(k);

	keep_file(keep_now() - 3601 * 1000, ".json", old);
	snprintf(path, sizeof(path), HISTORY "/" FAMILY "/Old/%s", old);
	write_old(path);
	k = open_keep(&few);
	CHECK_INT("what is too old goes at the start", files(HISTORY), 0);
	write_old(path);
	replace(k, "A.json", "new", true);
	CHECK_INT("or once something is written", files(HISTORY), 2);
	CHECK_STR("when it was seen", history(k, FAMILY, 0, 0), "new old ");
	replace(k, "A.json", "newer", true);
	CHECK_STR("it is gone", history(k, FAMILY, 0, 0), "newer new ");
	fs_keep_free(k);
}

/* ---- what a dead process has left ---- */

static void test_left(void)
{
	struct fs_keep *k;

	folder_write(SAVING "/" FAMILY "/A/20260101T000000.001Z.json", "half");
	folder_write(SAVING "/" FAMILY "/A/20260101T000000.002Z.json", "");
	folder_write(SAVING "/" FAMILY "/A/20260101T000000.003Z.json", "refused");
	folder_write(SAVING "/" FAMILY "/A/20260101T000000.003Z.reason", "but not sai");
	folder_write(SAVING "/" FAMILY "/A/20260101T000000.004Z.json", "said");
	folder_write(REFUSED "/" FAMILY "/A/20260101T000000.004Z.reason", "why\n");
	folder_write(SAVING "/" FAMILY "/B/20260101T000000.005Z.before", "version");
	folder_write(SAVING "/" FAMILY "/B/20260101T000000.006Z.part", "vers");
	folder_write(SAVING "/" FAMILY "/B/20260101T000000.007Z.reason", "of nothing");
	folder_write(SAVING "/" FAMILY "/C/notes.txt", "not ours");
	folder_write(REFUSED "/" FAMILY "/D/notes.txt", "not ours");
	folder_write(REFUSED "/empty/E/x", "");
	unlink(at(REFUSED "/empty/E/x"));
	utimensat(AT_FDCWD, at(REFUSED "/empty/E"), (struct timespec[2]){ 0 }, 0);
	folder_write(REFUSED "/new/E/x", "");
	unlink(at(REFUSED "/new/E/x"));
	k = open_keep(NULL); /* what is left is seen, however old it is */

#define IS(file, text) CHECK_STR(file, folder_read(file), text)
	IS(REFUSED "/" FAMILY "/A/20260101T000000.001Z.json", "half");
	IS(REFUSED "/" FAMILY "/A/20260101T000000.001Z.reason",
	   "w365fs ended while this was being saved\n");
	IS(REFUSED "/" FAMILY "/A/20260101T000000.003Z.json", "refused");
	IS(REFUSED "/" FAMILY "/A/20260101T000000.003Z.reason",
	   "w365fs ended while this was being saved\n");
	IS(REFUSED "/" FAMILY "/A/20260101T000000.004Z.json", "said");
	IS(REFUSED "/" FAMILY "/A/20260101T000000.004Z.reason", "why\n");
	IS(HISTORY "/" FAMILY "/B/20260101T000000.005Z.json", "version");
	IS(SAVING "/" FAMILY "/C/notes.txt", "not ours");
	IS(REFUSED "/" FAMILY "/D/notes.txt", "not ours");
#undef IS
	CHECK_INT("and that is all", files("state"), 9);
	CHECK("a folder without files is gone", access(at(REFUSED "/empty/E"), F_OK) < 0);
	CHECK("if it is not new", access(at(REFUSED "/new/E"), F_OK) == 0);
	CHECK("a person's file is no text of ours", !strstr(history(k, FAMILY, 0, 0), "notes"));
	fs_keep_free(k);
}

static void test_two(void)
{
	struct fs_keep *k1 = open_keep(NULL), *k2;
	struct fs_wip *w1 = new_text(k1, "A.json", "one"), *w2, *many[20];
	struct fs_before *b;
	struct w365_err err;

	fs_before_new(k1, FAMILY, "A.json", "before", 6, &b, &err);
	k2 = open_keep(NULL);
	CHECK_INT("another start leaves alone what is being saved", files(SAVING), 2);
	CHECK_INT("and shows nothing", files("state"), 2);
	w2 = new_text(k2, "A.json", "two");
	fs_wip_reject(w2, &why);
	fs_wip_reject(w1, &why);
	fs_before_end(b, true);
	CHECK_STR("each finds what the other has written", history(k2, FAMILY, 0, 0), "before ");
	replace(k2, "B.json", "more", true);
	CHECK_STR("also later", history(k1, FAMILY, 0, 0), "more before ");
	fs_wip_free(w1, false);
	fs_wip_free(w2, true);
	CHECK_STR("each removes its own", only(REFUSED, ".json"), "one");
	refuse(k1, "A.json", "three");

	for (size_t i = 0; i < ARRAY_SIZE(many); i++)
		many[i] = new_text(i % 2 ? k1 : k2, "A.json", "x");
	for (size_t i = 0; i < ARRAY_SIZE(many); i++)
		fs_wip_reject(many[i], &why);
	for (size_t i = 0; i < ARRAY_SIZE(many); i++)
		fs_wip_free(many[i], false);
	CHECK_INT("as many entries as there are texts", files(REFUSED), 2 * (20 + 2));
	fs_keep_free(k1);
	fs_keep_free(k2);
}

static int refuse_and_forget(struct fs_keep *k)
{
	struct fs_wip *w = NULL;
	int r = fs_wip_new(k, FAMILY, "A.json", &w, NULL);

	if (r == 0)
		r = fs_wip_write(w, "text", 4, 0);
	if (r == 0)
		r = fs_wip_reject(w, &why);
	fs_wip_free(w, true);
	return r;
}

/* Another process, which also starts now and then. */
static int another(void)
{
	struct fs_keep *k;
	int r = 0;

	for (int i = 0; i < 8 && r == 0; i++) {
		r = fs_keep_new(at("state/w365fs/T"), NULL, &k, NULL);
		for (int n = 0; n < 10 && r == 0; n++)
			r = refuse_and_forget(k);
		if (r == 0)
			fs_keep_free(k);
	}
	return r;
}

/* Two that save the same item again and again: one removes the folders that the other is about to
 * use. */
static void test_at_once(void)
{
	struct fs_keep *k = open_keep(NULL);
	int r = 0, status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0)
		_exit(another() == 0 ? 0 : 1);
	for (int i = 0; i < 80 && r == 0; i++)
		r = refuse_and_forget(k);
	CHECK_INT("every text was kept", r, 0);
	waitpid(pid, &status, 0);
	CHECK_INT("by both", status, 0);
	CHECK_INT("and forgotten", files("state"), 0);
	fs_keep_free(k);
}

/* Many in the same millisecond. */
static void test_same_time(void)
{
	struct fs_keep *k = open_keep(&(struct fs_keep_limits){ 1000, 1 << 20, 3600 });
	struct keep_item it = { FAMILY, "A" };
	int64_t t = keep_now(), first = t, last = 0;
	int root = open(at("state/w365fs/T"), O_RDONLY | O_DIRECTORY), fds[50];

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		int64_t mine = t;
		char name[KEEP_FILE_MAX];

		CHECK_INT("each gets one",
			  keep_claim(root, &it, KEEP_REJECTED, ".json", &mine, &fds[i]), 0);
		CHECK("of its own", mine > last && mine >= first);
		last = mine;
		if (i % 2) /* it has moved on: its time is taken all the same */
			CHECK_INT("moved",
				  keep_move(root, &it, keep_file(mine, ".json", name),
					    KEEP_REJECTED, name),
				  0);
	}
	CHECK_INT("in a row", last - first, 49);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		close(fds[i]);
	close(root);
	fs_keep_free(k);
}

int main(void)
{
	static void (*const tests[])(void) = {
		test_file_names, test_names, test_refused, test_forgotten, test_history,
		test_limits,     test_left,  test_two,     test_at_once,   test_same_time,
	};

	folder_new(NULL);
	for (size_t i = 0; i < ARRAY_SIZE(tests); i++) {
		tests[i]();
		folder_empty();
	}
	folder_done();
	return check_summary();
}
