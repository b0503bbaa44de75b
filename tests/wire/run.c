/* Runs conversations: run FILE...
 *
 *   # text                what the conversation shows, and comments
 *   option a=b,c          mount options; "option tokens" has the script answer requests for tokens, too
 *   $ COMMAND             somebody uses the mount; goes on until it has what it wants ($2, $3: others
 *                         at the same time); ls and count leave out views, functions, results and
 *                         actions
 *                           cat PATH | grep TEXT PATH | ls PATH | count PATH | size PATH | direct PATH
 *                           refresh PATH | errors
 *   < METHOD PATH?QUERY   this request must come next; '*' matches anything, without a query any
 *                         query will do
 *   <~ METHOD PATH        the same, but others may come before it: they are still to be named
 *   <h TEXT               and its headers have this line; <b: its body has this text; <!h: no header
 *                         has
 *   > STATUS [HEADER: VALUE] [BODY]
 *                         its answer; "> drop" ends the connection, "> cut BODY" in the middle of the
 *                         body
 *   @ 2s                  nothing happens; then the clock has moved on (ms, s, h)
 *   @ to 23:59:50         the same, to that time of day
 *   @ hup                 the same, and the daemon gets SIGHUP
 *   {today} {today-3}     anywhere: the date of that day
 *   = LINE                the command printed this line (=2: the other one)
 *   ! ERRNO               the command failed so
 *   !~ TEXT               .w365fs/errors has this text
 *   ^                     all commands that wait get a signal
 *   ~ TEXT                nothing: nobody asks for anything (TEXT is why)
 */
#include "base/buf.h"
#include "base/file.h"
#include "base/macros.h"
#include "base/str.h"
#include "base/time.h"
#include "fs/fs.h"
#include "fs/ioctl.h"
#include "tests/lib/check.h"
#include "tests/lib/world.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>

#define WAIT_MS  8000
#define COMMANDS 16

struct command {
	struct world *w;
	char *verb, *text, *path;
	struct w365_buf out;
	char *at; /* what of the output was not compared yet */
	int err;
	bool running, joined, failed_as_said;
	pthread_t thread;
	int line;
};

struct script {
	const char *file;
	int line;
	struct world *w;
	bool tokens;
	char options[512];
	struct command commands[COMMANDS];
	struct command *last;
	struct server_request *request; /* taken, not answered yet */
	struct server_request *early;   /* came before the one that was waited for */
};

static void say(struct script *s, bool ok, const char *what)
{
	char why[400];

	snprintf(why, sizeof(why), "%s:%d %s",
		 strrchr(s->file, '/') ? strrchr(s->file, '/') + 1 : s->file, s->line, what);
	CHECK(why, ok);
}

/* ---- commands: what programs do ---- */

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct kernel_entry *)a)->name,
		      ((const struct kernel_entry *)b)->name);
}

/* Verbs, functions, results and views follow from the catalogue: no conversation is about them being there. */
static int conversational(struct kernel_entry *entries, int n)
{
	int kept = 0;

	for (int i = 0; i < n; i++) {
		const char *name = entries[i].name;

		if (!w365_streq(name, "actions") && !w365_streq(name, "functions") &&
		    !w365_streq(name, "results") &&
		    (!w365_starts(name, "by-") || w365_streq(name, "by-id")))
			entries[kept++] = entries[i];
	}
	return kept;
}

static int list(struct command *c, bool count)
{
	_cleanup_(w365_freep) struct kernel_entry *entries = calloc(4096, sizeof(*entries));
	struct fuse_entry_out e;
	int n = kernel_walk(c->w->kernel, c->path, &e);

	if (n == 0)
		n = kernel_readdir(c->w->kernel, e.nodeid, 65536, entries, 4096, NULL);
	if (n < 0)
		return n;
	n = conversational(entries, n);
	if (count)
		w365_buf_addf(&c->out, "%d\n", n);
	qsort(entries, (size_t)n, sizeof(*entries), by_name);
	for (int i = 0; !count && i < n; i++)
		w365_buf_addf(&c->out, "%s\n", entries[i].name);
	return 0;
}

