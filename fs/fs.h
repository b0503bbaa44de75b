/* fs/fs.h - the file system: what the kernel asks, answered from the store. Shared by the files of
 * fs/ alone.
 *
 * THREADS
 *
 * loop      owns all state: FUSE requests, curl's sockets, timers, signals. Waits only in
 *           epoll_wait(). There are no locks, because nobody else touches what it owns.
 * notifier  calls fuse_lowlevel_notify_*() and nothing else: fs/notify.h.
 *
 * (libcurl resolves names in threads of its own, which share nothing with us.)
 */
#pragma once

#define FUSE_USE_VERSION 314
#include <fuse_lowlevel.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "base/err.h"
#include "fs/errlog.h"
#include "fs/ino.h"
#include "fs/listing.h"
#include "fs/special.h"
#include "fs/tree.h"
#include "graph/client.h"
#include "graph/guard.h"
#include "graph/http.h"
#include "graph/loop.h"
#include "graph/store.h"

/** How the mount looks; as the options say. */
struct fs_config {
	enum graph_version version;
	const char *endpoint; /* origin of Graph, for people to read */
	const char *tenant, *client_id;
	uid_t uid;
	gid_t gid;
	mode_t umask; /* all may what the owner may, but for these bits */
	bool xattrs;  /* without, the kernel never asks for one again */
	bool rw;      /* files may be written */
	bool deletes; /* and removed: -o delete */
	bool lax;     /* what the catalogue does not know may be sent */
	enum graph_destructive destructive;
	bool dry_run;           /* actions are checked, and not sent */
	uint64_t max_targets;   /* of one opening of a control file */
	uint64_t deadline_ms;   /* of one action */
	bool own;               /* the signed-in user's own things alone: -o me */
	unsigned with;          /* what is next door, as graph_part has it: -o with= */
	const char *mountpoint; /* absolute; for paths that people write to control files */
	const char *keep; /* folder of what must not be lost: fs/keep.h. NULL on a read-only mount
			   */
};

/** What of the service the mount shows. */
static inline struct graph_part fs_part(const struct fs_config *c)
{
	return (struct graph_part){ .version = c->version, .own = c->own, .with = c->with };
}

#define FS_OPCODES 64 /* the kernel's are below that */

struct fs_answer;
struct fs_answers;
struct fs_park;
struct fs_refreshing;
struct fs_pin;
struct fs_notifier;
struct fs_file;
struct fs_hidden;
struct fs_save;
struct fs_versions;
struct fs_refusal;
struct fs_keep;
struct fs_control;
struct fs_job;
struct follow;
struct fs_actions;
struct fs_events;
struct fs_audit;

struct fs {
	const struct fs_config *config;
	struct graph_loop *loop;
	struct graph_http *http;
	struct auth *auth;
	struct graph_client *client;
	struct graph_store *store;
	struct fs_tree *tree;
	struct fs_errlog errlog;
	struct fs_events *events; /* owned; fs/events.h */
	struct fs_audit *audit;   /* owned; fs/audit.h */
	struct fs_keep *keep;     /* owned; NULL: nothing is saved, so nothing is kept */
	struct fuse_session *se;
	struct fuse_buf inbox;            /* for what is read from it */
	struct graph_io *io;              /* the session's descriptor */
	struct fs_notifier *notifier;     /* NULL: nothing to notify */
	struct fs_park *parked, *spare;   /* requests that wait; one kept for the next */
	struct fs_refreshing *refreshing; /* the same of `w365fs refresh` */
	bool ending;                      /* nothing waits any more: it is answered EINTR */
	struct fs_answers *answers;       /* fs/answers.h; NULL until something is asked */
	struct fs_pin *pins; /* texts that the kernel may still believe in: fs/invalidate.h */
	struct fs_special *specials;   /* fs/special.h */
	struct fs_special_text *texts; /* of each of them */
	struct timespec started;
	uint64_t init_unique; /* INIT, while it is not answered */
	bool parallel;        /* the kernel can look up several names of a directory at once */
	uint64_t opcodes[FS_OPCODES]; /* FUSE requests received */
	uint64_t marks;               /* of pins, counted */
	uint64_t allowed;             /* a hash of what the token allows; 0: not known */
	bool unmounted;               /* the kernel has ended the session */

	/* On a mount that can be written: */
	struct fs_reader {
		pid_t pid;
		uint64_t ino;
	} readers[16]; /* who has opened what for reading, lately */
	unsigned n_readers;
	struct fs_file *files, **last_file; /* fs/file.h */
	size_t n_files, file_bytes;
	uint64_t local_numbers; /* inode numbers given to local files */
	struct fs_hidden *hidden;
	struct fs_save *saves; /* fs/save.h */
	struct graph_soon desert;
	struct fs_versions *versions; /* fs/versions.h */
	struct fs_refusal *refusals;  /* fs/refusal.h */
	struct fs_control *controls;  /* fs/control.h */
	struct fs_job *jobs;          /* fs/job.h */
	struct follow *followed;      /* fs/follow.h */
	struct fs_actions *actions;   /* fs/actions.h; NULL on a read-only mount */
};

/** The files' operations, for fuse_session_new(). The session's user data is the struct fs. */
extern const struct fuse_lowlevel_ops fs_ops;

/**
 * Makes the file system; no session yet. What is passed is borrowed and outlives it. The store is
 * made here, since it reports to the file system.
 */
int fs_new(const struct fs_config *config, struct graph_loop *loop, struct graph_http *http,
	   struct auth *auth, struct graph_client *client, const struct graph_store_config *store,
	   struct fs **ret, struct w365_err *reterr);

/**
 * Before fs_session_unmount(): answers what is parked, and whatever would have to wait from now on,
 * with EINTR, and goes on answering until the notifier's thread has ended. That may be waiting for
 * the kernel, and the kernel for a request that we have not even read.
 */
void fs_stop(struct fs *fs);

/** After fs_session_free(). NULL is fine. Returns NULL. */
struct fs *fs_free(struct fs *fs);

/** Notes a failure: .w365fs/errors, and the journal. @where: a path in the mount, or "". */
void fs_note(struct fs *fs, const char *where, const struct w365_err *err);

/** Where a family is in the mount: "cloudPCs", "auditEvents/2026-11-22". */
void fs_path_of(const struct graph_family *f, char *out, size_t size);
#define FS_PATH_MAX 256

/** What an inode number stands for. */
struct fs_place {
	enum fs_ino_kind kind;
	const struct fs_node *node; /* of FS_INO_NODE */
	const struct graph_collection *collection;
	int64_t day;
	uint64_t key;
	bool dir;                    /* of what is kept: fs/kept.h */
	struct graph_family *family; /* whose snapshot has the answer; NULL: nobody's */
	struct fs_file *file;        /* of FS_INO_LOCAL */
	struct fs_answer *answer;    /* of FS_INO_ANSWER */
};

/** False if there is no such thing (any more). */
bool fs_place_of(struct fs *fs, uint64_t ino, struct fs_place *ret);

static inline bool fs_place_is_dir(const struct fs_place *p)
{
	return p->kind == FS_INO_DAY || p->kind == FS_INO_GROUP || p->dir ||
	       (p->kind == FS_INO_NODE && fs_node_is_dir(p->node));
}

/** Seconds, as libfuse wants its time-outs. */
static inline double fs_seconds(uint64_t ms)
{
	return (double)ms / 1000.0;
}
