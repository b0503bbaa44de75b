#include "sim/value.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/time.h"

enum sim_value_kind sim_value_kind(const struct sim_type *type)
{
	switch (type->kind) {
	case SIM_STRING:
	case SIM_ENUM: return SIM_V_STRING;
	case SIM_INT32: return SIM_V_NUMBER;
	case SIM_BOOLEAN: return SIM_V_BOOL;
	case SIM_DATETIME: return SIM_V_TIME;
	case SIM_DATE: return SIM_V_DATE;
	default: return SIM_V_OTHER;
	}
}

bool sim_value_time(struct w365_span text, bool date, struct timespec *ret)
{
	char copy[W365_TIME_MAX];
	int64_t days;

	*ret = (struct timespec){ .tv_sec = INT64_MIN };
	if (text.len >= 10 && memcmp(text.p, "0001-01-01", 10) == 0)
		return date == (text.len == 10);
	if (!date)
		return w365_time_parse(text.p, text.len, ret);
	if (text.len >= sizeof(copy))
		return false;
	memcpy(copy, text.p, text.len);
	copy[text.len] = '\0';
	if (!w365_date_parse(copy, &days))
		return false;
	ret->tv_sec = (time_t)days * 86400;
	return true;
}

struct sim_value sim_value_read(struct w365_span raw, enum sim_value_kind kind,
				struct w365_buf *scratch)
{
	const struct sim_value null = { .kind = SIM_V_NULL };
	struct sim_value v = { .kind = kind };
	bool quoted = raw.len >= 2 && raw.p[0] == '"';
	struct w365_span inside = { raw.p + quoted, raw.len - 2 * quoted };

	if (!raw.len || raw.p[0] == 'n')
		return null;
	switch (kind) {
	case SIM_V_STRING:
		if (!quoted)
			return null;
		v.text = inside;
		if (memchr(raw.p, '\\', raw.len)) {
			w365_buf_reset(scratch);
			w365_json_decode(scratch, inside);
			v.text = (struct w365_span){ w365_buf_str(scratch), scratch->len };
		}
		break;
	case SIM_V_TIME:
	case SIM_V_DATE:
		if (!quoted || !sim_value_time(inside, kind == SIM_V_DATE, &v.time))
			return null;
		break;
	case SIM_V_NUMBER: v.number = strtod(raw.p, NULL); break;
	case SIM_V_BOOL: v.number = raw.p[0] == 't'; break;
	default: break;
	}
	return v;
}

void sim_value_lower(struct sim_value *v, struct w365_buf *scratch)
{
	if (v->kind != SIM_V_STRING)
		return;
	if (v->text.p != scratch->data) {
		w365_buf_reset(scratch);
		w365_buf_add(scratch, v->text.p, v->text.len);
		v->text = (struct w365_span){ w365_buf_str(scratch), scratch->len };
	}
	for (size_t i = 0; i < scratch->len; i++)
		if (scratch->data[i] >= 'A' && scratch->data[i] <= 'Z')
			scratch->data[i] += 'a' - 'A';
}

static int compare_strings(struct w365_span a, struct w365_span b)
{
	int c = memcmp(a.p, b.p, a.len < b.len ? a.len : b.len);

	return c ? c : (a.len > b.len) - (a.len < b.len);
}

int sim_value_compare(const struct sim_value *a, const struct sim_value *b)
{
	if (a->kind == SIM_V_NULL || b->kind == SIM_V_NULL)
		return (b->kind == SIM_V_NULL) - (a->kind == SIM_V_NULL);
	switch (a->kind) {
	case SIM_V_STRING: return compare_strings(a->text, b->text);
	case SIM_V_TIME:
	case SIM_V_DATE:
		if (a->time.tv_sec != b->time.tv_sec)
			return a->time.tv_sec < b->time.tv_sec ? -1 : 1;
		return (a->time.tv_nsec > b->time.tv_nsec) - (a->time.tv_nsec < b->time.tv_nsec);
	default: return (a->number > b->number) - (a->number < b->number);
	}
}
