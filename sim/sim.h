/* sim/sim.h - a simulator: a tenant, its directory, and what the hooks have done to them. */
#pragma once

#include <stdio.h>
#include <time.h>

#include "sim/course.h"
#include "sim/directory.h"
#include "sim/fault.h"
#include "sim/identity.h"
#include "sim/limit.h"
#include "sim/log.h"
#include "sim/message.h"
#include "sim/notes.h"
#include "sim/result.h"
#include "sim/session.h"
#include "sim/store.h"
#include "sim/tenant.h"

struct sim_bulk;
struct sim_report;

/** The rows of the report that was asked for last, as long as nothing has changed since: who reads it
 * page by page does not have it made for every page. */
struct sim_report_rows {
	const struct sim_report *report; /* NULL: none */
	uint64_t changes;                /* of the whole tenant, when they were made */
	struct sim_set rows;
};

/** What is fixed at the start. The strings are borrowed and outlive the simulator. */
struct sim_config {
	uint64_t seed;
	size_t cloud_pcs;
	time_t today;     /* what the tenant's dates are counted from */
	const char *base; /* "https://127.0.0.1:8443": how the outside calls this simulator */
	const char *roles, *client_cert;
	const char *arc_keys; /* directory for the key files of Azure Arc; NULL: no Arc */
	uint64_t page_size, latency_ms;
	uint64_t speed; /* of what goes on after an answer; 0: it stands */
	bool gzip, odd;
};

struct sim {
	struct sim_config config;
	struct sim_tenant tenant;
	struct sim_identity identity;
	struct sim_directory directory;
	struct sim_sessions sessions;
	struct sim_set *sets; /* one a resource, filled when first asked for */
	struct sim_faults faults;
	struct sim_log log;
	struct sim_limit limit;
	struct sim_courses courses;
	struct sim_results results;
	struct sim_notes notes;
	struct sim_bulk *bulks;
	struct sim_report_rows report;
	int64_t clock_ahead; /* seconds that the simulator's idea of now is ahead */
	uint64_t page_size, latency_ms;
	bool odd;         /* sim/odd.h */
	uint64_t made;    /* things that clients have made so far */
	uint64_t stamped; /* the newest date that was given to a change, in units of 100 ns */
	/* Whoever holds requests back: told when all faults are cleared. */
	void (*on_clear)(void *arg);
	void *on_clear_arg;
};

/** Errors: as sim_identity_init(); -ENOMEM. */
int sim_init(struct sim *s, const struct sim_config *config, struct w365_err *reterr);
void sim_done(struct sim *s);

/** The simulator's idea of now. */
time_t sim_now(const struct sim *s);

/** The date of a change that happens now: later than @after (units of 100 ns) and than every other
 * that was given. Returns @out. */
const char *sim_stamp(struct sim *s, uint64_t after, char out[40]);

/** A new opaque id of a grant: letters, digits, '-' and '_'. */
void sim_object_key(struct sim *s, char out[48]);

/** The items behind a resource; "users/cloudPCs" are those of "cloudPCs". NULL if there is no
 * memory. */
struct sim_set *sim_set_of(struct sim *s, const struct sim_resource *resource);

/** Answers a request to Entra ID or Graph as the services would, without any fault. */
void sim_answer(struct sim *s, const struct sim_request *req, struct sim_reply *reply);

/** Is it for Graph? Else for Entra ID. */
bool sim_is_graph(const struct sim_request *req);

/** Answers a request to "/_sim/..."; a scenario's lines come here too. */
void sim_hook(struct sim *s, const struct sim_request *req, struct sim_reply *reply);

/** The hooks, a line each, for --help. */
void sim_hook_help(FILE *f);

/** Is it for a hook? */
bool sim_is_hook(const struct sim_request *req);
