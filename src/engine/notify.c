/* SPDX-License-Identifier: Apache-2.0 */
/* From an event to notifications. The resource's subscriptions are looked at one by one; what each shape of
 * content says is written once, when the first of them wants it, and shared by all.
 *
 * The conditions of enc are asked of the subscribed-to resource as it is now; sizes are those of its content,
 * or of the instance that came or went, where the resource itself has none. */
#include "engine/notify.h"

#include "base/clock.h"
#include "codec/json.h"
#include "engine/box.h"
#include "engine/deliver.h"
#include "engine/engine_private.h"
#include "engine/filter.h"
#include "engine/represent.h"
#include "engine/type/sub.h"
#include "model/rsc.h"

#define PAST_MOST 1000 /* instances told of by preSubscriptionNotify */

struct event {
	struct engine *engine;
	struct node *subject; /* the subscribed-to resource */
	int net;              /* 0: an operation, for operationMonitor */
	int op;
	unsigned op_bit; /* as accessControlOperations has it */
	struct slice from;
	int64_t now;
	const struct val *changed;     /* update: names and values */
	struct node *child;            /* the child that came or went ... */
	const struct store_inst *inst; /* ... or the instance */
	bool cs_known;
	int64_t cs;                     /* -1: it has no size */
	struct tale *tales[NCT_ID + 1]; /* what is told, by content type */
	struct arena arena;
};

static void notify_begin(struct event *event, struct req *req, struct engine *engine, struct node *subject,
                         int net)
{
	*event = (struct event){.engine = engine, .subject = subject, .net = net};
	if (req) {
		event->op = (int)req->op;
		event->op_bit = 1u << (req->op - 1);
		event->from = req->from;
		event->now = req->now;
	} else {
		event->now = clock_now();
	}
	arena_init(&event->arena);
}

static void notify_end(struct event *event)
{
	for (size_t i = 0; i < sizeof(event->tales) / sizeof(event->tales[0]); i++)
		note_tale_drop(event->tales[i]);
	arena_finish(&event->arena);
}

/* {"m2m:cnt":{...}} of what the event is about. */
static void notify_write_all(struct event *event, struct buf *buf)
{
	const struct node *node = event->child ? event->child : event->subject;
	const char *root =
	        event->inst ? represent_inst_type(event->subject, event->inst)->root : node->type->root;

	buf_add_char(buf, '{');
	json_write_str(buf, slice_of(root));
	buf_add_lit(buf, ":{");
	if (event->inst)
		represent_inst(buf, event->subject, event->inst);
	else
		represent_node(buf, event->engine, node);
	buf_add_lit(buf, "}}");
}

static void notify_write_changed(struct event *event, struct buf *buf)
{
	buf_add_char(buf, '{');
	json_write_str(buf, slice_of(event->subject->type->root));
	buf_add_char(buf, ':');
	json_write(buf, event->changed);
	buf_add_char(buf, '}');
}

static void notify_write_id(struct event *event, struct buf *buf)
{
	const struct node *node = event->child ? event->child : event->subject;
	struct slice ri = event->inst ? box_id(event->subject, event->inst, &event->arena) : node->ri;

	buf_add_lit(buf, "{\"m2m:uri\":");
	json_write_str(buf, sub_reference(event->engine, ri, &event->arena));
	buf_add_char(buf, '}');
}

static struct tale *notify_tale(struct event *event, int nct)
{
	struct tale **tale = &event->tales[nct == NCT_MODIFIED && !event->changed ? NCT_ALL : nct];
	struct buf buf;

	if (*tale)
		return *tale;
	buf_init(&buf, &event->arena);
	if (nct == NCT_ID)
		notify_write_id(event, &buf);
	else if (nct == NCT_MODIFIED && event->changed)
		notify_write_changed(event, &buf);
	else
		notify_write_all(event, &buf);
	*tale = note_tale(&event->engine->deliver->tale_bytes, event->op, event->now, event->from,
	                  buf_slice(&buf));
	return *tale;
}

static int64_t notify_size(struct event *event)
{
	uint64_t cs;

	if (event->cs_known)
		return event->cs;
	event->cs_known = true;
	event->cs = -1;
	if (val_is_uint(node_attr(event->subject, SLICE("cs"), &event->arena), &cs))
		event->cs = (int64_t)cs;
	else if (event->inst)
		event->cs = (int64_t)event->inst->cs;
	return event->cs;
}

