/* sim/filter-tree.h - what the parser of $filter makes and its evaluator reads; of nobody else's
 * concern. */
#pragma once

#include "base/buf.h"
#include "base/json.h"
#include "sim/filter.h"
#include "sim/value.h"

#define SIM_FILTER_MAX_NODES 100 /* as Microsoft's library has it */
#define SIM_FILTER_MAX_PATH  8

enum sim_filter_op {
	SIM_F_OR,
	SIM_F_AND,
	SIM_F_NOT,
	SIM_F_TRUTH, /* a boolean operand by itself */
	SIM_F_EQ,
	SIM_F_NE,
	SIM_F_GT,
	SIM_F_GE,
	SIM_F_LT,
	SIM_F_LE,
	SIM_F_IN,
	SIM_F_CONTAINS,
	SIM_F_STARTSWITH,
	SIM_F_ENDSWITH,
};

struct sim_operand {
	bool is_path, lower;
	enum sim_value_kind kind;
	const struct sim_type *type; /* of a path; else NULL */
	bool collection;
	uint8_t column, depth;
	const struct sim_prop *path[SIM_FILTER_MAX_PATH]; /* inside the column */
	struct sim_value literal;
};

struct sim_filter_node {
	enum sim_filter_op op;
	uint8_t left, right; /* nodes, of or, and, not */
	struct sim_operand a, b;
	uint8_t list, list_count; /* of in: values[list ..] */
};

struct sim_filter {
	const struct sim_columns *columns;
	struct sim_filter_node nodes[SIM_FILTER_MAX_NODES];
	uint8_t count, root;
	struct sim_value values[SIM_FILTER_MAX_NODES];
	uint8_t value_count;
	uint64_t inside;
	char *text; /* the expression; strings are decoded inside it */
	/* For evaluating: */
	struct w365_json json;
	struct w365_buf scratch[2];
};
