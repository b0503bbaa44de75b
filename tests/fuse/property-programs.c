/* Programs that save, as strace shows them, and people who make mistakes. */
#include "base/buf.h"
#include "base/macros.h"
#include "base/str.h"
#include "tests/fuse/property.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdlib.h>

static struct item *some_item(void)
{
	for (int tries = 0; tries < 20; tries++) {
		struct item *it = &P.items[chance(P.n_items)];

		if (it->seen && !it->hidden)
			return it;
	}
	return NULL;
}

/* ---- reading ---- */

static bool take(struct draft *d, const struct item *it)
{
	struct handle h;

	*d = (struct draft){ 0 };
	if (!it)
		return false;
	name_of(it->seen, d->name);
	if (percent(20) && op_open(d->name, O_RDONLY, &h) == 0)
		op_release(&h);
	d->text = op_cat(d->name, &d->len);
	return d->text;
}

/* Time goes on while somebody edits, and others work as well. */
static void meanwhile(void)
{
	struct item *it = &P.items[chance(P.n_items)];
	char s[40];

	if (percent(30) && it->alive) {
		switch (chance(8)) {
		case 0:
		case 1: remote_set(it, "description", some_string("theirs")); break;
		case 2: remote_set(it, "enableSingleSignOn", cJSON_CreateBool(percent(50))); break;
		case 3: remote_set(it, "imageDisplayName", some_string("theirs")); break;
		case 4: remote_set(it, "displayName", some_string("Theirs")); break;
		case 5: remote_set(it, "cloudPcNamingTemplate", some_string("CPC")); break;
		case 6:
			snprintf(s, sizeof(s), "[{\"target\":{\"groupId\":\"group-%u\"}}]",
				 chance(6));
			{
				cJSON *groups = cJSON_Parse(s);

				tell("  behind our back: other groups of %s",
				     string_in(it->now, "displayName"));
				remote_assign(it, groups);
				cJSON_Delete(groups);
			}
			break;
		default:
			if (percent(30))
				remote_remove(it);
		}
	}
	if (percent(10))
		op_wait(chance(120000));
}

/* ---- writing ---- */

static void write_all(struct handle *h, const struct draft *d)
{
	size_t piece = percent(50) ? d->len : 1 + chance(400);

	for (size_t at = 0; at < d->len; at += piece)
		op_write(h, d->text + at, MIN(piece, d->len - at), at);
}

/* Another text, by who has the file open: whatever has become of the file meanwhile. */
static void again(struct handle *h, struct draft *d)
{
	draft_edit(d);
	if (percent(70))
		op_truncate(h, 0, true);
	write_all(h, d);
	op_flush(h, percent(50));
}

/* A text into a file that is open: as programs do, and to its end or not. */
static int put(struct handle *h, struct draft *d)
{
	int r = 0;

	if (percent(15))
		op_flush(h, false); /* the shell closes its copy of the descriptor */
	write_all(h, d);
	if (percent(10)) { /* so does each of several commands */
		op_flush(h, false);
		if (d->len > 10)
			op_write(h, d->text + d->len - 5, 5, d->len - 5);
	}
	if (percent(35))
		r = op_flush(h, true);
	if (percent(6))
		again(h, d);
	if (percent(8))
		P.interrupt_at = 1 + chance(4);
	r = op_flush(h, false) ? -1 : r;
	P.interrupt_at = 0;
	op_release(h);
	return r;
}

/* cp, nano, ed, a shell's ">". */
static void truncates(struct draft *d)
{
	struct handle h;
	bool at_once = percent(50);

	if (op_open(d->name, O_WRONLY | (at_once ? O_TRUNC : 0), &h) < 0)
		return;
	if (!at_once)
		op_truncate(&h, 0, percent(70));
	put(&h, d);
}

/* vim, backupcopy=yes. */
static void vim(struct draft *d)
{
	struct handle swap, h;
	char name[300];

	snprintf(name, sizeof(name), ".%.200s.swp", d->name);
	if (op_create(name, O_RDWR | O_EXCL, &swap) < 0)
		return;
	op_write(&swap, d->text, MIN(d->len, 100u), 0);
	if (percent(30) && op_mknod("4913") == 0)
		op_unlink("4913", "vim");
	if (op_open(d->name, O_WRONLY, &h) == 0) {
		op_truncate(&h, 0, true);
		put(&h, d);
	}
	op_flush(&swap, true);
	op_release(&swap);
	op_unlink(name, "vim");
}

