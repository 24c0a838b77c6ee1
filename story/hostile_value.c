/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers at their edges and times that are none: refused with a sentence, or taken and given back as they
 * were; never cut to fit. */
#include <stdio.h>

#include "story/hostile.h"

enum verdict {
	NEVER, /* must be refused */
	MAYBE, /* refused, or kept as it is */
	GOOD   /* must be taken */
};

static const struct {
	const char *text;
	enum verdict plain;    /* for an attribute that may be 0 */
	enum verdict positive; /* for one that may not */
} numbers[] = {
        {"0", GOOD, NEVER},
        {"1", GOOD, GOOD},
        {"-1", NEVER, NEVER},
        {"-0", MAYBE, NEVER},
        {"2147483647", GOOD, GOOD},
        {"2147483648", GOOD, MAYBE},
        {"4294967295", GOOD, MAYBE},
        {"4294967296", MAYBE, MAYBE},
        {"4294967300", MAYBE, MAYBE},
        {"9223372036854775807", MAYBE, MAYBE},
        {"9223372036854775808", MAYBE, MAYBE},
        {"18446744073709551615", MAYBE, MAYBE},
        {"18446744073709551616", NEVER, NEVER},
        {"18446744073709551620", NEVER, NEVER},
        {"12345678901234567890123", NEVER, NEVER},
        {"-9223372036854775808", NEVER, NEVER},
        {"1e3", NEVER, NEVER},
        {"1E400", NEVER, NEVER},
        {"4.0", NEVER, NEVER},
        {"0.5", NEVER, NEVER},
        {"\"4\"", NEVER, NEVER},
        {"null", NEVER, NEVER},
        {"true", NEVER, NEVER},
        {"[4]", NEVER, NEVER},
        {"{}", NEVER, NEVER},
};

#define NUMBERS (sizeof(numbers) / sizeof(*numbers))

static bool value_is_right(const struct answer *answer, enum verdict verdict, const char *kept)
{
	if (answer->rsc == 2001 || answer->rsc == 2000) {
		if (verdict != NEVER && story_has(answer->body, kept))
			return true;
		story_note("taken, but not as %s: %.*s", kept, SLICE_ARG(answer->body));
		return false;
	}
	return story_is_refusal(answer, 400, 4000) && verdict != GOOD;
}

/* Every number as that attribute of a new resource. */
static void value_attribute(struct story *story, const char *attribute, int ty, const char *before,
                            bool positive)
{
	bool good = true;

	for (size_t i = 0; i < NUMBERS; i++) {
		enum verdict verdict = positive ? numbers[i].positive : numbers[i].plain;
		char body[200], kept[60];
		struct ask ask = {.ty = ty, .body = {body, 0}};
		struct answer answer;

		snprintf(body, sizeof(body), "{%s\"%s\":%s}}", before, attribute, numbers[i].text);
		snprintf(kept, sizeof(kept), "\"%s\":%s", attribute, numbers[i].text);
		ask.body.len = strlen(body);
		story_ask(story, &ask, &answer);
		if (!value_is_right(&answer, verdict, kept)) {
			story_note("%s: %s", attribute, numbers[i].text);
			good = false;
		}
		story_forget(story);
	}
	story_check(story, story_is_well(story) && good, "%s at the edges of what a number can be",
	            attribute);
}

static const struct {
	const char *value;
	bool may_offset, may_limit, may_level, may_rcn;
} arguments[] = {
        {"0", true, true, true, true},
        {"1", true, true, true, true},
        {"-1", false, false, false, false},
        {"2147483648", true, true, true, false},
        {"4294967300", true, true, true, false},
        {"9223372036854775807", true, true, true, false},
        {"9223372036854775808", true, true, true, false},
        {"18446744073709551615", true, true, true, false},
        {"18446744073709551616", false, false, false, false},
        {"18446744073709551620", false, false, false, false},
        {"12345678901234567890123", false, false, false, false},
        {"1e3", false, false, false, false},
        {"4.0", false, false, false, false},
        {"%224%22", false, false, false, false},
        {"04", true, true, true, true},
        {"%2B4", false, false, false, false},
        {"%204", false, false, false, false},
        {"4%20", false, false, false, false},
        {"0x4", false, false, false, false},
        {"%D9%A4", false, false, false, false},
        {"four", false, false, false, false},
        {"", false, false, false, false},
        {"4,4", false, false, false, false},
};

