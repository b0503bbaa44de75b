/* graph/register-steps.h - the requests of a registration, one by one: for graph/register.c alone. */
#pragma once

#include "base/json.h"
#include "graph/register.h"

#define GRAPH_REGISTER_PERMISSIONS 5

/** In the order of going; what looks comes before what it decides on. */
enum graph_register_phase {
	PHASE_RESOURCE,
	PHASE_FIND,
	PHASE_LIKELY,
	PHASE_CREATE,
	PHASE_SETTLE,
	PHASE_UPDATE,
	PHASE_FIND_PRINCIPAL,
	PHASE_CREATE_PRINCIPAL,
	PHASE_SETTLE_PRINCIPAL,
	PHASE_KEYS,
	PHASE_ADD_KEY,
	PHASE_FEDERATED,
	PHASE_ADD_FEDERATED,
	PHASE_SECRET_LOOK,
	PHASE_SECRET_REMOVE,
	PHASE_SECRET,
	PHASE_GRANTS,
	PHASE_GRANT,
	PHASE_GRANT_MORE,
	PHASE_ROLES,
	PHASE_ROLE,
	PHASE_REMOVE,
	PHASE_DONE,
};

struct graph_register {
	const struct graph_register_plan *plan;
	struct graph_register_result result;
	enum graph_register_phase phase, furthest;
	struct w365_buf path, body;
	struct w365_json json;

	/* Of a list that comes in pages: the items so far with commas between, and where it goes on. */
	struct w365_buf items, link;
	unsigned pages;

	/* Waiting for the directory: since the last step ahead. */
	uint64_t wait, waited;
	unsigned holds, losses;
	bool lost; /* the answer to the write that PHASE looks for */
	bool new_application, new_principal;
	unsigned seen; /* how often in a row the new object was */

	/* What was seen. */
	char resource[40]; /* object id of Graph's own service principal */
	struct {
		char scope[40], role[40];
	} ids[GRAPH_REGISTER_PERMISSIONS];
	bool has_role[GRAPH_REGISTER_PERMISSIONS];
	bool tagged;                         /* the application is one of ours */
	struct w365_buf required, redirects; /* JSON of what has to be written; empty: nothing */
	bool add_fallback, add_audience;
	struct w365_buf keys; /* JSON: the certificates that are there, with commas between them */
	char stray_secret[40];
	char grant[128];
	struct w365_buf scope; /* all that shall be granted; empty: nothing is missing */
};

/** What must be known everywhere before the request can succeed. */
enum graph_register_needs { NEEDS_NOTHING, NEEDS_APPLICATION, NEEDS_PRINCIPAL };

struct graph_register_row {
	const char *method;
	bool (*wanted)(const struct graph_register *g); /* NULL: always */

	/** Reads the answer (g->json, if @json) and moves on. */
	int (*take)(struct graph_register *g, struct w365_err *reterr);

	bool json;                      /* the answer has a body that matters */
	enum graph_register_phase look; /* of a write: what shows whether it was carried out */
	enum graph_register_needs needs;
	bool consents;
	const char *takes; /* the role and the scope that it takes */
};

extern const struct graph_register_row graph_register_rows[PHASE_DONE];

/** Waits a little, unless it has waited @limit_ms in all. */
bool graph_register_hold(struct graph_register *g, uint64_t limit_ms);

/** Writes g->path and g->body of the phase at hand: graph/register-request.c. */
void graph_register_path(struct graph_register *g);
void graph_register_body(struct graph_register *g);

/** The next application permission that is missing, or -1. */
int graph_register_missing_role(const struct graph_register *g);

/** Whether permission @i is wanted: of a person (scope), of an application (role). */
bool graph_register_wants(const struct graph_register_plan *plan, unsigned i, bool role);
extern const char *const graph_register_names[GRAPH_REGISTER_PERMISSIONS];

/* graph/register-read.c: what the answers say. */
int graph_register_read_resource(struct graph_register *g, struct w365_err *reterr);

/** The application at node @item becomes the one at hand, with what is missing in it. -EPROTO,
 * -ENOMEM. */
int graph_register_adopt(struct graph_register *g, uint32_t item, struct w365_err *reterr);
void graph_register_read_keys(struct graph_register *g);
void graph_register_read_grants(struct graph_register *g);
void graph_register_read_roles(struct graph_register *g);

/** Copies an id. -EPROTO if node @at is no GUID. */
int graph_register_read_id(const struct graph_register *g, uint32_t at, char out[40],
			   struct w365_err *reterr);

/** Whether the string of node @at is @text. */
bool graph_register_is(const struct graph_register *g, uint32_t at, const char *text);

/** The member @key of the array "value" whose member @name is @text; 0: none. */
uint32_t graph_register_among(const struct graph_register *g, uint32_t array, const char *name,
			      const char *text);
