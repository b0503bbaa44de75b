#include "fs/changes.h"
#include "base/json-write.h"
#include "base/macros.h"
#include "base/time.h"
#include "fs/events.h"
#include "graph/json-same.h"

#include <stdio.h>

void fs_changes_done(struct fs_changes *c)
{
	w365_buf_done(&c->values);
	w365_buf_done(&c->cut);
}

/* ---- two texts ---- */

struct side {
	struct w365_buf text; /* a copy: the parser wants a NUL behind it */
	struct w365_json j;
};

static bool side_read(struct side *s, struct w365_span text)
{
	w365_buf_add(&s->text, text.p, text.len);
	return !s->text.failed &&
	       w365_json_parse(&s->j, w365_buf_str(&s->text), text.len, NULL, NULL) == 0 &&
	       s->j.nodes[0].kind == W365_JSON_IS_OBJECT;
}

static void side_done(struct side *s)
{
	w365_json_done(&s->j);
	w365_buf_done(&s->text);
}

/* Appends a value of JSON without the white space between its parts. 0 stands for null. */
static void compact(const struct w365_json *j, uint32_t i, struct w365_buf *out)
{
	struct w365_span s = i ? w365_json_raw(j, i) : W365_SPAN("null");

	if (i && j->nodes[i].kind == W365_JSON_IS_STRING)
		s = (struct w365_span){ s.p - 1, s.len + 2 }; /* the quotes */
	w365_json_compact(out, s);
}

/* Whether the value was shown, and not left out for its length. */
static bool put_value(struct w365_jw *w, const struct w365_json *j, uint32_t i)
{
	_cleanup_(w365_buf_done) struct w365_buf value = W365_BUF;
	bool fits;

	compact(j, i, &value);
	fits = !value.failed && value.len <= FS_CHANGES_VALUE_MAX &&
	       w->out->len + value.len <= FS_CHANGES_MAX;
	w365_jw_raw(w, fits ? w365_buf_str(&value) : "null");
	return fits;
}

struct writer {
	const struct side *was, *is;
	struct w365_jw values, cut;
};

static void put(struct writer *w, struct w365_span key, uint32_t was, uint32_t is)
{
	_cleanup_(w365_buf_done) struct w365_buf name = W365_BUF;
	bool shown;

	w365_buf_add(&name, key.p, key.len);
	w365_jw_key(&w->values, w365_buf_str(&name));
	w365_jw_open(&w->values, '[');
	shown = put_value(&w->values, &w->was->j, was);
	shown = put_value(&w->values, &w->is->j, is) && shown;
	w365_jw_close(&w->values, ']');
	if (shown)
		return;
	if (!w->cut.depth)
		w365_jw_open(&w->cut, '[');
	w365_jw_str(&w->cut, w365_buf_str(&name));
}

/* The members of the new text in its order, then those that only the old one has. */
static bool compare(struct writer *w)
{
	const struct w365_json *was = &w->was->j, *is = &w->is->j;
	_cleanup_(w365_buf_done) struct w365_buf spare = W365_BUF;
	bool some = false;

	w365_jw_open(&w->values, '{');
	W365_JSON_EACH (is, 0, i) {
		struct w365_span key = graph_json_key(is, i, &spare);
		uint32_t k = graph_json_member(was, 0, key);

		if (graph_json_annotation(key) || graph_json_same(was, k, is, i) != 0)
			continue;
		some = true;
		put(w, key, k, i);
	}
	W365_JSON_EACH (was, 0, k) {
		struct w365_span key = graph_json_key(was, k, &spare);

		if (graph_json_annotation(key) || graph_json_nothing(was, k) ||
		    graph_json_member(is, 0, key))
			continue;
		some = true;
		put(w, key, k, 0);
	}
	w365_jw_close(&w->values, '}');
	if (w->cut.depth)
		w365_jw_close(&w->cut, ']');
	return some;
}

bool fs_changes(struct w365_span was, struct w365_span is, struct fs_changes *ret)
{
	_cleanup_(side_done) struct side before = { 0 }, after = { 0 };
	struct writer w = { .was = &before,
			    .is = &after,
			    .values = { .out = &ret->values, .compact = true },
			    .cut = { .out = &ret->cut, .compact = true } };

	return side_read(&before, was) && side_read(&after, is) && compare(&w) &&
	       !ret->values.failed && !ret->cut.failed;
}

/* ---- two snapshots ---- */

struct telling {
	struct fs *fs;
	struct graph_snapshot *before, *after;
	const struct fs_listing *names_before, *names_after;
	const struct graph_collection *collection;
	int64_t day;
};

static void put_id(struct w365_jw *w, const struct graph_item *it)
{
	_cleanup_(w365_buf_done) struct w365_buf id = W365_BUF;

	w365_json_quote(&id, it->id, it->id_len);
	w365_jw_pair_raw(w, "id", w365_buf_str(&id));
}

/* COLLECTION/NAME is its path in the mount, but for a singleton: that is its name. */
static void put_name(struct telling *t, struct w365_jw *w, const struct graph_item *was,
		     const struct graph_item *is)
{
	const struct graph_collection *c = t->collection;
	char day[W365_TIME_MAX], entry[256], name[W365_TIME_MAX + 256];

	if (c->kind == GRAPH_SINGLETON)
		snprintf(entry, sizeof(entry), "%.200s.json", c->name);
	else if (is)
		fs_listing_entry(t->after, t->names_after, is, entry);
	else
		fs_listing_entry(t->before, t->names_before, was, entry);
	if (c->freshness == GRAPH_FRESH_LOG)
		snprintf(name, sizeof(name), "%s/%s", w365_date_format(t->day, day), entry);
	w365_jw_pair(w, "collection", c->name);
	w365_jw_pair(w, "name", c->freshness == GRAPH_FRESH_LOG ? name : entry);
}

static void tell(void *arg, const struct graph_item *was, const struct graph_item *is)
{
	_cleanup_(fs_changes_done) struct fs_changes changes = { 0 };
	struct telling *t = arg;
	struct w365_jw *w;

	/* What merely reads differently is no news. */
	if (was && is &&
	    !fs_changes((struct w365_span){ was->text, was->text_len },
			(struct w365_span){ is->text, is->text_len }, &changes))
		return;
	w = fs_event_begin(t->fs);
	put_name(t, w, was, is);
	if ((is ? is : was)->id_len)
		put_id(w, is ? is : was);
	if (!was)
		w365_jw_pair_bool(w, "added", true);
	else if (!is)
		w365_jw_pair_bool(w, "removed", true);
	else
		w365_jw_pair_raw(w, "changed", w365_buf_str(&changes.values));
	if (changes.cut.len)
		w365_jw_pair_raw(w, "long", w365_buf_str(&changes.cut));
	fs_event_end(t->fs);
}

void fs_changes_tell(struct fs *fs, struct graph_family *f, struct graph_snapshot *before,
		     struct graph_snapshot *after)
{
	struct telling t = { .fs = fs,
			     .before = before,
			     .after = after,
			     .collection = graph_family_collection(f),
			     .day = graph_family_day(f) };

	if (!before || !fs_tree_of(fs->tree, t.collection))
		return;
	t.names_before = fs_listing_of(before);
	t.names_after = fs_listing_of(after);
	if (t.names_before && t.names_after)
		graph_snapshot_diff(before, after, tell, &t);
}
