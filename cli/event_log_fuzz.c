/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a log of home events: read, or told what is wrong with them, and every event can be written.
 */
#include "cli/event_log.h"

#include "base/buf.h"
#include "codec/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void ignore(void *user, uint64_t line, const char *why)
{
	(void)user;
	(void)line;
	(void)why;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char path[] = "/tmp/dure-fuzz-XXXXXX";
	struct event_log log;
	int fd = mkstemp(path);
	if (fd < 0 || write(fd, bytes, len) != (ssize_t)len)
		abort();
	close(fd);
	event_log_read(path, NULL, 1000, ignore, NULL, &log);
	unlink(path);
	for (size_t i = 0; i < log.event_count; i++) {
		struct arena arena;
		struct buf buf;
		arena_init(&arena);
		buf_init(&buf, &arena);
		json_write(&buf, event_log_instance(&log, &log.events[i], &arena));
		if (log.events[i].box >= log.box_count ||
		    (i && event_log_gap(&log, &log.events[i - 1], &log.events[i]) < 0))
			abort();
		arena_finish(&arena);
	}
	event_log_finish(&log);
	return 0;
}
