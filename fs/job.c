#include "fs/job.h"
#include "base/log.h"
#include "base/macros.h"
#include "base/str.h"
#include "base/time.h"
#include "fs/actions.h"
#include "fs/follow.h"
#include "fs/targets.h"
#include "graph/result-lines.h"
#include "graph/batch.h"
#include "graph/command.h"
#include "graph/guard.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define NOTED_MAX 20 /* failures of one write that are noted singly */

/* One line that asks for something. */
struct command {
	struct graph_command c;
	char *path;
	uint64_t n; /* in the record */
};

struct fs_job {
	struct fs_job *next, **link;
	struct fs *fs;
	struct fs_writing *writing;
	fuse_req_t req; /* NULL: nobody waits, or not any more */
	size_t size;    /* what write(2) is answered with; 0: a close */
	char **lines;
	size_t n_lines;
	struct command *commands;
	struct graph_post *posts;
	size_t n;
	struct graph_family *family;
	struct graph_wait wait; /* for the items that targets mean */
	struct graph_batch *batch;
	struct graph_batch_config config;
	unsigned awaited; /* of wait= */
	unsigned noted;
	bool all_answered;
	struct w365_err first; /* failure */
	struct graph_soon abandon;
};

static const struct graph_action *action_of(const struct fs_job *j)
{
	return &j->writing->control->action;
}

static void free_job(struct fs_job *j)
{
	*j->link = j->next;
	if (j->next)
		j->next->link = j->link;
	graph_wait_cancel(&j->wait);
	graph_batch_free(j->batch);
	graph_soon_cancel(j->fs->loop, &j->abandon);
	for (size_t i = 0; i < j->n_lines; i++)
		w365_wipe_str(j->lines[i]);
	for (size_t i = 0; i < j->n; i++) {
		graph_command_done(&j->commands[i].c);
		free(j->commands[i].path);
	}
	fs_writing_unref(j->writing);
	free(j->lines);
	free(j->commands);
	free(j->posts);
	free(j);
}

static void reply(struct fs_job *j)
{
	if (!j->req)
		return;
	fuse_req_interrupt_func(j->req, NULL, NULL);
	if (j->first.num)
		fuse_reply_err(j->req, j->first.num);
	else if (j->size)
		fuse_reply_write(j->req, j->size);
	else
		fuse_reply_err(j->req, 0);
	j->req = NULL;
}

static void end(struct fs_job *j)
{
	reply(j);
	free_job(j);
}

/* A failure of one line, or (@c is NULL) of all. */
static void failed(struct fs_job *j, const char *what, const struct command *c,
		   const struct w365_err *err)
{
	const char *entry = c && c->c.entry ? c->c.entry : "";
	char path[FS_PATH_MAX + 300];

	if (!j->first.num)
		j->first = *err;
	fs_control_say(j->writing->control, what, entry, err->msg);
	if (j->noted++ >= NOTED_MAX)
		return;
	fs_control_path(j->writing->control, path, sizeof(path));
	if (*entry)
		snprintf(path + strlen(path), sizeof(path) - strlen(path), " %s", entry);
	fs_note(j->fs, path, err);
}

/* ---- what is sent comes to its end ---- */

static void record(struct fs_job *j, const struct command *c, const char *state,
		   const char *request_id, const char *detail)
{
	fs_actions_add(j->fs, &(struct fs_action_state){ .n = c->n,
							 .action = action_of(j),
							 .id = c->c.id,
							 .entry = c->c.entry,
							 .state = state,
							 .request_id = request_id,
							 .detail = detail });
}

static void maybe_end(struct fs_job *j)
{
	if (j->all_answered && !j->awaited)
		end(j);
}

static void on_ended(void *arg, const struct graph_outcome *o)
{
	struct fs_job *j = arg;
	struct w365_err err = { 0 };

	if (!o)
		w365_err_set(&err, ETIMEDOUT, "not finished within the time of wait=: it goes on");
	else if (o->state == GRAPH_WATCH_FAILED)
		w365_err_set(&err, EIO, "it has failed%s%s", *o->detail ? ": " : "", o->detail);
	if (err.num && !j->first.num)
		j->first = err;
	j->awaited--;
	maybe_end(j);
}