static int cat(struct command *c)
{
	int err;
	char *text = kernel_cat(c->w->kernel, c->path, &err), *rest = text, *line;

	if (text && !*c->text)
		w365_buf_adds(&c->out, text);
	else
		while (text && (line = strsep(&rest, "\n")))
			if (strstr(line, c->text))
				w365_buf_addf(&c->out, "%s\n", line);
	free(text);
	return err < 0 ? err : 0;
}

static int direct(struct command *c)
{
	struct fuse_entry_out e;
	char buf[8192];
	int n = kernel_walk(c->w->kernel, c->path, &e);

	if (n == 0)
		n = kernel_read(c->w->kernel, e.nodeid, 0, sizeof(buf), O_DIRECT, buf);
	if (n < 0)
		return n;
	w365_buf_add(&c->out, buf, (size_t)n);
	return 0;
}

static int refresh(struct command *c)
{
	struct fs_refresh out = { 0 };
	struct fuse_entry_out e;
	int r = kernel_walk(c->w->kernel, c->path, &e);

	if (r == 0)
		r = kernel_ioctl(c->w->kernel, e.nodeid, FS_IOC_REFRESH, &out, sizeof(out));
	return r < 0 ? r : -out.num;
}

static int size(struct command *c)
{
	struct fuse_entry_out e;
	int r = kernel_walk(c->w->kernel, c->path, &e);

	w365_buf_addf(&c->out, "%llu\n", (unsigned long long)e.attr.size);
	return r;
}

static void *command_run(void *arg)
{
	struct command *c = arg;

	if (w365_streq(c->verb, "ls") || w365_streq(c->verb, "count"))
		c->err = list(c, *c->verb == 'c');
	else if (w365_streq(c->verb, "direct"))
		c->err = direct(c);
	else if (w365_streq(c->verb, "refresh"))
		c->err = refresh(c);
	else if (w365_streq(c->verb, "size"))
		c->err = size(c);
	else
		c->err = cat(c);
	return NULL;
}

static void join(struct command *c)
{
	struct timespec until;

	if (!c->running || c->joined)
		return;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += WAIT_MS / 1000;
	if (pthread_timedjoin_np(c->thread, NULL, &until) != 0) {
		printf("Bail out! the command of line %d does not end\n", c->line);
		exit(1);
	}
	c->joined = true;
	c->at = c->out.data;
}

/* Ends the command: what it printed must all have been expected, and so must its failure. */
static void settle(struct script *s, struct command *c)
{
	int line = s->line;

	if (!c->running)
		return;
	join(c);
	s->line = c->line;
	if (c->at && *c->at)
		check_show("not expected", c->at);
	say(s, !c->at || !*c->at, "nothing else is printed");
	if (c->err && !c->failed_as_said)
		printf("# %s\n", w365_errno_name(-c->err));
	say(s, !c->err || c->failed_as_said, "the command succeeds, or fails as it should");
	s->line = line;
	free(c->verb);
	free(c->text);
	free(c->path);
	w365_buf_done(&c->out);
	*c = (struct command){ 0 };
}

static void start_command(struct script *s, unsigned n, char *words)
{
	struct command *c = &s->commands[n];
	char *verb = strsep(&words, " ");

	settle(s, c);
	c->w = s->w;
	c->line = s->line;
	c->verb = strdup(verb);
	c->text = strdup(w365_streq(verb, "grep") && words ? strsep(&words, " ") : "");
	c->path = strdup(words ? words : w365_streq(verb, "errors") ? ".w365fs/errors" : "");
	c->running = true;
	s->last = c;
	pthread_create(&c->thread, NULL, command_run, c);
}

/* ---- the wire ---- */

