/* SPDX-License-Identifier: Apache-2.0 */
/* One line an event, written with one write(), so that lines of several processes do not mix. */
#include "base/log.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#define LOG_KINDS   64   /* kinds of lines that are counted at a time */
#define LOG_OFTEN   20   /* lines of one kind in a second; the others are only counted */
#define LOG_LONGEST 4096 /* bytes of one message */

static const char *const log_names[LOG_LEVEL_COUNT] = {"error", "warn", "info", "debug"};

/* The same format from the same room is the same kind of line. */
struct log_kind {
	const char *format, *room;
	enum log_level level;
	int64_t since;    /* wall time of the first line of this second */
	unsigned written; /* in it */
	unsigned left_out;
};

static struct {
	pthread_mutex_t lock;
	int fd; /* of the file; -1: stderr */
	enum log_level level;
	bool json;
	int64_t next_look; /* wall time */
	struct log_kind kinds[LOG_KINDS];
} log_state = {.lock = PTHREAD_MUTEX_INITIALIZER, .fd = -1, .level = LOG_INFO};

bool log_level_parse(const char *text, enum log_level *ret)
{
	for (int i = 0; i < LOG_LEVEL_COUNT; i++) {
		if (text && strcmp(text, log_names[i]) == 0) {
			*ret = (enum log_level)i;
			return true;
		}
	}
	return false;
}

bool log_wants(enum log_level level)
{
	return level <= __atomic_load_n(&log_state.level, __ATOMIC_RELAXED);
}

/* What is not printable is shown as \xNN (text) or \u00NN (JSON); bytes that are no UTF-8 likewise. */
static void log_add_escaped(struct buf *line, struct slice s, bool json)
{
	size_t good = 0;

	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];

		if (i >= good)
			good = i + utf8_valid_length(slice_skip(s, i));
		if (c < 0x20 || c == 0x7f || i >= good)
			buf_printf(line, json ? "\\u%04x" : "\\x%02x", c);
		else if (json && (c == '"' || c == '\\'))
			buf_printf(line, "\\%c", c);
		else
			buf_add_char(line, (char)c);
	}
}

static void log_put(enum log_level level, const char *room, struct slice message)
{
	struct clock_civil c;
	struct buf line;
	int64_t now = clock_now();
	int fd = log_state.fd < 0 ? STDERR_FILENO : log_state.fd;
	ssize_t written;

	clock_civil(now, &c);
	buf_init(&line, NULL);
	buf_printf(&line, "%s%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", log_state.json ? "{\"time\":\"" : "",
	           c.year, c.month, c.day, c.hour, c.minute, c.second,
	           (int)((now % 1000000 + 1000000) % 1000000 / 1000));
	if (log_state.json) {
		buf_printf(&line, "\",\"level\":\"%s\",\"room\":\"%s\",\"message\":\"", log_names[level],
		           room);
		log_add_escaped(&line, message, true);
		buf_add_lit(&line, "\"}\n");
	} else {
		buf_printf(&line, " %-5s %s: ", log_names[level], room);
		log_add_escaped(&line, message, false);
		buf_add_char(&line, '\n');
	}
	/* A log that cannot be written is no reason to stop, and there is nobody left to tell. */
	do
		written = write(fd, line.ptr, line.len);
	while (written < 0 && errno == EINTR);
	buf_finish(&line);
}

static void log_say_left_out(struct log_kind *kind)
{
	char text[320];

	if (kind->left_out) {
		snprintf(text, sizeof(text), "(suppressed %u more) like: %s", kind->left_out, kind->format);
		log_put(kind->level, kind->room, slice_of(text));
	}
	*kind = (struct log_kind){0};
}

/* Once a second: what was left out is told, and everybody may speak again. */
static void log_look(int64_t now)
{
	if (now < log_state.next_look)
		return;
	log_state.next_look = now + 1000000;
	for (int i = 0; i < LOG_KINDS; i++)
		if (log_state.kinds[i].format && now - log_state.kinds[i].since >= 1000000)
			log_say_left_out(&log_state.kinds[i]);
}

static bool log_is_too_often(enum log_level level, const char *room, const char *format, int64_t now)
{
	size_t place = ((uintptr_t)format / 8 ^ (uintptr_t)room / 64) % LOG_KINDS;
	struct log_kind *kind = &log_state.kinds[place];

	if (kind->format != format || kind->room != room) {
		log_say_left_out(kind);
		*kind = (struct log_kind){.format = format, .room = room, .level = level, .since = now};
	}
	if (kind->written < LOG_OFTEN) {
		kind->written++;
		return false;
	}
	kind->left_out++;
	return true;
}

void log_write(enum log_level level, const char *room, const char *format, ...)
{
	char text[LOG_LONGEST];
	int64_t now;
	va_list args;
	int len;

	if (!log_wants(level))
		return;
	va_start(args, format);
	len = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (len < 0)
		return;
	len = len >= LOG_LONGEST ? LOG_LONGEST - 1 : len;
	now = clock_wall_steady();
	pthread_mutex_lock(&log_state.lock);
	log_look(now);
	if (!log_is_too_often(level, room, format, now))
		log_put(level, room, slice_make(text, (size_t)len));
	pthread_mutex_unlock(&log_state.lock);
}

static void log_shut(void)
{
	for (int i = 0; i < LOG_KINDS; i++)
		log_say_left_out(&log_state.kinds[i]);
	if (log_state.fd >= 0)
		close(log_state.fd);
	log_state.fd = -1;
}

int log_open(const struct log_config *config)
{
	int r = 0;

	pthread_mutex_lock(&log_state.lock);
	log_shut();
	__atomic_store_n(&log_state.level, config->level, __ATOMIC_RELAXED);
	log_state.json = config->json;
	if (config->file) {
		log_state.fd = open(config->file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
		r = log_state.fd < 0 ? -errno : 0;
	}
	pthread_mutex_unlock(&log_state.lock);
	return r;
}

void log_close(void)
{
	pthread_mutex_lock(&log_state.lock);
	log_shut();
	pthread_mutex_unlock(&log_state.lock);
}
