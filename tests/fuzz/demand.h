/* tests/fuzz/demand.h - what the fuzzers share: a fault is an abort, which libFuzzer reports with the input. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void demand(bool yes)
{
	if (!yes)
		abort();
}
