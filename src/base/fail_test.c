/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fail.h"
#include "base/unit.h"
#include "base/utf8.h"

#include <errno.h>

UNIT(refuse_keeps_the_sentence)
{
	struct why why = {0};

	assert_int_equal(refuse(&why, 4000, "mni: a number, not \"%s\"", "x"), 4000);
	assert_int_equal(why.rsc, 4000);
	assert_string_equal(why.text, "mni: a number, not \"x\"");
	assert_int_equal(refuse(NULL, 4004, "lost"), 4004);
}

UNIT(refuse_shows_odd_bytes_as_question_marks)
{
	struct why why = {0};

	refuse(&why, 4000, "<%s>", "a\nb\x01\x7f\xff\xc3\xa9\xe2\x82");
	assert_string_equal(why.text, "<a?b???\xc3\xa9?\?>");
}

UNIT(refuse_cuts_between_characters)
{
	for (size_t shift = 0; shift < 4; shift++) {
		struct why why = {0};
		char text[1000];

		memset(text, 'x', shift);
		for (size_t i = shift; i + 4 < sizeof(text); i += 4)
			memcpy(text + i, "\xf0\x9f\x98\x80", 5);
		refuse(&why, 4000, "%s", text);
		assert_true(utf8_is_valid(slice_of(why.text)));
		assert_true(strlen(why.text) > 300);
		assert_non_null(strstr(why.text, "..."));
		assert_null(strchr(why.text, '?'));
	}
}

UNIT(fault_gives_the_error_back)
{
	assert_int_equal(fault(-ENOSPC, "journal: commit (this line belongs to the test)"), -ENOSPC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(refuse_keeps_the_sentence),
	        unit(refuse_shows_odd_bytes_as_question_marks),
	        unit(refuse_cuts_between_characters),
	        unit(fault_gives_the_error_back),
	};

	return unit_main(tests);
}
