#include "fs/register-options.h"
#include "base/macros.h"
#include "base/str.h"

#include <errno.h>
#include <stddef.h>

enum { NO_VALUE, VALUE, MAY_HAVE_VALUE };

static const struct row {
	const char *name;
	int kind;
	size_t offset;
	const char *value, *help;
} rows[] = {
#define AT(member) offsetof(struct fs_register_options, member)
	{ "name", VALUE, AT(name), "NAME",
	  "of the application: one that is there, or a new one; default: w365fs" },
	{ "read-only", NO_VALUE, AT(read_only), NULL, "ask for CloudPC.Read.All alone (default)" },
	{ "read-write", NO_VALUE, AT(read_write), NULL, "ask for CloudPC.ReadWrite.All too" },
	{ "app-only", NO_VALUE, AT(app_only), NULL,
	  "for a program that signs in by itself, not for people" },
	{ "app-and-person", NO_VALUE, AT(app_and_person), NULL, "for both" },
	{ "multi-tenant", NO_VALUE, AT(multi_tenant), NULL,
	  "people and programs of other tenants may use it" },
	{ "make-certificate", VALUE, AT(certificate), "FILE",
	  "sign in by a new certificate, which is written there with its key" },
	{ "secret", MAY_HAVE_VALUE, AT(secret), "FILE",
	  "sign in by a new secret, which is written there" },
	{ "federated", VALUE, AT(federated), "ISSUER,SUBJECT",
	  "sign in by the tokens of another issuer: no secret at all" },
	{ "no-consent", NO_VALUE, AT(no_consent), NULL,
	  "print the address where an administrator consents, instead of consenting" },
	{ "admin-client-id", VALUE, AT(admin_client_id), "GUID",
	  "application to sign in by now; default: Microsoft Graph Command Line Tools" },
	{ "dry-run", NO_VALUE, AT(dry_run), NULL, "print what would be sent, and change nothing" },
	{ "delete", NO_VALUE, AT(remove), NULL,
	  "delete the application: needs --name or --client-id, and --yes" },
	{ "yes", NO_VALUE, AT(yes), NULL, "really" },
#undef AT
};

static const char **member(struct fs_register_options *o, const struct row *row)
{
	return (const char **)((char *)o + row->offset);
}

static const struct row *row_of(const char *word)
{
	size_t n = w365_starts(word, "--") ? strcspn(word + 2, "=") : 0;

	for (size_t i = 0; n && i < ARRAY_SIZE(rows); i++)
		if (strlen(rows[i].name) == n && strncmp(rows[i].name, word + 2, n) == 0)
			return &rows[i];
	return NULL;
}

static bool printable(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			return false;
	return true;
}

static int check(struct fs_register_options *o, struct w365_err *reterr)
{
	const char *comma = o->federated ? strchr(o->federated, ',') : NULL;
	bool app = o->app_only || o->app_and_person;
	int credentials = !!o->secret + !!o->certificate + !!o->federated;

	if (o->read_only && o->read_write)
		return w365_err_set(reterr, EINVAL,
				    "--read-only and --read-write exclude each other");
	if (o->app_only && o->app_and_person)
		return w365_err_set(reterr, EINVAL,
				    "--app-only and --app-and-person exclude each other");
	if (credentials > 1)
		return w365_err_set(
			reterr, EINVAL,
			"one of --make-certificate, --secret and --federated is enough");
	if (credentials && !app)
		return w365_err_set(
			reterr, EINVAL,
			"a person needs no certificate or secret: add --app-only for a program that signs in by itself");
	if (o->federated && (!comma || comma == o->federated || !comma[1]))
		return w365_err_set(reterr, EINVAL,
				    "--federated needs an issuer and a subject: ISSUER,SUBJECT");
	if (o->name && (!printable(o->name) || strlen(o->name) > 120))
		return w365_err_set(reterr, EINVAL, "--name is at most 120 letters in one line");
	if (o->admin_client_id && !w365_is_guid(o->admin_client_id))
		return w365_err_set(reterr, EINVAL, "--admin-client-id must be a GUID");
	if ((o->secret && !printable(o->secret)) || (o->certificate && !printable(o->certificate)))
		return w365_err_set(reterr, EINVAL, "a file's name must be one line");
	if (o->remove && !o->yes && !o->dry_run)
		return w365_err_set(
			reterr, EINVAL,
			"--delete deletes the application for everybody who signs in by it: add --yes");
	if (!comma)
		return 0;
	o->issuer = strndup(o->federated, (size_t)(comma - o->federated));
	o->subject = strdup(comma + 1);
	return o->issuer && o->subject ? 0 : w365_err_oom(reterr);
}

int fs_register_options_take(struct fs_register_options *o, int *argc, char **argv,
			     struct w365_err *reterr)
{
	int left = 1;

	for (int i = 1; i < *argc; i++) {
		const struct row *row = row_of(argv[i]);
		const char *value = row ? strchr(argv[i], '=') : NULL;

		if (!row) {
			argv[left++] = argv[i];
			continue;
		}
		value = value ? value + 1 : NULL;
		if (value && row->kind == NO_VALUE)
			return w365_err_set(reterr, EINVAL, "--%s takes no value", row->name);
		if (!value && row->kind == VALUE && i + 1 < *argc)
			value = argv[++i];
		if (row->kind == VALUE && (!value || !*value))
			return w365_err_set(reterr, EINVAL, "--%s needs a value", row->name);
		*member(o, row) = value ? value : "";
	}
	argv[left] = NULL;
	*argc = left;
	return check(o, reterr);
}

void fs_register_options_done(struct fs_register_options *o)
{
	free(o->issuer);
	free(o->subject);
	*o = (struct fs_register_options){ 0 };
}

void fs_register_options_help(FILE *f)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *r = &rows[i];
		bool may = r->kind == MAY_HAVE_VALUE;
		char left[64];

		snprintf(left, sizeof(left), "--%s%s%s%s", r->name,
			 may                ? "[="
			 : r->kind == VALUE ? "="
					    : "",
			 r->value ? r->value : "", may ? "]" : "");
		fprintf(f, "     %-35s %s\n", left, r->help);
	}
}
