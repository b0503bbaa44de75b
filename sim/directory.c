#include "sim/directory.h"

#include <errno.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>

#include "base/macros.h"
#include "base/time.h"
#include "sim/rng.h"
#include "sim/sim.h"
#include "sim/words.h"

W365_DEFINE_CLEANUP(X509 *, X509_free)
W365_DEFINE_CLEANUP(BIO *, BIO_free)

const struct sim_role sim_roles[] = {
	{ "62e90394-69f5-4237-9190-012177145e10", "Global Administrator", true, true, true, true,
	  true },
	{ "e8611ab8-c189-46e8-94e1-60213ab1f814", "Privileged Role Administrator", true, true,
	  false, false, true },
	{ "158c047a-c907-4556-b7ef-446551a6b5f7", "Cloud Application Administrator", true, false,
	  false, false, true },
	{ "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3", "Application Administrator", true, false, false,
	  false, true },
	{ "11451d60-acb2-45eb-a7d6-43d0f0125c13", "Windows 365 Administrator", false, false, true,
	  true, false },
	{ "3a2c62db-5318-420d-8d74-23affee5d9d5", "Intune Administrator", false, false, true, true,
	  false },
	{ "f2ef992c-3afb-46b9-b7cf-a126ee74c451", "Global Reader", false, false, true, false,
	  false },
};

const size_t sim_role_count = ARRAY_SIZE(sim_roles);

/* Room for one more element at the end of an array. NULL if there is no memory. */
static void *grow(void *array, size_t *count, size_t size)
{
	void **at = array;
	void *more = reallocarray(*at, *count + 1, size);

	if (!more)
		return NULL;
	*at = more;
	return memset((char *)more + (*count)++ * size, 0, size);
}

struct sim_app *sim_app_new(struct sim *s, const char *app_id)
{
	struct sim_directory *d = &s->directory;
	struct sim_app *app = calloc(1, sizeof(*app)), **slot;

	slot = app ? grow(&d->apps, &d->app_count, sizeof(*d->apps)) : NULL;
	if (!slot) {
		free(app);
		return NULL;
	}
	*slot = app;
	sim_guid(s->config.seed, "application", d->app_count, app->id);
	snprintf(app->app_id, sizeof(app->app_id), "%s", app_id);
	sim_principal_id(app->app_id, app->principal_id);
	app->federated = cJSON_CreateArray();
	return app->federated ? app : NULL;
}

const char *sim_app_name(const struct sim_app *app)
{
	const cJSON *name = cJSON_GetObjectItemCaseSensitive(app->json ? app->json : app->principal,
							     "displayName");

	return cJSON_IsString(name) ? name->valuestring : app->app_id;
}

bool sim_app_make_principal(struct sim *s, struct sim_app *app)
{
	cJSON *p = cJSON_CreateObject();

	cJSON_AddStringToObject(p, "id", app->principal_id);
	cJSON_AddBoolToObject(p, "accountEnabled", true);
	cJSON_AddStringToObject(p, "appDisplayName", sim_app_name(app));
	cJSON_AddStringToObject(p, "appId", app->app_id);
	cJSON_AddStringToObject(p, "appOwnerOrganizationId", s->identity.tenant);
	cJSON_AddBoolToObject(p, "appRoleAssignmentRequired", false);
	cJSON_AddStringToObject(p, "displayName", sim_app_name(app));
	cJSON_AddStringToObject(p, "servicePrincipalType", "Application");
	cJSON_AddStringToObject(p, "signInAudience", "AzureADMyOrg");
	cJSON_AddItemToObject(p, "appRoles", cJSON_CreateArray());
	cJSON_AddItemToObject(p, "oauth2PermissionScopes", cJSON_CreateArray());
	cJSON_Delete(app->principal);
	app->principal = p;
	return p != NULL;
}

bool sim_app_ensure_principal(struct sim *s, struct sim_app *app)
{
	return app->principal || sim_app_make_principal(s, app);
}

