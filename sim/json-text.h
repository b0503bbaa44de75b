/* sim/json-text.h - the whole text of a node that base/json.h has found. */
#pragma once

#include "base/json.h"

/** As it stands in the text, with the quotes of a string. */
static inline struct w365_span sim_json_text(const struct w365_json *j, uint32_t i)
{
	const struct w365_json_node *n = &j->nodes[i];
	bool quoted = n->kind == W365_JSON_IS_STRING;

	return (struct w365_span){ j->text + n->val - quoted, n->val_len + 2 * quoted };
}

/** Its key, inside the quotes. */
static inline struct w365_span sim_json_key_of(const struct w365_json *j, uint32_t i)
{
	return (struct w365_span){ j->text + j->nodes[i].key, j->nodes[i].key_len };
}
