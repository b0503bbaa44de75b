#include "fs/keyring.h"
#include "auth/keyring.h"
#include "base/file.h"
#include "base/macros.h"
#include "base/str.h"
#include "fs/commands.h"

#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

extern char **environ;

#ifdef HAVE_LIBSECRET
#include <dlfcn.h>
#include <libsecret/secret.h>
#include <sys/file.h>
#include <sys/random.h>

#define ANSWERS_S 10 /* what a bus and a keyring may take: then SIGALRM ends this */
#define HEX       (2 * AUTH_SEAL_KEY)

/* It is loaded where it is needed, so that no other command carries GLib with it. */
static struct {
#define FUNCTION(name) __typeof__(&(name)) name
	FUNCTION(secret_service_get_sync);
	FUNCTION(secret_collection_for_alias_sync);
	FUNCTION(secret_collection_get_locked);
	FUNCTION(secret_password_search_sync);
	FUNCTION(secret_item_get_locked);
	FUNCTION(secret_retrievable_retrieve_secret_sync);
	FUNCTION(secret_value_get_text);
	FUNCTION(secret_password_store_sync);
	FUNCTION(secret_password_clear_sync);
#undef FUNCTION
} lib;

static bool load(void)
{
	static const struct {
		const char *name;
		void *to;
	} functions[] = {
#define FUNCTION(name) { #name, &lib.name }
		FUNCTION(secret_service_get_sync),
		FUNCTION(secret_collection_for_alias_sync),
		FUNCTION(secret_collection_get_locked),
		FUNCTION(secret_password_search_sync),
		FUNCTION(secret_item_get_locked),
		FUNCTION(secret_retrievable_retrieve_secret_sync),
		FUNCTION(secret_value_get_text),
		FUNCTION(secret_password_store_sync),
		FUNCTION(secret_password_clear_sync),
#undef FUNCTION
	};
	void *handle = dlopen("libsecret-1.so.0", RTLD_NOW | RTLD_LOCAL);

	for (size_t i = 0; i < ARRAY_SIZE(functions); i++) {
		void *found = handle ? dlsym(handle, functions[i].name) : NULL;

		if (!found)
			return false;
		memcpy(functions[i].to, &found, sizeof(found));
	}
	return true;
}

/* One key for each token cache, by its path. */
static const SecretSchema schema = { "io.github.w365fs.TokenCache",
				     SECRET_SCHEMA_NONE,
				     { { "path", SECRET_SCHEMA_ATTRIBUTE_STRING }, { NULL, 0 } } };

/* Without an address GLib would start a bus, which helps nobody. */
static bool session_bus(void)
{
	const char *address = getenv("DBUS_SESSION_BUS_ADDRESS"),
		   *folder = getenv("XDG_RUNTIME_DIR");
	_cleanup_(w365_freep) char *path = NULL;

	if (address && *address)
		return true;
	return folder && *folder && asprintf(&path, "%s/bus", folder) > 0 &&
	       access(path, F_OK) == 0;
}

/* Never asks anybody anything: what is locked stays so. @ret_key: the key's text, if there is one. */
static int find(const char *path, const char **ret_key)
{
	GList *found = lib.secret_password_search_sync(&schema, SECRET_SEARCH_NONE, NULL, NULL,
						       "path", path, NULL);
	SecretValue *value;

	if (!found)
		return AUTH_KEYRING_EMPTY;
	if (lib.secret_item_get_locked(found->data))
		return AUTH_KEYRING_LOCKED;
	value = lib.secret_retrievable_retrieve_secret_sync(found->data, NULL, NULL);
	*ret_key = value ? lib.secret_value_get_text(value) : NULL;
	return *ret_key ? 0 : AUTH_KEYRING_BUG;
}

static int default_collection(SecretService *service)
{
	SecretCollection *c = lib.secret_collection_for_alias_sync(
		service, SECRET_COLLECTION_DEFAULT, SECRET_COLLECTION_NONE, NULL, NULL);

	return !c                                    ? AUTH_KEYRING_NONE
	       : lib.secret_collection_get_locked(c) ? AUTH_KEYRING_LOCKED
						     : 0;
}

