#include "graph/usage.h"
#include "base/buf.h"
#include "base/macros.h"
#include "base/str.h"
#include "graph/json-same.h"
#include "graph/watch.h"

static const char *const dangers[] = {
	[GRAPH_SAFE] = "safe: nobody is interrupted, nothing is lost",
	[GRAPH_DISRUPTIVE] = "disruptive: people are interrupted, or what they may do changes",
	[GRAPH_DESTRUCTIVE] = "destructive: data or a Cloud PC can be lost",
};

void graph_usage_path(struct w365_buf *out, const struct graph_action *a)
{
	if (a->home->kind != GRAPH_CONTAINER)
		w365_buf_addf(out, "%s/", a->home->name);
	w365_buf_addf(out, "actions/%s", a->name);
}

/* Whether it makes something that can be of several types. */
static bool typed(const struct graph_action *a)
{
	return a->creates && graph_type_polymorphic(a->creates);
}

/* ---- parameters ---- */

#define WORDS_MAX 8 /* of an enum with more members the line's pattern does not tell all */

static bool short_enum(const struct graph_enum *e)
{
	unsigned n = 0;

	for (const struct graph_member *m = e->members; m->name; m++)
		n++;
	return n <= WORDS_MAX;
}

/* What stands for a value: "TEXT", "N", "[...]". */
static void placeholder(struct w365_buf *out, const struct graph_value *v)
{
	static const char *const words[] = {
		[GRAPH_VALUE_STRING] = "TEXT",   [GRAPH_VALUE_BOOLEAN] = "true|false",
		[GRAPH_VALUE_INT32] = "N",       [GRAPH_VALUE_DATE] = "DATE",
		[GRAPH_VALUE_DATETIME] = "TIME", [GRAPH_VALUE_STREAM] = "BYTES",
		[GRAPH_VALUE_OBJECT] = "{...}",  [GRAPH_VALUE_OTHER] = "JSON",
		[GRAPH_VALUE_ENUM] = "WORD",
	};

	if (v->array)
		w365_buf_adds(out, "[...]");
	else if (v->kind == GRAPH_VALUE_ENUM && short_enum(v->members))
		graph_value_describe(out, v);
	else
		w365_buf_adds(out, words[v->kind]);
}

static void synopsis(struct w365_buf *out, const struct graph_property *p, unsigned n,
		     enum graph_version version, const char *lead)
{
	for (unsigned pass = 0; pass < 2; pass++) /* first what must be there */
		for (unsigned i = 0; i < n; i++) {
			bool must = p[i].flags & GRAPH_REQUIRED;

			if (must == (pass != 0) || !graph_parameter_given(&p[i], version))
				continue;
			w365_buf_addf(out, "%s%s%s=", lead, must ? "" : "[", p[i].name);
			placeholder(out, &p[i].value);
			w365_buf_adds(out, must ? "" : "]");
			lead = " ";
		}
}

void graph_usage_synopsis(struct w365_buf *out, const struct graph_action *a,
			  enum graph_version version)
{
	if (a->targeted)
		w365_buf_adds(out, "TARGET");
	if (typed(a))
		w365_buf_adds(out, GRAPH_ODATA_TYPE "=TYPE");
	synopsis(out, a->parameters, a->n_parameters, version, a->targeted || typed(a) ? " " : "");
	if (a->safety == GRAPH_DESTRUCTIVE)
		w365_buf_addf(out, " %sconfirm=%s%s", typed(a) ? "[" : "",
			      a->targeted ? "TARGET" : a->name, typed(a) ? "]" : "");
}

/* A line for each that may be given; what is in an object behind it. */
static void parameters(struct w365_buf *out, const struct graph_property *p, unsigned n,
		       enum graph_version version)
{
	for (unsigned i = 0; i < n; i++) {
		const struct graph_type *t = p[i].value.type;

		if (!graph_parameter_given(&p[i], version))
			continue;
		w365_buf_addf(out, "#   %s%s: ", p[i].name,
			      p[i].flags & GRAPH_REQUIRED ? ", required" : "");
		graph_value_describe(out, &p[i].value);
		if (p[i].value.array || t)
			w365_buf_adds(out, ", as JSON");
		if (t) {
			w365_buf_adds(out, "; it has ");
			graph_parameters_describe(out, t->properties, t->n_properties, version);
		}
		if (p[i].note)
			w365_buf_addf(out, ". %s", p[i].note);
		w365_buf_addc(out, '\n');
	}
}

