/* SPDX-License-Identifier: Apache-2.0 */
/* Many at once, and slow ones: ten thousand who say nothing, those who speak a byte at a time, and those who
 * never read. Whoever has a good question is answered meanwhile as if they were not there. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "story/hostile.h"

#define CROWD       10000
#define CROWD_BYTES 4096 /* the most that one who is idle may cost */
#define LORIS       150
#define LORIS_US    (40 * 1000000LL)
#define GET                                                                                                  \
	"GET /cse-in/home HTTP/1.1\r\nHost: here\r\nX-M2M-Origin: CAdmin\r\nX-M2M-RI: r1\r\nX-M2M-RVI: "     \
	"3\r\n\r\n"

/* Bytes of memory the node holds. */
static int64_t crowd_memory(const struct story *story)
{
	char path[64], text[128] = "";
	struct slice rest, field;
	uint64_t pages = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/statm", (int)story->pid);
	file = fopen(path, "re");
	if (file && !fgets(text, sizeof(text), file))
		text[0] = 0;
	if (file)
		fclose(file);
	rest = slice_of(text);
	if (!slice_cut(&rest, ' ', &field) || !slice_cut(&rest, ' ', &field) || !slice_u64(field, &pages))
		return -1;
	return (int64_t)pages * sysconf(_SC_PAGESIZE);
}

static int crowd_compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

/* How long one in a hundred waits at most, of 300 good requests; -1: one was not answered. */
static int64_t crowd_p99(struct story *story)
{
	int64_t us[300], worst = 0;
	struct line line;

	story_connect(story, &line);
	for (size_t i = 0; i < 300; i++) {
		int64_t began = clock_wall_steady();
		struct answer answer;

		story_send(&line, SLICE(GET));
		if (!story_hear(story, &line, &answer) || answer.status != 200)
			worst = -1;
		us[i] = clock_wall_steady() - began;
		story_forget(story);
	}
	story_hang_up(&line);
	qsort(us, 300, sizeof(*us), crowd_compare);
	return worst ? worst : us[297];
}

/* Half of them have asked something before. */
static int crowd_gather(struct story *story, struct line *crowd)
{
	int here = 0;

	for (int i = 0; i < CROWD; i++) {
		struct answer answer;

		story_connect(story, &crowd[i]);
		if (crowd[i].fd < 0)
			continue;
		here++;
		if (i % 2 == 0)
			continue;
		story_send(&crowd[i], SLICE(GET));
		if (!story_hear(story, &crowd[i], &answer))
			here--;
		buf_finish(&crowd[i].in);
		story_forget(story);
	}
	return here;
}

static void crowd_idle(struct story *story)
{
	struct line *crowd = calloc(CROWD, sizeof(*crowd));
	int64_t before, after, p99;
	int here;

	/* What serving costs at all is not theirs. */
	crowd_p99(story);
	before = crowd_memory(story);
	here = crowd_gather(story, crowd);
	p99 = crowd_p99(story);
	after = crowd_memory(story);
	story_check(story, here == CROWD && story_metric(story, "dure_http_connections") > CROWD,
	            "%d idle connections are held", here);
	story_note("one in a hundred waits %lld us", (long long)p99);
	story_check(story, p99 >= 0 && p99 < STORY_QUICK_US && story_is_well(story),
	            "while others are served at once");
	story_note("%lld bytes each", (long long)(after - before) / CROWD);
	if (getenv("DURE_SANITIZED"))
		story_skip(story, "and each costs less than 4 KiB", "sanitizers keep memory of their own");
	else
		story_check(story, before > 0 && (after - before) / CROWD < CROWD_BYTES,
		            "and each costs less than %d bytes", CROWD_BYTES);
	for (int i = 0; i < CROWD; i++)
		story_hang_up(&crowd[i]);
	story_check(story, story_is_well(story), "and when all hang up at once, the node is well");
	free(crowd);
}

