/* SPDX-License-Identifier: Apache-2.0 */
/* Case files: what is understood, and where it is said to be wrong. */
#include "base/unit.h"

#include "lab/run/case.h"

static struct arena arena;
static struct case_set set;
static struct why why;

static int read_text(const char *text)
{
	set = (struct case_set){0};
	why = (struct why){0};
	return case_read(&arena, "x.case", "area", slice_of(text), (struct slice){0}, &why, &set);
}

UNIT(case_reads_a_story)
{
	assert_int_equal(read_text("# about\n"
	                           "case one \"a story\"\n"
	                           "cites TS-0001 9.6.6, TS-0004 7.4.6\n"
	                           "needs cnt cin\n"
	                           "tp TP/x\n"
	                           "as \"Cmeter\"\n"
	                           "create ~ cnt lbl=a { rn: \"a\", mni: 3 }  # so\n"
	                           "  -> 2001 { rn: \"a\", ri: *,\n"
	                           "            et: absent } cnst=1\n"
	                           "pass 10s\n"
	                           "pass 2m\n"),
	                 0);
	assert_int_equal(set.count, 1);
	const struct lab_case *c = &set.cases[0];

	assert_slice(c->name, "one");
	assert_slice(c->title, "a story");
	assert_slice(c->tp, "TP/x");
	assert_int_equal(c->cite_count, 2);
	assert_slice(c->cites[1], "TS-0004 7.4.6");
	assert_int_equal(c->need_count, 2);
	assert_int_equal(c->step_count, 4);
	assert_int_equal(c->passes, 130000000);
	const struct step *s = &c->steps[1];

	assert_int_equal(s->verb, VERB_CREATE);
	assert_int_equal(s->line, 7);
	assert_int_equal(s->word_count, 3);
	assert_slice(val_find(s->body, "mni")->text, "3");
	assert_slice(s->expect->codes, "2001");
	assert_int_equal(val_find(s->expect->pattern, "ri")->kind, VAL_JSON);
	assert_slice(s->expect->params[0].text, "cnst=1");
}

UNIT(case_tells_variants)
{
	assert_int_equal(read_text("scene s\n"
	                           "get $x\n"
	                           "case c-$v \"of $v\"\n"
	                           "vary v body\n"
	                           "     A {a: 1}\n"
	                           "     B 'x y'\n"
	                           "use s x=~/$v\n"
	                           "repeat 2 i\n"
	                           "get ~/${v}n$i\n"
	                           "end\n"
	                           "create ~ cnt body '$body'\n"),
	                 0);
	assert_int_equal(set.count, 2);
	assert_slice(set.cases[1].name, "c-B");
	assert_int_equal(set.cases[1].step_count, 4);
	assert_slice(set.cases[0].steps[0].words[0].text, "~/A");
	assert_slice(set.cases[1].steps[2].words[0].text, "~/Bn2");
	assert_slice(set.cases[0].steps[3].words[3].text, "{a: 1}");
	assert_slice(set.cases[1].steps[3].words[3].text, "x y");
}

UNIT(case_says_where_it_is_wrong)
{
	static const struct {
		const char *text, *complaint;
	} rows[] = {
	        {"get ~\n", "x.case:1:1: expected `case` or `scene`"},
	        {"case\n", "x.case:1:1: expected a name"},
	        {"case a\nfly ~\n", "x.case:2:1: expected a verb"},
	        {"case a\nget ~ -> 20\n", "x.case:2:10: expected a code"},
	        {"case a\nget ~ -> 2000 {a 1}\n", "x.case:2:16: expected a name with ':'"},
	        {"case a\ncreate ~\n", "expected `create PARENT TYPE"},
	        {"case a\npass soon\n", "expected a time"},
	        {"case a\nget ~ \"x\n", "x.case:2:7: expected the closing quote"},
	        {"case a\nget ~ -> 2000 { a: [1, }\n", "x.case:2:24: expected a value"},
	        {"case a\nuse nothing\n", "expected the name of a scene, found nothing"},
	        {"case a\nrepeat 3\nget ~\n", "x.case:2:1: expected `end`"},
	        {"case a\nvary x\nget ~\n", "expected indented rows"},
	        {"case a\nvary x y\n     1\nget ~\n", "x.case:3:1: expected a value for column y"},
	        {"case a\nget ~ { a: 1, a: 2 }\n", "stands here twice"},
	        {"case a/b\n", "expected a name of letters"},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_true(read_text(rows[i].text) > 0);
		if (!strstr(why.text, rows[i].complaint))
			fail_msg("\"%s\" is not in \"%s\"", rows[i].complaint, why.text);
	}
}

UNIT(case_is_bounded)
{
	/* Scenes in a circle, and repeats within repeats, end in a refusal and not in the night. */
	assert_true(read_text("scene a\nuse b\nscene b\nuse a\ncase c\nuse a\n") > 0);
	assert_true(read_text("case c\nrepeat 1000\nrepeat 1000\nrepeat 1000\nget ~\nend\nend\nend\n") > 0);
	assert_true(read_text("case c\nrepeat 1000\nrepeat 1000\nrepeat 1000\nend\nend\nend\n") > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {unit(case_reads_a_story), unit(case_tells_variants),
	                                   unit(case_says_where_it_is_wrong), unit(case_is_bounded)};

	arena_init(&arena);
	int r = unit_main(tests);

	arena_finish(&arena);
	return r;
}
