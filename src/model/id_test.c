/* SPDX-License-Identifier: Apache-2.0 */
#include "model/id.h"

#include <stdio.h>

#include "base/unit.h"

static const struct id_self self = {{"//sp.example", 12}, {"/id-in", 6}, {"cse-in", 6}};

UNIT(id_addresses_are_taken_apart)
{
	static const struct {
		const char *to;
		enum id_scope scope;
		bool here;
		const char *sp, *cse, *path, *fragment;
	} cases[] = {
	        {"cse-in", ID_CSE_RELATIVE, true, "", "", "cse-in", ""},
	        {"cse-in/a/b", ID_CSE_RELATIVE, true, "", "", "cse-in/a/b", ""},
	        {"-/a", ID_CSE_RELATIVE, true, "", "", "-/a", ""},
	        {"cnt12/la", ID_CSE_RELATIVE, true, "", "", "cnt12/la", ""},
	        {"a#lbl", ID_CSE_RELATIVE, true, "", "", "a", "lbl"},
	        {"/id-in", ID_SP_RELATIVE, true, "", "/id-in", "", ""},
	        {"/id-in/cse-in/a", ID_SP_RELATIVE, true, "", "/id-in", "cse-in/a", ""},
	        {"/id-in#lbl", ID_SP_RELATIVE, true, "", "/id-in", "", "lbl"},
	        {"/id-mn/x", ID_SP_RELATIVE, false, "", "/id-mn", "x", ""},
	        {"/id-inn/x", ID_SP_RELATIVE, false, "", "/id-inn", "x", ""},
	        {"//sp.example/id-in/x", ID_ABSOLUTE, true, "//sp.example", "/id-in", "x", ""},
	        {"//sp.example/id-in", ID_ABSOLUTE, true, "//sp.example", "/id-in", "", ""},
	        {"//other/id-in/x/y", ID_ABSOLUTE, false, "//other", "/id-in", "x/y", ""},
	        {"~", ID_CSE_RELATIVE, true, "", "", "~", ""},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct why why = {0};
		struct id_to to;

		if (id_read_to(&self, slice_of(cases[i].to), &to, &why) != 0)
			fail_msg("%s: %s", cases[i].to, why.text);
		assert_int_equal(to.scope, cases[i].scope);
		assert_int_equal(to.here, cases[i].here);
		assert_slice(to.sp, cases[i].sp);
		assert_slice(to.cse, cases[i].cse);
		assert_slice(to.path, cases[i].path);
		assert_slice(to.fragment, cases[i].fragment);
	}
}

UNIT(id_addresses_that_are_none)
{
	static const char *const wrong[] = {"",     "/",    "//",           "///",     "a/",        "/a/",
	                                    "a//b", "//sp", "//sp/",        "//sp//x", "a b",       "a%20b",
	                                    "a?b",  "a#",   "#a",           "a#b#c",   "a#1",       "/id-in/",
	                                    "a:b",  "a\nb", "\xed\x95\x9c", "a*b",     "/id-in//x", "a@b"};
	char text[4200];
	struct id_to to;

	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct why why = {0};

		if (id_read_to(&self, slice_of(wrong[i]), &to, &why) != 4000 || !why.text[0])
			fail_msg("\"%s\" is no address", wrong[i]);
	}
	memset(text, 'a', sizeof text);
	assert_int_equal(id_read_to(&self, slice_make(text, 4096), &to, NULL), 0);
	assert_int_equal(id_read_to(&self, slice_make(text, 4097), &to, NULL), 4000);
	for (size_t i = 1; i < 202; i += 2)
		text[i] = '/';
	assert_int_equal(id_read_to(&self, slice_make(text, 199), &to, NULL), 0);
	assert_int_equal(id_read_to(&self, slice_make(text, 201), &to, NULL), 4000);
	assert_int_equal(id_read_to(&self, slice_make("a\0b", 3), &to, NULL), 4000);
}

UNIT(id_originators)
{
	static const char *const right[] = {"CAdmin",
	                                    "C",
	                                    "S",
	                                    "Sx",
	                                    "free",
	                                    "/id-in",
	                                    "/id-in/CAe",
	                                    "/Sx",
	                                    "//sp.example/id-in",
	                                    "//sp.example/id-in/CAe",
	                                    "//sp/Sx"};
	static const char *const wrong[] = {"",        "/",          "//",   "a/b", "/a/b/c",
	                                    "//sp",    "//sp/a/b/c", "a b",  "a\"", "CAe/",
	                                    "/id-in/", "C*",         "C%41", "C'",  "\xed\x95\x9c"};
	char text[300];

	for (size_t i = 0; i < sizeof right / sizeof right[0]; i++)
		if (!id_is_originator(slice_of(right[i])))
			fail_msg("\"%s\" may ask", right[i]);
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		if (id_is_originator(slice_of(wrong[i])))
			fail_msg("\"%s\" may not ask", wrong[i]);
	memset(text, 'C', sizeof text);
	assert_true(id_is_originator(slice_make(text, 255)));
	assert_false(id_is_originator(slice_make(text, 256)));
	assert_true(id_is_cse(SLICE("/id-in")));
	assert_true(id_is_cse(SLICE("//sp/id-in")));
	assert_false(id_is_cse(SLICE("/id-in/CAe")));
	assert_false(id_is_cse(SLICE("CAe")));
	assert_false(id_is_cse(SLICE("")));
	assert_true(id_is_ae_stem(SLICE("CAe")));
	assert_true(id_is_ae_stem(SLICE("S")));
	assert_false(id_is_ae_stem(SLICE("Ae")));
	assert_false(id_is_ae_stem(SLICE("C/e")));
	assert_false(id_is_ae_stem(SLICE("")));
}

