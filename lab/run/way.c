/* SPDX-License-Identifier: Apache-2.0 */
#include "lab/run/way.h"

#include <stdio.h>

/* Is `name` among the words of all these lists ("coap,mqtt", "all")? all: it is one of those that "all"
 * means. */
static bool way_wants(const char *const *lists, size_t count, const char *name, bool all)
{
	struct slice rest, one;

	for (size_t i = 0; i < count; i++)
		for (rest = slice_of(lists[i]); slice_cut(&rest, ',', &one);)
			if (slice_is_text(one, name) || (all && slice_is_text(one, "all")))
				return true;
	return false;
}

/* Says what nobody knows. */
static bool way_check(const char *const *lists, size_t count, bool encodings)
{
	const struct transport *transport;
	enum encoding encoding;
	struct slice rest, one;
	bool secure;

	for (size_t i = 0; i < count; i++)
		for (rest = slice_of(lists[i]); slice_cut(&rest, ',', &one);) {
			if (slice_is_text(one, "all") ||
			    (encodings ? encoding_parse(one, &encoding)
			               : transport_find(one, &transport, &secure)))
				continue;
			fprintf(stderr, "dure-lab: %.*s is no %s (see dure-lab --help)\n", SLICE_ARG(one),
			        encodings ? "encoding" : "binding");
			return false;
		}
	return true;
}

static size_t way_add(const struct options *options, const struct transport *transport, bool secure,
                      const char *at, struct way *ret, size_t count)
{
	bool any = options->encoding_count > 0;

	for (int e = 0; e < ENCODING_COUNT && count < WAY_MOST; e++) {
		const char *name = encoding_name((enum encoding)e);

		if (any ? !way_wants(options->encodings, options->encoding_count, name, true)
		        : e != ENCODING_JSON)
			continue;
		struct way *way = &ret[count++];

		*way = (struct way){
		        .transport = transport, .secure = secure, .encoding = (enum encoding)e, .at = at};
		snprintf(way->name, sizeof way->name, "%s/%s", secure ? transport->secure : transport->name,
		         name);
	}
	return count;
}

/* Each --at says its binding by its scheme. */
static size_t way_foreign(const struct options *options, struct way *ret)
{
	const struct transport *transport;
	size_t count = 0;
	bool secure;

	for (size_t i = 0; i < options->at_count; i++) {
		struct slice rest = slice_of(options->at[i]), scheme;

		slice_cut(&rest, ':', &scheme);
		if (!transport_find(scheme, &transport, &secure)) {
			fprintf(stderr,
			        "dure-lab: expected http://, https://, coap://, coaps://, mqtt://, mqtts://, "
			        "ws:// or wss:// behind --at, found %s\n",
			        options->at[i]);
			return 0;
		}
		count = way_add(options, transport, secure, options->at[i], ret, count);
	}
	return count;
}

size_t way_list(const struct options *options, struct way ret[WAY_MOST])
{
	size_t count = 0, bindings = options->binding_count;

	if (!way_check(options->bindings, bindings, false) ||
	    !way_check(options->encodings, options->encoding_count, true))
		return 0;
	if (options->at_count)
		return way_foreign(options, ret);
	for (size_t i = 0; transport_rows[i]; i++) {
		const struct transport *row = transport_rows[i];

		if (bindings ? way_wants(options->bindings, bindings, row->name, true) : i == 0)
			count = way_add(options, row, false, NULL, ret, count);
		if (row->secure && way_wants(options->bindings, bindings, row->secure, false))
			count = way_add(options, row, true, NULL, ret, count);
	}
	return count;
}
