/* SPDX-License-Identifier: Apache-2.0 */
/* Subscribers of every temper against a real node: those who behave get everything in order, and those who do
 * not harm nobody, neither who writes nor who listens. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "story/receiver.h"
#include "story/story.h"

#define TIMEOUT_US  1500000 /* --request-timeout */
#define P99_MOST_US 250000
#define EVENTS      200

static const char *const options[] = {"--request-timeout", "1500ms", "--log-level", "error", NULL};
static const char *const tempers[RECEIVER_TEMPERS] = {
        "is good",  "hangs",   "drips a byte a second", "answers rubbish",    "answers lies",
        "hangs up", "refuses", "sends one elsewhere",   "answers without end"};

static void subscriber_container(struct story *story, const char *name)
{
	char body[80];

	snprintf(body, sizeof(body), "{\"m2m:cnt\":{\"rn\":\"%s\",\"mni\":100000}}", name);
	story_create(story, "/cse-in/home", 3, body);
}

/* "/s/<who>" at that port is told of the instances put into the container; not of each other subscription,
 * which is a child too. */
static void subscriber_body(char body[300], int port, int who, const char *more)
{
	snprintf(body, 300,
	         "{\"m2m:sub\":{\"rn\":\"s%d-%d\",\"nu\":[\"http://127.0.0.1:%d/s/"
	         "%d\"],\"enc\":{\"net\":[3],\"chty\":[4]}%s}}",
	         port, who, port, who, more);
}

static bool subscriber_add(struct story *story, const char *path, int port, int who, const char *more)
{
	char body[300];

	subscriber_body(body, port, who, more);
	return story_create(story, path, 23, body);
}

static int subscriber_compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

/* Puts the numbers from..to-1 into the container, on one connection. How long one in a hundred took; -1: one
 * was refused. */
static int64_t subscriber_put(struct story *story, const char *path, int from, int to)
{
	int64_t *us = calloc((size_t)(to - from), sizeof(*us)), p99;
	struct line line;
	bool good = true;

	story_connect(story, &line);
	for (int i = from; i < to; i++) {
		int64_t began = clock_wall_steady();
		struct answer answer;
		struct buf bytes;
		char body[60];

		snprintf(body, sizeof(body), "{\"m2m:cin\":{\"con\":%d}}", i);
		buf_init(&bytes, NULL);
		story_write(&bytes, &(struct ask){.path = path, .ty = 4, .body = slice_of(body)});
		story_send(&line, buf_slice(&bytes));
		good = story_hear(story, &line, &answer) && answer.rsc == 2001 && good;
		us[i - from] = clock_wall_steady() - began;
		buf_finish(&bytes);
		story_forget(story);
	}
	story_hang_up(&line);
	qsort(us, (size_t)(to - from), sizeof(*us), subscriber_compare);
	p99 = us[(to - from) * 99 / 100];
	free(us);
	return good ? p99 : -1;
}

/* Each of `many` heard exactly (or, repeats: at least) from..to-1, in order. */
static bool subscriber_heard(const struct receiver *receiver, int many, int from, int to, bool repeats)
{
	uint32_t *next = calloc((size_t)many, sizeof(*next)), count = receiver->heard->count;
	bool good = true;

	for (int i = 0; i < many; i++)
		next[i] = (uint32_t)from;
	for (uint32_t i = 0; i < count && good; i++) {
		uint32_t who = receiver->heard->rows[i].who, what = receiver->heard->rows[i].what;

		if (who >= (uint32_t)many)
			continue;
		if (what == next[who])
			next[who]++;
		else if (!repeats || what > next[who])
			good = false;
		if (!good)
			story_note("%u was told %u, expected %u", who, what, next[who]);
	}
	for (int i = 0; i < many && good; i++) {
		good = next[i] == (uint32_t)to;
		if (!good)
			story_note("%d was told up to %u, expected %d; %u in all", i, next[i], to, count);
	}
	free(next);
	return good;
}

/* ---- verification ---- */

static void subscriber_verify(struct story *story, const char *name, int port)
{
	char body[300];
	struct ask ask = {.path = "/cse-in/home/verify", .ty = 23, .body = {body, 0}};
	int64_t began = clock_wall_steady();
	struct answer answer;
	struct buf bytes;
	struct line line;
	bool well, refused;

	subscriber_body(body, port, 1, "");
	ask.body.len = strlen(body);
	buf_init(&bytes, NULL);
	story_write(&bytes, &ask);
	story_connect(story, &line);
	story_send(&line, buf_slice(&bytes));
	well = story_is_well(story);
	story_hear(story, &line, &answer);
	refused = answer.rsc == 5204 || answer.rsc == 4101;
	if (!refused || !story_has(answer.body, "m2m:dbg"))
		story_note("HTTP %d, X-M2M-RSC %d, %.*s", answer.status, answer.rsc, SLICE_ARG(answer.body));
	story_check(story, refused && story_has(answer.body, "m2m:dbg") && well,
	            "no subscription for one who %s when asked, and nobody waits for that", name);
	story_check(story, clock_wall_steady() - began < 2 * TIMEOUT_US,
	            "and the answer comes within the time");
	story_hang_up(&line);
	buf_finish(&bytes);
	story_forget(story);
}

