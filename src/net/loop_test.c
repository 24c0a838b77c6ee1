/* SPDX-License-Identifier: Apache-2.0 */
/* The loop in virtual time: timers wait for clock_pass, descriptors and the other clock for nobody. */
#include "base/unit.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/loop.h"

struct note {
	struct watch watch;
	struct timer timer;
	struct loop_hook hook;
	struct loop *loop;
	struct note *other;
	char *log, mark;
};

static void note_write(struct note *note)
{
	size_t len = strlen(note->log);

	if (len < 60)
		memcpy(note->log + len, (char[2]){note->mark, 0}, 2);
}

static void note_ready(struct watch *watch, uint32_t events)
{
	struct note *note = container_of(watch, struct note, watch);

	note_write(note);
	if (note->other)
		loop_remove(note->loop, &note->other->watch);
}

static void note_due(struct timer *timer)
{
	note_write(container_of(timer, struct note, timer));
}

static void note_hook(struct loop_hook *hook)
{
	note_write(container_of(hook, struct note, hook));
}

static void notes_begin(struct note *notes, size_t count, char *log, struct loop **ret)
{
	assert_int_equal(loop_create(ret), 0);
	log[0] = 0;
	for (size_t i = 0; i < count; i++) {
		notes[i] = (struct note){.loop = *ret, .log = log, .mark = (char)('a' + i)};
		notes[i].watch.ready = note_ready;
		notes[i].timer.run = note_due;
		notes[i].hook.run = note_hook;
	}
}

UNIT(timers_of_virtual_time_wait_for_it)
{
	struct note notes[3];
	struct loop *loop;
	char log[64];

	notes_begin(notes, 3, log, &loop);
	timer_set(loop_timers(loop), &notes[0].timer, clock_now() + 3600000000);
	timer_set(loop_timers(loop), &notes[1].timer, clock_now() + 10);
	timer_set(loop_timers(loop), &notes[2].timer, clock_now());
	assert_int_equal(loop_turn(loop, -1), 0);
	assert_string_equal(log, "c");
	loop_turn(loop, 1000);
	assert_string_equal(log, "c");
	clock_pass(10);
	loop_turn(loop, -1);
	assert_string_equal(log, "cb");
	clock_pass(3600000000);
	loop_turn(loop, -1);
	assert_string_equal(log, "cba");
	loop_destroy(loop);
}

UNIT(timers_of_the_network_run_in_real_time)
{
	struct note notes[1];
	struct loop *loop;
	char log[64];

	notes_begin(notes, 1, log, &loop);
	timer_set(loop_wall_timers(loop), &notes[0].timer, clock_wall_steady() + 2000);
	while (!log[0])
		assert_int_equal(loop_turn(loop, -1), 0);
	assert_string_equal(log, "a");
	loop_destroy(loop);
}

UNIT(hooks_run_in_their_order_and_flushes_after)
{
	struct note notes[4];
	struct loop *loop;
	char log[64];

	notes_begin(notes, 4, log, &loop);
	loop_add_flush(loop, &notes[2].hook);
	loop_add_hook(loop, &notes[0].hook);
	loop_add_flush(loop, &notes[3].hook);
	loop_add_hook(loop, &notes[1].hook);
	loop_again(loop);
	loop_turn(loop, -1);
	assert_string_equal(log, "abcd");
	loop_remove_hook(loop, &notes[2].hook);
	loop_remove_hook(loop, &notes[0].hook);
	loop_flush_soon(loop);
	loop_turn(loop, -1);
	assert_string_equal(log, "abcdbd");
	loop_destroy(loop);
}

UNIT(a_removed_watch_gets_no_more_calls)
{
	struct note notes[2];
	struct loop *loop;
	char log[64];
	int pipes[2][2];

	notes_begin(notes, 2, log, &loop);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(pipe(pipes[i]), 0);
		notes[i].watch.fd = pipes[i][0];
		notes[i].other = &notes[1 - i];
		assert_int_equal(loop_add(loop, &notes[i].watch, EPOLLIN), 0);
		assert_int_equal(write(pipes[i][1], "x", 1), 1);
	}
	assert_int_equal(loop_turn(loop, -1), 2);
	assert_int_equal(strlen(log), 1);
	loop_turn(loop, 0);
	assert_int_equal(strlen(log), 2);
	assert_int_equal(log[0], log[1]);
	assert_int_equal(loop_change(loop, &notes[log[0] - 'a'].watch, 0), 0);
	assert_int_equal(loop_turn(loop, 0), 0);
	for (int i = 0; i < 4; i++)
		close(pipes[i / 2][i % 2]);
	loop_destroy(loop);
}

static void stop_due(struct timer *timer)
{
	loop_stop(container_of(timer, struct note, timer)->loop);
}

UNIT(runs_until_it_is_stopped)
{
	struct note notes[1];
	struct loop *loop;
	char log[64];

	notes_begin(notes, 1, log, &loop);
	notes[0].timer.run = stop_due;
	timer_set(loop_wall_timers(loop), &notes[0].timer, clock_wall_steady() + 1000);
	assert_int_equal(loop_run(loop), 0);
	loop_destroy(loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(timers_of_virtual_time_wait_for_it),
	        unit(timers_of_the_network_run_in_real_time),
	        unit(hooks_run_in_their_order_and_flushes_after),
	        unit(a_removed_watch_gets_no_more_calls),
	        unit(runs_until_it_is_stopped),
	};

	return unit_main(tests);
}
