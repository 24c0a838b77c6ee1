/* SPDX-License-Identifier: Apache-2.0 */
/* Identifiers and names: every byte there is, and far too many of them. */
#include <stdio.h>

#include "base/utf8.h"
#include "story/hostile.h"

#define BEFORE "GET /cse-in/home HTTP/1.1\r\nHost: here\r\nX-M2M-RVI: 3\r\n"

/* Bytes that an identifier may hold; what is then not there is not found or not allowed. */
static bool name_is_plain(int byte)
{
	return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
	       (byte && byte < 128 && strchr("-._~", byte));
}

enum place { IN_PATH, IN_ESCAPE, IN_QUERY, IN_ORIGIN, IN_RI, IN_NAME };

/* A request with that byte at that place. */
static void name_request(struct buf *buf, enum place place, int byte)
{
	char c = (char)byte, body[80];

	if (place == IN_NAME) {
		snprintf(body, sizeof(body), "{\"m2m:cnt\":{\"rn\":\"odd\\u%04x%d\"}}", byte, byte);
		story_write(buf, &(struct ask){.ty = 3, .body = slice_of(body)});
		return;
	}
	if (place == IN_PATH || place == IN_QUERY) {
		buf_add_slice(buf,
		              slice_of(place == IN_PATH ? "GET /cse-in/h" : "GET /cse-in/home?fu=1&lbl=h"));
		buf_add_char(buf, c);
	} else if (place == IN_ESCAPE) {
		buf_printf(buf, "GET /cse-in/h%%%02x", byte);
	} else {
		buf_add_lit(buf, "GET /cse-in/home");
	}
	if (place != IN_ORIGIN && place != IN_RI)
		buf_add_char(buf, 'x');
	buf_add_lit(buf, " HTTP/1.1\r\nHost: here\r\nX-M2M-RVI: 3\r\nX-M2M-Origin: C");
	buf_add_slice(buf, slice_of(place == IN_ORIGIN ? "u" : "Admin"));
	if (place == IN_ORIGIN) {
		buf_add_char(buf, c);
		buf_add_char(buf, 'x');
	}
	buf_add_lit(buf, "\r\nX-M2M-RI: r");
	if (place == IN_RI) {
		buf_add_char(buf, c);
		buf_add_char(buf, 'x');
	}
	buf_add_lit(buf, "\r\n\r\n");
}

/* Is that answer right for that byte there? One for each place. */

static bool name_right_path(const struct answer *answer, int byte)
{
	/* What begins the query is another question, but a question; "#" is no part of a request's target. */
	if (byte == '?' || byte == '#')
		return story_is_refusal(answer, 0, 0);
	return story_is_refusal(answer, name_is_plain(byte) || byte == '/' ? 404 : 400, 0);
}

static bool name_right_escape(const struct answer *answer, int byte)
{
	/* "%23x" asks for one attribute of h, which is not there. */
	return story_is_refusal(answer, name_is_plain(byte) || byte == '#' ? 404 : 400, 0);
}

static bool name_right_query(const struct answer *answer, int byte)
{
	return (answer->status == 200 && byte > ' ' && byte < 127) || story_is_refusal(answer, 400, 4000);
}

static bool name_right_origin(const struct answer *answer, int byte)
{
	if (name_is_plain(byte))
		return story_is_refusal(answer, 403, 0);
	if (byte == '*' || byte == '/')
		return story_is_refusal(answer, 0, 0);
	return story_is_refusal(answer, 400, 4000);
}

static bool name_right_ri(const struct answer *answer, int byte)
{
	char rqi[3] = {'r', (char)byte, 'x'};
	struct slice sent = slice_make(rqi, sizeof(rqi));

	if (answer->status == 200)
		return slice_is(answer->rqi, sent) && utf8_is_valid(sent);
	return !name_is_plain(byte) && story_is_refusal(answer, 400, 4000);
}

static bool name_right_name(const struct answer *answer, int byte)
{
	bool may = name_is_plain(byte) && byte != '~';

	return may ? answer->rsc == 2001 : story_is_refusal(answer, 400, 4000);
}

static bool (*const name_is_right[])(const struct answer *answer, int byte) = {
        [IN_PATH] = name_right_path,     [IN_ESCAPE] = name_right_escape, [IN_QUERY] = name_right_query,
        [IN_ORIGIN] = name_right_origin, [IN_RI] = name_right_ri,         [IN_NAME] = name_right_name,
};

static void name_bytes(struct story *story, const char *name, enum place place)
{
	bool good = true;

	for (int byte = 0; byte < 256; byte++) {
		struct answer answer;
		struct buf bytes;

		buf_init(&bytes, NULL);
		name_request(&bytes, place, byte);
		story_ask_raw(story, buf_slice(&bytes), &answer);
		if (!name_is_right[place](&answer, byte)) {
			good = false;
			story_note("the byte %d: HTTP %d, X-M2M-RSC %d, X-M2M-RI %.*s, %.*s", byte,
			           answer.status, answer.rsc, SLICE_ARG(answer.rqi), SLICE_ARG(answer.body));
		}
		buf_finish(&bytes);
		story_forget(story);
	}
	story_check(story, story_is_well(story) && good, "%s", name);
}

