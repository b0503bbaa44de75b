/* sim/remote.h - remote actions on Cloud PCs: who may get one, what becomes of it, what is told. */
#pragma once

#include "sim/action.h"
#include "sim/course.h"

/** One kind of remote action. */
struct sim_remote {
	const char *name;     /* of the action: "reboot" */
	const char *shown;    /* in results: "Reboot" */
	const char *listed;   /* among the supported ones: "Restart"; NULL: not there */
	const char *statuses; /* in which of them it is possible: words */
	const char *during;   /* the status while it runs; NULL: stays */
	unsigned waits, runs; /* milliseconds of the courses' clock */
	bool frontline;       /* for these alone */
	/** Reads and checks the parameters into the course. False: refused and answered. */
	bool (*prepare)(struct sim_action *a, struct sim_course *c);
	/** Writes what comes of it into the Cloud PC's row, whose status is the old one again. */
	void (*finish)(struct sim *s, const struct sim_course *c, struct sim_row *row);
	const char *failed; /* the status after a failure; NULL: the old one */
	bool removes;       /* the Cloud PC is gone at the end */
};

/** NULL if @name is none. */
const struct sim_remote *sim_remote_find(const char *name);

/** All of them, for listing. */
extern const struct sim_remote sim_remotes[];
extern const size_t sim_remote_count;

/** Why the Cloud PC at @position cannot have it now: a sentence, and the HTTP status; NULL: it
 * can. */
const char *sim_remote_obstacle(struct sim *s, const struct sim_set *set, size_t position,
				const struct sim_remote *remote, int *ret_status);

/** Starts it. @course has its id and arguments. False if there is no memory. */
bool sim_remote_start(struct sim *s, size_t position, const struct sim_remote *remote,
		      struct sim_course *course);

/** An action on a Cloud PC. */
void sim_act_remote(struct sim_action *a);

/** Writes results as JSON: those of the Cloud PC at @position, the newest first. */
void sim_results_write(struct sim *s, const struct sim_set *set, size_t position,
		       struct w365_jw *j);

/** The Cloud PCs. */
struct sim_set *sim_pcs(struct sim *s);
