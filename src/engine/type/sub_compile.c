/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a subscription once, into a struct sub. When it is read again after an update, the queues of targets
 * that stay go on where they were. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "engine/deliver.h"
#include "engine/engine_private.h"
#include "engine/type/sub.h"
#include "engine/type/sub_rules.h"

#define BATCH_USUAL (60 * INT64_C(1000000)) /* bn without dur */
#define NOTES_MOST  10000                   /* of one subscription */
#define BYTES_MOST  ((size_t)16 << 20)

/* Names of the conditions in enc, in the order of enum sub_condition. The first six are times. */
static const char *const sub_conditions[COND_COUNT] = {"crb", "cra", "ms",  "us",  "exb",
                                                       "exa", "sts", "stb", "sza", "szb"};
enum { SUB_TIMES = COND_EXA + 1 };

static struct slice sub_copy_text(struct sub *sub, size_t *at, struct slice text)
{
	char *copy = sub->texts + *at;

	if (text.len)
		memcpy(copy, text.ptr, text.len);
	*at += text.len;
	return slice_make(copy, text.len);
}

static struct slice sub_text_of(const struct val *obj, const char *name)
{
	struct slice text = SLICE("");

	(void)val_is_str(val_get(obj, slice_of(name)), &text);
	return text;
}

static void sub_read_conditions(struct sub *sub, const struct val *enc)
{
	int64_t fo = 1;

	for (unsigned c = 0; c < COND_COUNT; c++) {
		const struct val *v = val_get(enc, slice_of(sub_conditions[c]));

		if (!v ||
		    !(c < SUB_TIMES ? clock_parse(v->text, &sub->limit[c]) : val_is_int(v, &sub->limit[c])))
			continue;
		sub->conditions |= 1u << c;
	}
	(void)val_is_int(val_find(enc, "fo"), &fo);
	sub->any = fo == 2;
}

static void sub_read_monitors(struct sub *sub, const struct val *om, size_t *at)
{
	if (!om || om->kind != VAL_ARR)
		return;
	sub->om = mem_zero(om->count + 1, sizeof(*sub->om));
	val_each (om, one) {
		struct sub_monitor *monitor = &sub->om[sub->om_count++];
		int64_t ops = 0;

		(void)val_is_int(val_find(one, "ops"), &ops);
		monitor->ops = (unsigned)ops;
		monitor->from = sub_copy_text(sub, at, sub_text_of(one, "or"));
	}
}

static void sub_read_lists(struct sub *sub, const struct val *enc, struct slice nfu)
{
	const struct val *atr = val_find(enc, "atr"), *chty = val_find(enc, "chty"),
	                 *om = val_find(enc, "om");
	size_t size = nfu.len + 1, at = 0;

	if (atr)
		val_each (atr, name)
			size += name->text.len;
	if (om)
		val_each (om, one)
			size += sub_text_of(one, "or").len;
	sub->texts = mem_take(size);
	sub->nfu = sub_copy_text(sub, &at, nfu);
	if (atr && atr->kind == VAL_ARR) {
		sub->atr = mem_zero(atr->count + 1, sizeof(*sub->atr));
		val_each (atr, name)
			sub->atr[sub->atr_count++] = sub_copy_text(sub, &at, name->text);
	}
	if (chty && chty->kind == VAL_ARR) {
		sub->chty = mem_zero(chty->count + 1, sizeof(*sub->chty));
		val_each (chty, number) {
			uint64_t n = 0;

			(void)val_is_uint(number, &n);
			sub->chty[sub->chty_count++] = (uint32_t)n;
		}
	}
	sub_read_monitors(sub, om, &at);
}

static int64_t sub_duration(const struct val *v, int64_t otherwise)
{
	int64_t us;

	return v && clock_parse_duration(v->text, &us) ? us : otherwise;
}

