/* sim/store.h - the tenant's things: per collection an array of items, each kept as the JSON that
 * is sent. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "sim/api.h"

/** A set of columns is one 64 bit mask. */
#define SIM_MAX_COLUMNS 64

/**
 * The properties that items of one type can have, in the order in which they are sent: the type's
 * own, then those of the types derived from it. Where the type has derived ones, column 0 is
 * "@odata.type".
 */
struct sim_columns {
	const struct sim_type *type;
	const struct sim_prop *props[SIM_MAX_COLUMNS];
	uint16_t key_len[SIM_MAX_COLUMNS]; /* of "name": with quotes and colon */
	size_t count;
	bool polymorphic;
	/* [is it beta][are unknown members asked for]: the columns whose values then may not be
	 * sent as they are. */
	uint64_t varying[2][2];
};

/** Where a value stands in the item's text; len 0: the item has no such member. */
struct sim_cell {
	uint32_t at, len;
};

/**
 * An item. @text is its members without the braces, as "name":value,... in the order of the
 * columns; of a verbatim one it is the whole object, as it was given.
 */
struct sim_item {
	const char *text;
	uint32_t len;
	uint32_t extra_at, extra_len; /* the members that the metadata does not know, without a
					 leading comma */
	const char *parent;           /* id of the item it belongs to, or NULL */
	bool verbatim;                /* sent as it was given, whatever is selected */
	bool touched; /* changed by a hook: its unknown members are sent even when others are
			 selected */
	bool sparse;  /* some column is missing */
	struct sim_cell cells[]; /* one a column */
};

/** The items of one collection, in the order in which they are listed. */
struct sim_set {
	const struct sim_resource *resource;
	struct sim_columns columns;
	struct sim_item **items;
	size_t count, cap;
	struct w365_arena arena; /* the items and their texts */
	bool built;
	uint64_t changes; /* so many so far */
	uint32_t *index;  /* id to position; made when first asked, dropped at every change */
	size_t index_size;
};

static inline struct w365_span sim_item_value(const struct sim_item *item, size_t column)
{
	return (struct w365_span){ item->text + item->cells[column].at, item->cells[column].len };
}

/** The column's number, or -1. */
int sim_column_find(const struct sim_columns *c, struct w365_span name);

void sim_set_init(struct sim_set *s, const struct sim_resource *resource);
void sim_set_done(struct sim_set *s);

/** Appends; the item is in the set's arena. False if there is no memory. */
bool sim_set_add(struct sim_set *s, struct sim_item *item);

/** The same before all others. */
bool sim_set_add_first(struct sim_set *s, struct sim_item *item);

void sim_set_remove(struct sim_set *s, size_t position);
/** @item, of the same id, takes the place and the parent of the one that is there. */
void sim_set_replace(struct sim_set *s, size_t position, struct sim_item *item);

void sim_set_truncate(struct sim_set *s, size_t keep);

/** To be called after items[] was changed from outside. */
void sim_set_changed(struct sim_set *s);

/**
 * Position of the item with that id (of two, the later) and, if @parent is not NULL, of that
 * parent; -1 if there is none.
 */
ptrdiff_t sim_set_find(struct sim_set *s, const char *id, const char *parent);

/** The id of an item, decoded, in @buf; false if it has none or one too long. */
bool sim_item_id(const struct sim_set *s, const struct sim_item *item, char buf[256]);
