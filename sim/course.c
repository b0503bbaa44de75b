#include "sim/course.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/macros.h"
#include "base/time.h"
#include "sim/sim.h"

void sim_courses_init(struct sim_courses *c, uint64_t speed)
{
	*c = (struct sim_courses){ .speed = speed, .real = w365_now_ms() };
}

void sim_courses_done(struct sim_courses *c)
{
	for (size_t i = 0; i < c->count; i++)
		free(c->heap[i]);
	free(c->heap);
	free(c->failures);
	*c = (struct sim_courses){ 0 };
}

static uint64_t now(const struct sim_courses *c)
{
	return c->at + (w365_now_ms() - c->real) * c->speed;
}

void sim_courses_set_speed(struct sim_courses *c, uint64_t speed)
{
	c->at = now(c);
	c->real = w365_now_ms();
	c->speed = speed;
}

void sim_courses_advance(struct sim_courses *c, uint64_t ms)
{
	c->at += ms;
}

static bool before(const struct sim_course *a, const struct sim_course *b)
{
	return a->due != b->due ? a->due < b->due : a->serial < b->serial;
}

static void swap(struct sim_course **a, struct sim_course **b)
{
	struct sim_course *kept = *a;

	*a = *b;
	*b = kept;
}

static bool push(struct sim_courses *c, struct sim_course *course)
{
	if (c->count == c->cap) {
		size_t cap = c->cap ? c->cap * 2 : 64;
		void *heap = reallocarray(c->heap, cap, sizeof(*c->heap));

		if (!heap)
			return false;
		c->heap = heap;
		c->cap = cap;
	}
	c->heap[c->count++] = course;
	for (size_t i = c->count - 1; i && before(c->heap[i], c->heap[(i - 1) / 2]);
	     i = (i - 1) / 2)
		swap(&c->heap[i], &c->heap[(i - 1) / 2]);
	return true;
}

static struct sim_course *pop(struct sim_courses *c)
{
	struct sim_course *first = c->heap[0];

	c->heap[0] = c->heap[--c->count];
	for (size_t i = 0, least = 0;; i = least) {
		for (size_t k = 2 * i + 1; k <= 2 * i + 2 && k < c->count; k++)
			if (before(c->heap[k], c->heap[least]))
				least = k;
		if (least == i)
			return first;
		swap(&c->heap[i], &c->heap[least]);
	}
}

bool sim_course_begin(struct sim *s, const struct sim_course *course, uint64_t ms)
{
	struct sim_courses *c = &s->courses;
	struct sim_course *copy = malloc(sizeof(*copy));

	if (!copy)
		return false;
	*copy = *course;
	/* What a stage begins, begins when that was due, however late it is looked at. */
	copy->due = (c->running ? c->running->due : now(c)) + ms;
	copy->serial = c->serial++;
	copy->stage = 0;
	if (push(c, copy))
		return true;
	free(copy);
	return false;
}

void sim_courses_run(struct sim *s)
{
	struct sim_courses *c = &s->courses;
	uint64_t until = now(c);

	while (c->count && c->heap[0]->due <= until) {
		struct sim_course *course = pop(c);
		uint64_t ms;

		c->running = course;
		ms = course->run(s, course);
		c->running = NULL;
		course->stage++;
		course->due += ms;
		course->serial = c->serial++;
		/* There is room: it has just left. What a stage began may have taken it, though. */
		if (ms == SIM_ENDS || !push(c, course))
			free(course);
	}
}

bool sim_failure_order(struct sim_courses *c, const struct sim_failure *f)
{
	void *failures = reallocarray(c->failures, c->failure_count + 1, sizeof(*c->failures));

	if (!failures)
		return false;
	c->failures = failures;
	c->failures[c->failure_count++] = *f;
	return true;
}

void sim_failure_take(struct sim_courses *c, const char *action, struct sim_course *course)
{
	for (size_t i = 0; i < c->failure_count; i++) {
		struct sim_failure *f = &c->failures[i];

		if (!w365_streq(f->action, action) || (*f->id && !w365_streq(f->id, course->id)))
			continue;
		course->fails = true;
		memcpy(course->code, f->code, sizeof(f->code));
		memcpy(course->message, f->message, sizeof(f->message));
		if (f->times && --f->times == 0)
			memmove(f, f + 1, (--c->failure_count - i) * sizeof(*f));
		return;
	}
}
