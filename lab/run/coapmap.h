/* SPDX-License-Identifier: Apache-2.0 */
/* oneM2M over CoAP as the lab writes and reads it by hand, by a table of options and one of codes of its own.
 * TS-0008 6.2-6.4 */
#ifndef DURE_LAB_COAPMAP_H
#define DURE_LAB_COAPMAP_H

#include "lab/run/transport.h"
#include "net/coap.h"

/* The option numbers, for coap_config.known. */
extern const uint16_t coapmap_known[];
extern const size_t coapmap_known_count;

/* A call as a message; its texts live in arena. What cannot be said is told: a text longer than its option;
 * then *ret is incomplete. NULL: all is well.
 *
 * Header words set what has no parameter: "Content-Format: 60", "Accept: 10001", "Type: NON", "Code: 0.05",
 * "Option-65000: text". Without a value they leave out what would be sent. */
const char *coapmap_write_call(struct arena *arena, const struct place *place, const struct call *call,
                               struct coap_message *ret);
/* The answer to `call`. Headers of *ret: Code, Content-Format, Location-Path, Max-Age, ETag, Option-N. */
void coapmap_read_answer(struct arena *arena, const struct place *place, const struct call *call,
                         const struct coap_message *answer, struct reply *ret);

/* A request that came, as a flat primitive; its path apart. Texts live in arena. Returns what is wrong with
 * its form, NULL: nothing. */
const char *coapmap_read_request(struct arena *arena, enum encoding encoding,
                                 const struct coap_message *request, struct val **ret_primitive,
                                 struct slice *ret_path);
/* The answer to it, from a response primitive. */
void coapmap_write_answer(struct arena *arena, enum encoding encoding, const struct val *response,
                          struct coap_message *ret);
/* For reports. */
struct slice coapmap_show(struct arena *arena, const struct coap_message *message, const struct call *call);

#endif
