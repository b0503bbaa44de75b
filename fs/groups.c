#include "fs/groups.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/macros.h"
#include "base/str.h"
#include "fs/names.h"
#include "graph/render.h"

#include <errno.h>
#include <stdlib.h>

struct views {
	struct graph_view view; /* as the snapshot knows it */
	struct w365_arena arena;
	struct fs_groups of[GRAPH_VIEWS_MAX];
};

/* An item as a member of a group, before they are sorted. */
struct member {
	uint64_t key;
	const char *name;
	uint32_t item;
	uint8_t len;
};

/* A view that is being made. */
struct maker {
	struct views *views;
	unsigned view;
	uint64_t seed;
	struct member *members;
	size_t n, cap;
	struct w365_buf value, name;
};

static void free_views(struct graph_view *view)
{
	struct views *v = container_of(view, struct views, view);

	for (unsigned i = 0; i < GRAPH_VIEWS_MAX; i++) {
		free(v->of[i].groups);
		free(v->of[i].members);
	}
	w365_arena_done(&v->arena);
	free(v);
}

static void maker_done(struct maker *m)
{
	free(m->members);
	w365_buf_done(&m->value);
	w365_buf_done(&m->name);
}

static uint64_t key_of(unsigned view, uint64_t seed, const char *name, size_t len)
{
	uint64_t hash = w365_hash(name, len, seed) >> (64 - GRAPH_KEY_BITS);

	return (hash & ~(uint64_t)(GRAPH_VIEWS_MAX - 1)) | view;
}

/* Views are told apart by their numbers; that keys differ between them is a help to nobody but
 * people. */
static uint64_t seed_of(unsigned view)
{
	return 16 + view;
}

/* ---- making ---- */

static int add_member(struct maker *m, uint32_t item, const char *name, size_t len)
{
	if (m->n == m->cap) {
		size_t cap = m->cap ? 2 * m->cap : 64;
		struct member *members = realloc(m->members, cap * sizeof(*members));

		if (!members)
			return -ENOMEM;
		m->members = members;
		m->cap = cap;
	}
	m->members[m->n++] = (struct member){ .key = key_of(m->view, m->seed, name, len),
					      .name = name,
					      .item = item,
					      .len = (uint8_t)len };
	return 0;
}

/* A value that is no plain name: encoded, and if it is too long, cut, with a part of its hash. */
static int add_encoded(struct maker *m, uint32_t item)
{
	char id[17];
	const char *name;

	snprintf(id, sizeof(id), "%016llx",
		 (unsigned long long)w365_hash(w365_buf_str(&m->value), m->value.len, 0));
	w365_buf_reset(&m->name);
	fs_name_item(&m->name, w365_buf_str(&m->value), m->value.len, id, strlen(id),
		     FS_NAME_ALONE);
	name = m->name.failed || m->value.failed
		       ? NULL
		       : w365_arena_dup(&m->views->arena, w365_buf_str(&m->name), m->name.len);
	return name ? add_member(m, item, name, m->name.len) : -ENOMEM;
}

static bool blank(struct w365_span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] != ' ')
			return false;
	return true;
}

/* @value: the JSON text of a string, a number or a word. */
static int add_value(struct maker *m, uint32_t item, struct w365_span value)
{
	bool string = value.p[0] == '"';

	if (string)
		value = (struct w365_span){ value.p + 1, value.len - 2 };
	if (blank(value) || (!string && w365_span_is(value, "null")))
		return add_member(m, item, FS_GROUP_NONE, strlen(FS_GROUP_NONE));
	if (fs_name_is_plain(value.p, value.len) && !memchr(value.p, '\\', value.len))
		return add_member(m, item, value.p, value.len);
	w365_buf_reset(&m->value);
	if (string)
		w365_json_decode(&m->value, value);
	else
		w365_buf_add(&m->value, value.p, value.len);
	return add_encoded(m, item);
}

/* An item whose property is an array is in the group of each of its values: one a line. */
static int add_values(struct maker *m, uint32_t item, struct w365_span array)
{
	const char *end = array.p + array.len;
	int r = 0;

	if (array.len <= 2) /* [] */
		return add_member(m, item, FS_GROUP_NONE, strlen(FS_GROUP_NONE));
	for (const char *line = memchr(array.p, '\n', array.len), *next; r == 0 && line;
	     line = next) {
		struct w365_span v = { line + 1, 0 };

		next = memchr(v.p, '\n', (size_t)(end - v.p));
		if (!next)
			break; /* the line of the bracket */
		while (*v.p == ' ')
			v.p++;
		v.len = (size_t)(next - v.p);
		if (v.p[v.len - 1] == ',')
			v.len--;
		r = add_value(m, item, v);
	}
	return r;
}

