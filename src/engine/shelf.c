/* SPDX-License-Identifier: Apache-2.0 */
/* Short names for tokens. A list in order of age, which stays short: a token must have been believed to get
 * onto it. Beyond its bounds the oldest goes, of the same holder first; who finds his gone shows the token
 * again. TS-0001 11.5 */
#include <stdlib.h>

#include "base/mem.h"
#include "engine/engine_private.h"
#include "engine/shelf.h"

#define SHELF_MOST        1000      /* names */
#define SHELF_HOLDER_MOST 16        /* of one holder */
#define SHELF_BYTES_MOST  (2 << 20) /* of all tokens */

struct shelf_entry {
	struct shelf_entry *next; /* younger */
	uint64_t no;
	struct slice holder, id, text; /* stand behind */
	int64_t until;
};

struct shelf {
	struct shelf_entry *first;
	size_t count, bytes;
};

void shelf_destroy(struct shelf *shelf)
{
	while (shelf && shelf->first) {
		struct shelf_entry *name = shelf->first;

		shelf->first = name->next;
		free(name);
	}
	free(shelf);
}

static void shelf_drop(struct shelf *shelf, struct shelf_entry **at)
{
	struct shelf_entry *name = *at;

	*at = name->next;
	shelf->count--;
	shelf->bytes -= name->text.len;
	free(name);
}

static struct slice shelf_print(const struct shelf_entry *name, struct arena *arena)
{
	char digits[16], *end = digits + sizeof(digits), *at = tree_print_no(end, name->no);

	return arena_printf(arena, "t%.*s", (int)(end - at), at);
}

static struct slice shelf_put(char **at, struct slice s)
{
	struct slice copy = slice_make(memcpy(*at, s.ptr, s.len), s.len);

	*at += s.len;
	return copy;
}

/* What is in the way of a token of `size` bytes for this holder goes, oldest first. */
static void shelf_make_room(struct shelf *shelf, struct slice holder, size_t size)
{
	size_t his = 0;

	for (const struct shelf_entry *name = shelf->first; name; name = name->next)
		his += slice_is(name->holder, holder);
	for (struct shelf_entry **at = &shelf->first; *at && his >= SHELF_HOLDER_MOST;) {
		if (slice_is((*at)->holder, holder)) {
			shelf_drop(shelf, at);
			his--;
		} else {
			at = &(*at)->next;
		}
	}
	while (shelf->first && (shelf->count >= SHELF_MOST || shelf->bytes + size > SHELF_BYTES_MOST))
		shelf_drop(shelf, &shelf->first);
}

struct slice shelf_name(struct engine *engine, struct slice holder, struct slice id, struct slice text,
                        int64_t until, struct arena *arena)
{
	struct shelf *shelf = engine->shelf;
	struct shelf_entry *name, **end;
	char *at;

	if (!shelf)
		shelf = engine->shelf = mem_zero(1, sizeof(*shelf));
	for (name = shelf->first; name; name = name->next)
		if (slice_is(name->holder, holder) && slice_is(name->id, id) && slice_is(name->text, text))
			return shelf_print(name, arena);
	shelf_make_room(shelf, holder, text.len);
	name = mem_zero(1, sizeof(*name) + holder.len + id.len + text.len);
	at = (char *)(name + 1);
	name->holder = shelf_put(&at, holder);
	name->id = shelf_put(&at, id);
	name->text = shelf_put(&at, text);
	name->until = until;
	name->no = ++engine->rqi;
	for (end = &shelf->first; *end; end = &(*end)->next)
		;
	*end = name;
	shelf->count++;
	shelf->bytes += text.len;
	return shelf_print(name, arena);
}

struct slice shelf_find(struct engine *engine, struct slice holder, struct slice name, int64_t now,
                        struct slice *ret_id, struct arena *arena)
{
	struct shelf *shelf = engine->shelf;

	for (struct shelf_entry **at = shelf ? &shelf->first : NULL; at && *at;) {
		if ((*at)->until <= now) {
			shelf_drop(shelf, at);
			continue;
		}
		if (slice_is((*at)->holder, holder) && slice_is(shelf_print(*at, arena), name)) {
			*ret_id = arena_copy(arena, (*at)->id);
			return arena_copy(arena, (*at)->text);
		}
		at = &(*at)->next;
	}
	return (struct slice){NULL, 0};
}