/* What a condition is asked of; -1: the resource has no such thing. */
static int64_t notify_asked_value(struct event *event, unsigned condition)
{
	const struct node *node = event->subject;

	switch ((enum sub_condition)condition) {
	case COND_CRB:
	case COND_CRA:
		return node->ct;
	case COND_MS:
	case COND_US:
		return node->lt;
	case COND_EXB:
	case COND_EXA:
		return node->et ? node->et : -1;
	case COND_STS:
	case COND_STB:
		return node->box ? (int64_t)node->box->s.st : -1;
	case COND_SZA:
	case COND_SZB:
		return notify_size(event);
	case COND_COUNT:
		break;
	}
	return -1;
}

static bool notify_condition(struct event *event, unsigned condition, int64_t limit)
{
	/* These want less than the limit; the others that much or more. */
	const unsigned below =
	        1u << COND_CRB | 1u << COND_US | 1u << COND_EXB | 1u << COND_STS | 1u << COND_SZB;
	int64_t value = notify_asked_value(event, condition);

	return value >= 0 && (below & 1u << condition ? value < limit : value >= limit);
}

static bool notify_conditions(struct event *event, const struct sub *sub)
{
	if (!sub->conditions)
		return true;
	for (unsigned c = 0; c < COND_COUNT; c++)
		if (sub->conditions & 1u << c && notify_condition(event, c, sub->limit[c]) == sub->any)
			return sub->any;
	return !sub->any;
}

static bool notify_attributes(const struct event *event, const struct sub *sub)
{
	if (!sub->atr || !event->changed)
		return true;
	for (size_t i = 0; i < sub->atr_count; i++)
		if (val_get(event->changed, sub->atr[i]))
			return true;
	return false;
}

static bool notify_child_type(const struct event *event, const struct sub *sub)
{
	uint32_t number;

	if (!sub->chty || (!event->child && !event->inst))
		return true;
	number = event->child ? event->child->type->number : event->inst->ty;
	for (size_t i = 0; i < sub->chty_count; i++)
		if (sub->chty[i] == number)
			return true;
	return false;
}

static bool notify_monitors(struct event *event, const struct sub *sub)
{
	for (size_t i = 0; i < sub->om_count; i++) {
		const struct sub_monitor *monitor = &sub->om[i];

		if (monitor->ops && !(monitor->ops & event->op_bit))
			continue;
		if (!monitor->from.len ||
		    id_matches(&event->engine->self, monitor->from, event->from, &event->arena))
			return true;
	}
	return false;
}

static bool notify_wants(struct event *event, const struct sub *sub)
{
	if (event->net ? !(sub->nets & 1u << event->net) : !sub->om)
		return false;
	if (!event->net && !notify_monitors(event, sub))
		return false;
	return notify_attributes(event, sub) && notify_child_type(event, sub) &&
	       notify_conditions(event, sub);
}

/* The next subscription of the subject from this child on; left counts down. */
static struct node *notify_next(struct node *node, uint32_t *left)
{
	for (; node && *left; node = node->next)
		if (node->type->number == TYPE_SUB) {
			(*left)--;
			return node;
		}
	return NULL;
}

static void notify_fire(struct event *event)
{
	uint32_t left = event->subject->sub_count;
	struct node *node = notify_next(event->subject->subs, &left);

	for (; node; node = notify_next(node->next, &left)) {
		const struct sub *sub = node->extra;

		/* Its own birth is no event for it. */
		if (!sub || node == event->child || !notify_wants(event, sub))
			continue;
		for (struct queue *queue = sub->queues; queue; queue = queue->next)
			queue_push(queue, NOTE_EVENT, event->net, notify_tale(event, sub->nct));
	}
}

void notify_updated(struct req *req, struct engine *engine, struct node *node, const struct val *changed)
{
	struct event event;

	if (!node->sub_count)
		return;
	notify_begin(&event, req, engine, node, NET_UPDATE);
	event.changed = changed;
	notify_fire(&event);
	notify_end(&event);
}

static void notify_child(struct req *req, struct engine *engine, struct node *parent, struct node *child,
                         const struct store_inst *inst, int net)
{
	struct event event;

	if (!parent->sub_count)
		return;
	notify_begin(&event, req, engine, parent, net);
	event.child = child;
	event.inst = child ? NULL : inst;
	notify_fire(&event);
	notify_end(&event);
}

void notify_child_created(struct req *req, struct engine *engine, struct node *parent, struct node *child,
                          const struct store_inst *inst)
{
	notify_child(req, engine, parent, child, inst, NET_CREATE_CHILD);
}

void notify_child_deleted(struct req *req, struct engine *engine, struct node *parent, struct node *child,
                          const struct store_inst *inst)
{
	notify_child(req, engine, parent, child, inst, NET_DELETE_CHILD);
}

void notify_deleted(struct req *req, struct engine *engine, struct node *node)
{
	notify_child(req, engine, node, NULL, NULL, NET_DELETE);
}