static bool value_argument(struct story *story, const char *format, const char *value, bool may)
{
	struct answer answer;
	char path[160];
	bool good;

	/* The formats are ours: see below. */
	snprintf(path, sizeof(path), "/cse-in?%s%s", format, value);
	story_ask(story, &(struct ask){.method = "GET", .path = path}, &answer);
	good = (may && answer.status == 200) || story_is_refusal(&answer, 400, 0);
	if (!good)
		story_note("%s: %.*s", path, SLICE_ARG(answer.body));
	story_forget(story);
	return good;
}

static void value_arguments(struct story *story)
{
	static const char *const others[] = {
	        "fu=1&ty=", "fu=1&sts=", "fu=1&stb=", "fu=1&sza=", "fu=1&szb=", "fu=", "fo=", "drt=", "rp="};
	bool rcn = true, lim = true, ofst = true, lvl = true, rest = true;

	for (size_t i = 0; i < sizeof(arguments) / sizeof(*arguments); i++) {
		const char *v = arguments[i].value;

		rcn = value_argument(story, "rcn=", v, arguments[i].may_rcn) && rcn;
		lim = value_argument(story, "fu=1&lim=", v, arguments[i].may_limit) && lim;
		ofst = value_argument(story, "fu=1&ofst=", v, arguments[i].may_offset) && ofst;
		lvl = value_argument(story, "fu=1&lvl=", v, arguments[i].may_level) && lvl;
		for (size_t k = 0; k < sizeof(others) / sizeof(*others); k++)
			rest = value_argument(story, others[k], v, true) && rest;
	}
	story_check(story, rcn, "rcn at the edges of what a number can be");
	story_check(story, lim, "lim at the edges of what a number can be");
	story_check(story, ofst, "ofst at the edges of what a number can be");
	story_check(story, lvl, "lvl at the edges of what a number can be");
	story_check(story, story_is_well(story) && rest, "ty, sts, stb, sza, szb, fu, fo, drt and rp, too");
}

/* None of these is a resource type, least of all 2^32 + 4. */
static void value_type(struct story *story)
{
	static const char *const types[] = {
	        "0",
	        "-1",
	        "4294967300",
	        "4294967299",
	        "2147483648",
	        "9223372036854775808",
	        "18446744073709551620",
	        "12345678901234567890123",
	        "3e0",
	        "3.0",
	        "\"3.0\"",
	        "three",
	        "0x3",
	        "999999",
	        "%33",
	        "3 4",
	        "3,4",
	};
	bool good = true;

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		char bytes[400];
		struct answer answer;

		snprintf(
		        bytes, sizeof(bytes),
		        "POST /cse-in/home HTTP/1.1\r\nHost: here\r\nX-M2M-Origin: CAdmin\r\nX-M2M-RI: r1\r\n"
		        "X-M2M-RVI: 3\r\nContent-Type: application/json;ty=%s\r\nContent-Length: 14\r\n\r\n"
		        "{\"m2m:cnt\":{}}",
		        types[i]);
		story_ask_raw(story, slice_of(bytes), &answer);
		if (!story_is_refusal(&answer, 400, 4000)) {
			story_note("ty=%s", types[i]);
			good = false;
		}
	}
	story_check(story, story_is_well(story) && good, "ty at the edges of what a number can be");
	story_forget(story);
}

