/* SPDX-License-Identifier: Apache-2.0 */
/* oneM2M over CoAP as pure functions: options and payloads to primitives and back. Which option carries which
 * parameter, the rows of prim.def say; what the query carries is as in HTTP. No sockets. TS-0008 */
#ifndef DURE_WIRE_WIRE_COAP_H
#define DURE_WIRE_WIRE_COAP_H

#include "base/fail.h"
#include "model/prim.h"
#include "wire/wire_media.h"

#define WIRE_COAP_OPTIONS 64

struct wire_coap_option {
	uint16_t number;
	struct slice value;
};

/* A message as net/ gives and takes it. */
struct wire_coap_message {
	uint8_t code; /* 0x01 GET, 0x45 2.05 */
	struct wire_coap_option options[WIRE_COAP_OPTIONS];
	size_t option_count;
	struct slice body;
};

/* How the other side wants to be spoken to. */
struct wire_coap_form {
	bool older;                         /* by the option numbers 256 to 267 */
	const struct wire_media_type *type; /* of bodies; NULL: application/json */
};

/* Request message to primitive. Refuses with the code the standard wants: 4000, 4015, 5207. On a refusal *ret
 * still holds what was understood (rqi, rvi). *ret_form is always set: the numbers that were used, and the
 * type that Accept or else the body names. All of *ret is in the arena; the message may go. */
MUST_CHECK int wire_coap_read(struct arena *arena, const struct wire_coap_message *message, struct why *why,
                              struct prim *ret, struct wire_coap_form *ret_form);
/* Response primitive to message; values are in the arena or in the primitive. request may be NULL. */
void wire_coap_write(struct arena *arena, const struct prim *request, const struct prim *response,
                     const struct wire_coap_form *form, struct wire_coap_message *ret);

/* Request primitive (a notification, a forwarded request) to message. `url` is the target (poa or nu), of
 * which path and query count; for a notification to a plain URL nothing is appended to its path. */
void wire_coap_write_request(struct arena *arena, const struct prim *request, struct slice url,
                             const struct wire_coap_form *form, struct wire_coap_message *ret);
/* Reply message to response primitive, all of it in the arena. A 2.xx without a response status code is 2000,
 * another code without it becomes the nearest, and a body that makes no sense is passed over then. */
MUST_CHECK int wire_coap_read_reply(struct arena *arena, const struct wire_coap_message *message,
                                    struct why *why, struct prim *ret);

/* All option numbers that carry a parameter, of both sets; for who has to know which are understood. At most
 * 2 * PRIM_COUNT; returns how many. */
size_t wire_coap_numbers(uint16_t numbers[2 * PRIM_COUNT]);

#endif
