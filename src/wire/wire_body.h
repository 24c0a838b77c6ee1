/* SPDX-License-Identifier: Apache-2.0 */
/* What a message carries, in each of the encodings: contents alone (HTTP and CoAP bodies) and whole
 * primitives (MQTT payloads, WebSocket messages). TS-0004 8, TS-0010 6.4, TS-0020 7 */
#ifndef DURE_WIRE_WIRE_BODY_H
#define DURE_WIRE_WIRE_BODY_H

#include "base/buf.h"
#include "base/fail.h"
#include "codec/encoding.h"
#include "model/prim.h"

/* A body to pc: an object of one member, {"m2m:cnt": {...}}. The value may point into `bytes`. Refuses with
 * 4000 and a sentence that says where. */
MUST_CHECK int wire_body_read(struct arena *arena, enum encoding encoding, struct slice bytes,
                              struct why *why, struct val **ret_pc);
void wire_body_write(struct buf *buf, enum encoding encoding, const struct val *pc);

/* A whole primitive. JSON and CBOR: the flat object, with or without an m2m:rqp / m2m:rsp around it; XML:
 * always within it. On a refusal *ret still holds what was understood (rqi, rvi, fr, to), so that an answer
 * can be addressed. All of *ret is in the arena or points into `bytes`. */
MUST_CHECK int wire_payload_read(struct arena *arena, enum encoding encoding, struct slice bytes,
                                 enum prim_direction direction, struct why *why, struct prim *ret);
void wire_payload_write(struct buf *buf, enum encoding encoding, const struct prim *prim,
                        enum prim_direction direction);
/* A request or a response? A payload with `rsc` is a response. For WebSocket, where both come the same way.
 */
MUST_CHECK int wire_payload_read_any(struct arena *arena, enum encoding encoding, struct slice bytes,
                                     struct why *why, struct prim *ret, enum prim_direction *ret_direction);

#endif
