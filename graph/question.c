#include "graph/question.h"
#include "base/json.h"
#include "base/json-write.h"
#include "base/macros.h"
#include "base/str.h"
#include "graph/action.h"
#include "graph/query.h"

/* Where all reports are, whichever of the two carriers has them. */
#define REPORTS "reports"

/* Where the files are that the items of a collection lead to. */
#define RESULTS "results"

/* The assignments of policies and settings come with them. */
static bool expanded(const struct graph_collection *home, const struct graph_collection *c,
		     enum graph_version version)
{
	const struct graph_method *list = &home->methods[GRAPH_LIST];

	return (list->versions & version) && (list->options & GRAPH_OPT_EXPAND_ASSIGNMENTS) &&
	       w365_starts(c->path, home->path) &&
	       w365_streq(c->path + strlen(home->path), "/{id}/assignments");
}

static unsigned count_ids(const char *path)
{
	const char *open = strchr(path, '(');
	unsigned n = 0;

	for (const char *p = path; (p = strchr(p, '{')) && (!open || p < open); p++)
		n++;
	return n;
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* `report` is where new reports appear; those of the same name in `reports` are about to go. */
static bool superseded(const struct graph_operation *o, const struct graph_collection *home,
		       enum graph_version version)
{
	for (unsigned i = 0; i < graph_n_operations; i++) {
		const struct graph_operation *other = &graph_operations[i];

		if (other != o && (other->versions & version) && w365_streq(other->name, o->name) &&
		    graph_home_of(other->path)->kind == GRAPH_CARRIER &&
		    w365_streq(home->name, REPORTS))
			return true;
	}
	return false;
}

static bool from_operation(const struct graph_operation *o, const struct graph_part *part,
			   struct graph_question *ret)
{
	const struct graph_collection *home = graph_home_of(o->path);
	enum graph_version version = part->version;
	bool report = home && home->kind == GRAPH_CARRIER && o->returns.kind == GRAPH_VALUE_STREAM;

	if (!(o->versions & version) || !home || !graph_collection_in(home, part) ||
	    !(o->function || report) || (report && superseded(o, home, version)))
		return false;
	*ret = (struct graph_question){
		.name = o->name,
		.home = home,
		.op = o,
		.parameters = o->parameters,
		.n_parameters = o->n_parameters,
		.returns = o->returns,
		.permission = &o->permission,
		.path = o->path,
		.note = o->note,
		.n_ids = count_ids(o->path),
		.report = report,
		.deprecated = o->deprecated,
	};
	return true;
}

static bool from_collection(const struct graph_collection *c, const struct graph_part *part,
			    struct graph_question *ret)
{
	const struct graph_collection *home = c->nested ? graph_home_of(c->path) : NULL;
	enum graph_version version = part->version;
	const struct graph_permission *p =
		&c->methods[c->kind == GRAPH_SINGLETON ? GRAPH_GET : GRAPH_LIST].permission;

	if (!home || !(c->versions & version) || !graph_collection_shown(home, part) ||
	    expanded(home, c, version))
		return false;
	*ret = (struct graph_question){
		.name = last_part(c->path),
		.home = home,
		.below = c,
		.returns = { .kind = GRAPH_VALUE_OBJECT,
			     .array = c->kind == GRAPH_COLLECTION,
			     .type = c->type },
		.permission = p->delegated || p->application ? p : NULL,
		.path = c->path,
		.note = c->help,
		.n_ids = count_ids(c->path),
		.deprecated = c->deprecated,
	};
	return true;
}

/* The files that the items of a collection lead to: one property at most has such an address. */
static bool from_download(const struct graph_collection *c, const struct graph_part *part,
			  struct graph_question *ret)
{
	const struct graph_property *p = NULL;

	for (unsigned i = 0; c->type && i < c->type->n_properties; i++)
		if (c->type->properties[i].download &&
		    (c->type->properties[i].versions & part->version))
			p = &c->type->properties[i];
	if (!p || c->kind != GRAPH_COLLECTION || !graph_collection_shown(c, part))
		return false;
	*ret = (struct graph_question){
		.name = RESULTS,
		.home = c,
		.download = p,
		.permission = &c->methods[GRAPH_GET].permission,
		.path = c->path,
		.n_ids = 1,
		.deprecated = c->deprecated,
	};
	return true;
}

bool graph_question_next(const struct graph_part *part, unsigned *at, struct graph_question *ret)
{
	unsigned n = graph_n_operations, m = graph_n_collections;

	while (*at < n + 2 * m) {
		unsigned i = (*at)++;

		if (i < n       ? from_operation(&graph_operations[i], part, ret)
		    : i < n + m ? from_collection(&graph_collections[i - n], part, ret)
				: from_download(&graph_collections[i - n - m], part, ret))
			return true;
	}
	return false;
}

void graph_question_path(struct w365_buf *out, const struct graph_question *q)
{
	if (q->download)
		w365_buf_addf(out, "%s/", q->home->name);
	else if (q->report)
		w365_buf_adds(out, REPORTS "/");
	else if (q->home->kind == GRAPH_CONTAINER)
		w365_buf_adds(out, "functions/");
	else
		w365_buf_addf(out, "%s/functions/", q->home->name);
	w365_buf_adds(out, q->name);
}

void graph_question_usage(struct w365_buf *out, const struct graph_question *q,
			  enum graph_version version)
{
	const char *lead = "";

	if (q->n_ids) {
		w365_buf_adds(out, q->n_ids > 1 ? "ITEM%2FASSIGNMENTID" : "ITEM");
		lead = ",";
	}
	for (unsigned i = 0; i < q->n_parameters; i++) {
		const struct graph_property *p = &q->parameters[i];

		if (!(p->flags & GRAPH_REQUIRED) || !(p->versions & version))
			continue;
		w365_buf_addf(out, "%s%s=%s", lead, p->name,
			      p->value.kind == GRAPH_VALUE_ENUM ? "WORD" : "TEXT");
		lead = ",";
	}
	w365_buf_addf(out, "%s.%s", *lead ? "" : "all",
		      q->download ? q->download->download
		      : q->report ? "csv"
				  : "json");
}

/* The words that a parameter takes: "; reportType: a, b". */
static void add_words(struct w365_buf *out, const struct graph_property *p,
		      enum graph_version version)
{
	const char *lead = ": ";

	w365_buf_addf(out, "; %s", p->name);
	for (const struct graph_member *m = p->value.members->members; m->name; m++) {
		if (!(m->versions & version) || w365_streq(m->name, "unknownFutureValue"))
			continue;
		w365_buf_addf(out, "%s%s", lead, m->name);
		lead = ", ";
	}
}

void graph_question_row(struct w365_buf *out, const struct graph_question *q,
			enum graph_version version)
{
	const struct graph_permission *p = q->permission;
	const char *name = !p ? "unknown" : p->delegated ? p->delegated : p->application;
	const char *type = q->returns.type ? q->returns.type->name : q->returns.name;

	w365_buf_adds(out, "| `");
	graph_question_path(out, q);
	w365_buf_addc(out, '/');
	graph_question_usage(out, q, version);
	w365_buf_addf(out, "` | %s%s%s",
		      q->download ? "the finished file"
		      : q->report ? "rows"
		      : type      ? type
				  : "objects",
		      q->returns.array ? ", a list" : "", q->deprecated ? " (deprecated)" : "");
	for (unsigned i = 0; i < q->n_parameters; i++)
		if (q->parameters[i].value.kind == GRAPH_VALUE_ENUM &&
		    (q->parameters[i].versions & version))
			add_words(out, &q->parameters[i], version);
	w365_buf_addf(out, " | %s%s |\n", name,
		      p && p->delegated && !p->application ? ", for a signed-in person only" : "");
}

/* ---- the request ---- */

/* A list as it is said: JSON, or separated by commas. In the address it is the latter. */
static void add_option_list(struct w365_buf *out, const char *text)
{
	_cleanup_(w365_json_done) struct w365_json j = { 0 };
	const char *lead = "";

	if (*text != '[' || w365_json_parse(&j, text, strlen(text), NULL, NULL) < 0) {
		for (; *text; text++)
			if (*text == ',')
				w365_buf_addc(out, ',');
			else
				w365_buf_add_url(out, (char[]){ *text, '\0' });
		return;
	}
	W365_JSON_EACH (&j, 0, i) {
		_cleanup_(w365_buf_done) struct w365_buf one = W365_BUF;

		w365_json_decode(&one, w365_json_raw(&j, i));
		w365_buf_adds(out, lead);
		w365_buf_add_url(out, w365_buf_str(&one));
		lead = ",";
	}
}

static void add_options(struct w365_buf *out, const struct graph_asked *a)
{
	char lead = '?';

	for (unsigned i = 0; i < a->n; i++) {
		const struct graph_argument *arg = &a->arguments[i];

		if (!arg->p->query)
			continue;
		w365_buf_addf(out, "%c%s=", lead, arg->p->query);
		if (arg->p->value.array)
			add_option_list(out, w365_buf_str(&arg->text));
		else
			w365_buf_add_url(out, w365_buf_str(&arg->text));
		lead = '&';
	}
}

bool graph_question_select(struct w365_buf *out, const struct graph_question *q,
			   const struct graph_asked *a, enum graph_version version)
{
	const struct graph_property *select = NULL;
	bool some = false;

	for (unsigned i = 0; i < q->n_parameters; i++)
		if (q->parameters[i].query && w365_streq(q->parameters[i].query, "$select"))
			select = &q->parameters[i];
	for (unsigned i = 0; i < a->n; i++) {
		if (a->arguments[i].p == select)
			return false;
		some = some || a->arguments[i].p->query;
	}
	if (!select || !q->returns.type || graph_type_polymorphic(q->returns.type))
		return false;
	w365_buf_addc(out, some ? '&' : '?');
	graph_query_select(out, q->returns.type, version);
	return true;
}

/* A parameter of a function, as OData writes it in a path: texts and members of enums in quotes. */
static void add_literal(struct w365_buf *out, const struct graph_argument *a)
{
	bool quoted =
		a->p->value.kind == GRAPH_VALUE_STRING || a->p->value.kind == GRAPH_VALUE_ENUM;

	if (!quoted) {
		w365_buf_add_url(out, w365_buf_str(&a->text));
		return;
	}
	w365_buf_addc(out, '\'');
	for (const char *p = w365_buf_str(&a->text); *p; p++) {
		if (*p == '\'')
			w365_buf_adds(out, "''");
		else
			w365_buf_add_url(out, (char[]){ *p, '\0' });
	}
	w365_buf_addc(out, '\'');
}

void graph_question_url(struct w365_buf *out, const struct graph_question *q,
			const struct graph_asked *a, const char *id)
{
	const char *p = q->path, *end = p + strcspn(p, "(");
	char lead = '(';

	if (q->download) {
		w365_buf_addf(out, "%s/", p);
		w365_buf_add_url(out, id);
		return;
	}
	for (unsigned i = 0; i < q->n_ids; i++) {
		const char *open = strchr(p, '{');

		w365_buf_add(out, p, (size_t)(open - p));
		w365_buf_add_url(out, i ? w365_buf_str(&a->below) : id);
		p = strchr(open, '}') + 1;
	}
	w365_buf_add(out, p, (size_t)(end - p));
	if (q->report && !q->op->function)
		return; /* its parameters are in the body */
	for (unsigned i = 0; i < a->n; i++) {
		if (a->arguments[i].p->query)
			continue;
		w365_buf_addf(out, "%c%s=", lead, a->arguments[i].p->name);
		add_literal(out, &a->arguments[i]);
		lead = ',';
	}
	if (lead == ',')
		w365_buf_addc(out, ')');
	add_options(out, a);
}

/* A list is JSON already, or separated by commas. */
static void add_list(struct w365_jw *w, const char *text)
{
	if (*text == '[') {
		w365_jw_raw(w, text);
		return;
	}
	w365_jw_open(w, '[');
	for (const char *end; *text; text = *end ? end + 1 : end) {
		_cleanup_(w365_buf_done) struct w365_buf one = W365_BUF;

		end = text + strcspn(text, ",");
		w365_buf_add(&one, text, (size_t)(end - text));
		w365_jw_str(w, w365_buf_str(&one));
	}
	w365_jw_close(w, ']');
}

void graph_question_body(struct w365_buf *out, const struct graph_asked *a, uint64_t skip,
			 uint64_t top)
{
	struct w365_jw w = { .out = out, .compact = true };

	w365_jw_open(&w, '{');
	for (unsigned i = 0; i < a->n; i++) {
		const struct graph_property *p = a->arguments[i].p;
		const char *text = w365_buf_str(&a->arguments[i].text);

		if (w365_streq(p->name, "skip") || w365_streq(p->name, "top"))
			continue;
		w365_jw_key(&w, p->name);
		if (p->value.array)
			add_list(&w, text);
		else if (p->value.kind == GRAPH_VALUE_INT32 || p->value.kind == GRAPH_VALUE_BOOLEAN)
			w365_jw_raw(&w, text);
		else
			w365_jw_str(&w, text);
	}
	w365_jw_pair_uint(&w, "skip", skip);
	w365_jw_pair_uint(&w, "top", top);
	w365_jw_close(&w, '}');
}

uint64_t graph_asked_number(const struct graph_asked *a, const char *name, uint64_t otherwise)
{
	uint64_t v;

	for (unsigned i = 0; i < a->n; i++)
		if (w365_streq(a->arguments[i].p->name, name) &&
		    w365_parse_u64(w365_buf_str(&a->arguments[i].text), &v))
			return v;
	return otherwise;
}
