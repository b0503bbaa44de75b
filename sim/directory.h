/* sim/directory.h - the directory: applications and their service principals, who may do what
 * through them, and which roles people have.
 *
 * Applications and service principals are kept as the JSON that Graph shows, so that what was
 * registered is what signs in. Nothing is freed before the end: what was deleted is marked.
 */
#pragma once

#include <cjson/cJSON.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/buf.h"
#include "base/err.h"
#include "sim/permissions.h"

struct sim;
struct sim_user;

#define SIM_CLI_TOOLS \
	"14d82eec-204b-4c2f-b7e8-296a70dab67e" /* Microsoft Graph Command Line Tools */
#define SIM_AZURE_CLI "04b07795-8ddb-461a-bbee-02f9e1bf7b46"

/** A client secret: the only place where its value is. */
struct sim_secret {
	char key_id[37];
	char *value; /* owned; wiped */
	time_t end;
	uint64_t visible_ms; /* w365_now_ms() from which it is good */
};

struct sim_app {
	char id[37], app_id[37], principal_id[37];
	cJSON *json;      /* the application; NULL: it lives in Microsoft's own tenant */
	cJSON *principal; /* the service principal; NULL: none yet */
	cJSON *federated; /* array of federatedIdentityCredential */
	struct sim_secret *secrets;
	size_t secret_count;
	const char *preauthorized; /* all that a client of Microsoft can get; NULL: no bound */
	bool built_in;             /* made at the start: its roles are those of --roles */
	bool deleted;
	char owner[37];                            /* object id of who registered it */
	uint64_t visible_ms, principal_visible_ms; /* w365_now_ms() from which others see it */
};

/** A delegated permission grant. */
struct sim_consent {
	char id[48];
	struct sim_app *client;
	char user[37]; /* ""; everybody */
	char *scope;   /* owned */
	bool deleted;
};

/** An application permission that was granted. */
struct sim_assignment {
	char id[48];
	char principal[37]; /* of a service principal; a managed identity is one too */
	const struct sim_grantable *permission;
	time_t created;
	bool seeded; /* by --roles or the hook */
	bool deleted;
};

/** A directory role of a user. */
struct sim_membership {
	char user[37];
	const struct sim_role *role;
};

/** A role template: its id is in the claim "wids". */
struct sim_role {
	const char *id, *name;
	bool consents_delegated, consents_applications; /* may grant for everybody */
	bool reads_pcs, writes_pcs;                     /* of Windows 365 */
	bool manages_apps;
};

/** Somebody who signs tokens for federation, and the public key. */
struct sim_issuer {
	char *url; /* owned */
	EVP_PKEY *key;
};

struct sim_directory {
	struct sim_app **apps;
	size_t app_count;
	struct sim_consent *consents;
	size_t consent_count;
	struct sim_assignment *assignments;
	size_t assignment_count;
	struct sim_membership *memberships;
	size_t membership_count;
	struct sim_issuer *issuers;
	size_t issuer_count;
	char (*disabled)[37]; /* users who may not sign in */
	size_t disabled_count;
	uint64_t replication_ms; /* how long what is made stays unseen elsewhere */
	uint64_t serial;         /* of ids */
};

/** Fills the directory of a simulator whose identity and tenant are there. Errors: -ENOMEM. */
int sim_directory_init(struct sim *s, struct w365_err *reterr);
void sim_directory_done(struct sim_directory *d);

/** A new application in the list; NULL if there is no memory. */
struct sim_app *sim_app_new(struct sim *s, const char *app_id);

/** Makes its service principal. False if there is no memory. */
bool sim_app_make_principal(struct sim *s, struct sim_app *app);

/** Makes it unless it is there: consent does so. */
bool sim_app_ensure_principal(struct sim *s, struct sim_app *app);

/** By client id, without what was deleted; NULL if there is none. */
struct sim_app *sim_app_find(const struct sim *s, const char *app_id);

/** By the object id of the application, or of its service principal. */
struct sim_app *sim_app_by_id(const struct sim *s, const char *id);
struct sim_app *sim_app_by_principal(const struct sim *s, const char *id);

/** Its display name. */
const char *sim_app_name(const struct sim_app *app);

/** Is "Allow public client flows" on? */
bool sim_app_is_public(const struct sim_app *app);

/** Has it a secret, a certificate or a federated credential? @s has that of --client-cert. */
bool sim_app_has_credential(const struct sim *s, const struct sim_app *app);

/** Adds a secret. False if there is no memory. */
bool sim_app_add_secret(struct sim_app *app, const char *key_id, const char *value, time_t end);

/** Appends the application permissions that it has, with a space between. */
void sim_app_roles(const struct sim *s, const char *principal_id, bool built_in,
		   struct w365_buf *out);

/** Grants @scopes (words) of @app to @user, or to everybody if it is "". False if there is no
 * memory. */
bool sim_consent_add(struct sim *s, struct sim_app *app, const char *user, const char *scopes);

/** Has somebody consented that @app acts with @scope for @user? */
bool sim_consent_has(const struct sim *s, const struct sim_app *app, const char *user,
		     const char *scope);

/** Appends all that @app may for @user. */
void sim_consent_list(const struct sim *s, const struct sim_app *app, const char *user,
		      struct w365_buf *out);

/** Forgets all consents of @app; NULL: of all. */
void sim_consent_clear(struct sim *s, const struct sim_app *app);

/** Grants an application permission; the one that is there already counts too. NULL if there is no
 * memory. */
struct sim_assignment *sim_assignment_add(struct sim *s, const char *principal_id,
					  const struct sim_grantable *permission);
struct sim_assignment *sim_assignment_find(struct sim *s, const char *principal_id,
					   const struct sim_grantable *permission);

/** Gives the built-in applications what identity.roles says, and takes away what it said before.
 * False if there is no memory. */
bool sim_assignment_seed(struct sim *s);

extern const struct sim_role sim_roles[];
extern const size_t sim_role_count;

/** By its name ("Global Administrator") or template id; NULL if there is none. */
const struct sim_role *sim_role_find(const char *name);

/** What all roles of @user together allow. */
struct sim_role sim_user_rights(const struct sim *s, const char *user);

/** Replaces the roles of @user by the one @role; NULL: none. False if there is no memory. */
bool sim_user_set_role(struct sim *s, const char *user, const struct sim_role *role);

bool sim_user_is_disabled(const struct sim *s, const char *user);
bool sim_user_disable(struct sim *s, const char *user, bool disabled);

/** Registers the key of who issues tokens as @url (a PEM public key or certificate). Errors:
 * -EINVAL, -ENOMEM. */
int sim_issuer_add(struct sim *s, const char *url, struct w365_span pem, struct w365_err *reterr);

/** NULL if that issuer is unknown. */
EVP_PKEY *sim_issuer_key(const struct sim *s, const char *url);
