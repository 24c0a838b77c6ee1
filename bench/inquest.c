/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/inquest.h"

#include "base/mem.h"
#include "client/client.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* What was found under a container. */
struct found {
	bool exists;
	uint64_t cni, cbs, count, bytes;
	struct val *box, *readings;
};

/* Adds the readings of one answer to those found; returns how many there were. */
static uint64_t gather(struct found *found, struct val *page)
{
	struct val *reading = page ? page->first : NULL, *next;
	struct slice con;
	uint64_t count = 0;

	for (; reading; reading = next, count++) {
		next = reading->next;
		reading->next = NULL;
		val_push(found->readings, reading);
		if (val_is_str(val_find(reading, "con"), &con))
			found->bytes += con.len;
	}
	found->count += count;
	return count;
}

/* Reads a container with its instances, page by page; false when no clear answer came. */
static bool look(struct m2m_client *client, struct arena *arena, struct slice name, struct found *ret)
{
	struct slice to = arena_printf(arena, "cse-in/torture/%.*s", SLICE_ARG(name)), query;
	struct m2m_request request = {.op = 2, .to = arena_text(arena, to)};
	struct m2m_answer answer;

	*ret = (struct found){.readings = val_arr(arena)};
	do {
		query = arena_printf(arena, "rcn=4&ofst=%" PRIu64, ret->count + 1);
		request.query = arena_text(arena, query);
		if (m2m_call(client, arena, &request, &answer) < 0 ||
		    (answer.rsc != 2000 && answer.rsc != 4004)) {
			fprintf(stderr, "torture: %.*s: rsc %d, %s\n", SLICE_ARG(name), answer.rsc,
			        answer.error ? answer.error : "no sense in it");
			return false;
		}
		if (answer.rsc == 4004)
			return ret->count == 0;
		ret->exists = true;
		ret->box = val_find(answer.pc, "m2m:cnt");
		if (!val_is_uint(val_find(ret->box, "cni"), &ret->cni) ||
		    !val_is_uint(val_find(ret->box, "cbs"), &ret->cbs)) {
			fprintf(stderr, "torture: %.*s: no cni or cbs\n", SLICE_ARG(name));
			return false;
		}
	} while (gather(ret, val_find(ret->box, "m2m:cin")) > 0);
	return true;
}

/* Are counts and sizes those of what is there? */
static bool adds_up(const struct found *found, struct slice name)
{
	if (found->count == found->cni && found->bytes == found->cbs)
		return true;
	fprintf(stderr,
	        "torture: %.*s: %" PRIu64 " readings of %" PRIu64 " bytes are there, cni is %" PRIu64
	        ", cbs %" PRIu64 "\n",
	        SLICE_ARG(name), found->count, found->bytes, found->cni, found->cbs);
	return false;
}

/* Is it as promised? */
static bool is_kept(const struct found *found, const struct promise *promise, struct arena *arena)
{
	uint64_t number = promise->first;
	struct slice text, label = arena_printf(arena, "v%" PRIu64, promise->label);
	const struct val *labels;

	if (found->exists != promise->exists)
		return false;
	if (!found->exists)
		return true;
	labels = val_find(found->box, "lbl");
	if (!labels || !val_is_str(labels->first, &text) || !slice_is(text, label))
		return false;
	if (found->count != promise->last + 1 - promise->first)
		return false;
	val_each (found->readings, reading) {
		if (!val_is_str(val_find(reading, "con"), &text) ||
		    !slice_is(text, promise_reading(promise, number++, arena)))
			return false;
	}
	return true;
}

static void tell_difference(const struct found *found, const struct promise *promise, enum deed deed,
                            struct slice name)
{
	struct slice first = SLICE("none"), last = SLICE("none");

	if (found->readings->first) {
		val_is_str(val_find(found->readings->first, "con"), &first);
		val_is_str(val_find(found->readings->last, "con"), &last);
	}
	fprintf(stderr,
	        "torture: %.*s: promised: %s, readings %" PRIu64 "..%" PRIu64 ", label v%" PRIu64
	        ", deed %d under way; found: %s, %" PRIu64 " readings, first %.*s, last %.*s\n",
	        SLICE_ARG(name), promise->exists ? "there" : "gone", promise->first, promise->last,
	        promise->label, deed, found->exists ? "there" : "gone", found->count, SLICE_ARG(first),
	        SLICE_ARG(last));
}

bool inquest_box(struct m2m_client *client, struct promise *promise, enum deed deed, bool *ret_done)
{
	struct promise done = *promise;
	struct found found;
	struct arena arena;
	bool good;

	arena_init(&arena);
	struct slice name = promise_name(promise, &arena);
	if (deed != DEED_SHARE)
		promise_keep(&done, deed);
	good = look(client, &arena, name, &found) && (!found.exists || adds_up(&found, name));
	*ret_done = false;
	if (good && !is_kept(&found, promise, &arena)) {
		/* A box that was ended has the next number; for the look it is the same, only gone. */
		good = deed != DEED_NONE && deed != DEED_SHARE && is_kept(&found, &done, &arena);
		if (good)
			*promise = done;
		else
			tell_difference(&found, promise, deed, name);
		*ret_done = good;
	}
	arena_finish(&arena);
	return good;
}

/* One line of the shared container: is it its client's next one? */
static bool take_line(struct slice text, uint64_t *seen, unsigned count)
{
	struct slice rest = text, client;
	uint64_t no, number;

	if (!slice_cut(&rest, ':', &client) || !slice_u64(client, &no) || !slice_u64(rest, &number) ||
	    no >= count || number != seen[no] + 1) {
		fprintf(stderr, "torture: the shared container has %.*s out of order\n", SLICE_ARG(text));
		return false;
	}
	seen[no] = number;
	return true;
}

bool inquest_shared(struct m2m_client *client, const char *shared, struct promise *promises,
                    const enum deed *deeds, unsigned count, bool *done)
{
	struct found found;
	struct arena arena;
	struct slice text;
	uint64_t *seen = mem_zero(count, sizeof(*seen));
	bool good;

	arena_init(&arena);
	good = look(client, &arena, slice_of(shared), &found) && found.exists &&
	       adds_up(&found, slice_of(shared));
	if (good)
		val_each (found.readings, reading)
			good = good && val_is_str(val_find(reading, "con"), &text) &&
			       take_line(text, seen, count);
	for (unsigned i = 0; good && i < count; i++) {
		done[i] = deeds[i] == DEED_SHARE && seen[i] == promises[i].shared + 1;
		good = seen[i] == promises[i].shared || done[i];
		if (!good)
			fprintf(stderr,
			        "torture: client %u was promised %" PRIu64 " lines, %" PRIu64 " are there\n",
			        i, promises[i].shared, seen[i]);
		promises[i].shared = seen[i];
	}
	free(seen);
	arena_finish(&arena);
	return good;
}
