/* SPDX-License-Identifier: Apache-2.0 */
/* Logs in both formats, plain and gzip, good and broken. */
#include "cli/event_log.h"

#include "base/unit.h"
#include "cli/event_log_time.h"
#include "codec/json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char dir[] = "/tmp/dure-event-log-XXXXXX";

static void path_of(const char *name, char *out, size_t size)
{
	snprintf(out, size, "%s/%s", dir, name);
}

static void put_file(const char *name, const char *text)
{
	char path[128];
	path_of(name, path, sizeof(path));
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fputs(text, file) < 0, 0);
	fclose(file);
}

static void count_bad(void *user, uint64_t line, const char *why)
{
	uint64_t *lines = user;
	assert_non_null(why);
	*lines = *lines * 100 + line;
}

static int read_log(const char *name, size_t most, struct event_log *log, uint64_t *bad)
{
	char path[128];
	path_of(name, path, sizeof(path));
	*bad = 0;
	return event_log_read(path, NULL, most, count_bad, bad, log);
}

static void assert_instance(const struct event_log *log, size_t number, const char *json)
{
	struct arena arena;
	struct buf buf;
	arena_init(&arena);
	buf_init(&buf, &arena);
	json_write(&buf, event_log_instance(log, &log->events[number], &arena));
	assert_slice(buf_slice(&buf), json);
	arena_finish(&arena);
}

UNIT(times_in_both_forms)
{
	static const struct {
		const char *text;
		int64_t seconds; /* -1: no time */
	} rows[] = {
	        {"1970-01-02 00:00:01", 86401},
	        {"02-Jan-1970 00:00:01", 86401},
	        {"2012-11-11 21:14:21", 1352668461},
	        {"19-Nov-2008 22:47:46", 1227134866},
	        {"29-Feb-2008 00:00:00", 1204243200},
	        {"29-Feb-2007 00:00:00", -1},
	        {"2012-11-31 00:00:00", -1},
	        {"2012-11-11", -1},
	        {"2012-11-11 21:14", -1},
	        {"2012-11-11 21:14:21:1", -1},
	        {"2012-11-11 24:00:00", -1},
	        {"11-Foo-2012 00:00:00", -1},
	        {"", -1},
	        {"--  ::", -1},
	        {"2012-11-11 021:14:21", -1},
	        {"99999999999999999999-1-1 0:0:0", -1},
	        {"2008-2-3 4:5:6", 1202011506},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t us = -1000000;
		bool good = event_log_time(slice_of(rows[i].text), &us);
		if (good != (rows[i].seconds >= 0) || us != rows[i].seconds * 1000000)
			fail_msg("%s: %lld", rows[i].text, (long long)us);
	}
}

UNIT(a_home_with_places)
{
	struct event_log log;
	uint64_t bad;
	put_file("ordonez.txt", "Start time\tEnd time\tLocation\tType\tPlace\r\n"
	                        "2012-11-11 21:14:21\t2012-11-12 00:21:49\tSeat\tPressure\tLiving\r\n"
	                        "2012-11-12 00:22:57\t2012-11-12 00:22:59\tDoor\tPIR\tLiving\n"
	                        "2012-11-12 00:23:14\t2012-11-12 00:23:17\tSeat\tPressure\tLiving");
	assert_int_equal(read_log("ordonez.txt", 0, &log, &bad), 0);
	assert_int_equal(bad, 0);
	assert_false(log.windows);
	assert_int_equal(log.event_count, 3);
	assert_int_equal(log.box_count, 2);
	assert_string_equal(log.boxes[0].name, "Living-Seat-Pressure");
	assert_string_equal(log.boxes[0].labels[0], "room:Living");
	assert_string_equal(log.boxes[0].labels[1], "type:Pressure");
	assert_string_equal(log.boxes[0].labels[2], "sensor:Seat");
	assert_int_equal(log.boxes[0].events, 2);
	assert_int_equal(log.events[2].box, 0);
	assert_instance(&log, 0,
	                "{\"con\":{\"on\":\"20121111T211421\",\"off\":\"20121112T002149\"},"
	                "\"lbl\":[\"day:2012-11-11\"]}");
	assert_true(event_log_gap(&log, &log.events[1], &log.events[2]) == 17 * 1000000);
	assert_true(event_log_gap(&log, &log.events[2], &log.events[1]) == 0);
	event_log_finish(&log);
}

UNIT(a_home_with_a_map_of_numbers)
{
	struct event_log log;
	uint64_t bad;
	put_file("kast.map", "1,Microwave,KitchHeat\n5,Hall-Toilet door,Toilet\n6,bad\n99999999,x,y\n");
	put_file("kast.txt", "25-Feb-2008 00:20:14\t25-Feb-2008 00:22:57\t5\t\n"
	                     "25-Feb-2008 09:33:41\t25-Feb-2008 09:33:42\t24\n");
	assert_int_equal(read_log("kast.txt", 0, &log, &bad), 0);
	assert_int_equal(log.event_count, 2);
	assert_string_equal(log.boxes[0].name, "Hall-Toilet-door-5");
	assert_string_equal(log.boxes[0].labels[0], "room:Toilet");
	assert_string_equal(log.boxes[1].name, "sensor-24");
	event_log_finish(&log);
}

#define ROW_TAIL ",0,1,2,3,0,1,2,3,0,1,2,3,0,1,2,3,0,1,2,3,0,1,2,3,0,1,2,3,0,1,2,3,6,7,9,9\n"

