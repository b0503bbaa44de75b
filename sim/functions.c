/* Functions, up to the one that is meant, and from its value to the answer. */
#include "sim/functions.h"

#include "base/macros.h"
#include "sim/json-text.h"
#include "sim/locate.h"
#include "sim/odd.h"
#include "sim/rng.h"
#include "sim/view.h"
#include "sim/write.h"

const char *sim_function_get(const struct sim_function *f, const char *name)
{
	return sim_arguments_get(&f->arguments, name);
}

const char *sim_function_str(const struct sim_function *f, const char *column, struct w365_buf *out)
{
	return sim_item_str(f->at.set, f->at.set->items[f->at.position], column, out);
}

struct sim_rng sim_function_rng(const struct sim_function *f, const char *domain)
{
	return sim_rng(f->sim->config.seed, domain, w365_hash(f->at.id, strlen(f->at.id), 0));
}

static const struct sim_function_row *find(const struct sim_operation *o)
{
	const struct sim_function_row *const tables[] = { sim_pc_functions, sim_tenant_functions };

	for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
		for (const struct sim_function_row *row = tables[i]; row->name; row++)
			if (w365_streq(row->type, o->on->name) && w365_streq(row->name, o->name))
				return row;
	return NULL;
}

static void begin_answer(struct sim_function *f)
{
	const struct sim_operation *o = f->at.operation;
	struct w365_buf *out = &f->at.call->reply->body;

	f->at.call->reply->status = o->status;
	w365_buf_addf(out, "{\"@odata.context\":\"%s/%s/$metadata#%s%s.%s%s\"", f->sim->config.base,
		      sim_version_name(f->at.call->version),
		      o->returns_collection ? "Collection(" : "",
		      o->returns->kind < SIM_ENUM ? "Edm" : "microsoft.graph", o->returns->name,
		      o->returns_collection ? ")" : "");
}

/* Appends one value as the version has it. @odd: as services have been seen to write, too. */
static void add_value(const struct sim_function *f, struct w365_span raw, bool odd,
		      struct w365_buf *out)
{
	const struct sim_type *type = f->at.operation->returns;

	if (odd)
		sim_odd_value(raw, type, out);
	else
		sim_project(raw, type, f->at.call->version, f->prefer.all_members, out);
}

static void answer_list(struct sim_function *f, const struct w365_json *list, unsigned page)
{
	struct w365_buf *out = &f->at.call->reply->body;
	uint64_t size = MIN(page ? page : f->sim->page_size, f->prefer.max_page);
	uint64_t from = f->query.position == UINT64_MAX ? 0 : f->query.position, n = 0;

	W365_JSON_EACH (list, 0, i)
		n++;
	begin_answer(f);
	w365_buf_addc(out, ',');
	if (n > from + size)
		sim_next_link(f->at.call, &f->form, &f->shape, from + size, out);
	w365_buf_adds(out, "\"value\":[");
	n = 0;
	W365_JSON_EACH (list, 0, i) {
		if (n >= from && n < from + size) {
			if (n > from)
				w365_buf_addc(out, ',');
			add_value(f, sim_json_text(list, i), f->sim->odd && !n, out);
		}
		n++;
	}
	w365_buf_adds(out, "]}");
}

/* The members of an object stand beside the context, those that were selected. */
static void answer_object(struct sim_function *f, struct w365_span raw)
{
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF;
	_cleanup_(w365_json_done) struct w365_json j = { 0 };
	struct w365_buf *out = &f->at.call->reply->body;

	add_value(f, raw, f->sim->odd, &text);
	if (text.failed || w365_json_parse(&j, text.data, text.len, NULL, NULL) < 0) {
		sim_no_memory(f->at.call);
		return;
	}
	begin_answer(f);
	if (f->sim->odd) { /* wrapped once more */
		w365_buf_addf(out, ",\"value\":%s}", text.data);
		return;
	}
	W365_JSON_EACH (&j, 0, i) {
		struct w365_span key = sim_json_key_of(&j, i), value = sim_json_text(&j, i);
		int column = sim_column_find(&f->shape.columns, key);

		if (f->query.selected && (column < 0 || !(f->query.select & (uint64_t)1 << column)))
			continue;
		w365_buf_addf(out, ",\"%.*s\":%.*s", (int)key.len, key.p, (int)value.len, value.p);
	}
	w365_buf_addc(out, '}');
}

static void answer(struct sim_function *f, unsigned page)
{
	const struct sim_operation *o = f->at.operation;
	_cleanup_(w365_json_done) struct w365_json j = { 0 };
	struct w365_buf *out = &f->at.call->reply->body;

	if (o->returns_collection)
		w365_jw_close(&f->json, ']');
	if (f->value.failed || w365_json_parse(&j, f->value.data, f->value.len, NULL, NULL) < 0) {
		sim_no_memory(f->at.call);
	} else if (o->returns_collection) {
		answer_list(f, &j, page);
	} else if (o->returns->kind >= SIM_COMPLEX) {
		answer_object(f, sim_json_text(&j, 0));
	} else {
		begin_answer(f);
		w365_buf_adds(out, ",\"value\":");
		add_value(f, sim_json_text(&j, 0), f->sim->odd, out);
		w365_buf_addc(out, '}');
	}
}

/* Reads all that the request says besides the path. False: refused and answered. */
static bool prepare(struct sim_function *f, unsigned options)
{
	struct sim_call *c = f->at.call;
	struct w365_err err;

	f->prefer = sim_prefer_read(c->req->prefer);
	if (sim_arguments_read(c->route.segment, f->at.operation, c->version, &f->arguments, &err) <
		    0 ||
	    sim_form_parse(c->req->query, &f->form, &err) < 0 ||
	    sim_query_read(&f->form, options, &f->shape, c->version, f->sim->config.seed, &f->query,
			   &err) < 0) {
		SIM_FAIL(c, 400, "BadRequest", "%s", err.msg);
		return false;
	}
	return sim_act_locate(&f->at);
}

static void function_done(struct sim_function *f)
{
	sim_arguments_done(&f->arguments);
	sim_query_done(&f->query);
	sim_form_done(&f->form);
	sim_set_done(&f->shape);
	w365_buf_done(&f->value);
}

void sim_function(struct sim_call *c)
{
	const struct sim_operation *o = c->route.operation;
	const struct sim_resource resource = { .name = o->name, .type = o->returns };
	const struct sim_function_row *row = find(o);
	_cleanup_(function_done) struct sim_function f = {
		.at = { .call = c, .operation = o },
		.sim = c->sim,
		.query.position = UINT64_MAX,
	};

	sim_set_init(&f.shape, &resource);
	f.json = (struct w365_jw){ .out = &f.value, .compact = true };
	if (!row) {
		SIM_FAIL(c, 501, "notImplemented", "The simulator does not serve this yet: %s.",
			 o->name);
		return;
	}
	if (!prepare(&f, row->options))
		return;
	if (o->returns_collection)
		w365_jw_open(&f.json, '[');
	row->run(&f);
	/* A stream has answered, and so has what was refused. */
	if (!c->reply->status)
		answer(&f, row->page);
	if (c->reply->body.failed)
		sim_no_memory(c);
}
