/* What the design says of a text that is saved. Written from the design, not from the program. */
#include "base/macros.h"
#include "base/str.h"
#include "tests/fuse/property.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

enum kind { STRING, BOOL, ENUM, STRINGS, SETTING, JOINS, ASSIGNMENTS };

static const struct property {
	const char *name;
	enum kind kind;
	bool fresh, later; /* can be set when the item is made, and afterwards */
	bool nullable, required;
} properties[] = {
	{ "id", STRING, false, false, false, false },
	{ "displayName", STRING, true, true, false, false }, /* the file's name serves */
	{ "description", STRING, true, true, true, false },
	{ "cloudPcNamingTemplate", STRING, true, true, true, false },
	{ "createdDateTime", STRING, false, false, true, false },
	{ "domainJoinConfigurations", JOINS, true, true, true, true },
	{ "enableSingleSignOn", BOOL, true, true, true, false },
	{ "imageDisplayName", STRING, true, true, false, true },
	{ "imageId", STRING, true, true, false, true },
	{ "imageType", ENUM, true, true, false, true },
	{ "lastModifiedDateTime", STRING, false, false, true, false },
	{ "provisioningType", ENUM, true, false, true, false },
	{ "scopeIds", STRINGS, true, true, true, false },
	{ "windowsSetting", SETTING, true, true, true, false },
	{ "assignments", ASSIGNMENTS, false, false, true, false },
};

static const struct property *find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(properties); i++)
		if (w365_streq(properties[i].name, name))
			return &properties[i];
	return NULL;
}

bool may_be_sent(const char *key, bool fresh)
{
	const struct property *p = find(key);

	return p && (fresh ? p->fresh : p->later);
}

static bool nothing(const cJSON *j)
{
	return !j || cJSON_IsNull(j);
}

bool same(const cJSON *a, const cJSON *b)
{
	const cJSON *m, *n;

	if (nothing(a) || nothing(b))
		return nothing(a) && nothing(b);
	if ((a->type & 0xff) != (b->type & 0xff))
		return false;
	if (cJSON_IsArray(a)) {
		for (m = a->child, n = b->child; m && n; m = m->next, n = n->next)
			if (!same(m, n))
				return false;
		return !m && !n;
	}
	if (!cJSON_IsObject(a))
		return cJSON_Compare(a, b, true);
	cJSON_ArrayForEach(
		m, a) if (!same(m, cJSON_GetObjectItemCaseSensitive(b, m->string))) return false;
	cJSON_ArrayForEach(
		m, b) if (!same(m, cJSON_GetObjectItemCaseSensitive(a, m->string))) return false;
	return true;
}

static int by_string(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

cJSON *groups_of(const cJSON *assignments)
{
	const char *all[64] = { 0 };
	int n = 0;
	cJSON *sorted;
	const cJSON *a;

	cJSON_ArrayForEach(a, assignments)
	{
		MUST(n < 64, "too many groups");
		all[n++] = string_in(cJSON_GetObjectItemCaseSensitive(a, "target"), "groupId");
	}
	qsort(all, (size_t)n, sizeof(all[0]), by_string);
	sorted = cJSON_CreateArray();
	for (int i = 0; i < n; i++)
		if (!i || !w365_streq(all[i], all[i - 1]))
			cJSON_AddItemToArray(sorted, cJSON_CreateString(all[i]));
	return sorted;
}

/* ---- texts ---- */

static bool blank(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] && !isspace((unsigned char)text[i]))
			return false;
	return true;
}

/* cJSON takes line breaks in strings. */
static bool strings_are_whole(const char *text)
{
	bool inside = false;

	for (; *text; text++) {
		if (*text == '"')
			inside = !inside;
		else if (*text == '\\' && text[1])
			text++;
		else if (inside && (unsigned char)*text < ' ')
			return false;
	}
	return true;
}

/* Nor does it mind a member that is there twice. */
static bool members_are_unique(const cJSON *j)
{
	const cJSON *a, *b;

	cJSON_ArrayForEach(a, j)
	{
		for (b = a->next; cJSON_IsObject(j) && b; b = b->next)
			if (w365_streq(a->string, b->string))
				return false;
		if (!members_are_unique(a))
			return false;
	}
	return true;
}

