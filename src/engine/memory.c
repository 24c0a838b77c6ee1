/* SPDX-License-Identifier: Apache-2.0 */
/* A list in order of age, as text: it is asked only when the policies have said no. */
#include "engine/memory.h"

#include <stdlib.h>

#include "base/mem.h"
#include "codec/json.h"
#include "engine/engine_private.h"

#define MEMORY_MOST       1000      /* entries */
#define MEMORY_OWN_MOST   100       /* of one originator */
#define MEMORY_BYTES_MOST (4 << 20) /* of all their rules */

struct memory_entry {
	struct memory_entry *next; /* younger */
	uint64_t node, consultation;
	int64_t as_of; /* when the consultation was last changed */
	int64_t until;
	struct slice from, rules; /* stand behind */
};

struct memory {
	struct memory_entry *first, **end;
	size_t count, bytes;
};

static void memory_drop(struct memory *memory, struct memory_entry **at)
{
	struct memory_entry *entry = *at;

	*at = entry->next;
	if (!entry->next)
		memory->end = at;
	memory->count--;
	memory->bytes -= entry->rules.len;
	free(entry);
}

void memory_destroy(struct memory *memory)
{
	while (memory && memory->first)
		memory_drop(memory, &memory->first);
	free(memory);
}

static struct memory *memory_of(struct engine *engine)
{
	if (!engine->granted) {
		engine->granted = mem_zero(1, sizeof(*engine->granted));
		engine->granted->end = &engine->granted->first;
	}
	return engine->granted;
}

/* The oldest goes, of the same originator first: who has many grants pushes out his own. */
static void memory_make_room(struct memory *memory, struct slice from, size_t size)
{
	size_t his = 0;

	for (const struct memory_entry *entry = memory->first; entry; entry = entry->next)
		his += slice_is(entry->from, from);
	for (struct memory_entry **at = &memory->first; *at && his >= MEMORY_OWN_MOST;) {
		if (slice_is((*at)->from, from)) {
			memory_drop(memory, at);
			his--;
		} else {
			at = &(*at)->next;
		}
	}
	while (memory->first && (memory->count >= MEMORY_MOST || memory->bytes + size > MEMORY_BYTES_MOST))
		memory_drop(memory, &memory->first);
}

void memory_keep(struct req *req, const struct node *node, const struct node *consultation,
                 const struct val *rules, int64_t until)
{
	struct memory *memory = memory_of(req->engine);
	struct memory_entry *entry;
	struct buf buf;
	char *text;

	buf_init(&buf, &req->arena);
	json_write(&buf, rules);
	memory_make_room(memory, req->from, buf.len);
	entry = mem_zero(1, sizeof(*entry) + req->from.len + buf.len);
	text = (char *)(entry + 1);
	entry->node = node->no;
	entry->consultation = consultation->no;
	entry->as_of = consultation->lt;
	entry->until = until;
	entry->from = slice_make(memcpy(text, req->from.ptr, req->from.len), req->from.len);
	entry->rules = slice_make(memcpy(text + req->from.len, buf.ptr, buf.len), buf.len);
	*memory->end = entry;
	memory->end = &entry->next;
	memory->count++;
	memory->bytes += buf.len;
}

const struct val *memory_find(struct req *req, const struct node *node, const struct node *consultation)
{
	struct memory *memory = req->engine->granted;
	struct val *rules;

	for (struct memory_entry **at = memory ? &memory->first : NULL; at && *at;) {
		struct memory_entry *entry = *at;
		bool same = entry->consultation == consultation->no;

		if (entry->until <= req->now || (same && entry->as_of != consultation->lt)) {
			memory_drop(memory, at);
			continue;
		}
		if (same && entry->node == node->no && slice_is(entry->from, req->from))
			return json_read(&req->arena, arena_copy(&req->arena, entry->rules), &json_limits_own,
			                 NULL, &rules) == 0
			               ? rules
			               : NULL; /* cannot be: we wrote it */
		at = &entry->next;
	}
	return NULL;
}