struct sim_app *sim_app_find(const struct sim *s, const char *app_id)
{
	for (size_t i = 0; i < s->directory.app_count; i++)
		if (!s->directory.apps[i]->deleted &&
		    strcasecmp(s->directory.apps[i]->app_id, app_id) == 0)
			return s->directory.apps[i];
	return NULL;
}

struct sim_app *sim_app_by_id(const struct sim *s, const char *id)
{
	for (size_t i = 0; i < s->directory.app_count; i++)
		if (!s->directory.apps[i]->deleted && s->directory.apps[i]->json &&
		    strcasecmp(s->directory.apps[i]->id, id) == 0)
			return s->directory.apps[i];
	return NULL;
}

struct sim_app *sim_app_by_principal(const struct sim *s, const char *id)
{
	for (size_t i = 0; i < s->directory.app_count; i++)
		if (!s->directory.apps[i]->deleted && s->directory.apps[i]->principal &&
		    strcasecmp(s->directory.apps[i]->principal_id, id) == 0)
			return s->directory.apps[i];
	return NULL;
}

bool sim_app_is_public(const struct sim_app *app)
{
	return !app->json ||
	       cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(app->json, "isFallbackPublicClient"));
}

bool sim_app_has_credential(const struct sim *s, const struct sim_app *app)
{
	return app->secret_count || cJSON_GetArraySize(app->federated) ||
	       cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(app->json, "keyCredentials")) ||
	       strcasecmp(app->app_id, s->identity.cert_client_id) == 0;
}

bool sim_app_add_secret(struct sim_app *app, const char *key_id, const char *value, time_t end)
{
	struct sim_secret *secret = grow(&app->secrets, &app->secret_count, sizeof(*app->secrets));

	if (!secret)
		return false;
	snprintf(secret->key_id, sizeof(secret->key_id), "%s", key_id);
	secret->end = end;
	secret->value = strdup(value);
	return secret->value != NULL;
}

/* Adds the words of @more that are not in @out yet. */
static void add_words(struct w365_buf *out, const char *more)
{
	for (const char *p = more + strspn(more, " "); *p; p += strspn(p, " ")) {
		char word[128];
		size_t n = strcspn(p, " ");

		snprintf(word, sizeof(word), "%.*s", (int)MIN(n, sizeof(word) - 1), p);
		p += n;
		if (sim_has_word(w365_buf_str(out), word))
			continue;
		w365_buf_addf(out, "%s%s", out->len ? " " : "", word);
	}
}

void sim_app_roles(const struct sim *s, const char *principal_id, bool built_in,
		   struct w365_buf *out)
{
	for (size_t i = 0; i < s->directory.assignment_count; i++) {
		const struct sim_assignment *a = &s->directory.assignments[i];

		if (!a->deleted && strcasecmp(a->principal, principal_id) == 0)
			add_words(out, a->permission->name);
	}
	/* Those that Graph knows are among the assignments; any word may be ordered. */
	for (const char *p = s->identity.roles; built_in && *p; p += strspn(p, " ")) {
		struct w365_span word = { p, strcspn(p, " ") };
		const struct sim_grantable *g = sim_grantable_find(word);

		p += word.len;
		if (word.len && (!g || !g->role))
			w365_buf_addf(out, "%s%.*s", out->len ? " " : "", (int)word.len, word.p);
	}
}

bool sim_consent_add(struct sim *s, struct sim_app *app, const char *user, const char *scopes)
{
	struct sim_directory *d = &s->directory;
	_cleanup_(w365_buf_done) struct w365_buf all = W365_BUF;
	struct sim_consent *c = NULL;

	for (size_t i = 0; i < d->consent_count && !c; i++)
		if (!d->consents[i].deleted && d->consents[i].client == app &&
		    w365_streq(d->consents[i].user, user))
			c = &d->consents[i];
	if (!c) {
		c = grow(&d->consents, &d->consent_count, sizeof(*d->consents));
		if (!c)
			return false;
		c->client = app;
		snprintf(c->user, sizeof(c->user), "%s", user);
		sim_object_key(s, c->id);
	}
	if (c->scope)
		add_words(&all, c->scope);
	add_words(&all, scopes);
	free(c->scope);
	c->scope = strdup(w365_buf_str(&all));
	return c->scope != NULL;
}

