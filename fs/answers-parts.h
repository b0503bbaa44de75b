/* fs/answers-parts.h - between the files of fs/answers.h, and nobody else. */
#pragma once

#include "fs/answers.h"
#include "graph/answer.h"

#define FS_ANSWERS_BUCKETS  1024
#define FS_ANSWERS_FAILURES 64 /* that are remembered, at most */

struct fs_answer_wait; /* a request that waits for an answer: fs/answers.c */

struct fs_answer {
	struct fs *fs;
	uint64_t ino;
	const struct fs_node *dir;
	char *name;
	struct graph_asked asked;
	char *id; /* of the item that it is about; NULL: of none */
	struct graph_answer *call;
	struct fs_answer_wait *waiting;
	char *text; /* NULL: there is none at hand */
	size_t len;
	int64_t modified;           /* when this text was first seen, in nanoseconds since 1970 */
	time_t fetched;             /* when it was last fetched */
	uint64_t expires, retry_at; /* on the loop's clock */
	struct fs_answer **failure; /* its place among those that failed; NULL: it is not there */
	struct w365_err last;       /* why the last try failed; num 0: it did not */
	uint64_t known;             /* how often the kernel was told of it and has not forgotten */
	struct fs_answer *next, **link;  /* of its bucket */
	struct fs_answer *newer, *older; /* of those that have a text, by their last use */
};

struct fs_answers {
	struct fs_answer *buckets[FS_ANSWERS_BUCKETS], *newest, *oldest;
	struct fs_answer *failures[FS_ANSWERS_FAILURES]; /* a ring */
	unsigned n_failures;
	size_t n, bytes; /* texts */
};

/** What is remembered of a name, or NULL; *@ret_ino is its number in any case. */
struct fs_answer *fs_answers_find(struct fs *fs, const struct fs_node *dir, const char *name,
				  uint64_t *ret_ino);

/** The same, made if there is none. NULL: no memory. */
struct fs_answer *fs_answers_remember(struct fs *fs, const struct fs_node *dir, const char *name);

/** @text is taken over. Other texts, the least recently used, may go for it. */
void fs_answer_set_text(struct fs_answer *a, char *text, size_t len);
void fs_answer_drop_text(struct fs_answer *a);

/** Its text was used last of all. */
void fs_answer_used(struct fs_answer *a);

/** That it failed is remembered, in place of an older failure. */
void fs_answer_remember_failure(struct fs_answer *a);
void fs_answer_forget_failure(struct fs_answer *a);

/** Frees it if nobody needs to know of it: not the kernel, nobody who waits, no text. */
void fs_answer_let_go(struct fs_answer *a);
