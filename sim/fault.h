/* sim/fault.h - failures to order: which requests get which, and what becomes of the answer. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"
#include "sim/form.h"
#include "sim/message.h"

struct sim;

enum sim_fault_kind {
	SIM_FAULT_STATUS,
	SIM_FAULT_DROP,
	SIM_FAULT_CUT,
	SIM_FAULT_DELAY,
	SIM_FAULT_STALL,
	SIM_FAULT_HTML,
	SIM_FAULT_TRUNCATE,
	SIM_FAULT_BODY,
	SIM_FAULT_LINK,
	SIM_FAULT_BIG,
	SIM_FAULT_UNAUTHORIZED,
	SIM_FAULT_CLAIMS,
	SIM_FAULT_OAUTH,
};

/** One ordered fault. Counted, because a request that is held back still refers to it when it is
 * cleared. */
struct sim_fault {
	unsigned refs;
	enum sim_fault_kind kind;
	bool graph_only;
	struct sim_form form;  /* the parameters it was ordered with */
	const char *match;     /* "" matches all */
	uint64_t skip, times;  /* times 0: until cleared */
	uint64_t passed, hits; /* matching requests let through first; faults dealt out */
	int status;
	unsigned aadsts;
	uint64_t ms, size;
	bool chunked;
	bool after; /* the answer is spoiled, not the work: that is done */
	struct w365_buf body;
	struct sim_fault *next;
};

/** In the order in which they were ordered. Zero-initialised is empty. */
struct sim_faults {
	struct sim_fault *first;
};

/**
 * Orders a fault from the parameters of POST /_sim/fault (or, if @throttle, of /_sim/throttle).
 *
 * Owner:  the pairs move out of @form, the bytes out of @body.
 * Errors: -EINVAL with a sentence; -ENOMEM.
 */
int sim_fault_order(struct sim_faults *f, bool throttle, struct sim_form *form,
		    struct w365_buf *body, struct w365_err *reterr);

/** The fault that this request gets, or NULL; counted as dealt out. The caller owns a reference. */
struct sim_fault *sim_fault_pick(struct sim_faults *f, const struct sim_request *req, bool graph);

/** The same for a request inside a batch: only faults that answer in the service's place. */
struct sim_fault *sim_fault_pick_reply(struct sim_faults *f, const struct sim_request *req);

/** NULL is fine. Returns NULL. */
struct sim_fault *sim_fault_unref(struct sim_fault *f);

void sim_faults_clear(struct sim_faults *f);

/** The kinds, a line each, for --help. */
void sim_fault_help(FILE *f);

/** Appends the list as JSON. */
void sim_faults_write(const struct sim_faults *f, struct w365_buf *out);

/** Writes the fault's own answer; false if this kind lets the service answer. */
bool sim_fault_reply(const struct sim_fault *f, struct sim *s, const struct sim_request *req,
		     struct sim_reply *reply);

/** Spoils the service's answer, for the kinds that do. */
void sim_fault_spoil(const struct sim_fault *f, struct sim_reply *reply);
