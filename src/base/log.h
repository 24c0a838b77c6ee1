/* SPDX-License-Identifier: Apache-2.0 */
/* The log: one line an event, to stderr or a file, as text or as JSON. It never carries a secret and
 * never a stranger's bytes unescaped. A line repeated too often is counted instead of written. */
#ifndef DURE_BASE_LOG_H
#define DURE_BASE_LOG_H

#include <stdbool.h>

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG, LOG_LEVEL_COUNT };

struct log_config {
	enum log_level level;
	bool json;
	const char *file; /* NULL: stderr. Opened for appending. */
};

/* Call once at start, and again to reopen the file (SIGHUP). Returns 0 or -errno (then stderr is used). */
int log_open(const struct log_config *config);
void log_close(void);
bool log_level_parse(const char *text, enum log_level *ret);
bool log_wants(enum log_level level);

/* room: the folder that speaks ("store"); the message is a sentence without a full stop. */
void log_write(enum log_level level, const char *room, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
#define log_error(room, ...) log_write(LOG_ERROR, room, __VA_ARGS__)
#define log_warn(room, ...)  log_write(LOG_WARN, room, __VA_ARGS__)
#define log_info(room, ...)  log_write(LOG_INFO, room, __VA_ARGS__)
#define log_debug(room, ...) (log_wants(LOG_DEBUG) ? log_write(LOG_DEBUG, room, __VA_ARGS__) : (void)0)

#endif
