/* Uploads of images, health checks of connections, publishing of apps. */
#include "sim/jobs.h"

#include <stdio.h>

#include "base/macros.h"
#include "base/time.h"
#include "sim/course.h"
#include "sim/locate.h"
#include "sim/tenant-parts.h"
#include "sim/words.h"

/** A job: its item's status goes through these, and what else changes with each. */
struct job {
	const char *name; /* for the hook that orders failures */
	const char *collection, *property;
	const char *steps[3];
	const char *failed;
	unsigned ms[3]; /* before each step */
	void (*edit)(struct sim *s, const struct sim_course *c, struct sim_row *row,
		     const char *status);
};

struct step {
	struct sim *sim;
	const struct sim_course *course;
	const char *status;
};

static void write_step(struct sim_row *row, void *arg)
{
	const struct step *step = arg;
	const struct job *job = step->course->what;

	sim_row_str(row, job->property, step->status);
	if (job->edit)
		job->edit(step->sim, step->course, row, step->status);
}

static uint64_t run(struct sim *s, struct sim_course *c)
{
	const struct job *job = c->what;
	struct sim_set *set = sim_set_of(s, sim_resource_find(job->collection));
	bool last = c->stage + 1 == ARRAY_SIZE(job->steps) || !job->steps[c->stage + 1];
	struct step step = { s, c, last && c->fails ? job->failed : job->steps[c->stage] };
	ptrdiff_t at = sim_set_find(set, c->id, NULL);

	if (at < 0 || !sim_item_change(s, set, (size_t)at, write_step, &step) || last)
		return SIM_ENDS;
	return job->ms[c->stage + 1];
}

static bool begin(struct sim *s, const struct job *job, const char *id)
{
	struct sim_course course = { .run = run, .what = job };

	snprintf(course.id, sizeof(course.id), "%s", id);
	sim_failure_take(&s->courses, job->name, &course);
	return sim_course_begin(s, &course, job->ms[0]);
}

static void edit_image(struct sim *s, const struct sim_course *c, struct sim_row *row,
		       const char *status)
{
	char text[W365_TIME_MAX];

	sim_row_str(row, "errorCode", c->fails ? c->code : NULL);
	sim_row_str(row, "statusDetails", c->fails ? c->code : NULL);
	if (c->fails)
		return;
	sim_row_str(row, "expirationDate", w365_date_format(sim_now(s) / 86400 + 365, text));
	sim_row_str(row, "operatingSystem", "Windows 11 Enterprise");
	sim_row_str(row, "osBuildNumber", "24H2");
	sim_row_str(row, "osStatus", "supported");
	sim_row_str(row, "osVersionNumber", "10.0.26100.6584");
	sim_row_int(row, "sizeInGB", 64);
}

static const struct job upload = { "upload", "deviceImages", "status",  { "ready" },
				   "failed", { 30000 },      edit_image };

void sim_image_after(struct sim_change *c)
{
	if (c->kind == SIM_CREATE)
		begin(c->call->sim, &upload, c->id);
}

static void set_pending(struct sim_row *row, void *arg)
{
	sim_row_str(row, arg, "pending");
}

/* The item's job begins anew. */
static void begin_again(struct sim_action *a, const struct job *job)
{
	if (sim_item_change(a->call->sim, a->set, a->position, set_pending,
			    (void *)job->property) &&
	    begin(a->call->sim, job, a->id))
		sim_act_done(a);
	else
		sim_no_memory(a->call);
}

static const char *text_of(const struct sim_action *a, const char *name, struct w365_buf *out)
{
	return sim_item_str(a->set, a->set->items[a->position], name, out);
}

void sim_act_upload(struct sim_action *a)
{
	_cleanup_(w365_buf_done) struct w365_buf status = W365_BUF;

	if (sim_has_word("failed warning", text_of(a, "status", &status)))
		begin_again(a, &upload);
	else
		SIM_FAIL(a->call, 409, "Conflict", "The upload of the image has not failed.");
}

static void edit_health(struct sim *s, const struct sim_course *c, struct sim_row *row,
			const char *status)
{
	struct sim_rng r = sim_rng(s->config.seed, "health check", c->serial);
	struct sim_rng same = r;

	sim_health_checks(sim_row_value(row, "healthCheckStatusDetail"), status, &r, sim_now(s));
	sim_health_checks(sim_row_value(row, "healthCheckStatusDetails"), status, &same,
			  sim_now(s));
}

static const struct job health = {
	"healthCheck", "onPremisesConnections", "healthCheckStatus", { "running", "passed" },
	"failed",      { 2000, 20000 },         edit_health
};

void sim_connection_after(struct sim_change *c)
{
	if (c->kind != SIM_DELETE)
		begin(c->call->sim, &health, c->id);
}

