/* SPDX-License-Identifier: Apache-2.0 */
/* What a node must still know after a restart although nobody asked it before. */
#include <poll.h>
#include <stdio.h>

#include "base/clock.h"
#include "story/story.h"

/* An instance that comes after the restart and leaves before those that were there: it must leave the counts,
 * too, and not wait behind them. */
static void restart_early(struct story *story)
{
	int64_t end = clock_wall_steady() + STORY_PATIENCE_US;
	char time[CLOCK_TEXT + 1] = "", body[100];
	struct answer answer;
	bool gone;

	story_create(story, "/cse-in", 3, "{\"m2m:cnt\":{\"rn\":\"c\"}}");
	story_create(story, "/cse-in/c", 4, "{\"m2m:cin\":{\"con\":\"stays\"}}");
	story_check(story, story_stop(story) == 0, "it stops");
	story_start(story, NULL);
	clock_print(clock_now() + 500000, time);
	snprintf(body, sizeof(body), "{\"m2m:cin\":{\"con\":\"goes\",\"et\":\"%s\"}}", time);
	story_check(story, story_create(story, "/cse-in/c", 4, body), "an instance comes for half a second");
	do {
		poll(NULL, 0, 50);
		story_ask(story, &(struct ask){.method = "GET", .path = "/cse-in/c"}, &answer);
		gone = story_has(answer.body, "\"cni\":1,");
	} while (!gone && clock_wall_steady() < end);
	story_check(story, gone, "and leaves, also from the counts, before those ahead of it");
	story_ask(story, &(struct ask){.method = "GET", .path = "/cse-in/c/la"}, &answer);
	story_check(story, story_has(answer.body, "\"stays\""), "and those are still there");
}

int main(int argc, char **argv)
{
	struct story story;

	if (!story_begin(&story, argc, argv))
		return 2;
	story_start(&story, NULL);
	restart_early(&story);
	story_check(&story, story_stop(&story) == 0, "after all that the node stops with 0");
	story_check(&story, story_fsck(&story) <= 0, "and dure fsck finds nothing");
	return story_end(&story);
}
