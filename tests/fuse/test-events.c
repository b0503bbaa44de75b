/* .w365fs/events: who reads it waits for what happens, as many as there are; on a read-only mount it is a
 * file that grows. */
#include "base/buf.h"
#include "base/macros.h"
#include "fs/events.h"
#include "tests/fuse/events.h"

#include <poll.h>

#define MIB (1 << 20)

/* ---- things that happen ---- */

struct happening {
	struct fs *fs;
	unsigned from, n;
	size_t len; /* of the text in each */
};

static void happen_in_loop(void *arg)
{
	const struct happening *h = arg;

	for (unsigned i = 0; i < h->n; i++) {
		struct w365_jw *w = fs_event_begin(h->fs);
		_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF;

		for (size_t k = 0; k < h->len; k++)
			w365_buf_addc(&text, 'x');
		w365_jw_pair_uint(w, "n", h->from + i);
		w365_jw_pair(w, "text", w365_buf_str(&text));
		fs_event_end(h->fs);
	}
}

/* @n lines, numbered from @from, all in one go. */
static void happen(struct world *w, unsigned from, unsigned n, size_t len)
{
	world_post(w, happen_in_loop, &(struct happening){ w->fs, from, n, len });
}

/* Time goes by, so that what there is may be dropped when there is more. */
static void grow_old(struct world *w, unsigned n)
{
	for (unsigned i = 0; i < 2; i++) {
		world_skip(w, 6000);
		happen(w, n, 1, 0);
	}
}

/* Until so many wait for an answer. */
static bool waiting(struct world *w, unsigned n)
{
	for (unsigned i = 0; i < 1000 && kernel_waiting(w->kernel) != n; i++)
		poll(NULL, 0, 5);
	poll(NULL, 0, 20);
	return kernel_waiting(w->kernel) == n;
}

static bool notified(struct world *w, uint64_t kh)
{
	for (unsigned i = 0; i < 1000 && !kernel_notified(w->kernel, FUSE_NOTIFY_POLL, kh); i++)
		poll(NULL, 0, 5);
	return kernel_notified(w->kernel, FUSE_NOTIFY_POLL, kh);
}

static void test_waiting(struct world *w)
{
	struct open_file f = open_file(w), other;
	uint64_t size;

	CHECK("it is never empty", ino_of(w, &size) && size > 0);
	CHECK_STR("it begins with the mount", next_line(&f),
		  "\"mounted\":{\"tenant\":\"" WORLD_TENANT "\"}}");
	f.flags = O_NONBLOCK;
	CHECK_INT("at the end, who does not want to wait is told so", read_some(&f, 100), -EAGAIN);
	f.flags = 0;
	begin_read(&f);
	CHECK("else the read waits", waiting(w, 1));
	happen(w, 1, 1, 3);
	CHECK("for what happens", end_read(&f) > 0);
	CHECK("a line of JSON, with its time",
	      strncmp(f.buf, "{\"time\":\"2", 10) == 0 &&
		      strcmp(f.buf + TIME_LEN, "\"n\":1,\"text\":\"xxx\"}\n") == 0);

	begin_read(&f);
	CHECK("the next one waits again", waiting(w, 1));
	kernel_interrupt(w->kernel);
	CHECK_INT("until a signal", end_read(&f), -EINTR);
	happen(w, 2, 1, 0);
	CHECK_STR("which loses nothing", next_line(&f), "\"n\":2,\"text\":\"\"}");

	other = open_file(w);
	next_line(&other);
	CHECK_STR("who comes later begins with what is kept", next_line(&other),
		  "\"n\":1,\"text\":\"xxx\"}");
	other.off = 5 * MIB;
	begin_read(&other);
	CHECK("behind the end is at the end", waiting(w, 1));
	happen(w, 3, 1, 0);
	CHECK("whatever the offset", end_read(&other) > 32);
	CHECK_STR("what comes is read there", other.buf + TIME_LEN, "\"n\":3,\"text\":\"\"}\n");

	begin_read(&other);
	CHECK("a read that waits", waiting(w, 1));
	close_file(&other);
	CHECK_INT("ends with its file", (pthread_join(other.thread, NULL), other.got), -EINTR);
	CHECK_STR("and others go on", next_line(&f), "\"n\":3,\"text\":\"\"}");
	close_file(&f);
}

static void test_many(struct world *w)
{
	struct open_file f[50];
	unsigned same = 0;

	for (unsigned i = 0; i < ARRAY_SIZE(f); i++) {
		f[i] = open_file(w);
		read_all(&f[i]);
		begin_read(&f[i]);
	}
	CHECK("fifty wait", waiting(w, ARRAY_SIZE(f)));
	happen(w, 10, 5, 100);
	for (unsigned i = 0; i < ARRAY_SIZE(f); i++) {
		end_read(&f[i]);
		same += f[i].got > 5 * 100 && strcmp(f[i].buf, f[0].buf) == 0;
	}
	CHECK_INT("fifty get the same five lines, in one piece", same, ARRAY_SIZE(f));
	for (unsigned i = 0; i < ARRAY_SIZE(f); i++)
		close_file(&f[i]);
	CHECK("no request was made", world_quiet(w));
}