/* Whether the request is what the script says. '?' begins a query here, it is no wildcard. */
static bool matches(const struct server_request *r, const char *pattern)
{
	_cleanup_(w365_buf_done) struct w365_buf glob = W365_BUF;

	for (const char *p = pattern; *p; p++)
		w365_buf_addf(&glob, strchr("?[]\\", *p) ? "\\%c" : "%c", *p);
	if (!strchr(pattern, '?') && !strchr(pattern, '*'))
		w365_buf_addc(&glob, '*');
	return r && fnmatch(w365_buf_str(&glob), r->line, 0) == 0;
}

static void take_request(struct script *s, const char *pattern, bool any_order)
{
	struct server_request *r = s->early ? TAKE_PTR(s->early) : world_next(s->w, WAIT_MS);

	if (s->request)
		say(s, false, "the request before was answered");
	if (any_order && r && !matches(r, pattern)) {
		s->early = r;
		r = world_next(s->w, WAIT_MS);
	}
	say(s, matches(r, pattern), "this request comes next");
	if (!matches(r, pattern))
		check_show("came", r ? r->line : "nothing");
	s->request = r;
}

static void answer(struct script *s, char *words)
{
	struct server_request *r = s->request;
	char headers[1024] = "", *body = words, *status = strsep(&body, " ");

	if (!r) {
		say(s, false, "there is a request to answer");
		return;
	}
	if (!body)
		body = "";
	if (w365_streq(status, "drop")) {
		world_answer_raw(s->w, r, "", 0, true);
	} else if (w365_streq(status, "cut")) {
		_cleanup_(w365_buf_done) struct w365_buf b = W365_BUF;

		w365_buf_addf(&b, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%.*s",
			      strlen(body), (int)strlen(body) / 2, body);
		world_answer_raw(s->w, r, b.data, b.len, true);
	} else {
		if (*body &&
		    !strchr("{[<\"", *body)) { /* a header before the body: up to two spaces */
			char *end = strstr(body, "  ");

			snprintf(headers, sizeof(headers), "%.*s\r\n",
				 end ? (int)(end - body) : (int)strlen(body), body);
			body = end ? end + 2 : "";
		}
		world_answer(s->w, r, atoi(status), headers, body);
	}
	server_request_free(s->request);
	s->request = NULL;
}

static void refresh_all(void *arg)
{
	const struct fs *fs = arg;

	graph_store_refresh(fs->store);
}

static void pass_time(struct script *s, const char *text)
{
	unsigned hour, minute, second;
	char *unit;
	double n = strtod(text, &unit);

	say(s, world_quiet(s->w), "until then nobody asks");
	if (w365_streq(text, "hup")) {
		world_post(s->w, refresh_all, s->w->fs);
		return;
	}
	if (sscanf(text, "to %u:%u:%u", &hour, &minute, &second) == 3) {
		world_skip_to(s->w, hour * 3600 + minute * 60 + second);
		return;
	}
	world_skip(s->w, (uint64_t)(n * (w365_streq(unit, "ms")  ? 1
					 : w365_streq(unit, "h") ? 3600000
								 : 1000)));
}

static void expect_line(struct script *s, struct command *c, const char *line)
{
	const char *got;

	join(c);
	got = c->at && *c->at ? strsep(&c->at, "\n") : NULL;
	say(s, got && w365_streq(got, line), "this line is printed");
	if (!got || !w365_streq(got, line))
		check_show("got", got ? got : c->err ? w365_errno_name(-c->err) : "nothing");
}

static void expect_error(struct script *s, struct command *c, const char *name)
{
	join(c);
	say(s, c->err && w365_streq(w365_errno_name(-c->err), name), "the command fails so");
	if (!c->err || !w365_streq(w365_errno_name(-c->err), name))
		check_show("got", c->err       ? w365_errno_name(-c->err)
				  : c->out.len ? c->out.data
					       : "success");
	c->failed_as_said = true;
}

static void expect_noted(struct script *s, const char *text)
{
	int err;
	char *errors = kernel_cat(s->w->kernel, ".w365fs/errors", &err);

	say(s, errors && strstr(errors, text), "the log of errors says so");
	if (!errors || !strstr(errors, text))
		check_show("errors", errors);
	free(errors);
}