UNIT(windows_give_ten_events_a_row)
{
	struct event_log log;
	uint64_t bad;
	put_file("devices.csv", "0,AirConditioner\n2,Blind\n");
	put_file("actions.csv", "3,Blind:close\n");
	put_file("windows.csv", "17,2,4,2,3" ROW_TAIL "17,2,4,2,3" ROW_TAIL "18,2,4,2,3" ROW_TAIL);
	assert_int_equal(read_log("windows.csv", 0, &log, &bad), 0);
	assert_true(log.windows);
	assert_int_equal(log.event_count, 30);
	assert_int_equal(log.box_count, 4);
	assert_string_equal(log.boxes[0].parent, "home-17");
	assert_string_equal(log.boxes[0].name, "Blind");
	assert_string_equal(log.boxes[0].labels[0], "home:17");
	assert_string_equal(log.boxes[1].name, "device-9");
	assert_instance(&log, 0, "{\"con\":\"Blind:close\",\"lbl\":[\"day:2\",\"slot:4\"]}");
	assert_instance(&log, 9, "{\"con\":\"action-9\",\"lbl\":[\"day:6\",\"slot:7\"]}");
	assert_true(event_log_gap(&log, &log.events[9], &log.events[10]) == 0);
	assert_true(event_log_gap(&log, &log.events[0], &log.events[1]) > 0);
	event_log_finish(&log);
	assert_int_equal(read_log("windows.csv", 13, &log, &bad), 0);
	assert_int_equal(log.event_count, 13);
	event_log_finish(&log);
}

UNIT(bad_lines_are_named_and_left_out)
{
	struct event_log log;
	uint64_t bad;
	put_file("bad.txt", "2012-11-11 21:14:21\t2012-11-12 00:21:49\tSeat\n"
	                    "\n"
	                    "yesterday\t2012-11-12 00:21:49\tSeat\n"
	                    "2012-11-11 21:14:21\ttoday\tSeat\n"
	                    "2012-11-11 21:14:21\t2012-11-12 00:21:49\n"
	                    "no tabs, but a comma\n"
	                    "2012-11-11 21:14:21\t2012-11-12 00:21:49\t\xff\xfe\x01/../..\n");
	assert_int_equal(read_log("bad.txt", 0, &log, &bad), 0);
	assert_int_equal(bad, 3040506);
	assert_int_equal(log.bad, 4);
	assert_int_equal(log.event_count, 2);
	assert_string_equal(log.boxes[1].name, "sensor");
	event_log_finish(&log);

	put_file("bad.csv", "17,2,4,2,3" ROW_TAIL "17,7,4,2,3" ROW_TAIL "17,2,4,2\n17,x,4,2,3" ROW_TAIL
	                    "99999999999999999999,2,4,2,3" ROW_TAIL);
	assert_int_equal(read_log("bad.csv", 0, &log, &bad), 0);
	assert_int_equal(bad, 2030405);
	assert_int_equal(log.event_count, 10);
	event_log_finish(&log);
}

UNIT(what_cannot_be_read_at_all)
{
	struct event_log log;
	uint64_t bad;
	assert_int_equal(read_log("none.txt", 0, &log, &bad), -ENOENT);
	event_log_finish(&log);
	put_file("empty.txt", "");
	assert_int_equal(read_log("empty.txt", 0, &log, &bad), -ENODATA);
	event_log_finish(&log);
	put_file("words.txt", "hello\nworld\n");
	assert_int_equal(read_log("words.txt", 0, &log, &bad), -ENODATA);
	assert_int_equal(bad, 102);
	event_log_finish(&log);
	char *line = calloc(1, 70001);
	memset(line, 'x', 70000);
	put_file("long.txt", line);
	free(line);
	assert_int_equal(read_log("long.txt", 0, &log, &bad), -EMSGSIZE);
	event_log_finish(&log);
	put_file("broken.gz", "\x1f\x8b\x08\x03 this is no gzip");
	assert_true(read_log("broken.gz", 0, &log, &bad) < 0);
	event_log_finish(&log);
}

UNIT(any_text_becomes_a_name)
{
	struct arena arena;
	arena_init(&arena);
	assert_string_equal(event_log_name(&arena, SLICE("Office/study-Light switch-houseD")),
	                    "Office-study-Light-switch-houseD");
	assert_string_equal(event_log_name(&arena, SLICE("  ..a_b.c  ")), "a_b.c");
	assert_string_equal(event_log_name(&arena, SLICE("")), "unnamed");
	assert_string_equal(event_log_name(&arena, SLICE("\xea\xb1\xb0")), "unnamed");
	arena_finish(&arena);
}

static int make_dir(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	(void)state;
	static const char *const names[] = {"ordonez.txt", "kast.map",    "kast.txt", "devices.csv",
	                                    "actions.csv", "windows.csv", "bad.txt",  "bad.csv",
	                                    "empty.txt",   "words.txt",   "long.txt", "broken.gz"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char path[128];
		path_of(names[i], path, sizeof(path));
		unlink(path);
	}
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(times_in_both_forms),
	        unit(a_home_with_places),
	        unit(a_home_with_a_map_of_numbers),
	        unit(windows_give_ten_events_a_row),
	        unit(bad_lines_are_named_and_left_out),
	        unit(what_cannot_be_read_at_all),
	        unit(any_text_becomes_a_name),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
