/* sim/rng.h - numbers that look random and are always the same for the same seed. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct sim_rng {
	uint64_t state;
};

/** Numbers of the thing @index of the kind @domain: they do not depend on what else was made, or
 * when. */
struct sim_rng sim_rng(uint64_t seed, const char *domain, uint64_t index);

uint64_t sim_rng_next(struct sim_rng *r);

/** 0 .. n-1; @n is not 0. */
unsigned sim_rng_below(struct sim_rng *r, unsigned n);

/** @low .. @high. */
int sim_rng_between(struct sim_rng *r, int low, int high);

bool sim_rng_percent(struct sim_rng *r, unsigned percent);

/** One of an array's elements. */
#define SIM_PICK(rng, array) ((array)[sim_rng_below((rng), ARRAY_SIZE(array))])

/** A GUID that looks like a version 4 one. */
void sim_rng_guid(struct sim_rng *r, char out[37]);

/** The one GUID of the thing @index of the kind @domain. Returns @out. */
const char *sim_guid(uint64_t seed, const char *domain, uint64_t index, char out[37]);
