#include "base/time.h"
#include "base/str.h"

#include <stdio.h>

uint64_t w365_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

/* The days-from-civil method: years begin in March, so that the leap day is the last one. */
int64_t w365_days_from_date(int64_t y, unsigned m, unsigned d)
{
	int64_t era, yoe, doy;

	y -= m <= 2;
	era = (y >= 0 ? y : y - 399) / 400;
	yoe = y - era * 400;
	doy = (153 * ((int64_t)m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

const char *w365_time_format(time_t t, char buf[W365_TIME_MAX])
{
	struct tm tm;

	if (!gmtime_r(&t, &tm) || !strftime(buf, W365_TIME_MAX, "%Y-%m-%dT%H:%M:%SZ", &tm))
		buf[0] = '\0';
	return buf;
}

const char *w365_date_format(int64_t days, char buf[W365_TIME_MAX])
{
	w365_time_format((time_t)(days * 86400), buf);
	buf[strcspn(buf, "T")] = '\0';
	return buf;
}

/* @n digits at *p. */
static bool digits(const char **p, const char *end, unsigned n, unsigned *ret)
{
	*ret = 0;
	for (; n; n--, (*p)++) {
		if (*p >= end || !w365_is_digit(**p))
			return false;
		*ret = *ret * 10 + (unsigned)(**p - '0');
	}
	return true;
}

static bool date(const char **p, const char *end, unsigned *y, unsigned *m, unsigned *d)
{
	static const unsigned char last[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return digits(p, end, 4, y) && *p < end && *(*p)++ == '-' && digits(p, end, 2, m) &&
	       *p < end && *(*p)++ == '-' && digits(p, end, 2, d) && *m >= 1 && *m <= 12 &&
	       *d >= 1 && *d <= last[*m - 1] &&
	       (*m != 2 || *d < 29 || (*y % 4 == 0 && (*y % 100 || *y % 400 == 0)));
}

bool w365_date_parse(const char *s, int64_t *ret_days)
{
	const char *end = s + strlen(s);
	unsigned y, m, d;

	if (!date(&s, end, &y, &m, &d) || s != end)
		return false;
	*ret_days = w365_days_from_date(y, m, d);
	return true;
}

bool w365_time_parse(const char *s, size_t len, struct timespec *ret)
{
	const char *p = s, *end = s + len;
	unsigned y, m, d, h, min, sec, oh = 0, om = 0;
	long nsec = 0;
	int sign = 0;

	if (!date(&p, end, &y, &m, &d) || p >= end || (*p != 'T' && *p != 't' && *p != ' '))
		return false;
	p++;
	if (!digits(&p, end, 2, &h) || p >= end || *p++ != ':' || !digits(&p, end, 2, &min) ||
	    p >= end || *p++ != ':' || !digits(&p, end, 2, &sec) || h > 23 || min > 59 || sec > 60)
		return false;
	if (p < end && *p == '.') {
		long unit = 100000000;

		p++;
		if (p >= end || !w365_is_digit(*p))
			return false;
		for (; p < end && w365_is_digit(*p); p++, unit /= 10)
			nsec += (*p - '0') * unit;
	}
	if (p < end && (*p == 'Z' || *p == 'z')) {
		p++;
	} else if (p < end && (*p == '+' || *p == '-')) {
		sign = *p++ == '+' ? -1 : 1;
		if (!digits(&p, end, 2, &oh) || p >= end || *p++ != ':' || !digits(&p, end, 2, &om))
			return false;
	}
	if (p != end || y <= 1)
		return false;
	ret->tv_sec = w365_days_from_date(y, m, d) * 86400 + h * 3600 + min * 60 + sec +
		      sign * (time_t)(oh * 3600 + om * 60);
	ret->tv_nsec = nsec;
	return true;
}

bool w365_time_parse_http(const char *s, time_t *ret)
{
	struct tm tm = { 0 };

	if (!strptime(s, "%a, %d %b %Y %H:%M:%S GMT", &tm))
		return false;
	*ret = timegm(&tm);
	return true;
}
