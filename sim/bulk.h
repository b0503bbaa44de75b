/* sim/bulk.h - bulk actions: one remote action on many Cloud PCs. */
#pragma once

#include "sim/write.h"

struct sim_remote;

/** How far a bulk action is with one of its Cloud PCs. */
enum sim_bulk_state { SIM_B_PENDING, SIM_B_RUNNING, SIM_B_DONE, SIM_B_FAILED, SIM_B_UNSUPPORTED };

struct sim_bulk {
	char id[37];
	const struct sim_remote *remote;
	char argument[160]; /* of the remote action */
	char (*pcs)[64];
	enum sim_bulk_state *states;
	size_t count;
	struct sim_bulk *next;
};

/** Refuses what cannot be meant. */
bool sim_bulk_allow(struct sim_change *c);

/** A bulk action was made: begins it. */
void sim_bulk_after(struct sim_change *c);

/** One of its remote actions is over. An empty or unknown @bulk is fine. */
void sim_bulk_report(struct sim *s, const char *bulk, const char *pc, bool good);

void sim_bulks_done(struct sim_bulk *first);
