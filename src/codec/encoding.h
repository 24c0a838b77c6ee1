/* SPDX-License-Identifier: Apache-2.0 */
/* The three ways to write the value tree down. TS-0004 8 */
#ifndef DURE_CODEC_ENCODING_H
#define DURE_CODEC_ENCODING_H

#include "base/slice.h"

enum encoding { ENCODING_JSON, ENCODING_CBOR, ENCODING_XML, ENCODING_COUNT };

/* "json", "cbor", "xml": as MQTT topics, WebSocket subprotocols and ct= of a notification target say it. */
const char *encoding_name(enum encoding encoding);
/* The other way round, any case. False: there is no such encoding. */
bool encoding_parse(struct slice name, enum encoding *ret);

#endif
