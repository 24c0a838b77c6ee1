/* SPDX-License-Identifier: Apache-2.0 */
/* Linked with the virtual clock, so that the time in the lines is known. */
#include "base/clock.h"
#include "base/log.h"
#include "base/unit.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char log_path[] = "/tmp/dure-log-test-XXXXXX";

/* What the log holds now; the log is emptied. */
static const char *log_take(void)
{
	static char text[300000];
	FILE *file = fopen(log_path, "r+");
	size_t len;

	assert_non_null(file);
	len = fread(text, 1, sizeof(text) - 1, file);
	text[len] = 0;
	assert_int_equal(ftruncate(fileno(file), 0), 0);
	fclose(file);
	return text;
}

static void log_to_file(bool json, enum log_level level)
{
	struct log_config config = {.level = level, .json = json, .file = log_path};

	assert_int_equal(log_open(&config), 0);
}

UNIT(log_writes_text)
{
	log_to_file(false, LOG_INFO);
	log_info("store", "journal folded %d instances", 16384);
	log_debug("store", "not wanted");
	log_error("net", "odd: %s", "a\nb\x1b[31m\xff\xc3\xa9");
	log_close();
	assert_string_equal(log_take(),
	                    "2026-11-22T09:35:50.123Z info  store: journal folded 16384 instances\n"
	                    "2026-11-22T09:35:50.123Z error net: odd: a\\x0ab\\x1b[31m\\xff\xc3\xa9\n");
}

UNIT(log_writes_json)
{
	log_to_file(true, LOG_DEBUG);
	log_debug("net", "a \"quote\" and \\ and %s", "\n\x01\xff");
	log_close();
	assert_string_equal(log_take(),
	                    "{\"time\":\"2026-11-22T09:35:50.123Z\",\"level\":\"debug\",\"room\":\"net\","
	                    "\"message\":\"a \\\"quote\\\" and \\\\ and \\u000a\\u0001\\u00ff\"}\n");
}

UNIT(log_counts_what_comes_too_often)
{
	const char *text;
	int lines = 0;

	log_to_file(false, LOG_INFO);
	for (int i = 0; i < 1000; i++)
		log_warn("bind", "too many: %d", i);
	log_warn("bind", "another");
	log_close();
	text = log_take();
	for (const char *at = text; (at = strchr(at, '\n')); at++)
		lines++;
	/* 20, one more kind, one sum; a second border within the loop may double the first and the last. */
	assert_true(lines >= 22 && lines <= 43);
	assert_non_null(strstr(text, "more) like: too many: %d"));
	assert_non_null(strstr(text, "bind: another"));
}

static void *log_in_thread(void *unused)
{
	for (int i = 0; i < 15; i++)
		log_info("net", "a line of a thread, whole and unbroken");
	return unused;
}

UNIT(log_lines_of_threads_stay_whole)
{
	pthread_t threads[4];
	const char *at;

	log_to_file(false, LOG_INFO);
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, log_in_thread, NULL), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	log_close();
	for (at = log_take(); *at; at = strchr(at, '\n') + 1)
		assert_true(strncmp(at, "2026-11-22T09:35:50.123Z info  net: ", 36) == 0);
}

UNIT(log_open_says_when_it_cannot)
{
	struct log_config config = {.level = LOG_INFO, .file = "/nonexistent/dir/log"};
	enum log_level level = LOG_INFO;

	assert_int_equal(log_open(&config), -ENOENT);
	log_close();
	assert_true(log_level_parse("debug", &level) && level == LOG_DEBUG);
	assert_false(log_level_parse("loud", &level));
	assert_false(log_level_parse(NULL, &level));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(log_writes_text),
	        unit(log_writes_json),
	        unit(log_counts_what_comes_too_often),
	        unit(log_lines_of_threads_stay_whole),
	        unit(log_open_says_when_it_cannot),
	};
	int fd, r;

	setenv("DURE_VIRTUAL_START", "20261122T093550,123456", 1);
	fd = mkstemp(log_path);
	if (fd < 0)
		return 1;
	close(fd);
	r = unit_main(tests);
	unlink(log_path);
	return r;
}
