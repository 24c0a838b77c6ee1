/* SPDX-License-Identifier: Apache-2.0 */
/* Deadlines in lists, one list per class; see the header for why. */
#include "net/http_deadline.h"

void http_deadlines_init(struct http_deadlines *all, struct loop *loop)
{
	all->loop = loop;
	for (int i = 0; i < DEADLINE_COUNT; i++)
		all->heads[i].prev = all->heads[i].next = &all->heads[i];
}

void http_deadlines_finish(struct http_deadlines *all)
{
	timer_clear(loop_wall_timers(all->loop), &all->timer);
}

static void http_deadline_watch(struct http_deadlines *all, int64_t at)
{
	/* Deadlines mostly move away; waking once too early is cheaper than moving the timer each time. */
	if (!timer_is_set(&all->timer) || at < all->timer.at)
		timer_set(loop_wall_timers(all->loop), &all->timer, at);
}

static void http_deadline_unlink(struct http_deadline *deadline)
{
	if (!deadline->next)
		return;
	deadline->prev->next = deadline->next;
	deadline->next->prev = deadline->prev;
	deadline->prev = deadline->next = NULL;
}

void http_deadline_set(struct http_deadlines *all, struct http_deadline *deadline,
                       enum http_deadline_class class)
{
	struct http_deadline *head = &all->heads[class];

	http_deadline_unlink(deadline);
	deadline->class = class;
	if (class == DEADLINE_NONE)
		return;
	deadline->at = loop_wall(all->loop) + all->lengths[class];
	deadline->next = head;
	deadline->prev = head->prev;
	head->prev->next = deadline;
	head->prev = deadline;
	http_deadline_watch(all, deadline->at);
}

struct http_deadline *http_deadline_due(struct http_deadlines *all, enum http_deadline_class *ret_class)
{
	int64_t now = loop_wall(all->loop);

	for (int i = DEADLINE_IDLE; i < DEADLINE_COUNT; i++) {
		struct http_deadline *first = all->heads[i].next;

		if (first != &all->heads[i] && first->at <= now) {
			http_deadline_unlink(first);
			*ret_class = first->class;
			first->class = DEADLINE_NONE;
			return first;
		}
	}
	for (int i = DEADLINE_IDLE; i < DEADLINE_COUNT; i++)
		if (all->heads[i].next != &all->heads[i])
			http_deadline_watch(all, all->heads[i].next->at);
	return NULL;
}