static void subscriber_verifications(struct story *story)
{
	subscriber_container(story, "verify");
	for (int temper = RECEIVER_HANGS; temper < RECEIVER_TEMPERS; temper++) {
		struct receiver receiver = {0};

		/* A good status is a yes, whatever stands beside it. */
		if (temper == RECEIVER_LIES || temper == RECEIVER_FLOODS)
			continue;
		receiver_start(&receiver, (enum receiver_temper)temper, true, 1);
		subscriber_verify(story, tempers[temper], receiver.port);
		receiver_end(&receiver);
	}
	/* Nobody listens on port 1. */
	subscriber_verify(story, "is not there", 1);
}

/* ---- bad neighbours ---- */

static void subscriber_bad_company(struct story *story)
{
	struct receiver bad[RECEIVER_TEMPERS] = {{0}}, good = {0};
	int64_t p99, other;

	subscriber_container(story, "company");
	subscriber_container(story, "other");
	receiver_start(&good, RECEIVER_GOOD, false, 1);
	for (int temper = RECEIVER_HANGS; temper < RECEIVER_TEMPERS; temper++) {
		receiver_start(&bad[temper], (enum receiver_temper)temper, false, 1);
		/* Several at each, so that more hang than one. */
		for (int who = 0; who < 20; who++)
			subscriber_add(story, "/cse-in/home/company", bad[temper].port, who,
			               who % 2 ? ",\"pn\":2" : "");
	}
	story_check(story, subscriber_add(story, "/cse-in/home/company", good.port, 0, ""),
	            "a good subscriber stands among bad ones");
	/* One of them has left. */
	receiver_away(&bad[RECEIVER_CLOSES]);
	p99 = subscriber_put(story, "/cse-in/home/company", 0, EVENTS);
	other = subscriber_put(story, "/cse-in/home/other", 0, EVENTS);
	story_note("one in a hundred creates takes %lld us there, %lld us elsewhere", (long long)p99,
	           (long long)other);
	story_check(story, p99 >= 0 && p99 < P99_MOST_US, "who writes there does not wait for them");
	story_check(story, other >= 0 && other < P99_MOST_US, "nor does who writes elsewhere");
	receiver_wait(&good, EVENTS, STORY_PATIENCE_US);
	story_check(story, subscriber_heard(&good, 1, 0, EVENTS, false),
	            "and the good one hears all, once, in order");
	story_check(story, story_is_well(story), "and the node is well");
	for (int temper = RECEIVER_HANGS; temper < RECEIVER_TEMPERS; temper++)
		receiver_end(&bad[temper]);
	receiver_end(&good);
	story_ask(story, &(struct ask){.method = "DELETE", .path = "/cse-in/home/company"},
	          &(struct answer){0});
}

/* More addresses that hang than calls may be under way. */
static void subscriber_many_hang(struct story *story)
{
	enum { MANY = 600 };
	struct receiver hang = {0}, good = {0};
	int64_t began, p99;
	bool added = true;

	if (!receiver_start(&hang, RECEIVER_HANGS, false, MANY)) {
		story_skip(story, "600 addresses that hang", "no 600 ports in a row are free");
		return;
	}
	subscriber_container(story, "hang");
	receiver_start(&good, RECEIVER_GOOD, false, 1);
	for (int i = 0; i < MANY; i++)
		added = subscriber_add(story, "/cse-in/home/hang", hang.port + i, 7, "") && added;
	added = subscriber_add(story, "/cse-in/home/hang", good.port, 0, "") && added;
	story_check(story, added, "%d subscribers are about to hang, each at an address of its own", MANY);
	p99 = subscriber_put(story, "/cse-in/home/hang", 0, 20);
	began = clock_wall_steady();
	receiver_wait(&good, 20, STORY_PATIENCE_US);
	story_note("one in a hundred creates takes %lld us; the good one had all %lld ms later",
	           (long long)p99, (long long)(clock_wall_steady() - began) / 1000);
	story_check(story, p99 >= 0 && p99 < P99_MOST_US, "who writes there does not wait");
	story_check(story, subscriber_heard(&good, 1, 0, 20, false),
	            "and a good one hears all, once, in order");
	story_check(story, story_is_well(story), "and the node is well");
	receiver_end(&hang);
	receiver_end(&good);
	story_ask(story, &(struct ask){.method = "DELETE", .path = "/cse-in/home/hang"}, &(struct answer){0});
}

