/* SPDX-License-Identifier: Apache-2.0 */
/* Passing time: the clock jumps from timer to timer, and after each jump the node may finish what that timer
 * began (a notification is sent and answered) before the clock goes on. So an hour takes no time, and what
 * happens in it happens in the same order every time. */
#include "dured/control.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

enum { LINE = 128, QUIET_US = 200000 };

struct control {
	struct watch watch;
	struct loop *loop;
	char line[LINE];
	size_t len;
	bool passing;
	int64_t until;    /* virtual */
	int64_t patience; /* wall: waiting for calls no longer than this */
	bool (*is_quiet)(void *user);
	void *user;
};

static void begin(struct control *control, struct slice line)
{
	struct slice word;
	uint64_t us = 0;
	slice_cut(&line, ' ', &word);
	if (!slice_is(word, SLICE("pass")) || !slice_u64(line, &us) || us > INT64_MAX / 4) {
		puts("error: expected \"pass <microseconds>\"");
		fflush(stdout);
		return;
	}
	control->passing = true;
	control->until = clock_now() + (int64_t)us;
	control->patience = clock_wall_steady() + QUIET_US;
	loop_again(control->loop);
}

static void ready(struct watch *watch, uint32_t events)
{
	struct control *control = container_of(watch, struct control, watch);
	ssize_t n = read(watch->fd, control->line + control->len, LINE - control->len);
	if (n <= 0) {
		if (n == 0)
			loop_stop(control->loop); /* the runner is gone */
		return;
	}
	control->len += (size_t)n;
	char *end = memchr(control->line, '\n', control->len);
	if (!end && control->len < LINE)
		return;
	begin(control, slice_make(control->line, end ? (size_t)(end - control->line) : 0));
	control->len = 0;
}

int control_create(struct loop *loop, struct control **ret)
{
	*ret = NULL;
	if (!clock_is_virtual())
		return 0;
	struct control *control = mem_zero(1, sizeof(*control));
	control->loop = loop;
	control->watch = (struct watch){.fd = STDIN_FILENO, .ready = ready};
	int r = loop_add(loop, &control->watch, EPOLLIN);
	if (r) {
		free(control);
		return r;
	}
	*ret = control;
	return 0;
}

void control_destroy(struct control *control)
{
	if (!control)
		return;
	loop_remove(control->loop, &control->watch);
	free(control);
}

void control_watch_calls(struct control *control, bool (*is_quiet)(void *user), void *user)
{
	if (!control)
		return;
	control->is_quiet = is_quiet;
	control->user = user;
}

void control_turn(struct control *control)
{
	if (!control || !control->passing)
		return;
	/* Calls under way get a moment; one that hangs does not hold the clock for ever. */
	if (control->is_quiet && !control->is_quiet(control->user) && clock_wall_steady() < control->patience)
		return;
	int64_t next = timers_next(loop_timers(control->loop));
	control->patience = clock_wall_steady() + QUIET_US;
	if (next <= control->until) {
		if (next > clock_now())
			clock_pass(next - clock_now());
		loop_again(control->loop);
		return;
	}
	if (control->until > clock_now())
		clock_pass(control->until - clock_now());
	control->passing = false;
	puts("passed");
	fflush(stdout);
}
