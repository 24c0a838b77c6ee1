/* SPDX-License-Identifier: Apache-2.0 */
/* Requests under way where answers come as messages of their own, in any order: by MQTT and WebSocket. An
 * answer finds its request by the request identifier. */
#ifndef DURE_LAB_POST_H
#define DURE_LAB_POST_H

#include "lab/run/transport.h"

struct pending {
	struct post *post;
	struct arena *arena; /* of the case */
	struct slice rqi;    /* ptr NULL: none was sent */
	const void *channel; /* where the answer must come from */
	struct slice topic;  /* MQTT: where the answer must stand; else empty */
	struct slice bytes;  /* not sent yet: what is to be sent; else empty */
	bool done;
	struct reply reply;
	struct pending *next;
};

struct post {
	struct place *place;
	struct pending *first; /* newest first */
};

/* A message that came. */
struct post_message {
	const void *channel;
	struct slice topic;     /* as in struct pending */
	const char *form_fault; /* what is wrong with it as a message; NULL: nothing */
	struct slice bytes;
	const char *header, *value; /* told of the answer: "Topic", "/oneM2M/resp/..." */
};

/* bytes: what is to be sent; kept in arena. Never NULL. */
struct pending *post_start(struct post *post, struct arena *arena, const struct call *call,
                           const void *channel, struct slice bytes);
/* As the row of struct transport. */
bool post_done(struct pending *pending, struct arena *arena, struct reply *ret);
void post_destroy(struct pending *pending);
/* An answer: its request gets it. A request: goes to *ret_request, in the arena of the receivers, and NULL
 * when it was an answer, or nothing that can be read. ret_fault: what is wrong with the request's form. */
void post_take(struct post *post, const struct post_message *message, struct val **ret_request,
               const char **ret_fault);
/* No answer will come any more to what went that way. */
void post_lost(struct post *post, const void *channel, const char *error, bool closed);

#endif