void notify_retrieved_nothing(struct req *req, struct engine *engine, struct node *node)
{
	notify_child(req, engine, node, NULL, NULL, NET_RETRIEVE_NOTHING);
}

void notify_operation(struct req *req, struct engine *engine, struct node *node)
{
	struct event event;

	if (!node || !node->sub_count)
		return;
	notify_begin(&event, req, engine, node, 0);
	if (req && req->op == OP_RETRIEVE && filter_is_discovery(req->filter))
		event.op_bit = 32;
	if (req && req->op == OP_UPDATE)
		event.changed = req->changed;
	notify_fire(&event);
	notify_end(&event);
}

/* The subscription that must be asked before this update; NULL: none. */
static const struct sub *notify_blocker(struct event *event)
{
	uint32_t left = event->subject->sub_count;
	struct node *node = notify_next(event->subject->subs, &left);

	for (; node; node = notify_next(node->next, &left))
		if (node->extra && notify_wants(event, node->extra))
			return node->extra;
	return NULL;
}

static int notify_begin_asking(struct req *req, struct node *node, const struct val *changed)
{
	struct engine *engine = req->engine;
	struct val *pc = val_obj(&req->arena);
	void *wait = req->wait;
	const struct sub *sub;
	struct event event;
	struct prim request;
	struct note note = {.kind = NOTE_EVENT, .net = NET_BLOCKING_UPDATE};
	struct slice target;

	notify_begin(&event, req, engine, node, NET_BLOCKING_UPDATE);
	event.changed = changed;
	sub = notify_blocker(&event);
	if (!sub || !sub->queues) {
		notify_end(&event);
		return STEP_NEXT;
	}
	note.tale = notify_tale(&event, NCT_MODIFIED);
	val_put(pc, SLICE("m2m:sgn"),
	        note_sgn(&note, sub_reference(engine, sub->node->ri, &req->arena), sub->nfu, &req->arena));
	target = sub->queues->target;
	deliver_request(engine, &req->arena, target, pc, &request);
	req->asked = deliver_wait_begin(req, 1);
	req->wait = wait; /* of the type, when it has one */
	deliver_wait_send(req->asked, 0, target, &request);
	notify_end(&event);
	return STEP_WAIT;
}

int notify_ask_first(struct req *req, struct node *node, const struct val *changed)
{
	struct deliver_wait *wait = req->asked;
	const struct deliver_answer *answer;

	if (!node->sub_count)
		return STEP_NEXT;
	if (!wait)
		return notify_begin_asking(req, node, changed);
	answer = &wait->answers[0];
	if (answer->result < 0)
		return req_refuse(req, RSC_REMOTE_ENTITY_NOT_REACHABLE,
		                  "the subscriber that must be asked first cannot be reached");
	if (!rsc_is_good(answer->rsc))
		return req_refuse(req, RSC_OPERATION_DENIED_BY_REMOTE_ENTITY,
		                  "the subscriber that must be asked first says no (%d)", answer->rsc);
	return STEP_NEXT;
}

/* Instances met on the way back, newest first. */
struct past {
	struct event *event;
	const struct sub *sub;
	struct tale **tales;
	size_t count, most;
};

static int notify_see_past(void *user, const struct store_inst *inst)
{
	struct past *past = user;
	struct event *event = past->event;
	int nct = past->sub->nct;

	if (inst->et && inst->et <= event->now)
		return 0;
	event->inst = inst;
	event->cs_known = false;
	if (!notify_wants(event, past->sub))
		return 0;
	past->tales[past->count++] = notify_tale(event, nct);
	event->tales[nct] = NULL;
	return past->count == past->most;
}

void notify_past(struct req *req, struct node *node, uint64_t n)
{
	struct engine *engine = req->engine;
	struct node *parent = node->parent;
	struct event event;
	struct past past = {
	        .event = &event, .sub = node->extra, .most = n < PAST_MOST ? (size_t)n : PAST_MOST};

	if (!parent->box || parent->box->s.cni == 0 || !past.most)
		return;
	notify_begin(&event, req, engine, parent, NET_CREATE_CHILD);
	past.tales = arena_array(&event.arena, past.most, struct tale *);
	int r = engine->store->ops->walk(engine->store, parent->no, parent->box->s.next - 1, -1, false,
	                                 notify_see_past, &past);

	while (past.count > 0) {
		struct tale *tale = past.tales[--past.count];

		for (struct queue *queue = past.sub->queues; queue && r >= 0; queue = queue->next)
			queue_push(queue, NOTE_EVENT, NET_CREATE_CHILD, tale);
		note_tale_drop(tale);
	}
	notify_end(&event);
}