UNIT(id_sp_relative_forms)
{
	static const struct {
		const char *id, *relative;
	} cases[] = {
	        {"CAe1", "/id-in/CAe1"},
	        {"Sx", "/Sx"},
	        {"/id-mn", "/id-mn"},
	        {"/id-in/CAe1", "/id-in/CAe1"},
	        {"//sp.example/id-in/C", "/id-in/C"},
	        {"//other/id-in/C", "//other/id-in/C"},
	        {"//sp.examples/x", "//sp.examples/x"},
	        {"", ""},
	};
	struct arena arena;

	arena_init(&arena);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_slice(id_sp_relative(&self, slice_of(cases[i].id), &arena), cases[i].relative);
	arena_finish(&arena);
}

static const struct {
	const char *entry, *id;
	bool matches;
} matches[] = {
        {"CAe1", "CAe1", true},
        {"CAe1", "/id-in/CAe1", true},
        {"/id-in/CAe1", "CAe1", true},
        {"//sp.example/id-in/CAe1", "CAe1", true},
        {"CAe1", "//sp.example/id-in/CAe1", true},
        {"CAe1", "CAe2", false},
        {"CAe1", "/id-mn/CAe1", false},
        {"/id-mn/CAe1", "CAe1", false},
        {"//other/id-in/CAe1", "CAe1", false},
        {"CAe1", "/CAe1", false},
        {"/CAe1", "CAe1", false},
        {"Sx", "/Sx", true},
        {"/Sx", "Sx", true},
        {"//sp.example/Sx", "Sx", true},
        {"/id-in/Sx", "Sx", false},
        {"/id-in", "/id-in", true},
        {"/id-in", "CAe1", false},
        {"/id-mn", "//sp.example/id-mn", true},
        {"/id-mn", "//other/id-mn", false},
        {"*", "anybody", true},
        {"*", "//other/id/C", true},
        {"C*", "CAe1", true},
        {"C*", "/id-in/CAe1", true},
        {"C*", "/id-mn/CAe1", false},
        {"C*1", "CAe2", false},
        {"S*", "/Sx", true},
        {"/id-*/CAe1", "CAe1", true},
        {"/id-*/CAe1", "/id-mn/CAe1", true},
        {"/id-in/*", "CAe1", true},
        {"/id-in/*", "/id-in", false},
        {"/*", "CAe1", true},
        {"/*", "//other/id/C", true},
        {"//other/*", "//other/id/C", true},
        {"//other/*", "CAe1", false},
        {"//sp.example/*", "CAe1", true},
        {"//*/id-in/CAe1", "CAe1", true},
        {"//*/id-in/CAe1", "//other/id-in/CAe1", true},
        {"//sp.example", "CAe1", true},
        {"//other", "CAe1", false},
        {"//other", "//other/id/C", true},
        {"//oth*", "//other/id/C", true},
        {"sp.example", "CAe1", true},
        {"other.example", "//other.example/id", true},
        {"*.example", "//other.example/id", true},
        {"*.example", "CAe1", true},
        {"*.com", "CAe1", false},
        {"", "CAe1", false},
        {"CAe1", "", false},
        {"all", "CAe1", false},
};

UNIT(id_matches_whom_it_names)
{
	struct arena arena;

	arena_init(&arena);
	for (size_t i = 0; i < sizeof matches / sizeof matches[0]; i++)
		if (id_matches(&self, slice_of(matches[i].entry), slice_of(matches[i].id), &arena) !=
		    matches[i].matches)
			fail_msg("\"%s\" names \"%s\": %s", matches[i].entry, matches[i].id,
			         matches[i].matches ? "yes" : "no");
	arena_finish(&arena);
}

UNIT(id_urls)
{
	assert_true(id_is_url(SLICE("http://a")));
	assert_true(id_is_url(SLICE("mqtt+x://a")));
	assert_false(id_is_url(SLICE("//sp/cse")));
	assert_false(id_is_url(SLICE("cse-in/a")));
	assert_false(id_is_url(SLICE("://a")));
	assert_false(id_is_url(SLICE("http:/a")));
	assert_false(id_is_url(SLICE("")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(id_addresses_are_taken_apart), unit(id_addresses_that_are_none), unit(id_originators),
	        unit(id_sp_relative_forms),         unit(id_matches_whom_it_names),   unit(id_urls),
	};

	return unit_main(tests);
}
