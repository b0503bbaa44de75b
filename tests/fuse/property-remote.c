/* The service: a few provisioning policies, strict about what it is sent, and in trouble at times. */
#include "base/buf.h"
#include "base/macros.h"
#include "base/str.h"
#include "tests/fuse/property-keep.h"
#include "tests/fuse/property.h"

#include <ctype.h>
#include <stdlib.h>

#define PATH "/beta/deviceManagement/virtualEndpoint/" FAMILY

/* ---- texts ---- */

static void render_value(const cJSON *j, unsigned depth, struct w365_buf *out)
{
	bool object = cJSON_IsObject(j);
	char *plain;

	if ((!object && !cJSON_IsArray(j)) || !j->child) {
		plain = cJSON_PrintUnformatted(j);
		w365_buf_adds(out, plain);
		free(plain);
		return;
	}
	w365_buf_adds(out, object ? "{\n" : "[\n");
	for (const cJSON *c = j->child; c; c = c->next) {
		w365_buf_addf(out, "%*s", (int)depth * 2 + 2, "");
		if (object)
			w365_buf_addf(out, "\"%s\": ", c->string);
		render_value(c, depth + 1, out);
		w365_buf_adds(out, c->next ? ",\n" : "\n");
	}
	w365_buf_addf(out, "%*s%c", (int)depth * 2, "", object ? '}' : ']');
}

char *render(const cJSON *j)
{
	struct w365_buf out = W365_BUF;

	render_value(j, 0, &out);
	w365_buf_addc(&out, '\n');
	return w365_buf_take(&out);
}

const char *string_in(const cJSON *j, const char *key)
{
	const char *s = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(j, key));

	return s ? s : "";
}

void name_of(const cJSON *version, char out[256])
{
	const char *own = string_in(version, "displayName"), *id = string_in(version, "id");
	bool alone = true;

	for (unsigned i = 0; i < P.n_items; i++)
		if (P.items[i].seen && !w365_streq(P.items[i].id, id) &&
		    w365_streq(string_in(P.items[i].seen, "displayName"), own))
			alone = false;
	if (alone)
		snprintf(out, 256, "%s.json", own);
	else
		snprintf(out, 256, "%s~%.8s.json", own, id);
}

/* ---- items ---- */

static void set_time(cJSON *j, const char *key)
{
	char when[40];
	unsigned n = ++P.serial;

	snprintf(when, sizeof(when), "2026-01-%02uT%02u:%02u:%02uZ", 1 + n / 86400, n / 3600 % 24,
		 n / 60 % 60, n % 60);
	cJSON_ReplaceItemInObjectCaseSensitive(j, key, cJSON_CreateString(when));
}

static struct item *add(cJSON *from)
{
	struct item *it = &P.items[P.n_items];

	MUST(P.n_items < ITEMS, "the test makes more items than it has room for");
	snprintf(it->id, sizeof(it->id), "%08x-1111-4222-8333-%012x", P.n_items++,
		 (unsigned)P.seed);
	it->alive = true;
	it->now = cJSON_Parse(
		"{\"id\":null,\"displayName\":null,\"description\":null,\"cloudPcNamingTemplate\":null,"
		"\"createdDateTime\":null,\"domainJoinConfigurations\":[{\"domainJoinType\":\"azureADJoin\","
		"\"regionName\":\"automatic\"}],\"enableSingleSignOn\":true,"
		"\"imageDisplayName\":\"Windows 11\",\"imageId\":\"image-1\",\"imageType\":\"gallery\","
		"\"lastModifiedDateTime\":null,\"provisioningType\":\"dedicated\",\"scopeIds\":[\"0\"],"
		"\"windowsSetting\":{\"locale\":\"en-US\"},\"assignments\":[]}");
	MUST(it->now, "the test's own item is no JSON");
	cJSON_ArrayForEach(from, from) cJSON_ReplaceItemInObjectCaseSensitive(
		it->now, from->string, cJSON_Duplicate(from, true));
	cJSON_ReplaceItemInObjectCaseSensitive(it->now, "id", cJSON_CreateString(it->id));
	set_time(it->now, "createdDateTime");
	set_time(it->now, "lastModifiedDateTime");
	return it;
}

