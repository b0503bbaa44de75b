#include "auth/cache.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/json-read.h"
#include "base/log.h"
#include "base/macros.h"
#include "base/str.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#define CACHE_MAX ((size_t)1 << 20)

#define TEXT(name, member, flags)                                              \
	{                                                                      \
		name, W365_JSON_STRING, offsetof(struct auth_account, member), \
			W365_JSON_LAX | (flags)                                \
	}

static const struct w365_json_field fields[] = {
	TEXT("authority", authority, 0),
	TEXT("tenant", tenant, 0),
	TEXT("clientId", client_id, 0),
	TEXT("user", user, 0),
	TEXT("grant", grant, 0),
	TEXT("scope", scope, 0),
	TEXT("refreshToken", refresh, W365_JSON_SECRET),
	TEXT("accessToken", bearer, W365_JSON_SECRET),
	{ "expires", W365_JSON_UINT, offsetof(struct auth_account, expires), W365_JSON_LAX },
	{ "stored", W365_JSON_UINT, offsetof(struct auth_account, stored), W365_JSON_LAX },
	TEXT("sealed", sealed, 0),
	TEXT("trouble", trouble, 0),
	{ NULL, 0, 0, 0 },
};

void auth_account_done(struct auth_account *a)
{
	w365_json_read_free(fields, a);
}

static void cjson_deletep(cJSON **c)
{
	cJSON_Delete(*c);
}

char *auth_cache_path(void)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	char *path = NULL;
	int n = -1;

	if (state && *state == '/')
		n = asprintf(&path, "%s/w365fs/tokens.json", state);
	else if (home && *home == '/')
		n = asprintf(&path, "%s/.local/state/w365fs/tokens.json", home);
	return n < 0 ? NULL : path;
}

static char *beside(const char *path, const char *suffix)
{
	char *longer;

	return asprintf(&longer, "%s%s", path, suffix) < 0 ? NULL : longer;
}

/* The file's JSON. -EBADMSG: it makes no sense. */
static int look(const char *path, cJSON **ret, struct w365_err *reterr)
{
	_cleanup_(w365_buf_done) struct w365_buf b = W365_BUF_SECRET;
	_cleanup_(cjson_deletep) cJSON *root = NULL;
	int r = w365_file_read(path, CACHE_MAX, true, &b, reterr);

	if (r < 0)
		return r;
	root = cJSON_ParseWithLength(w365_buf_str(&b), b.len);
	if (!cJSON_IsObject(root) ||
	    !cJSON_IsArray(cJSON_GetObjectItemCaseSensitive(root, "accounts")))
		return w365_err_set(reterr, EBADMSG, "'%s' makes no sense: sign in again", path);
	*ret = TAKE_PTR(root);
	return 0;
}

int auth_cache_check(const char *path, struct w365_err *reterr)
{
	_cleanup_(cjson_deletep) cJSON *root = NULL;
	int r = look(path, &root, reterr);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	return cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(root, "accounts"));
}

/* The same; an empty one if there is no file, or if it makes no sense (it is put aside). */
static int load(const char *path, cJSON **ret, struct w365_err *reterr)
{
	_cleanup_(cjson_deletep) cJSON *root = NULL;
	int r = look(path, &root, reterr);

	if (r < 0 && r != -ENOENT && r != -EBADMSG)
		return r;
	if (r == -EBADMSG) {
		_cleanup_(w365_freep) char *bad = beside(path, ".bad");

		if (bad && rename(path, bad) == 0)
			w365_warning("'%s' made no sense and is '%s' now: sign in again", path,
				     bad);
	}
	if (!root) {
		root = cJSON_CreateObject();
		if (!root || !cJSON_AddNumberToObject(root, "version", 1) ||
		    !cJSON_AddArrayToObject(root, "accounts"))
			return w365_err_oom(reterr);
	}
	*ret = TAKE_PTR(root);
	return 0;
}

static const char *text_of(const cJSON *account, const char *name)
{
	const char *s = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(account, name));

	return s ? s : "";
}

static bool is_key(const cJSON *account, const char *authority, const char *tenant,
		   const char *client_id)
{
	return w365_streq(text_of(account, "authority"), authority) &&
	       strcasecmp(text_of(account, "tenant"), tenant) == 0 &&
	       strcasecmp(text_of(account, "clientId"), client_id) == 0;
}

static int read_account(const cJSON *item, struct auth_account *ret)
{
	char *text = cJSON_PrintUnformatted(item);
	int r = text ? w365_json_read(text, strlen(text), fields, ret, NULL) : -ENOMEM;

	w365_wipe_str(text);
	return r;
}

int auth_cache_find(const char *path, const char *authority, const char *tenant,
		    const char *client_id, const char *user, struct auth_account *ret,
		    struct w365_err *reterr)
{
	_cleanup_(cjson_deletep) cJSON *root = NULL;
	const cJSON *item, *best = NULL;
	int r = load(path, &root, reterr);

