/* libFuzzer: whatever a body says, the check must end; and what it accepts must be kept, and logged,
 * as JSON. The first byte says as what it is sent. */
#include <stdlib.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/macros.h"
#include "sim/check.h"
#include "sim/log.h"
#include "sim/whole.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void parse_again(const struct w365_buf *text)
{
	_cleanup_(w365_json_done) struct w365_json j = { 0 };

	if (w365_json_parse(&j, w365_buf_str(text), text->len, NULL, NULL) < 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(w365_json_done) struct w365_json j = { 0 };
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF, kept = W365_BUF,
						 logged = W365_BUF;
	const struct sim_resource *r;
	const struct sim_type *type;

	if (!size)
		return 0;
	r = &sim_resources[(*data >> 1) % sim_resource_count];
	w365_buf_add(&text, data + 1, size - 1);
	sim_log_body((struct w365_span){ w365_buf_str(&text), text.len }, &logged);
	parse_again(&logged);
	if (!text.len || w365_json_parse(&j, text.data, text.len, NULL, NULL) < 0 ||
	    j.nodes[0].kind != W365_JSON_IS_OBJECT)
		return 0;
	if (sim_check_entity(&j, 0, r->type, SIM_BETA, *data & 1 ? SIM_TO_UPDATE : SIM_TO_CREATE,
			     &type, NULL) < 0)
		return 0;
	sim_whole_value(&j, 0, r->type, &kept);
	parse_again(&kept);
	return 0;
}
