/* graph/query.h - the addresses of things: a collection with all that is documented for reading it
 * whole. Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "graph/catalogue.h"

struct w365_buf;

/**
 * Appends the path below the version, with its query: every property by $select and assignments by
 * $expand where that is documented; polymorphic families, and those without it, are read plain. Of
 * a collection that shows some items alone, those by $filter.
 *
 * @day: of a log, days since 1970; else ignored.
 * @plain: without $select and $filter. True is returned if there was one to leave out.
 */
bool graph_query_list(struct w365_buf *out, const struct graph_collection *c,
		      enum graph_version version, int64_t day, bool plain);

/** The same of a log's days from @from to @last. */
bool graph_query_days(struct w365_buf *out, const struct graph_collection *c,
		      enum graph_version version, int64_t from, int64_t last, bool plain);

/** The path of one item: "/deviceManagement/virtualEndpoint/cloudPCs/ID", the id percent-encoded.
 */
void graph_query_item(struct w365_buf *out, const struct graph_collection *c, const char *id,
		      size_t id_len);

/** The same with its query: everything that reading the whole collection would bring of it. */
void graph_query_get(struct w365_buf *out, const struct graph_collection *c,
		     enum graph_version version, const char *id, size_t id_len);

/** Appends "$select=" with every property of @t that a service can show. */
void graph_query_select(struct w365_buf *out, const struct graph_type *t,
			enum graph_version version);

/** The path of a request that tells by little whether Windows 365 may be read; of one's @own Cloud
 * PCs. Static. */
const char *graph_query_probe(bool own);
