/* SPDX-License-Identifier: Apache-2.0 */
#include "dured/config.h"

#include "base/unit.h"

struct fixture {
	struct config config;
	struct why why;
	enum config_wish wish;
};

static int read_args(struct fixture *f, const char *one, const char *two)
{
	char *argv[] = {(char *)"dured", (char *)one, (char *)two, NULL};
	*f = (struct fixture){0};
	return config_read(&f->config, two ? 3 : one ? 2 : 1, argv, &f->why, &f->wish);
}

UNIT(needs_nothing)
{
	struct fixture f;
	assert_int_equal(read_args(&f, NULL, NULL), 0);
	assert_int_equal(f.wish, CONFIG_RUN);
	assert_string_equal(f.config.cse_id, "/id-in");
	assert_string_equal(f.config.cse_name, "cse-in");
	assert_string_equal(f.config.http_listen, "127.0.0.1:8080");
	assert_string_equal(f.config.data_dir, "./dure-data");
	assert_int_equal(f.config.request_timeout, 10000000);
	assert_int_equal(f.config.http_max_body, 1 << 20);
	config_finish(&f.config);
}

UNIT(takes_both_ways_of_writing_a_value)
{
	struct fixture f;
	assert_int_equal(read_args(&f, "--cse-id", "/x"), 0);
	assert_string_equal(f.config.cse_id, "/x");
	config_finish(&f.config);
	assert_int_equal(read_args(&f, "--cse-id=/y", NULL), 0);
	assert_string_equal(f.config.cse_id, "/y");
	config_finish(&f.config);
	assert_int_equal(read_args(&f, "--strict-discovery", NULL), 0);
	assert_true(f.config.strict_discovery);
	config_finish(&f.config);
}

UNIT(says_what_is_wrong_and_what_was_expected)
{
	static const struct {
		const char *one, *two, *sentence;
	} cases[] = {
	        {"--nonsense", "1", "there is no option --nonsense"},
	        {"nonsense", NULL, "\"nonsense\" is no option"},
	        {"--cse-id", NULL, "--cse-id needs a value"},
	        {"--log-level", "loud", "expected error|warn|info|debug"},
	        {"--request-timeout", "soon", "expected a time such as 500ms"},
	        {"--request-timeout", "99999999999999999d", "expected a time"},
	        {"--http-max-body", "-1", "expected a size"},
	        {"--strict-discovery=maybe", NULL, "expected yes or no"},
	        {"--config", "/nowhere/at/all", "can't be read"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fixture f;
		assert_true(read_args(&f, cases[i].one, cases[i].two) > 0);
		assert_non_null(strstr(f.why.text, cases[i].sentence));
		config_finish(&f.config);
	}
}

UNIT(reads_a_file)
{
	struct fixture f;
	assert_int_equal(read_args(&f, NULL, NULL), 0);
	assert_int_equal(
	        config_read_text(&f.config,
	                         SLICE("# a comment\n\n  cse-id = /mn-1 \r\ncse-type=MN\nlog-format = json"),
	                         "dured.conf", &f.why),
	        0);
	assert_string_equal(f.config.cse_id, "/mn-1");
	assert_string_equal(f.config.cse_type, "MN");
	assert_string_equal(f.config.log_format, "json");
	assert_true(config_read_text(&f.config, SLICE("\ncse-idd = x"), "dured.conf", &f.why) > 0);
	assert_non_null(strstr(f.why.text, "dured.conf line 2: there is no option cse-idd"));
	assert_true(config_read_text(&f.config, SLICE("just words"), "dured.conf", &f.why) > 0);
	assert_non_null(strstr(f.why.text, "dured.conf line 1: expected \"name = value\""));
	config_finish(&f.config);
}

UNIT(a_list_may_be_given_again)
{
	struct fixture f;
	assert_int_equal(read_args(&f, "--mqtt-broker=mqtt://a,mqtt://b", "--mqtt-broker=mqtts://c"), 0);
	assert_string_equal(f.config.mqtt_broker, "mqtt://a,mqtt://b,mqtts://c");
	config_finish(&f.config);
}

UNIT(shows_itself_in_a_form_it_can_read)
{
	struct fixture f, fresh;
	struct buf shown, again;
	buf_init(&shown, NULL);
	buf_init(&again, NULL);
	assert_int_equal(read_args(&f, "--poa=http://a:1,http://b:2", "--default-expiration=90d"), 0);
	config_show(&f.config, &shown);
	assert_int_equal(read_args(&fresh, NULL, NULL), 0);
	assert_int_equal(config_read_text(&fresh.config, buf_slice(&shown), "shown", &fresh.why), 0);
	config_show(&fresh.config, &again);
	assert_true(slice_is(buf_slice(&again), buf_slice(&shown)));
	const char *const *poa = config_list(&f.config, f.config.poa);
	assert_string_equal(poa[1], "http://b:2");
	assert_null(poa[2]);
	config_finish(&fresh.config);
	buf_finish(&shown);
	buf_finish(&again);
	config_finish(&f.config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(needs_nothing),
	        unit(takes_both_ways_of_writing_a_value),
	        unit(says_what_is_wrong_and_what_was_expected),
	        unit(reads_a_file),
	        unit(a_list_may_be_given_again),
	        unit(shows_itself_in_a_form_it_can_read),
	};
	return unit_main(tests);
}
