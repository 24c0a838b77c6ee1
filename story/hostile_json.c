/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies that are no JSON, or JSON that is no container. */
#include <stdio.h>

#include "story/hostile.h"

#define T(literal) SLICE_INIT(literal)

static const struct {
	const char *name;
	struct slice body;
} no_json[] = {
        {"nothing at all", T("")},
        {"only blanks", T("  \r\n")},
        {"an open brace", T("{")},
        {"a closing brace", T("}")},
        {"a name alone", T("{\"m2m:cnt\"}")},
        {"a value missing", T("{\"m2m:cnt\":}")},
        {"a brace missing", T("{\"m2m:cnt\":{}")},
        {"one brace too many", T("{\"m2m:cnt\":{}}}")},
        {"garbage behind it", T("{\"m2m:cnt\":{}}x")},
        {"a second value behind it", T("{\"m2m:cnt\":{}}{}")},
        {"a comma behind it", T("{\"m2m:cnt\":{}},")},
        {"a NUL behind it", T("{\"m2m:cnt\":{}}\0")},
        {"a NUL within", T("{\"m2m:cnt\":{\"rn\":\"a\0b\"}}")},
        {"no quotes", T("{m2m:cnt:{}}")},
        {"single quotes", T("{'m2m:cnt':{}}")},
        {"a trailing comma", T("{\"m2m:cnt\":{\"mni\":1,}}")},
        {"a leading comma", T("{,\"m2m:cnt\":{}}")},
        {"a colon too many", T("{\"m2m:cnt\"::{}}")},
        {"a leading zero", T("{\"m2m:cnt\":{\"mni\":01}}")},
        {"a plus", T("{\"m2m:cnt\":{\"mni\":+1}}")},
        {"a bare point", T("{\"m2m:cnt\":{\"mni\":.5}}")},
        {"a point at the end", T("{\"m2m:cnt\":{\"mni\":1.}}")},
        {"an exponent without digits", T("{\"m2m:cnt\":{\"mni\":1e}}")},
        {"two minus signs", T("{\"m2m:cnt\":{\"mni\":--1}}")},
        {"hexadecimal", T("{\"m2m:cnt\":{\"mni\":0x10}}")},
        {"NaN", T("{\"m2m:cnt\":{\"mni\":NaN}}")},
        {"Infinity", T("{\"m2m:cnt\":{\"mni\":-Infinity}}")},
        {"half a null", T("{\"m2m:cnt\":{\"mni\":nul}}")},
        {"True", T("{\"m2m:cnt\":{\"disr\":True}}")},
        {"a comment", T("{\"m2m:cnt\":{}} // so")},
        {"a byte order mark", T("\xef\xbb\xbf{\"m2m:cnt\":{\"mni\":\"x\"}}")},
        {"a string that does not end", T("{\"m2m:cnt\":{\"rn\":\"abc")},
        {"a raw line feed in a string", T("{\"m2m:cnt\":{\"rn\":\"a\nb\"}}")},
        {"a lone high surrogate", T("{\"m2m:cnt\":{\"lbl\":[\"\\ud800\"]}}")},
        {"a lone low surrogate", T("{\"m2m:cnt\":{\"lbl\":[\"\\udc00x\"]}}")},
        {"two high surrogates", T("{\"m2m:cnt\":{\"lbl\":[\"\\ud800\\ud800\"]}}")},
        {"a short escape", T("{\"m2m:cnt\":{\"lbl\":[\"\\u12\"]}}")},
        {"an unknown escape", T("{\"m2m:cnt\":{\"lbl\":[\"\\x41\"]}}")},
        {"an escaped NUL", T("{\"m2m:cnt\":{\"lbl\":[\"a\\u0000b\"]}}")},
        {"a name twice", T("{\"m2m:cnt\":{\"mni\":1,\"mni\":2}}")},
        {"a name twice, once escaped", T("{\"m2m:cnt\":{\"mni\":1,\"\\u006dni\":2}}")},
        {"the root twice", T("{\"m2m:cnt\":{},\"m2m:cnt\":{}}")},
        {"a bare number", T("42")},
        {"minus zero", T("-0")},
        {"null", T("null")},
        {"true", T("true")},
        {"a string", T("\"m2m:cnt\"")},
        {"an empty object", T("{}")},
        {"an empty array", T("[]")},
        {"an object in an array", T("[{\"m2m:cnt\":{}}]")},
        {"two members", T("{\"m2m:cnt\":{},\"m2m:ae\":{}}")},
        {"null as the resource", T("{\"m2m:cnt\":null}")},
        {"an array as the resource", T("{\"m2m:cnt\":[]}")},
        {"a number as the resource", T("{\"m2m:cnt\":5}")},
        {"a string as the resource", T("{\"m2m:cnt\":\"x\"}")},
        {"the resource within itself", T("{\"m2m:cnt\":{\"m2m:cnt\":{}}}")},
        {"another root", T("{\"m2m:ae\":{\"api\":\"N.x\",\"rr\":true,\"srv\":[\"3\"]}}")},
        {"an unknown root", T("{\"m2m:nothing\":{}}")},
        {"a root without prefix", T("{\"cnt\":{}}")},
        {"an empty root", T("{\"\":{}}")},
        {"an unknown attribute", T("{\"m2m:cnt\":{\"nothing\":1}}")},
        {"an empty attribute name", T("{\"m2m:cnt\":{\"\":1}}")},
        {"an attribute name with a NUL", T("{\"m2m:cnt\":{\"mni\\u0000\":1}}")},
        {"a string for a number", T("{\"m2m:cnt\":{\"mni\":\"5\"}}")},
        {"true for a number", T("{\"m2m:cnt\":{\"mni\":true}}")},
        {"an array for a number", T("{\"m2m:cnt\":{\"mni\":[5]}}")},
        {"an object for a number", T("{\"m2m:cnt\":{\"mni\":{\"a\":5}}}")},
        {"a string for a boolean", T("{\"m2m:cnt\":{\"disr\":\"true\"}}")},
        {"a number for a boolean", T("{\"m2m:cnt\":{\"disr\":1}}")},
        {"a string for a list", T("{\"m2m:cnt\":{\"lbl\":\"x\"}}")},
        {"a number in a list of strings", T("{\"m2m:cnt\":{\"lbl\":[1]}}")},
        {"a null in a list of strings", T("{\"m2m:cnt\":{\"lbl\":[null]}}")},
        {"a list in a list of strings", T("{\"m2m:cnt\":{\"lbl\":[[\"a\"]]}}")},
        {"an empty list of labels", T("{\"m2m:cnt\":{\"lbl\":[]}}")},
        {"an object for a list", T("{\"m2m:cnt\":{\"lbl\":{\"0\":\"x\"}}}")},
        {"a number for a name", T("{\"m2m:cnt\":{\"rn\":5}}")},
        {"a null for a name", T("{\"m2m:cnt\":{\"rn\":null}}")},
        {"an empty name", T("{\"m2m:cnt\":{\"rn\":\"\"}}")},
        {"a number for a time", T("{\"m2m:cnt\":{\"et\":20300101}}")},
        {"a string for policies", T("{\"m2m:cnt\":{\"acpi\":\"x\"}}")},
        {"numbers for policies", T("{\"m2m:cnt\":{\"acpi\":[1,2]}}")},
        {"what only the node may write", T("{\"m2m:cnt\":{\"cni\":0}}")},
        {"its own identifier", T("{\"m2m:cnt\":{\"ri\":\"mine\"}}")},
};

