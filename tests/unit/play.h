/* tests/unit/play.h - the sign-in machine, its clock and the last thing it wanted: a test plays the world around it.
 * Everything is static: each test that includes this has its own.
 */
#pragma once

#include "auth/auth.h"
#include "base/macros.h"
#include "base/str.h"
#include "tests/lib/check.h"

#include <stdlib.h>

#define TENANT "11111111-2222-4333-8444-555555555555"
#define CLIENT "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"
#define WALL   1795339815

/* How the service answers who wants to sign in by a code. */
#define DEVICE                                                                                       \
	"{\"device_code\":\"dc+1\",\"user_code\":\"ABC\",\"verification_uri\":\"https://x/device\"," \
	"\"expires_in\":900,\"interval\":5,\"message\":\"Open https://x/device\\u001b[2J and enter ABC\"}"

static char dir[64], cache[96];

static inline struct auth_config config(const char *grant)
{
	return (struct auth_config){ .grant = grant,
				     .authority = "https://login.example",
				     .tenant = TENANT,
				     .client_id = CLIENT,
				     .resource = "https://graph.microsoft.com",
				     .person = true,
				     .token_cache = cache };
}

/* A machine, its clock, and the last thing it wanted. */
struct play {
	struct auth_config c;
	struct auth *a;
	uint64_t s; /* seconds since the beginning */
	struct auth_todo todo;
	struct w365_err err;
	int step;
};

static inline struct auth_clock at(const struct play *p)
{
	return (struct auth_clock){ .ms = 1000000 + p->s * 1000, .wall = WALL + (int64_t)p->s };
}

static inline void begin(struct play *p, struct auth_config c)
{
	struct auth_clock now;

	*p = (struct play){ .c = c };
	now = at(p);
	if (auth_new(&p->c, &now, &p->a, &p->err) < 0)
		printf("Bail out! %s\n", p->err.msg);
}

static inline const char *next(struct play *p)
{
	static const char *const names[] = { "send", "run", "listen", "wait", "ready" };
	struct auth_clock now = at(p);

	w365_request_done(&p->todo.request);
	p->step = auth_step(p->a, &now, &p->todo, &p->err);
	return p->step >= 0 ? names[p->step] : w365_errno_name(-p->step);
}

static inline bool asks(const struct play *p, const char *part)
{
	return p->todo.request.body.data && strstr(p->todo.request.body.data, part);
}

static inline void reply(struct play *p, int status, const char *body)
{
	struct auth_clock now = at(p);
	struct w365_reply r = { .status = status, .body = body, .len = strlen(body) };

	auth_feed(p->a, &now, &r, NULL);
}

static inline const char *bearer(const struct play *p)
{
	return auth_bearer(p->a, at(p).ms);
}

static inline void end(struct play *p)
{
	w365_request_done(&p->todo.request);
	auth_free(p->a);
}

static inline void ran(struct play *p, int status, const char *out, const char *err)
{
	struct auth_clock now = at(p);

	auth_ran(p->a, &now, &(struct auth_ran){ .status = status, .out = out, .err = err });
}

static inline void forget(void)
{
	unlink(cache);
}

/* A folder of its own, for the cache too. */
static inline void play_begin(void)
{
	strcpy(dir, "/tmp/w365fs-signin-XXXXXX");
	if (!mkdtemp(dir))
		exit(1);
	snprintf(cache, sizeof(cache), "%s/state/tokens.json", dir);
}

static inline int play_end(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	return system(command) == 0 ? check_summary() : 1;
}

#define TOKEN(name, life, more) \
	"{\"token_type\":\"Bearer\",\"expires_in\":" #life ",\"access_token\":\"" name "\"" more "}"
#define REFRESH(name) ",\"refresh_token\":\"" name "\""
#define ERROR(error, number) \
	"{\"error\":\"" error "\",\"error_description\":\"AADSTS" #number ": words\"}"
