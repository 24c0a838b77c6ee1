/* SPDX-License-Identifier: Apache-2.0 */
/* The broker dies, ten times, under the load of a client that repeats what was not answered, with the same
 * identifier. Whatever was acknowledged is there at the end, and nothing is there twice. */
#include "base/clock.h"
#include "base/mem.h"
#include "net/mqtt.h"
#include "net/mqtt_broker.h"
#include "story/story.h"

#include <stdio.h>
#include <stdlib.h>

#define WALKERS     32
#define ROUNDS      10
#define EACH        300    /* answers between two deaths */
#define BOXES       4      /* containers: what one holds can be read at once */
#define PATIENCE_US 500000 /* then a request is repeated */

/* One who asks, waits for the answer, and asks the next. */
struct walker {
	uint64_t number; /* of its request: its rqi and its content */
	int64_t asked;
	bool open;
};

struct crowd {
	struct story *story;
	struct loop *loop;
	struct mqtt *mqtt;
	struct walker walkers[WALKERS];
	uint64_t begun, acknowledged, refused, repeated, strange;
	bool stopping;
	char trouble[200];
};

static void walker_say(struct crowd *crowd, struct walker *walker)
{
	char payload[512];

	snprintf(payload, sizeof(payload),
	         "{\"op\":1,\"to\":\"cse-in/k%d\",\"fr\":\"CAdmin\",\"rqi\":\"q%llu\",\"rvi\":\"3\",\"ty\":4,"
	         "\"rcn\":0,\"pc\":{\"m2m:cin\":{\"con\":\"<%llu>\"}}}",
	         (int)(walker->number % BOXES), (unsigned long long)walker->number,
	         (unsigned long long)walker->number);
	walker->asked = clock_wall_steady();
	/* A full queue is as good as a lost message: it will be said again. */
	if (mqtt_publish(crowd->mqtt, "/oneM2M/req/CAdmin/id-in/json", slice_of(payload), 1) != 0)
		crowd->repeated++;
}

static void walker_next(struct crowd *crowd, struct walker *walker)
{
	walker->open = !crowd->stopping;
	if (!walker->open)
		return;
	walker->number = crowd->begun++;
	walker_say(crowd, walker);
}

static void on_answer(void *user, struct mqtt *mqtt, struct slice topic, struct slice payload)
{
	struct crowd *crowd = user;
	const char *rqi = memmem(payload.ptr, payload.len, "\"rqi\":\"q", 8);
	uint64_t number = 0;
	struct slice digits;

	if (!rqi)
		return;
	digits = slice_skip(payload, (size_t)(rqi - payload.ptr) + 8);
	digits.len = strcspn(digits.ptr, "\"");
	if (!slice_u64(digits, &number))
		return;
	for (int i = 0; i < WALKERS; i++) {
		struct walker *walker = &crowd->walkers[i];

		if (!walker->open || walker->number != number)
			continue;
		if (story_has(payload, "\"rsc\":2001")) {
			crowd->acknowledged++;
		} else if (!crowd->refused++) {
			snprintf(crowd->trouble, sizeof(crowd->trouble), "%.*s",
			         payload.len > 180 ? 180 : (int)payload.len, payload.ptr);
		}
		walker_next(crowd, walker);
		return;
	}
	crowd->strange++; /* an answer that came again */
}

static void crowd_repeat(struct crowd *crowd)
{
	int64_t now = clock_wall_steady();

	for (int i = 0; i < WALKERS; i++)
		if (crowd->walkers[i].open && now - crowd->walkers[i].asked > PATIENCE_US) {
			crowd->repeated++;
			walker_say(crowd, &crowd->walkers[i]);
		}
}

/* Turns until so many are acknowledged; false: they are not, in time. */
static bool crowd_until(struct crowd *crowd, uint64_t acknowledged)
{
	int64_t end = clock_wall_steady() + STORY_PATIENCE_US;

	while (crowd->acknowledged + crowd->refused < acknowledged && clock_wall_steady() < end) {
		if (loop_turn(crowd->loop, 20000) < 0)
			return false;
		crowd_repeat(crowd);
	}
	return crowd->acknowledged + crowd->refused >= acknowledged;
}

static bool crowd_is_done(const struct crowd *crowd)
{
	for (int i = 0; i < WALKERS; i++)
		if (crowd->walkers[i].open)
			return false;
	return true;
}

