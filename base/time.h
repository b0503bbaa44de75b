/* base/time.h - clocks and the ways in which services write times. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define W365_NEVER UINT64_MAX

/** Milliseconds of CLOCK_BOOTTIME: goes on while the machine sleeps, as tokens and snapshots age.
 */
uint64_t w365_now_ms(void);

/**
 * Reads an RFC 3339 time ("2026-11-22T09:30:15.1234567+08:00"; a missing zone counts as UTC; digits
 * of the fraction beyond the ninth are dropped). False if it is none, or if it is 0001-01-01, which
 * Graph writes for "no value".
 */
bool w365_time_parse(const char *s, size_t len, struct timespec *ret);

#define W365_TIME_MAX 32

/** "2026-11-22T09:30:15Z". Seconds, UTC. Returns @buf. */
const char *w365_time_format(time_t t, char buf[W365_TIME_MAX]);

/** Days since 1970-01-01 of a date of the proleptic Gregorian calendar. */
int64_t w365_days_from_date(int64_t year, unsigned month, unsigned day);

/** "2026-11-22" for a day since 1970-01-01. Returns @buf. */
const char *w365_date_format(int64_t days, char buf[W365_TIME_MAX]);

/** Reads "2026-11-22" (and nothing behind it) into days since 1970-01-01. */
bool w365_date_parse(const char *s, int64_t *ret_days);

/** Reads a time as HTTP headers have it, "Sun, 22 Nov 2026 09:30:15 GMT". False if it is none. */
bool w365_time_parse_http(const char *s, time_t *ret);
