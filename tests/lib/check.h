/* tests/lib/check.h - a tiny table runner that speaks TAP: every case runs, each names its reason.
 */
#pragma once

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Weak: a test of several files has one count. */
__attribute__((weak)) unsigned check_count, check_failed;

static inline bool check_report(bool ok, const char *why, const char *file, int line)
{
	/* A '#' would begin a TAP directive, a line break would end the line. */
	printf("%sok %u - ", ok ? "" : "not ", ++check_count);
	for (; *why; why++)
		putchar(*why == '#' || *why == '\n' ? ' ' : *why);
	putchar('\n');
	if (!ok) {
		check_failed++;
		printf("# at %s:%d\n", file, line);
	}
	return ok;
}

static inline void check_show(const char *name, const char *s)
{
	printf("# %s: ", name);
	for (; s && *s; s++) {
		putchar(*s);
		if (*s == '\n')
			printf("#   ");
	}
	printf("%s\n", s ? "" : "(null)");
}

#define CHECK(why, cond) check_report((cond), (why), __FILE__, __LINE__)

#define CHECK_INT(why, got, want)                                                       \
	do {                                                                            \
		intmax_t _got = (got), _want = (want);                                  \
		if (!check_report(_got == _want, (why), __FILE__, __LINE__))            \
			printf("# got %" PRIdMAX ", want %" PRIdMAX "\n", _got, _want); \
	} while (0)

#define CHECK_STR(why, got, want)                                                                  \
	do {                                                                                       \
		const char *_got = (got), *_want = (want);                                         \
		if (!check_report(_got && _want ? strcmp(_got, _want) == 0 : _got == _want, (why), \
				  __FILE__, __LINE__)) {                                           \
			check_show("got", _got);                                                   \
			check_show("want", _want);                                                 \
		}                                                                                  \
	} while (0)

/** The last line of main(): `return check_summary();` */
static inline int check_summary(void)
{
	printf("1..%u\n", check_count);
	return check_failed ? 1 : 0;
}
