/* SPDX-License-Identifier: Apache-2.0 */
/* Logs of home events, read whole into memory. Two formats, told apart by their first lines:
 *
 *   homes    start TAB end TAB sensor [TAB type TAB place], times as "2012-11-11 21:14:21" or
 *            "19-Nov-2008 22:47:46"; a heading line is skipped. A sensor that is a number gets its name from
 * the file of the same name with .map ("5,Hall-Toilet door,Toilet"). One line is one event:
 * {"on":"20121111T211421","off":"20121112T002149"}, labelled with its day. windows  home, (day, slot, device,
 * action) x 10, all numbers; names from devices.csv and actions.csv. One row is ten events: the name of the
 * action, labelled with its day and slot.
 *
 * Every sensor (or device of a home) is a box; events of one box stand in the order of the file. Times are
 * taken as they stand: the logs do not say their zone. */
#ifndef DURE_CLI_EVENT_LOG_H
#define DURE_CLI_EVENT_LOG_H

#include "base/map.h"
#include "codec/val.h"

struct event_log_box {
	const char *parent;    /* name of the container above, "home-3"; NULL: none */
	const char *name;      /* resource name */
	const char *labels[4]; /* NULL-terminated */
	uint64_t events;
};

struct event_log_event {
	int64_t on, off; /* homes: microseconds since 1970. windows: on is within the week, off is -1 */
	uint32_t box;
	uint32_t action; /* windows */
	uint32_t line;
};

struct event_log {
	struct arena arena;
	bool windows;
	struct event_log_box *boxes;
	size_t box_count, box_cap;
	struct event_log_event *events;
	size_t event_count, event_cap;
	const char **actions, **devices; /* by number; may be NULL */
	size_t action_count, device_count;
	struct map by_key; /* private to reading */
	uint64_t bad;      /* lines that could not be read */
};

/* Tells a line that could not be read; the reading goes on without it. */
typedef void event_log_fn(void *user, uint64_t line, const char *why);

/* names_dir NULL: beside the file. At most `most` events (0: all). 0, or -errno when the file cannot be read
 * at all (-ENODATA: it holds no event of either format). */
int event_log_read(const char *path, const char *names_dir, size_t most, event_log_fn *tell, void *user,
                   struct event_log *ret);
void event_log_finish(struct event_log *log);
/* The instance an event becomes: con and lbl. */
struct val *event_log_instance(const struct event_log *log, const struct event_log_event *event,
                               struct arena *arena);
/* Microseconds between two events that follow each other in the log, 0 when that is not known. */
int64_t event_log_gap(const struct event_log *log, const struct event_log_event *before,
                      const struct event_log_event *event);
/* Any text as a resource name: what a name cannot hold becomes '-'. */
const char *event_log_name(struct arena *arena, struct slice text);

#endif