	if (r < 0)
		return r;
	cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(root, "accounts"))
	{
		const cJSON *stored = cJSON_GetObjectItemCaseSensitive(item, "stored"),
			    *other = cJSON_GetObjectItemCaseSensitive(best, "stored");

		if (is_key(item, authority, tenant, client_id) &&
		    (!user || strcasecmp(user, text_of(item, "user")) == 0) &&
		    (!best || cJSON_GetNumberValue(stored) >= cJSON_GetNumberValue(other)))
			best = item;
	}
	if (!best)
		return 0;
	return read_account(best, ret) < 0 ? w365_err_oom(reterr) : 1;
}

int auth_cache_each(const char *path, void (*fn)(void *arg, const struct auth_account *a),
		    void *arg, struct w365_err *reterr)
{
	_cleanup_(cjson_deletep) cJSON *root = NULL;
	const cJSON *item;
	int r = load(path, &root, reterr);

	if (r < 0)
		return r;
	cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(root, "accounts"))
	{
		_cleanup_(auth_account_done) struct auth_account a = { 0 };

		if (read_account(item, &a) == 0)
			fn(arg, &a);
	}
	return 0;
}

/* Waits for whoever changes the file at this moment: that takes milliseconds. */
static int lock(const char *path, const char *suffix, int how)
{
	_cleanup_(w365_freep) char *name = beside(path, suffix);
	int fd = name ? open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600) : -1;

	if (fd >= 0 && flock(fd, how) < 0) {
		int e = errno;

		close(fd);
		return -e;
	}
	return fd >= 0 ? fd : -errno;
}

int auth_cache_renewing(const char *path)
{
	return lock(path, ".renewing", LOCK_EX | LOCK_NB);
}

static int save(const char *path, const cJSON *root, struct w365_err *reterr)
{
	char *text = cJSON_Print(root);
	int r = text ? w365_file_replace(path, text, strlen(text), reterr) : w365_err_oom(reterr);

	w365_wipe_str(text);
	return r;
}

static bool set(cJSON *account, const struct w365_json_field *f, const struct auth_account *a)
{
	const char *at = (const char *)a + f->offset;
	cJSON *value = f->type == W365_JSON_UINT ? cJSON_CreateNumber((double)*(const uint64_t *)at)
		       : *(char *const *)at      ? cJSON_CreateString(*(char *const *)at)
						 : cJSON_CreateNull();

	if (!value)
		return false;
	if (cJSON_GetObjectItemCaseSensitive(account, f->name))
		return cJSON_ReplaceItemInObjectCaseSensitive(account, f->name, value);
	return cJSON_AddItemToObject(account, f->name, value);
}

/* Until *@ret_lock is closed nobody else changes the file. */
static int begin_change(const char *path, int *ret_lock, cJSON **ret_root, struct w365_err *reterr)
{
	*ret_lock = lock(path, ".lock", LOCK_EX);
	if (*ret_lock < 0)
		return w365_err_set(reterr, -*ret_lock, "cannot lock '%s': %s", path,
				    strerror(-*ret_lock));
	return load(path, ret_root, reterr);
}

int auth_cache_put(const char *path, const struct auth_account *a, struct w365_err *reterr)
{
	_cleanup_(cjson_deletep) cJSON *root = NULL;
	_cleanup_(w365_closep) int fd = -1;
	cJSON *accounts, *item, *mine = NULL;
	int r = w365_file_folder(path, reterr);

	if (r < 0)
		return r;
	r = begin_change(path, &fd, &root, reterr);
	if (r < 0)
		return r;
	accounts = cJSON_GetObjectItemCaseSensitive(root, "accounts");
	cJSON_ArrayForEach(item, accounts)
	{
		if (is_key(item, a->authority, a->tenant, a->client_id) &&
		    strcasecmp(text_of(item, "user"), a->user ? a->user : "") == 0)
			mine = item;
	}
	if (!mine) {
		mine = cJSON_CreateObject();
		if (!cJSON_AddItemToArray(accounts, mine)) {
			cJSON_Delete(mine);
			return w365_err_oom(reterr);
		}
	}
	for (const struct w365_json_field *f = fields; f->name; f++)
		if (!set(mine, f, a))
			return w365_err_oom(reterr);
	return save(path, root, reterr);
}

int auth_cache_forget(const char *path, const char *authority, const char *tenant,
		      const char *client_id, struct w365_err *reterr)
{
	_cleanup_(cjson_deletep) cJSON *root = NULL;
	_cleanup_(w365_closep) int fd = -1;
	cJSON *accounts;
	int r, n = 0;

	if (access(path, F_OK) < 0)
		return 0;
	r = begin_change(path, &fd, &root, reterr);
	if (r < 0)
		return r;
	accounts = cJSON_GetObjectItemCaseSensitive(root, "accounts");
	for (int i = cJSON_GetArraySize(accounts) - 1; i >= 0; i--) {
		if (authority &&
		    !is_key(cJSON_GetArrayItem(accounts, i), authority, tenant, client_id))
			continue;
		cJSON_DeleteItemFromArray(accounts, i);
		n++;
	}
	r = n ? save(path, root, reterr) : 0;
	return r < 0 ? r : n;
}
