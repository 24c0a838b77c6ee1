/* SPDX-License-Identifier: Apache-2.0 */
#include "base/map.h"
#include "base/unit.h"

struct item {
	uint64_t key;
	bool in;
};

static struct item items[20000];

static bool item_is(const void *value, const void *key)
{
	return ((const struct item *)value)->key == *(const uint64_t *)key;
}

UNIT(map_finds_what_is_in_and_nothing_else)
{
	struct map map;
	size_t count = 0;
	uint64_t random = 1;

	map_init(&map);
	memset(items, 0, sizeof(items));
	/* The same many steps against a plain list; few hashes, so that they collide. */
	for (int step = 0; step < 100000; step++) {
		size_t i;

		random = random * 6364136223846793005u + 1442695040888963407u;
		i = (size_t)(random >> 33) % 500;
		items[i].key = i;
		if (items[i].in)
			assert_true(map_remove(&map, i % 100, &items[i]));
		else
			map_add(&map, i % 100, &items[i]);
		items[i].in = !items[i].in;
		count += items[i].in ? 1 : (size_t)-1;
		assert_int_equal(map.count, count);
	}
	for (uint64_t i = 0; i < 500; i++)
		assert_ptr_equal(map_find(&map, i % 100, item_is, &i), items[i].in ? &items[i] : NULL);
	assert_false(map_remove(&map, 1, &items[600]));
	map_finish(&map);
}

UNIT(map_walk_tolerates_removal)
{
	struct map map;
	struct item *item;
	size_t at = 0, seen = 0;

	map_init(&map);
	assert_null(map_next(&map, &at));
	for (uint64_t i = 0; i < 1000; i++) {
		items[i] = (struct item){.key = i, .in = true};
		map_add(&map, i, &items[i]);
	}
	at = 0;
	while ((item = map_next(&map, &at))) {
		assert_true(item->in);
		item->in = false;
		seen++;
		if (seen % 3)
			assert_true(map_remove(&map, item->key, item));
	}
	assert_int_equal(seen, 1000);
	assert_int_equal(map.count, 333);
	map_finish(&map);
}

UNIT(map_walks_those_under_one_hash)
{
	struct map map;
	size_t at = 0, seen = 0;

	map_init(&map);
	assert_null(map_next_under(&map, 7, &at));
	for (size_t i = 0; i < 100; i++)
		map_add(&map, i < 30 ? 7 : i, &items[i]);
	at = 0;
	for (struct item *item; (item = map_next_under(&map, 7, &at)); seen++) {
		assert_true(item < &items[30]);
		assert_true(map_remove(&map, 7, item));
	}
	assert_int_equal(seen, 30);
	assert_int_equal(map.count, 70);
	map_finish(&map);
}

UNIT(map_shrinks_and_forgets_marks)
{
	struct map map;

	map_init(&map);
	for (size_t i = 0; i < 20000; i++)
		map_add(&map, i, &items[i]);
	assert_true(map.mask + 1 == 32768);
	for (size_t i = 0; i < 20000; i++)
		assert_true(map_remove(&map, i, &items[i]));
	assert_int_equal(map.count, 0);
	/* A life of coming and going does not fill the table with marks. */
	for (size_t i = 0; i < 100000; i++) {
		map_add(&map, i, &items[i % 20000]);
		assert_true(map_remove(&map, i, &items[i % 20000]));
	}
	assert_true(map.used * 10 <= (map.mask + 1) * 7);
	map_finish(&map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(map_finds_what_is_in_and_nothing_else),
	        unit(map_walk_tolerates_removal),
	        unit(map_walks_those_under_one_hash),
	        unit(map_shrinks_and_forgets_marks),
	};

	return unit_main(tests);
}
