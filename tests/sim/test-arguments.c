/* The parameters of functions: read, and checked by the table. */
#include "base/macros.h"
#include "sim/arguments.h"
#include "tests/lib/check.h"

static const struct {
	const char *why, *operation, *segment;
	const char *says;  /* a part of what is said against it; NULL: nothing */
	const char *value; /* of the operation's first parameter */
} cases[] = {
	{ "none where none is", "retrieveSnapshots", "retrieveSnapshots", NULL, NULL },
	{ "empty parentheses", "retrieveSnapshots", "retrieveSnapshots()", NULL, NULL },
	{ "one", "getStorageAccounts", "getStorageAccounts(subscriptionId='a')", NULL, "a" },
	{ "its name in any case", "getStorageAccounts", "GETSTORAGEACCOUNTS(subscriptionId='a')",
	  NULL, "a" },
	{ "an empty one", "getStorageAccounts", "getStorageAccounts(subscriptionId='')", NULL, "" },
	{ "a quote", "getStorageAccounts", "x(subscriptionId='it''s')", NULL, "it's" },
	{ "quotes alone", "getStorageAccounts", "x(subscriptionId='''''')", NULL, "''" },
	{ "what looks like more", "getStorageAccounts", "x(subscriptionId='a'',b=''(c)')", NULL,
	  "a',b='(c)" },
	{ "a space before a name", "getProvisionedCloudPCs", "x(groupId='a', servicePlanId='b')",
	  NULL, "a" },
	{ "two, the other way round", "getProvisionedCloudPCs", "x(servicePlanId='b',groupId='a')",
	  NULL, "a" },
	{ "a member", "retrieveOrganizationActionDetail", "x(actionType='activate')", NULL,
	  "activate" },
	{ "one is missing", "getProvisionedCloudPCs", "x(groupId='a')", "'servicePlanId'", NULL },
	{ "all are missing", "getProvisionedCloudPCs", "getProvisionedCloudPCs", "'groupId'",
	  NULL },
	{ "an unknown one", "retrieveSnapshots", "x(a='b')", "'a' is no parameter", NULL },
	{ "in another case", "getStorageAccounts", "x(SubscriptionId='a')", "'SubscriptionId'",
	  NULL },
	{ "twice", "getStorageAccounts", "x(subscriptionId='a',subscriptionId='b')", "twice",
	  NULL },
	{ "without quotes", "getStorageAccounts", "x(subscriptionId=a)", "cannot be read", NULL },
	{ "a number", "getStorageAccounts", "x(subscriptionId=1)", "cannot be read", NULL },
	{ "null", "getStorageAccounts", "x(subscriptionId=null)", "cannot be read", NULL },
	{ "no value", "getStorageAccounts", "x(subscriptionId)", "cannot be read", NULL },
	{ "no end of the text", "getStorageAccounts", "x(subscriptionId='a)", "cannot be read",
	  NULL },
	{ "no end", "getStorageAccounts", "x(subscriptionId='a'", "cannot be read", NULL },
	{ "more behind it", "getStorageAccounts", "x(subscriptionId='a')b", "cannot be read",
	  NULL },
	{ "no comma", "getProvisionedCloudPCs", "x(groupId='a'servicePlanId='b')", "cannot be read",
	  NULL },
	{ "a comma too many", "getStorageAccounts", "x(subscriptionId='a',)", "cannot be read",
	  NULL },
	{ "only a parenthesis", "retrieveSnapshots", "retrieveSnapshots(", "cannot be read", NULL },
	{ "no member", "retrieveOrganizationActionDetail", "x(actionType='explode')", "'explode'",
	  NULL },
	{ "a member in another case", "retrieveOrganizationActionDetail",
	  "x(actionType='Activate')", "'Activate'", NULL },
	{ "no value at all", "retrieveOrganizationActionDetail",
	  "x(actionType='unknownFutureValue')", "no member", NULL },
};

static const struct sim_operation *find(const char *name)
{
	for (size_t i = 0; i < sim_operation_count; i++)
		if (w365_streq(sim_operations[i].name, name))
			return &sim_operations[i];
	return NULL;
}

int main(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct sim_operation *o = find(cases[i].operation);
		struct sim_arguments a = { 0 };
		struct w365_err err = { 0 };
		int r = sim_arguments_read(cases[i].segment, o, SIM_BETA, &a, &err);

		CHECK_INT(cases[i].why, r < 0, cases[i].says != NULL);
		if (cases[i].says && !CHECK(cases[i].why, strstr(err.msg, cases[i].says)))
			check_show("said", err.msg);
		if (cases[i].value)
			CHECK_STR(cases[i].why, sim_arguments_get(&a, o->params[0].name),
				  cases[i].value);
		CHECK_STR(cases[i].why, sim_arguments_get(&a, "nobody's"), "");
		sim_arguments_done(&a);
	}
	return check_summary();
}
