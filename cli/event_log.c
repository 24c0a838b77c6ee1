/* SPDX-License-Identifier: Apache-2.0 */
/* Reads logs that others wrote: every line is held to its format, a bad one is told and left out. */
#include "cli/event_log.h"

#include "base/buf.h"
#include "base/clock.h"
#include "cli/event_log_time.h"
#include "cli/lines.h"

#include <errno.h>
#include <stdlib.h>

#define FIELDS_MAX 64
#define EVENTS_MAX ((size_t)100 * 1000 * 1000)
#define NUMBER_MAX 1000000 /* of homes, devices, actions */

struct reading {
	struct event_log *log;
	const char *path;
	size_t most;
	event_log_fn *tell;
	void *user;
	uint64_t line;
	const char **sensors, **places; /* of the .map, by number */
	size_t sensor_count;
};

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

const char *event_log_name(struct arena *arena, struct slice text)
{
	struct buf buf;
	buf_init(&buf, arena);
	/* A mark stands only behind a letter, so a name never begins with one and never has two in a row. */
	for (size_t i = 0; i < text.len && buf.len < 100; i++) {
		bool inside = buf.len && is_letter(buf.ptr[buf.len - 1]);
		if (is_letter(text.ptr[i]))
			buf_add_char(&buf, text.ptr[i]);
		else if (inside)
			buf_add_char(&buf, text.ptr[i] == '.' || text.ptr[i] == '_' ? text.ptr[i] : '-');
	}
	if (buf.len && !is_letter(buf.ptr[buf.len - 1]))
		buf.len--;
	return buf.len ? arena_text(arena, buf_slice(&buf)) : "unnamed";
}

static size_t split(struct slice line, char mark, struct slice *fields)
{
	size_t count = 0;
	struct slice part;
	while (count < FIELDS_MAX && slice_cut(&line, mark, &part)) {
		while (part.len && part.ptr[0] == ' ')
			part = slice_skip(part, 1);
		while (part.len && part.ptr[part.len - 1] == ' ')
			part.len--;
		fields[count++] = part;
	}
	return count;
}

static void tell_bad(struct reading *reading, const char *why)
{
	reading->log->bad++;
	reading->tell(reading->user, reading->line, why);
}

static void *grow(void *memory, size_t *cap, size_t size)
{
	*cap = *cap ? *cap * 2 : 1024;
	void *more = realloc(memory, *cap * size);
	if (!more)
		abort();
	return more;
}

/* The box under that key; made with the given names when new. */
struct box_key {
	const struct event_log *log;
	struct slice parent, name;
};

static bool box_matches(const void *value, const void *key)
{
	const struct box_key *wanted = key;
	const struct event_log_box *box = &wanted->log->boxes[(uintptr_t)value - 1];
	return slice_is(slice_of(box->parent), wanted->parent) && slice_is(slice_of(box->name), wanted->name);
}

static uint64_t box_hash(struct slice parent, struct slice name)
{
	return slice_hash(name, slice_hash(parent, 0));
}

static uint32_t box_find(struct reading *reading, const char *parent, const char *name, bool *ret_new)
{
	struct event_log *log = reading->log;
	struct box_key key = {log, slice_of(parent), slice_of(name)};
	uint64_t hash = box_hash(key.parent, key.name);
	void *found = map_find(&log->by_key, hash, box_matches, &key);
	*ret_new = !found;
	if (found)
		return (uint32_t)((uintptr_t)found - 1);
	if (log->box_count == log->box_cap)
		log->boxes = grow(log->boxes, &log->box_cap, sizeof(*log->boxes));
	struct event_log_box *box = &log->boxes[log->box_count++];
	*box = (struct event_log_box){
	        .parent = parent ? arena_text(&log->arena, slice_of(parent)) : NULL,
	        .name = arena_text(&log->arena, slice_of(name)),
	};
	map_add(&log->by_key, hash, (void *)(uintptr_t)log->box_count);
	return (uint32_t)(log->box_count - 1);
}

