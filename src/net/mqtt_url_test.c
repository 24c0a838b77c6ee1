/* SPDX-License-Identifier: Apache-2.0 */
#include "net/mqtt_url.h"

#include "base/unit.h"

static const struct {
	const char *url;
	bool tls;
	const char *user, *password, *host, *name, *topic, *query;
} good[] = {
        {"mqtt://127.0.0.1", false, NULL, NULL, "127.0.0.1", "127.0.0.1:1883", "", ""},
        {"MQTTS://Broker.Example/", true, NULL, NULL, "broker.example", "broker.example:8883", "", ""},
        {"mqtt://u@h:1", false, "u", NULL, "h", "h:1", "", ""},
        {"mqtt://u:p@h", false, "u", "p", "h", "h:1883", "", ""},
        {"mqtt://u%3a:p%40%25@h", false, "u:", "p@%", "h", "h:1883", "", ""},
        {"mqtt://u:@h", false, "u", "", "h", "h:1883", "", ""},
        {"mqtt://[::1]:2000", false, NULL, NULL, "::1", "[::1]:2000", "", ""},
        {"mqtt://[fe80::1%eth0]", false, NULL, NULL, "fe80::1%eth0", "[fe80::1%eth0]:1883", "", ""},
        {"mqtt://h/a/b?ct=cbor", false, NULL, NULL, "h", "h:1883", "a/b", "ct=cbor"},
        {"mqtt://h//oneM2M/req/a/b/json", false, NULL, NULL, "h", "h:1883", "/oneM2M/req/a/b/json", ""},
        {"mqtt://h/a%2fb%20", false, NULL, NULL, "h", "h:1883", "a/b ", ""},
        {"mqtt://h?ct=xml", false, NULL, NULL, "h", "h:1883", "", "ct=xml"},
};

UNIT(urls_are_taken_apart)
{
	struct arena arena;

	arena_init(&arena);
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		struct why why = {0};
		struct mqtt_url url;

		assert_int_equal(mqtt_url_read(slice_of(good[i].url), &arena, &why, &url), 0);
		assert_int_equal(url.tls, good[i].tls);
		assert_slice(slice_of(url.user), good[i].user ? good[i].user : "");
		assert_int_equal(url.user == NULL, good[i].user == NULL);
		assert_slice(slice_of(url.password), good[i].password ? good[i].password : "");
		assert_int_equal(url.password == NULL, good[i].password == NULL);
		assert_string_equal(url.host, good[i].host);
		assert_string_equal(url.name, good[i].name);
		assert_slice(url.topic, good[i].topic);
		assert_slice(url.query, good[i].query);
	}
	arena_finish(&arena);
}

static const char *const bad[] = {
        "",
        "mqtt",
        "mqtt:",
        "mqtt://",
        "http://h",
        "mqtt:///topic",
        "mqtt://h:0",
        "mqtt://h:65536",
        "mqtt://h:x",
        "mqtt://h:",
        "mqtt://h h",
        "mqtt://h\nh",
        "mqtt://[::1",
        "mqtt://[::1]x",
        "mqtt://[]",
        "mqtt://@h",
        "mqtt://:secret@h",
        "mqtt://u:secret%4@h",
        "mqtt://u:secret@b@h", /* an '@' in a password is written %40 */
        "mqtt://u:secret%00@h",
        "mqtt://u:secret@",
        "mqtt://u:secret@h:99999",
        "mqtt://h/a%",
        "mqtt://h/%zz",
};

UNIT(what_is_not_understood_is_refused_and_secrets_are_not_told)
{
	struct arena arena;

	arena_init(&arena);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct why why = {0};
		struct mqtt_url url;

		if (mqtt_url_read(slice_of(bad[i]), &arena, &why, &url) != 4000)
			fail_msg("%s was taken", bad[i]);
		assert_true(why.text[0] != '\0');
		assert_null(strstr(why.text, "secret"));
	}
	arena_finish(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(urls_are_taken_apart),
	        unit(what_is_not_understood_is_refused_and_secrets_are_not_told),
	};

	return unit_main(tests);
}
