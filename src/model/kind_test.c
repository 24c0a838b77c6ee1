/* SPDX-License-Identifier: Apache-2.0 */
#include "model/kind.h"

#include "base/unit.h"
#include "codec/json.h"

static const struct {
	enum kind kind;
	const char *right[8], *wrong[14]; /* as JSON */
} kinds[] = {
        {KIND_UINT,
         {"0", "18446744073709551615"},
         {"-1", "1.0", "1e2", "18446744073709551616", "\"1\"", "true"}},
        {KIND_POSINT, {"1"}, {"0", "-1"}},
        {KIND_INT, {"-9223372036854775808", "9223372036854775807"}, {"9223372036854775808", "0.5"}},
        {KIND_FLOAT, {"0.5", "1e3", "-2"}, {"\"1\"", "true"}},
        {KIND_BOOL, {"true", "false"}, {"0", "\"true\"", "null"}},
        {KIND_TEXT, {"\"\"", "\"\xed\x95\x9c\xea\xb5\xad\""}, {"1", "null"}},
        {KIND_NCNAME, {"\"a\"", "\"_a.b-1\"", "\"\xed\x95\x9c\""}, {"\"1a\"", "\"\"", "\"a:b\"", "\"a b\""}},
        {KIND_NAME, {"\"a\"", "\"9.b-_c\""}, {"\"\"", "\"-a\"", "\"a/b\"", "\"a~\"", "\"\xed\x95\x9c\""}},
        {KIND_ID, {"\"/id-in/x\"", "\"Cae\""}, {"\"\"", "\"a b\"", "\"a\\n\"", "1"}},
        {KIND_URI, {"\"http://a/b?c=d#e\""}, {"\"\"", "\"a b\""}},
        {KIND_POA,
         {"\"http://a:80/b\"", "\"mqtt://x\""},
         {"\"a\"", "\"http:/a\"", "\"://a\"", "\"http://\"", "\"http:///a\"", "\"http://a b\"",
          "\"1p://a\""}},
        {KIND_TIMESTAMP,
         {"\"20261122T093000\"", "\"20261122T093000,5\""},
         {"\"20261122\"", "\"20261122T093000Z\"", "\"20261322T093000\"", "\"20261122T093000.5\"",
          "20261122"}},
        {KIND_ABSREL,
         {"\"20261122T093000\"", "1000", "\"1000\"", "0"},
         {"-1", "\"-1\"", "1.5", "\"\"", "\"1234567890123456\""}},
        {KIND_DURATION, {"\"PT10S\"", "\"P1Y2M3DT4H5M6S\""}, {"\"10S\"", "\"\"", "10"}},
        {KIND_DATE,
         {"\"2026-11-22\"", "\"20261122\""},
         {"\"2026-13-22\"", "\"2026-11-31\"", "\"2026-1-1\"", "\"\""}},
        {KIND_TIMEOFDAY,
         {"\"09:30:00\"", "\"093000\"", "\"09:30:00.5\"", "\"093000,25\""},
         {"\"24:00:00\"", "\"9:30:00\"", "\"09:30\"", "\"09:30:00.\"", "\"09:30:00,x\"", "\"\""}},
        {KIND_LABEL, {"\"a\"", "\"k:v\"", "\"k:\"", "\"two words\""}, {"\"\"", "\":v\"", "\"a\\tb\"", "1"}},
        {KIND_OPS, {"0", "63"}, {"64", "-1", "\"1\""}},
        {KIND_SCHEDULE, {"\"* * * * * * *\""}, {"\"* * * * * *\"", "\"\"", "7"}},
        {KIND_CONTENTINFO,
         {"\"text/plain:0\"", "\"application/json:1\"", "\"application/jose:2:1\"", "\"a/b;c=d:0:5\""},
         {"\"text/plain\"", "\"text/plain:\"", "\"text/plain:3\"", "\"text:0\"", "\"/plain:0\"",
          "\"text/:0\"", "\":0\"", "\"text/plain:0:6\"", "\"\"", "\"a/b:00\"", "\"a/b:5:0\""}},
        {KIND_SERIALIZATION, {"\"json\"", "\"application/cbor\""}, {"\"JSON\"", "\"\"", "\"text\""}},
        {KIND_RELEASE, {"\"1\"", "\"2a\"", "\"5\""}, {"\"2b\"", "3", "\"\"", "\"6\""}},
        {KIND_COUNTRY, {"\"KR\""}, {"\"kr\"", "\"KOR\"", "\"K\"", "\"\""}},
        {KIND_IPV4,
         {"\"1.2.3.4\"", "\"10.0.0.0/8\""},
         {"\"1.2.3\"", "\"1.2.3.4/33\"", "\"1.2.3.4/\"", "\"::1\"", "\"\"", "\"/8\""}},
        {KIND_IPV6, {"\"::1\"", "\"fe80::/10\""}, {"\"1.2.3.4\"", "\"::1/129\"", "\"\"", "\"fe80::1%eth0\""}},
        {KIND_EVENTCAT, {"2", "4", "100", "999"}, {"0", "1", "5", "99", "1000"}},
        {KIND_EXTERNALID, {"\"a@b.c\""}, {"\"a\"", "\"@b\"", "\"a@\"", "\"a@b@c\"", "\"\"", "\"a b@c\""}},
        {KIND_PORT, {"0", "65535"}, {"65536", "-1", "\"80\""}},
        {KIND_NODEID, {"\"urn:dev:1\""}, {"\"\"", "\"a b\""}},
        {KIND_BASE64,
         {"\"\"", "\"YQ==\"", "\"YWI=\"", "\"YWJj\""},
         {"\"YQ=\"", "\"Y\"", "\"Y*==\"", "\"====\"", "1"}},
        {KIND_TYPENUMBER, {"3", "10003", "107"}, {"0", "33", "10023", "4294967299", "-1"}},
        {KIND_ANY, {"0", "\"\"", "[]", "{}", "false"}, {"null"}},
        {KIND_SIMPLE, {"0", "\"\"", "false"}, {"null", "[]", "{}"}},
        {KIND_JSONARR, {"[]", "[1]"}, {"{}", "null", "\"\""}},
        {KIND_ENUM, {"0"}, {"\"0\"", "0.5"}},
        {KIND_OBJECT, {"{}"}, {"[]", "null"}},
};