static const char *label(struct arena *arena, const char *key, const char *value)
{
	return arena_text(arena, arena_printf(arena, "%s:%s", key, value));
}

static bool add_event(struct reading *reading, uint32_t box, int64_t on, int64_t off, uint32_t action)
{
	struct event_log *log = reading->log;
	if (log->event_count >= reading->most)
		return false;
	if (log->event_count == log->event_cap)
		log->events = grow(log->events, &log->event_cap, sizeof(*log->events));
	log->events[log->event_count++] = (struct event_log_event){
	        .on = on, .off = off, .box = box, .action = action, .line = (uint32_t)reading->line};
	log->boxes[box].events++;
	return true;
}

/* A sensor of a home: by number and .map, or by its place, location and type. */
static uint32_t home_box(struct reading *reading, const struct slice *fields, size_t count)
{
	struct arena *arena = &reading->log->arena, scratch;
	uint64_t number;
	bool is_new;
	uint32_t box;
	arena_init(&scratch);
	if (count >= 5) {
		struct slice text = arena_printf(&scratch, "%.*s-%.*s-%.*s", SLICE_ARG(fields[4]),
		                                 SLICE_ARG(fields[2]), SLICE_ARG(fields[3]));
		box = box_find(reading, NULL, event_log_name(&scratch, text), &is_new);
		struct event_log_box *made = &reading->log->boxes[box];
		if (is_new) {
			made->labels[0] = label(arena, "room", event_log_name(&scratch, fields[4]));
			made->labels[1] = label(arena, "type", event_log_name(&scratch, fields[3]));
			made->labels[2] = label(arena, "sensor", event_log_name(&scratch, fields[2]));
		}
	} else if (slice_u64(fields[2], &number) && number < reading->sensor_count &&
	           reading->sensors[number]) {
		/* The maps name some sensors alike, so the number stays in the name. */
		struct slice text =
		        arena_printf(&scratch, "%s-%u", reading->sensors[number], (unsigned)number);
		box = box_find(reading, NULL, event_log_name(&scratch, text), &is_new);
		struct event_log_box *made = &reading->log->boxes[box];
		if (is_new) {
			made->labels[0] = label(arena, "room", reading->places[number]);
			made->labels[1] = label(arena, "sensor", arena_text(&scratch, fields[2]));
		}
	} else {
		struct slice text = arena_printf(&scratch, "sensor-%.*s", SLICE_ARG(fields[2]));
		box = box_find(reading, NULL, event_log_name(&scratch, text), &is_new);
		if (is_new)
			reading->log->boxes[box].labels[0] =
			        label(arena, "sensor", event_log_name(&scratch, fields[2]));
	}
	arena_finish(&scratch);
	return box;
}

static bool read_home_line(struct reading *reading, struct slice line)
{
	struct slice fields[FIELDS_MAX];
	size_t count = split(line, '\t', fields);
	int64_t on, off;
	if (count && reading->line == 1 &&
	    (fields[0].len == 0 || fields[0].ptr[0] < '0' || fields[0].ptr[0] > '9'))
		return true; /* the heading */
	if (count < 3 || !fields[2].len)
		tell_bad(reading, "start, end and sensor are wanted, with tabs between");
	else if (!event_log_time(fields[0], &on))
		tell_bad(reading, "the start is no time such as 2012-11-11 21:14:21 or 19-Nov-2008 22:47:46");
	else if (!event_log_time(fields[1], &off))
		tell_bad(reading, "the end is no time such as 2012-11-11 21:14:21 or 19-Nov-2008 22:47:46");
	else
		return add_event(reading, home_box(reading, fields, count), on, off, 0);
	return true;
}

