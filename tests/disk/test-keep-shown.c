/* What is kept as numbers, names and listings: what the mount shows. */
#include "base/macros.h"
#include "tests/disk/texts.h"

struct names {
	char all[1024];
	uint64_t last;
	unsigned stop_after;
};

static bool list_one(void *arg, const char *name, const struct fs_keep_stat *st)
{
	struct names *n = arg;

	CHECK("numbers rise", st->id > n->last);
	n->last = st->id;
	strcat(strcat(n->all, name), st->dir ? "/ " : " ");
	return !n->stop_after || --n->stop_after;
}

static const char *list(struct fs_keep *k, const char *path, struct names *n)
{
	struct fs_keep_stat st = { .id = FS_KEEP_ROOT };
	char copy[256], *save = NULL;

	snprintf(copy, sizeof(copy), "%s", path);
	for (char *p = strtok_r(copy, "/", &save); p; p = strtok_r(NULL, "/", &save))
		if (fs_keep_lookup(k, st.id, p, &st) < 0)
			return "(none)";
	n->all[0] = '\0';
	fs_keep_list(k, st.id, n->last, list_one, n);
	return n->all;
}

static void when_of(const char *below, struct timespec times[2])
{
	struct stat st = { 0 };

	stat(at(below), &st);
	times[0] = st.st_atim;
	times[1] = st.st_mtim;
}

static void test_shown(void)
{
	struct timespec times[2];
	struct fs_keep *k = open_keep(NULL);
	struct fs_keep_stat item, text, now, above;
	char buf[8], name[64];
	const char *path;
	struct timespec when;
	struct fs_wip *w;

	CHECK_STR("both are there", list(k, "", &(struct names){ 0 }), "history/ rejected/ ");
	CHECK_STR("empty", list(k, "rejected", &(struct names){ 0 }), "");
	w = new_text(k, "A.json", "0123456789");
	CHECK_STR("what is being saved is not shown", list(k, "rejected", &(struct names){ 0 }),
		  "");
	fs_keep_lookup(k, FS_KEEP_ROOT, "rejected", &above);
	when = above.modified;
	fs_wip_reject(w, &why);
	CHECK_STR("what was refused is, at once", list(k, "rejected", &(struct names){ 0 }),
		  FAMILY "/ ");
	fs_keep_stat(k, above.id, &above);
	CHECK("the folder has another time",
	      when.tv_sec != above.modified.tv_sec || when.tv_nsec != above.modified.tv_nsec);
	CHECK_STR("by name", list(k, "rejected/" FAMILY, &(struct names){ 0 }), "A/ ");

	path = fs_wip_rejected(w);
	snprintf(name, sizeof(name), "%s", strrchr(path, '/') + 1);
	fs_keep_lookup(k, above.id, FAMILY, &item);
	fs_keep_lookup(k, item.id, "A", &item);
	CHECK_INT("its text", fs_keep_lookup(k, item.id, name, &text), 0);
	CHECK("is a file of its size", !text.dir && text.size == 10);
	CHECK("of now", text.modified.tv_sec * 1000 > keep_now() - 60000);
	CHECK_INT("in that folder", fs_keep_parent(k, text.id) == item.id, true);
	CHECK_INT("read", fs_keep_read(k, text.id, buf, 4, 3), 4);
	CHECK("from there", memcmp(buf, "3456", 4) == 0);
	CHECK_INT("to the end", fs_keep_read(k, text.id, buf, 8, 8), 2);
	CHECK_INT("and not further", fs_keep_read(k, text.id, buf, 8, 10), 0);
	CHECK_INT("a folder is no file", fs_keep_read(k, item.id, buf, 8, 0), -ENOENT);
	CHECK_INT("no such name", fs_keep_lookup(k, item.id, "x", &now), -ENOENT);
	CHECK_INT("nor that", fs_keep_lookup(k, item.id, "20260101T000000.000Z.json", &now),
		  -ENOENT);
	CHECK_INT("nothing in a file", fs_keep_lookup(k, text.id, "x", &now), -ENOENT);
	CHECK_INT("no such number", fs_keep_stat(k, item.id + 100, &now), -ENOENT);
	CHECK_INT("nor that", fs_keep_stat(k, (uint64_t)1 << 47, &now), -ENOENT);

	refuse(k, "A.json", "second");
	CHECK_INT("a number stays", fs_keep_lookup(k, item.id, name, &now), 0);
	CHECK("the same", now.id == text.id);
	folder_write("x", "longer than it was");
	snprintf(buf, sizeof(buf), "x");
	rename(at("x"), at(strcat(strcpy((char[600]){ 0 }, "state/w365fs/T/"), path)));
	fs_keep_stat(k, text.id, &now);
	CHECK_INT("a person has changed it", (int)now.size, 18);
	fs_wip_free(w, false);

	/* Somebody else has written, within a tick of the file system's clock. */
	when_of(REFUSED "/" FAMILY "/A", times);
	folder_write(REFUSED "/" FAMILY "/A/20260101T000000.000Z.json", "quick");
	CHECK_INT("the folder's time is the same",
		  utimensat(AT_FDCWD, at(REFUSED "/" FAMILY "/A"), times, 0), 0);
	CHECK_INT("it is seen all the same",
		  fs_keep_lookup(k, item.id, "20260101T000000.000Z.json", &now), 0);
	fs_keep_remove(k, item.id, "20260101T000000.000Z.json", false);

	/* A listing that goes on where it was. */
	struct names pieces = { .stop_after = 1 };
	unsigned n = 0;

	while (list(k, path = "rejected/" FAMILY "/A", &pieces)[0]) {
		n++;
		pieces.stop_after = 1;
	}
	CHECK_INT("in pieces all are seen once", n, 4);
	fs_keep_free(k);
}

