#include "sim/report-rows.h"

#include <stdio.h>

#include "sim/remote.h"
#include "sim/write.h"

bool sim_report_pc_at(struct sim *s, const struct sim_set *set, size_t position,
		      struct sim_report_pc *ret)
{
	_cleanup_(w365_buf_done) struct w365_buf device = W365_BUF;
	const struct sim_item *item = set->items[position];

	*ret = (struct sim_report_pc){ .sim = s, .set = set, .position = position };
	if (!sim_item_id(set, item, ret->id))
		return false;
	ret->rng = sim_rng(s->config.seed, "report", w365_hash(ret->id, strlen(ret->id), 0));
	ret->exists = *sim_item_str(set, item, "aadDeviceId", &device);
	return true;
}

bool sim_each_pc(struct sim *s, struct sim_row *row, sim_pc_rows_fn *fn)
{
	const struct sim_set *set = sim_pcs(s);
	struct sim_report_pc pc;

	for (size_t i = 0; set && i < set->count; i++)
		if (sim_report_pc_at(s, set, i, &pc) && !fn(&pc, row))
			return false;
	return set != NULL;
}

void sim_row_copy(struct sim_row *row, const char *to, const struct sim_report_pc *pc,
		  const char *from)
{
	int column = sim_column_find(&pc->set->columns, (struct w365_span){ from, strlen(from) });
	struct w365_span raw = sim_item_value(pc->set->items[pc->position], (size_t)column);

	if (raw.len)
		sim_row_raw(row, to, raw);
}

void sim_row_pc(struct sim_row *row, const struct sim_report_pc *pc)
{
	sim_row_str(row, "CloudPcId", pc->id);
	sim_row_copy(row, "ManagedDeviceName", pc, "managedDeviceName");
	sim_row_copy(row, "UserPrincipalName", pc, "userPrincipalName");
}

void sim_row_double(struct sim_row *row, const char *name, double v)
{
	char text[40];

	snprintf(text, sizeof(text), "%.12g", v);
	if (!strpbrk(text, ".e"))
		strcat(text, ".0");
	w365_jw_raw(sim_row_value(row, name), text);
}

double sim_usage(const struct sim_report_pc *pc, unsigned days_ago)
{
	struct sim_rng r = sim_rng(pc->rng.state, "usage", days_ago);

	/* In seconds, so that what the days add up to is the sum in every program. */
	return sim_rng_percent(&r, 30) ? 0 : sim_rng_between(&r, 120, 36000) / 3600.0;
}

bool sim_has_issue(const struct sim_report_pc *pc, const char *kind, unsigned percent)
{
	struct sim_rng r = sim_rng(pc->rng.state, kind, 0);

	return pc->exists && sim_rng_percent(&r, percent);
}

int sim_count_issues(struct sim *s, const char *kind, unsigned percent)
{
	const struct sim_set *set = sim_pcs(s);
	struct sim_report_pc pc;
	int n = 0;

	for (size_t i = 0; set && i < set->count; i++)
		n += sim_report_pc_at(s, set, i, &pc) && sim_has_issue(&pc, kind, percent);
	return n;
}