static uint32_t window_box(struct reading *reading, uint64_t home, uint64_t device)
{
	struct event_log *log = reading->log;
	struct arena scratch;
	bool is_new;
	arena_init(&scratch);
	const char *parent = arena_text(&scratch, arena_printf(&scratch, "home-%u", (unsigned)home));
	struct slice name = device < log->device_count && log->devices[device]
	                            ? slice_of(log->devices[device])
	                            : arena_printf(&scratch, "device-%u", (unsigned)device);
	const char *rn = event_log_name(&scratch, name);
	uint32_t box = box_find(reading, parent, rn, &is_new);
	if (is_new) {
		log->boxes[box].labels[0] = label(&log->arena, "home", parent + 5);
		log->boxes[box].labels[1] = label(&log->arena, "type", rn);
	}
	arena_finish(&scratch);
	return box;
}

static bool read_window_line(struct reading *reading, struct slice line)
{
	struct slice fields[FIELDS_MAX];
	uint64_t n[41];
	size_t count = split(line, ',', fields);
	if (count != 41) {
		tell_bad(reading, "41 numbers are wanted: home, then day, slot, device, action ten times");
		return true;
	}
	for (size_t i = 0; i < 41; i++)
		if (!slice_u64(fields[i], &n[i]) || n[i] >= NUMBER_MAX) {
			tell_bad(reading, "something that is no number stands among the 41");
			return true;
		}
	for (size_t i = 1; i < 41; i += 4)
		if (n[i] > 6 || n[i + 1] > 7) {
			tell_bad(reading, "a day is 0 to 6 and a slot 0 to 7");
			return true;
		}
	for (size_t i = 1; i < 41; i += 4) {
		int64_t at = ((int64_t)n[i] * 24 + (int64_t)n[i + 1] * 3) * 3600 * 1000000;
		if (!add_event(reading, window_box(reading, n[0], n[i + 2]), at, -1, (uint32_t)n[i + 3]))
			return false;
	}
	return true;
}

/* "7,name,..." rows into tables by number; a missing file leaves them empty. */
static void read_names(struct arena *arena, const char *path, const char ***ret_names,
                       const char ***ret_places, size_t *ret_count)
{
	struct lines *lines;
	struct slice line, fields[FIELDS_MAX];
	size_t cap = 4096;
	if (lines_open(path, &lines) != 0)
		return;
	*ret_names = arena_array(arena, cap, const char *);
	if (ret_places)
		*ret_places = arena_array(arena, cap, const char *);
	while (lines_next(lines, &line) == 1) {
		uint64_t number;
		size_t count = split(line, ',', fields);
		if (count < 2 || !slice_u64(fields[0], &number) || number >= cap)
			continue;
		(*ret_names)[number] = arena_text(arena, fields[1]);
		if (ret_places)
			(*ret_places)[number] =
			        event_log_name(arena, count > 2 ? fields[2] : SLICE("unknown"));
		*ret_count = number + 1 > *ret_count ? number + 1 : *ret_count;
	}
	lines_close(lines);
}

static void read_all_names(struct reading *reading, const char *names_dir)
{
	struct event_log *log = reading->log;
	struct slice stem = slice_of(reading->path);
	const char *slash = strrchr(reading->path, '/');
	struct slice dir = names_dir ? slice_of(names_dir)
	                   : slash   ? slice_make(reading->path, (size_t)(slash - reading->path))
	                             : SLICE(".");
	static const char *const ends[] = {".gz", ".txt"};
	for (size_t i = 0; i < 2; i++) {
		size_t len = strlen(ends[i]);
		if (stem.len > len && memcmp(stem.ptr + stem.len - len, ends[i], len) == 0)
			stem.len -= len;
	}
	const char *path = arena_text(&log->arena, arena_printf(&log->arena, "%.*s.map", SLICE_ARG(stem)));
	read_names(&log->arena, path, &reading->sensors, &reading->places, &reading->sensor_count);
	path = arena_text(&log->arena, arena_printf(&log->arena, "%.*s/devices.csv", SLICE_ARG(dir)));
	read_names(&log->arena, path, &log->devices, NULL, &log->device_count);
	path = arena_text(&log->arena, arena_printf(&log->arena, "%.*s/actions.csv", SLICE_ARG(dir)));
	read_names(&log->arena, path, &log->actions, NULL, &log->action_count);
}

