/* Processes that are killed while they save, before every change of the disk and at any moment: each text is
 * with the service or among the refused ones, never neither; each version that was replaced is in
 * history/. */
#include "base/macros.h"
#include "base/str.h"
#include "fs/keep.h"
#include "tests/disk/folder.h"

#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define FAMILY  "provisioningPolicies"
#define ROUNDS  4000
#define PAD     3000 /* a text takes several writes */
#define REFUSED "T/rejected/" FAMILY
#define HISTORY "T/history/" FAMILY

/* What an onlooker knows, who is not killed. */
static struct ledger {
	atomic_uint step;
	atomic_uint round;            /* begun last, from 1 */
	atomic_bool written[ROUNDS];  /* the text is whole */
	atomic_bool accepted[ROUNDS]; /* the service has it */
	atomic_bool ended[ROUNDS];    /* saved without trouble: nobody needs it any more */
	atomic_uint replaced[ROUNDS]; /* what the service had before; 0: nothing */
	atomic_uint remote;           /* what it has now */
} * ledger;

static const struct fs_keep_limits no_limits = { UINT32_MAX, UINT64_MAX, UINT64_MAX };

static void text_of(unsigned i, char out[PAD + 32])
{
	int n = sprintf(out, "text %u ", i);

	memset(out + n, 'a' + (int)(i % 26), PAD);
	strcpy(out + n + PAD, " end");
}

static void step(void)
{
	atomic_fetch_add(&ledger->step, 1);
}

static bool change(struct fs_keep *k, const char *name, unsigned i, bool accepted)
{
	unsigned before = ledger->remote;
	char text[PAD + 32];
	struct fs_before *b;

	text_of(before, text);
	if (before && fs_before_new(k, FAMILY, name, text, strlen(text), &b, NULL) < 0)
		return false;
	step();
	if (accepted) {
		ledger->replaced[i] = before;
		ledger->remote = i;
		ledger->accepted[i] = true;
	}
	step();
	if (before)
		fs_before_end(b, accepted);
	step();
	return true;
}

static bool refuse(struct fs_wip *w)
{
	step();
	return fs_wip_reject(w, &(struct w365_err){ .num = EINVAL, .msg = "no good" }) == 0;
}

static bool write_text(struct fs_wip *w, unsigned i)
{
	char text[PAD + 32];
	size_t half;

	text_of(i, text);
	half = strlen(text) / 2;
	step();
	if (fs_wip_truncate(w, 0) < 0 || fs_wip_write(w, text, half, 0) < 0)
		return false;
	step();
	if (fs_wip_write(w, text + half, strlen(text) - half, half) < 0)
		return false;
	ledger->written[i] = true;
	step();
	return fs_wip_sync(w) == 0;
}

/* The ways of a save. */
static bool save(struct fs_keep *k, unsigned i)
{
	const char *name = i % 3 ? "A policy.json" : "B.json";
	bool forget = false, ok;
	struct fs_wip *w;

	ledger->round = i;
	if (fs_wip_new(k, FAMILY, name, &w, NULL) < 0 || !write_text(w, i))
		return false;
	switch (i % 5) {
	case 0: /* refused, and written again to be refused again */
		ok = refuse(w) && write_text(w, i) && refuse(w);
		break;
	case 1: /* refused, and accepted at the second attempt */
		ok = refuse(w) && write_text(w, i) && change(k, name, i, true);
		forget = true;
		break;
	case 2: /* sent, and refused by the service */
		ok = change(k, name, i, false) && refuse(w);
		break;
	case 3: /* refused twice as it is */ ok = refuse(w) && refuse(w); break;
	default:
		ok = change(k, name, i, true);
		forget = true;
		break;
	}
	step();
	fs_wip_free(w, forget);
	ledger->ended[i] = ok && forget;
	step();
	return ok;
}

/* ---- the onlooker ---- */

/* Which text a file holds; 0: none that is whole. */
static unsigned which(const char *below, const char *path)
{
	char file[1200], want[PAD + 32];
	const char *text;
	unsigned i;

	snprintf(file, sizeof(file), "%s/%s", below, path);
	text = folder_read(file);
	if (!text || sscanf(text, "text %u ", &i) != 1)
		return 0;
	text_of(i, want);
	return w365_streq(text, want) ? i : 0;
}

static bool has_sentence(const char *path)
{
	char file[1200];
	const char *text;

	snprintf(file, sizeof(file), REFUSED "/%.*s.reason", (int)strlen(path) - 5, path);
	text = folder_read(file);
	return text && (w365_streq(text, "no good\n") ||
			w365_streq(text, "w365fs ended while this was being saved\n"));
}

/* Complaints are few words; all of them make one check. */
static void complain(char *out, size_t size, const char *what, unsigned i)
{
	size_t n = strlen(out);

	snprintf(out + n, size - n, "%s %u; ", what, i);
}

static void check(const char *reason, bool whole)
{
	static bool refused[ROUNDS], before[ROUNDS];
	char wrong[4096] = "";
	struct fs_keep *k;
	struct w365_err err;
	int n;

	if (fs_keep_new(at("T"), &no_limits, &k, &err) < 0) {
		CHECK(err.msg, false);
		return;
	}
	memset(refused, 0, sizeof(refused));
	memset(before, 0, sizeof(before));
	if (files("T/saving"))
		complain(wrong, sizeof(wrong), "files left in saving:", (unsigned)found_n);
	n = files(REFUSED);
	for (int i = 0; i < n; i++) {
		unsigned text = 0;

		if (!w365_ends(found[i].path, ".json"))
			continue;
		text = which(REFUSED, found[i].path);
		refused[text] = true;
		if (!has_sentence(found[i].path))
			complain(wrong, sizeof(wrong), "without a sentence:", text);
		if (text && ledger->ended[text])
			complain(wrong, sizeof(wrong), "kept after it was accepted:", text);
	}
	n = files(HISTORY);
	for (int i = 0; i < n; i++) {
		unsigned text = which(HISTORY, found[i].path);

		before[text] = true;
		if (!text)
			complain(wrong, sizeof(wrong), "a version that is not whole:", 0);
	}
	for (unsigned i = 1; i <= ledger->round; i++) {
		if (ledger->written[i] && !ledger->accepted[i] && !refused[i])
			complain(wrong, sizeof(wrong), "lost text", i);
		if (ledger->replaced[i] && !before[ledger->replaced[i]])
			complain(wrong, sizeof(wrong), "lost version", ledger->replaced[i]);
	}
	fs_keep_free(k);
	if (whole || wrong[0])
		CHECK_STR(reason, wrong, "");
}

