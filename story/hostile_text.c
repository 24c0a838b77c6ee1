/* SPDX-License-Identifier: Apache-2.0 */
/* Text: bytes that are no UTF-8, text in other scripts, quotes of other languages, escapes. */
#include <stdio.h>

#include "story/hostile.h"

/* Bytes that look like UTF-8 and are not. */
static const struct {
	const char *name, *bytes, *escaped;
} bad_utf8[] = {
        {"a byte that never stands in UTF-8", "\xff", "%FF"},
        {"a lone continuation byte", "\x80", "%80"},
        {"an overlong slash", "\xc0\xaf", "%C0%AF"},
        {"an overlong NUL", "\xc0\x80", "%C0%80"},
        {"a surrogate", "\xed\xa0\x80", "%ED%A0%80"},
        {"beyond the last character", "\xf4\x90\x80\x80", "%F4%90%80%80"},
        {"half a character", "\xec\x95", "%EC%95"},
        {"five bytes", "\xf8\x88\x80\x80\x80", "%F8%88%80%80%80"},
};

static void text_bad(struct story *story, const char *name, const char *bytes, const char *escaped)
{
	char text[200], title[120];
	struct ask ask = {.ty = 3};

	snprintf(text, sizeof(text), "{\"m2m:cnt\":{\"lbl\":[\"a%s\"]}}", bytes);
	snprintf(title, sizeof(title), "%s in a body", name);
	ask.body = slice_of(text);
	hostile_refused(story, title, &ask, 400, 4000);
	snprintf(title, sizeof(title), "%s in a path", name);
	snprintf(text, sizeof(text), "/cse-in/h%s", bytes);
	hostile_refused(story, title, &(struct ask){.method = "GET", .path = text}, 400, 4000);
	snprintf(title, sizeof(title), "%s in an escape of the path", name);
	snprintf(text, sizeof(text), "/cse-in/h%s", escaped);
	hostile_refused(story, title, &(struct ask){.method = "GET", .path = text}, 400, 4000);
	snprintf(title, sizeof(title), "%s in the query", name);
	snprintf(text, sizeof(text), "/cse-in?fu=1&lbl=%s", escaped);
	hostile_refused(story, title, &(struct ask){.method = "GET", .path = text}, 400, 0);
	snprintf(title, sizeof(title), "%s in X-M2M-Origin", name);
	snprintf(text, sizeof(text), "C%s", bytes);
	hostile_refused(story, title, &(struct ask){.method = "GET", .from = text}, 400, 4000);
	snprintf(title, sizeof(title), "%s in X-M2M-RI", name);
	hostile_refused(story, title, &(struct ask){.method = "GET", .rqi = text}, 400, 4000);
	snprintf(title, sizeof(title), "%s in X-M2M-VSI", name);
	snprintf(text, sizeof(text), "X-M2M-VSI: a%s\r\n", bytes);
	hostile_refused(story, title, &(struct ask){.method = "GET", .more = text}, 400, 4000);
}

/* What is put in comes out, byte for byte. */
static void text_kept(struct story *story, const char *name, const char *content, const char *kept)
{
	struct ask get = {.method = "GET", .path = "/cse-in/home/text/la"};
	struct answer answer;
	char body[600], want[600];
	bool good;

	snprintf(body, sizeof(body), "{\"m2m:cin\":{\"con\":%s}}", content);
	snprintf(want, sizeof(want), "\"con\":%s", kept ? kept : content);
	good = story_create(story, "/cse-in/home/text", 4, body) && story_ask(story, &get, &answer) &&
	       story_has(answer.body, want);
	if (!good)
		story_note("expected %s in %.*s", want, SLICE_ARG(answer.body));
	story_check(story, good, "kept byte for byte: %s", name);
	story_forget(story);
}

static const struct {
	const char *name, *content, *kept;
} contents[] = {
        {"Korean", "\"거실 온도 23.5도, 습도 맑음\"", NULL},
        {"Korean in pieces", "\"\u1112\u1161\u11ab\u1100\u1173\u11af\"", NULL},
        {"Korean, escaped", "\"\\uc548\\ub155\"", "\"안녕\""},
        {"a character beyond 65535", "\"😀\"", NULL},
        {"a character beyond 65535, escaped", "\"\\ud83d\\ude00\"", "\"😀\""},
        {"quotes and backslashes", "\"a\\\"b\\\\c\"", NULL},
        {"SQL", "\"'); DROP TABLE resource; --\"", NULL},
        {"an object", "{\"이름\":\"온도\",\"값\":[1,null,true]}", NULL},
        {"an empty string", "\"\"", NULL},
        {"12.50", "12.50", NULL},
        {"23 digits", "12345678901234567890123", NULL},
        {"23 digits below zero", "-12345678901234567890123", NULL},
        {"1E400", "1E400", NULL},
        {"1e-7", "1e-7", NULL},
        {"minus zero", "-0", NULL},
        {"0.10 and 1E+2 deep within", "{\"a\":[0.10,{\"b\":1E+2}]}", NULL},
        {"a number beside its string", "[\"12.50\",12.50]", NULL},
};