struct item *remote_make(const char *display_name)
{
	cJSON *from = cJSON_CreateObject();
	struct item *it;

	cJSON_AddStringToObject(from, "displayName", display_name);
	it = add(from);
	cJSON_Delete(from);
	return it;
}

void remote_done(void)
{
	remote_watch();
	for (unsigned i = 0; i < P.n_items; i++)
		cJSON_Delete(P.items[i].now);
	for (unsigned i = 0; i < P.n_told; i++)
		cJSON_Delete(P.told[i]);
	memset(P.items, 0, sizeof(P.items));
	P.n_items = P.n_told = 0;
}

struct item *remote_by_id(const char *id)
{
	for (unsigned i = 0; i < P.n_items; i++)
		if (w365_streq(P.items[i].id, id))
			return &P.items[i];
	return NULL;
}

void remote_set(struct item *it, const char *key, cJSON *value)
{
	tell("  behind our back: %s of %s changes", key, string_in(it->now, "displayName"));
	cJSON_ReplaceItemInObjectCaseSensitive(it->now, key, value);
	set_time(it->now, "lastModifiedDateTime");
}

void remote_remove(struct item *it)
{
	tell("  behind our back: %s is removed", string_in(it->now, "displayName"));
	it->alive = false;
}

void remote_assign(struct item *it, const cJSON *assignments)
{
	cJSON *all = cJSON_CreateArray(), *groups = groups_of(assignments), *g;

	cJSON_ArrayForEach(g, groups)
	{
		cJSON *a = cJSON_CreateObject(), *target;
		char id[100];

		snprintf(id, sizeof(id), "%s_%s", it->id, g->valuestring);
		cJSON_AddStringToObject(a, "id", id);
		target = cJSON_AddObjectToObject(a, "target");
		cJSON_AddStringToObject(target, "@odata.type",
					"#microsoft.graph.cloudPcManagementGroupAssignmentTarget");
		cJSON_AddStringToObject(target, "groupId", g->valuestring);
		cJSON_AddItemToArray(all, a);
	}
	cJSON_Delete(groups);
	cJSON_ReplaceItemInObjectCaseSensitive(it->now, "assignments", all);
	set_time(it->now, "lastModifiedDateTime");
}

/* What the client was told of it. */
static void told(struct item *it)
{
	if (it->alive && it->seen && cJSON_Compare(it->seen, it->now, true))
		return;
	it->seen = NULL;
	if (!it->alive)
		return;
	MUST(P.n_told < TOLD, "the test tells more versions than it has room for");
	it->seen = P.told[P.n_told++] = cJSON_Duplicate(it->now, true);
}

/* ---- what it has seen ---- */

void remote_watch(void)
{
	for (unsigned i = 0; i < P.record.n; i++)
		cJSON_Delete(P.record.change[i].body);
	free(P.record.was);
	P.record = (struct record){ 0 };
}

static struct change *note(enum change_kind kind, struct item *it, const char *body)
{
	static const char *const names[] = { "POST", "PATCH", "assign", "DELETE" };
	struct change *c = &P.record.change[P.record.n];

	MUST(P.record.n < CHANGES, "the same change is sent again and again");
	tell("  service: %s of %s: %s", names[kind],
	     it ? string_in(it->now, "displayName") : "a new item", body);
	*c = (struct change){ .kind = kind, .item = it, .body = cJSON_Parse(body) };
	MUST(c->body || (kind == REMOVED && !*body), "a body that is no JSON was sent: %s", body);
	P.record.n++;
	return c;
}

/* ---- what it does ---- */

