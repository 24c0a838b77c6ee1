/* SPDX-License-Identifier: Apache-2.0 */
#include "model/rsc.h"

#include <stddef.h>

struct rsc_row {
	int number;
	const char *name;
	int http, coap;
	const char *sentence;
};

/* In the order of their numbers. */
static const struct rsc_row rsc_rows[] = {
#define RSC(number, name, http, coap, sentence) {(number), #name, (http), (coap), (sentence)},
#include "spec/rsc.def"
#undef RSC
};

static const struct rsc_row rsc_unknown = {0, "UNKNOWN", 500, 500, "a status code that is not in the table"};

static const struct rsc_row *rsc_find(int rsc)
{
	size_t low = 0, high = sizeof rsc_rows / sizeof rsc_rows[0];

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (rsc_rows[middle].number == rsc)
			return &rsc_rows[middle];
		if (rsc_rows[middle].number < rsc)
			low = middle + 1;
		else
			high = middle;
	}
	return &rsc_unknown;
}

const char *rsc_name(int rsc)
{
	return rsc_find(rsc)->name;
}

const char *rsc_sentence(int rsc)
{
	return rsc_find(rsc)->sentence;
}

int rsc_http(int rsc)
{
	return rsc_find(rsc)->http;
}

int rsc_coap(int rsc)
{
	return rsc_find(rsc)->coap;
}

int rsc_next(int rsc)
{
	for (size_t i = 0; i < sizeof rsc_rows / sizeof rsc_rows[0]; i++)
		if (rsc_rows[i].number > rsc)
			return rsc_rows[i].number;
	return 0;
}
