#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>
#ifdef HAVE_SYSTEMD
#include <systemd/sd-journal.h>
#endif

static enum w365_log_level max_level = W365_LOG_WARNING;
static bool to_journal;

static const int priorities[] = { LOG_ERR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

void w365_log_set_level(enum w365_log_level level)
{
	max_level = level;
}

bool w365_log_wants(enum w365_log_level level)
{
	return level <= max_level;
}

void w365_log_to_journal(void)
{
	openlog("w365fs", LOG_PID, LOG_DAEMON);
	to_journal = true;
}

void w365_log(enum w365_log_level level, const char *fmt, ...)
{
	char line[1024];
	va_list ap;

	if (!w365_log_wants(level))
		return;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	for (char *p = line; *p; p++) /* what a service sent may not draw on a terminal */
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = ' ';

	if (!to_journal) {
		dprintf(STDERR_FILENO, "w365fs: %s\n", line);
		return;
	}
#ifdef HAVE_SYSTEMD
	if (access("/run/systemd/journal/socket", W_OK) == 0 &&
	    sd_journal_send("MESSAGE=%s", line, "PRIORITY=%i", priorities[level],
			    "SYSLOG_IDENTIFIER=w365fs", NULL) == 0)
		return;
#endif
	syslog(priorities[level], "%s", line);
}
