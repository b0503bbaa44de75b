/* sim/row.h - putting an item together, value by value. */
#pragma once

#include <time.h>

#include "base/buf.h"
#include "base/json-write.h"
#include "sim/store.h"

/**
 * Use one for many items: sim_row_begin(), values in any order (in the order of the columns it is
 * fastest), sim_row_finish(). A name that the collection does not have is a mistake of the caller:
 * abort().
 */
struct sim_row {
	struct sim_set *set;
	const struct sim_type *type;
	struct w365_buf values; /* in the order in which they came */
	struct sim_cell cells[SIM_MAX_COLUMNS];
	int open; /* the column whose value is being written, or -1 */
	size_t cursor;
	struct w365_buf extra;
	struct w365_jw json, extra_json;
};

void sim_row_init(struct sim_row *r, struct sim_set *set);
void sim_row_done(struct sim_row *r);

/** @type is the set's type or one derived from it. */
void sim_row_begin(struct sim_row *r, const struct sim_type *type);

/** Write one value of the column @name into what it returns (good until the next call). */
struct w365_jw *sim_row_value(struct sim_row *r, const char *name);

void sim_row_str(struct sim_row *r, const char *name, const char *s); /* NULL is null */
void sim_row_int(struct sim_row *r, const char *name, int64_t v);
void sim_row_bool(struct sim_row *r, const char *name, bool v);
void sim_row_null(struct sim_row *r, const char *name);
void sim_row_time(struct sim_row *r, const char *name, time_t t);
void sim_row_raw(struct sim_row *r, const char *name, struct w365_span json);

/** What the column @name has so far; empty if nothing. Good until the next value. */
struct w365_span sim_row_get(struct sim_row *r, const char *name);

/** Where members go that the metadata does not know: key and value. */
struct w365_jw *sim_row_extra(struct sim_row *r);

/** Takes over the cells and extra members of @item; to be changed and finished like a new one. */
void sim_row_load(struct sim_row *r, const struct sim_item *item);

/**
 * The item, in the set's arena, not added to it yet. What was not set is null, a collection empty;
 * members of derived types other than the item's are absent. NULL if there is no memory.
 */
struct sim_item *sim_row_finish(struct sim_row *r);

/** Finishes and adds to the set. @parent (copied) may be NULL. False if there is no memory. */
bool sim_row_add(struct sim_row *r, const char *parent);

/**
 * An item that is sent exactly as the JSON object @text. In the set's arena, not added to it yet.
 *
 * Errors: -EINVAL if it is no JSON object, with line and column; -ENOMEM.
 */
int sim_item_verbatim(struct sim_set *set, struct w365_span text, struct sim_item **ret,
		      struct w365_err *reterr);
