/* fs/answers.h - files whose names are questions, as the kernel sees them: what is in
 * COLLECTION/functions/NAME/ and in reports/NAME/.
 *
 * Such a directory lists nothing: a walk through the tree must not ask anything. A name that is
 * looked up is asked for once, however many look, and the answer is kept as long as its collection
 * stays fresh. What is remembered of a name goes when the kernel forgets it; of the texts, the least
 * recently used go when there are too many.
 */
#pragma once

#include "fs/fs.h"
#include "fs/park.h"

/** Texts kept at most, and their bytes; the one that came last is always kept. */
#define FS_ANSWERS_MANY 1024
#define FS_ANSWERS_MAX  ((size_t)64 << 20)

struct fs_answer; /* opaque; fs/answers.c */

/** Whether names in @p are questions. */
static inline bool fs_place_question(const struct fs_place *p)
{
	return p->node && p->node->kind == FS_NODE_QUESTION;
}

/** The file of that number; NULL if the kernel cannot mean it any more. */
struct fs_answer *fs_answer_by_ino(struct fs *fs, uint64_t ino);

/* Requests: each answers @r, now or when the service has answered. LOOKUP: for fs_place_question(). */
void fs_answer_lookup(struct fs_request *r, const struct fs_place *p);
void fs_answer_getattr(const struct fs_request *r, struct fs_answer *a);
void fs_answer_read(const struct fs_request *r, struct fs_answer *a);

/** Appends where it is in Graph, and when it was fetched: for attributes. False: it is not known. */
bool fs_answer_url(const struct fs_answer *a, struct w365_buf *out);
bool fs_answer_fetched(const struct fs_answer *a, time_t *ret);

/** The kernel gives back @n of the times it was told of @ino. */
void fs_answer_forget(struct fs *fs, uint64_t ino, uint64_t n);

/** What is at or below @node is asked for anew when it is looked at next. */
void fs_answers_expire(struct fs *fs, const struct fs_node *node);

/** Ends all who wait, with EINTR. */
void fs_answers_stop(struct fs *fs);

void fs_answers_done(struct fs *fs);
