/* sim/options.h - the command line, by one table. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "base/err.h"

/** The strings are those of argv. */
struct sim_options {
	const char *listen, *unix_path, *tls_cert, *tls_key, *env, *public_url, *scenario,
		*client_cert, *roles, *arc_keys;
	uint64_t cloud_pcs, seed, latency_ms, page_size, speed;
	time_t today;
	bool gzip, odd, quiet, help, version;
};

/** Errors: -EINVAL with a sentence. */
int sim_options_read(int argc, char **argv, struct sim_options *ret, struct w365_err *reterr);

/** The text of --help, on stdout. */
void sim_options_help(void);
