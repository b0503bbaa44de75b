#include "fs/register-report.h"
#include "base/macros.h"
#include "base/str.h"

static const char *const fates[] = { "none", "there", "changed", "made", "refused", "deleted" };

/* In a sentence. */
static const char *word(enum graph_register_fate fate)
{
	return fate == GRAPH_REGISTER_THERE ? "was there" : fates[fate];
}

static const char *consent_of(const struct fs_register_report *r)
{
	const struct graph_register_result *to = r->result;

	if (!r->plan->consent || to->delegated == GRAPH_REGISTER_REFUSED ||
	    to->roles == GRAPH_REGISTER_REFUSED)
		return "missing";
	return fates[MAX(to->delegated, to->roles)];
}

static const char *kind(const struct graph_register_plan *p)
{
	return p->person && p->app ? "of people and of the application itself"
	       : p->app            ? "of the application itself"
				   : "of people who sign in";
}

static void text_of_next(const struct fs_register_report *r)
{
	const char *tenant = r->default_tenant ? "" : r->tenant;
	const char *flag = r->default_tenant ? "" : " --tenant ";

	if (r->plan->person)
		printf("next               w365fs login%s%s\n", flag, tenant);
	else if (r->secret_file || r->certificate_file)
		printf("next               w365fs mount%s%s MOUNTPOINT\n", flag, tenant);
	else if (r->plan->issuer)
		printf("next               w365fs mount%s%s --federated-token-file=FILE MOUNTPOINT\n",
		       flag, tenant);
	else
		printf("next               give it a credential: run this again with --make-certificate=FILE\n");
}

void fs_register_report_text(const struct fs_register_report *r)
{
	const struct graph_register_result *to = r->result;
	_cleanup_(w365_buf_done) struct w365_buf names = W365_BUF;
	bool fresh = to->secret == GRAPH_REGISTER_MADE || to->certificate == GRAPH_REGISTER_MADE ||
		     to->federated == GRAPH_REGISTER_MADE;

	if (r->plan->remove) {
		if (to->object[0])
			printf("application        %s: %s\n", to->client_id, word(to->application));
		else
			printf("application        there is none\n");
		return;
	}
	graph_register_permissions(r->plan, &names);
	printf("tenant             %s\n", r->tenant);
	printf("application        %s '%s': %s\n", to->client_id, r->plan->name,
	       word(to->application));
	printf("permissions        %s, %s\n", w365_buf_str(&names), kind(r->plan));
	printf("service principal  %s\n", word(to->service));
	if (r->certificate_file)
		printf("certificate        %s: %s\n", r->certificate_file, word(to->certificate));
	if (r->secret_file)
		printf("secret             %s: %s\n", r->secret_file,
		       r->secret_kept ? "was there" : word(to->secret));
	if (r->plan->issuer)
		printf("federated          %s: %s\n", r->plan->subject, word(to->federated));
	if (r->consent_url)
		printf("consent            missing: an administrator consents at\n"
		       "                   %s\n"
		       "                   (what the browser shows after that does not matter)\n",
		       r->consent_url);
	else
		printf("consent            for everybody in the tenant: %s\n",
		       word(MAX(to->delegated, to->roles)));
	if (r->config)
		printf("configuration      [%s] in %s\n", r->tenant, r->config);
	if (fresh)
		printf("                   (it may take two minutes until the new credential is known everywhere)\n");
	text_of_next(r);
}

void fs_register_report_json(const struct fs_register_report *r)
{
	const struct graph_register_result *to = r->result;
	_cleanup_(w365_buf_done) struct w365_buf names = W365_BUF;
	_cleanup_(w365_buf_done) struct w365_buf out = W365_BUF;
	struct w365_jw w = { .out = &out };

	graph_register_permissions(r->plan, &names);
	w365_jw_open(&w, '{');
	w365_jw_pair(&w, "tenant", r->tenant);
	w365_jw_pair(&w, "name", r->plan->name);
	w365_jw_pair(&w, "clientId", to->client_id[0] ? to->client_id : NULL);
	w365_jw_pair(&w, "objectId", to->object[0] ? to->object : NULL);
	w365_jw_pair(&w, "servicePrincipalId", to->principal[0] ? to->principal : NULL);
	w365_jw_pair(&w, "application", fates[to->application]);
	if (!r->plan->remove) {
		w365_jw_pair(&w, "permissions", w365_buf_str(&names));
		w365_jw_pair_bool(&w, "delegated", r->plan->person);
		w365_jw_pair_bool(&w, "appOnly", r->plan->app);
		w365_jw_pair(&w, "servicePrincipal", fates[to->service]);
		w365_jw_pair(&w, "consent", consent_of(r));
		w365_jw_pair(&w, "adminConsentUrl", r->consent_url);
		w365_jw_pair(&w, "certificateFile", r->certificate_file);
		w365_jw_pair(&w, "secretFile", r->secret_file);
		w365_jw_pair(&w, "config", r->config);
	}
	if (r->requests) {
		w365_jw_key(&w, "requests");
		w365_jw_open(&w, '[');
		if (*r->requests)
			w365_jw_raw(&w, r->requests);
		w365_jw_close(&w, ']');
	}
	w365_jw_close(&w, '}');
	printf("%s\n", w365_buf_str(&out));
}
