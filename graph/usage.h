/* graph/usage.h - what a person is told of a verb: all of it from the catalogue. Pure. */
#pragma once

#include "graph/action.h"

struct w365_buf;

/** Appends what a line of it looks like: "TARGET [osVersion=windows10|windows11] confirm=TARGET".
 */
void graph_usage_synopsis(struct w365_buf *out, const struct graph_action *a,
			  enum graph_version version);

/**
 * Appends what its control file says of it: what it does, how a line looks, what its parameters are,
 * how dangerous it is, the permission it needs. Every line begins with "# ", so that the text written
 * back does nothing.
 */
void graph_usage_text(struct w365_buf *out, const struct graph_action *a,
		      enum graph_version version);

/** Appends a row of a Markdown table: the control file, its lines, how dangerous, what it does. */
void graph_usage_row(struct w365_buf *out, const struct graph_action *a,
		     enum graph_version version);

/**
 * Appends, where it makes a new item that can be of several types, a line for each of these: @lead,
 * "cloudPcBulkResize (disruptive): targetServicePlanId=TEXT". Nothing for others.
 */
void graph_usage_types(struct w365_buf *out, const struct graph_action *a,
		       enum graph_version version, const char *lead);

/** Appends the path of its control file in the mount: "cloudPCs/actions/reboot". */
void graph_usage_path(struct w365_buf *out, const struct graph_action *a);
