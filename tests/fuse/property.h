/* tests/fuse/property.h - what belongs together in test-property: a model of the service, a model of
 * what the files should be, and programs that save.
 *
 * One world at a time, in one thread: all state is in P.
 */
#pragma once

#include <cjson/cJSON.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

#include "tests/lib/world.h"

#define ITEMS   48
#define FILES   32
#define KEPT    400
#define CHANGES 16
#define TOLD    2000
#define FAMILY  "provisioningPolicies"

/* ---- the service ---- */

struct item {
	char id[40];
	bool alive;
	cJSON *now;        /* what it is; every property in the catalogue's order */
	const cJSON *seen; /* what the client was last told; NULL: that there is no such item */
	const cJSON *last_read; /* the version that somebody last read in its file; may be NULL */
	bool hidden;            /* its name was taken away, to be written anew */
	bool removes;           /* and it is to be deleted if that does not happen */
	uint64_t until;         /* by then */
};

enum change_kind { MADE, CHANGED, ASSIGNED, REMOVED };

/* A request to change something, as it came. */
struct change {
	enum change_kind kind;
	struct item *item;
	cJSON *body;
	bool applied;
};

/* What the service has seen since remote_watch(). */
struct record {
	struct change change[CHANGES];
	unsigned n;
	bool faulted;       /* some answer was trouble */
	bool unsure;        /* some change was answered so that the client cannot know */
	bool interrupted;   /* the program got a signal */
	bool before_change; /* and then no change had been asked for yet */
	unsigned troubles;
	char *was; /* the text of the item before its first change was applied */
};

/* ---- what is kept ---- */

struct kept {
	char *text;
	size_t len; /* 0: as long as it is */
	bool found;
	bool gone;
};

/* ---- files ---- */

enum mf_kind { MF_ITEM, MF_LOCAL, MF_LINK };

struct mf {
	bool used;
	enum mf_kind kind;
	char name[256];
	struct item *item; /* of an item, or of what was made of this text */
	uint64_t ino;
	char *text;
	size_t len;
	bool loaded, unlinked;
	unsigned opens;
	uint64_t changes, saved;
	int rejected; /* its entry; -1: none */
	char rejected_name[256];
	int refused; /* errno of the last save */
	char rename_to[256];
	uint64_t rename_changes, rename_at;
};

struct handle {
	struct mf *f;
	struct kernel_handle h;
};

struct p {
	struct world *w;
	uint64_t seed;
	uint64_t rng;
	bool steps;          /* tell each step */
	bool deletes, drops; /* as the mount was told */
	unsigned sequence;
	uint64_t dir, root; /* inode numbers: of the family; of the mount */
	char keep[128];

	struct item items[ITEMS];
	unsigned n_items, serial;
	cJSON *told[TOLD]; /* every version that the client was told */
	unsigned n_told;
	unsigned fault_percent;
	unsigned interrupt_at; /* which request of the ones to come; 0: none */
	struct record record;
	struct item *removing; /* that somebody has asked to remove */
	struct item *saving;   /* over which a text is being moved */

	struct mf files[FILES];
	struct kept rejected[KEPT], history[KEPT];
	unsigned n_rejected, n_history;
	uint64_t read_by_us[16]; /* inodes opened for reading, as the daemon remembers them */
	unsigned n_read;
	unsigned long ops;
	unsigned lists; /* how often the whole was listed */
};
extern struct p P;

/* ---- test-property.c ---- */

/** 0 to @n - 1. */
unsigned chance(unsigned n);
bool percent(unsigned p);

/** One line of the story; the last of them are told if it ends badly. */
void tell(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/** The end of the test: what is wrong, what happened before, how to see it again. */
void wrong(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));

#define MUST(cond, ...)                     \
	do {                                \
		if (!(cond))                \
			wrong(__VA_ARGS__); \
	} while (0)

/* ---- property-remote.c ---- */

/** The text of a file, as jq prints it. The caller frees it. */
char *render(const cJSON *j);
void name_of(const cJSON *version, char out[256]);
const char *string_in(const cJSON *j, const char *key);

struct item *remote_make(const char *display_name);
void remote_done(void);
struct item *remote_by_id(const char *id);
void remote_set(struct item *it, const char *key, cJSON *value); /* and another time of change */
void remote_remove(struct item *it);
void remote_assign(struct item *it, const cJSON *assignments);
void remote_request(void *arg, struct server_request *r);
void remote_watch(void);

/* ---- property-judge.c: what the design says of a text ---- */

struct verdict {
	int err;       /* why it is refused; 0: it is accepted */
	cJSON *body;   /* what is sent; NULL: nothing */
	cJSON *assign; /* the groups that are assigned; NULL: as they are */
	bool create;
};

/** Of a text for @it. @over: by a rename. */
struct verdict judge(struct item *it, const char *text, size_t len, bool over);
struct verdict judge_create(const char *text, size_t len, const char *name);
void verdict_done(struct verdict *v);

/** Whether @key is a property that a PATCH may have; of a POST: @fresh. */
bool may_be_sent(const char *key, bool fresh);

/** Whether two values mean the same. */
bool same(const cJSON *a, const cJSON *b);

/** The groups of assignments, sorted. */
cJSON *groups_of(const cJSON *assignments);

/** What a text without anything else is: 1 it names an id, 0 it does not, -errno. */
int text_id(const char *text, size_t len);

/* ---- property-files.c, property-saves.c: operations, and what must come of them ---- */

/* So long an item may be without its name. */
#define HIDDEN_MS 2000

/** Whether a name is a resource's. */
bool is_resource(const char *name);

/* The model's files: of an item that is open; a new one; one that may not be needed any more. */
struct mf *mf_of(const struct item *it);
struct mf *mf_new(enum mf_kind kind, const char *name);
void mf_settle(struct mf *f);
void mf_set_len(struct mf *f, size_t len);
void mf_hide(struct item *it, bool removes);

/** LOOKUP, until its answer is of the last listing. */
int op_look(const char *name, struct fuse_entry_out *e);

struct item *shown(const char *name); /* the item of that name, hidden or not */
struct mf *local(const char *name);
bool exists(const char *name);

void op_lookup(const char *name);
char *op_cat(const char *name, size_t *ret_len); /* NULL: it is not there */
int op_open(const char *name, uint32_t flags, struct handle *ret);
int op_create(const char *name, uint32_t flags, struct handle *ret);
int op_write(struct handle *h, const char *text, size_t n, uint64_t off);
int op_truncate(struct handle *h, uint64_t size, bool by_handle);
int op_flush(struct handle *h, bool fsync);
void op_release(struct handle *h);
int op_rename(const char *from, const char *to, uint32_t flags);
int op_unlink(const char *name, const char *program);
int op_symlink(const char *name, const char *target);
int op_mknod(const char *name);
void op_wait(uint64_t ms);

/** The end of a sequence: all that must agree. */
void check_all(void);

/* ---- property-people.c ---- */

/* What a person has in an editor. */
struct draft {
	char name[256]; /* of the file */
	char *text;
	size_t len;
};

void draft_done(struct draft *d);

/** Some change of it, good or bad or none. */
void draft_edit(struct draft *d);
void draft_set(struct draft *d, const cJSON *j);
void bad_change(cJSON *j);

unsigned next_number(void);
cJSON *some_string(const char *what);
void put_member(cJSON *j, const char *key, cJSON *value);

/* ---- property-programs.c ---- */

/** One program does something, from its beginning to its end. */
void some_program(void);
