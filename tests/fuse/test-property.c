/*
 * Programs save files, in random order and with random mistakes, while the service changes things
 * behind their backs and is in trouble. After each sequence all agrees: what the service has, what it
 * was asked for, what the files show, what is kept.
 *
 *   test-property [--sequences N] [--seed S [--steps]]
 *
 * A seed is one mount and SEQUENCES sequences on it; all follows from it. Of a failure the seed is
 * told, and the last steps before it; --steps tells each step.
 */
#include "base/log.h"
#include "base/macros.h"
#include "base/str.h"
#include "fs/file.h"
#include "fs/fs.h"
#include "fs/ioctl.h"
#include "fs/save.h"
#include "tests/fuse/property-keep.h"
#include "tests/fuse/property.h"

#include <errno.h>
#include <ftw.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SEQUENCES 20 /* of a seed */
#define STORY     400

struct p P;
static char story[STORY][160];
static unsigned long told;

/* What the power would do to the texts is tests/disk's: here nothing waits for the disk. */
int fdatasync(int fd)
{
	return 0;
}

int fsync(int fd)
{
	return 0;
}

unsigned chance(unsigned n)
{
	/* xorshift64* */
	P.rng ^= P.rng >> 12;
	P.rng ^= P.rng << 25;
	P.rng ^= P.rng >> 27;
	return n ? (unsigned)((P.rng * 0x2545f4914f6cdd1dULL >> 33) % n) : 0;
}

bool percent(unsigned p)
{
	return chance(100) < p;
}

void tell(const char *fmt, ...)
{
	char *line = story[told++ % STORY];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(story[0]), fmt, ap);
	va_end(ap);
	if (P.steps)
		printf("# %s\n", line);
}

void wrong(const char *fmt, ...)
{
	char what[8000];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	if (!P.steps)
		for (unsigned long i = told > STORY ? told - STORY : 0; i < told; i++)
			printf("# %s\n", story[i % STORY]);
	printf("# seed %llu, sequence %u: ", (unsigned long long)P.seed, P.sequence);
	for (const char *c = what; *c; c++) {
		putchar(*c);
		if (*c == '\n')
			printf("# ");
	}
	printf("\n# again: test-property --seed %llu --steps\n", (unsigned long long)P.seed);
	fflush(stdout);
	_exit(1);
}

/* ---- the end of a sequence ---- */

static void refresh(void)
{
	struct fs_refresh out;
	int r = kernel_ioctl(P.w->kernel, P.dir, FS_IOC_REFRESH, &out, sizeof(out));

	world_settle(P.w);
	MUST(r == 0, "refresh gives %d", r);
}

static void check_listing(void)
{
	static struct kernel_entry list[256];
	char name[256];
	unsigned want = 0, got = 0;
	int n = kernel_readdir(P.w->kernel, P.dir, 65536, list, 256, NULL);

	MUST(n >= 0 && n <= 256, "the directory cannot be read: %d", n);
	for (int i = 0; i < n; i++) {
		if (S_ISDIR(list[i].entry.attr.mode))
			continue;
		MUST(exists(list[i].name), "%s is listed, and should not be there", list[i].name);
		got++;
	}
	for (unsigned i = 0; i < P.n_items; i++) {
		struct item *it = &P.items[i];
		size_t len;
		char *text;

		MUST(it->alive == (it->seen != NULL), "the client was not told of %s", it->id);
		if (!it->alive)
			continue;
		want++;
		name_of(it->now, name);
		text = op_cat(name, &len);
		MUST(text, "%s is not there", name);
		free(text);
	}
	for (struct mf *f = P.files; f < P.files + FILES; f++) {
		size_t len;

		if (!f->used)
			continue;
		MUST(f->kind != MF_ITEM && !f->unlinked, "%s is still open: the test is wrong",
		     f->name);
		free(op_cat(f->name, &len));
		want++;
	}
	MUST(got == want, "%u files are listed instead of %u", got, want);
}

