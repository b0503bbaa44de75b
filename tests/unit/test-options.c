/* Options: the command line, -o, the environment, the file; who wins. */
#include "base/macros.h"
#include "base/str.h"
#include "fs/options.h"
#include "tests/lib/check.h"

#include <errno.h>
#include <sys/stat.h>
#include <fcntl.h>

static int parse(struct fs_options *o, const char *line, const char **ret_word,
		 struct w365_err *err)
{
	static char copy[1024];
	char *argv[32] = { "mount" }, *rest = copy;
	const char *words[33];
	int argc = 1, r;

	snprintf(copy, sizeof(copy), "%s", line);
	while (rest && *rest)
		argv[argc++] = strsep(&rest, " ");
	fs_options_init(o);
	r = fs_options_parse(o, argc, argv, words, err);
	if (ret_word)
		*ret_word = r < 0 ? NULL : words[0];
	return r;
}

static const struct {
	const char *why, *line, *part; /* of the sentence; NULL: it is fine */
} lines[] = {
	{ "plain", "--tenant x --client-id=y /mnt", NULL },
	{ "options behind the mount point", "/mnt -o ttl=5 -f", NULL },
	{ "several -o",
	  "-o ttl=5,ttl.cloudPCs=2.5,patience=0 -o allow_other,uid=5,gid=6,umask=077 /mnt", NULL },
	{ "what fstab carries",
	  "-o defaults,_netdev,nofail,x-systemd.automount,noauto,user,ro,nodev,nosuid /mnt", NULL },
	{ "shared options in -o, spelled either way",
	  "-o client_id=a,client-secret-file=/x,api=v1.0 /mnt", NULL },
	{ "an unknown option", "--nonsense /mnt", "unknown option --nonsense" },
	{ "no abbreviations", "--cert=x /mnt", "unknown option --cert" },
	{ "a secret on the line", "--client-secret=hush /mnt", "no place on the command line" },
	{ "names of users", "-o uid=root,gid=root,prefetch /mnt", NULL },
	{ "nobody of that name", "-o uid=no-such-user /mnt", "uid needs a user's name or number" },
	{ "no time at all", "-o deadline=0 /mnt", "leaves no time" },
	{ "how we know our mounts", "-o subtype=x /mnt", "unknown option" },
	{ "an unknown letter", "-x /mnt", "unknown option" },
	{ "a value is missing", "--tenant", "needs a value" },
	{ "an unknown -o", "-o nonsense /mnt", "unknown option -o nonsense" },
	{ "no number", "-o ttl=soon /mnt", "ttl needs a number" },
	{ "a negative number", "-o patience=-1 /mnt", "patience needs a number" },
	{ "not a number at all", "-o ttl=nan /mnt", "ttl needs a number" },
	{ "no such collection", "-o ttl.clouds=5 /mnt", "no such collection" },
	{ "a nested collection is none of ours", "-o ttl.users/cloudPCs=5 /mnt",
	  "no such collection" },
	{ "a bad umask", "-o umask=9 /mnt", "umask needs an octal number" },
	{ "a word that destructive does not have", "-o rw,destructive=yes /mnt", "confirm" },
	{ "an empty value", "-o tenant= /mnt", "needs a value" },
};

static void test_lines(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		struct w365_err err = { 0 };
		struct fs_options o;
		const char *word;
		int r = parse(&o, lines[i].line, &word, &err);

		CHECK_INT(lines[i].why, r < 0 ? -EINVAL : 0, lines[i].part ? -EINVAL : 0);
		if (lines[i].part && !CHECK(lines[i].why, strstr(err.msg, lines[i].part) != NULL))
			check_show("sentence", err.msg);
		CHECK("and quotes no secret", !strstr(err.msg, "hush"));
		if (!lines[i].part)
			CHECK_STR(lines[i].why, word, "/mnt");
		fs_options_done(&o);
	}
}

