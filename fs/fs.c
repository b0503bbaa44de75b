#include "fs/fs.h"
#include "base/log.h"
#include "base/macros.h"
#include "base/str.h"
#include "base/time.h"
#include "fs/actions.h"
#include "fs/audit.h"
#include "fs/changes.h"
#include "fs/events.h"
#include "fs/follow.h"
#include "fs/forbidden.h"
#include "fs/answers.h"
#include "fs/invalidate.h"
#include "fs/job.h"
#include "fs/file.h"
#include "fs/keep.h"
#include "fs/kept.h"
#include "fs/notify.h"
#include "fs/park.h"
#include "fs/refusal.h"
#include "fs/save.h"
#include "fs/stream.h"
#include "fs/versions.h"

#include <errno.h>
#include <stdio.h>

W365_DEFINE_CLEANUP(struct fs *, fs_free)

void fs_path_of(const struct graph_family *f, char *out, size_t size)
{
	const struct graph_collection *c = graph_family_collection(f);
	char day[W365_TIME_MAX];

	if (c->freshness == GRAPH_FRESH_LOG)
		snprintf(out, size, "%s/%s", c->name, w365_date_format(graph_family_day(f), day));
	else
		snprintf(out, size, "%s%s", c->name, c->kind == GRAPH_SINGLETON ? ".json" : "");
}

void fs_note(struct fs *fs, const char *where, const struct w365_err *err)
{
	if (fs_errlog_add(&fs->errlog, where, err))
		w365_warning("%s%s%s", where, *where ? ": " : "", err->msg);
}

static void on_changed(void *arg, struct graph_family *f, struct graph_snapshot *before,
		       struct graph_snapshot *after)
{
	fs_invalidate(arg, f, before, after);
	fs_versions_changed(arg, f, before, after);
	fs_changes_tell(arg, f, before, after);
	fs_audit_listed(arg, f);
}

static void on_failed(void *arg, struct graph_family *f, const struct w365_err *err)
{
	char path[FS_PATH_MAX];

	fs_path_of(f, path, sizeof(path));
	fs_note(arg, path, err);
	fs_audit_listed(arg, f);
}

static void on_refused(void *arg, struct graph_family *f)
{
	fs_forbidden_turned(arg, f);
}

static void on_token(void *arg)
{
	fs_forbidden_token(arg);
}

/* The first line, so that the file is never empty: `tail -f` takes an empty file for a pipe, of which it
 * waits for the end before it shows anything. */
static void tell_mounted(struct fs *fs)
{
	struct w365_jw *w = fs_event_begin(fs);

	w365_jw_key(w, "mounted");
	w365_jw_open(w, '{');
	w365_jw_pair(w, "tenant", fs->config->tenant);
	w365_jw_close(w, '}');
	fs_event_end(fs);
}

static void on_throttled(void *arg, uint64_t ms)
{
	struct w365_jw *w = fs_event_begin(arg);

	w365_jw_key(w, "throttled");
	w365_jw_open(w, '{');
	w365_jw_pair_uint(w, "seconds", (ms + 999) / 1000);
	w365_jw_close(w, '}');
	fs_event_end(arg);
}

static void on_signin(void *arg, const struct w365_err *err)
{
	struct w365_jw *w = fs_event_begin(arg);

	w365_jw_pair(w, "signIn", err ? "needed" : "ok");
	if (err)
		w365_jw_pair(w, "message", err->msg);
	fs_event_end(arg);
}

int fs_new(const struct fs_config *config, struct graph_loop *loop, struct graph_http *http,
	   struct auth *auth, struct graph_client *client, const struct graph_store_config *store,
	   struct fs **ret, struct w365_err *reterr)
{
	_cleanup_(fs_freep) struct fs *fs = calloc(1, sizeof(*fs));
	struct graph_store_hooks hooks = {
		.changed = on_changed, .failed = on_failed, .refused = on_refused, .arg = fs
	};
	struct graph_client_hooks turns = {
		.throttled = on_throttled, .signin = on_signin, .token = on_token, .arg = fs
	};
	struct graph_part part = fs_part(config);
	int r;