static cJSON *parse(const char *text, size_t len)
{
	const char *end;
	char *copy = strndup(text, len);
	bool sound = strlen(copy) == len && !strchr(copy, '\xff') && strings_are_whole(copy);
	cJSON *j = sound ? cJSON_ParseWithOpts(copy, &end, true) : NULL;

	free(copy);
	if (j && (!cJSON_IsObject(j) || !members_are_unique(j))) {
		cJSON_Delete(j);
		j = NULL;
	}
	return j;
}

int text_id(const char *text, size_t len)
{
	cJSON *j = blank(text, len) ? NULL : parse(text, len), *id;
	int r;

	if (!j)
		return -EINVAL;
	id = cJSON_GetObjectItemCaseSensitive(j, "id");
	r = nothing(id) ? 0 : !cJSON_IsString(id) ? -EINVAL : *id->valuestring != '\0';
	cJSON_Delete(j);
	return r;
}

static bool fits(const struct property *p, const cJSON *v)
{
	const cJSON *m;

	switch (p->kind) {
	case STRING: return cJSON_IsString(v);
	case BOOL: return cJSON_IsBool(v);
	case STRINGS:
		cJSON_ArrayForEach(m, v) if (!cJSON_IsString(m)) return false;
		return cJSON_IsArray(v);
	case ENUM:
		return cJSON_IsString(v) &&
		       (w365_streq(p->name, "imageType")
				? w365_streq(v->valuestring, "gallery") ||
					  w365_streq(v->valuestring, "custom")
				: w365_streq(v->valuestring, "dedicated") ||
					  w365_streq(v->valuestring, "shared"));
	case SETTING: return cJSON_IsObject(v);
	default: return cJSON_IsArray(v);
	}
}

/* Whether a member that differs from what was read may be saved. */
static bool allowed(const struct property *p, const cJSON *v, bool fresh)
{
	if (!p || (fresh ? !p->fresh : !p->later))
		return false;
	return nothing(v) ? p->nullable : fits(p, v);
}

/* ---- changes ---- */

static bool is_undo(const char *text, size_t len)
{
	for (unsigned i = 0; i < P.n_history; i++)
		if (strlen(P.history[i].text) == len && memcmp(P.history[i].text, text, len) == 0)
			return true;
	return false;
}

/* The version of its time; NULL: there is none. Every version has another time. */
static const cJSON *of_time(const struct item *it, const char *when)
{
	for (unsigned i = 0; i < P.n_told; i++)
		if (w365_streq(string_in(P.told[i], "id"), it->id) &&
		    w365_streq(string_in(P.told[i], "lastModifiedDateTime"), when))
			return P.told[i];
	return w365_streq(string_in(it->now, "lastModifiedDateTime"), when) ? it->now : NULL;
}

static bool lost_group(const cJSON *before, const cJSON *after)
{
	const cJSON *g, *h;
	bool found;

	cJSON_ArrayForEach(g, before)
	{
		found = false;
		cJSON_ArrayForEach(h, after) found =
			found || w365_streq(g->valuestring, h->valuestring);
		if (!found)
			return true;
	}
	return false;
}

/* What becomes of the assignments: an errno, or 0. */
static int judge_assignments(const cJSON *value, const cJSON *base, const cJSON *now,
			     struct verdict *v, bool *ret_lost)
{
	cJSON *text = groups_of(nothing(value) ? NULL : value),
	      *remote = groups_of(cJSON_GetObjectItemCaseSensitive(now, "assignments")),
	      *was = base ? groups_of(cJSON_GetObjectItemCaseSensitive(base, "assignments")) : NULL;
	int err = 0;

	if ((was && same(text, was)) || same(text, remote))
		goto out;
	if (was && !same(was, remote))
		err = ESTALE;
	*ret_lost = lost_group(remote, text) && !P.drops;
	v->assign = TAKE_PTR(text);
out:
	cJSON_Delete(text);
	cJSON_Delete(remote);
	cJSON_Delete(was);
	return err;
}

static void judge_members(struct item *it, const cJSON *text, const cJSON *base, struct verdict *v)
{
	bool conflict = false, invalid = false, lost = false;
	const cJSON *m;

	v->body = cJSON_CreateObject();
	cJSON_ArrayForEach(m, text)
	{
		const struct property *p = find(m->string);
		const cJSON *now = cJSON_GetObjectItemCaseSensitive(it->now, m->string),
			    *was = base ? cJSON_GetObjectItemCaseSensitive(base, m->string) : now;

		if (w365_streq(m->string, "id")) {
			continue;
		} else if (p && p->kind == ASSIGNMENTS) {
			conflict = judge_assignments(m, base, it->now, v, &lost) || conflict;
		} else if (!base) { /* put back: what can be, as it was */
			if (p && p->later && !same(m, now))
				cJSON_AddItemReferenceToObject(v->body, m->string, (cJSON *)m);
		} else if (!same(m, was)) {
			invalid = invalid || !allowed(p, m, false);
			if (same(m, now))
				continue;
			conflict = conflict || !same(was, now);
			cJSON_AddItemReferenceToObject(v->body, m->string, (cJSON *)m);
		}
	}
	v->err = invalid ? EINVAL : conflict ? ESTALE : lost ? EPERM : 0;
}