/* All who drip are cut with 408; returns how many were. Drips a byte to each every 50 ms. */
static int crowd_drip(struct story *story, struct line *lines, int count, int64_t us, int64_t *ret_p99)
{
	int64_t end = clock_wall_steady() + us;
	int cut = 0;

	*ret_p99 = 0;
	for (int left = count; left > 0 && clock_wall_steady() < end;) {
		int64_t p99 = crowd_p99(story);

		*ret_p99 = p99 < 0 || *ret_p99 < 0 ? -1 : p99 > *ret_p99 ? p99 : *ret_p99;
		left = 0;
		for (int i = 0; i < count; i++) {
			struct answer answer;

			if (lines[i].fd < 0)
				continue;
			left++;
			send(lines[i].fd, "x", 1, MSG_DONTWAIT | MSG_NOSIGNAL);
			if (!story_hear_end(&lines[i], 1) && lines[i].in.len == 0)
				continue;
			cut += story_hear(story, &lines[i], &answer) && story_is_refusal(&answer, 408, 4008);
			story_hang_up(&lines[i]);
		}
		poll(NULL, 0, 50);
	}
	for (int i = 0; i < count; i++)
		story_hang_up(&lines[i]);
	return cut;
}

/* Heads, bodies and chunked bodies at once. */
static void crowd_slow(struct story *story)
{
	static const char *const begins[] = {
	        "GET /cse-in HTTP/1.1\r\nX: ",
	        "POST /cse-in/home HTTP/1.1\r\nHost: here\r\nContent-Length: 100000\r\n\r\n",
	        "POST /cse-in/home HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\nfffff\r\n",
	};
	struct line lines[LORIS];
	int64_t p99;
	int cut;

	for (int i = 0; i < LORIS; i++) {
		story_connect(story, &lines[i]);
		story_send(&lines[i], slice_of(begins[i % 3]));
	}
	cut = crowd_drip(story, lines, LORIS, LORIS_US, &p99);
	if (cut != LORIS)
		story_note("%d of %d", cut, LORIS);
	story_check(story, cut == LORIS && story_is_well(story),
	            "heads, bodies and chunks that drip are cut with 408");
	story_note("one in a hundred of the others waits %lld us", (long long)p99);
	story_check(story, p99 >= 0 && p99 < STORY_QUICK_US, "and nobody waits for them");
}

/* Asks for much and reads nothing: is not read on for ever, and the others do not notice. */
static void crowd_deaf(struct story *story)
{
	struct line line;
	size_t sent = 0;
	int64_t before = crowd_memory(story), most;
	int small = 4096;

	story_connect(story, &line);
	setsockopt(line.fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	for (int idle = 0; idle < 10 && sent < (100 << 20);) {
		ssize_t n = send(line.fd, GET, sizeof(GET) - 1, MSG_DONTWAIT | MSG_NOSIGNAL);

		idle = n > 0 ? 0 : idle + 1;
		sent += n > 0 ? (size_t)n : 0;
		if (n <= 0)
			story_is_well(story);
	}
	most = crowd_memory(story) - before;
	story_note("it could send %zu bytes, and cost %lld", sent, (long long)most);
	story_check(story, sent < (100 << 20) && most < (32 << 20) && story_is_well(story),
	            "one who asks and does not read is not listened to for ever");
	story_hang_up(&line);
}

static void crowd_gone(struct story *story)
{
	bool good = true;

	for (int i = 0; i < 1000; i++) {
		struct linger now = {.l_onoff = 1};
		struct line line;

		story_connect(story, &line);
		story_send(&line, slice_make(GET, i % 3 ? sizeof(GET) - 1 : (size_t)i % (sizeof(GET) - 1)));
		/* Every other with a reset. */
		if (i % 2)
			setsockopt(line.fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
		good = line.fd >= 0 && good;
		story_hang_up(&line);
	}
	story_check(story, good && story_is_well(story), "a thousand who ask and leave");
}

void hostile_crowd(struct story *story)
{
	struct rlimit files;

	getrlimit(RLIMIT_NOFILE, &files);
	if (files.rlim_cur > CROWD + 100)
		crowd_idle(story);
	else
		story_skip(story, "10,000 idle connections",
		           "the limit of open files (ulimit -Hn) is too low");
	crowd_gone(story);
	crowd_deaf(story);
	crowd_slow(story);
}