/* Does discovery with that query find exactly one? */
static void text_found(struct story *story, const char *query, bool one)
{
	struct ask ask = {.method = "GET", .path = query};
	struct answer answer;
	bool good =
	        story_ask(story, &ask, &answer) && answer.rsc == 2000 &&
	        story_has(answer.body, one ? "{\"m2m:uril\":[\"cse-in/home/text\"]}" : "{\"m2m:uril\":[]}");

	if (!good)
		story_note("%d %.*s", answer.status, SLICE_ARG(answer.body));
	story_check(story, good, "%s finds %s", query, one ? "what has that label" : "nothing");
	story_forget(story);
}

static void text_labels(struct story *story)
{
	struct ask ask = {.method = "GET", .path = "/cse-in/home/text"};
	struct answer answer;

	story_ask(story, &ask, &answer);
	story_check(
	        story,
	        story_has(answer.body, "\"lbl\":[\"방:거실\",\"x'); DROP TABLE resource; --\",\"a%_*b\"]"),
	        "labels are kept byte for byte");
	text_found(story, "/cse-in?fu=1&lbl=%EB%B0%A9%3A%EA%B1%B0%EC%8B%A4", true);
	text_found(story, "/cse-in?fu=1&lbl=x%27%29%3B%20DROP%20TABLE%20resource%3B%20--", true);
	text_found(story, "/cse-in?fu=1&lbl=x%27%20OR%20%271%27=%271", false);
	text_found(story, "/cse-in?fu=1&rn=x%27%20OR%20%271%27=%271", false);
	text_found(story, "/cse-in?fu=1&cr=%27%3B--", false);
	text_found(story, "/cse-in?fu=1&lbl=%25", false);
	text_found(story, "/cse-in?fu=1&lbl=_%25_", false);
}

static const struct {
	const char *path;
	int status, rsc;
} paths[] = {
        {"/cse-in/x'--", 0, 0},
        {"/cse-in/x';DROP%20TABLE%20resource;--", 0, 0},
        {"/cse-in/home%27%20OR%20%271%27=%271", 0, 0},
        {"/cse-in/home\"", 0, 0},
        {"/cse-in/home`id`", 0, 0},
        {"/cse-in/$(id)", 0, 0},
        {"/cse-in/home%00", 400, 4000},
        {"/cse-in%00/home", 400, 4000},
        {"/cse-in%2Fhome", 400, 4000},
        {"/cse-in%2fhome", 400, 4000},
        {"/cse-in/%", 400, 4000},
        {"/cse-in/%4", 400, 4000},
        {"/cse-in/%zz", 400, 4000},
        {"/cse-in/%u0041", 400, 4000},
        {"/cse-in/%25", 0, 0},
        {"/cse-in/home+", 0, 0},
        {"/cse-in/home%20", 0, 0},
        {"/cse-in/../cse-in/home", 0, 0},
        {"/../../etc/passwd", 0, 0},
        {"/cse-in/%2e%2e/home", 0, 0},
        {"//cse-in/home", 0, 0},
        {"/cse-in//home", 0, 0},
        {"/cse-in/home/", 0, 0},
        {"/", 0, 0},
        {"/~", 0, 0},
        {"/~/", 0, 0},
        {"/_", 0, 0},
        {"/_/", 0, 0},
        {"/_/x", 0, 0},
        {"/~/id-in/cse-in/none", 404, 4004},
        {"/_/elsewhere/id-in/cse-in/home", 0, 0},
        {"/cse-in/home?fu=1&lbl=%00", 400, 0},
        {"/cse-in/home?fu=1&lbl=%", 400, 0},
        {"/cse-in/home?%=1", 400, 0},
        {"/cse-in/home?fu=1&lbl=+", 400, 0},
        {"/cse-in/home?fu=1&lbl=a++b", 400, 0},
        {"/cse-in/home?=1", 400, 0},
        {"/cse-in/home?fu", 400, 0},
        {"/cse-in/home?fu=1&fu=1", 400, 0},
        {"/cse-in/home?fu=1&a'b=1", 400, 0},
        {"/cse-in/home?a[]=1&fu=1", 400, 0},
        {"/cse-in/home??", 400, 0},
        {"/cse-in/home?fu=1;rcn=4", 400, 0},
};

void hostile_text(struct story *story)
{
	char title[120];

	for (size_t i = 0; i < sizeof(bad_utf8) / sizeof(*bad_utf8); i++)
		text_bad(story, bad_utf8[i].name, bad_utf8[i].bytes, bad_utf8[i].escaped);
	story_check(story,
	            story_create(story, "/cse-in/home", 3,
	                         "{\"m2m:cnt\":{\"rn\":\"text\",\"lbl\":[\"방:거실\","
	                         "\"x'); DROP TABLE resource; --\",\"a%_*b\"]}}"),
	            "a container has odd labels");
	for (size_t i = 0; i < sizeof(contents) / sizeof(*contents); i++)
		text_kept(story, contents[i].name, contents[i].content, contents[i].kept);
	text_labels(story);
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		snprintf(title, sizeof(title), "GET %s", paths[i].path);
		hostile_refused(story, title, &(struct ask){.method = "GET", .path = paths[i].path},
		                paths[i].status, paths[i].rsc);
	}
}