static bool counts_for(const struct sim_consent *c, const struct sim_app *app, const char *user)
{
	return !c->deleted && c->scope && c->client == app &&
	       (!c->user[0] || strcasecmp(c->user, user) == 0);
}

bool sim_consent_has(const struct sim *s, const struct sim_app *app, const char *user,
		     const char *scope)
{
	for (size_t i = 0; i < s->directory.consent_count; i++)
		if (counts_for(&s->directory.consents[i], app, user) &&
		    sim_has_word(s->directory.consents[i].scope, scope))
			return true;
	return false;
}

void sim_consent_list(const struct sim *s, const struct sim_app *app, const char *user,
		      struct w365_buf *out)
{
	for (size_t i = 0; i < s->directory.consent_count; i++)
		if (counts_for(&s->directory.consents[i], app, user))
			add_words(out, s->directory.consents[i].scope);
}

void sim_consent_clear(struct sim *s, const struct sim_app *app)
{
	for (size_t i = 0; i < s->directory.consent_count; i++)
		if (!app || s->directory.consents[i].client == app)
			s->directory.consents[i].deleted = true;
}

struct sim_assignment *sim_assignment_find(struct sim *s, const char *principal_id,
					   const struct sim_grantable *permission)
{
	for (size_t i = 0; i < s->directory.assignment_count; i++) {
		struct sim_assignment *a = &s->directory.assignments[i];

		if (!a->deleted && a->permission == permission &&
		    strcasecmp(a->principal, principal_id) == 0)
			return a;
	}
	return NULL;
}

struct sim_assignment *sim_assignment_add(struct sim *s, const char *principal_id,
					  const struct sim_grantable *permission)
{
	struct sim_directory *d = &s->directory;
	struct sim_assignment *a = sim_assignment_find(s, principal_id, permission);

	if (a)
		return a;
	a = grow(&d->assignments, &d->assignment_count, sizeof(*d->assignments));
	if (!a)
		return NULL;
	sim_object_key(s, a->id);
	snprintf(a->principal, sizeof(a->principal), "%s", principal_id);
	a->permission = permission;
	a->created = sim_now(s);
	return a;
}

bool sim_assignment_seed(struct sim *s)
{
	struct sim_directory *d = &s->directory;

	for (size_t i = 0; i < d->assignment_count; i++)
		d->assignments[i].deleted |= d->assignments[i].seeded;
	for (size_t i = 0; i < d->app_count; i++) {
		if (!d->apps[i]->built_in || d->apps[i]->deleted)
			continue;
		for (const char *p = s->identity.roles; *p; p += strspn(p, " ")) {
			struct w365_span word = { p, strcspn(p, " ") };
			const struct sim_grantable *g = sim_grantable_find(word);
			struct sim_assignment *a;

			p += word.len;
			if (!g || !g->role)
				continue;
			a = sim_assignment_add(s, d->apps[i]->principal_id, g);
			if (!a)
				return false;
			a->seeded = true;
		}
	}
	return true;
}

const struct sim_role *sim_role_find(const char *name)
{
	for (size_t i = 0; i < sim_role_count; i++)
		if (strcasecmp(sim_roles[i].name, name) == 0 ||
		    strcasecmp(sim_roles[i].id, name) == 0)
			return &sim_roles[i];
	return NULL;
}

struct sim_role sim_user_rights(const struct sim *s, const char *user)
{
	struct sim_role all = { 0 };

	for (size_t i = 0; i < s->directory.membership_count; i++) {
		const struct sim_membership *m = &s->directory.memberships[i];

		if (strcasecmp(m->user, user) != 0)
			continue;
		all.consents_delegated |= m->role->consents_delegated;
		all.consents_applications |= m->role->consents_applications;
		all.reads_pcs |= m->role->reads_pcs;
		all.writes_pcs |= m->role->writes_pcs;
		all.manages_apps |= m->role->manages_apps;
	}
	return all;
}

