/* SPDX-License-Identifier: Apache-2.0 */
/* Receivers of notifications. Each case has its own, by name; they answer as they were told to, also badly,
 * and remember what came, in its order. A receiver is an HTTP address, or one of the binding under test, or
 * an entity that is reached by the way it speaks itself (`listen BOX as WHO`). box_http.c and box_coap.c are
 * servers on loopback; what comes by MQTT or WebSocket is handed in by the transport. */
#ifndef DURE_LAB_BOX_H
#define DURE_LAB_BOX_H

#include "base/fail.h"
#include "codec/encoding.h"
#include "codec/val.h"
#include "net/loop.h"

/* How receivers can be reached. */
enum box_way { BOX_HTTP, BOX_COAP, BOX_MQTT };

struct boxes_config {
	enum box_way way;       /* of the binding under test, where it has receivers of its own */
	enum encoding encoding; /* what notifications to them must be in */
	const char *broker;     /* BOX_MQTT: "mqtt://127.0.0.1:1883" */
	const char *cse;        /* BOX_MQTT: who sends: "id-in" */
};

/* One thing that came. */
struct box_heard {
	/* { fr, rqi, rvi, to, ec, method, header: {...} } and the members of the content (m2m:sgn ...) */
	const struct val *whole;
	struct slice fault; /* what was wrong with its form; empty: nothing */
	struct box_heard *next;
};

struct boxes;
struct box;

/* Listens on 127.0.0.1, any port. Texts of config are not copied. 0, a refusal, or -errno. */
MUST_CHECK int boxes_create(struct loop *loop, const struct boxes_config *config, struct why *why,
                            struct boxes **ret);
void boxes_destroy(struct boxes *boxes);
/* A new case: all receivers and what they heard are forgotten, connections are closed. What is heard from now
 * on lives in arena, which must stay until the next reset. */
void boxes_reset(struct boxes *boxes, struct arena *arena);

struct box_wish {
	struct slice how, argument; /* as in `listen BOX how argument`; both may be empty */
	const struct val *content;  /* of answers-with; else NULL */
	bool http;                  /* it will also be told to do what only HTTP can */
};
/* Makes a receiver, or changes its manner. A refusal says what was expected. */
MUST_CHECK int boxes_listen(struct boxes *boxes, struct slice name, const struct box_wish *wish,
                            struct why *why);
/* Is that a manner which only HTTP has: drips, garbage, hangs-up, a status? */
bool box_is_http(struct slice how, struct slice argument);
bool boxes_url(const struct boxes *boxes, struct slice name, struct slice *ret_url);
/* Takes the oldest thing heard; NULL: nothing. */
struct box_heard *boxes_take(struct boxes *boxes, struct slice name);

/* --- for those who bring what came --- */

/* The receiver of "12/box" (turn and name); NULL: there is none any more. */
struct box *box_by_path(struct boxes *boxes, struct slice path);
/* The receiver that listens as this entity ("Cmeter", "/id-in/Cmeter"), or where the entity is to be found.
 */
struct box *box_by_who(struct boxes *boxes, struct slice who);
/* The entity (an AE, at `path` in the tree) has said that it is to be found at these URLs. When one is a
 * receiver's, the receiver also hears what comes to the entity by the way it speaks itself. path is of the
 * case's arena, who may be empty: the one that it had. */
void boxes_found_at(struct boxes *boxes, struct slice path, struct slice who, const struct val *urls);
/* Where what lives as long as the case is put. */
struct arena *boxes_arena(const struct boxes *boxes);

/* A request primitive that came as {op, to, fr, rqi, pc ...} for a receiver, NULL for nobody. It is heard,
 * and answered as the receiver's manner is: now, later, or when the case is over; always exactly once. fault:
 * what is wrong with its form; NULL: nothing. */
void box_serve(struct boxes *boxes, struct box *box, const struct val *primitive, const char *fault,
               void (*answer)(void *user, const struct val *response), void *user);

#endif
