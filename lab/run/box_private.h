/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of box share. */
#ifndef DURE_LAB_BOX_PRIVATE_H
#define DURE_LAB_BOX_PRIVATE_H

#include "lab/run/box.h"

enum box_manner {
	BOX_ANSWERS,
	BOX_REFUSES,
	BOX_SLOW,
	BOX_HANGS,
	BOX_HANGS_UP,
	BOX_DRIPS,
	BOX_GARBAGE,
	BOX_WITH
};

struct box {
	struct slice name, url;
	struct slice who; /* listens as this entity; empty: at its URL */
	enum box_manner manner;
	int code;                  /* answers: an HTTP status without RSC, or 0; refuses: the RSC */
	int64_t after;             /* slow: microseconds */
	const struct val *content; /* of answers-with */
	struct box_heard *first, *last;
	struct box *next;
};

struct box_http;
struct box_coap;
struct box_turn;

/* Who is to be found where. */
struct box_poa {
	struct slice path, who;
	struct box *box;
	struct box_poa *next;
};

struct boxes {
	struct loop *loop;
	struct boxes_config config;
	struct box_http *http;
	struct box_coap *coap; /* NULL: no such way */
	unsigned turn;         /* of the case: part of addresses */
	struct arena *arena;   /* of the case; between cases `spare` */
	struct arena spare;
	struct box *first;
	struct box_poa *poas;
	struct box_turn *turns; /* not answered yet */
};

/* Keeps what came: its parameters and content as they are in `whole`. */
void box_keep(struct boxes *boxes, struct box *box, struct val *whole, const struct val *pc,
              struct slice fault);
/* What the content of a notification must be like; empty: it is. */
struct slice box_content_fault(const struct val *pc);

int box_http_create(struct boxes *boxes, struct box_http **ret);
void box_http_destroy(struct box_http *http);
void box_http_reset(struct box_http *http);
int box_http_port(const struct box_http *http);

int box_coap_create(struct boxes *boxes, struct why *why, struct box_coap **ret);
void box_coap_destroy(struct box_coap *coap);
int box_coap_port(const struct box_coap *coap);

#endif
