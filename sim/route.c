#include "sim/route.h"

#include <stdlib.h>

#include "base/macros.h"
#include "sim/form.h"

#define ROOT "/deviceManagement/virtualEndpoint"

bool sim_path_read(struct w365_span text, struct sim_path *ret)
{
	struct sim_path p = { .text = strndup(text.p, text.len) };
	char *next = p.text;
	size_t wrong;

	/* A slash at the end says nothing. */
	if (next && text.len > 1 && next[text.len - 1] == '/')
		next[text.len - 1] = '\0';
	while (next) {
		char *at = next + 1;

		next = strchr(at, '/');
		if (next)
			*next = '\0';
		if (p.count == SIM_MAX_SEGMENTS ||
		    sim_percent_decode(at, strlen(at), false, &wrong)) {
			sim_path_done(&p);
			return false;
		}
		p.segments[p.count++] = at;
	}
	*ret = p;
	return p.text != NULL;
}

void sim_path_done(struct sim_path *p)
{
	free(p->text);
	*p = (struct sim_path){ 0 };
}

/* A path of the table, piece by piece: what stands before it, then its own rest. */
struct pattern {
	const char *parts[2];
};

static bool next_piece(struct pattern *p, struct w365_span *ret)
{
	while (!*p->parts[0]) {
		if (!*p->parts[1])
			return false;
		p->parts[0] = p->parts[1];
		p->parts[1] = "";
	}
	ret->p = p->parts[0] + 1;
	ret->len = strcspn(ret->p, "/");
	p->parts[0] = ret->p + ret->len;
	return true;
}

/* A function's segment may carry its parameters: name(a='b'). */
static bool same_segment(const char *segment, struct w365_span piece, bool last)
{
	if (strncasecmp(segment, piece.p, piece.len) != 0)
		return false;
	return !segment[piece.len] || (last && segment[piece.len] == '(');
}

/**
 * How many segments agree with the pattern, from the first on; the ids among them go to @route.
 * *@ret_whole: the pattern has no more pieces than these.
 */
static unsigned agree(const struct sim_path *path, unsigned from, struct pattern pattern,
		      bool function, struct sim_route *route, bool *ret_whole)
{
	unsigned n = 0;
	struct w365_span piece;

	route->id_count = 0;
	*ret_whole = false;
	while (next_piece(&pattern, &piece)) {
		const char *segment;
		bool last = function && !*pattern.parts[0] && !*pattern.parts[1];

		if (from + n == path->count)
			return n;
		segment = path->segments[from + n];
		if (piece.p[0] == '{') {
			if (!*segment || *segment == '$' || route->id_count == SIM_MAX_IDS)
				return n;
			route->ids[route->id_count++] = segment;
		} else if (!same_segment(segment, piece, last)) {
			return n;
		}
		n++;
	}
	*ret_whole = true;
	return n;
}

struct search {
	const struct sim_path *path;
	unsigned from, left; /* segments from @from on */
	unsigned furthest;   /* so many of them meant something */
	struct sim_route *ret;
};

static bool try_resource(struct search *s, const struct sim_resource *resource, const char *path)
{
	struct sim_route route = { .resource = resource };
	bool whole;
	unsigned n =
		agree(s->path, s->from, (struct pattern){ { path, "" } }, false, &route, &whole);

	route.users = w365_starts(path, "/users/") || w365_starts(path, "/me/");
	route.me = w365_starts(path, "/me/");
	if (whole && !resource->singleton && s->left > n && route.id_count < SIM_MAX_IDS &&
	    s->path->segments[s->from + n][0] && s->path->segments[s->from + n][0] != '$') {
		route.ids[route.id_count++] = s->path->segments[s->from + n];
		route.item = true;
		n++;
	}
	s->furthest = MAX(s->furthest, n);
	if (!whole || n != s->left)
		return false;
	*s->ret = route;
	return true;
}

static bool try_operation(struct search *s, const struct sim_operation *operation,
			  const char *prefix, const char *rest)
{
	struct sim_route route = { .operation = operation };
	bool whole;
	unsigned n = agree(s->path, s->from, (struct pattern){ { prefix, rest } },
			   !operation->action, &route, &whole);

	s->furthest = MAX(s->furthest, n);
	if (!whole || n != s->left)
		return false;
	route.users = *prefix && !w365_streq(prefix, ROOT);
	route.me = w365_streq(prefix, "/me");
	route.segment = s->path->segments[s->path->count - 1];
	*s->ret = route;
	return true;
}

static bool find_operation(struct search *s, enum sim_version version)
{
	for (size_t i = 0; i < sim_operation_count; i++) {
		const struct sim_operation *o = &sim_operations[i];
		const char *rest = o->path + strlen(ROOT);

		if (!(o->versions & version))
			continue;
		if (try_operation(s, o, ROOT, rest) ||
		    (o->below_users && (try_operation(s, o, "/users/{userId}", rest) ||
					try_operation(s, o, "/me", rest))))
			return true;
	}
	return false;
}

bool sim_route_find(const struct sim_path *path, unsigned from, enum sim_version version,
		    struct sim_route *ret)
{
	struct search s = { path, from, path->count - from, 0, ret };

	*ret = (struct sim_route){ 0 };
	/* First the operations: their names stand where an id could. */
	if (find_operation(&s, version))
		return true;
	for (size_t i = 0; i < sim_resource_count; i++) {
		const struct sim_resource *r = &sim_resources[i];

		if ((r->versions & version) &&
		    (try_resource(&s, r, r->path) || (r->alias && try_resource(&s, r, r->alias))))
			return true;
	}
	*ret = (struct sim_route){ 0 };
	ret->unknown = !s.left                ? ""
		       : s.furthest == s.left ? path->segments[path->count - 1]
					      : path->segments[from + s.furthest];
	return false;
}
