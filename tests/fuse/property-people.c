/* What people write into a text: changes of all kinds, and mistakes. */
#include "base/macros.h"
#include "tests/fuse/property.h"

#include <stdlib.h>

unsigned next_number(void)
{
	return ++P.serial;
}

void draft_done(struct draft *d)
{
	free(d->text);
}

/* ---- what people write ---- */

cJSON *some_string(const char *what)
{
	char s[80];

	snprintf(s, sizeof(s), "%s \303\274 %u", what, next_number());
	return cJSON_CreateString(s);
}

void put_member(cJSON *j, const char *key, cJSON *value)
{
	if (cJSON_GetObjectItemCaseSensitive(j, key))
		cJSON_ReplaceItemInObjectCaseSensitive(j, key, value);
	else
		cJSON_AddItemToObject(j, key, value);
}

static void change_groups(cJSON *j)
{
	cJSON *all = cJSON_GetObjectItemCaseSensitive(j, "assignments"), *a, *target;
	char group[16];

	if (!all)
		return;
	if (cJSON_GetArraySize(all) && percent(30)) {
		cJSON_DeleteItemFromArray(all, 0);
		return;
	}
	snprintf(group, sizeof(group), "group-%u", chance(6));
	a = cJSON_CreateObject();
	target = cJSON_AddObjectToObject(a, "target");
	cJSON_AddStringToObject(target, "@odata.type",
				"#microsoft.graph.cloudPcManagementGroupAssignmentTarget");
	cJSON_AddStringToObject(target, "groupId", group);
	cJSON_AddItemToArray(all, a);
}

/* A change that the service would take; of one property, or none. */
static void good_change(cJSON *j)
{
	static const char *const scopes[] = { "0", "7" };
	cJSON *locale;

	switch (chance(12)) {
	case 0:
	case 1:
	case 2: put_member(j, "description", some_string("text")); break;
	case 3: put_member(j, "description", cJSON_CreateNull()); break;
	case 4:
		put_member(j, "enableSingleSignOn",
			   cJSON_CreateBool(!cJSON_IsTrue(
				   cJSON_GetObjectItemCaseSensitive(j, "enableSingleSignOn"))));
		break;
	case 5: put_member(j, "imageDisplayName", some_string("image")); break;
	case 6:
		put_member(j, "imageType", cJSON_CreateString(percent(50) ? "gallery" : "custom"));
		break;
	case 7: put_member(j, "scopeIds", cJSON_CreateStringArray(scopes, (int)chance(3))); break;
	case 8:
		locale = cJSON_CreateObject();
		cJSON_AddStringToObject(locale, "locale", percent(50) ? "de-DE" : "fr-FR");
		put_member(j, "windowsSetting", locale);
		break;
	case 9: put_member(j, "displayName", some_string("Name")); break;
	case 10: change_groups(j); break;
	default: cJSON_DeleteItemFromObjectCaseSensitive(j, "cloudPcNamingTemplate"); break;
	}
}

void bad_change(cJSON *j)
{
	const struct item *other = &P.items[chance(P.n_items)];

	switch (chance(12)) {
	case 0: put_member(j, "colour", cJSON_CreateString("blue")); break;
	case 1: put_member(j, "enableSingleSignOn", cJSON_CreateString("yes")); break;
	case 2: put_member(j, "imageType", cJSON_CreateString("nope")); break;
	case 3: put_member(j, "createdDateTime", cJSON_CreateString("2025-01-01T00:00:00Z")); break;
	case 4: put_member(j, "lastModifiedDateTime", cJSON_CreateString("yesterday")); break;
	case 5:
		put_member(j, "lastModifiedDateTime", cJSON_CreateString("2026-01-31T23:59:59Z"));
		break;
	case 6: put_member(j, "id", cJSON_CreateString(other->id)); break;
	case 7: put_member(j, "id", cJSON_CreateString("nobody")); break;
	case 8: put_member(j, "imageId", cJSON_CreateNull()); break;
	case 9: put_member(j, "provisioningType", cJSON_CreateString("shared")); break;
	case 10: put_member(j, "id", cJSON_CreateNumber(7)); break;
	default: put_member(j, "scopeIds", cJSON_CreateString("0")); break;
	}
}

/* Bytes that are no resource. */
static bool break_text(struct draft *d)
{
	switch (chance(30)) {
	case 0: d->len /= 2; return true;
	case 1: d->len = 0; return true;
	case 2: memset(d->text, 0, d->len); return true;
	case 3: memset(d->text, ' ', d->len); return true;
	case 4: memset(d->text + d->len / 3, 0, d->len / 3); return true;
	case 5: d->text[d->len / 2] = (char)0xff; return true;
	case 6:
		strcpy(d->text, "[1]");
		d->len = 3;
		return true;
	default: return false;
	}
}

void draft_set(struct draft *d, const cJSON *j)
{
	free(d->text);
	d->text = percent(80) ? render(j) : cJSON_PrintUnformatted(j);
	d->len = strlen(d->text);
}

/* Edits what was read. */
void draft_edit(struct draft *d)
{
	const char *end;
	cJSON *j = cJSON_ParseWithOpts(d->text, &end, true);
	unsigned n = chance(3);

	if (!cJSON_IsObject(j)) { /* somebody else's half-written text */
		cJSON_Delete(j);
		return;
	}
	for (unsigned i = 0; i < n; i++)
		good_change(j);
	if (percent(12))
		bad_change(j);
	if (percent(5))
		cJSON_DeleteItemFromObjectCaseSensitive(j, "id");
	if (percent(5))
		cJSON_DeleteItemFromObjectCaseSensitive(j, "lastModifiedDateTime");
	if (n || percent(50))
		draft_set(d, j);
	cJSON_Delete(j);
	if (break_text(d))
		tell("  the text is broken");
}