static cJSON *own(cJSON *references)
{
	cJSON *copy = references && references->child ? cJSON_Duplicate(references, true) : NULL;

	cJSON_Delete(references);
	return copy;
}

static bool is_time(const cJSON *v)
{
	return cJSON_IsString(v) && strlen(v->valuestring) == 20 && v->valuestring[10] == 'T' &&
	       v->valuestring[19] == 'Z';
}

static void judge_text(struct item *it, const cJSON *text, const char *raw, size_t len,
		       struct verdict *v)
{
	const cJSON *id = cJSON_GetObjectItemCaseSensitive(text, "id"), *base = NULL,
		    *stamp = cJSON_GetObjectItemCaseSensitive(text, "lastModifiedDateTime"),
		    *made = cJSON_GetObjectItemCaseSensitive(text, "createdDateTime");

	if (!nothing(id) && (!cJSON_IsString(id) || !w365_streq(id->valuestring, it->id))) {
		v->err = EINVAL;
		return;
	}
	if (!is_undo(raw, len)) {
		if (nothing(stamp) && nothing(made)) {
			base = it->last_read ? it->last_read : it->now;
		} else if (!is_time(nothing(stamp) ? made : stamp)) {
			v->err = EINVAL;
			return;
		} else if (nothing(stamp)) { /* the next best that tells versions apart */
			if (!same(made,
				  cJSON_GetObjectItemCaseSensitive(it->now, "createdDateTime"))) {
				v->err = ESTALE;
				return;
			}
			base = it->last_read ? it->last_read : it->now;
		} else {
			base = of_time(it, stamp->valuestring);
			if (!base) {
				v->err = ESTALE;
				return;
			}
		}
	}
	judge_members(it, text, base, v);
}

struct verdict judge(struct item *it, const char *text, size_t len, bool over)
{
	struct verdict v = { 0 };
	cJSON *j = blank(text, len) ? NULL : parse(text, len);

	if (blank(text, len) || (over && text_id(text, len) < 0))
		v.err = EINVAL;
	else if (!it->alive)
		v.err = ENOENT;
	else if (!j)
		v.err = EINVAL;
	else
		judge_text(it, j, text, len, &v);
	v.body = own(v.body);
	if (v.err) {
		verdict_done(&v);
	}
	cJSON_Delete(j);
	return v;
}

struct verdict judge_create(const char *text, size_t len, const char *name)
{
	struct verdict v = { .create = true };
	cJSON *j = parse(text, len), *m;
	char stem[256];

	v.body = cJSON_CreateObject();
	cJSON_ArrayForEach(m, j)
	{
		const struct property *p = find(m->string);

		if (w365_streq(m->string, "id") || nothing(m))
			continue;
		if (!p || (p->fresh && !fits(p, m)))
			v.err = EINVAL;
		else if (p->kind == ASSIGNMENTS)
			v.assign = groups_of(m);
		else if (p->fresh)
			cJSON_AddItemReferenceToObject(v.body, m->string, m);
	}
	for (size_t i = 0; i < ARRAY_SIZE(properties); i++)
		if (properties[i].required &&
		    nothing(cJSON_GetObjectItemCaseSensitive(j, properties[i].name)))
			v.err = EINVAL;
	snprintf(stem, sizeof(stem), "%.*s", (int)(strlen(name) - strlen(".json")), name);
	if (nothing(cJSON_GetObjectItemCaseSensitive(v.body, "displayName")))
		cJSON_AddStringToObject(v.body, "displayName", stem);
	v.body = own(v.body);
	if (v.assign && !v.assign->child) {
		cJSON_Delete(v.assign);
		v.assign = NULL;
	}
	if (v.err)
		verdict_done(&v);
	cJSON_Delete(j);
	return v;
}

void verdict_done(struct verdict *v)
{
	cJSON_Delete(v->body);
	cJSON_Delete(v->assign);
	v->body = v->assign = NULL;
}
