/* Hooks about what goes on after an answer: its speed, its failures; and the tenant's limits. */
#include <errno.h>

#include "base/macros.h"
#include "base/time.h"
#include "sim/hook.h"

static int optional(const struct sim_hook_call *h, const char *name, uint64_t otherwise,
		    uint64_t *ret, struct w365_err *reterr)
{
	*ret = otherwise;
	return sim_form_get(&h->form, name) ? sim_hook_number(h, name, ret, reterr) : 0;
}

int sim_hook_limit(struct sim_hook_call *h, struct w365_err *reterr)
{
	struct sim_limit l = { 0 };
	uint64_t ms;
	int r = optional(h, "writes", 0, &l.writes, reterr);

	if (r == 0)
		r = optional(h, "requests", 0, &l.requests, reterr);
	if (r == 0)
		r = optional(h, "ms", 20000, &ms, reterr);
	if (r < 0)
		return r;
	l.window_ms = MIN(MAX(ms, (uint64_t)1), (uint64_t)INT32_MAX);
	h->sim->limit = l;
	return 0;
}

int sim_hook_course(struct sim_hook_call *h, struct w365_err *reterr)
{
	uint64_t speed, ms;
	int r = optional(h, "speed", UINT64_MAX, &speed, reterr);

	if (r == 0)
		r = optional(h, "advance", 0, &ms, reterr);
	if (r < 0)
		return r;
	if (speed != UINT64_MAX)
		sim_courses_set_speed(&h->sim->courses, MIN(speed, (uint64_t)1000000));
	sim_courses_advance(&h->sim->courses, MIN(ms, (uint64_t)INT32_MAX) * 1000);
	sim_courses_run(h->sim);
	return 0;
}

static void copy(const struct sim_hook_call *h, const char *name, const char *otherwise, char *to,
		 size_t size)
{
	const char *value = sim_form_get(&h->form, name);

	snprintf(to, size, "%s", value ? value : otherwise);
}

int sim_hook_fail(struct sim_hook_call *h, struct w365_err *reterr)
{
	struct sim_failure f = { 0 };
	int r = optional(h, "times", 1, &f.times, reterr);

	if (r < 0)
		return r;
	if (!sim_form_get(&h->form, "action"))
		return w365_err_set(reterr, EINVAL, "action= is missing");
	copy(h, "action", "", f.action, sizeof(f.action));
	copy(h, "id", "", f.id, sizeof(f.id));
	copy(h, "code", "internalServerError", f.code, sizeof(f.code));
	copy(h, "message", "Ordered by a hook of the simulator.", f.message, sizeof(f.message));
	return sim_failure_order(&h->sim->courses, &f) ? 0 : w365_err_oom(reterr);
}

int sim_hook_unfail(struct sim_hook_call *h, struct w365_err *reterr)
{
	h->sim->courses.failure_count = 0;
	return 0;
}