/* What is theirs alone, and how dangerous they are. */
void graph_usage_types(struct w365_buf *out, const struct graph_action *a,
		       enum graph_version version, const char *lead)
{
	if (!typed(a))
		return;
	for (unsigned i = 0; i < graph_n_types; i++) {
		const struct graph_type *t = graph_types[i];

		if (!graph_type_fits(t, a->creates, version))
			continue;
		w365_buf_addf(out, "%s%s (%s)", lead, t->name, graph_safety_name(t->safety));
		synopsis(out, t->properties + a->creates->n_properties,
			 t->n_properties - a->creates->n_properties, version, ": ");
		w365_buf_addc(out, '\n');
	}
}

/* ---- the text ---- */

static void permission(struct w365_buf *out, const struct graph_permission *p)
{
	const char *name = p->delegated ? p->delegated : p->application;

	w365_buf_addf(out, "# needs: %s%s\n", name,
		      !p->application ? ", and a signed-in person: no application may"
		      : !p->delegated ? ", and an application: no person may"
				      : "");
}

static void ours(struct w365_buf *out, const struct graph_action *a, enum graph_version version)
{
	struct graph_watch w = { .action = a, .version = version };

	if (a->targeted)
		w365_buf_addf(
			out,
			"# TARGET is a file's name as %s/ lists it, a path to it, or an id. A name with blanks\n"
			"# needs quotes, unless it is the whole line.\n",
			a->home->name);
	if (a->safety == GRAPH_DESTRUCTIVE)
		w365_buf_addf(out, "# confirm= says %s once more%s (see -o destructive=).\n",
			      a->targeted ? "the target's name or id" : a->name,
			      typed(a) ? ", where the type is destructive" : "");
	if (a->safety != GRAPH_SAFE)
		w365_buf_adds(out,
			      "# At most -o max-targets= of them for one opening of this file.\n");
	if (!a->runs_on || graph_watch_place(&w) != GRAPH_LOOK_NOWHERE)
		w365_buf_adds(out, "# With wait=SECONDS the write returns when it has finished.\n");
	else
		w365_buf_adds(out, "# It runs on, and nothing tells when it has finished.\n");
}

void graph_usage_text(struct w365_buf *out, const struct graph_action *a,
		      enum graph_version version)
{
	w365_buf_adds(out, "# usage: ");
	graph_usage_synopsis(out, a, version);
	w365_buf_addf(out, "\n# %s%s\n# %s.\n", a->note ? a->note : "",
		      a->deprecated ? " (deprecated)" : "", dangers[a->safety]);
	parameters(out, a->parameters, a->n_parameters, version);
	if (typed(a))
		w365_buf_adds(out, "# " GRAPH_ODATA_TYPE " is one of\n");
	graph_usage_types(out, a, version, "#   ");
	ours(out, a, version);
	if (a->secret)
		w365_buf_adds(out, "# What is written here is not kept, logged or shown.\n");
	if (a->watch)
		w365_buf_addf(out, "# result: %s\n", a->watch);
	permission(out, &a->permission);
}

/* In a table a bar would end the cell. */
static void cell(struct w365_buf *out, const char *s)
{
	for (; *s; s++)
		w365_buf_addf(out, *s == '|' ? "\\%c" : "%c", *s);
}

void graph_usage_row(struct w365_buf *out, const struct graph_action *a, enum graph_version version)
{
	_cleanup_(w365_buf_done) struct w365_buf line = W365_BUF;

	w365_buf_adds(out, "| `");
	graph_usage_path(out, a);
	w365_buf_adds(out, "` | `");
	graph_usage_synopsis(&line, a, version);
	out->failed |= line.failed;
	cell(out, w365_buf_str(&line));
	w365_buf_addf(out, "` | %s | ", graph_safety_name(a->safety));
	cell(out, a->note ? a->note : "");
	w365_buf_addf(out, "%s |\n", a->deprecated ? " (deprecated)" : "");
}
