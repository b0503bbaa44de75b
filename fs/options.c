#include "fs/options.h"
#include "auth/grant.h"
#include "base/buf.h"
#include "base/macros.h"
#include "base/str.h"

#include <errno.h>
#include <getopt.h>
#include <stddef.h>

/* MOUNT: of the command line of `mount` alone; PART: told among what -o takes. */
enum { SHARED, PART, MOUNT };

static const struct option_row {
	const char *name;
	char letter; /* 0: has none */
	bool has_value;
	size_t offset; /* of a char * in struct fs_options */
	const char *value;
	const char *env; /* of Azure's own libraries */
	const char *help;
	int group;
	bool credential; /* one that was given hides those of weaker sources */
} rows[] = {
#define AT(member) offsetof(struct fs_options, member)
	{ "tenant", 0, true, AT(tenant), "ID", "AZURE_TENANT_ID",
	  "tenant: its id, or a domain of it", SHARED },
	{ "client-id", 0, true, AT(client_id), "GUID", "AZURE_CLIENT_ID",
	  "application to sign in as", SHARED },
	{ "auth", 0, true, AT(auth), "HOW", NULL, "how to sign in; auto takes what is configured",
	  SHARED },
	{ "client-secret-file", 0, true, AT(client_secret_file), "FILE", NULL,
	  "file with the client secret (or AZURE_CLIENT_SECRET)", SHARED, true },
	{ "certificate", 0, true, AT(certificate), "FILE", "AZURE_CLIENT_CERTIFICATE_PATH",
	  "certificate, PEM or PFX; may hold its key", SHARED, true },
	{ "certificate-key", 0, true, AT(certificate_key), "FILE", NULL,
	  "its private key, PEM, if kept apart", SHARED },
	{ "certificate-password-file", 0, true, AT(certificate_password_file), "FILE", NULL,
	  "file with the password of an encrypted key", SHARED },
	{ "federated-token-file", 0, true, AT(federated_token_file), "FILE",
	  "AZURE_FEDERATED_TOKEN_FILE", "file with the token of a workload identity", SHARED,
	  true },
	{ "account", 0, true, AT(account), "NAME", NULL,
	  "which person's sign-in, if there are several", SHARED },
	{ "token-cache", 0, true, AT(token_cache), "keyring|FILE", NULL,
	  "sealed by the keyring, or FILE, not sealed; default: where a keyring is, sealed by it",
	  SHARED },
	{ "assertion", 0, true, AT(assertion), "ALG", NULL,
	  "how the certificate signs: ps256 (default) or rs256", SHARED },
	{ "cloud", 0, true, AT(cloud), "NAME", NULL, "global (default), usgov, usgov-dod, china",
	  SHARED },
	{ "api", 0, true, AT(api), "VERSION", NULL, "beta (default) or v1.0", SHARED },
	{ "authority", 0, true, AT(authority), "URL", "AZURE_AUTHORITY_HOST",
	  "address of the sign-in service", SHARED },
	{ "graph-endpoint", 0, true, AT(graph_endpoint), "URL", NULL, "address of Microsoft Graph",
	  SHARED },
	{ "scope", 0, true, AT(scope), "SCOPE", NULL, "OAuth scope; default: what reading needs",
	  SHARED },
	{ "ca-file", 0, true, AT(ca_file), "FILE", NULL,
	  "certificates to trust, PEM, instead of the system's", SHARED },
	{ "unix-socket", 0, true, AT(unix_socket), "PATH", NULL,
	  "connect there instead of to the hosts", SHARED },
	{ "config", 0, true, AT(config), "FILE", NULL, "instead of ~/.config/w365fs/config",
	  SHARED },
	{ "me", 0, false, AT(me), NULL, NULL,
	  "only the signed-in user's own Cloud PCs, and what a user may do to them", PART },
	{ "with", 0, true, AT(with), NULL, NULL, "also what is next door, to be read", PART },
	{ "json", 0, false, AT(json), NULL, NULL,
	  "print JSON: of login, logout, status, token, doctor", SHARED },
	{ "verbose", 'v', false, AT(verbose), NULL, NULL, "say more", SHARED },
	{ "foreground", 'f', false, AT(foreground), NULL, NULL, "stay in the foreground", MOUNT },
	{ "debug", 'd', false, AT(debug), NULL, NULL, "stay, and log every request", MOUNT },
	{ "prefetch", 0, false, AT(prefetch), NULL, NULL,
	  "fetch every collection before the mount is handed over", MOUNT },
	{ "help", 'h', false, AT(help), NULL, NULL, "this text", SHARED },
	{ "version", 'V', false, AT(version), NULL, NULL, "the program's version", SHARED },
#undef AT
};

