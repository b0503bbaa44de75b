#include "sim/paging.h"

#include <stdlib.h>

#include "base/macros.h"
#include "sim/query.h"

struct sim_prefer sim_prefer_read(const char *header)
{
	struct sim_prefer prefer = { .max_page = UINT64_MAX };

	for (const char *p = header; p && *p;) {
		size_t n;

		p += strspn(p, ", ");
		n = strcspn(p, ", ");
		if (n == 28 && strncasecmp(p, "include-unknown-enum-members", n) == 0)
			prefer.all_members = true;
		else if (n > 18 && strncasecmp(p, "odata.maxpagesize=", 18) == 0)
			prefer.max_page = strtoull(p + 18, NULL, 10);
		p += n;
	}
	if (!prefer.max_page)
		prefer.max_page = UINT64_MAX;
	return prefer;
}

void sim_next_link(const struct sim_call *c, const struct sim_form *form, const struct sim_set *set,
		   uint64_t position, struct w365_buf *out)
{
	w365_buf_addf(out, "\"@odata.nextLink\":\"%s%.*s?", c->sim->config.base,
		      (int)c->req->path.len, c->req->path.p);
	for (size_t i = 0; i < form->count; i++) {
		const struct sim_pair *pair = &form->pairs[i];
		bool system = pair->name[0] == '$';

		/* What was skipped is behind the token. */
		if (w365_streq(pair->name, "$skiptoken") || w365_streq(pair->name, "$skip"))
			continue;
		if (system)
			w365_buf_addc(out, '$');
		w365_buf_add_url(out, pair->name + system);
		w365_buf_addc(out, '=');
		w365_buf_add_url(out, pair->value);
		w365_buf_addc(out, '&');
	}
	w365_buf_adds(out, "$skiptoken=");
	sim_skiptoken(out, position, set, c->sim->config.seed);
	w365_buf_adds(out, "\",");
}
