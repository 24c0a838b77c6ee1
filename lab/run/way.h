/* SPDX-License-Identifier: Apache-2.0 */
/* A way to the server: a binding and an encoding. A run goes over each that was asked for. */
#ifndef DURE_LAB_WAY_H
#define DURE_LAB_WAY_H

#include "lab/run/options.h"
#include "lab/run/transport.h"

#define WAY_MOST 32

struct way {
	const struct transport *transport;
	bool secure;
	enum encoding encoding;
	const char *at; /* NULL: our own node */
	char name[24];  /* "http/json" */
};

/* The ways that --binding, --encoding and --at ask for, in the order of bindings; HTTP with JSON when they
 * ask for nothing. The number of them, or 0 after having said on stderr what was wrong. */
size_t way_list(const struct options *options, struct way ret[WAY_MOST]);

#endif
