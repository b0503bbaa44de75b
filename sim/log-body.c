/* What the log keeps of a write's body: the JSON, without its secrets. */
#include "base/buf.h"
#include "base/json.h"
#include "base/macros.h"
#include "sim/json-text.h"
#include "sim/log.h"

/* A longer one is told by its length alone. */
#define MAX_KEPT ((size_t)256 << 10)

static bool is_secret(struct w365_span name)
{
	static const char *const secrets[] = { "adDomainPassword", "sasUrl", "secretText",
					       "password",         "key",    "Authorization" };

	for (size_t i = 0; i < ARRAY_SIZE(secrets); i++)
		if (name.len == strlen(secrets[i]) &&
		    strncasecmp(name.p, secrets[i], name.len) == 0)
			return true;
	return false;
}

static void write_value(const struct w365_json *j, uint32_t i, struct w365_buf *out)
{
	bool object = j->nodes[i].kind == W365_JSON_IS_OBJECT, some = false;
	struct w365_span text = sim_json_text(j, i);

	if (!object && j->nodes[i].kind != W365_JSON_IS_ARRAY) {
		w365_buf_add(out, text.p, text.len);
		return;
	}
	w365_buf_addc(out, object ? '{' : '[');
	W365_JSON_EACH (j, i, child) {
		struct w365_span key = sim_json_key_of(j, child);

		if (some)
			w365_buf_addc(out, ',');
		some = true;
		if (object) {
			w365_buf_addc(out, '"');
			w365_buf_add(out, key.p, key.len);
			w365_buf_adds(out, "\":");
		}
		if (object && is_secret(key))
			w365_buf_adds(out, "\"...\"");
		else
			write_value(j, child, out);
	}
	w365_buf_addc(out, object ? '}' : ']');
}

void sim_log_body(struct w365_span body, struct w365_buf *out)
{
	_cleanup_(w365_json_done) struct w365_json j = { 0 };
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF;

	if (body.len > MAX_KEPT) {
		w365_buf_addf(out, "\"(%zu bytes)\"", body.len);
		return;
	}
	w365_buf_add(&text, body.p, body.len);
	if (text.len && !text.failed && w365_json_parse(&j, text.data, text.len, NULL, NULL) == 0)
		write_value(&j, 0, out);
	else
		w365_json_quote(out, w365_buf_str(&text), text.len);
}