/* A waiting command gets its signal only once it waits. */
static void interrupt(struct script *s)
{
	for (unsigned i = 0; i < 200 && !kernel_waiting(s->w->kernel); i++)
		poll(NULL, 0, 10);
	poll(NULL, 0, 20);
	kernel_interrupt(s->w->kernel);
}

static struct command *numbered(struct script *s, const char *at, char **rest)
{
	unsigned n = 1;

	if (w365_is_digit(*at))
		n = (unsigned)(*at++ - '0');
	*rest = (char *)at + (*at == ' ');
	return &s->commands[n];
}

static void begin(struct script *s)
{
	if (!s->w)
		s->w = world_new(s->options, !s->tokens);
}

/* Appends the line with its dates. */
static void write_dates(struct script *s, const char *line, struct w365_buf *out)
{
	const char *at;
	char date[W365_TIME_MAX], *end;

	for (; (at = strstr(line, "{today")); line = end + 1) {
		int64_t day = world_time(s->w) / 86400 + strtol(at + strlen("{today"), &end, 10);

		w365_buf_add(out, line, (size_t)(at - line));
		w365_buf_adds(out, w365_date_format(day, date));
		say(s, *end == '}', "a day is {today} or {today-3}");
	}
	w365_buf_adds(out, line);
}

static void step(struct script *s, char *line)
{
	_cleanup_(w365_buf_done) struct w365_buf dated = W365_BUF;
	struct command *c;
	char *rest;

	if (!*line || *line == '#')
		return;
	if (w365_starts(line, "option ")) {
		if (w365_streq(line + 7, "tokens"))
			s->tokens = true;
		else
			snprintf(s->options, sizeof(s->options), "%s", line + 7);
		return;
	}
	begin(s);
	write_dates(s, line, &dated);
	line = dated.data;
	if (*line == '$') {
		c = numbered(s, line + 1, &rest);
		start_command(s, (unsigned)(c - s->commands), rest);
	} else if (w365_starts(line, "<h ")) {
		say(s, s->request && strcasestr(s->request->headers, line + 3),
		    "it has this header");
		if (s->request && !strcasestr(s->request->headers, line + 3))
			check_show("headers", s->request->headers);
	} else if (w365_starts(line, "<!h ")) {
		say(s, s->request && !strcasestr(s->request->headers, line + 4),
		    "it has no such header");
	} else if (w365_starts(line, "<b ")) {
		say(s, s->request && strstr(s->request->body, line + 3), "its body has this");
	} else if (*line == '<') {
		take_request(s, line + 2 + (line[1] == '~'), line[1] == '~');
	} else if (*line == '>') {
		answer(s, line + 2);
	} else if (*line == '@') {
		pass_time(s, line + 2);
	} else if (*line == '=') {
		c = numbered(s, line + 1, &rest);
		expect_line(s, c, rest);
	} else if (w365_starts(line, "!~ ")) {
		expect_noted(s, line + 3);
	} else if (*line == '!') {
		c = numbered(s, line + 1, &rest);
		expect_error(s, c, rest);
	} else if (*line == '^') {
		interrupt(s);
	} else if (*line == '~') {
		say(s, world_quiet(s->w), "nobody asks for anything");
	} else {
		say(s, false, "a line that means something");
	}
}

static void run(const char *file)
{
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF;
	struct script s = { .file = file };
	char *rest, *line;

	if (w365_file_read(file, 1 << 20, false, &text, NULL) < 0) {
		say(&s, false, "the file can be read");
		return;
	}
	rest = text.data;
	while ((line = strsep(&rest, "\n"))) {
		s.line++;
		step(&s, line);
	}
	begin(&s);
	for (unsigned i = 0; i < COMMANDS; i++)
		settle(&s, &s.commands[i]);
	say(&s, !s.request && !s.early && world_quiet(s.w), "at the end nothing is left to answer");
	server_request_free(s.request);
	world_free(s.w);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		run(argv[i]);
	return check_summary();
}