	if (!fs)
		return w365_err_oom(reterr);
	fs->config = config;
	fs->loop = loop;
	fs->http = http;
	fs->auth = auth;
	fs->client = client;
	clock_gettime(CLOCK_REALTIME, &fs->started);
	fs->started.tv_nsec = 0;
	fs->last_file = &fs->files;
	r = fs_special_init(fs, reterr);
	if (r == 0)
		r = fs_tree_new(&part, auth_app_only(auth), fs->specials, &fs->tree, reterr);
	fs->events = fs_events_new(fs);
	fs->audit = fs_audit_new(fs);
	if (r == 0 && (!fs->events || !fs->audit))
		r = w365_err_oom(reterr);
	if (r == 0)
		r = graph_store_new(loop, client, store, &hooks, &fs->store, reterr);
	if (r == 0 && config->rw)
		r = fs_keep_new(config->keep, NULL, &fs->keep, reterr);
	if (r == 0 && config->rw)
		r = fs_actions_new(config->keep, &fs->actions, reterr);
	if (r < 0)
		return r;
	graph_client_watch(client, &turns);
	fs_forbidden_token(fs);
	tell_mounted(fs);
	*ret = TAKE_PTR(fs);
	return 0;
}

void fs_stop(struct fs *fs)
{
	fs->ending = true;
	fs_park_done(fs);
	fs_answers_stop(fs);
	fs_refresh_done(fs);
	fs_saves_done(fs);
	fs_jobs_done(fs);
	fs_follow_done(fs);
	fs_stream_end(fs_events_stream(fs));
	fs_stream_end(fs_audit_stream(fs));
	if (!fs->notifier)
		return;
	fs_notifier_end(fs->notifier);
	while (!fs_notifier_ended(fs->notifier)) {
		graph_loop_resume(fs->loop); /* whatever a further signal says: this is the end */
		graph_loop_once(fs->loop, -1);
	}
	fs->notifier = fs_notifier_free(fs->notifier);
}

struct fs *fs_free(struct fs *fs)
{
	if (fs) {
		graph_client_watch(fs->client, NULL);
		fs_answers_done(fs);
		fs_pins_done(fs);
		fs_files_done(fs);
		fs_versions_done(fs);
		fs_refusals_done(fs);
		fs_keep_free(fs->keep);
		fs_actions_free(fs->actions);
		fs_controls_done(fs);
		fs_events_free(fs->events);
		fs_audit_free(fs->audit);
		graph_store_free(fs->store);
		fs_tree_free(fs->tree);
		fs_special_done(fs);
		fs_errlog_done(&fs->errlog);
		free(fs);
	}
	return NULL;
}

static bool node_place(struct fs *fs, uint64_t ino, struct fs_place *p)
{
	p->node = fs_tree_by_ino(fs->tree, ino);
	if (!p->node)
		return false;
	if (p->node->kind == FS_NODE_KEPT)
		return fs_kept_place(fs, p);
	p->collection = p->node->collection;
	if (p->collection && p->node->kind != FS_NODE_LOG) {
		p->family = graph_store_family(fs->store, p->collection, 0);
		return p->family;
	}
	return true;
}

static const struct fs_node *stream_node(struct fs *fs, enum fs_ino_kind kind)
{
	const struct fs_node *dir =
		fs_node_child(fs_tree_by_ino(fs->tree, FUSE_ROOT_ID), ".w365fs");

	for (const struct fs_node *n = dir->children; n; n = n->next)
		if (n->special && n->special->stream == kind)
			return n;
	return NULL;
}

struct fs_stream *fs_stream_of(struct fs *fs, const struct fs_place *p)
{
	if (!p->node || !p->node->special || p->node->special->kind != FS_SPECIAL_STREAM)
		return NULL;
	return p->node->special->stream == FS_INO_AUDIT ? fs_audit_stream(fs)
							: fs_events_stream(fs);
}

bool fs_place_of(struct fs *fs, uint64_t ino, struct fs_place *ret)
{
	*ret = (struct fs_place){ .kind = fs_ino_kind(ino), .key = fs_ino_key(ino) };
	if (ret->kind == FS_INO_NODE)
		return node_place(fs, ino, ret);
	if (ret->kind == FS_INO_KEPT)
		return fs_kept_place(fs, ret);

	if (ret->kind == FS_INO_EVENTS || ret->kind == FS_INO_AUDIT) {
		ret->node = stream_node(fs, ret->kind);
		return ret->node;
	}
	if (ret->kind == FS_INO_LOCAL) {
		ret->file = fs_file_by_ino(fs, ino);
		return ret->file;
	}
	if (ret->kind == FS_INO_ANSWER) {
		ret->answer = fs_answer_by_ino(fs, ino);
		return ret->answer;
	}
	ret->collection = graph_collection_by_tag(fs_ino_tag(ino));
	if (!ret->collection || !fs_tree_of(fs->tree, ret->collection))
		return false;
	if (ret->kind == FS_INO_DAY)
		ret->day = (int64_t)ret->key;
	else if (ret->collection->freshness == GRAPH_FRESH_LOG)
		ret->day = (int64_t)(ret->key >> GRAPH_LOG_KEY_BITS);
	ret->family = graph_store_family(fs->store, ret->collection, ret->day);
	return ret->family;
}
