/* SPDX-License-Identifier: Apache-2.0 */
/* Which ways a command line asks for; URLs of places; and results on their way from one process to another.
 */
#include "base/unit.h"

#include "lab/run/crew.h"

static struct arena arena;

UNIT(way_lists_combinations)
{
	static const struct {
		const char *args[6], *names;
	} rows[] = {
	        {{"lab"}, "http/json "},
	        {{"lab", "--encoding", "cbor,xml"}, "http/cbor http/xml "},
	        {{"lab", "--binding", "ws", "--binding=coap"}, "coap/json ws/json "},
	        {{"lab", "--binding", "all"}, "http/json coap/json mqtt/json ws/json "},
	        {{"lab", "--binding", "mqtt", "--encoding", "all"}, "mqtt/json mqtt/cbor mqtt/xml "},
	        {{"lab", "--binding", "https,http"}, "http/json https/json "},
	        {{"lab", "--at", "coaps://h", "--encoding", "xml"}, "coaps/xml "},
	        {{"lab", "--binding", "pigeon"}, ""},
	        {{"lab", "--encoding", "asn1"}, ""},
	        {{"lab", "--at", "ftp://h"}, ""},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct options options;
		struct way ways[WAY_MOST];
		char names[400] = "";
		int argc = 0;

		while (argc < 6 && rows[i].args[argc])
			argc++;
		assert_int_equal(options_read(argc, (char **)(uintptr_t)rows[i].args, &options), 0);
		size_t count = way_list(&options, ways);

		for (size_t w = 0; w < count; w++)
			snprintf(names + strlen(names), sizeof names - strlen(names), "%s ", ways[w].name);
		assert_string_equal(names, rows[i].names);
	}
}

UNIT(place_reads_urls)
{
	static const struct {
		const char *url, *host, *port, *prefix;
	} rows[] = {
	        {"http://127.0.0.1:8080", "127.0.0.1", "8080", ""},
	        {"http://host/base/", "host", "80", "/base"},
	        {"https://[::1]:8443/a", "::1", "8443", "/a"},
	        {"http://", NULL, NULL, NULL},
	        {"mqtt://host", NULL, NULL, NULL},
	        {"http:host", NULL, NULL, NULL},
	        {"http://host:123456", NULL, NULL, NULL},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct place_config config = {.url = rows[i].url};
		struct why why = {0};
		struct place place;
		int r = place_init(&place, &transport_http, &config, &why);

		assert_int_equal(r != 0, !rows[i].host);
		if (r)
			continue;
		assert_string_equal(place.host, rows[i].host);
		assert_string_equal(place.port, rows[i].port);
		assert_string_equal(place.prefix, rows[i].prefix);
		assert_int_equal(place.secure, rows[i].url[4] == 's');
	}
}

UNIT(crew_hands_results_over)
{
	struct complaint second = {.line = 9, .expected = SLICE("form: x")};
	struct complaint first = {
	        .line = 7, .step = SLICE("get ~"), .answer = SLICE("4004 \xff"), .next = &second};
	struct result results[3] = {
	        {.outcome = {.verdict = VERDICT_PASSED, .took_us = 12, .requests = 3}},
	        {.outcome = {.verdict = VERDICT_FAILED, .complaints = &first}},
	        {.outcome = {.verdict = VERDICT_SKIPPED, .reason = SLICE("it is of \"ws\"\n")}},
	};
	struct result back[3] = {0};
	struct report from = {.results = results, .count = 3}, to = {.results = back, .count = 3};
	struct why why = {0};
	struct buf buf;

	buf_init(&buf, &arena);
	crew_write(&buf, &from);
	assert_int_equal(crew_read(&arena, buf_slice(&buf), &why, &to), 0);
	assert_int_equal(to.count, 3);
	assert_int_equal(back[0].outcome.took_us, 12);
	assert_int_equal(back[0].outcome.requests, 3);
	assert_int_equal(back[1].outcome.verdict, VERDICT_FAILED);
	assert_slice(back[1].outcome.complaints->step, "get ~");
	assert_slice(back[1].outcome.complaints->answer, "4004 ?");
	assert_slice(back[1].outcome.complaints->next->expected, "form: x");
	assert_int_equal(back[1].outcome.complaints->next->line, 9);
	assert_slice(back[2].outcome.reason, "it is of \"ws\"\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {unit(way_lists_combinations), unit(place_reads_urls),
	                                   unit(crew_hands_results_over)};

	arena_init(&arena);
	int r = unit_main(tests);

	arena_finish(&arena);
	return r;
}
