/* SPDX-License-Identifier: Apache-2.0 */
/* A map, and the answered ones in a list by age. Those under way stand in the map only: they are as many as
 * there are requests in the engine. */
#include "bind/recent.h"

#include <stdlib.h>

#include "base/map.h"
#include "base/mem.h"

struct memory {
	struct recent_key key;
	struct memory *prev, *next; /* by age, when answered */
	int64_t until;
	bool answered;
	char *text; /* heap; NULL: an empty answer */
	size_t len;
};

struct recent {
	struct recent_config config;
	struct map map;
	struct memory *oldest, *newest;
	size_t answered, bytes;
};

struct recent_key recent_key(struct slice place, struct slice bytes)
{
	uint64_t a = slice_hash(place, 1), b = slice_hash(place, 2);

	return (struct recent_key){slice_hash(bytes, a), slice_hash(bytes, b)};
}

void recent_create(const struct recent_config *config, struct recent **ret)
{
	struct recent *recent = mem_zero(1, sizeof(*recent));

	recent->config = *config;
	map_init(&recent->map);
	*ret = recent;
}

static bool memory_is(const void *value, const void *key)
{
	const struct memory *memory = value;
	const struct recent_key *wanted = key;

	return memory->key.a == wanted->a && memory->key.b == wanted->b;
}

static struct memory *memory_find(const struct recent *recent, struct recent_key key)
{
	return map_find(&recent->map, key.a, memory_is, &key);
}

static void memory_drop(struct recent *recent, struct memory *memory)
{
	if (memory->answered) {
		*(memory->prev ? &memory->prev->next : &recent->oldest) = memory->next;
		*(memory->next ? &memory->next->prev : &recent->newest) = memory->prev;
		recent->answered--;
		recent->bytes -= memory->len;
	}
	map_remove(&recent->map, memory->key.a, memory);
	free(memory->text);
	free(memory);
}

void recent_destroy(struct recent *recent)
{
	struct memory *memory;
	size_t at = 0;

	if (!recent)
		return;
	while ((memory = map_next(&recent->map, &at)))
		memory_drop(recent, memory);
	map_finish(&recent->map);
	free(recent);
}

enum recent_state recent_see(struct recent *recent, struct recent_key key, int64_t now_us,
                             struct slice *ret_answer)
{
	struct memory *memory;

	while (recent->oldest && recent->oldest->until <= now_us)
		memory_drop(recent, recent->oldest);
	memory = memory_find(recent, key);
	if (memory && !memory->answered)
		return RECENT_UNDER_WAY;
	if (memory) {
		*ret_answer = slice_make(memory->text, memory->len);
		return RECENT_ANSWERED;
	}
	memory = mem_zero(1, sizeof(*memory));
	memory->key = key;
	map_add(&recent->map, key.a, memory);
	return RECENT_NEW;
}

void recent_answer(struct recent *recent, struct recent_key key, int64_t now_us, struct slice answer)
{
	struct memory *memory = memory_find(recent, key);

	if (!memory || memory->answered)
		return;
	if (answer.len > 0) {
		memory->text = memcpy(mem_take(answer.len), answer.ptr, answer.len);
		memory->len = answer.len;
	}
	memory->answered = true;
	memory->until = now_us + recent->config.keep_us;
	memory->prev = recent->newest;
	*(recent->newest ? &recent->newest->next : &recent->oldest) = memory;
	recent->newest = memory;
	recent->answered++;
	recent->bytes += memory->len;
	while (recent->oldest &&
	       (recent->answered > recent->config.count || recent->bytes > recent->config.bytes))
		memory_drop(recent, recent->oldest);
}

void recent_forget(struct recent *recent, struct recent_key key)
{
	struct memory *memory = memory_find(recent, key);

	if (memory)
		memory_drop(recent, memory);
}

size_t recent_count(const struct recent *recent)
{
	return recent->map.count;
}
