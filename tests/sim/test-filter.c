/* $filter: what is read, what it means, and what is refused. */
#include "base/macros.h"
#include "sim/filter.h"
#include "sim/row.h"
#include "tests/lib/check.h"

/* The one Cloud PC that all of them are asked about. */
static const char item_text[] =
	"{\"id\":\"1\",\"displayName\":\"Alex's \\\"PC\\\" "
	"\\u00fc\",\"status\":\"provisioned\",\"managedDeviceName\":null,"
	"\"isDisasterRecoveryActive\":true,\"lastModifiedDateTime\":\"2026-11-22T09:30:00.5+08:"
	"00\","
	"\"provisionedDateTime\":\"0001-01-01T00:00:00Z\",\"scopeIds\":[\"0\",\"7\"],"
	"\"userDetail\":{\"userDisplayName\":\"Alex\",\"userId\":null},\"statusDetail\":null,"
	"\"servicePlanName\":\"Cloud PC Enterprise "
	"2vCPU/8GB/128GB\",\"productType\":\"enterprise\"}";

static const struct {
	const char *filter;
	bool want;
} meanings[] = {
	{ "status eq 'provisioned'", true },
	{ "status ne 'provisioned'", false },
	{ "'provisioned' eq status", true },
	{ "status eq 'failed' or status eq 'provisioned'", true },
	{ "status eq 'failed' and status eq 'provisioned'", false },
	{ "not (status eq 'failed')", true },
	{ "not status eq 'failed'", true },
	{ "not not (status eq 'provisioned')", true },
	/* and before or */
	{ "status eq 'provisioned' or status eq 'failed' and id eq '2'", true },
	{ "(status eq 'provisioned' or status eq 'failed') and id eq '2'", false },
	{ "status in ('failed','provisioned')", true },
	{ "status in ('failed', 'resizing')", false },
	{ "status in ('failed')", false },
	{ "displayName eq 'Alex''s \"PC\" \xc3\xbc'", true },
	{ "displayName eq 'alex''s \"pc\" \xc3\xbc'", false },
	{ "tolower(displayName) eq 'alex''s \"pc\" \xc3\xbc'", true },
	{ "contains(displayName,'''s')", true },
	{ "contains( displayName , 'x' )", true },
	{ "contains(tolower(displayName),'pc')", true },
	{ "contains(tolower(displayName),tolower('PC'))", true },
	{ "startswith(displayName,'Alex')", true },
	{ "startswith(displayName,'lex')", false },
	{ "endswith(servicePlanName,'128GB')", true },
	{ "endswith(servicePlanName,'128')", false },
	{ "contains(servicePlanName,'')", true },
	{ "managedDeviceName eq null", true },
	{ "managedDeviceName ne null", false },
	{ "managedDeviceName eq 'x'", false },
	{ "managedDeviceName ne 'x'", true },
	{ "managedDeviceName gt 'a'", false },
	{ "contains(managedDeviceName,'x')", false },
	{ "aadDeviceId eq null", true }, /* the item has no such member */
	{ "isDisasterRecoveryActive", true },
	{ "isDisasterRecoveryActive eq true", true },
	{ "isDisasterRecoveryActive eq false", false },
	{ "not isDisasterRecoveryActive", false },
	{ "true", true },
	{ "false or true", true },
	{ "lastModifiedDateTime eq 2026-11-22T01:30:00.5Z", true },
	{ "lastModifiedDateTime gt 2026-11-22T01:30:00Z", true },
	{ "lastModifiedDateTime ge 2026-11-22T01:30:00.5Z", true },
	{ "lastModifiedDateTime lt 2026-11-22T01:30:00.6Z and lastModifiedDateTime le "
	  "2026-11-23T00:00:00Z",
	  true },
	{ "lastModifiedDateTime lt 2026-11-22T01:30:00Z", false },
	{ "provisionedDateTime lt 1970-01-01T00:00:00Z", true }, /* no value is before all others */
	{ "provisionedDateTime eq 0001-01-01T00:00:00Z", true },
	{ "userDetail/userDisplayName eq 'Alex'", true },
	{ "userDetail/userId eq null", true },
	{ "userDetail ne null", true },
	{ "statusDetail eq null", true },
	{ "statusDetail/code eq null", true },
	{ "statusDetail/code eq 'x'", false },
	{ "scopeIds eq '7'", true },
	{ "scopeIds eq '8'", false },
	{ "scopeIds ne '8'", true },
	{ "id gt '0' and id lt '2'", true },
	{ "1 lt 2", true },
	{ "1.5 gt 1", true },
	{ "-1 lt 1", true },
};

