/* SPDX-License-Identifier: Apache-2.0 */
/* Media types by name, by number, and as notification targets ask for them. */
#include "base/unit.h"

#include "wire/wire_media.h"

UNIT(every_type_is_found_again)
{
	size_t count = 0;

	for (int encoding = 0; encoding < ENCODING_COUNT; encoding++)
		for (int content = 0; content < WIRE_CONTENT_COUNT; content++) {
			const struct wire_media_type *type =
			        wire_media_of((enum encoding)encoding, (enum wire_content)content);

			assert_int_equal(type->encoding, encoding);
			assert_int_equal(type->content, content);
			assert_ptr_equal(wire_media_find(type->name), type);
			assert_ptr_equal(wire_media_find_short(type->name), type);
			assert_ptr_equal(wire_media_of_format(type->format), type);
			count++;
		}
	assert_int_equal(count, 15);
}

/* bindings.md 1 */
UNIT(numbers_are_those_of_the_standard)
{
	static const struct {
		unsigned format;
		const char *name;
	} rows[] = {
	        {41, "application/xml"},
	        {50, "application/json"},
	        {60, "application/cbor"},
	        {10001, "application/vnd.onem2m-res+json"},
	        {10002, "application/vnd.onem2m-ntfy+xml"},
	        {10003, "application/vnd.onem2m-ntfy+json"},
	        {10006, "application/vnd.onem2m-preq+xml"},
	        {10007, "application/vnd.onem2m-preq+json"},
	        {10008, "application/vnd.onem2m-prsp+xml"},
	        {10009, "application/vnd.onem2m-prsp+json"},
	        {10010, "application/vnd.onem2m-res+cbor"},
	        {10011, "application/vnd.onem2m-ntfy+cbor"},
	        {10012, "application/vnd.onem2m-preq+cbor"},
	        {10013, "application/vnd.onem2m-prsp+cbor"},
	        {10014, "application/vnd.onem2m-res+xml"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_slice(wire_media_of_format(rows[i].format)->name, rows[i].name);
	assert_null(wire_media_of_format(0));
	assert_null(wire_media_of_format(10000));
}

UNIT(content_types_are_read)
{
	static const struct {
		const char *value, *type, *ty;
		int result;
	} rows[] = {
	        {"application/json", "application/json", NULL, 0},
	        {" APPLICATION/CBOR ; TY=3;charset=\"utf-8\"", "application/cbor", "3", 0},
	        {"application/vnd.onem2m-preq+xml;charset=UTF8", "application/vnd.onem2m-preq+xml", NULL, 0},
	        {"application/json;charset=us-ascii", NULL, NULL, 0},
	        {"text/xml", NULL, NULL, 0},
	        {"application/json+", NULL, NULL, 0},
	        {"json", NULL, NULL, 4000},
	        {"", NULL, NULL, 4000},
	        {";ty=3", NULL, NULL, 4000},
	        {"application/json;ty=3;ty=3", NULL, NULL, 4000},
	        {"application/json;;ty", "application/json", "", 0},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct wire_media media;

		assert_int_equal(wire_media_read(slice_of(rows[i].value), NULL, &media), rows[i].result);
		if (rows[i].result)
			continue;
		assert_int_equal(media.type != NULL, rows[i].type != NULL);
		if (rows[i].type)
			assert_slice(media.type->name, rows[i].type);
		assert_int_equal(media.ty.ptr != NULL, rows[i].ty != NULL);
		if (rows[i].ty)
			assert_slice(media.ty, rows[i].ty);
	}
}

UNIT(targets_ask_for_an_encoding)
{
	static const struct {
		const char *url, *rest, *type;
	} rows[] = {
	        {"http://a/n?ct=xml", "http://a/n", "application/xml"},
	        {"http://a/n?ct=JSON", "http://a/n", "application/json"},
	        {"mqtt://a/x/y?ct=cbor", "mqtt://a/x/y", "application/cbor"},
	        {"http://a/n?x=y&ct=cbor&z", "http://a/n?x=y&z", "application/cbor"},
	        {"http://a/n?ct=cbor&z", "http://a/n?z", "application/cbor"},
	        {"http://a/n?ct=application/vnd.onem2m-ntfy+xml", "http://a/n",
	         "application/vnd.onem2m-ntfy+xml"},
	        {"http://a/n?ct=application%2Fvnd.onem2m-ntfy%2bxml", "http://a/n",
	         "application/vnd.onem2m-ntfy+xml"},
	        {"http://a/n?ct=vnd.onem2m-ntfy+json", "http://a/n", "application/vnd.onem2m-ntfy+json"},
	        {"http://a/n?ct=cbor&ct=xml", "http://a/n?ct=xml", "application/cbor"},
	        {"http://a/n?ct=yaml", "http://a/n?ct=yaml", NULL},
	        {"http://a/n?ct=", "http://a/n?ct=", NULL},
	        {"http://a/n?ct=%", "http://a/n?ct=%", NULL},
	        {"http://a/n?ct=%6", "http://a/n?ct=%6", NULL},
	        {"http://a/n?act=xml", "http://a/n?act=xml", NULL},
	        {"http://a/n?", "http://a/n?", NULL},
	        {"http://a/n", "http://a/n", NULL},
	        {"", "", NULL},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct slice url = slice_of(rows[i].url);
		const struct wire_media_type *type;
		struct arena arena;

		arena_init(&arena);
		type = wire_media_take(&arena, &url);
		assert_slice(url, rows[i].rest);
		assert_int_equal(type != NULL, rows[i].type != NULL);
		if (type)
			assert_slice(type->name, rows[i].type);
		arena_finish(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(every_type_is_found_again),
	        unit(numbers_are_those_of_the_standard),
	        unit(content_types_are_read),
	        unit(targets_ask_for_an_encoding),
	};

	return unit_main(tests);
}
