/* sim/view.h - an item as one request is to see it: version, selection, enumeration members,
 * expansion. */
#pragma once

#include "sim/store.h"

struct w365_buf;

struct sim_view {
	const struct sim_set *set;
	enum sim_version version;
	bool unknown_members; /* Prefer: include-unknown-enum-members */
	bool selected;        /* $select was given */
	uint64_t columns;     /* those to be sent */
	uint64_t nulls;       /* of these, the ones sent as null whatever their value is */
	uint64_t projected;   /* of these, the ones whose values may not be copied as they are */
	struct {
		uint8_t first, last;
	} runs[SIM_MAX_COLUMNS]; /* neighbouring columns that are copied in one piece */
	unsigned run_count;
	const struct sim_view *expand; /* of the items that belong to this one, or NULL */
	const char *context; /* then: "BASE/VERSION/$metadata#PATH" of this one's collection */
};

/** The columns that come without $select. */
uint64_t sim_view_default(const struct sim_columns *c, enum sim_version version);

/** To be called when version, unknown_members, columns and nulls are filled in. */
void sim_view_prepare(struct sim_view *v);

/** Appends the item's members, without braces. */
void sim_view_members(const struct sim_view *v, const struct sim_item *item, struct w365_buf *out);

/** Appends the item as an object. */
void sim_view_item(const struct sim_view *v, const struct sim_item *item, struct w365_buf *out);

/**
 * Appends the JSON value @raw of a property of @type (a collection's element types are the same) as
 * @version has it: without the members that it lacks, and with enumeration members that the caller
 * cannot know as unknownFutureValue.
 */
void sim_project(struct w365_span raw, const struct sim_type *type, enum sim_version version,
		 bool unknown_members, struct w365_buf *out);
