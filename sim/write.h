/* sim/write.h - what creating, changing and removing share with the rules of single collections. */
#pragma once

#include "sim/graph.h"
#include "sim/payload.h"
#include "sim/row.h"

/** A write on its way. */
struct sim_change {
	struct sim_call *call;
	enum sim_method_kind kind;
	struct sim_set *set;
	const char *parent;         /* id of the item that the new one belongs to, or NULL */
	const struct sim_item *old; /* NULL: it is made */
	const struct sim_type *type;
	const struct w365_json *json; /* the body, checked against the type; NULL of a removal */
	struct sim_row *row;          /* NULL of a removal */
	char id[256];
};

/** What the table does not say of a collection. All may be NULL. */
struct sim_rule {
	const char *collection;
	/** Writes what the service sets in a new item; what was sent comes on top of it. */
	void (*fill)(struct sim_change *c);
	/** False, and answered, if the service refuses. The row is not filled yet. */
	bool (*allow)(struct sim_change *c);
	/** Called when the row is complete but for the dates: what follows from what was sent. */
	void (*follow)(struct sim_change *c);
	/** Called when it has happened. */
	void (*after)(struct sim_change *c);
	bool bodiless; /* the answer to a creation has no body */
};

/** NULL if there is nothing to say. */
const struct sim_rule *sim_rule_of(const struct sim_resource *resource);

/** The body's member @name, or 0. */
uint32_t sim_change_get(const struct sim_change *c, const char *name);

/** Its string, decoded, into @out; "" if there is none. */
const char *sim_change_str(const struct sim_change *c, const char *name, struct w365_buf *out);

/** Changes an item as @edit writes into its row, and its date. False if there is no memory. */
bool sim_item_change(struct sim *s, struct sim_set *set, size_t position,
		     void (*edit)(struct sim_row *row, void *arg), void *arg);

/** Writes the date of a change into "lastModifiedDateTime" if the collection has one: later than
 * @old's and than any other that was written. */
void sim_row_stamp(struct sim *s, struct sim_row *row, const struct sim_item *old);

/** Removes what belongs to the item @id: "NAME/assignments". */
void sim_remove_children(struct sim *s, const struct sim_set *set, const char *id);

/** Who calls: a user principal name, or an application's id. Borrowed. */
const char *sim_caller_name(const struct sim_call *c);

/** The text of a string column of @item, decoded into @out. "" if it is null. */
const char *sim_item_str(const struct sim_set *set, const struct sim_item *item, const char *name,
			 struct w365_buf *out);
