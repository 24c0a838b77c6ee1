/* SPDX-License-Identifier: Apache-2.0 */
#include "base/url.h"

#include "base/unit.h"

static const struct {
	const char *text, *scheme, *root, *user, *authority, *host, *path, *query;
	unsigned port;
} good[] = {
        {"http://h", "http", "http://h", "", "h", "h", "", "", 0},
        {"HTTPS://H.Example:8443/", "HTTPS", "HTTPS://H.Example:8443", "", "H.Example:8443", "H.Example", "/",
         "", 8443},
        {"http://127.0.0.1:80/a/b?c=d?e", "http", "http://127.0.0.1:80", "", "127.0.0.1:80", "127.0.0.1",
         "/a/b", "c=d?e", 80},
        {"ws://[::1]:81?q", "ws", "ws://[::1]:81", "", "[::1]:81", "::1", "", "q", 81},
        {"coap://[fe80::1%eth0]/", "coap", "coap://[fe80::1%eth0]", "", "[fe80::1%eth0]", "fe80::1%eth0", "/",
         "", 0},
        {"mqtt://u:p%40@h:1/t", "mqtt", "mqtt://u:p%40@h:1", "u:p%40", "h:1", "h", "/t", "", 1},
        {"coap+tcp://a_b.c-d.", "coap+tcp", "coap+tcp://a_b.c-d.", "", "a_b.c-d.", "a_b.c-d.", "", "", 0},
        {"http://h/a@b:c", "http", "http://h", "", "h", "h", "/a@b:c", "", 0},
        {"http://h?a@b/c", "http", "http://h", "", "h", "h", "", "a@b/c", 0},
        {"http://4you.example", "http", "http://4you.example", "", "4you.example", "4you.example", "", "", 0},
        {"http://h:65535", "http", "http://h:65535", "", "h:65535", "h", "", "", 65535},
};

UNIT(addresses_are_taken_apart)
{
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		struct url url;

		assert_null(url_read(slice_of(good[i].text), &url));
		assert_slice(url.scheme, good[i].scheme);
		assert_slice(url.root, good[i].root);
		assert_slice(url.user, good[i].user);
		assert_int_equal(url.has_user, good[i].user[0] != '\0');
		assert_slice(url.authority, good[i].authority);
		assert_slice(url.host, good[i].host);
		assert_slice(url.path, good[i].path);
		assert_slice(url.query, good[i].query);
		assert_int_equal(url.port, good[i].port);
	}
}

/* Each of these means another host to some reader, or none to most. */
static const char *const bad[] = {
        "",
        "h",
        "http:",
        "http:/h",
        "http//h",
        "://h",
        "1http://h",
        "http://",
        "http:///a",
        "http://?a",
        "http://:80/",
        "http://h:",
        "http://h:0",
        "http://h:65536",
        "http://h:080000",
        "http://h:8o",
        "http://h:-1",
        "http://h:80:90",
        "http://h h",
        "http://h/a b",
        "http://h\t",
        "http://h\n",
        "http://h/\x7f",
        "http://h\xc3\xa9",
        "http://h\\@g/",
        "http://h/a\\b",
        "http://h/#f",
        "http://h#@g",
        "http://a@b@c",
        "http://@h",
        "http://u@",
        "http://127.1",
        "http://1",
        "http://127.0.0.256",
        "http://127.0.0.1.",
        "http://127.0.0.01",
        "http://0x7f000001",
        "http://h.0x7f",
        "http://2130706433",
        "http://a..b",
        "http://.a",
        "http://.",
        "http://%31",
        "http://a,b",
        "http://a;b",
        "http://[::1",
        "http://::1",
        "http://[]",
        "http://[::1]x",
        "http://[127.0.0.1]",
        "http://[::1%]",
        "http://[::1%a/b]",
        "http://[h]",
        "http://[::1]]",
        "http://h]",
};

UNIT(what_could_mean_two_hosts_is_refused_with_a_sentence)
{
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct url url;
		const char *wrong = url_read(slice_of(bad[i]), &url);

		if (!wrong)
			fail_msg("%s was taken", bad[i]);
		assert_true(strlen(wrong) > 10);
	}
}

UNIT(a_nul_and_what_is_too_long_are_refused)
{
	static char text[URL_MOST + 2] = "http://h/";
	struct url url;

	assert_non_null(url_read(SLICE("http://a\0b"), &url));
	assert_non_null(url_read(SLICE("http://h/a\0b"), &url));
	memset(text + 9, 'a', sizeof(text) - 10);
	assert_non_null(url_read(slice_make(text, URL_MOST + 1), &url));
	assert_null(url_read(slice_make(text, URL_MOST), &url));
	memset(text + 7, 'a', 64);
	text[7 + 64] = '/';
	assert_non_null(url_read(slice_make(text, 100), &url)); /* a label has 63 bytes at most */
}

UNIT(roots_name_what_is_connected_to)
{
	assert_slice(url_root(SLICE("http://h:1/a?b")), "http://h:1");
	assert_slice(url_root(SLICE("http://h?b/c")), "http://h");
	assert_slice(url_root(SLICE("mqtt-session://id-in:Cm")), "mqtt-session://id-in:Cm");
	assert_slice(url_root(SLICE("/id-in/Cm")), "/id-in/Cm");
	assert_slice(url_root(SLICE("")), "");
	assert_slice(url_scheme(SLICE("a/b://c")), "");
	assert_slice(url_scheme(SLICE("//sp/cse")), "");
	assert_true(url_has_scheme(SLICE("HtTp://h"), "http"));
	assert_false(url_has_scheme(SLICE("https://h"), "http"));
	assert_false(url_has_scheme(SLICE("cse-in"), ""));
}

UNIT(listening_needs_a_port_and_perhaps_a_host)
{
	static const struct {
		const char *text, *host, *port;
	} rows[] = {
	        {":8080", "", "8080"},
	        {":0", "", "0"},
	        {"127.0.0.1:0", "127.0.0.1", "0"},
	        {"localhost:65535", "localhost", "65535"},
	        {"[::]:5683", "::", "5683"},
	        {"[::1]:5683", "::1", "5683"},
	};
	static const char *const none[] = {"",        "8080",   "h",        "h:",       "h:x",
	                                   "h:65536", "::1:80", "[::1]",    "[::1:80",  "a b:1",
	                                   "h:1 ",    "u@h:1",  "h:123456", "127.1:80", "a/b:80"};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct url_listen listen;

		assert_true(url_read_listen(slice_of(rows[i].text), &listen));
		assert_string_equal(listen.host, rows[i].host);
		assert_string_equal(listen.port, rows[i].port);
	}
	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++) {
		struct url_listen listen;

		if (url_read_listen(slice_of(none[i]), &listen))
			fail_msg("%s was taken", none[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(addresses_are_taken_apart),
	        unit(what_could_mean_two_hosts_is_refused_with_a_sentence),
	        unit(a_nul_and_what_is_too_long_are_refused),
	        unit(roots_name_what_is_connected_to),
	        unit(listening_needs_a_port_and_perhaps_a_host),
	};

	return unit_main(tests);
}