static time_t sent_at(const struct w365_reply *r)
{
	time_t t;

	return r->date && w365_time_parse_http(r->date, &t) ? t : time(NULL);
}

/* The answer is the service's, and has no password in it: what it is made of is in the catalogue. */
static void say_accepted(struct fs_job *j, const struct command *c, const struct w365_reply *answer)
{
	_cleanup_(w365_buf_done) struct w365_buf lines = W365_BUF;

	fs_control_say(j->writing->control, "accepted", c->c.entry ? c->c.entry : "", "");
	graph_result_lines(&lines, answer->body, answer->len, j->fs->config->version);
	if (lines.len)
		fs_control_add(j->writing->control, &lines);
}

static void accepted(struct fs_job *j, struct command *c, const struct graph_result *result)
{
	struct fs_followed f = { .n = c->n,
				 .action = *action_of(j),
				 .id = c->c.id,
				 .entry = c->c.entry,
				 .body = w365_buf_str(&c->c.body),
				 .result = result->reply->body,
				 .sent = sent_at(result->reply),
				 .wait_ms = c->c.waits && j->req ? 1000ull * c->c.wait_s + 1 : 0,
				 .arg = j };

	record(j, c, "accepted", result->request_id, NULL);
	say_accepted(j, c, result->reply);
	if (f.wait_ms) {
		f.ended = on_ended; /* else the job is gone long before */
		j->awaited++;
	}
	fs_follow(j->fs, &f);
}

static void flush_record(struct fs_job *j)
{
	struct w365_err err;

	if (fs_actions_flush(j->fs, &err) < 0)
		w365_warning("%s", err.msg);
}

static void on_result(void *arg, unsigned i, const struct graph_result *result)
{
	static const char *const states[] = { [GRAPH_FATE_REFUSED] = "refused",
					      [GRAPH_FATE_UNKNOWN] = "unknown",
					      [GRAPH_FATE_UNSENT] = "unsent" };
	struct fs_job *j = arg;
	struct command *c = &j->commands[i];

	if (result->fate == GRAPH_FATE_ACCEPTED) {
		accepted(j, c, result);
	} else {
		record(j, c, states[result->fate], result->request_id, result->err->msg);
		failed(j, states[result->fate], c, result->err);
	}
	flush_record(j);
}

static void on_done(void *arg)
{
	struct fs_job *j = arg;

	j->batch = graph_batch_free(j->batch);
	j->all_answered = true;
	maybe_end(j);
}

/* ---- sending ---- */

static void say_dry(struct fs_job *j)
{
	for (size_t i = 0; i < j->n; i++) {
		_cleanup_(w365_buf_done) struct w365_buf say = W365_BUF;

		w365_buf_addf(&say, "POST %s %s", j->posts[i].path,
			      action_of(j)->secret ? "{...}" : j->posts[i].body);
		fs_control_say(j->writing->control, "would send",
			       j->commands[i].c.entry ? j->commands[i].c.entry : "",
			       w365_buf_str(&say));
	}
}

static int make_posts(struct fs_job *j, struct w365_err *reterr)
{
	const struct graph_action *a = action_of(j);

	j->posts = calloc(j->n + 1, sizeof(*j->posts));
	if (!j->posts)
		return w365_err_oom(reterr);
	for (size_t i = 0; i < j->n; i++) {
		_cleanup_(w365_buf_done) struct w365_buf path = W365_BUF;
		struct command *c = &j->commands[i];

		if (!graph_action_path(&path, a, c->c.id))
			return w365_err_set(reterr, EINVAL,
					    "%s wants POLICYID/ASSIGNMENTID as its target",
					    a->name);
		c->path = w365_buf_take(&path);
		if (!c->path)
			return w365_err_oom(reterr);
		c->n = fs_actions_number(j->fs->actions);
		j->posts[i] = (struct graph_post){ .path = c->path,
						   .body = w365_buf_str(&c->c.body),
						   .target = c->c.id,
						   .permission = &a->permission,
						   .secret = a->secret };
	}
	return 0;
}