static void test_settled(void)
{
	struct w365_err err = { 0 };
	struct fs_options o;

	parse(&o,
	      "--config=/dev/null --tenant=t --api=v1.0 --cloud=usgov -o ttl=5,ttl.cloudPCs=2.5,stale=9,umask=027,allow_other,noexec,noxattr /m",
	      NULL, &err);
	CHECK_INT("settles", fs_options_settle(&o, &err), 0);
	CHECK_STR("the cloud's Graph", o.fs.endpoint, "https://graph.microsoft.us");
	CHECK_STR("and its Graph, of which scopes are made", o.auth_config.resource,
		  "https://graph.microsoft.us");
	CHECK_STR("and its sign-in", o.auth_config.authority, "https://login.microsoftonline.us");
	CHECK_STR("the version", o.client.version, "v1.0");
	CHECK_INT("ttl", (int)o.store.live_ms, 5000);
	CHECK_INT("of configuration as well", (int)o.store.configuration_ms, 5000);
	CHECK_INT("but not of catalogues", (int)o.store.catalogue_ms, 3600000);
	CHECK_INT("one collection's own",
		  (int)o.store.own_ttl(o.store.own_ttl_arg, graph_collection_find("cloudPCs")),
		  2500);
	CHECK_INT("the default patience", (int)o.store.patience_ms, 3000);
	CHECK_INT("stale", (int)o.store.stale_ms, 9000);
	CHECK_INT("umask is octal", (int)o.fs.umask, 027);
	CHECK("noxattr", !o.fs.xattrs);
	CHECK_STR("what is libfuse's", o.fuse, "allow_other,noexec");
	fs_options_done(&o);

	parse(&o, "--config=/dev/null --scope=s --cloud=mars /m", NULL, &err);
	CHECK_INT("an unknown cloud", fs_options_settle(&o, &err), -EINVAL);
	fs_options_done(&o);
	parse(&o, "--config=/dev/null --api=v2 /m", NULL, &err);
	CHECK_INT("an unknown version", fs_options_settle(&o, &err), -EINVAL);
	fs_options_done(&o);
}

/* What is shown, by the line; or by the file, where @text is one. */
static const struct {
	const char *why, *line, *text;
	bool own;
	unsigned with;
	const char *part; /* of the sentence; NULL: none */
} parts[] = {
	{ "the tenant's", "-o rw", "", false, 0, NULL },
	{ "one's own", "-o me", "", true, 0, NULL },
	{ "among others", "-o rw,me,ttl=5", "", true, 0, NULL },
	{ "in the file", "", "me = yes\n", true, 0, NULL },
	{ "or not", "", "me = no\n", false, 0, NULL },
	{ "the line comes first", "-o me=no", "me = yes\n", false, 0, NULL },
	{ "neither", "-o me=2", "", false, 0, "me is yes or no" },
	{ "one word", "-o with=alerts", "", false, 2, NULL },
	{ "words, which commas part like options", "-o with=roles,managedDevices,rw,ttl=5", "",
	  false, 5, NULL },
	{ "twice is once", "-o with=roles,roles", "", false, 1, NULL },
	{ "two of them", "-o with=roles,with=managedDevices", "", false, 5, NULL },
	{ "one's own, where the file has others'", "-o me", "with = roles\n", true, 0, NULL },
	{ "both in the file", "", "me = yes\nwith = roles\n", false, 0,
	  "leave -o with=roles away" },
	{ "nothing for yes or no", "", "me =\n", false, 0, "me is yes or no" },
	{ "in the file, with blanks", "", "with = roles, alerts\n", false, 3, NULL },
	{ "a comma that is none of -o's", "-o with=roles\\,alerts", "", false, 3, NULL },
	{ "an unknown word", "-o with=roles\\,x", "", false, 0,
	  "-o with=x is not known: it is one or more of roles, alerts, managedDevices" },
	{ "an unknown second word", "-o with=roles,x", "", false, 0, "unknown option -o x, and" },
	{ "a word without its option", "-o roles", "", false, 0, "unknown option -o roles" },
	{ "no word", "-o with=", "", false, 0, "with needs a value" },
	{ "one's own with others'", "-o me,with=roles", "", false, 0, "leave -o with=roles away" },
};

