/* SPDX-License-Identifier: Apache-2.0 */
/* Words of the command line as values, typed by the tables. */
#include "cli/representation.h"

#include "base/unit.h"
#include "cli/discover.h"
#include "codec/json.h"

/* The words (up to four) as JSON of that type; NULL: a refusal. */
static void check(const char *type, const char *const *words, const char *json)
{
	struct arena arena;
	struct why why = {0};
	struct val *v = NULL;
	size_t count = 0;
	while (words[count])
		count++;
	arena_init(&arena);
	int r = representation_read(&arena, type ? representation_type(slice_of(type)) : NULL, words, count,
	                            &why, &v);
	if (!json) {
		assert_int_equal(r, 4000);
		assert_true(*why.text != 0);
	} else {
		struct buf buf;
		buf_init(&buf, &arena);
		if (r)
			fail_msg("%s: %s", words[0], why.text);
		json_write(&buf, v);
		assert_slice(buf_slice(&buf), json);
	}
	arena_finish(&arena);
}

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

UNIT(words_are_typed_by_the_table)
{
	check("cnt", WORDS("rn=kitchen", "mni=100", "lbl=room:kitchen,floor:1"),
	      "{\"rn\":\"kitchen\",\"mni\":100,\"lbl\":[\"room:kitchen\",\"floor:1\"]}");
	check("ae", WORDS("rn=home", "api=N.home", "rr=false", "srv=3"),
	      "{\"rn\":\"home\",\"api\":\"N.home\",\"rr\":false,\"srv\":[\"3\"]}");
	check("container", WORDS("rn=3", "lbl=null", "mni="), "{\"rn\":\"3\",\"lbl\":null,\"mni\":null}");
	check("cin", WORDS("con=21.5"), "{\"con\":\"21.5\"}");
	check("cin", WORDS("con:=21.5"), "{\"con\":21.5}");
	check("cin", WORDS("con={\"a\":[1,2]}"), "{\"con\":{\"a\":[1,2]}}");
	check("cin", WORDS("con=a=b"), "{\"con\":\"a=b\"}");
	check("sub", WORDS("nu=http://127.0.0.1:1/", "enc={\"net\":[3]}", "nct=1"),
	      "{\"nu\":[\"http://127.0.0.1:1/\"],\"enc\":{\"net\":[3]},\"nct\":1}");
	check("cod:binSh", WORDS("state=true"), "{\"state\":true}");
	check("cnt", WORDS("lbl=[\"a,b\"]"), "{\"lbl\":[\"a,b\"]}");
	check(NULL, WORDS("what=1", "ever:=1"), "{\"what\":\"1\",\"ever\":1}");
}

UNIT(what_does_not_fit_is_told)
{
	check("cnt", WORDS("mni=many"), NULL);
	check("cnt", WORDS("mni=1 2"), NULL);
	check("ae", WORDS("rr=yes"), NULL);
	check("sub", WORDS("enc=net"), NULL);
	check("cin", WORDS("con={"), NULL);
	check("cin", WORDS("con:=x"), NULL);
	check("cin", WORDS("con"), NULL);
	check("cin", WORDS("=x"), NULL);
	check("cin", WORDS("con=1", "con=2"), NULL);
	check("cnt", WORDS("lbl=[1"), NULL);
}

UNIT(types_have_many_names)
{
	const struct type *cnt = type_find(3);
	assert_ptr_equal(representation_type(SLICE("cnt")), cnt);
	assert_ptr_equal(representation_type(SLICE("container")), cnt);
	assert_ptr_equal(representation_type(SLICE("m2m:cnt")), cnt);
	assert_ptr_equal(representation_type(SLICE("3")), cnt);
	assert_non_null(representation_type(SLICE("cod:binSh")));
	assert_null(representation_type(SLICE("nonsense")));
	assert_null(representation_type(SLICE("4294967299")));
	assert_null(representation_type(SLICE("")));
}

static void check_filter(const char *word, const char *query)
{
	struct arena arena;
	struct buf buf;
	arena_init(&arena);
	buf_init(&buf, &arena);
	bool good = discover_filter(&arena, &buf, slice_of(word));
	assert_int_equal(good, query != NULL);
	if (query)
		assert_slice(buf_slice(&buf), query);
	arena_finish(&arena);
}

UNIT(filters_become_a_query)
{
	check_filter("lbl=room:*", "lbl=room:*");
	check_filter("lbl=a,b", "lbl=a&lbl=b");
	check_filter("ty=cin,cnt", "ty=4&ty=3");
	check_filter("ty=77", "ty=77");
	check_filter("con=a&b c+d", "con=a%26b%20c%2Bd");
	check_filter("lim=10", "lim=10");
	check_filter("lbl=", "lbl=");
	check_filter("lim", NULL);
	check_filter("=3", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(words_are_typed_by_the_table),
	        unit(what_does_not_fit_is_told),
	        unit(types_have_many_names),
	        unit(filters_become_a_query),
	};
	type_init();
	return unit_main(tests);
}
