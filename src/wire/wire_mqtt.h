/* SPDX-License-Identifier: Apache-2.0 */
/* The topics of MQTT: who speaks, to whom, and in which encoding. The primitive itself is the payload
 * (wire/wire_body.h). TS-0010 6.4
 *
 *     /oneM2M/req/<originator>/<receiver>/<type>        answered on /oneM2M/resp/..., the same two in order
 *     /oneM2M/reg_req/<originator>/<receiver>/<type>    answered on /oneM2M/reg_resp/...
 *
 * An identifier stands there without what would be levels of its own:
 *
 *     Cmeter          <->  Cmeter             an AE as its own CSE knows it
 *     /id-in          <->  id-in              SP-relative: without the leading '/'
 *     /id-in/Cmeter   <->  id-in:Cmeter       every other '/' is a ':'
 *     //sp.ex/id-in   <->  :sp.ex:id-in       absolute: the leading "//" is a ':' too
 *
 * Read are also topics that end before the type, as older peers write them: they mean JSON, and their answer
 * goes to a topic without type. A topic that does not begin with '/' is none of ours. */
#ifndef DURE_WIRE_WIRE_MQTT_H
#define DURE_WIRE_WIRE_MQTT_H

#include "base/buf.h"
#include "codec/encoding.h"
#include "model/id.h"

enum wire_mqtt_kind {
	WIRE_MQTT_REQ,
	WIRE_MQTT_RESP,
	WIRE_MQTT_REG_REQ,
	WIRE_MQTT_REG_RESP,
	WIRE_MQTT_KIND_COUNT
};

#define WIRE_MQTT_LEVEL_MOST 255 /* bytes of an identifier in a topic */

struct wire_mqtt_topic {
	enum wire_mqtt_kind kind;
	struct slice originator, receiver; /* as they stand there, with ':' */
	bool has_type;
	enum encoding encoding; /* JSON when there is no type */
};

/* Takes a topic apart; what is found are slices of it. False: it is not of this shape, an identifier is empty
 * or too long, or the type is not one of ours. */
bool wire_mqtt_read_topic(struct slice topic, struct wire_mqtt_topic *ret);
/* Appends the topic and a NUL (not counted in len). */
void wire_mqtt_write_topic(struct buf *buf, const struct wire_mqtt_topic *topic);
/* Where the answer to a request on that topic goes. */
struct wire_mqtt_topic wire_mqtt_answer_topic(const struct wire_mqtt_topic *request);

/* An identifier as a level. In the arena, or the identifier itself. */
struct slice wire_mqtt_escape(struct slice id, struct arena *arena);
/* A level as the identifier it most likely is, SP-relative or absolute: "Cmeter" is our AE
 * ("/id-in/Cmeter"), "id-mn" is "/id-mn". In the arena. */
struct slice wire_mqtt_unescape(const struct id_self *self, struct slice level, struct arena *arena);
/* May the level stand for this identifier? All the forms above count. One level may stand for two: "Cx" is
 * our AE "Cx" and the CSE "/Cx". */
bool wire_mqtt_is(const struct id_self *self, struct slice level, struct slice id, struct arena *arena);
/* Does the level name this CSE? */
bool wire_mqtt_is_us(const struct id_self *self, struct slice level);

/* The filters a CSE subscribes to: requests and registrations for it, and the answers to its own requests;
 * each also under its absolute identifier where others may use it. NUL-terminated texts in the arena. */
#define WIRE_MQTT_FILTERS 5
void wire_mqtt_filters(const struct id_self *self, struct arena *arena, const char *ret[WIRE_MQTT_FILTERS]);
/* Only for the answers. */
const char *wire_mqtt_answer_filter(const struct id_self *self, struct arena *arena);

#endif