/* ---- before every change ---- */

static void child(unsigned from, unsigned to, bool traced)
{
	struct fs_keep *k;

	if (traced && (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0 || raise(SIGSTOP) != 0))
		_exit(2);
	if (fs_keep_new(at("T"), &no_limits, &k, NULL) < 0)
		_exit(3);
	for (unsigned i = from; i < to; i++)
		if (!save(k, i))
			_exit(4);
	fs_keep_free(k);
	_exit(0);
}

/* Whether the call that it is about to do alters the disk: in front of any other, the disk is as it
 * is in front of the next that does. */
static bool alters(pid_t pid)
{
	struct __ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info) <= 0)
		return false;
	if (info.op != PTRACE_SYSCALL_INFO_ENTRY)
		return false;
	switch (info.entry.nr) {
	case SYS_openat: return info.entry.args[2] & O_CREAT;
	case SYS_mkdirat:
	case SYS_write:
	case SYS_pwrite64:
	case SYS_ftruncate:
	case SYS_renameat:
#ifdef SYS_renameat2
	case SYS_renameat2:
#endif
	case SYS_unlinkat: return true;
	default: return false;
	}
}

/* Kills it as it is about to do the @nth call that alters the disk. True if it came so far;
 * *@ret_status if not. */
static bool kill_at(pid_t pid, unsigned nth, int *ret_status)
{
	unsigned n = 0;

	while (waitpid(pid, ret_status, 0) == pid && WIFSTOPPED(*ret_status)) {
		/* The first stop is its own. With this option calls can be told from signals. */
		if (WSTOPSIG(*ret_status) == SIGSTOP)
			ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACESYSGOOD);
		else if (alters(pid) && n++ == nth) {
			kill(pid, SIGKILL);
			waitpid(pid, ret_status, 0);
			return true;
		}
		ptrace(PTRACE_SYSCALL, pid, NULL, NULL);
	}
	return false;
}

/* What the service has at the beginning is not accounted for. */
static void forget_all(unsigned remote)
{
	memset(ledger, 0, sizeof(*ledger));
	ledger->remote = remote;
	folder_empty();
}

static bool every_change(unsigned kind)
{
	unsigned nth = 0, first = 20 + kind;
	char reason[64];
	int status;
	bool more = true;

	for (; more; nth++) {
		pid_t pid;

		forget_all(10);
		fflush(stdout);
		pid = fork();
		if (pid == 0)
			child(first, first + 1, true);
		more = kill_at(pid, nth, &status);
		if (!more && WIFEXITED(status) && WEXITSTATUS(status) == 2)
			return false;
		snprintf(reason, sizeof(reason), "save of kind %u, killed before change %u", kind,
			 nth);
		check(reason, false);
	}
	snprintf(reason, sizeof(reason), "save of kind %u, killed before each of its changes",
		 kind);
	CHECK(reason, WIFEXITED(status) && WEXITSTATUS(status) == 0 && nth > 15);
	printf("# %u changes\n", nth);
	return true;
}

/* ---- at any moment ---- */

#define HOW (WEXITED | WNOHANG | WNOWAIT)

static void any_moment(unsigned kills)
{
	unsigned next = 1;

	forget_all(0);
	for (unsigned i = 0; i < kills && next + 50 < ROUNDS; i++) {
		unsigned random = 0, until;
		siginfo_t ended = { 0 };
		pid_t pid;

		if (getrandom(&random, sizeof(random), 0) < 0)
			abort();
		until = ledger->step + random % 60;
		fflush(stdout);
		pid = fork();
		if (pid == 0)
			child(next, next + 50, false);
		/* It is killed somewhere in a step, not between two. */
		while (ledger->step < until && waitid(P_PID, (id_t)pid, &ended, HOW) == 0 &&
		       !ended.si_pid)
			sched_yield();
		for (unsigned spin = random >> 8 & 0x3ffff; spin; spin--)
			atomic_signal_fence(memory_order_seq_cst);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		check("killed at any moment", i + 1 == kills);
		next = ledger->round + 1;
	}
	CHECK_INT("it did not end by itself", ledger->round > kills / 2, true);
	printf("# %u kills, %u texts\n", kills, (unsigned)ledger->round);
}

int main(void)
{
	bool traced = true;

	ledger = mmap(NULL, sizeof(*ledger), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (ledger == MAP_FAILED)
		abort();
	/* Some thousand runs, of which each syncs: where that costs nothing, if there is such a
	 * place. What SIGKILL leaves is the same. */
	folder_new(access("/dev/shm", W_OK) == 0 ? "/dev/shm" : NULL);
	for (unsigned kind = 0; traced && kind < 5; kind++)
		traced = every_change(kind);
	if (!traced)
		printf("ok %u - before every change # SKIP ptrace is not allowed\n", ++check_count);
	folder_done();
	folder_new(NULL);
	any_moment(100);
	folder_done();
	return check_summary();
}
