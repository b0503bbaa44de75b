#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int w365_err_set(struct w365_err *err, int num, const char *fmt, ...)
{
	if (err) {
		int saved = errno; /* for %m */
		va_list ap;

		*err = (struct w365_err){ .num = num };
		errno = saved;
		va_start(ap, fmt);
		vsnprintf(err->msg, sizeof(err->msg), fmt, ap);
		va_end(ap);
		for (char *p = err->msg; *p; p++)
			if ((unsigned char)*p < 0x20 || *p == 0x7f)
				*p = ' ';
	}
	return -num;
}

int w365_err_oom(struct w365_err *err)
{
	return w365_err_set(err, ENOMEM, "out of memory");
}

const char *w365_errno_name(int num)
{
	const char *name = strerrorname_np(num);

	return name ? name : "E?";
}