static void check_inside(void)
{
	const struct fs *fs = P.w->fs;
	size_t n = 0, bytes = 0;

	for (const struct mf *f = P.files; f < P.files + FILES; f++) {
		n += f->used;
		bytes += f->used ? f->len : 0;
	}
	MUST(!fs->saves, "a save is still on its way");
	MUST(!fs->hidden, "an item is still hidden");
	MUST(!fs->parked, "a request was never answered");
	MUST(fs->n_files == n && fs->file_bytes == bytes,
	     "%zu files with %zu bytes are held instead of "
	     "%zu with %zu",
	     fs->n_files, fs->file_bytes, n, bytes);
}

void check_all(void)
{
	unsigned faults = P.fault_percent;

	P.fault_percent = 0;
	remote_watch();
	op_wait(2500); /* what was taken away is back, or gone */
	while (P.w->fs->saves)
		world_step(P.w);
	op_wait(10);
	refresh();
	check_listing();
	check_inside();
	keep_check();
	for (struct mf *f = P.files; f < P.files + FILES; f++)
		if (f->used)
			op_unlink(f->name, "rm");
	check_inside();
	MUST(!keep_saving(), "a text is still in saving/");
	keep_clear();
	P.fault_percent = faults;
}

/* ---- a seed ---- */

static int remove_path(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	return remove(path);
}

static void begin(uint64_t seed)
{
	struct fuse_entry_out e;
	char options[64];
	bool steps = P.steps;

	P = (struct p){ .seed = seed, .rng = (seed + 1) * 0x9e3779b97f4a7c15ULL, .steps = steps };
	P.deletes = percent(30);
	P.drops = percent(30);
	snprintf(options, sizeof(options), "rw%s%s", P.deletes ? ",delete" : "",
		 P.drops ? ",destructive=allow" : "");
	snprintf(P.keep, sizeof(P.keep), "%s/w365fs-property-XXXXXX",
		 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	MUST(mkdtemp(P.keep), "no folder: %s", P.keep);
	tell("a mount with -o %s", options);
	P.w = world_new_stepped(options, P.keep, remote_request, NULL);
	for (unsigned i = 0; i < 4; i++) {
		char name[20];

		snprintf(name, sizeof(name), "Policy %u", i);
		remote_make(name);
	}
	MUST(kernel_walk(P.w->kernel, FAMILY, &e) == 0, "no " FAMILY);
	P.dir = e.nodeid;
	refresh();
}

static void end(void)
{
	world_free(P.w);
	remote_done();
	MUST(!keep_saving(), "a text is still in saving/ after the end");
	nftw(P.keep, remove_path, 16, FTW_DEPTH | FTW_PHYS);
}

static void run_seed(uint64_t seed)
{
	begin(seed);
	for (P.sequence = 0; P.sequence < SEQUENCES; P.sequence++) {
		unsigned n = 1 + chance(6);

		P.fault_percent = percent(50) ? 0 : 4 + chance(20);
		tell("sequence %u, trouble in %u %% of all answers", P.sequence, P.fault_percent);
		if (P.n_items < 6)
			remote_make("");
		if (w365_streq(string_in(P.items[P.n_items - 1].now, "displayName"), "")) {
			char name[40];

			snprintf(name, sizeof(name), "Fresh %u", P.serial);
			remote_set(&P.items[P.n_items - 1], "displayName",
				   cJSON_CreateString(name));
			refresh();
		}
		for (unsigned i = 0; i < n; i++)
			some_program();
		check_all();
	}
	end();
}

int main(int argc, char **argv)
{
	static const struct option options[] = { { "sequences", required_argument, NULL, 'n' },
						 { "seed", required_argument, NULL, 's' },
						 { "steps", no_argument, NULL, 'v' },
						 { 0 } };
	unsigned long n = 200;
	long long seed = -1;
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) >= 0)
		switch (c) {
		case 'n': n = strtoul(optarg, NULL, 10); break;
		case 's': seed = atoll(optarg); break;
		case 'v': P.steps = true; break;
		default: return 2;
		}
	prctl(PR_SET_NAME, "rm");
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!P.steps)
		w365_log_set_level(W365_LOG_ERROR); /* each refusal is a warning */
	if (seed >= 0) {
		run_seed((uint64_t)seed);
	} else {
		for (uint64_t s = 0; s * SEQUENCES < n; s++)
			run_seed(s);
	}
	printf("ok 1 - in the end all agrees\n1..1\n");
	return 0;
}