static void test_parts(void)
{
	char path[] = "/tmp/w365fs-config-XXXXXX";
	int fd = mkstemp(path);

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		struct w365_err err = { 0 };
		struct fs_options o;
		char line[256];
		int r;

		if (ftruncate(fd, 0) < 0 || pwrite(fd, parts[i].text, strlen(parts[i].text), 0) < 0)
			abort();
		snprintf(line, sizeof(line), "--config=%s %s%s/m", path, parts[i].line,
			 *parts[i].line ? " " : "");
		r = parse(&o, line, NULL, &err);
		if (r == 0)
			r = fs_options_settle(&o, &err);
		CHECK_INT(parts[i].why, r, parts[i].part ? -EINVAL : 0);
		if (parts[i].part && !CHECK(parts[i].why, strstr(err.msg, parts[i].part) != NULL))
			check_show("sentence", err.msg);
		CHECK(parts[i].why, o.fs.own == parts[i].own);
		CHECK_INT(parts[i].why, o.fs.with, parts[i].with);
		if (r == 0)
			CHECK_STR(parts[i].why, o.auth_config.permissions[0], "CloudPC.Read.All");
		fs_options_done(&o);
	}
	close(fd);
	unlink(path);
}

static void test_environment(void)
{
	char secret[] = "AZURE_CLIENT_SECRET=env-secret";
	struct w365_err err = { 0 };
	struct fs_options o;

	setenv("AZURE_TENANT_ID", "env-tenant", 1);
	setenv("AZURE_CLIENT_ID", "env-client", 1);
	putenv(secret);
	parse(&o, "--config=/dev/null --tenant=line-tenant /m", NULL, &err);
	fs_options_settle(&o, &err);
	CHECK_STR("the line comes before the environment", o.tenant, "line-tenant");
	CHECK_STR("which fills in", o.client_id, "env-client");
	CHECK_STR("the secret", o.auth_config.client_secret, "env-secret");
	CHECK_STR("whence", fs_options_source(&o, "tenant"), "the command line");
	CHECK_STR("whence too", fs_options_source(&o, "client-id"), "AZURE_CLIENT_ID");
	CHECK("nowhence", !fs_options_source(&o, "scope"));
	CHECK("which leaves the environment", !getenv("AZURE_CLIENT_SECRET"));
	CHECK_STR("and is wiped where it stood", secret, "AZURE_CLIENT_SECRET=");
	fs_options_done(&o);

	putenv(strcpy(secret, "AZURE_CLIENT_SECRET=env-secret"));
	parse(&o, "--config=/dev/null --certificate=mine.pem --ca-file=/dev/null /m", NULL, &err);
	fs_options_settle(&o, &err);
	CHECK("a certificate on the line hides the environment's secret",
	      !o.auth_config.client_secret);
	CHECK("which leaves the environment all the same", !getenv("AZURE_CLIENT_SECRET"));
	fs_options_done(&o);
	unsetenv("AZURE_TENANT_ID");
	unsetenv("AZURE_CLIENT_ID");
}

static void test_systemd(void)
{
	char dir[] = "/tmp/w365fs-creds-XXXXXX", path[64];
	struct w365_err err = { 0 };
	struct fs_options o;

	if (!mkdtemp(dir))
		abort();
	snprintf(path, sizeof(path), "%s/w365fs.client-secret", dir);
	close(open(path, O_WRONLY | O_CREAT, 0600));
	setenv("CREDENTIALS_DIRECTORY", dir, 1);
	parse(&o, "--config=/dev/null /m", NULL, &err);
	fs_options_settle(&o, &err);
	CHECK_STR("a credential of systemd", o.auth_config.client_secret_file, path);
	fs_options_done(&o);
	parse(&o, "--config=/dev/null --certificate=c.pem /m", NULL, &err);
	fs_options_settle(&o, &err);
	CHECK("comes after one on the line", !o.auth_config.client_secret_file);
	fs_options_done(&o);
	unsetenv("CREDENTIALS_DIRECTORY");
	unlink(path);
	rmdir(dir);
}