/* Two who sign in at once shall not make two keys: the folder of the file is locked meanwhile. */
static bool lock_folder(const char *path)
{
	_cleanup_(w365_freep) char *folder = strdup(path);
	char *slash = folder ? strrchr(folder, '/') : NULL;
	int fd;

	if (!slash || w365_file_folder(path, NULL) < 0)
		return false;
	*slash = '\0';
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC); /* until this program ends */
	return fd >= 0 && flock(fd, LOCK_EX) == 0;
}

static int make(SecretService *service, const char *path, const char **ret_key)
{
	static char text[HEX + 1];
	unsigned char key[AUTH_SEAL_KEY];
	int status;

	if (!lock_folder(path))
		return AUTH_KEYRING_BUG;
	status = find(path, ret_key);
	if (status != AUTH_KEYRING_EMPTY)
		return status;
	status = default_collection(service);
	if (status)
		return status;
	if (getrandom(key, sizeof(key), 0) != sizeof(key))
		return AUTH_KEYRING_BUG;
	for (size_t i = 0; i < sizeof(key); i++)
		snprintf(text + 2 * i, 3, "%02x", key[i]);
	explicit_bzero(key, sizeof(key));
	*ret_key = text;
	return lib.secret_password_store_sync(&schema, SECRET_COLLECTION_DEFAULT,
					      "w365fs: sign-ins", text, NULL, NULL, "path", path,
					      NULL)
		       ? 0
		       : AUTH_KEYRING_BUG;
}

static int answer(const char *what, const char *path, const char **ret_key)
{
	SecretService *service;

	if (!session_bus() || !load())
		return AUTH_KEYRING_NONE;
	service = lib.secret_service_get_sync(SECRET_SERVICE_OPEN_SESSION, NULL, NULL);
	if (!service)
		return AUTH_KEYRING_NONE;
	if (w365_streq(what, "make"))
		return make(service, path, ret_key);
	if (w365_streq(what, "get"))
		return find(path, ret_key);
	if (default_collection(service) == 0)
		lib.secret_password_clear_sync(&schema, NULL, NULL, "path", path, NULL);
	return 0;
}

const char *fs_keyring_program(void)
{
	return "/proc/self/exe"; /* also of a mount that goes on while another version is installed */
}

int fs_cmd_keyring(int argc, char **argv)
{
	const char *key = NULL;
	int status;

	prctl(PR_SET_DUMPABLE, 0);
	if (argc != 3 || argv[2][0] != '/' || isatty(STDOUT_FILENO)) {
		fprintf(stderr, "w365fs: 'keyring' is for w365fs itself: see --token-cache\n");
		return FS_EXIT_USAGE;
	}
	alarm(ANSWERS_S);
	status = answer(argv[1], argv[2], &key);
	if (status == 0 && key)
		puts(key);
	fflush(stdout);
	_exit(status); /* libsecret's threads and what they hold end with it */
}

#else

const char *fs_keyring_program(void)
{
	return NULL;
}

int fs_cmd_keyring(int argc, char **argv)
{
	fprintf(stderr, "w365fs: built without libsecret\n");
	return FS_EXIT_USAGE;
}

#endif

void fs_keyring_forget(const char *path)
{
	const char *argv[] = { fs_keyring_program(), "keyring", "forget", path, NULL };
	posix_spawn_file_actions_t files;
	pid_t pid;

	if (!argv[0])
		return;
	posix_spawn_file_actions_init(&files);
	for (int fd = 0; fd < 3; fd++)
		posix_spawn_file_actions_addopen(&files, fd, "/dev/null", O_RDWR, 0);
	if (posix_spawn(&pid, argv[0], &files, NULL, (char *const *)argv, environ) == 0)
		waitpid(pid, NULL, 0);
	posix_spawn_file_actions_destroy(&files);
}
