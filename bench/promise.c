/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/promise.h"

#include <inttypes.h>

#define AE "/cse-in/torture"

enum deed promise_choose(const struct promise *promise, uint64_t dice)
{
	uint64_t percent = dice % 1000;

	if (!promise->exists)
		return DEED_BOX;
	if (percent < 5)
		return DEED_END;
	if (percent < 50)
		return DEED_LABEL;
	if (percent < 100 && promise->last >= promise->first)
		return DEED_DROP;
	return percent < 350 ? DEED_SHARE : DEED_ADD;
}

struct slice promise_name(const struct promise *promise, struct arena *arena)
{
	return arena_printf(arena, "b%u-%" PRIu64, promise->client, promise->box);
}

struct slice promise_reading(const struct promise *promise, uint64_t number, struct arena *arena)
{
	return arena_printf(arena, "%u-%" PRIu64 "-%" PRIu64, promise->client, promise->box, number);
}

struct slice promise_line(const struct promise *promise, uint64_t number, struct arena *arena)
{
	return arena_printf(arena, "%u:%" PRIu64, promise->client, number);
}

static void write_request(struct buf *out, const char *method, struct slice path, unsigned ty,
                          struct slice body)
{
	buf_printf(out,
	           "%s " AE "%.*s HTTP/1.1\r\nHost: 127.0.0.1\r\nX-M2M-Origin: Ctorture\r\nX-M2M-RVI: 3\r\n"
	           "X-M2M-RI: t\r\n",
	           method, SLICE_ARG(path));
	if (ty)
		buf_printf(out, "Content-Type: application/json;ty=%u\r\n", ty);
	else if (body.len)
		buf_add_lit(out, "Content-Type: application/json\r\n");
	buf_printf(out, "Content-Length: %zu\r\n\r\n%.*s", body.len, SLICE_ARG(body));
}

void promise_ask(const struct promise *promise, enum deed deed, const char *shared, struct buf *out)
{
	struct arena arena;
	struct slice name, box, content = SLICE("");

	arena_init(&arena);
	name = promise_name(promise, &arena);
	box = arena_printf(&arena, "/%.*s", SLICE_ARG(name));
	switch (deed) {
	case DEED_NONE:
		break;
	case DEED_BOX:
		/* Every third box forgets its oldest. */
		if ((promise->box + promise->client) % 3 == 0)
			content = SLICE(",\"mni\":20");
		write_request(out, "POST", SLICE(""), 3,
		              arena_printf(&arena, "{\"m2m:cnt\":{\"rn\":\"%.*s\",\"lbl\":[\"v0\"]%.*s}}",
		                           SLICE_ARG(name), SLICE_ARG(content)));
		break;
	case DEED_ADD:
		content = promise_reading(promise, promise->last + 1, &arena);
		write_request(out, "POST", box, 4,
		              arena_printf(&arena, "{\"m2m:cin\":{\"con\":\"%.*s\"}}", SLICE_ARG(content)));
		break;
	case DEED_SHARE:
		content = promise_line(promise, promise->shared + 1, &arena);
		write_request(out, "POST", arena_printf(&arena, "/%s", shared), 4,
		              arena_printf(&arena, "{\"m2m:cin\":{\"con\":\"%.*s\",\"lbl\":[\"l%u\"]}}",
		                           SLICE_ARG(content), promise->client));
		break;
	case DEED_LABEL:
		write_request(out, "PUT", box, 0,
		              arena_printf(&arena, "{\"m2m:cnt\":{\"lbl\":[\"v%" PRIu64 "\"]}}",
		                           promise->label + 1));
		break;
	case DEED_DROP:
		write_request(out, "DELETE", arena_printf(&arena, "%.*s/ol", SLICE_ARG(box)), 0, SLICE(""));
		break;
	case DEED_END:
		write_request(out, "DELETE", box, 0, SLICE(""));
		break;
	}
	arena_finish(&arena);
}

void promise_keep(struct promise *promise, enum deed deed)
{
	switch (deed) {
	case DEED_NONE:
		break;
	case DEED_BOX:
		promise->exists = true;
		promise->most = (promise->box + promise->client) % 3 == 0 ? 20 : 0;
		promise->first = 1;
		promise->last = 0;
		promise->label = 0;
		break;
	case DEED_ADD:
		promise->last++;
		if (promise->most && promise->last - promise->first + 1 > promise->most)
			promise->first++;
		break;
	case DEED_SHARE:
		promise->shared++;
		break;
	case DEED_LABEL:
		promise->label++;
		break;
	case DEED_DROP:
		promise->first++;
		break;
	case DEED_END:
		promise->exists = false;
		promise->box++;
		break;
	}
}
