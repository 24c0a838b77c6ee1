/* SPDX-License-Identifier: Apache-2.0 */
#include "base/unit.h"
#include "codec/json.h"
#include "engine/jsonpath.h"

static struct arena arena;

static bool finds(const char *text, const char *json)
{
	struct why why = {0};
	struct jsonpath *path;
	struct val *v;

	if (jsonpath_compile(&arena, slice_of(text), &why, &path) != 0)
		fail_msg("%s: %s", text, why.text);
	assert_int_equal(json_read_relaxed(&arena, slice_of(json), NULL, &v), 0);
	return jsonpath_finds(path, v);
}

#define DATA                                                                                                 \
	"{ temp: 21.5, unit: 'C', on: true, none: null, list: [1, 2, 3], deep: { a: { b: [ { x: 5, n: "      \
	"'five' },"                                                                                          \
	" { x: 7 }, { y: 1 } ] } } }"

static const char *data(void)
{
	static char text[256];
	size_t n = 0;

	for (const char *at = DATA; *at; at++)
		text[n++] = *at == '\'' ? '"' : *at;
	text[n] = '\0';
	return text;
}

UNIT(jsonpath_finds_what_is_there)
{
	static const struct {
		const char *path;
		bool found;
	} cases[] = {
	        {"$", true},
	        {" $ ", true},
	        {"$.temp", true},
	        {"$.none", true},
	        {"$.nothing", false},
	        {"$['temp']", true},
	        {"$[\"temp\"]", true},
	        {"$['a','temp']", true},
	        {"$.deep.a.b", true},
	        {"$.deep.a.b[0].x", true},
	        {"$.deep.a.b[2].x", false},
	        {"$.deep.a.b[-1].y", true},
	        {"$.deep.a.b[3]", false},
	        {"$.deep.a.b[-4]", false},
	        {"$.list[1:2]", true},
	        {"$.list[3:]", false},
	        {"$.list[:1]", true},
	        {"$.list[::2]", true},
	        {"$.list[-2:]", true},
	        {"$.list[*]", true},
	        {"$.list.*", true},
	        {"$.list.x", false},
	        {"$.temp[0]", false},
	        {"$..x", true},
	        {"$..b[1]", true},
	        {"$..['n']", true},
	        {"$..z", false},
	        {"$..*", true},
	        {"$.*.a", true},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (finds(cases[i].path, data()) != cases[i].found)
			fail_msg("%s", cases[i].path);
	}
}

UNIT(jsonpath_tests)
{
	static const struct {
		const char *path;
		bool found;
	} cases[] = {
	        {"$.deep.a.b[?(@.x > 5)]", true},
	        {"$.deep.a.b[?(@.x > 7)]", false},
	        {"$.deep.a.b[?@.x >= 7]", true},
	        {"$.deep.a.b[?(@.x < 5)]", false},
	        {"$.deep.a.b[?(@.x <= 5)].n", true},
	        {"$.deep.a.b[?(@.x == 7)].n", false},
	        {"$.deep.a.b[?(@.x == 5.0)].n", true},
	        {"$.deep.a.b[?(@.n == 'five')]", true},
	        {"$.deep.a.b[?(@.n == \"five\")]", true},
	        {"$.deep.a.b[?(@.n > 'fi')]", true},
	        {"$.deep.a.b[?(@.n > 5)]", false},
	        {"$.deep.a.b[?(@.x != 5 && @.x != 7)]", true},
	        {"$.deep.a.b[?(!@.x)]", true},
	        {"$.deep.a.b[?(!@.x && !@.y)]", false},
	        {"$.deep.a.b[?(@.y || @.z)]", true},
	        {"$.deep.a.b[?((@.x == 5 || @.x == 6) && @.n)]", true},
	        {"$[?(@ > 20)]", true},
	        {"$[?(@ > 22)]", false},
	        {"$[?($.temp > 20)]", true},
	        {"$[?($.temp > 20 && $.unit == 'F')]", false},
	        {"$[?(@ == true)]", true},
	        {"$[?(@ == false)]", false},
	        {"$[?(@ == null)]", true},
	        {"$.list[?(@ == $.list[2])]", true},
	        {"$.list[?(3 <= @)]", true},
	        {"$.list[?(-1 >= @)]", false},
	        {"$.deep.a[?(@[*].x == 7)]", true},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (finds(cases[i].path, data()) != cases[i].found)
			fail_msg("%s", cases[i].path);
	}
}

UNIT(jsonpath_refuses)
{
	static const char *const cases[] = {
	        "",
	        "temp",
	        "$.",
	        "$.temp.",
	        "$[",
	        "$[]",
	        "$[1",
	        "$['a]",
	        "$[x]",
	        "$..",
	        "$ x",
	        "$[?]",
	        "$[?()]",
	        "$[?(@.x >)]",
	        "$[?(@.x > y)]",
	        "$[?(5)]",
	        "$[?(@.x > 3]",
	        "$[?(@.x = 3)]",
	        "$[1:2:0]",
	        "$[99999999999999999999]",
	        "$[--1]",
	        "$[?(@.a &&)]",
	        "$[?((((((((((((((((((((((((@))))))))))))))))))))))))]",
	};
	struct jsonpath *path;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct why why = {0};

		if (jsonpath_compile(&arena, slice_of(cases[i]), &why, &path) != 4102 || why.rsc != 4102)
			fail_msg("%s", cases[i]);
		assert_true(why.text[0] != '\0');
	}
}

UNIT(jsonpath_is_bounded)
{
	char path[2200], *json = arena_take(&arena, 400000);
	size_t n = 0;

	memset(path, 'x', sizeof(path) - 1);
	memcpy(path, "$.", 2);
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(jsonpath_compile(&arena, slice_of(path), NULL, &(struct jsonpath *){NULL}), 4102);
	json[n++] = '[';
	for (size_t i = 0; i < 60000; i++) {
		json[n++] = '1';
		json[n++] = ',';
	}
	json[n++] = '2';
	json[n++] = ']';
	json[n] = '\0';
	assert_false(finds("$..[?(@ == 3 || @ == 4 || @ == 5 || @ == 6)]..[?(@ == 3)]", json));
	assert_true(finds("$[0]", json));
}

int main(void)
{
	const struct CMUnitTest tests[] = {unit(jsonpath_finds_what_is_there), unit(jsonpath_tests),
	                                   unit(jsonpath_refuses), unit(jsonpath_is_bounded)};
	int failed;

	arena_init(&arena);
	failed = unit_main(tests);
	arena_finish(&arena);
	return failed;
}