static void check_body(const struct change *c)
{
	const cJSON *m;

	if (c->kind == ASSIGNED) {
		MUST(c->body->child && !c->body->child->next &&
			     w365_streq(c->body->child->string, "assignments") &&
			     cJSON_IsArray(c->body->child),
		     "assign is sent something else than assignments");
		return;
	}
	cJSON_ArrayForEach(m, c->body)
		MUST(may_be_sent(m->string, c->kind == MADE), "%s is sent %s",
		     c->kind == MADE ? "a new item" : "a change", m->string);
	MUST(c->kind == REMOVED || c->body->child, "an empty body is sent");
}

/* Somebody has taken its name away, and has not written it anew. */
static bool left_alone(const struct item *it)
{
	return it->removes && graph_loop_now(P.w->loop) >= it->until;
}

static void apply(struct change *c)
{
	cJSON *m;

	c->applied = true;
	if (c->kind == REMOVED && left_alone(c->item)) {
		char *was = render(c->item->now);

		keep_history(was);
		free(was);
	} else if (c->item && !P.record.was) {
		P.record.was = render(c->item->now);
	}
	switch (c->kind) {
	case MADE: c->item = add(c->body); return;
	case CHANGED:
		cJSON_ArrayForEach(m, c->body) cJSON_ReplaceItemInObjectCaseSensitive(
			c->item->now, m->string, cJSON_Duplicate(m, true));
		set_time(c->item->now, "lastModifiedDateTime");
		return;
	case ASSIGNED: remote_assign(c->item, c->body->child); return;
	case REMOVED: c->item->alive = false; return;
	}
}

static void answer(struct server_request *r, int status, const char *headers, const char *body)
{
	world_answer(P.w, r, status, headers, body);
}

static void hang_up(struct server_request *r)
{
	world_answer_raw(P.w, r, "", 0, true);
}

/* The answer to a change that has been made. */
static void confirm(struct server_request *r, const struct change *c)
{
	char *body = c->kind == MADE ? cJSON_PrintUnformatted(c->item->now) : NULL;

	answer(r, body ? 201 : 204, "", body ? body : "");
	free(body);
}

enum trouble {
	WELL,
	LIMIT,       /* 429: nothing was done */
	TOKEN,       /* 401 */
	FORBIDDEN,   /* 403 */
	BUSY,        /* 409 */
	ILL,         /* 503, nothing was done */
	ILL_DONE,    /* 503, but it was done */
	LOST,        /* no answer, nothing was done */
	LOST_DONE,   /* no answer, but it was done */
	SILENT,      /* nothing comes, ever */
	SILENT_DONE, /* the same, but it was done */
	NONSENSE,    /* 200 and no JSON */
};

static enum trouble trouble(bool change)
{
	static const enum trouble of_changes[] = {
		LIMIT, TOKEN, FORBIDDEN, BUSY, ILL, ILL_DONE, LOST, LOST_DONE, SILENT, SILENT_DONE
	};
	static const enum trouble of_reading[] = { LIMIT, TOKEN,  FORBIDDEN, ILL,
						   LOST,  SILENT, NONSENSE };

	/* Never so often that nobody would wait for it. */
	if (P.record.troubles >= 2 || P.interrupt_at || P.record.interrupted ||
	    !percent(P.fault_percent))
		return WELL;
	P.record.troubles++;
	P.record.faulted = true;
	return change ? of_changes[chance(ARRAY_SIZE(of_changes))]
		      : of_reading[chance(ARRAY_SIZE(of_reading))];
}

static const char *const error_body = "{\"error\":{\"code\":\"trouble\",\"message\":\"as the test "
				      "wants it\"}}";

static bool fail(struct server_request *r, enum trouble t)
{
	static const char *const names[] = { "well",
					     "429",
					     "401",
					     "403",
					     "409",
					     "503",
					     "503, but done",
					     "no answer",
					     "no answer, but done",
					     "silence",
					     "silence, but done",
					     "nonsense" };

	if (t != WELL)
		tell("  service: %s", names[t]);
	switch (t) {
	case WELL: return false;
	case LIMIT: answer(r, 429, "Retry-After: 2\r\n", error_body); return true;
	case TOKEN: answer(r, 401, "", error_body); return true;
	case FORBIDDEN: answer(r, 403, "", error_body); return true;
	case BUSY: answer(r, 409, "", error_body); return true;
	case ILL:
	case ILL_DONE: answer(r, 503, "", error_body); return true;
	case LOST:
	case LOST_DONE: hang_up(r); return true;
	case NONSENSE: answer(r, 200, "", "<html>"); return true;
	default: return true;
	}
}

