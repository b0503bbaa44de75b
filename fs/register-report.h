/* fs/register-report.h - what 'w365fs register' says in the end. */
#pragma once

#include <stdbool.h>

#include "base/json-write.h"
#include "graph/register.h"

/** All borrowed; NULL or "" where there is none. */
struct fs_register_report {
	const struct graph_register_plan *plan;
	const struct graph_register_result *result;
	const char *tenant, *consent_url, *secret_file, *certificate_file, *config;
	bool secret_kept;     /* the file held one before */
	bool default_tenant;  /* the one that the configuration names */
	const char *requests; /* of a dry run: JSON, the inside of an array; NULL: it was none */
};

void fs_register_report_text(const struct fs_register_report *r);
void fs_register_report_json(const struct fs_register_report *r);