UNIT(kind_tells_right_from_wrong)
{
	struct arena arena;
	struct val *v;

	arena_init(&arena);
	assert_int_equal(sizeof kinds / sizeof kinds[0], KIND_COUNT);
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		for (size_t k = 0; kinds[i].right[k]; k++) {
			assert_int_equal(json_read(&arena, slice_of(kinds[i].right[k]), NULL, NULL, &v), 0);
			if (!kind_holds(kinds[i].kind, v))
				fail_msg("%s is a %s", kinds[i].right[k], kind_word(kinds[i].kind));
		}
		for (size_t k = 0; kinds[i].wrong[k]; k++) {
			assert_int_equal(json_read(&arena, slice_of(kinds[i].wrong[k]), NULL, NULL, &v), 0);
			if (kind_holds(kinds[i].kind, v))
				fail_msg("%s is no %s", kinds[i].wrong[k], kind_word(kinds[i].kind));
		}
	}
	arena_finish(&arena);
}

UNIT(kind_has_words)
{
	assert_string_equal(kind_word(KIND_UINT), "UINT");
	assert_string_equal(kind_name(KIND_UINT), "xs:nonNegativeInteger");
	assert_string_equal(kind_doc(KIND_UINT), "a whole number, 0 or more");
	assert_true(kind_is_number(KIND_PORT));
	assert_false(kind_is_number(KIND_TEXT));
}

int main(void)
{
	const struct CMUnitTest tests[] = {unit(kind_tells_right_from_wrong), unit(kind_has_words)};

	type_init();
	return unit_main(tests);
}