static void crowd_stop(struct crowd *crowd)
{
	int64_t end = clock_wall_steady() + STORY_PATIENCE_US;

	crowd->stopping = true;
	while (!crowd_is_done(crowd) && clock_wall_steady() < end && loop_turn(crowd->loop, 20000) >= 0)
		crowd_repeat(crowd);
}

/* How often each number stands in its container. */
static void crowd_count(struct crowd *crowd, int box, uint64_t *missing, uint64_t *twice)
{
	struct answer answer;
	char con[32], path[32];

	snprintf(path, sizeof(path), "/cse-in/k%d?rcn=4", box);
	story_ask(crowd->story, &(struct ask){.method = "GET", .path = path}, &answer);
	for (uint64_t i = (uint64_t)box; i < crowd->begun; i += BOXES) {
		size_t len = (size_t)snprintf(con, sizeof(con), "<%llu>", (unsigned long long)i);
		const char *at = answer.body.len ? memmem(answer.body.ptr, answer.body.len, con, len) : NULL;
		size_t rest = at ? answer.body.len - (size_t)(at + len - answer.body.ptr) : 0;

		*missing += at == NULL;
		*twice += at && memmem(at + len, rest, con, len);
	}
	story_forget(crowd->story);
}

static void play(struct story *story, struct crowd *crowd, struct mqtt_broker *broker)
{
	const struct mqtt_config config = {.url = broker->url, .client_id = "crowd", .in_flight = 1000};
	const struct mqtt_handler handler = {.message = on_answer, .user = crowd};
	uint64_t missing = 0, twice = 0;
	struct why why = {0};
	int died = 0;

	if (loop_create(&crowd->loop) != 0 ||
	    mqtt_create(crowd->loop, &config, &handler, &why, &crowd->mqtt) != 0 ||
	    mqtt_subscribe(crowd->mqtt, "/oneM2M/resp/CAdmin/+/+", 1) != 0) {
		story_check(story, false, "the client can be made: %s", why.text);
		return;
	}
	for (int i = 0; i < WALKERS; i++)
		walker_next(crowd, &crowd->walkers[i]);
	for (int i = 0; i < ROUNDS; i++) {
		if (!crowd_until(crowd, (uint64_t)(i + 1) * EACH))
			break;
		mqtt_broker_kill(broker);
		died += mqtt_broker_again(broker) == 0;
	}
	story_check(story, died == ROUNDS, "the broker was killed ten times, and each time work went on");
	crowd_stop(crowd);
	story_check(story, crowd_is_done(crowd), "at the end every request has its answer");
	story_check(story, crowd->refused == 0, "none was refused");
	if (crowd->refused)
		story_note("%s", crowd->trouble);
	for (int i = 0; i < BOXES; i++)
		crowd_count(crowd, i, &missing, &twice);
	story_check(story, missing == 0, "whatever was acknowledged is there");
	story_check(story, twice == 0, "nothing is there twice");
	story_note("%llu acknowledged, %llu repeated by the client, %llu answers came again; %llu missing, "
	           "%llu twice",
	           (unsigned long long)crowd->acknowledged, (unsigned long long)crowd->repeated,
	           (unsigned long long)crowd->strange, (unsigned long long)missing,
	           (unsigned long long)twice);
	mqtt_destroy(crowd->mqtt);
	loop_destroy(crowd->loop);
}

int main(int argc, char **argv)
{
	struct crowd *crowd = mem_zero(1, sizeof(*crowd));
	struct mqtt_broker broker;
	struct story story;
	const char *options[] = {"--mqtt-broker", broker.url, "--mqtt-trust-broker", NULL};

	if (!mqtt_broker_is_there()) {
		puts("1..0 # SKIP mosquitto is not installed");
		return 0;
	}
	if (!story_begin(&story, argc, argv))
		return 2;
	crowd->story = &story;
	if (mqtt_broker_start(&broker, "persistence true\nautosave_interval 1\n") == 0) {
		story_start(&story, options);
		for (int i = 0; i < BOXES; i++) {
			char body[64];

			snprintf(body, sizeof(body), "{\"m2m:cnt\":{\"rn\":\"k%d\"}}", i);
			story_check(&story, story_create(&story, "/cse-in", 3, body), "container %d is there",
			            i);
		}
		play(&story, crowd, &broker);
		story_stops_well(&story);
	} else {
		story_check(&story, false, "the broker starts; see %s", broker.dir);
	}
	mqtt_broker_stop(&broker);
	free(crowd);
	return story_end(&story);
}
