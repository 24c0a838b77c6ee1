/* SPDX-License-Identifier: Apache-2.0 */
/* Reads lists of addresses (m2m:uril) and of references (m2m:rrl), whichever comes. */
#include "cli/discover.h"

#include "cli/interrupt.h"
#include "cli/representation.h"
#include "model/prim.h"

static bool is_list_of_types(struct slice key)
{
	return slice_is(key, SLICE("ty")) || slice_is(key, SLICE("chty")) || slice_is(key, SLICE("pty"));
}

bool discover_filter(struct arena *arena, struct buf *query, struct slice word)
{
	struct slice key, part, rest = word;
	if (!memchr(word.ptr, '=', word.len) || !slice_cut(&rest, '=', &key) || !key.len)
		return false;
	bool types = is_list_of_types(key), labels = slice_is(key, SLICE("lbl"));
	do {
		if ((types || labels) && slice_cut(&rest, ',', &part)) {
			const struct type *type = types ? representation_type(part) : NULL;
			if (type)
				part = arena_printf(arena, "%u", type->number);
		} else {
			part = rest;
			rest.len = 0;
		}
		if (query->len)
			buf_add_char(query, '&');
		buf_add_slice(query, m2m_escape(arena, key));
		buf_add_char(query, '=');
		buf_add_slice(query, m2m_escape(arena, part));
	} while (rest.len);
	return true;
}

static struct discover_hit *hit_add(struct arena *arena, struct discover *into)
{
	if (into->count == into->cap) {
		size_t cap = into->cap ? into->cap * 2 : 64;
		struct discover_hit *more = arena_array(arena, cap, struct discover_hit);
		if (into->count)
			memcpy(more, into->hits, into->count * sizeof(*more));
		into->hits = more;
		into->cap = cap;
	}
	return &into->hits[into->count++];
}

static void take_hits(struct arena *arena, const struct val *pc, struct discover *into)
{
	const struct val *list = val_find(pc, "m2m:uril");
	if (!list)
		list = val_find(val_find(pc, "m2m:rrl"), "rrf");
	if (!list)
		list = val_find(pc, "m2m:rrl");
	if (!list || list->kind != VAL_ARR)
		return;
	val_each (list, entry) {
		struct slice text;
		if (val_is_str(entry, &text)) {
			hit_add(arena, into)->path = arena_text(arena, text);
			continue;
		}
		if (!val_is_str(val_find(entry, "val"), &text))
			continue;
		struct discover_hit *hit = hit_add(arena, into);
		hit->path = arena_text(arena, text);
		val_is_str(val_find(entry, "nm"), &hit->name);
		val_is_int(val_find(entry, "typ"), &hit->ty);
	}
}

/* Where the next portion begins; 0 when this was the last. */
static uint64_t next_offset(const struct m2m_answer *answer)
{
	const char *status = answer->header(answer, "X-M2M-CTS"),
	           *offset = answer->header(answer, "X-M2M-CTO");
	uint64_t at = 0;
	if (!status || strcmp(status, "1") != 0 || !offset || !slice_u64(slice_of(offset), &at))
		return 0;
	return at;
}

int discover_run(struct cli *cli, const char *path, struct slice query, bool all, size_t most,
                 struct discover *ret)
{
	uint64_t offset = 0, last = 0;
	*ret = (struct discover){0};
	do {
		struct m2m_answer answer;
		struct slice text = offset ? arena_printf(&cli->arena, "%.*s&ofst=%llu", SLICE_ARG(query),
		                                          (unsigned long long)offset)
		                           : query;
		struct m2m_request request = {
		        .op = OP_RETRIEVE, .to = path, .query = arena_text(&cli->arena, text)};
		int r = cli_call(cli, &request, &answer);
		if (r)
			return r;
		size_t before = ret->count;
		take_hits(&cli->arena, answer.pc, ret);
		last = offset;
		offset = next_offset(&answer);
		ret->cut = offset != 0;
		/* A CSE that says "more" without giving any, or turns in a circle, is not asked for ever. */
		if (ret->count == before || offset <= last)
			break;
	} while (all && ret->cut && ret->count < most && !interrupt_asked());
	return CLI_GOOD;
}