/* ---- a thousand ---- */

static void subscriber_thousand(struct story *story)
{
	enum { MANY = 1000, NEWS = 20 };
	struct receiver receiver = {0};
	bool added = true;
	int64_t p99, began;

	subscriber_container(story, "hot");
	receiver_start(&receiver, RECEIVER_GOOD, false, 1);
	for (int i = 0; i < MANY; i++)
		added = subscriber_add(story, "/cse-in/home/hot", receiver.port, i, "") && added;
	story_check(story, added && receiver.heard->verified == MANY,
	            "a thousand subscribe to one container");
	began = clock_wall_steady();
	p99 = subscriber_put(story, "/cse-in/home/hot", 0, NEWS);
	receiver_wait(&receiver, MANY * NEWS, 3 * STORY_PATIENCE_US);
	story_note("%d notifications in %lld ms; one in a hundred creates takes %lld us", MANY * NEWS,
	           (long long)(clock_wall_steady() - began) / 1000, (long long)p99);
	story_check(story, p99 >= 0 && p99 < P99_MOST_US, "who writes there does not wait for them");
	story_check(story,
	            subscriber_heard(&receiver, MANY, 0, NEWS, false) && receiver.heard->count == MANY * NEWS,
	            "each hears all %d, once, in order", NEWS);
	story_check(story, story_is_well(story), "and the node is well");
	story_ask(story, &(struct ask){.method = "DELETE", .path = "/cse-in/home/hot"}, &(struct answer){0});
	receiver_end(&receiver);
}

/* ---- restarts ---- */

static void subscriber_restart(struct story *story)
{
	enum { MANY = 10, BEFORE = 5, WHILE = 30, AFTER = 35 };
	struct receiver receiver = {0};
	struct answer answer;
	bool added = true;

	subscriber_container(story, "kept");
	receiver_start(&receiver, RECEIVER_GOOD, false, 1);
	for (int i = 0; i < MANY; i++)
		added = subscriber_add(story, "/cse-in/home/kept", receiver.port, i, ",\"pn\":2") && added;
	subscriber_put(story, "/cse-in/home/kept", 0, BEFORE);
	story_check(story, added && receiver_wait(&receiver, MANY * BEFORE, STORY_PATIENCE_US),
	            "ten listen, and hear");
	receiver_away(&receiver);
	subscriber_put(story, "/cse-in/home/kept", BEFORE, WHILE);
	story_kill(story);
	story_start(story, options);
	story_check(story, story_metric(story, "dure_notifications_waiting") >= MANY * (WHILE - BEFORE),
	            "after kill -9 the node still knows what they missed");
	receiver_start(&receiver, RECEIVER_GOOD, false, 1);
	subscriber_put(story, "/cse-in/home/kept", WHILE, AFTER);
	receiver_wait(&receiver, MANY * AFTER, 3 * STORY_PATIENCE_US);
	for (int64_t end = clock_wall_steady() + STORY_PATIENCE_US;
	     story_metric(story, "dure_notifications_waiting") > 0 && clock_wall_steady() < end;)
		poll(NULL, 0, 20);
	story_check(story, subscriber_heard(&receiver, MANY, 0, AFTER, true),
	            "and when they are back each hears all of it, in order, at least once");
	story_note("%u heard, %d expected", receiver.heard->count, MANY * AFTER);
	receiver_end(&receiver);
	story_check(story, story_is_well(story), "and the node is well");
	/* Of what is missed now and then deleted, nothing may stay in the store: fsck will look. */
	subscriber_put(story, "/cse-in/home/kept", AFTER, AFTER + 5);
	story_ask(story, &(struct ask){.method = "DELETE", .path = "/cse-in/home/kept"}, &answer);
	story_check(story, answer.rsc == 2002, "and they go, with what waits for them");
}

int main(int argc, char **argv)
{
	struct story story;

	if (!story_begin(&story, argc, argv))
		return 2;
	story_want_files();
	story_start(&story, options);
	story_create(&story, "/cse-in", 2,
	             "{\"m2m:ae\":{\"rn\":\"home\",\"api\":\"N.h\",\"rr\":false,\"srv\":[\"3\"]}}");
	subscriber_verifications(&story);
	subscriber_bad_company(&story);
	subscriber_many_hang(&story);
	subscriber_thousand(&story);
	subscriber_restart(&story);
	story_stops_well(&story);
	return story_end(&story);
}
