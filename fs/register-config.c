#include "fs/register-config.h"
#include "base/macros.h"
#include "base/str.h"

#define PAIRS_MAX 24

/* What signs in: of one application alone, and one way at a time. */
static unsigned credentials(const struct fs_register_entry *e, bool other,
			    struct fs_config_pair *pairs)
{
	const struct {
		const char *name, *value;
		bool keep;
	} all[] = {
		{ "certificate", e->certificate, false },
		{ "certificate-key", NULL, false },
		{ "certificate-password-file", NULL, false },
		{ "client-secret-file", e->secret_file, false },
		{ "federated-token-file", NULL, e->federated },
		{ "auth", NULL, false },
		{ "account", NULL, false },
	};
	unsigned n = 0;

	for (unsigned i = 0; i < ARRAY_SIZE(all); i++)
		if (all[i].value || (other && !all[i].keep))
			pairs[n++] = (struct fs_config_pair){ all[i].name, all[i].value };
	return n;
}

void fs_register_edit(const struct fs_register_entry *e, const char *text, struct w365_buf *out,
		      bool *ret_default)
{
	_cleanup_(w365_buf_done) struct w365_buf edited = W365_BUF;
	_cleanup_(w365_buf_done) struct w365_buf before = W365_BUF;
	_cleanup_(w365_buf_done) struct w365_buf usual = W365_BUF;
	const struct fs_config_pair tenant[] = { { "tenant", e->tenant }, { NULL, NULL } };
	struct fs_config_pair pairs[PAIRS_MAX] = { 0 };
	bool there = fs_config_get(text, e->tenant, "client-id", &before);
	bool same = there && strcasecmp(w365_buf_str(&before), e->client_id) == 0;
	unsigned n = 1;

	*ret_default = true;
	if (e->remove && !same) {
		w365_buf_adds(out, text);
		return;
	}
	pairs[0] = (struct fs_config_pair){ "client-id", e->remove ? NULL : e->client_id };
	n += credentials(e,
			 (there && !same) || e->remove || e->certificate || e->secret_file ||
				 e->federated,
			 pairs + n);
	for (const struct fs_config_pair *p = e->remove ? NULL : e->given; p && p->name; p++)
		if (*p->name && p->value && n < PAIRS_MAX - 1)
			pairs[n++] = *p;
	fs_config_edit(text, e->tenant, pairs, &edited);
	if (fs_config_get(w365_buf_str(&edited), "", "tenant", &usual)) {
		*ret_default = strcasecmp(w365_buf_str(&usual), e->tenant) == 0;
		w365_buf_adds(out, w365_buf_str(&edited));
	} else {
		fs_config_edit(w365_buf_str(&edited), "", tenant, out);
	}
	out->failed |= edited.failed || before.failed || usual.failed;
}

int fs_register_save(const struct fs_register_entry *e, bool *ret_default, struct w365_err *reterr)
{
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF;
	_cleanup_(w365_buf_done) struct w365_buf edited = W365_BUF;
	int r = fs_config_read(e->config, &text, reterr);

	if (r < 0)
		return r;
	fs_register_edit(e, w365_buf_str(&text), &edited, ret_default);
	if (!edited.failed && w365_streq(w365_buf_str(&text), w365_buf_str(&edited)))
		return 0;
	return fs_config_write(e->config, &edited, reterr);
}