void sim_act_health(struct sim_action *a)
{
	_cleanup_(w365_buf_done) struct w365_buf status = W365_BUF;

	if (sim_has_word("pending running", text_of(a, "healthCheckStatus", &status)))
		SIM_FAIL(a->call, 409, "Conflict", "The health checks are running already.");
	else
		begin_again(a, &health);
}

void sim_act_password(struct sim_action *a)
{
	_cleanup_(w365_buf_done) struct w365_buf type = W365_BUF, password = W365_BUF_SECRET;

	if (!w365_streq(text_of(a, "connectionType", &type), "hybridAzureADJoin"))
		SIM_FAIL(a->call, 400, "BadRequest",
			 "The connection joins no Active Directory domain: it has no password.");
	else if (!*sim_act_str(a, "adDomainPassword", &password))
		SIM_FAIL(a->call, 400, "BadRequest",
			 "The property 'adDomainPassword' must not be empty.");
	else
		begin_again(a, &health);
}

static void edit_app(struct sim *s, const struct sim_course *c, struct sim_row *row,
		     const char *status)
{
	bool published = w365_streq(status, "published");

	sim_row_str(row, "actionFailedErrorCode", c->fails ? c->code : NULL);
	sim_row_str(row, "actionFailedErrorMessage", c->fails ? c->message : NULL);
	sim_row_bool(row, "availableToUser", published);
	if (published)
		sim_row_time(row, "lastPublishedDateTime", sim_now(s));
}

static const struct job prepare = { "prepare", "cloudApps", "appStatus", { "ready" },
				    "failed",  { 5000 },    edit_app };
static const struct job publish = { "publish",   "cloudApps",
				    "appStatus", { "publishing", "published" },
				    "failed",    { 0, 10000 },
				    edit_app };
static const struct job unpublish = { "unpublish", "cloudApps",
				      "appStatus", { "unpublishing", "ready" },
				      "failed",    { 0, 10000 },
				      edit_app };

void sim_app_after(struct sim_change *c)
{
	if (c->kind == SIM_CREATE)
		begin(c->call->sim, &prepare, c->id);
}

/* Every app of the parameter is there, and its status one of @statuses. */
static bool check_apps(struct sim_action *a, uint32_t ids, const char *statuses)
{
	W365_JSON_EACH (a->json, ids, i) {
		_cleanup_(w365_buf_done) struct w365_buf id = W365_BUF, status = W365_BUF;
		ptrdiff_t at;

		w365_json_decode(&id, w365_json_raw(a->json, i));
		at = sim_set_find(a->set, w365_buf_str(&id), NULL);
		if (at < 0) {
			sim_not_found(a->call, "cloudApps", w365_buf_str(&id));
			return false;
		}
		if (!sim_has_word(statuses,
				  sim_item_str(a->set, a->set->items[at], "appStatus", &status))) {
			SIM_FAIL(a->call, 409, "Conflict",
				 "The status of the app '%.100s' does not allow this: %s.",
				 w365_buf_str(&id), w365_buf_str(&status));
			return false;
		}
	}
	return true;
}

static void begin_apps(struct sim_action *a, const struct job *job, const char *statuses)
{
	uint32_t ids = sim_act_get(a, "cloudAppIds");

	if (!check_apps(a, ids, statuses))
		return;
	W365_JSON_EACH (a->json, ids, i) {
		_cleanup_(w365_buf_done) struct w365_buf id = W365_BUF;

		w365_json_decode(&id, w365_json_raw(a->json, i));
		begin(a->call->sim, job, w365_buf_str(&id));
	}
	sim_act_done(a);
}

void sim_act_publish(struct sim_action *a)
{
	begin_apps(a, &publish, "ready failed");
}

void sim_act_unpublish(struct sim_action *a)
{
	begin_apps(a, &unpublish, "published");
}

static void reset_detail(struct sim_row *row, void *arg)
{
	sim_row_raw(row, "appDetail",
		    W365_SPAN("{\"@odata.type\":\"#microsoft.graph."
			      "cloudPcAutomaticDiscoveredAppDetail\","
			      "\"commandLineArguments\":null,"
			      "\"filePath\":\"C:\\\\Program Files\\\\Discovered\\\\app.exe\","
			      "\"iconIndex\":0,\"iconPath\":null}"));
}

void sim_act_reset_app(struct sim_action *a)
{
	uint32_t ids = sim_act_get(a, "cloudAppIds");

	if (!check_apps(a, ids, "ready published failed"))
		return;
	W365_JSON_EACH (a->json, ids, i) {
		_cleanup_(w365_buf_done) struct w365_buf id = W365_BUF;

		w365_json_decode(&id, w365_json_raw(a->json, i));
		sim_item_change(a->call->sim, a->set,
				(size_t)sim_set_find(a->set, w365_buf_str(&id), NULL), reset_detail,
				NULL);
	}
	sim_act_done(a);
}