static void test_removed(void)
{
	struct fs_keep *k = open_keep(NULL);
	struct fs_keep_stat part, family, item;
	struct names names = { 0 };
	char first[64];

	refuse(k, "A.json", "text");
	fs_keep_lookup(k, FS_KEEP_ROOT, "rejected", &part);
	fs_keep_lookup(k, part.id, FAMILY, &family);
	fs_keep_lookup(k, family.id, "A", &item);
	list(k, "rejected/" FAMILY "/A", &names);
	snprintf(first, sizeof(first), "%.*s", (int)strcspn(names.all, " "), names.all);

	CHECK_INT("rm of a folder", fs_keep_remove(k, family.id, "A", false), -EISDIR);
	CHECK_INT("rmdir of a full one", fs_keep_remove(k, family.id, "A", true), -ENOTEMPTY);
	CHECK_INT("rmdir of a file", fs_keep_remove(k, item.id, first, true), -ENOTDIR);
	CHECK_INT("rm of nothing", fs_keep_remove(k, item.id, "x", false), -ENOENT);
	CHECK_INT("rm", fs_keep_remove(k, item.id, first, false), 0);
	CHECK_INT("of that", fs_keep_remove(k, item.id, first, false), -ENOENT);
	CHECK_INT("alone", files(REFUSED), 1);
	list(k, "rejected/" FAMILY "/A", &(struct names){ 0 });
	snprintf(first + 20, sizeof(first) - 20, ".reason");
	CHECK_INT("and of the sentence", fs_keep_remove(k, item.id, first, false), 0);
	CHECK_INT("rm -r goes on with the folder", fs_keep_remove(k, family.id, "A", true), 0);
	CHECK_INT("and the one above", fs_keep_remove(k, part.id, FAMILY, true), 0);
	CHECK_INT("but not further", fs_keep_remove(k, FS_KEEP_ROOT, "rejected", true), -EPERM);
	CHECK_INT("all is gone", everything(REFUSED), 1);
	CHECK_INT("its number too", fs_keep_stat(k, item.id, &item), -ENOENT);
	refuse(k, "A.json", "again");
	CHECK_INT("and comes back", fs_keep_stat(k, family.id, &item), 0);

	folder_remove(REFUSED); /* a person does */
	CHECK_INT("without a folder on disk", fs_keep_lookup(k, FS_KEEP_ROOT, "rejected", &part),
		  0);
	CHECK_STR("it is empty", list(k, "rejected", &(struct names){ 0 }), "");
	fs_keep_free(k);
}

int main(void)
{
	folder_new(NULL);
	test_shown();
	folder_empty();
	test_removed();
	folder_done();
	return check_summary();
}