static int by_group(const void *pa, const void *pb)
{
	const struct member *a = pa, *b = pb;
	int c = (a->key > b->key) - (a->key < b->key);

	if (!c && a->name != b->name) {
		c = memcmp(a->name, b->name, MIN(a->len, b->len));
		if (!c)
			c = (a->len > b->len) - (a->len < b->len);
	}
	return c ? c : (a->item > b->item) - (a->item < b->item);
}

static bool same_group(const struct member *a, const struct member *b)
{
	return a->len == b->len && memcmp(a->name, b->name, a->len) == 0;
}

/* From the sorted members. */
static int collect(const struct maker *m, struct fs_groups *g)
{
	uint32_t n = 0;

	for (size_t i = 0; i < m->n; i++)
		n += !i || !same_group(&m->members[i], &m->members[i - 1]);
	g->groups = calloc(n + 1, sizeof(*g->groups));
	g->members = calloc(m->n + 1, sizeof(*g->members));
	if (!g->groups || !g->members)
		return -ENOMEM;
	for (size_t i = 0, kept = 0; i < m->n; i++) {
		const struct member *is = &m->members[i];
		struct fs_group *last = g->n ? &g->groups[g->n - 1] : NULL;

		if (!i || !same_group(is, is - 1)) {
			uint64_t key = is->key;

			/* Two names with one key: the second moves on. */
			if (last && key <= last->key)
				key = last->key + GRAPH_VIEWS_MAX;
			last = &g->groups[g->n++];
			*last = (struct fs_group){ .key = key,
						   .name = is->name,
						   .len = is->len,
						   .first = (uint32_t)kept };
		} else if (is->item == is[-1].item) {
			continue; /* the same value twice in one array */
		}
		g->members[kept++] = is->item;
		last->n++;
	}
	return 0;
}

static int make(struct views *v, const struct graph_snapshot *s, unsigned view)
{
	_cleanup_(maker_done) struct maker m = { .views = v, .view = view, .seed = seed_of(view) };
	const char *path = s->collection->views[view].path;
	int r = 0;

	for (uint32_t i = 0; r == 0 && i < s->n_items; i++) {
		const struct graph_item *it = &s->items[i];
		struct w365_span value;

		if (!graph_render_find(it->text, it->text_len, path, &value))
			r = add_member(&m, i, FS_GROUP_NONE, strlen(FS_GROUP_NONE));
		else if (value.p[0] == '[')
			r = add_values(&m, i, value);
		else
			r = add_value(&m, i, value);
	}
	if (r == 0 && m.n)
		qsort(m.members, m.n, sizeof(*m.members), by_group);
	return r == 0 ? collect(&m, &v->of[view]) : r;
}

struct fs_groups *fs_groups_known(const struct graph_snapshot *s, unsigned view)
{
	struct views *v = s->groups ? container_of(s->groups, struct views, view) : NULL;

	return v && v->of[view].made ? &v->of[view] : NULL;
}

struct fs_groups *fs_groups_of(struct graph_snapshot *s, unsigned view)
{
	struct views *v;
	struct fs_groups *g = fs_groups_known(s, view);

	if (g)
		return g;
	v = s->groups ? container_of(s->groups, struct views, view) : calloc(1, sizeof(*v));
	if (!v)
		return NULL;
	v->view = (struct graph_view){ .refs = 1, .free = free_views };
	s->groups = &v->view;
	g = &v->of[view];
	if (make(v, s, view) < 0) {
		free(g->groups);
		free(g->members);
		*g = (struct fs_groups){ 0 };
		return NULL;
	}
	g->made = true;
	return g;
}

/* ---- finding ---- */

uint32_t fs_groups_from(const struct fs_groups *g, uint64_t key)
{
	uint32_t lo = 0, hi = g->n;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (g->groups[mid].key < key)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

const struct fs_group *fs_group_by_key(const struct fs_groups *g, uint64_t key)
{
	uint32_t i = fs_groups_from(g, key);

	return i < g->n && g->groups[i].key == key ? &g->groups[i] : NULL;
}

const struct fs_group *fs_group_find(const struct fs_groups *g, unsigned view, const char *name)
{
	size_t len = strlen(name);
	uint64_t key = key_of(view, seed_of(view), name, len);

	for (uint32_t i = fs_groups_from(g, key); i < g->n && g->groups[i].key == key;
	     i++, key += GRAPH_VIEWS_MAX)
		if (g->groups[i].len == len && memcmp(g->groups[i].name, name, len) == 0)
			return &g->groups[i];
	return NULL;
}

bool fs_group_has(const struct fs_groups *g, const struct fs_group *group, uint32_t i)
{
	const uint32_t *members = g->members + group->first;
	uint32_t lo = 0, hi = group->n;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (members[mid] < i)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < group->n && members[lo] == i;
}