static void test_poll(struct world *w)
{
	struct open_file f = open_file(w);
	struct fuse_entry_out readme;

	kernel_walk(w->kernel, "README.md", &readme);
	CHECK_INT("other files are always readable",
		  kernel_poll(w->kernel, &(struct kernel_handle){ .ino = readme.nodeid }, 1, true),
		  POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM);
	CHECK_INT("there is something", kernel_poll(w->kernel, &f.h, 7, true), POLLIN | POLLRDNORM);
	read_all(&f);
	kernel_forget_notifications(w->kernel);
	CHECK_INT("there is no more", kernel_poll(w->kernel, &f.h, 7, false), 0);
	happen(w, 20, 1, 0);
	CHECK_STR("who only looks", next_line(&f), "\"n\":20,\"text\":\"\"}");
	CHECK_INT("is not told", kernel_notified(w->kernel, FUSE_NOTIFY_POLL, 7), 0);
	CHECK_INT("who waits", kernel_poll(w->kernel, &f.h, 7, true), 0);
	CHECK_INT("and asks twice", kernel_poll(w->kernel, &f.h, 7, true), 0);
	happen(w, 21, 1000, 0);
	CHECK("is told when something happens", notified(w, 7));
	CHECK_INT("and finds it", kernel_poll(w->kernel, &f.h, 7, false), POLLIN | POLLRDNORM);
	happen(w, 1021, 1, 0);
	CHECK_INT("once, however much it is",
		  (ino_of(w, NULL), kernel_notified(w->kernel, FUSE_NOTIFY_POLL, 0)), 1);
	read_all(&f);
	CHECK_INT("who has left while it waited", kernel_poll(w->kernel, &f.h, 8, true), 0);
	close_file(&f);
	happen(w, 30, 1, 0);
	CHECK_INT("is told nothing",
		  (ino_of(w, NULL), kernel_notified(w->kernel, FUSE_NOTIFY_POLL, 8)), 0);
}

static void test_refusals(struct world *w)
{
	struct kernel_handle out;
	struct kernel_entry list[32];
	struct fuse_entry_out e;
	int n;

	CHECK_INT("it cannot be written", kernel_open(w->kernel, ino_of(w, NULL), O_WRONLY, &out),
		  -EACCES);
	CHECK_INT("nor both", kernel_open(w->kernel, ino_of(w, NULL), O_RDWR, &out), -EACCES);
	kernel_walk(w->kernel, PATH, &e);
	CHECK_INT("its mode says so", e.attr.mode, S_IFREG | 0400);
	CHECK("the kernel is to ask each time",
	      !e.entry_valid && !e.entry_valid_nsec && !e.attr_valid && !e.attr_valid_nsec);
	kernel_walk(w->kernel, ".w365fs", &e);
	n = kernel_readdir(w->kernel, e.nodeid, 65536, list, ARRAY_SIZE(list), NULL);
	CHECK("its neighbours are listed", n > 2);
	for (int i = 0; i < n; i++)
		CHECK("but not it: no walk ends there", strcmp(list[i].name, "events") != 0);
}

/* ---- what is dropped ---- */

static int64_t number(const char *line, const char *member)
{
	const char *at = strstr(line, member);

	return at ? strtoll(at + strlen(member), NULL, 10) : -1;
}

#define LINE 1052 /* bytes of one with a number of five digits and 1000 bytes of text */

/* Whether all lines from that number on come, one after the other. */
static bool comes(struct open_file *f, int64_t from, int64_t to)
{
	for (int64_t i = from; i < to; i++)
		if (number(next_line(f), "\"n\":") != i)
			return false;
	return true;
}

static void test_lost(struct world *w)
{
	struct open_file slow = open_file(w), quick = open_file(w), late;
	uint64_t first = ino_of(w, NULL), size;
	int64_t lost, oldest;
	const char *line;

	read_all(&slow);
	read_all(&quick);
	happen(w, 10000, 1, 1000);
	CHECK_INT("a reader stops in the middle of a line", read_some(&slow, 500), 500);

	/* Three megabytes in one go: a page with thousands of changes. */
	happen(w, 10001, 3000, 1000);
	CHECK("what has come just now is not dropped", ino_of(w, &size) == first && size > 3 * MIB);
	CHECK("who is quick gets all of it", comes(&quick, 10000, 13001));

	grow_old(w, 20000);
	CHECK("later it is", ino_of(w, &size) != first && size < MIB + 300 * 1024);
	CHECK("what is kept is a mebibyte", size >= MIB);
	line = next_line(&slow);
	CHECK_INT("a reader gets the rest of its line", strlen(line) + TIME_LEN, LINE - 500 - 1);
	lost = number(next_line(&slow), "\"lost\":");
	CHECK("and is told what it lost", lost > MIB);
	CHECK_INT("in whole lines", lost % LINE, 0);
	late = open_file(w);
	oldest = number(next_line(&late), "\"n\":");
	CHECK_INT("of which none is unaccounted for", oldest, 10001 + lost / LINE);
	CHECK("and goes on with the oldest that is kept", comes(&slow, oldest, 13001));
	CHECK("to the end", comes(&slow, 20000, 20001) && comes(&slow, 20000, 20001));
	slow.off = 10;
	CHECK("going back to what is gone finds it lost",
	      number(next_line(&slow), "\"lost\":") > 0);
	CHECK("and what there is", comes(&slow, oldest, 13001));
	close_file(&slow);
	close_file(&late);
	close_file(&quick);

	/* Whatever its age, there is a limit. */
	slow = open_file(w);
	read_all(&slow);
	first = ino_of(w, NULL);
	happen(w, 30000, 20000, 1000);
	CHECK("a flood is not kept", ino_of(w, &size) != first && size <= 16 * MIB);
	CHECK("but much of it", size > 15 * MIB);
	lost = number(next_line(&slow), "\"lost\":");
	CHECK_INT("who was at the end has lost whole lines, too", lost % LINE, 0);
	CHECK("the first of it", comes(&slow, 30000 + lost / LINE, 50000));
	close_file(&slow);
}

