/* What is remembered of names that are questions: as long as the kernel knows them, or their texts are
 * kept. */
#include "fs/answers-parts.h"
#include "base/macros.h"
#include "base/str.h"

#include <stdlib.h>
#include <string.h>

static struct fs_answer **bucket(struct fs *fs, uint64_t ino)
{
	return &fs->answers->buckets[ino % FS_ANSWERS_BUCKETS];
}

struct fs_answer *fs_answer_by_ino(struct fs *fs, uint64_t ino)
{
	for (struct fs_answer *a = fs->answers ? *bucket(fs, ino) : NULL; a; a = a->next)
		if (a->ino == ino)
			return a;
	return NULL;
}

/* The number of a name is made of it; the next one, if another name has that. */
struct fs_answer *fs_answers_find(struct fs *fs, const struct fs_node *dir, const char *name,
				  uint64_t *ret_ino)
{
	uint64_t low = w365_hash(name, strlen(name), dir->ino) >> 4;

	for (;; low = (low + 1) & ((uint64_t)-1 >> 4)) {
		struct fs_answer *a;

		*ret_ino = (uint64_t)FS_INO_ANSWER << 60 | low;
		a = fs_answer_by_ino(fs, *ret_ino);
		if (!a || (a->dir == dir && w365_streq(a->name, name)))
			return a;
	}
}

struct fs_answer *fs_answers_remember(struct fs *fs, const struct fs_node *dir, const char *name)
{
	struct fs_answer *a, **head;
	uint64_t ino;

	if (!fs->answers)
		fs->answers = calloc(1, sizeof(*fs->answers));
	if (!fs->answers)
		return NULL;
	a = fs_answers_find(fs, dir, name, &ino);
	if (a)
		return a;
	a = calloc(1, sizeof(*a));
	if (!a)
		return NULL;
	a->fs = fs;
	a->ino = ino;
	a->dir = dir;
	a->name = strdup(name);
	if (!a->name) {
		free(a);
		return NULL;
	}
	head = bucket(fs, ino);
	a->next = *head;
	a->link = head;
	if (a->next)
		a->next->link = &a->next;
	*head = a;
	return a;
}

static void unuse(struct fs_answer *a)
{
	struct fs_answers *all = a->fs->answers;

	*(a->newer ? &a->newer->older : &all->newest) = a->older;
	*(a->older ? &a->older->newer : &all->oldest) = a->newer;
	a->newer = a->older = NULL;
}

void fs_answer_used(struct fs_answer *a)
{
	struct fs_answers *all = a->fs->answers;

	if (a == all->newest)
		return;
	if (a->newer)
		unuse(a);
	a->older = all->newest;
	*(all->newest ? &all->newest->newer : &all->oldest) = a;
	all->newest = a;
}

void fs_answer_drop_text(struct fs_answer *a)
{
	if (!a->text)
		return;
	unuse(a);
	a->fs->answers->n--;
	a->fs->answers->bytes -= a->len;
	free(a->text);
	a->text = NULL;
	a->len = 0;
}

/* Nobody needs to know of it any more. */
void fs_answer_let_go(struct fs_answer *a)
{
	if (a->known || a->text || a->call || a->waiting || a->failure)
		return;
	*a->link = a->next;
	if (a->next)
		a->next->link = a->link;
	graph_asked_done(&a->asked);
	free(a->id);
	free(a->name);
	free(a);
}

void fs_answer_forget_failure(struct fs_answer *a)
{
	if (a->failure)
		*a->failure = NULL;
	a->failure = NULL;
}

void fs_answer_remember_failure(struct fs_answer *a)
{
	struct fs_answers *all = a->fs->answers;
	struct fs_answer **place = &all->failures[all->n_failures % FS_ANSWERS_FAILURES],
			 *old = *place;

	if (a->failure)
		return;
	all->n_failures++;
	if (old) {
		fs_answer_forget_failure(old);
		fs_answer_let_go(old);
	}
	*place = a;
	a->failure = place;
}

void fs_answer_forget(struct fs *fs, uint64_t ino, uint64_t n)
{
	struct fs_answer *a = fs_answer_by_ino(fs, ino);

	if (!a)
		return;
	a->known -= MIN(n, a->known);
	fs_answer_let_go(a);
}

/* The kernel goes on with what it has of a text that was dropped. */
static void make_room(struct fs *fs)
{
	struct fs_answers *all = fs->answers;

	while (all->n > 1 && (all->n > FS_ANSWERS_MANY || all->bytes > FS_ANSWERS_MAX)) {
		struct fs_answer *a = all->oldest;

		fs_answer_drop_text(a);
		fs_answer_let_go(a);
	}
}

void fs_answer_set_text(struct fs_answer *a, char *text, size_t len)
{
	fs_answer_drop_text(a);
	a->text = text;
	a->len = len;
	a->fs->answers->n++;
	a->fs->answers->bytes += len;
	fs_answer_used(a);
	make_room(a->fs);
}
