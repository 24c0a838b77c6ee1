/* SPDX-License-Identifier: Apache-2.0 */
/* What the XML reader gives, and all that it refuses: bombs first. */
#include "base/unit.h"

#include "codec/xml.h"

#include <stdio.h>

static struct arena arena;

static int setup(void **state)
{
	arena_init(&arena);
	return 0;
}

static int teardown(void **state)
{
	arena_finish(&arena);
	return 0;
}

/* The tree as text: name[attr=value](inside) or name"text". */
static void print_elem(struct buf *buf, const struct xml_elem *e)
{
	if (e->ns.len)
		buf_printf(buf, "{%.*s}", SLICE_ARG(e->ns));
	buf_add_slice(buf, e->name);
	for (const struct xml_attr *attr = e->attrs; attr; attr = attr->next)
		buf_printf(buf, "[%.*s%s%.*s=%.*s]", SLICE_ARG(attr->prefix), attr->ns.len ? ":" : "",
		           SLICE_ARG(attr->name), SLICE_ARG(attr->value));
	if (e->text.len)
		buf_printf(buf, "\"%.*s\"", SLICE_ARG(e->text));
	xml_each(e, child)
	{
		buf_add_char(buf, child == e->first ? '(' : ' ');
		print_elem(buf, child);
	}
	if (e->first)
		buf_add_char(buf, ')');
}

static const struct {
	const char *xml, *tree;
} good[] = {
        {"<a/>", "a"},
        {"<a></a>", "a"},
        {"<a>x</a>", "a\"x\""},
        {"<a> x\r\ny </a>", "a\" x\ny \""},
        {"<a>x<!-- c -->y<![CDATA[<z>]]></a>", "a\"xy<z>\""},
        {"<a>\n <b/> \n<c>1</c>\n</a>", "a(b c\"1\")"},
        {"<a b=\"1\" c='2'/>", "a[b=1][c=2]"},
        {"<a b=\"&lt;&amp;&#38;&quot;&#10;\"/>", "a[b=<&&\"\n]"},
        {"<p:a xmlns:p=\"u\"><b p:c='1'/></p:a>", "{u}a(b[p:c=1])"},
        {"<a xmlns=\"u\"><b/></a>", "{u}a({u}b)"},
        {"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<a>\xea\xb0\x80</a>", "a\"\xea\xb0\x80\""},
        {"<a>&#x1F600;</a>", "a\"\xf0\x9f\x98\x80\""},
        {"<a><![CDATA[<!DOCTYPE x>]]></a>", "a\"<!DOCTYPE x>\""},
        {"<!-- <!DOCTYPE x> --><a/>", "a"},
        {"<a b='>' c=\"/>\"><d/></a>", "a[b=>][c=/>](d)"},
};

UNIT(documents_become_trees)
{
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		struct xml_elem *root = NULL;
		struct why why = {0};
		struct buf buf;

		if (xml_read(&arena, slice_of(good[i].xml), NULL, &why, &root))
			fail_msg("%s: %s", good[i].xml, why.text);
		buf_init(&buf, &arena);
		print_elem(&buf, root);
		assert_slice(buf_slice(&buf), good[i].tree);
	}
}

static const struct {
	const char *xml, *sentence;
} wrong[] = {
        {"", "empty"},
        {" ", "line 1"},
        {"x", "line 1"},
        {"<a>", "line 1"},
        {"<a>\n\n<b></a>", "line 3"},
        {"<a/><b/>", "line 1"},
        {"<a/>x", "line 1"},
        {"<a b=1/>", "line 1"},
        {"<a b='1' b='2'/>", "line 1"},
        {"<p:a/>", "prefix p"},
        {"<a>x<b/></a>", "text stands beside"},
        {"<a><b/>x</a>", "text stands beside"},
        {"<a>\xff</a>", "UTF-8"},
        {"<a>&nbsp;</a>", "nbsp"},
        {"<a>&x;</a>", "line 1"},
        {"<a>&#0;</a>", "line 1"},
        {"<a>\x01</a>", "line 1"},
        {"<a>&#1;</a>", "line 1"},
        {"<!DOCTYPE a><a/>", "DTD"},
        {"<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>", "DTD"},
        {"<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>", "DTD"},
        {"\n\n <!doctype a><a/>", "line 3: a document type"},
        {"<a><!ENTITY x 'y'></a>", "DTD"},
        {"<?xml version='1.0' encoding='UTF-16'?><a/>", "encoding"},
        {"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xc3\xbc</a>", "encoding"},
        {"<?xml version='1.0' encoding='utf-8", "line 1"},
        {"<a", "line 1"},
        {"<a b='", "line 1"},
        {"<!--", "line 1"},
        {"<![CDATA[x]]>", "line 1"},
        {"<a><![CDATA[x", "line 1"},
        {"<", "line 1"},
        {"</a>", "line 1"},
        {"<a>]]></a>", "line 1"},
};