_Static_assert(ARRAY_SIZE(rows) <= ARRAY_SIZE(((struct fs_options *)NULL)->sources), "too few");

static char **member(struct fs_options *o, const struct option_row *row)
{
	return (char **)((char *)o + row->offset);
}

void fs_options_init(struct fs_options *o)
{
	*o = (struct fs_options){ .ttl = -1,
				  .patience = -1,
				  .stale = -1,
				  .timeout = -1,
				  .deadline = -1,
				  .uid = -1,
				  .gid = -1,
				  .umask = -1,
				  .max_targets = -1,
				  .reading = FS_OPTIONS_LINE };
}

void fs_options_done(struct fs_options *o)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		free(*member(o, &rows[i]));
	for (size_t i = 0; i < ARRAY_SIZE(o->settled); i++)
		free(o->settled[i]);
	w365_wipe_str(o->client_secret);
	free(o->fuse);
	free(o->keep);
	*o = (struct fs_options){ 0 };
}

static int set(struct fs_options *o, const struct option_row *row, const char *value,
	       struct w365_err *reterr)
{
	char *copy = strdup(value ? value : "");

	if (!copy)
		return w365_err_oom(reterr);
	free(*member(o, row));
	*member(o, row) = copy;
	o->sources[row - rows] = o->reading;
	return 1;
}

const char *fs_options_source(const struct fs_options *o, const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (w365_streq(rows[i].name, name))
			return *member((struct fs_options *)o, &rows[i]) ? o->sources[i] : NULL;
	return NULL;
}

/* "client_id" is "client-id". */
static bool same_name(const char *a, const char *b)
{
	for (; *a && *b; a++, b++)
		if (*a != *b && !((*a == '_' || *a == '-') && (*b == '_' || *b == '-')))
			return false;
	return *a == *b;
}

int fs_options_set(struct fs_options *o, const char *name, const char *value, bool only_if_unset,
		   struct w365_err *reterr)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (rows[i].group == MOUNT || !same_name(rows[i].name, name))
			continue;
		if (rows[i].has_value && (!value || !*value))
			return w365_err_set(reterr, EINVAL, "%s needs a value", rows[i].name);
		if (only_if_unset &&
		    (*member(o, &rows[i]) || (rows[i].credential && o->credential_given)))
			return 1;
		return set(o, &rows[i], value, reterr);
	}
	return 0;
}

static int parse_one(struct fs_options *o, int c, const char *value, struct w365_err *reterr)
{
	if (c == 'o')
		return fs_options_mount(o, value, reterr);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (c == rows[i].letter || c == 1000 + (int)i)
			return set(o, &rows[i], value, reterr);
	return w365_err_set(reterr, EINVAL, "unknown option");
}

/* getopt_long() takes "--cert" for "--certificate": a later option of that name would change what a
 * script means. */
static int check_names(int argc, char **argv, struct w365_err *reterr)
{
	for (int i = 1; i < argc && !w365_streq(argv[i], "--"); i++) {
		size_t n = strcspn(argv[i], "="), known = 0;

		if (!w365_starts(argv[i], "--"))
			continue;
		for (size_t k = 0; k < ARRAY_SIZE(rows); k++)
			known += strlen(rows[k].name) == n - 2 &&
				 strncmp(argv[i] + 2, rows[k].name, n - 2) == 0;
		if (w365_starts(argv[i], "--client-secret=") ||
		    w365_streq(argv[i], "--client-secret"))
			return w365_err_set(
				reterr, EINVAL,
				"a secret has no place on the command line, where everybody can read it: use "
				"--client-secret-file, or AZURE_CLIENT_SECRET");
		if (!known)
			return w365_err_set(reterr, EINVAL, "unknown option %.*s", (int)MIN(n, 60),
					    argv[i]);
	}
	return 0;
}

int fs_options_parse(struct fs_options *o, int argc, char **argv, const char **words,
		     struct w365_err *reterr)
{
	struct option longs[ARRAY_SIZE(rows) + 1] = { 0 };
	unsigned n = 0;
	int c, r;