static const char *const no_times[] = {
        "",
        "2099",
        "20990101",
        "20990101T",
        "20990101T00",
        "20990101T0000",
        "20990101T000000Z",
        "20990101T000000+0900",
        "2099-01-01T00:00:00",
        "20991301T000000",
        "20990001T000000",
        "20990100T000000",
        "20990230T000000",
        "20990101T250000",
        "20990101T006000",
        "20990101T000061",
        "20990101t000000",
        "20990101 000000",
        "20990101T000000,",
        "20990101T000000.5",
        "20990101T000000,1234567",
        "20990101T000000,x",
        "20990101T000000 ",
        " 20990101T000000",
        "-20990101T000000",
        "00000000T000000",
        "20000101T000000",
        "209901010T000000",
        "2099O101T000000",
        "２０９９0101T000000",
        "now",
        "null",
        "P1D",
        "4102444800",
        "' OR '1'='1",
};

/* Is it wrong in a header, too? Digits alone are milliseconds from now there, blanks around a value are none
 * of it, and a time of the past means what it says. */
static bool value_is_no_header(const char *time)
{
	size_t len = strlen(time);

	return len > 0 && strspn(time, "0123456789") < len && time[0] != ' ' && time[len - 1] != ' ' &&
	       strcmp(time, "20000101T000000") != 0;
}

static void value_times(struct story *story)
{
	static const char *const headers[] = {"X-M2M-OT", "X-M2M-RET", "X-M2M-RST", "X-M2M-OET"};
	bool attribute = true, header[4] = {true, true, true, true};

	for (size_t i = 0; i < sizeof(no_times) / sizeof(*no_times); i++) {
		char body[200], more[200];
		struct ask ask = {.ty = 3};
		struct answer answer;

		snprintf(body, sizeof(body), "{\"m2m:cnt\":{\"et\":\"%s\"}}", no_times[i]);
		ask.body = slice_of(body);
		story_ask(story, &ask, &answer);
		if (!story_is_refusal(&answer, 400, 4000)) {
			attribute = false;
			story_note("et \"%s\"", no_times[i]);
		}
		for (size_t h = 0; h < 4 && value_is_no_header(no_times[i]); h++) {
			snprintf(more, sizeof(more), "%s: %s\r\n", headers[h], no_times[i]);
			story_ask(story, &(struct ask){.method = "GET", .more = more}, &answer);
			if (!story_is_refusal(&answer, 400, 4000)) {
				header[h] = false;
				story_note("%s \"%s\"", headers[h], no_times[i]);
			}
		}
		story_forget(story);
	}
	story_check(story, attribute, "times that are none, in et");
	for (size_t h = 0; h < 4; h++)
		story_check(story, story_is_well(story) && header[h], "times that are none, in %s",
		            headers[h]);
}

static void value_time_filters(struct story *story)
{
	static const char *const keys[] = {"crb", "cra", "ms", "us", "exb", "exa"};
	static const char *const values[] = {
	        "2099",      "20991301T000000", "20990230T000000",  "20990101T000000Z",
	        "yesterday", "%27%3B--",        "20990101T000000,", "-1"};
	bool good = true;

	for (size_t k = 0; k < sizeof(keys) / sizeof(*keys); k++) {
		for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
			struct answer answer;
			char path[100];

			snprintf(path, sizeof(path), "/cse-in?fu=1&%s=%s", keys[k], values[i]);
			story_ask(story, &(struct ask){.method = "GET", .path = path}, &answer);
			if (!story_is_refusal(&answer, 400, 0)) {
				good = false;
				story_note("%s", path);
			}
		}
	}
	story_check(story, story_is_well(story) && good, "times that are none, in filters");
	story_forget(story);
}

void hostile_value(struct story *story)
{
	value_attribute(story, "mni", 3, "\"m2m:cnt\":{", false);
	value_attribute(story, "mbs", 3, "\"m2m:cnt\":{", false);
	value_attribute(story, "mia", 3, "\"m2m:cnt\":{", false);
	value_attribute(story, "exc", 23, "\"m2m:sub\":{\"nu\":[\"CAdmin\"],", true);
	value_type(story);
	value_arguments(story);
	value_times(story);
	value_time_filters(story);
}
