/* sim/batch.h - POST /$batch: up to twenty requests in one. */
#pragma once

#include "sim/graph.h"

/** Answers it. */
void sim_batch(struct sim_call *c);