bool sim_user_set_role(struct sim *s, const char *user, const struct sim_role *role)
{
	struct sim_directory *d = &s->directory;
	struct sim_membership *m;
	size_t kept = 0;

	for (size_t i = 0; i < d->membership_count; i++)
		if (strcasecmp(d->memberships[i].user, user) != 0)
			d->memberships[kept++] = d->memberships[i];
	d->membership_count = kept;
	if (!role)
		return true;
	m = grow(&d->memberships, &d->membership_count, sizeof(*m));
	if (!m)
		return false;
	snprintf(m->user, sizeof(m->user), "%s", user);
	m->role = role;
	return true;
}

bool sim_user_is_disabled(const struct sim *s, const char *user)
{
	for (size_t i = 0; i < s->directory.disabled_count; i++)
		if (strcasecmp(s->directory.disabled[i], user) == 0)
			return true;
	return false;
}

bool sim_user_disable(struct sim *s, const char *user, bool disabled)
{
	struct sim_directory *d = &s->directory;
	size_t kept = 0;
	char *slot;

	for (size_t i = 0; i < d->disabled_count; i++)
		if (strcasecmp(d->disabled[i], user) != 0)
			memmove(d->disabled[kept++], d->disabled[i], sizeof(*d->disabled));
	d->disabled_count = kept;
	if (!disabled)
		return true;
	slot = grow(&d->disabled, &d->disabled_count, sizeof(*d->disabled));
	if (slot)
		snprintf(slot, sizeof(*d->disabled), "%s", user);
	return slot != NULL;
}

static EVP_PKEY *read_key(struct w365_span pem)
{
	_cleanup_(BIO_freep) BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.len);
	_cleanup_(X509_freep) X509 *cert = NULL;
	EVP_PKEY *key = bio ? PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL) : NULL;

	if (key || !bio || BIO_reset(bio) < 0)
		return key;
	cert = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	return cert ? X509_get_pubkey(cert) : NULL;
}

int sim_issuer_add(struct sim *s, const char *url, struct w365_span pem, struct w365_err *reterr)
{
	struct sim_directory *d = &s->directory;
	EVP_PKEY *key = read_key(pem);
	struct sim_issuer *issuer;

	if (!key || EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA) {
		EVP_PKEY_free(key);
		return w365_err_set(reterr, EINVAL,
				    "the body is no PEM public key or certificate of RSA");
	}
	for (size_t i = 0; i < d->issuer_count; i++) {
		if (!w365_streq(d->issuers[i].url, url))
			continue;
		EVP_PKEY_free(d->issuers[i].key);
		d->issuers[i].key = key;
		return 0;
	}
	issuer = grow(&d->issuers, &d->issuer_count, sizeof(*issuer));
	if (!issuer) {
		EVP_PKEY_free(key);
		return w365_err_oom(reterr);
	}
	issuer->key = key;
	issuer->url = strdup(url);
	return issuer->url ? 0 : w365_err_oom(reterr);
}

EVP_PKEY *sim_issuer_key(const struct sim *s, const char *url)
{
	for (size_t i = 0; i < s->directory.issuer_count; i++)
		if (w365_streq(s->directory.issuers[i].url, url))
			return s->directory.issuers[i].key;
	return NULL;
}

void sim_directory_done(struct sim_directory *d)
{
	for (size_t i = 0; i < d->app_count; i++) {
		struct sim_app *app = d->apps[i];

		for (size_t k = 0; k < app->secret_count; k++)
			w365_wipe_str(app->secrets[k].value);
		free(app->secrets);
		cJSON_Delete(app->json);
		cJSON_Delete(app->principal);
		cJSON_Delete(app->federated);
		free(app);
	}
	for (size_t i = 0; i < d->consent_count; i++)
		free(d->consents[i].scope);
	for (size_t i = 0; i < d->issuer_count; i++) {
		EVP_PKEY_free(d->issuers[i].key);
		free(d->issuers[i].url);
	}
	free(d->apps);
	free(d->consents);
	free(d->assignments);
	free(d->memberships);
	free(d->issuers);
	free(d->disabled);
	*d = (struct sim_directory){ 0 };
}
