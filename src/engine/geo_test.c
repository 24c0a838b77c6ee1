/* SPDX-License-Identifier: Apache-2.0 */
#include "base/unit.h"
#include "codec/json.h"
#include "engine/geo.h"

static struct arena arena;

static struct geo *geo_of(int64_t type, const char *json)
{
	struct why why = {0};
	struct geo *geo;

	if (geo_read(&arena, type, val_str(&arena, slice_of(json)), "geom", &why, &geo) != 0)
		fail_msg("%s: %s", json, why.text);
	return geo;
}

#define SQUARE "[[[0,0],[10,0],[10,10],[0,10],[0,0]]]"
#define RING   "[[[0,0],[10,0],[10,10],[0,10],[0,0]],[[4,4],[6,4],[6,6],[4,6],[4,4]]]" /* with a hole */
#define TWO    "[[[[0,0],[1,0],[1,1],[0,1],[0,0]]],[[[5,5],[6,5],[6,6],[5,6],[5,5]]]]"
#define HOOK   "[[[0,0],[10,0],[10,10],[0,10],[0,8],[8,8],[8,2],[0,2],[0,0]]]" /* open to the left */

UNIT(geo_relations)
{
	static const struct {
		int64_t place_type;
		const char *place;
		int64_t area_type;
		const char *area;
		bool within, contains, intersects;
	} cases[] = {
	        {1, "[5,5]", 3, SQUARE, true, false, true},
	        {1, "[0,5]", 3, SQUARE, true, false, true},
	        {1, "[10,10]", 3, SQUARE, true, false, true},
	        {1, "[11,5]", 3, SQUARE, false, false, false},
	        {1, "[5,5]", 3, RING, false, false, false},
	        {1, "[4,5]", 3, RING, true, false, true},
	        {1, "[3,5]", 3, RING, true, false, true},
	        {1, "[5.5,5.5]", 6, TWO, true, false, true},
	        {1, "[3,3]", 6, TWO, false, false, false},
	        {1, "[1,2]", 1, "[1,2]", true, true, true},
	        {1, "[1,2]", 4, "[[3,4],[1,2]]", true, false, true},
	        {4, "[[1,1],[20,20]]", 3, SQUARE, false, false, true},
	        {4, "[[1,1],[2,2]]", 3, SQUARE, true, false, true},
	        {1, "[5,5]", 2, "[[0,0],[10,10]]", true, false, true},
	        {1, "[5,6]", 2, "[[0,0],[10,10]]", false, false, false},
	        {2, "[[1,1],[9,9]]", 3, SQUARE, true, false, true},
	        {2, "[[1,1],[19,9]]", 3, SQUARE, false, false, true},
	        {2, "[[-5,5],[15,5]]", 3, SQUARE, false, false, true},
	        {2, "[[1,5],[9,5]]", 3, RING, false, false, true},
	        {2, "[[1,1],[1,9]]", 3, HOOK, false, false, true},
	        {2, "[[9,1],[9,9]]", 3, HOOK, true, false, true},
	        {2, "[[2,2],[4,4]]", 2, "[[0,0],[10,10]]", true, false, true},
	        {2, "[[2,2],[4,5]]", 2, "[[0,0],[10,10]]", false, false, true},
	        {2, "[[0,10],[10,0]]", 2, "[[0,0],[10,10]]", false, false, true},
	        {2, "[[0,1],[10,11]]", 2, "[[0,0],[10,10]]", false, false, false},
	        {5, "[[[1,1],[2,2]],[[3,3],[4,4]]]", 3, SQUARE, true, false, true},
	        {3, "[[[1,1],[2,1],[2,2],[1,1]]]", 3, SQUARE, true, false, true},
	        {3, SQUARE, 3, SQUARE, true, true, true},
	        {3, SQUARE, 3, "[[[1,1],[2,1],[2,2],[1,1]]]", false, true, true},
	        {3, "[[[5,5],[15,5],[15,15],[5,5]]]", 3, SQUARE, false, false, true},
	        {3, "[[[3,3],[7,3],[7,7],[3,7],[3,3]]]", 3, RING, false, false, true},
	        {3, "[[[4.5,4.5],[5.5,4.5],[5.5,5.5],[4.5,4.5]]]", 3, RING, false, false, false},
	        {3, SQUARE, 1, "[5,5]", false, true, true},
	        {3, "[[[20,20],[30,20],[30,30],[20,20]]]", 3, SQUARE, false, false, false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct geo *place = geo_of(cases[i].place_type, cases[i].place);
		struct geo *area = geo_of(cases[i].area_type, cases[i].area);

		if (geo_holds(GEO_WITHIN, place, area) != cases[i].within)
			fail_msg("%s within %s", cases[i].place, cases[i].area);
		if (geo_holds(GEO_CONTAINS, place, area) != cases[i].contains)
			fail_msg("%s contains %s", cases[i].place, cases[i].area);
		if (geo_holds(GEO_INTERSECTS, place, area) != cases[i].intersects)
			fail_msg("%s intersects %s", cases[i].place, cases[i].area);
		assert_int_equal(geo_holds(GEO_INTERSECTS, area, place), cases[i].intersects);
	}
}

UNIT(geo_refuses)
{
	static const struct {
		int64_t type;
		const char *json;
	} cases[] = {
	        {0, "[1,2]"},     {7, "[1,2]"},
	        {1, "[1]"},       {1, "[1,2,3,4]"},
	        {1, "[\"1\",2]"}, {1, "1"},
	        {1, "nonsense"},  {1, "[1e999,2]"},
	        {2, "[[1,2]]"},   {2, "[1,2]"},
	        {3, "[]"},        {3, "[[[0,0],[1,0],[0,0]]]"},
	        {3, "[[0,0]]"},   {3, "[[[0,0],[1,0],[1,1],[0,1]]]"},
	        {4, "[]"},        {4, "[1,2]"},
	        {5, "[[[0,0]]]"}, {6, "[[]]"},
	};
	struct geo *geo;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct why why = {0};

		if (geo_read(&arena, cases[i].type, val_str(&arena, slice_of(cases[i].json)), "geom", &why,
		             &geo) != 4102)
			fail_msg("%s", cases[i].json);
		assert_int_equal(why.rsc, 4102);
	}
	assert_int_equal(geo_read(&arena, 1, NULL, "geom", NULL, &geo), 4102);
}

int main(void)
{
	const struct CMUnitTest tests[] = {unit(geo_relations), unit(geo_refuses)};
	int failed;

	arena_init(&arena);
	failed = unit_main(tests);
	arena_finish(&arena);
	return failed;
}