static void sub_read_rules(const struct engine *engine, struct queue_rules *rules, const struct val *body)
{
	const struct val *bn = val_find(body, "bn"), *rl = val_find(body, "rl"), *nu = val_find(body, "nu");
	int64_t pn = 0, nec = 0;
	size_t targets = nu && nu->count ? nu->count : 1;
	uint64_t most = engine->config.backlog_most ? engine->config.backlog_most : NOTES_MOST;

	(void)val_is_int(val_find(body, "pn"), &pn);
	(void)val_is_int(val_find(body, "nec"), &nec);
	(void)val_is_bool(val_find(body, "ln"), &rules->latest);
	(void)val_is_bool(val_find(body, "nse"), &rules->stats);
	rules->pn = (int)pn;
	rules->nec = (int)nec;
	rules->batch = bn != NULL;
	(void)val_is_uint(val_find(bn, "num"), &rules->batch_num);
	rules->batch_dur = sub_duration(val_find(bn, "dur"), BATCH_USUAL);
	(void)val_is_uint(val_find(rl, "mnn"), &rules->rate_most);
	rules->rate_span = sub_duration(val_find(rl, "tww"), 0);
	rules->max_age = sub_duration(val_find(body, "ma"), 0);
	rules->most = most > targets ? (size_t)(most / targets) : 1;
	rules->most_bytes = BYTES_MOST / targets;
}

/* The queue of this target out of the old list, or a new one. */
static struct queue *sub_take_queue(struct sub *sub, struct sub *old, struct deliver *deliver,
                                    struct slice target)
{
	struct queue *queue;

	for (queue = sub->queues; queue; queue = queue->next)
		if (slice_is(queue->target, target))
			return NULL; /* named twice */
	for (struct queue **at = old ? &old->queues : NULL; at && *at; at = &(*at)->next) {
		queue = *at;
		if (!slice_is(queue->target, target))
			continue;
		*at = queue->next;
		queue_adopt(queue, sub, old->rules.pn);
		return queue;
	}
	queue = queue_create(deliver, target, sub);
	queue->delivered = sub->delivered;
	return queue;
}

static void sub_read_stats(struct sub *sub, const struct val *nsi)
{
	if (!nsi || nsi->kind != VAL_ARR)
		return;
	for (struct queue *queue = sub->queues; queue; queue = queue->next)
		val_each (nsi, one) {
			if (!slice_is(sub_text_of(one, "tg"), queue->target))
				continue;
			(void)val_is_uint(val_find(one, "rqs"), &queue->sent);
			(void)val_is_uint(val_find(one, "rsr"), &queue->answered);
			(void)val_is_uint(val_find(one, "noec"), &queue->events);
		}
}

static void sub_read_targets(struct sub *sub, struct sub *old, struct deliver *deliver, const struct val *nu)
{
	struct queue **end = &sub->queues;

	if (!nu || nu->kind != VAL_ARR)
		return;
	val_each (nu, target) {
		struct queue *queue = sub_take_queue(sub, old, deliver, target->text);

		if (!queue)
			continue;
		queue->next = NULL;
		*end = queue;
		end = &queue->next;
	}
}

static void sub_destroy(struct sub *sub)
{
	free(sub->atr);
	free(sub->chty);
	free(sub->om);
	free(sub->texts);
	free(sub);
}

int sub_compile(struct engine *engine, struct node *node, struct why *why)
{
	struct sub *sub = mem_zero(1, sizeof(*sub)), *old = node->extra;
	struct arena arena;
	const struct val *body, *enc;
	int64_t nct;

	arena_init(&arena);
	body = node_body(node, &arena);
	enc = val_find(body, "enc");
	sub->node = node;
	/* It was checked before it was stored; nothing can be wrong here. */
	if (sub_rules_nets(enc, &sub->nets, NULL))
		sub->nets = 0;
	nct = sub_rules_nct(sub->nets);
	(void)val_is_int(val_find(body, "nct"), &nct);
	sub->nct = (int)nct;
	(void)val_is_uint(val_find(body, "exc"), &sub->exc);
	(void)val_is_bool(val_find(body, "eeno"), &sub->with_or);
	sub_read_conditions(sub, enc);
	sub_read_lists(sub, enc, sub_text_of(body, "nfu"));
	sub_read_rules(engine, &sub->rules, body);
	sub->delivered = old ? old->delivered : 0;
	sub_read_targets(sub, old, engine->deliver, val_find(body, "nu"));
	sub_read_stats(sub, val_find(body, "nsi"));
	node->extra = sub;
	while (old && old->queues) {
		struct queue *queue = old->queues;

		old->queues = queue->next;
		queue_abandon(queue);
	}
	if (old)
		sub_destroy(old);
	arena_finish(&arena);
	return 0;
}

void sub_forget(struct engine *engine, struct node *node)
{
	struct sub *sub = node->extra;

	if (!sub)
		return;
	while (sub->queues) {
		struct queue *queue = sub->queues;

		sub->queues = queue->next;
		queue_destroy(queue);
	}
	node->extra = NULL;
	sub_destroy(sub);
}
