/* graph/schema.h - what the catalogue knows of a family's items as a JSON Schema, for editors. Pure.
 *
 * Draft 2020-12. It describes an item as its file shows it. Where a person writes, it is as strict
 * as saving is: other properties and other members of an enum are errors, since they would be
 * refused. Where only the service writes, it may say what it wants: members of an enum are examples
 * there, and further properties are welcome, as they are in types that are known to come with more
 * than is described. Nothing is required at the top, for what is left out of an item stays as it is.
 */
#pragma once

#include "graph/catalogue.h"

struct w365_buf;

/** Appends the schema of @c's items in @version, as jq prints it, with a line break at its end. */
void graph_schema_write(const struct graph_collection *c, enum graph_version version,
			struct w365_buf *out);
