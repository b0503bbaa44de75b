/* The configuration file, changed by a registration: what others wrote stays. */
#include "base/macros.h"
#include "fs/register-config.h"
#include "tests/lib/check.h"

static const struct {
	const char *why;
	struct fs_register_entry entry;
	const char *before, *after;
	bool usual;
} cases[] = {
	{ "a new file",
	  { .tenant = "c.com", .client_id = "1" },
	  "",
	  "tenant = c.com\n\n[c.com]\nclient-id = 1\n",
	  true },
	{ "the same again",
	  { .tenant = "c.com", .client_id = "1" },
	  "tenant = c.com\n\n[c.com]\nclient-id = 1\n",
	  "tenant = c.com\n\n[c.com]\nclient-id = 1\n",
	  true },
	{ "another tenant stays the usual one",
	  { .tenant = "c.com", .client_id = "1" },
	  "# mine\ntenant = a.com\n[a.com]\nclient-id = 9\n",
	  "# mine\ntenant = a.com\n[a.com]\nclient-id = 9\n\n[c.com]\nclient-id = 1\n",
	  false },
	{ "in the middle, with another's blank line",
	  { .tenant = "C.com", .client_id = "1", .certificate = "/x.pem" },
	  "tenant=c.com\n[c.com]\nclient_id = 1\n\n[a.com]\napi = beta\n",
	  "tenant=c.com\n[c.com]\nclient-id = 1\ncertificate = /x.pem\n\n[a.com]\napi = beta\n",
	  true },
	{ "another application's credentials become comments",
	  { .tenant = "c.com", .client_id = "2" },
	  "tenant = c.com\n[c.com]\nclient-id = 1\ncertificate = /old.pem\napi = v1.0",
	  "tenant = c.com\n[c.com]\nclient-id = 2\n# certificate = /old.pem\napi = v1.0\n",
	  true },
	{ "the same application's stay",
	  { .tenant = "c.com", .client_id = "1" },
	  "tenant = c.com\n[c.com]\nclient-id = 1\ncertificate = /old.pem\n",
	  "tenant = c.com\n[c.com]\nclient-id = 1\ncertificate = /old.pem\n",
	  true },
	{ "a new way instead of the old",
	  { .tenant = "c.com", .client_id = "1", .secret_file = "/s" },
	  "tenant = c.com\n[c.com]\nclient-id = 1\ncertificate = /old.pem\n",
	  "tenant = c.com\n[c.com]\nclient-id = 1\n# certificate = /old.pem\nclient-secret-file = /s\n",
	  true },
	{ "deleted",
	  { .tenant = "c.com", .client_id = "1", .remove = true },
	  "tenant = c.com\n[c.com]\nclient-id = 1\ncertificate = /x\napi = beta\n",
	  "tenant = c.com\n[c.com]\n# client-id = 1\n# certificate = /x\napi = beta\n",
	  true },
	{ "another one was deleted",
	  { .tenant = "c.com", .client_id = "2", .remove = true },
	  "[c.com]\nclient-id = 1",
	  "[c.com]\nclient-id = 1",
	  true },
};

int main(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(w365_buf_done) struct w365_buf out = W365_BUF;
		bool usual = false;

		fs_register_edit(&cases[i].entry, cases[i].before, &out, &usual);
		CHECK_STR(cases[i].why, w365_buf_str(&out), cases[i].after);
		CHECK_INT(cases[i].why, usual, cases[i].usual);
	}
	return check_summary();
}
