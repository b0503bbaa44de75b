#include "sim/sim.h"

#include <stdlib.h>

#include "base/macros.h"
#include "base/time.h"
#include "sim/bulk.h"
#include "sim/entra.h"
#include "sim/graph.h"
#include "sim/jobs.h"
#include "sim/odd.h"
#include "sim/rng.h"

int sim_init(struct sim *s, const struct sim_config *config, struct w365_err *reterr)
{
	int r;

	*s = (struct sim){ .config = *config,
			   .page_size = config->page_size,
			   .latency_ms = config->latency_ms,
			   .sessions.device_wait = 5,
			   .log.start_ms = w365_now_ms() };
	r = sim_identity_init(&s->identity, config->seed, config->roles, config->client_cert,
			      reterr);
	if (r < 0)
		return r;
	sim_courses_init(&s->courses, config->speed);
	s->sets = calloc(sim_resource_count, sizeof(*s->sets));
	if (!s->sets || !sim_tenant_init(&s->tenant, config->seed, config->cloud_pcs, config->today,
					 s->identity.domain, s->identity.tenant)) {
		sim_done(s);
		return w365_err_oom(reterr);
	}
	for (size_t i = 0; i < sim_resource_count; i++)
		sim_set_init(&s->sets[i], &sim_resources[i]);
	r = sim_directory_init(s, reterr);
	if (r == 0 && config->odd)
		r = sim_odd(s, reterr);
	if (r < 0)
		sim_done(s);
	return r;
}

void sim_done(struct sim *s)
{
	for (size_t i = 0; s->sets && i < sim_resource_count; i++)
		sim_set_done(&s->sets[i]);
	free(s->sets);
	sim_set_done(&s->report.rows);
	sim_faults_clear(&s->faults);
	sim_log_reset(&s->log);
	sim_courses_done(&s->courses);
	sim_results_done(&s->results);
	sim_notes_done(&s->notes);
	sim_bulks_done(s->bulks);
	sim_sessions_done(&s->sessions);
	sim_directory_done(&s->directory);
	sim_tenant_done(&s->tenant);
	sim_identity_done(&s->identity);
	*s = (struct sim){ 0 };
}

time_t sim_now(const struct sim *s)
{
	return time(NULL) + s->clock_ahead;
}

const char *sim_stamp(struct sim *s, uint64_t after, char out[40])
{
	char text[W365_TIME_MAX];
	struct timespec now;
	uint64_t t;

	clock_gettime(CLOCK_REALTIME, &now);
	t = (uint64_t)(now.tv_sec + s->clock_ahead) * 10000000 + (uint64_t)now.tv_nsec / 100;
	t = MAX(t, MAX(after, s->stamped) + 1);
	s->stamped = t;
	snprintf(out, 40, "%.19s.%07uZ", w365_time_format((time_t)(t / 10000000), text),
		 (unsigned)(t % 10000000));
	return out;
}

void sim_object_key(struct sim *s, char out[48])
{
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF;
	struct sim_rng r = sim_rng(s->config.seed, "object", ++s->directory.serial);
	uint64_t raw[4];

	for (size_t i = 0; i < ARRAY_SIZE(raw); i++)
		raw[i] = sim_rng_next(&r);
	w365_base64url(&text, raw, sizeof(raw));
	snprintf(out, 48, "%s", w365_buf_str(&text));
}

struct sim_set *sim_set_of(struct sim *s, const struct sim_resource *resource)
{
	struct sim_set *set;

	/* What users see of their own is the same items. */
	if (w365_starts(resource->name, "users/"))
		resource = sim_resource_find(resource->name + strlen("users/"));
	set = &s->sets[resource - sim_resources];
	if (!set->built) {
		if (!sim_tenant_fill(&s->tenant, set)) {
			sim_set_done(set);
			return NULL;
		}
		set->built = true;
	}
	return set;
}

void sim_answer(struct sim *s, const struct sim_request *req, struct sim_reply *reply)
{
	sim_courses_run(s);
	if (sim_is_graph(req))
		sim_graph(s, req, reply);
	else if (!sim_export_download(s, req, reply) && !sim_managed(s, req, reply))
		sim_entra(s, req, reply);
}