/* vim, backupcopy=no; emacs: the old file becomes the backup. */
static void backup_by_rename(struct draft *d)
{
	char backup[300];
	struct handle h;

	snprintf(backup, sizeof(backup), "%.200s~", d->name);
	if (op_rename(d->name, backup, 0) < 0)
		return;
	op_lookup(d->name);
	if (percent(10))
		op_wait(2500);
	if (op_create(d->name, O_WRONLY, &h) == 0)
		put(&h, d);
	if (percent(60))
		op_unlink(backup, "vim");
}

/* sed -i, perl -pi; with a backup or not. */
static void temporary(struct draft *d)
{
	char name[32], backup[300];
	struct handle h, open = { 0 };

	snprintf(name, sizeof(name), "sed%06u", next_number());
	if (op_create(name, O_RDWR | O_EXCL, &h) < 0)
		return;
	put(&h, d);
	if (percent(8)) /* somebody still writes to it when it is moved */
		op_open(name, O_WRONLY, &open);
	if (percent(30)) {
		snprintf(backup, sizeof(backup), "%.200s.bak", d->name);
		op_rename(d->name, backup, 0);
	}
	if (percent(8))
		P.interrupt_at = 1 + chance(4);
	if (op_rename(name, d->name, 0) < 0) {
		if (percent(50))
			op_rename(name, d->name, 0); /* the kernel's second try, or a person's */
		if (percent(30)) {
			op_wait(1500);
			op_rename(name, d->name, 0);
		}
		P.interrupt_at = 0;
		if (local(name) && percent(80))
			op_unlink(name, "rm");
	}
	P.interrupt_at = 0;
	if (open.f) {
		again(&open, d);
		op_release(&open);
	}
}

/* jq ... > tmp.json && mv tmp.json X.json */
static void jq_mv(struct draft *d)
{
	char name[32];
	struct handle h;

	snprintf(name, sizeof(name), "tmp%u.json", next_number());
	if (op_create(name, O_WRONLY | O_TRUNC, &h) < 0)
		return;
	if (put(&h, d) < 0 && percent(50)) {
		if (local(name) && percent(70))
			op_unlink(name, "rm");
		return;
	}
	if (!local(name))
		return; /* without an id it was a new item */
	if (exists(d->name))
		op_rename(name, d->name, RENAME_NOREPLACE);
	if (percent(8))
		P.interrupt_at = 1 + chance(4);
	if (op_rename(name, d->name, 0) < 0) {
		P.interrupt_at = 0;
		if (percent(60))
			op_rename(name, d->name, 0);
		if (percent(30)) {
			op_wait(5000);
			op_rename(name, d->name, 0);
		}
	}
	P.interrupt_at = 0;
	if (local(name) && percent(70))
		op_unlink(name, "rm");
}

/* install, git, mv from elsewhere. */
static void unlink_first(struct draft *d)
{
	struct handle h;

	op_unlink(d->name, percent(50) ? "install" : percent(50) ? "mv" : "rm");
	if (percent(30)) { /* or a temporary takes the place */
		temporary(d);
		return;
	}
	if (percent(10))
		op_wait(2500);
	if (op_create(d->name, O_WRONLY | (percent(70) ? O_EXCL : O_TRUNC), &h) == 0)
		put(&h, d);
}

static void emacs(struct draft *d)
{
	char lock[300];
	struct handle h;

	snprintf(lock, sizeof(lock), ".#%.200s", d->name);
	op_symlink(lock, "user@host.1234");
	truncates(d);
	if (exists(d->name) && op_open(d->name, O_WRONLY, &h) == 0) {
		op_flush(&h, false);
		op_release(&h);
	}
	op_unlink(lock, "emacs");
}

/* Opens without truncating, writes over it, cuts it. */
static void in_place(struct draft *d)
{
	struct handle h;

	if (op_open(d->name, O_RDWR, &h) < 0)
		return;
	write_all(&h, d);
	op_truncate(&h, d->len, true);
	op_flush(&h, percent(50));
	if (percent(20))
		op_flush(&h, false);
	op_release(&h);
}

static void append(struct draft *d)
{
	struct handle h;
	const char *more = percent(40) ? "\n \n" : percent(50) ? "}" : "more";

	if (op_open(d->name, O_WRONLY | O_APPEND, &h) < 0)
		return;
	op_write(&h, more, strlen(more), 0);
	op_flush(&h, false);
	op_release(&h);
}

/* renameat2(RENAME_EXCHANGE) of a new text with the file. */
static void exchange(struct draft *d)
{
	char name[32];
	struct handle h;

	snprintf(name, sizeof(name), percent(50) ? "new%u" : "new%u.json", next_number());
	if (op_create(name, O_WRONLY, &h) < 0)
		return;
	write_all(&h, d);
	op_flush(&h, false);
	op_release(&h);
	if (local(name)) {
		if (percent(50))
			op_rename(name, d->name, RENAME_EXCHANGE);
		else
			op_rename(d->name, name, RENAME_EXCHANGE);
		free(op_cat(name, &d->len));
	}
	if (local(name) && percent(80))
		op_unlink(name, "rm");
}

