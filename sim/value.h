/* sim/value.h - JSON values as $filter and $orderby compare them. */
#pragma once

#include <stdbool.h>
#include <time.h>

#include "base/str.h"
#include "sim/api.h"

struct w365_buf;

/** What a value is, for comparing. SIM_V_OTHER (a structure) can only be null or not. */
enum sim_value_kind {
	SIM_V_NULL,
	SIM_V_STRING,
	SIM_V_NUMBER,
	SIM_V_BOOL,
	SIM_V_TIME,
	SIM_V_DATE,
	SIM_V_OTHER,
};

struct sim_value {
	enum sim_value_kind kind;
	struct w365_span text; /* of a string: decoded */
	double number;         /* of a number; 0 or 1 of a bool */
	struct timespec time;  /* of a time or a date */
};

/** The kind that a property's values have when they are not null. */
enum sim_value_kind sim_value_kind(const struct sim_type *type);

/** Reads a date or a time; no value (year 1) is before all others. False if it is none. */
bool sim_value_time(struct w365_span text, bool date, struct timespec *ret);

/**
 * The JSON text @raw (a NUL follows it somewhere) as a value of @kind; null if it is none. A string
 * with escapes is decoded into @scratch and lives as long as that is left alone; without, it is a
 * part of @raw.
 */
struct sim_value sim_value_read(struct w365_span raw, enum sim_value_kind kind,
				struct w365_buf *scratch);

/** Makes the letters A to Z of a string small, in @scratch. */
void sim_value_lower(struct sim_value *v, struct w365_buf *scratch);

/** Order of two values of one kind; null is before all others. Strings go by their bytes. */
int sim_value_compare(const struct sim_value *a, const struct sim_value *b);
