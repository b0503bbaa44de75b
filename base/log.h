/* base/log.h - what the program says of itself: to a terminal while it has one, else to the
 * journal. */
#pragma once

#include <stdbool.h>

enum w365_log_level { W365_LOG_ERROR, W365_LOG_WARNING, W365_LOG_INFO, W365_LOG_DEBUG };

/** Messages above @level are dropped. The start value is W365_LOG_WARNING. */
void w365_log_set_level(enum w365_log_level level);

bool w365_log_wants(enum w365_log_level level);

/** From now on to the journal, or to syslog where there is none: the terminal is about to go. */
void w365_log_to_journal(void);

/** One line; never a secret. Any thread. */
void w365_log(enum w365_log_level level, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#define w365_error(...)   w365_log(W365_LOG_ERROR, __VA_ARGS__)
#define w365_warning(...) w365_log(W365_LOG_WARNING, __VA_ARGS__)
#define w365_info(...)    w365_log(W365_LOG_INFO, __VA_ARGS__)
#define w365_debug(...)                                        \
	do {                                                   \
		if (w365_log_wants(W365_LOG_DEBUG))            \
			w365_log(W365_LOG_DEBUG, __VA_ARGS__); \
	} while (0)