static const struct {
	const char *filter, *says;
} refusals[] = {
	{ "", "position 0" },
	{ "nope eq 'x'",
	  "Could not find a property named 'nope' on type 'microsoft.graph.cloudPC'" },
	{ "userDetail/nope eq 'x'",
	  "named 'nope' on type 'microsoft.graph.cloudPcEntraUserDetail'" },
	{ "displayName/x eq 'x'", "named 'x' on type 'microsoft.graph.String'" },
	{ "scopeIds/x eq 'x'", "Could not find" },
	{ "displayName eq", "position 14" },
	{ "displayName eq 'x", "position 15" },
	{ "displayName eq 'x' and", "position 22" },
	{ "displayName eq 'x') ", "position 18" },
	{ "(displayName eq 'x'", "position 19" },
	{ "displayName eq 'x' displayName", "position 19" },
	{ "displayName = 'x'", "position 12" },
	{ "displayName eq 5", "'Edm.String' and 'Edm.Int32'" },
	{ "isDisasterRecoveryActive gt true", "'GreaterThan'" },
	{ "isDisasterRecoveryActive eq 'true'", "incompatible types" },
	{ "lastModifiedDateTime gt '2026-11-22T00:00:00Z'", "incompatible types" },
	{ "lastModifiedDateTime gt 2026-11-22", "incompatible types" },
	{ "managedDeviceName gt null", "incompatible types" },
	{ "userDetail eq 'x'", "incompatible types" },
	{ "scopeIds gt '0'", "incompatible types" },
	{ "scopeIds in ('0')", "position" },
	{ "status eq 'exploded'", "not a valid enumeration type constant" },
	{ "status in ('provisioned','exploded')", "not a valid enumeration type constant" },
	{ "status in ('provisioned',5)", "'Edm.Int32'" },
	{ "status in (id)", "position" },
	{ "status in ()", "position" },
	{ "contains(displayName)", "position" },
	{ "contains(displayName,5)", "two strings" },
	{ "contains(status,'x')", "two strings" },
	{ "tolower(status) eq 'x'", "tolower" },
	{ "tolower(tolower(id)) eq 'x'", "position" },
	{ "displayName", "position" },
	{ "length(displayName) gt 3", "unknown function with name 'length'" },
	{ "lastModifiedDateTime eq 2026-13-22T00:00:00Z", "Could not find" },
	{ "@odata.type eq 'x'", "Could not find" },
	{ "displayName eq \x01", "position" },
};

static struct sim_set set;

static void check_meanings(const struct sim_item *item)
{
	for (size_t i = 0; i < ARRAY_SIZE(meanings); i++) {
		struct sim_filter *f = NULL;
		struct w365_err err = { 0 };
		int r = sim_filter_parse(meanings[i].filter, &set.columns, SIM_BETA, &f, &err);

		if (!CHECK(meanings[i].filter,
			   r == 0 && sim_filter_matches(f, item) == meanings[i].want))
			check_show("error", err.msg);
		sim_filter_free(f);
	}
}

static void check_refusals(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
		struct sim_filter *f = NULL;
		struct w365_err err = { 0 };
		int r = sim_filter_parse(refusals[i].filter, &set.columns, SIM_BETA, &f, &err);

		if (!CHECK(refusals[i].filter, r < 0 && strstr(err.msg, refusals[i].says)))
			check_show("error", err.msg);
		sim_filter_free(f);
	}
}

/* Too deep, too long: refused, and no stack overrun. */
static void check_bounds(void)
{
	static const struct {
		const char *why, *piece;
		unsigned times;
		const char *end;
		bool want;
	} bounds[] = {
		{ "twenty parentheses", "(", 20, "true))))))))))))))))))))", true },
		{ "a hundred thousand parentheses", "(", 100000, "true", false },
		{ "a hundred thousand nots", "not ", 100000, "true", false },
		{ "thirty comparisons", "id eq '1' or ", 30, "true", true },
		{ "a thousand comparisons", "id eq '1' or ", 1000, "true", false },
		{ "a long path", "userDetail/", 200, "x eq 1", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(bounds); i++) {
		_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF;
		struct sim_filter *f = NULL;
		struct w365_err err;

		for (unsigned k = 0; k < bounds[i].times; k++)
			w365_buf_adds(&text, bounds[i].piece);
		w365_buf_adds(&text, bounds[i].end);
		CHECK(bounds[i].why, (sim_filter_parse(text.data, &set.columns, SIM_BETA, &f,
						       &err) == 0) == bounds[i].want);
		sim_filter_free(f);
	}
}

static void check_versions(void)
{
	struct sim_filter *f = NULL;
	struct w365_err err;
	int column = sim_column_find(&set.columns, W365_SPAN("disasterRecoveryCapability"));

	CHECK("v1.0 has no status",
	      sim_filter_parse("status eq 'failed'", &set.columns, SIM_V1, &f, &err) < 0);
	CHECK("but a name",
	      sim_filter_parse("displayName eq 'x'", &set.columns, SIM_V1, &f, &err) == 0);
	CHECK("nothing inside is asked for", sim_filter_inside(f) == 0);
	f = sim_filter_free(f);
	CHECK("a path goes inside",
	      sim_filter_parse("disasterRecoveryCapability/capabilityType eq 'failover'",
			       &set.columns, SIM_BETA, &f, &err) == 0);
	CHECK("and that is known", sim_filter_inside(f) == (uint64_t)1 << column);
	sim_filter_free(f);
}

int main(void)
{
	struct sim_item *item;
	struct w365_err err;

	sim_set_init(&set, sim_resource_find("cloudPCs"));
	if (!CHECK("the item is read",
		   sim_item_verbatim(&set, W365_SPAN(item_text), &item, &err) == 0))
		return check_summary();
	check_meanings(item);
	check_refusals();
	check_bounds();
	check_versions();
	sim_set_done(&set);
	return check_summary();
}
