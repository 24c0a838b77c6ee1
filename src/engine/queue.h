/* SPDX-License-Identifier: Apache-2.0 */
/* Notifications of one subscription for one target, in order, one at a time. Queues of other subscriptions
 * and targets go on beside it. What is in a queue is in the store too, until it was delivered. */
#ifndef DURE_ENGINE_QUEUE_H
#define DURE_ENGINE_QUEUE_H

#include "base/map.h"
#include "base/timer.h"
#include "engine/note.h"
#include "engine/place.h"
#include "engine/share.h"

struct engine;
struct sub;
struct call;

/* How a subscription wants to be served: its attributes, made ready. */
struct queue_rules {
	int pn;             /* 0: none, 1 sendLatest, 2 sendAllPending */
	int nec;            /* event category; 0: none; 2: no schedule holds it up */
	bool latest;        /* ln: of those that wait only the newest counts */
	bool batch;         /* bn */
	bool stats;         /* nse */
	uint64_t batch_num; /* 0: by time only */
	int64_t batch_dur;  /* microseconds */
	uint64_t rate_most; /* rl; 0: no limit */
	int64_t rate_span;
	int64_t max_age;         /* ma; 0: none */
	size_t most, most_bytes; /* the oldest are dropped beyond */
};
extern const struct queue_rules queue_rules_none;

/* A notification (or batch) that is being sent: pump.c. */
struct flight;

struct queue {
	struct deliver *deliver;
	struct sub *sub;                 /* NULL: the subscription has gone, this is the rest */
	const struct queue_rules *rules; /* the subscription's, or queue_rules_none */
	struct queue *next;              /* of the subscription, or of those left behind */
	struct place *place;
	struct slice target;       /* as in nu; heap */
	struct slice sur;          /* heap; only when the subscription has gone */
	struct note *first, *last; /* waiting, oldest first */
	size_t count, bytes;
	struct note *flying; /* being sent */
	size_t flying_count;
	struct flight *flight;
	uint64_t batched;   /* events since the last batch left */
	unsigned failures;  /* in a row */
	int64_t hold_until; /* back-off */
	int64_t rate_from;
	uint64_t rate_used;
	uint64_t delivered;              /* since it was made: for the expiration counter */
	uint64_t sent, answered, events; /* notification statistics */
	bool warned;
	struct timer timer;
	struct share *share; /* its owner's */
	struct queue *share_prev, *share_next;
	struct queue_list *list; /* the ready ones, or those waiting for their place; NULL: neither */
	struct queue *list_prev, *list_next;
};

/* All queues and calls; deliver.c has the rest. */
struct deliver {
	struct engine *engine;
	uint64_t turn;           /* counts commits */
	struct queue_list ready; /* to be looked at after the commit */
	struct queue *left;      /* queues whose subscription has gone */
	struct call *calls;
	size_t call_count;
	struct map places;
	struct map shares;
	size_t note_count, tale_bytes; /* memory in use */
	size_t most_bytes;             /* of all that waits, of all subscriptions */
	size_t schedules;              /* <schedule> resources alive; 0: nobody needs to look */
	struct arena scratch;          /* for what is encoded at once */
	struct timer timer;            /* more is ready than one turn should do */
	uint64_t done[256];            /* delivered notes that the store still keeps */
	size_t done_count;
	struct timer done_timer;
	bool closing;
};

struct queue *queue_create(struct deliver *deliver, struct slice target, struct sub *sub);
/* Frees it and what waits in it; the store is not touched. */
void queue_destroy(struct queue *queue);
/* The target is no longer wanted: what waits is forgotten, in the store too. Destroys the queue. */
void queue_abandon(struct queue *queue);
/* The subscription goes. What was about the deletion is still told; the queue goes its own way or ends. */
void queue_leave(struct queue *queue);
/* The subscription changed: rules, or what a pendingNotification of before allowed to wait. */
void queue_adopt(struct queue *queue, struct sub *sub, int pn_before);

/* A new notification; it may leave after the commit. */
void queue_push(struct queue *queue, enum note_kind kind, int net, struct tale *tale);
/* One that the store kept. */
void queue_restore(struct queue *queue, struct note *note);
/* For a target outside any subscription: the subscription `sur` has been deleted. */
void queue_tell_gone(struct deliver *deliver, struct slice target, struct slice sur);
/* The queue of a subscription that has gone. */
struct queue *queue_left(struct deliver *deliver, struct slice target, struct slice sur);

/* A note of the store is done with. It is told to the store a little later, together with others, so that a
 * lone delivery does not cost a commit of its own; who dies meanwhile will tell them twice. */
void queue_note_done(struct deliver *deliver, uint64_t id);
void queue_flush_done(struct deliver *deliver);
void queue_flush_done_timer(struct timer *timer);

/* For pump.c: lists, and what leaves a queue. */
void queue_list_add(struct queue *queue, struct queue_list *list); /* fine when it stands in one */
void queue_list_remove(struct queue *queue);
void queue_is_ready(struct queue *queue);
/* Forgets the oldest that waits; done: in the store too. */
void queue_drop_first(struct queue *queue, bool done);
/* Drops the oldest until no more than `keep` wait, and counts them. */
void queue_shrink(struct queue *queue, size_t keep);
/* What was being sent goes back to the head. */
void queue_put_back(struct queue *queue);

#endif