/* First the record, then the wire. */
static int on_leaving(void *arg, const unsigned *posts, unsigned n, struct w365_err *reterr)
{
	struct fs_job *j = arg;

	for (unsigned i = 0; i < n; i++)
		record(j, &j->commands[posts[i]], "sending", NULL, NULL);
	return fs_actions_flush(j->fs, reterr);
}

/* Everything is checked. */
static int send(struct fs_job *j, struct w365_err *reterr)
{
	struct graph_batch_hooks hooks = {
		.leaving = on_leaving, .result = on_result, .done = on_done, .arg = j
	};
	int r = make_posts(j, reterr);

	if (r < 0)
		return r;
	if (j->fs->config->dry_run) {
		say_dry(j);
		return 0;
	}
	j->config.deadline_ms = j->fs->config->deadline_ms;
	r = graph_batch_new(j->fs->loop, j->fs->client, &j->config, j->posts, (unsigned)j->n,
			    &hooks, &j->batch, reterr);
	return r < 0 ? r : 1;
}

/* ---- reading and checking ---- */

static int read_lines(struct fs_job *j)
{
	const struct fs_config *config = j->fs->config;
	_cleanup_(fs_targets_done) struct fs_targets t = {
		.snapshot = j->family ? graph_family_snapshot(j->family) : NULL,
		.mountpoint = config->mountpoint,
		.below = action_of(j)->below,
	};
	struct graph_command_reader reader = { .action = action_of(j),
					       .version = config->version,
					       .lax = config->lax,
					       .resolve = fs_targets_resolve,
					       .arg = &t };
	struct graph_guard guard = { .destructive = config->destructive,
				     .max_targets = config->max_targets };
	uint64_t weight = 0;
	struct w365_err err;
	int r;

	j->commands = calloc(j->n_lines + 1, sizeof(*j->commands));
	if (!j->commands)
		return w365_err_oom(&j->first);
	for (size_t i = 0; i < j->n_lines; i++) {
		struct command *c = &j->commands[j->n];

		r = graph_command_read(&reader, j->lines[i], strlen(j->lines[i]), &c->c, &err);
		if (r < 0)
			failed(j, "refused", NULL, &err);
		if (r <= 0)
			continue;
		j->n++;
		if (graph_guard_line(&guard, action_of(j), &c->c, &err) < 0)
			failed(j, "refused", c, &err);
		weight += graph_guard_weight(&c->c);
	}
	if (!j->first.num &&
	    graph_guard_count(&guard, action_of(j), j->writing->targets, weight, &err) < 0)
		failed(j, "refused", NULL, &err);
	if (!j->first.num)
		j->writing->targets += weight;
	return -j->first.num;
}

static void run(struct fs_job *j)
{
	struct w365_err err;
	int r = read_lines(j);

	if (r == 0 && j->n) {
		r = send(j, &err);
		if (r < 0)
			failed(j, "refused", NULL, &err);
	}
	if (r <= 0)
		end(j);
}

static void on_items(void *arg, struct graph_snapshot *snap, const struct w365_err *err)
{
	struct fs_job *j = arg;

	if (snap) {
		run(j);
		return;
	}
	failed(j, "refused", NULL, err);
	end(j);
}

/* ---- a write, and its end by force ---- */

/* The program is let go at once. What was not sent, is not; the rest is followed to its end. */
static void abandon(void *arg)
{
	struct fs_job *j = arg;
	fuse_req_t req = TAKE_PTR(j->req);

	fs_follow_forget(j->fs, j);
	j->awaited = 0;
	fuse_reply_err(req, EINTR);
	if (j->batch) {
		graph_lines_done(&j->writing->lines);
		j->writing->stopped = true;
		graph_batch_cancel(j->batch);
	} else {
		free_job(j);
	}
}

static void interrupted(fuse_req_t req, void *arg)
{
	struct fs_job *j = arg;

	graph_loop_soon(j->fs->loop, &j->abandon, abandon, j);
}

