/* SPDX-License-Identifier: Apache-2.0 */
#include "dured/poa.h"

#include "base/unit.h"
#include "base/url.h"
#include "dured/config_check.h"

static void begin(struct config *config)
{
	*config = (struct config){.http_listen = "",
	                          .https_listen = "",
	                          .coap_listen = "",
	                          .coaps_listen = "",
	                          .poa = "",
	                          .mqtt_broker = "",
	                          .http_cors_origin = "",
	                          .authentication = "beyond-loopback"};
	arena_init(&config->arena);
}

UNIT(listeners_are_announced_as_they_stand_and_brokers_without_secrets)
{
	const struct poa_listener listeners[] = {{"http", "h.example:80", 8080, "/onem2m"},
	                                         {"https", "", 0, ""},
	                                         {"coap", "[2001:db8::1]:0", 5683, ""}};
	struct config config;
	const char *const *poa;

	begin(&config);
	config.mqtt_broker = "mqtt://u:secret@b.example,mqtts://c:1/";
	poa = poa_own(&config, listeners, 3);
	assert_string_equal(poa[0], "http://h.example:8080/onem2m");
	assert_string_equal(poa[1], "coap://[2001:db8::1]:5683");
	assert_string_equal(poa[2], "mqtt://b.example");
	assert_string_equal(poa[3], "mqtts://c:1");
	assert_null(poa[4]);
	arena_finish(&config.arena);
}

/* Whatever the machine has: others can follow it. */
UNIT(all_addresses_are_announced_as_those_that_there_are)
{
	const char *const wheres[] = {":0", "0.0.0.0:0", "[::]:0"};

	for (size_t i = 0; i < 3; i++) {
		const struct poa_listener listener = {"http", wheres[i], 8080, ""};
		struct config config;
		const char *const *poa;
		struct url url;

		begin(&config);
		poa = poa_own(&config, &listener, 1);
		assert_non_null(poa[0]);
		for (size_t k = 0; poa[k]; k++) {
			assert_null(url_read(slice_of(poa[k]), &url));
			assert_int_equal(url.port, 8080);
			assert_false(slice_is_text(url.host, "0.0.0.0") || slice_is_text(url.host, "::"));
		}
		arena_finish(&config.arena);
	}
}

UNIT(options_that_are_no_addresses_are_refused_at_start)
{
	struct config config;
	struct why why = {0};

	begin(&config);
	config.http_listen = ":8080";
	config.poa = "http://a:1,coap://[::1]";
	assert_int_equal(config_check(&config, &why), 0);
	config.poa = "http://a:1,http://b:99999";
	assert_int_equal(config_check(&config, &why), 4000);
	assert_non_null(strstr(why.text, "http://b:99999"));
	config.poa = "";
	config.coap_listen = "5683";
	assert_int_equal(config_check(&config, &why), 4000);
	assert_non_null(strstr(why.text, "coap-listen 5683"));
	arena_finish(&config.arena);
}

/* Any page that is looked at on this machine would be somebody on this machine. */
UNIT(all_web_origins_need_authentication)
{
	struct config config;
	struct why why = {0};

	begin(&config);
	config.http_cors_origin = "https://a.example,http://localhost:3000";
	assert_int_equal(config_check(&config, &why), 0);
	config.http_cors_origin = "https://a.example,*";
	assert_int_equal(config_check(&config, &why), 4000);
	assert_non_null(strstr(why.text, "--authentication always"));
	config.authentication = "never";
	assert_int_equal(config_check(&config, &why), 4000);
	config.authentication = "always";
	assert_int_equal(config_check(&config, &why), 0);
	config.http_cors_origin = "https://a.example/";
	assert_int_equal(config_check(&config, &why), 4000);
	assert_non_null(strstr(why.text, "https://a.example/"));
	arena_finish(&config.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(listeners_are_announced_as_they_stand_and_brokers_without_secrets),
	        unit(all_addresses_are_announced_as_those_that_there_are),
	        unit(options_that_are_no_addresses_are_refused_at_start),
	        unit(all_web_origins_need_authentication),
	};

	return unit_main(tests);
}
