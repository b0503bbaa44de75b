#include "sim/message.h"

#include <stdlib.h>

void sim_reply_header(struct sim_reply *r, const char *name, const char *value)
{
	char *copy = r->header_count < SIM_MAX_HEADERS ? strdup(value) : NULL;

	if (copy)
		r->headers[r->header_count++] = (struct sim_header){ name, copy };
}

const char *sim_reply_get(const struct sim_reply *r, const char *name)
{
	for (unsigned i = 0; i < r->header_count; i++)
		if (strcasecmp(r->headers[i].name, name) == 0)
			return r->headers[i].value;
	return NULL;
}

void sim_reply_reset(struct sim_reply *r)
{
	for (unsigned i = 0; i < r->header_count; i++)
		free(r->headers[i].value);
	w365_buf_done(&r->body);
	*r = (struct sim_reply){ 0 };
}