static int read_lines(struct reading *reading, struct lines *lines)
{
	enum { UNKNOWN, HOMES, WINDOWS } format = UNKNOWN;
	struct slice line;
	bool more = true;
	int r = 0;
	while (more && (r = lines_next(lines, &line)) == 1) {
		reading->line = lines_number(lines);
		if (!line.len)
			continue;
		if (format == UNKNOWN)
			format = memchr(line.ptr, '\t', line.len)  ? HOMES
			         : memchr(line.ptr, ',', line.len) ? WINDOWS
			                                           : UNKNOWN;
		reading->log->windows = format == WINDOWS;
		if (format == UNKNOWN)
			tell_bad(reading, "neither tabs nor commas: this is neither of the two formats");
		else
			more = format == WINDOWS ? read_window_line(reading, line)
			                         : read_home_line(reading, line);
	}
	return r < 0 ? r : 0;
}

int event_log_read(const char *path, const char *names_dir, size_t most, event_log_fn *tell, void *user,
                   struct event_log *ret)
{
	struct lines *lines;
	*ret = (struct event_log){0};
	struct reading reading = {.log = ret, .path = path, .tell = tell, .user = user};
	reading.most = most && most < EVENTS_MAX ? most : EVENTS_MAX;
	arena_init(&ret->arena);
	map_init(&ret->by_key);
	int r = lines_open(path, &lines);
	if (r)
		return r;
	read_all_names(&reading, names_dir);
	r = read_lines(&reading, lines);
	lines_close(lines);
	map_finish(&ret->by_key);
	map_init(&ret->by_key);
	return !r && !ret->event_count ? -ENODATA : r;
}

void event_log_finish(struct event_log *log)
{
	map_finish(&log->by_key);
	free(log->boxes);
	free(log->events);
	arena_finish(&log->arena);
}

static struct val *stamp(struct arena *arena, int64_t us)
{
	char text[CLOCK_TEXT];
	clock_print(us, text);
	return val_str(arena, arena_copy(arena, slice_make(text, 15)));
}

struct val *event_log_instance(const struct event_log *log, const struct event_log_event *event,
                               struct arena *arena)
{
	struct val *rep = val_obj(arena), *lbl = val_arr(arena);
	if (log->windows) {
		struct slice action = event->action < log->action_count && log->actions[event->action]
		                              ? slice_of(log->actions[event->action])
		                              : arena_printf(arena, "action-%u", event->action);
		unsigned hour = (unsigned)(event->on / 3600 / 1000000);
		val_put(rep, SLICE("con"), val_str(arena, action));
		val_push(lbl, val_str(arena, arena_printf(arena, "day:%u", hour / 24)));
		val_push(lbl, val_str(arena, arena_printf(arena, "slot:%u", hour % 24 / 3)));
	} else {
		struct clock_civil day;
		clock_civil(event->on, &day);
		struct val *con = val_put(rep, SLICE("con"), val_obj(arena));
		val_put(con, SLICE("on"), stamp(arena, event->on));
		val_put(con, SLICE("off"), stamp(arena, event->off));
		val_push(lbl, val_str(arena, arena_printf(arena, "day:%04d-%02d-%02d", day.year, day.month,
		                                          day.day)));
	}
	val_put(rep, SLICE("lbl"), lbl);
	return rep;
}

int64_t event_log_gap(const struct event_log *log, const struct event_log_event *before,
                      const struct event_log_event *event)
{
	static const int64_t week = 7LL * 24 * 3600 * 1000000;
	int64_t gap = event->on - before->on;
	if (!log->windows)
		return gap > 0 ? gap : 0;
	/* Rows of windows do not say how far they lie apart; within a row the week goes round. */
	if (before->line != event->line)
		return 0;
	return gap >= 0 ? gap : gap + week;
}