static const struct {
	const char *why, *line, *text, *tenant, *client, *part;
} files[] = {
	{ "general", "", "# c\ntenant = t\n client_id=a \n", "t", "a", NULL },
	{ "a section of the tenant that is named on the line", "--tenant=two",
	  "client-id = all\n[one]\nclient-id = 1\n[two]\nclient-id = 2\n", "two", "2", NULL },
	{ "the default tenant has its section", "",
	  "tenant = one\nclient-id = all\n[one]\nclient-id = 1\n", "one", "1", NULL },
	{ "what the section does not say", "--tenant=three",
	  "client-id = all\n[one]\nclient-id = 1\n", "three", "all", NULL },
	{ "the line wins", "--client-id=line", "tenant = t\nclient-id = file\n", "t", "line",
	  NULL },
	{ "at home", "", "tenant = t\nclient-id = ~/x\n", "t", "/home/of/somebody/x", NULL },
	{ "an unknown name, with its line", "", "tenant = t\nnonsense = 1\n", NULL, NULL,
	  "line 2: unknown name 'nonsense'" },
	{ "no equals sign", "", "tenant\n", NULL, NULL, "line 1" },
	{ "a bad section", "", "[x\n", NULL, NULL, "line 1" },
	{ "an empty value", "", "tenant =\n", NULL, NULL, "needs a value" },
};

static void test_writers(const char *path)
{
	struct w365_err err = { 0 };
	struct fs_options o;
	char line[128];

	chmod(path, 0666);
	snprintf(line, sizeof(line), "--config=%s /m", path);
	parse(&o, line, NULL, &err);
	CHECK_INT("a file that others may write is not believed", fs_options_settle(&o, &err),
		  -EACCES);
	CHECK("and says why", strstr(err.msg, "written by others") != NULL);
	fs_options_done(&o);
}

static void test_files(void)
{
	char path[] = "/tmp/w365fs-config-XXXXXX";
	int fd = mkstemp(path);

	setenv("HOME", "/home/of/somebody", 1);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		struct w365_err err = { 0 };
		struct fs_options o;
		char line[256];
		int r;

		if (ftruncate(fd, 0) < 0 || pwrite(fd, files[i].text, strlen(files[i].text), 0) < 0)
			abort();
		snprintf(line, sizeof(line), "--config=%s %s%s/m", path, files[i].line,
			 *files[i].line ? " " : "");
		parse(&o, line, NULL, &err);
		r = fs_options_settle(&o, &err);
		CHECK_INT(files[i].why, r, files[i].part ? -EINVAL : 0);
		if (files[i].part) {
			if (!CHECK(files[i].why, strstr(err.msg, files[i].part) != NULL))
				check_show("sentence", err.msg);
		} else {
			CHECK_STR(files[i].why, o.tenant, files[i].tenant);
			CHECK_STR(files[i].why, o.client_id, files[i].client);
		}
		fs_options_done(&o);
	}
	test_writers(path);
	close(fd);
	unlink(path);
}

int main(void)
{
	for (const char *const *v =
		     (const char *const[]){ "AZURE_TENANT_ID", "AZURE_CLIENT_ID",
					    "AZURE_CLIENT_SECRET", "AZURE_AUTHORITY_HOST",
					    "AZURE_CLIENT_CERTIFICATE_PATH", NULL };
	     *v; v++)
		unsetenv(*v);
	test_lines();
	test_settled();
	test_parts();
	test_environment();
	test_systemd();
	test_files();
	return check_summary();
}
