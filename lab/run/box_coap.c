/* SPDX-License-Identifier: Apache-2.0 */
/* Receivers behind CoAP: one server on loopback, a path for each. */
#include <errno.h>
#include <stdlib.h>

#include "lab/run/box_private.h"
#include "lab/run/coapmap.h"

struct box_coap {
	struct boxes *boxes;
	struct coap *coap;
};

static void box_answer(void *user, const struct val *response)
{
	struct coap_exchange *exchange = user;
	const struct box_coap *coap = exchange->user;
	struct coap_message answer;

	coapmap_write_answer(exchange->arena, coap->boxes->config.encoding, response, &answer);
	coap_answer(exchange, &answer);
}

static void box_request(void *user, struct coap_exchange *exchange)
{
	struct box_coap *coap = user;
	struct arena *arena = coap->boxes->arena;
	struct val *primitive;
	struct slice path;
	const char *fault = coapmap_read_request(arena, coap->boxes->config.encoding, &exchange->request,
	                                         &primitive, &path);
	struct box *box = box_by_path(coap->boxes, path);
	struct coap_message nobody = {.code = 0x84};

	exchange->user = coap;
	if (box)
		box_serve(coap->boxes, box, primitive, fault, box_answer, exchange);
	else
		coap_answer(exchange, &nobody);
}

int box_coap_create(struct boxes *boxes, struct why *why, struct box_coap **ret)
{
	struct box_coap *coap = calloc(1, sizeof *coap);
	const struct coap_config config = {.listen = "127.0.0.1:0",
	                                   .known = coapmap_known,
	                                   .known_count = coapmap_known_count,
	                                   .request = box_request,
	                                   .user = coap};

	if (!coap)
		return -ENOMEM;
	coap->boxes = boxes;
	int r = coap_create(boxes->loop, &config, why, &coap->coap);

	if (r)
		free(coap);
	else
		*ret = coap;
	return r;
}

void box_coap_destroy(struct box_coap *coap)
{
	if (!coap)
		return;
	coap_destroy(coap->coap);
	free(coap);
}

int box_coap_port(const struct box_coap *coap)
{
	return coap_port(coap->coap);
}