UNIT(what_is_wrong_is_refused)
{
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct xml_elem *root;
		struct why why = {0};
		int r = xml_read(&arena, slice_of(wrong[i].xml), NULL, &why, &root);

		if (r != 4000 || !strstr(why.text, wrong[i].sentence))
			fail_msg("%s: %d %s", wrong[i].xml, r, why.text);
	}
}

UNIT(a_nul_is_refused)
{
	struct xml_elem *root;

	assert_int_equal(xml_read(&arena, SLICE("<a>\0</a>"), NULL, NULL, &root), 4000);
	assert_int_equal(xml_read(&arena, SLICE("<\0a\0/\0>\0"), NULL, NULL, &root), 4000);
	assert_int_equal(xml_read(&arena, SLICE("\xff\xfe<\0a\0/\0>\0"), NULL, NULL, &root), 4000);
}

/* Writes `begin`, `count` times `piece`, and `end`; it must be refused, and cost next to nothing. */
static void check_bomb(const char *begin, const char *piece, unsigned count, const char *end,
                       const char *sentence)
{
	struct xml_elem *root;
	struct why why = {0};
	struct buf bomb;

	buf_init(&bomb, NULL);
	buf_add_slice(&bomb, slice_of(begin));
	for (unsigned i = 0; i < count; i++)
		buf_printf(&bomb, "%.*s%u%s", (int)strcspn(piece, "#"), piece, i,
		           strchr(piece, '#') ? strchr(piece, '#') + 1 : "");
	buf_add_slice(&bomb, slice_of(end));
	assert_int_equal(xml_read(&arena, buf_slice(&bomb), NULL, &why, &root), 4000);
	if (!strstr(why.text, sentence))
		fail_msg("%s: %s", sentence, why.text);
	assert_true(arena.taken < 1000);
	buf_finish(&bomb);
}

UNIT(bombs_cost_nothing)
{
	check_bomb("<!DOCTYPE l [", "<!ENTITY l# '&l;&l;&l;&l;&l;&l;&l;&l;&l;&l;'>", 20, "]><l>&l9;</l>",
	           "DTD");
	check_bomb("", "<a#>", 100000, "", "nested too deep");
	check_bomb("<a ", "b#='' ", 100000, "/>", "too many attributes");
	check_bomb("<a ", "xmlns:b#='u' ", 10000, "/>", "too many attributes");
	check_bomb("<a>", "<b#/>", 100001, "</a>", "more elements");
}

UNIT(limits_are_the_callers)
{
	const struct xml_limits limits = {.depth = 2, .elements = 4, .attrs = 1};
	struct xml_elem *root;

	assert_int_equal(xml_read(&arena, SLICE("<a><b/><b/><b/></a>"), &limits, NULL, &root), 0);
	assert_int_equal(xml_read(&arena, SLICE("<a><b/><b/><b/><b/></a>"), &limits, NULL, &root), 4000);
	assert_int_equal(xml_read(&arena, SLICE("<a><b><c/></b></a>"), &limits, NULL, &root), 4000);
	assert_int_equal(xml_read(&arena, SLICE("<a b='1'/>"), &limits, NULL, &root), 0);
	assert_int_equal(xml_read(&arena, SLICE("<a b='1' c='2'/>"), &limits, NULL, &root), 4000);
}

UNIT(what_is_written_is_read)
{
	static const char *const texts[] = {"a",    "<&>\"'", " \n\t\r x", "]]>", "\xea\xb0\x80",
	                                    "\x7f", "&amp;"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct xml_elem *root = NULL;
		struct buf buf;

		buf_init(&buf, &arena);
		assert_true(xml_can_hold(slice_of(texts[i])));
		buf_add_lit(&buf, "<a b=\"");
		xml_write_quoted(&buf, slice_of(texts[i]));
		buf_add_lit(&buf, "\">");
		xml_write_text(&buf, slice_of(texts[i]));
		buf_add_lit(&buf, "</a>");
		assert_int_equal(xml_read(&arena, buf_slice(&buf), NULL, NULL, &root), 0);
		assert_slice(root->text, texts[i]);
		assert_slice(root->attrs->value, texts[i]);
	}
	assert_false(xml_can_hold(SLICE("\x01")));
	assert_false(xml_can_hold(SLICE("a\0")));
	assert_false(xml_can_hold(SLICE("\xef\xbf\xbe")));
	assert_false(xml_can_hold(SLICE("\xef\xbf\xbf")));
	assert_true(xml_can_hold(SLICE("\xef\xbf\xbd")));
	assert_false(xml_can_hold(SLICE("\xff")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(documents_become_trees, setup, teardown),
	        cmocka_unit_test_setup_teardown(what_is_wrong_is_refused, setup, teardown),
	        cmocka_unit_test_setup_teardown(a_nul_is_refused, setup, teardown),
	        cmocka_unit_test_setup_teardown(bombs_cost_nothing, setup, teardown),
	        cmocka_unit_test_setup_teardown(limits_are_the_callers, setup, teardown),
	        cmocka_unit_test_setup_teardown(what_is_written_is_read, setup, teardown),
	};

	return unit_main(tests);
}
