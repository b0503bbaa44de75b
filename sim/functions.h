/* sim/functions.h - GET of functions. */
#pragma once

#include "sim/graph.h"

/** Answers one. False: it is not served yet. */
bool sim_function(struct sim_call *c);
