/* sim/course.h - what goes on after the answer: a queue of stages, each with its time.
 *
 * There is no timer: whatever is due happens before the next request is looked at. Nobody can see the
 * difference, and an idle simulator sleeps.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sim;
struct sim_course;

/** The course is over. */
#define SIM_ENDS UINT64_MAX

/** One stage: returns the milliseconds until the next, or SIM_ENDS. */
typedef uint64_t sim_stage_fn(struct sim *s, struct sim_course *c);

struct sim_course {
	uint64_t due;    /* milliseconds of the courses' clock */
	uint64_t serial; /* of two that are due at once, which comes first */
	sim_stage_fn *run;
	unsigned stage;         /* 0 at the first call; counted by the queue */
	char id[256];           /* of the item that it is about */
	const void *what;       /* what the starter wants its stages to know; static */
	size_t result;          /* of a remote action: its number in the results */
	char was[40];           /* the status to go back to */
	char arguments[2][160]; /* of the action */
	char bulk[37];          /* id of the bulk action that it belongs to, or "" */
	bool fails;             /* as a hook has ordered, with these words */
	char code[64], message[256];
};

/** A failure that a hook has ordered for actions to come. */
struct sim_failure {
	char action[64];
	char id[256];   /* of the item; "": any */
	uint64_t times; /* 0: until cleared */
	char code[64], message[256];
};

struct sim_courses {
	struct sim_course **heap; /* the earliest first */
	size_t count, cap;
	uint64_t serial;
	uint64_t speed; /* milliseconds of the courses' clock in one of the world's; 0: it stands */
	uint64_t at, real; /* what the courses' clock was when the world's was @real */
	const struct sim_course *running; /* whose stage is being run, or NULL */
	struct sim_failure *failures;
	size_t failure_count;
};

void sim_courses_init(struct sim_courses *c, uint64_t speed);
void sim_courses_done(struct sim_courses *c);

void sim_courses_set_speed(struct sim_courses *c, uint64_t speed);

/** Moves the courses' clock on. */
void sim_courses_advance(struct sim_courses *c, uint64_t ms);

/** Begins a copy of @course in @ms. False if there is no memory. */
bool sim_course_begin(struct sim *s, const struct sim_course *course, uint64_t ms);

/** Runs all that is due. */
void sim_courses_run(struct sim *s);

/** Orders a failure (copied). False if there is no memory. */
bool sim_failure_order(struct sim_courses *c, const struct sim_failure *f);

/** Does the course of @action that begins with @course->id fail? Then it is told how. */
void sim_failure_take(struct sim_courses *c, const char *action, struct sim_course *course);
