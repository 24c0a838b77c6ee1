/* SPDX-License-Identifier: Apache-2.0 */
/* Requests over CoAP. What they look like, coapmap.c says. */
#include <errno.h>
#include <stdlib.h>

#include "lab/run/coapmap.h"

#define COAP_MESSAGE   (16u << 20)
#define COAP_ANSWER_US 60000000 /* the case has less patience */

struct coap_place {
	struct place place;
	struct coap *coap;
};

struct pending {
	bool done, gone;
	int result;
	struct arena *arena;
	const struct place *place;
	const struct call *call;
	struct reply reply;
};

static int transport_open(const struct place_config *config, struct why *why, struct place **ret)
{
	struct coap_place *place = calloc(1, sizeof *place);
	const struct coap_config coap = {.message = COAP_MESSAGE,
	                                 .pem.ca = config->ca,
	                                 .known = coapmap_known,
	                                 .known_count = coapmap_known_count};

	if (!place)
		return -ENOMEM;
	int r = place_init(&place->place, &transport_coap, config, why);

	if (r == 0)
		r = coap_create(config->loop, &coap, why, &place->coap);
	if (r)
		free(place);
	else
		*ret = &place->place;
	return r;
}

static void transport_close(struct place *place)
{
	struct coap_place *coap = (struct coap_place *)place;

	coap_destroy(coap->coap);
	free(coap);
}

static const char *transport_unsayable(struct place *place, struct arena *arena, const struct call *call)
{
	struct coap_message message;

	return coapmap_write_call(arena, place, call, &message);
}

static void transport_answered(void *user, int result, const struct coap_message *answer)
{
	struct pending *pending = user;

	if (pending->gone) {
		free(pending);
		return;
	}
	pending->done = true;
	pending->result = result;
	if (result == 0)
		coapmap_read_answer(pending->arena, pending->place, pending->call, answer, &pending->reply);
}

static struct pending *transport_start(struct place *place, struct arena *arena, const struct call *call,
                                       struct slice bytes)
{
	struct pending *pending = calloc(1, sizeof *pending);
	struct coap_message message;
	struct slice url =
	        arena_printf(arena, "%s://%s:%s", place->secure ? "coaps" : "coap", place->host, place->port);

	if (!pending)
		abort();
	*pending = (struct pending){.arena = arena, .place = place, .call = call};
	int r = coapmap_write_call(arena, place, call, &message) ? -E2BIG : 0;

	if (r == 0)
		r = coap_call(((struct coap_place *)place)->coap, url, &message, COAP_ANSWER_US,
		              transport_answered, pending);
	if (r) {
		pending->result = r;
		pending->done = true;
	}
	return pending;
}

static bool transport_done(struct pending *pending, struct arena *arena, struct reply *ret)
{
	if (!pending->done)
		return false;
	*ret = pending->reply;
	if (pending->result == -ECONNREFUSED)
		ret->error = "nobody listens there";
	else if (pending->result)
		ret->error = strerror(-pending->result);
	return true;
}

static void transport_destroy(struct pending *pending)
{
	if (!pending->done)
		pending->gone = true;
	else
		free(pending);
}

static struct slice transport_show(struct place *place, struct arena *arena, const struct call *call)
{
	struct coap_message message;
	const char *reason = coapmap_write_call(arena, place, call, &message);

	return reason ? slice_of(reason) : coapmap_show(arena, &message, call);
}

const struct transport transport_coap = {
        .name = "coap",
        .secure = "coaps",
        .port = "5683",
        .open = transport_open,
        .close = transport_close,
        .unsayable = transport_unsayable,
        .start = transport_start,
        .done = transport_done,
        .destroy = transport_destroy,
        .show = transport_show,
};