static const char *name_long(struct story *story, size_t len)
{
	char *text = arena_take(&story->arena, len + 1);

	memset(text, 'x', len);
	text[len] = 0;
	return text;
}

static void name_lengths(struct story *story)
{
	static const struct {
		size_t len;
		bool must;
	} rqis[] = {{200, true}, {255, true}, {256, false}, {5000, false}, {15000, false}};
	char title[80];

	for (size_t i = 0; i < sizeof(rqis) / sizeof(*rqis); i++) {
		struct ask ask = {.method = "GET", .rqi = name_long(story, rqis[i].len)};
		struct answer answer;
		bool good = story_ask(story, &ask, &answer) && answer.status == 200
		                    ? slice_is_text(answer.rqi, ask.rqi)
		                    : !rqis[i].must && story_is_refusal(&answer, 400, 4000);

		story_check(story, story_is_well(story) && good, "a request identifier of %zu bytes",
		            rqis[i].len);
	}
	for (size_t len = 256; len <= 65536; len *= 16) {
		const char *text = name_long(story, len);
		struct slice body = arena_printf(&story->arena, "{\"m2m:cnt\":{\"rn\":\"%s\"}}", text);
		struct slice path = arena_printf(&story->arena, "/cse-in/%s%c", text, 0);

		snprintf(title, sizeof(title), "a name of %zu characters", len);
		hostile_refused(story, title, &(struct ask){.ty = 3, .body = body}, 400, 4000);
		if (len > 5000)
			continue;
		/* hostile_refused forgets what the arena held. */
		text = name_long(story, len);
		path = arena_printf(&story->arena, "/cse-in/%s%c", text, 0);
		snprintf(title, sizeof(title), "an address of %zu characters", len);
		hostile_refused(story, title, &(struct ask){.method = "GET", .path = path.ptr}, 0, 0);
		snprintf(title, sizeof(title), "an originator of %zu characters", len);
		hostile_refused(story, title, &(struct ask){.method = "GET", .from = name_long(story, len)},
		                400, 4000);
	}
}

static void name_absent(struct story *story)
{
	hostile_refused_raw(story, "no X-M2M-RI", SLICE(BEFORE "X-M2M-Origin: CAdmin\r\n\r\n"), 400, 4000);
	hostile_refused_raw(story, "an empty X-M2M-RI",
	                    SLICE(BEFORE "X-M2M-Origin: CAdmin\r\nX-M2M-RI:\r\n\r\n"), 400, 4000);
	hostile_refused_raw(story, "no X-M2M-Origin", SLICE(BEFORE "X-M2M-RI: r\r\n\r\n"), 400, 4000);
	hostile_refused_raw(story, "an empty X-M2M-Origin",
	                    SLICE(BEFORE "X-M2M-RI: r\r\nX-M2M-Origin: \r\n\r\n"), 400, 4000);
	hostile_refused(story, "SQL as the originator",
	                &(struct ask){.method = "GET", .from = "C' OR '1'='1"}, 400, 4000);
	hostile_refused(story, "a stranger as the originator",
	                &(struct ask){.method = "GET", .from = "Cstranger"}, 403, 0);
}

static void name_refused(struct story *story)
{
	static const char *const names[] = {"거실", "a b",  "a/b",      "a'b", "-a",      ".a",  "_a",
	                                    "a~b",  "a%41", "a\\u0000", "la",  "a\\nb",   " a",  "a ",
	                                    "a?b",  "a#b",  "..",       "./a", "a*",      "a:b", "a+b",
	                                    "\\\"", "\\\\", "a;b",      "\\t", "\xc3\xa9"};
	char title[80], body[120];

	story_create(story, "/cse-in/home", 3, "{\"m2m:cnt\":{\"rn\":\"box\"}}");
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct ask ask = {.path = "/cse-in/home/box", .ty = 3};

		snprintf(title, sizeof(title), "the name \"%s\"", names[i]);
		snprintf(body, sizeof(body), "{\"m2m:cnt\":{\"rn\":\"%s\"}}", names[i]);
		ask.body = slice_of(body);
		hostile_refused(story, title, &ask, strcmp(names[i], "la") == 0 ? 405 : 400, 0);
	}
}

void hostile_name(struct story *story)
{
	name_bytes(story, "every byte in a path", IN_PATH);
	name_bytes(story, "every byte as an escape in a path", IN_ESCAPE);
	name_bytes(story, "every byte in a query", IN_QUERY);
	name_bytes(story, "every byte in X-M2M-Origin", IN_ORIGIN);
	name_bytes(story, "every byte in X-M2M-RI", IN_RI);
	name_bytes(story, "every byte in a name", IN_NAME);
	name_lengths(story);
	name_absent(story);
	name_refused(story);
}