/* Two programs have the file open at once. */
static void two_writers(struct draft *d)
{
	struct handle a, b;

	if (op_open(d->name, O_WRONLY | O_TRUNC, &a) < 0)
		return;
	if (op_open(d->name, O_WRONLY, &b) == 0) {
		write_all(&a, d);
		op_flush(&a, false);
		draft_edit(d);
		if (percent(50))
			op_truncate(&b, 0, true);
		write_all(&b, d);
		if (percent(50))
			op_release(&a);
		else
			op_flush(&a, true);
		op_flush(&b, false);
		op_release(&b);
	}
	if (a.f) {
		op_flush(&a, false);
		op_release(&a);
	}
}

/* ---- new items, names, removal ---- */

static void clone(struct draft *d)
{
	cJSON *j = cJSON_Parse(d->text);
	struct handle h;

	snprintf(d->name, sizeof(d->name), "Clone %u.json", next_number());
	if (cJSON_IsObject(j)) {
		if (percent(75))
			cJSON_DeleteItemFromObjectCaseSensitive(j, "id");
		if (percent(80))
			put_member(j, "displayName", some_string("Clone"));
		if (percent(30))
			cJSON_DeleteItemFromObjectCaseSensitive(j, "displayName");
		if (percent(15))
			cJSON_DeleteItemFromObjectCaseSensitive(j, "imageId");
		if (percent(10))
			bad_change(j);
		draft_set(d, j);
	}
	cJSON_Delete(j);
	if (percent(40)) {
		temporary(d);
	} else if (op_create(d->name, O_WRONLY, &h) == 0) {
		put(&h, d);
	}
	if (local(d->name) && percent(70))
		op_unlink(d->name, "rm");
}

static void new_name(struct draft *d)
{
	char to[256];

	snprintf(to, sizeof(to), "Renamed %u.json", next_number());
	op_rename(d->name, to, percent(50) ? RENAME_NOREPLACE : 0);
}

/* A text that was kept is copied back. */
static void undo(struct draft *d)
{
	const struct kept *k;

	if (!P.n_history)
		return;
	k = &P.history[chance(P.n_history)];
	free(d->text);
	d->text = strdup(k->text);
	d->len = strlen(d->text);
	truncates(d);
}

/* Whatever names there are, moved about. */
static void muddle(struct draft *d)
{
	const char *names[] = { "a", "b~", "c.json", d->name };
	const char *from = names[chance(4)], *to = names[chance(4)];
	struct handle h;

	switch (chance(6)) {
	case 0:
		if (!shown(from) && op_create(from, O_WRONLY, &h) == 0)
			put(&h, d);
		break;
	case 1: op_unlink(from, percent(50) ? "rm" : "mv"); break;
	case 2: op_lookup(from); break;
	case 3: free(op_cat(from, &d->len)); break;
	default:
		if (!w365_streq(from, to))
			op_rename(from, to,
				  percent(60)   ? 0
				  : percent(50) ? RENAME_NOREPLACE
						: RENAME_EXCHANGE);
	}
}

static const struct {
	const char *name;
	void (*run)(struct draft *d);
	unsigned weight;
	bool edits;
} programs[] = {
	{ "a program that truncates", truncates, 14, true },
	{ "vim", vim, 10, true },
	{ "an editor that renames for its backup", backup_by_rename, 10, true },
	{ "sed -i", temporary, 12, true },
	{ "jq and mv", jq_mv, 12, true },
	{ "install", unlink_first, 8, true },
	{ "emacs", emacs, 6, true },
	{ "a program that writes in place", in_place, 8, true },
	{ "an appending shell", append, 3, false },
	{ "an exchange", exchange, 6, true },
	{ "two writers", two_writers, 5, true },
	{ "a clone", clone, 8, false },
	{ "a new name", new_name, 4, false },
	{ "an undo", undo, 5, false },
	{ "a muddle", muddle, 12, false },
};

void some_program(void)
{
	unsigned all = 0, at;
	size_t i;
	struct draft d;

	for (i = 0; i < ARRAY_SIZE(programs); i++)
		all += programs[i].weight;
	at = chance(all);
	for (i = 0; at >= programs[i].weight; i++)
		at -= programs[i].weight;
	if (!take(&d, some_item()))
		return;
	tell("%s, %s", programs[i].name, d.name);
	if (programs[i].edits)
		draft_edit(&d);
	meanwhile();
	programs[i].run(&d);
	draft_done(&d);
}