	r = check_names(argc, argv, reterr);
	if (r < 0)
		return r;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		longs[i] = (struct option){ rows[i].name, rows[i].has_value, NULL, 1000 + (int)i };
	optind = 0; /* GNU's way to begin anew */
	opterr = 0;
	while ((c = getopt_long(argc, argv, "-:o:fdvhV", longs, NULL)) != -1) {
		if (c == 1) {
			words[n++] = optarg;
			continue;
		}
		if (c == '?')
			return w365_err_set(reterr, EINVAL, "unknown option %.60s",
					    argv[optind - 1]);
		if (c == ':')
			return w365_err_set(reterr, EINVAL, "%.60s needs a value",
					    argv[optind - 1]);
		r = parse_one(o, c, optarg, reterr);
		if (r < 0)
			return r;
	}
	while (optind < argc)
		words[n++] = argv[optind++];
	words[n] = NULL;
	return 0;
}

/* The secret leaves the environment: children do not get it, and /proc/PID/environ shows nothing of
 * it. */
static int take_secret(struct fs_options *o, bool wanted, struct w365_err *reterr)
{
	char *value = getenv("AZURE_CLIENT_SECRET");
	int r = 0;

	if (!value || !*value)
		return 0;
	if (wanted && !o->client_secret) {
		o->client_secret = strdup(value);
		r = o->client_secret ? 0 : w365_err_oom(reterr);
	}
	explicit_bzero(value, strlen(value));
	unsetenv("AZURE_CLIENT_SECRET");
	return r;
}

bool fs_options_credential(const struct fs_options *o)
{
	if (o->client_secret)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].credential && *member((struct fs_options *)o, &rows[i]))
			return true;
	return false;
}

/* systemd's LoadCredential= puts files into a folder that only this service can see. */
static int take_systemd(struct fs_options *o, struct w365_err *reterr)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	const struct {
		const char *name;
		char **to;
	} known[] = { { "w365fs.client-secret", &o->client_secret_file },
		      { "w365fs.certificate", &o->certificate },
		      { "w365fs.certificate-password", &o->certificate_password_file } };

	for (size_t i = 0; folder && *folder && i < ARRAY_SIZE(known); i++) {
		char *path;

		if (asprintf(&path, "%s/%s", folder, known[i].name) < 0)
			return w365_err_oom(reterr);
		if (access(path, F_OK) == 0 && !*known[i].to)
			*known[i].to = path;
		else
			free(path);
	}
	return 0;
}

int fs_options_environment(struct fs_options *o, struct w365_err *reterr)
{
	bool credential = fs_options_credential(o);

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *value = rows[i].env && !(credential && rows[i].credential)
					    ? getenv(rows[i].env)
					    : NULL;

		o->reading = rows[i].env;
		if (value && *value && !*member(o, &rows[i]) && set(o, &rows[i], value, reterr) < 0)
			return -ENOMEM;
	}
	/* In any case it leaves the environment. */
	if (take_secret(o, !credential, reterr) < 0)
		return -ENOMEM;
	return fs_options_credential(o) ? 0 : take_systemd(o, reterr);
}

void fs_options_part_help(FILE *f)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_(w365_buf_done) struct w365_buf left = W365_BUF;

		if (rows[i].group != PART)
			continue;
		w365_buf_addf(&left, "%s%s", rows[i].name, rows[i].has_value ? "=" : "");
		if (rows[i].has_value)
			fs_options_with_words(&left, ",");
		fprintf(f, "  %-38s %s\n", w365_buf_str(&left), rows[i].help);
	}
}

void fs_options_help(FILE *f)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char left[64];

		if (rows[i].group == PART)
			continue;
		snprintf(left, sizeof(left), "%c%c%s --%s%s%s", rows[i].letter ? '-' : ' ',
			 rows[i].letter ? rows[i].letter : ' ', rows[i].letter ? "," : " ",
			 rows[i].name, rows[i].value ? "=" : "",
			 rows[i].value ? rows[i].value : "");
		fprintf(f, "  %-38s %s%s%s%s\n", left, rows[i].help, rows[i].env ? " [" : "",
			rows[i].env ? rows[i].env : "", rows[i].env ? "]" : "");
	}
	fprintf(f, "\nWays to sign in (--auth):\n  %-38s %s\n", "auto",
		"the first below that is configured");
	for (const struct auth_grant *const *g = auth_grants; *g; g++)
		fprintf(f, "  %-38s %s\n", (*g)->name, (*g)->help);
}
