/* SPDX-License-Identifier: Apache-2.0 */
/* Response status codes: the rows of spec/rsc.def. TS-0004 6.6 */
#ifndef DURE_MODEL_RSC_H
#define DURE_MODEL_RSC_H

enum rsc {
#define RSC(number, name, http, coap, sentence) RSC_##name = number,
#include "spec/rsc.def"
#undef RSC
};

/* For a number that is not in the table: name "UNKNOWN", http 500. */
const char *rsc_name(int rsc);     /* "BAD_REQUEST" */
const char *rsc_sentence(int rsc); /* "the request was malformed or a value was bad" */
int rsc_http(int rsc);             /* 400 */
int rsc_coap(int rsc);             /* 400 for 4.00, 205 for 2.05 */
int rsc_next(int rsc);             /* the next number of the table, beginning at 0; 0: no more */
static inline int rsc_is_good(int rsc)
{
	return rsc >= 1000 && rsc < 3000;
}

#endif
