#include "base/json-read.h"
#include "base/macros.h"
#include "base/str.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <malloc.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>

/* Token replies pass through cJSON: whatever it frees is wiped, so that no copy stays in the heap.
 */
static void wiping_free(void *p)
{
	if (p)
		w365_wipe_free(p, malloc_usable_size(p));
}

static void __attribute__((constructor)) hook_cjson(void)
{
	cJSON_InitHooks(&(cJSON_Hooks){ .malloc_fn = malloc, .free_fn = wiping_free });
}

static void cjson_deletep(cJSON **c)
{
	cJSON_Delete(*c);
}

static const cJSON *find(const cJSON *at, const char *path)
{
	while (at) {
		const char *slash = strchr(path, '/');
		char name[64];

		if (!slash)
			return cJSON_GetObjectItemCaseSensitive(at, path);
		if ((size_t)(slash - path) >= sizeof(name))
			return NULL;
		memcpy(name, path, (size_t)(slash - path));
		name[slash - path] = '\0';
		at = cJSON_GetObjectItemCaseSensitive(at, name);
		path = slash + 1;
	}
	return NULL;
}

static bool read_uint(const cJSON *item, uint64_t *ret)
{
	if (cJSON_IsString(item))
		return w365_parse_u64(item->valuestring, ret);
	if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0) ||
	    item->valuedouble > 9007199254740992.0 || item->valuedouble != floor(item->valuedouble))
		return false;
	*ret = (uint64_t)item->valuedouble;
	return true;
}

/* 1 if stored, 0 if of another type, -ENOMEM. */
static int store(const struct w365_json_field *f, const cJSON *item, void *at)
{
	char *s;

	switch (f->type) {
	case W365_JSON_STRING:
		if (!cJSON_IsString(item))
			return 0;
		s = strdup(item->valuestring);
		break;
	case W365_JSON_TEXT:
		if (!cJSON_IsObject(item) && !cJSON_IsArray(item))
			return 0;
		s = cJSON_PrintUnformatted(item);
		break;
	case W365_JSON_UINT: return read_uint(item, at);
	case W365_JSON_BOOL:
		if (!cJSON_IsBool(item))
			return 0;
		*(bool *)at = cJSON_IsTrue(item);
		return 1;
	default: return 0;
	}
	if (!s)
		return -ENOMEM;
	*(char **)at = s;
	return 1;
}

int w365_json_read(const char *text, size_t len, const struct w365_json_field *fields, void *out,
		   struct w365_err *reterr)
{
	static const char *const types[] = { "a string", "a number", "true or false", "an object" };
	_cleanup_(cjson_deletep) cJSON *root = cJSON_ParseWithLength(text, len);
	int r;

	if (!cJSON_IsObject(root))
		return w365_err_set(reterr, EINVAL, "the answer is not a JSON object");

	for (const struct w365_json_field *f = fields; f->name; f++) {
		const cJSON *item = find(root, f->name);

		if (!item || cJSON_IsNull(item)) {
			if (!(f->flags & W365_JSON_MUST))
				continue;
			r = w365_err_set(reterr, EINVAL, "the answer has no \"%s\"", f->name);
			goto fail;
		}
		r = store(f, item, (char *)out + f->offset);
		if (r < 0) {
			w365_err_oom(reterr);
			goto fail;
		}
		if (r == 0 && !(f->flags & W365_JSON_LAX)) {
			r = w365_err_set(reterr, EINVAL, "\"%s\" in the answer is not %s", f->name,
					 types[f->type]);
			goto fail;
		}
	}
	return 0;
fail:
	w365_json_read_free(fields, out);
	return r;
}

void w365_json_read_free(const struct w365_json_field *fields, void *out)
{
	for (const struct w365_json_field *f = fields; f->name; f++) {
		void *at = (char *)out + f->offset;

		if (f->type == W365_JSON_UINT) {
			*(uint64_t *)at = 0;
		} else if (f->type == W365_JSON_BOOL) {
			*(bool *)at = false;
		} else {
			if (f->flags & W365_JSON_SECRET)
				w365_wipe_str(*(char **)at);
			else
				free(*(char **)at);
			*(char **)at = NULL;
		}
	}
}