static void *run_end(void *arg)
{
	struct open_file *f = arg;

	read_some(f, 100);
	return NULL;
}

static void test_writable(void)
{
	struct world *w = world_new("rw", true);
	struct open_file f;

	test_waiting(w);
	test_many(w);
	test_poll(w);
	test_refusals(w);
	test_lost(w);
	f = open_file(w);
	f.off = 100 * MIB;
	pthread_create(&f.thread, NULL, run_end, &f);
	CHECK("somebody waits", waiting(w, 1));
	world_free(w);
	pthread_join(f.thread, NULL);
	CHECK_INT("when the mount ends, so does the file", f.got, 0);
	free(f.buf);
}

/* ---- a read-only mount ---- */

static int read_plain(struct world *w, uint64_t ino, uint64_t off, uint32_t size, char *buf)
{
	int n = kernel_read(w->kernel, ino, off, size, 0, buf);

	buf[MAX(n, 0)] = '\0';
	return n;
}

static void test_read_only(void)
{
	struct world *w = world_new("", true);
	struct kernel_handle out;
	struct fuse_attr_out attr;
	char *buf = malloc(BLOCK + 1), *again = malloc(BLOCK + 1), *lost;
	uint64_t ino = ino_of(w, NULL), size, gone;
	int n;

	CHECK_INT("it is not opened", kernel_open(w->kernel, ino, O_RDONLY, &out), -ENOSYS);
	CHECK_INT("nor polled",
		  kernel_poll(w->kernel, &(struct kernel_handle){ .ino = ino }, 1, true), -ENOSYS);
	CHECK_INT("it has a size", kernel_getattr(w->kernel, ino, &attr), 0);
	size = attr.attr.size;
	CHECK_INT("which is that of the first line", read_plain(w, ino, 0, 4096, buf), size);
	happen(w, 1, 1, 0);
	CHECK_INT("it grows", kernel_getattr(w->kernel, ino, &attr), 0);
	CHECK_INT("by what happens", read_plain(w, ino, size, 4096, buf), attr.attr.size - size);
	CHECK_STR("a line", buf + TIME_LEN, "\"n\":1,\"text\":\"\"}\n");
	CHECK_INT("at its end reads end", read_plain(w, ino, attr.attr.size, 4096, buf), 0);
	CHECK_INT("and behind it", read_plain(w, ino, attr.attr.size + 5, 4096, buf), 0);

	happen(w, 1000, 2000, 1000);
	grow_old(w, 5000);
	kernel_getattr(w->kernel, ino, &attr);
	gone = ino_of(w, &size);
	CHECK("what is dropped is not there for who comes now",
	      gone != ino && size < attr.attr.size);
	gone = attr.attr.size - size;
	CHECK_INT("for who has it open it is", read_plain(w, ino, 0, 8192, buf), 8192);
	CHECK_INT("line breaks", strspn(buf, "\n"), 8192);
	n = read_plain(w, ino, gone - 4096, 8192, buf);
	CHECK_INT("up to what is kept", n, 8192);
	lost = buf + strspn(buf, "\n");
	CHECK_INT("behind a line that says so", number(lost, "\"lost\":"), gone);
	CHECK_INT("which ends where that begins", strchr(lost, '\n') + 1 - buf, 4096);
	CHECK_INT("in whatever pieces it is read",
		  read_plain(w, ino, gone - 4096 + (uint64_t)(lost - buf) + 10, 20, again), 20);
	CHECK("it is the same", memcmp(lost + 10, again, 20) == 0);
	n = read_plain(w, ino, gone, 4096, again);
	CHECK("and what follows", n == 4096 && memcmp(again, buf + 4096, 4096) == 0);
	read_plain(w, ino_of(w, NULL), 0, 4096, buf);
	CHECK("is what the others see", memcmp(again, buf, 4096) == 0);
	CHECK("no request was made", world_quiet(w));
	free(buf);
	free(again);
	world_free(w);
}

int main(void)
{
	test_writable();
	test_read_only();
	return check_summary();
}