/* A body cut off after every byte. */
static void json_truncated(struct story *story)
{
	static const char whole[] = "{\"m2m:cnt\":{\"mni\":12,\"lbl\":[\"a:b\",\"\\u00e9\"],\"disr\":false}}";
	bool good = true;

	for (size_t len = 0; len < sizeof(whole) - 1; len++) {
		struct ask ask = {.ty = 3, .body = {whole, len}};
		struct answer answer;

		story_ask(story, &ask, &answer);
		if (!story_is_refusal(&answer, 400, 4000))
			good = false;
	}
	story_check(story, story_is_well(story) && good, "JSON cut off after each of its bytes");
	story_forget(story);
}

/* 20,000 deep, of any kind of bracket, closed or not, as the body and as a value. */
static void json_deep(struct story *story)
{
	static const struct {
		const char *name, *before, *open, *close, *after;
		int ty;
	} deep[] = {
	        {"20,000 arrays that never end", "", "[", "", "", 3},
	        {"20,000 arrays", "", "[", "]", "", 3},
	        {"20,000 objects", "", "{\"a\":", "}", "", 3},
	        {"20,000 arrays as labels", "{\"m2m:cnt\":{\"lbl\":", "[", "]", "}}", 3},
	        {"20,000 arrays as content", "{\"m2m:cin\":{\"con\":", "[", "]", "}}", 4},
	        {"20,000 objects in arrays as content", "{\"m2m:cin\":{\"con\":", "[{\"a\":", "}]", "}}", 4},
	};

	for (size_t i = 0; i < sizeof(deep) / sizeof(*deep); i++) {
		struct ask ask = {.ty = deep[i].ty};
		struct buf body;

		buf_init(&body, NULL);
		buf_add_slice(&body, slice_of(deep[i].before));
		for (int n = 0; n < 20000; n++)
			buf_add_slice(&body, slice_of(deep[i].open));
		for (int n = 0; n < 20000; n++)
			buf_add_slice(&body, slice_of(deep[i].close));
		buf_add_slice(&body, slice_of(deep[i].after));
		ask.body = buf_slice(&body);
		hostile_refused(story, deep[i].name, &ask, 400, 4000);
		buf_finish(&body);
	}
}

/* The same nonsense as an update, as a notification, and as a request that should have no body. */
static void json_elsewhere(struct story *story)
{
	static const struct slice bodies[] = {T("42"),
	                                      T("null"),
	                                      T("[]"),
	                                      T("{}"),
	                                      T("{\"m2m:ae\":5}"),
	                                      T("{"),
	                                      T("\"x\""),
	                                      T("{\"m2m:ae\":{\"lbl\":[\"a\"]},\"x\":1}")};
	static const char *const methods[] = {"PUT", "POST", "GET", "DELETE"};

	for (size_t m = 0; m < 4; m++) {
		bool good = true;

		for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++) {
			/* There is nothing at that path for a DELETE to take away. */
			struct ask ask = {.method = methods[m],
			                  .body = bodies[i],
			                  .path = m == 3 ? "/cse-in/home/nothing" : "/cse-in/home"};
			struct answer answer;

			story_ask(story, &ask, &answer);
			/* A retrieve may overlook an object that is no attribute list; it may not fail. */
			if (m == 2 && answer.status == 200)
				continue;
			good = story_is_refusal(&answer, 0, 0) && good;
		}
		story_check(story, story_is_well(story) && good, "bodies that make no sense with %s",
		            methods[m]);
		story_forget(story);
	}
}

void hostile_json(struct story *story)
{
	for (size_t i = 0; i < sizeof(no_json) / sizeof(*no_json); i++) {
		struct ask ask = {.ty = 3, .body = no_json[i].body};
		char name[100];

		snprintf(name, sizeof(name), "a body: %s", no_json[i].name);
		hostile_refused(story, name, &ask, 400, 4000);
	}
	json_truncated(story);
	json_deep(story);
	json_elsewhere(story);
}
