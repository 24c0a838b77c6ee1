/* SPDX-License-Identifier: Apache-2.0 */
/* The options of RFC 7252 that matter to oneM2M, and how long an option of ours may be. Private to
 * wire_coap*.c. */
#ifndef DURE_WIRE_WIRE_COAP_NUMBER_H
#define DURE_WIRE_WIRE_COAP_NUMBER_H

#include "model/prim.h"

enum {
	WIRE_COAP_LOCATION_PATH = 8,
	WIRE_COAP_URI_PATH = 11,
	WIRE_COAP_FORMAT = 12,
	WIRE_COAP_MAX_AGE = 14,
	WIRE_COAP_URI_QUERY = 15,
	WIRE_COAP_ACCEPT = 17,

	WIRE_COAP_GET = 1,
	WIRE_COAP_POST,
	WIRE_COAP_PUT,
	WIRE_COAP_DELETE,
};

/* 205 for 2.05 to the byte of the header. */
#define WIRE_COAP_CODE(n) (uint8_t)((n) / 100 << 5 | (n) % 100)

/* Numbers are uint options; all others are strings. TS-0008 6.2.2 */
static inline size_t wire_coap_longest(const struct prim_row *row)
{
	if (row->how == PRIM_INT)
		return row->id == PRIM_ec ? 1 : 2;
	return row->id == PRIM_grtm ? 512 : 255;
}

#endif
