/* sim/log.h - what was asked of the simulator: counted exactly, and the last ten thousand requests
 * in full. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct sim_request;
struct w365_buf;

#define SIM_LOG_MAX 10000

struct sim_log_entry {
	char *json; /* all members but status and bytes */
	int status; /* 0: not answered yet, or never */
	uint64_t bytes;
};

struct sim_log_count {
	char *key; /* "GET /beta/..." */
	uint64_t count;
};

/** Zero-initialise, but for start_ms. */
struct sim_log {
	uint64_t start_ms;  /* what "time_ms" is counted from: w365_now_ms() of the start */
	uint64_t forgotten; /* entries before the last reset */
	uint64_t total, graph, entra;
	uint64_t entries;           /* the requests, and those inside batches */
	struct sim_log_entry *ring; /* entry n is in slot (n - 1) % SIM_LOG_MAX */
	struct sim_log_count *counts;
	size_t count_used, count_cap;
	uint32_t *index; /* hash to counts[] */
	size_t index_size;
};

/**
 * Notes a request that has come; never its Authorization header, and a body only if it is for Graph.
 * Returns its ticket for sim_log_end().
 */
uint64_t sim_log_begin(struct sim_log *l, const struct sim_request *req, bool graph);

/** Notes one of the requests in the batch whose ticket is @batch: counted by its address, but not
 * among the requests that have come. */
uint64_t sim_log_inner(struct sim_log *l, const struct sim_request *req, uint64_t batch);

/** Notes its answer, unless the log was reset or has forgotten the request meanwhile. */
void sim_log_end(struct sim_log *l, uint64_t ticket, int status, uint64_t bytes);

/** Appends a query or form with the values of secrets left out: codes, tokens, passwords. */
void sim_log_redact(struct w365_span query, struct w365_buf *out);

/** Appends a body as a JSON value: itself, with "..." for what is secret in it; a string if it is no
 * JSON. */
void sim_log_body(struct w365_span body, struct w365_buf *out);

/** Appends the log as JSON; without the single requests if @counts_only. */
void sim_log_write(const struct sim_log *l, bool counts_only, struct w365_buf *out);

/** Forgets everything; the requests' numbers begin at 1 again. */
void sim_log_reset(struct sim_log *l);
