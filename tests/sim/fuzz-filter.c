/* libFuzzer: whatever $filter says, the parser must end, and what it accepts must be answered for
 * any item. */
#include <stdlib.h>

#include "sim/filter.h"
#include "sim/row.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char item_text[] = "{\"id\":\"1\",\"displayName\":\"Alex "
				"\\u00fc\",\"status\":\"provisioned\",\"scopeIds\":[\"0\",\"7\"],"
				"\"lastModifiedDateTime\":\"2026-11-22T09:30:00.5+08:00\","
				"\"isDisasterRecoveryActive\":true,"
				"\"userDetail\":{\"userDisplayName\":\"Alex\",\"userId\":null}}";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sim_set set;
	static struct sim_item *item;
	struct sim_filter *f = NULL;
	struct w365_err err;
	char *text;

	if (!item) {
		sim_set_init(&set, sim_resource_find("cloudPCs"));
		if (sim_item_verbatim(&set, W365_SPAN(item_text), &item, &err) < 0)
			abort();
	}
	text = strndup((const char *)data, size);
	if (text && sim_filter_parse(text, &set.columns, SIM_BETA, &f, &err) == 0)
		sim_filter_matches(f, item);
	sim_filter_free(f);
	free(text);
	return 0;
}