static void start(struct fs *fs, fuse_req_t req, struct fs_writing *w, char **lines, size_t n,
		  size_t size)
{
	struct fs_job *j = calloc(1, sizeof(*j));
	const struct graph_collection *home = w->control->action.home;
	struct graph_snapshot *snap;
	struct w365_err err;
	int r = 1;

	if (!j) {
		for (size_t i = 0; i < n; i++)
			w365_wipe_str(lines[i]);
		free(lines);
		if (req)
			fuse_reply_err(req, ENOMEM);
		return;
	}
	j->fs = fs;
	j->writing = w;
	w->refs++;
	j->req = req;
	j->size = size;
	j->lines = lines;
	j->n_lines = n;
	j->next = fs->jobs;
	j->link = &fs->jobs;
	if (j->next)
		j->next->link = &j->next;
	fs->jobs = j;
	if (w->control->action.targeted)
		j->family = graph_store_family(fs->store, home, 0);
	if (fs->ending)
		r = w365_err_set(&err, EINTR, "the mount is ending: nothing was sent");
	else if (j->family)
		r = graph_family_get(j->family, &j->wait, on_items, j, &snap, &err);
	if (req)
		fuse_req_interrupt_func(req, interrupted,
					j); /* may run at once: it only calls later */
	if (r > 0)
		run(j);
	else if (r < 0)
		on_items(j, NULL, &err);
}

static bool add_line(char ***lines, size_t *n, struct w365_span line)
{
	char **more = realloc(*lines, (*n + 1) * sizeof(**lines)), *copy;

	if (!more)
		return false;
	*lines = more;
	copy = strndup(line.p, line.len);
	if (copy)
		more[(*n)++] = copy;
	return copy;
}

/* A comment or a blank line asks for nothing: no need to look at anything for it. */
static bool asks(struct w365_span line)
{
	size_t i = 0;

	while (i < line.len && strchr(" \t\r", line.p[i]))
		i++;
	return i < line.len && line.p[i] != '#';
}

static void go(struct fs *fs, fuse_req_t req, struct fs_writing *w, char **lines, size_t n,
	       size_t size, int error, struct w365_err *err)
{
	char path[FS_PATH_MAX + 64];

	if (error == 0 && n) {
		start(fs, req, w, lines, n, size);
		return;
	}
	for (size_t i = 0; i < n; i++)
		w365_wipe_str(lines[i]);
	free(lines);
	if (error < 0) {
		fs_control_path(w->control, path, sizeof(path));
		fs_note(fs, path, err);
	}
	if (!req)
		return;
	if (error == 0 && size)
		fuse_reply_write(req, size);
	else
		fuse_reply_err(req, -error);
}

void fs_job_write(struct fs *fs, fuse_req_t req, struct fs_writing *w, const char *buf, size_t size)
{
	struct w365_span line;
	struct w365_err err;
	char **lines = NULL;
	size_t n = 0;
	int r;

	/* Many programs write the same again after EINTR. */
	if (w->stopped) {
		r = w365_err_set(
			&err, ECANCELED,
			"an earlier write was interrupted, and what it had sent stays sent: "
			"look into .w365fs/actions.ndjson, and open the file anew for the rest");
		go(fs, req, w, NULL, 0, size, r, &err);
		return;
	}
	graph_lines_feed(&w->lines, buf, size);
	while ((r = graph_lines_next(&w->lines, &line, &err)) > 0)
		if (asks(line) && !add_line(&lines, &n, line)) {
			r = w365_err_oom(&err);
			break;
		}
	go(fs, req, w, lines, n, size, r, &err);
}

void fs_job_rest(struct fs *fs, fuse_req_t req, struct fs_writing *w)
{
	struct w365_span line;
	struct w365_err err;
	char **lines = NULL;
	size_t n = 0;
	int r = graph_lines_rest(&w->lines, &line, &err);

	if (r > 0 && asks(line) && !add_line(&lines, &n, line))
		r = w365_err_oom(&err);
	go(fs, req, w, lines, n, 0, MIN(r, 0), &err);
}

void fs_jobs_done(struct fs *fs)
{
	while (fs->jobs) {
		struct fs_job *j = fs->jobs;

		w365_err_set(&j->first, EINTR, "the mount was ended");
		j->awaited = 0;
		if (j->batch) {
			graph_batch_cancel(j->batch);
			graph_batch_lost(j->batch);
		}
		end(j);
	}
}