static void take_change(struct server_request *r, struct change *c)
{
	enum trouble t;

	if (c->kind != REMOVED) {
		check_body(c);
		t = trouble(true);
	} else {
		MUST(c->item == P.removing || (left_alone(c->item) && c->item != P.saving),
		     "%s is removed", string_in(c->item->now, "displayName"));
		t = left_alone(c->item) ? WELL : trouble(true);
	}
	if (c->item && !c->item->alive) {
		told(c->item);
		answer(r, 404, "", error_body);
		return;
	}
	if (t == WELL || t == ILL_DONE || t == LOST_DONE || t == SILENT_DONE)
		apply(c);
	P.record.unsure = P.record.unsure || t >= ILL;
	if (fail(r, t))
		return;
	if (c->kind == REMOVED)
		told(c->item);
	confirm(r, c);
}

static void list(struct server_request *r)
{
	struct w365_buf out = W365_BUF;
	bool some = false;

	P.lists++;
	w365_buf_adds(&out, "{\"value\":[");
	for (unsigned i = 0; i < P.n_items; i++) {
		struct item *it = &P.items[i];
		char *text;

		told(it);
		if (!it->alive)
			continue;
		text = cJSON_PrintUnformatted(it->now);
		w365_buf_addf(&out, "%s%s", some ? "," : "", text);
		some = true;
		free(text);
	}
	w365_buf_adds(&out, "]}");
	answer(r, 200, "", out.data);
	w365_buf_done(&out);
}

static void get(struct server_request *r, struct item *it)
{
	char *text;

	if (fail(r, trouble(false)) || (P.record.interrupted && P.record.before_change))
		return; /* nobody listens any more */
	told(it);
	if (!it->alive) {
		answer(r, 404, "", error_body);
		return;
	}
	text = cJSON_PrintUnformatted(it->now);
	answer(r, 200, "", text);
	free(text);
}

/* The program that waits gets a signal: what that means is decided before there is an answer. */
static void interrupt(bool change)
{
	tell("  a signal");
	P.record.interrupted = true;
	P.record.before_change = !change && !P.record.n;
	kernel_interrupt(P.w->kernel);
	for (int i = 0; i < 3; i++)
		graph_loop_once(P.w->loop, 0);
}

void remote_request(void *arg, struct server_request *r)
{
	const char *at = strstr(r->line, PATH);
	bool reads = strncmp(r->line, "GET ", 4) == 0;
	char id[64] = "";
	struct item *it = NULL;
	size_t n;

	MUST(at, "an unexpected request: %s", r->line);
	if (P.interrupt_at && !--P.interrupt_at)
		interrupt(!reads);
	at += strlen(PATH);
	if (*at == '/') {
		n = strcspn(++at, "/?");
		snprintf(id, sizeof(id), "%.*s", (int)n, at);
		at += n;
		it = remote_by_id(id);
		MUST(it, "an item that never was is asked for: %s", r->line);
	}
	if (reads)
		it ? get(r, it) : list(r);
	else if (strncmp(r->line, "PATCH ", 6) == 0 && it && !*at)
		take_change(r, note(CHANGED, it, r->body));
	else if (strncmp(r->line, "POST ", 5) == 0 && !it && !*at)
		take_change(r, note(MADE, NULL, r->body));
	else if (strncmp(r->line, "POST ", 5) == 0 && it && w365_streq(at, "/assign"))
		take_change(r, note(ASSIGNED, it, r->body));
	else if (strncmp(r->line, "DELETE ", 7) == 0 && it && !*at)
		take_change(r, note(REMOVED, it, r->body));
	else
		wrong("an unexpected request: %s", r->line);
}
