/* SPDX-License-Identifier: Apache-2.0 */
/* Hostile input against a real node: everything of the groups below, and after each piece of it the node
 * still answers a good request at once. At the end it stops as if nothing had been, and what it stored is in
 * order. */
#include <stdlib.h>

#include "story/hostile.h"

void hostile_refused(struct story *story, const char *name, const struct ask *ask, int status, int rsc)
{
	struct answer answer;
	bool good;

	story_ask(story, ask, &answer);
	good = story_is_refusal(&answer, status, rsc);
	story_check(story, story_is_well(story) && good, "%s", name);
	story_forget(story);
}

void hostile_refused_raw(struct story *story, const char *name, struct slice bytes, int status, int rsc)
{
	struct answer answer;
	bool good;

	story_ask_raw(story, bytes, &answer);
	good = story_is_refusal(&answer, status, rsc);
	story_check(story, story_is_well(story) && good, "%s", name);
	story_forget(story);
}

static const struct {
	const char *name;
	void (*run)(struct story *story);
} groups[] = {
        {"json", hostile_json},   {"text", hostile_text},   {"message", hostile_message},
        {"name", hostile_name},   {"value", hostile_value}, {"size", hostile_size},
        {"crowd", hostile_crowd},
};

/* usage: hostile_test DURED [GROUP] */
int main(int argc, char **argv)
{
	static const char *const options[] = {"--http-head-timeout",
	                                      "1s",
	                                      "--http-body-timeout",
	                                      "5s",
	                                      "--http-max-body",
	                                      "8M",
	                                      "--log-level",
	                                      "warn",
	                                      NULL};
	struct story story;

	if (!story_begin(&story, argc, argv))
		return 2;
	story_want_files();
	story_start(&story, options);
	story_create(&story, "/cse-in", 2,
	             "{\"m2m:ae\":{\"rn\":\"home\",\"api\":\"N.h\",\"rr\":false,\"srv\":[\"3\"]}}");
	for (size_t i = 0; i < sizeof(groups) / sizeof(*groups); i++)
		if (argc < 3 || strcmp(argv[2], groups[i].name) == 0)
			groups[i].run(&story);
	story_stops_well(&story);
	return story_end(&story);
}
