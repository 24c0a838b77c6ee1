/* SPDX-License-Identifier: Apache-2.0 */
/* A day is made whole: activities put marks on a list (this sensor says that at this moment), the list is put
 * in order, and marks that change nothing fall out. So activities need not know of each other. */
#include "cli/home_generator.h"

#include <stdio.h>
#include <stdlib.h>

#define SECOND 1000000LL
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)
#define DAY_0  (20458 * DAY) /* 2026-01-05, a Monday */
#define MARKS  2048          /* a day has some 500 */

const struct home_generator_sensor home_generator_sensors[HOME_SENSOR_COUNT] = {
#define SENSOR(id, room, name, form, type, device, module, root, point, start)                               \
	{room, name, form, type, device, module, root, point, start},
#include "cli/home_sensors.def"
#undef SENSOR
};

struct mark {
	struct home_generator_event event;
	unsigned order; /* among equals */
};

struct home_generator {
	uint64_t random;
	unsigned day; /* the next one to be made */
	/* What kind of household: minutes after midnight, or shares of 100. */
	int wake, sleep, cook, tv, wash;
	double warm; /* degrees */
	struct mark marks[MARKS];
	size_t count, at;
	char last[HOME_SENSOR_COUNT][16];
};

/* splitmix64: small, and the same everywhere. */
static uint64_t next_random(struct home_generator *generator)
{
	uint64_t z = generator->random += 0x9e3779b97f4a7c15u;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

/* From least to most, both included. */
static int64_t between(struct home_generator *generator, int64_t least, int64_t most)
{
	return least + (int64_t)(next_random(generator) % (uint64_t)(most - least + 1));
}

static bool chance(struct home_generator *generator, int percent)
{
	return between(generator, 1, 100) <= percent;
}

/* Around 0, mostly within spread. */
static int64_t around(struct home_generator *generator, int64_t spread)
{
	return (between(generator, -spread, spread) + between(generator, -spread, spread)) / 2;
}

struct home_generator *home_generator_create(uint64_t seed)
{
	struct home_generator *generator = calloc(1, sizeof(*generator));
	if (!generator)
		return NULL;
	generator->random = seed * 0x2545f4914f6cdd1du + 1;
	generator->wake = (int)between(generator, 5 * 60 + 45, 7 * 60 + 15);
	generator->sleep = (int)between(generator, 22 * 60, 23 * 60 + 30);
	generator->cook = (int)between(generator, 20, 55);
	generator->tv = (int)between(generator, 50, 95);
	generator->wash = (int)between(generator, 20, 60);
	generator->warm = 20.0 + (double)between(generator, 0, 25) / 10;
	for (int i = 0; i < HOME_SENSOR_COUNT; i++)
		snprintf(generator->last[i], sizeof(generator->last[i]), "%s",
		         home_generator_sensors[i].start);
	return generator;
}

void home_generator_destroy(struct home_generator *generator)
{
	free(generator);
}

static void mark(struct home_generator *generator, int64_t at, enum home_generator_sensor_id sensor,
                 const char *value)
{
	if (generator->count == MARKS)
		return;
	struct mark *mark = &generator->marks[generator->count];
	mark->event.at = at;
	mark->event.sensor = sensor;
	mark->order = (unsigned)generator->count++;
	snprintf(mark->event.value, sizeof(mark->event.value), "%s", value);
}

static void toggle(struct home_generator *generator, enum home_generator_sensor_id sensor, int64_t from,
                   int64_t to)
{
	bool device = home_generator_sensors[sensor].form == HOME_DEVICE;
	bool door = strcmp(home_generator_sensors[sensor].type, "door") == 0;
	mark(generator, from, sensor, device ? "true" : door ? "open" : "on");
	mark(generator, to, sensor, device ? "false" : door ? "closed" : "off");
}

/* Somebody is in a room: the motion sensor sees him now and then. */
static void motion(struct home_generator *generator, enum home_generator_sensor_id room, int64_t from,
                   int64_t to)
{
	for (int64_t at = from; at < to;) {
		int64_t end = at + between(generator, 15, 90) * SECOND;
		toggle(generator, room, at, end);
		at = end + between(generator, 60, 600) * SECOND;
	}
}

static void bathroom(struct home_generator *generator, int64_t at, int64_t minutes, bool shower)
{
	motion(generator, HOME_BATHROOM, at, at + minutes * MINUTE);
	toggle(generator, HOME_WATER, at + MINUTE, at + (shower ? minutes - 1 : 2) * MINUTE);
	if (shower)
		toggle(generator, HOME_BOILER, at - 25 * MINUTE, at + minutes * MINUTE);
}

static void kitchen(struct home_generator *generator, int64_t at, int64_t minutes)
{
	motion(generator, HOME_KITCHEN, at, at + minutes * MINUTE);
	for (int64_t n = between(generator, 1, 1 + minutes / 8); n > 0; n--) {
		int64_t open = at + between(generator, 0, minutes * 60 - 1) * SECOND;
		toggle(generator, HOME_FRIDGE, open, open + between(generator, 4, 25) * SECOND);
	}
}

/* Through the door, out or in. */
static void door(struct home_generator *generator, int64_t at)
{
	toggle(generator, HOME_ENTRANCE, at - 20 * SECOND, at + 25 * SECOND);
	toggle(generator, HOME_DOOR, at, at + between(generator, 5, 20) * SECOND);
}

static void evening(struct home_generator *generator, int64_t from, int64_t to)
{
	int64_t dusk = from + between(generator, 0, 20) * MINUTE;
	motion(generator, HOME_LIVING, from, to);
	toggle(generator, HOME_LAMP, dusk, to - between(generator, 0, 5) * MINUTE);
	if (chance(generator, generator->tv)) {
		int64_t on = from + between(generator, 5, 30) * MINUTE;
		toggle(generator, HOME_TV, on, to - between(generator, 2, 25) * MINUTE);
		for (int64_t at = on + MINUTE; at < to - 30 * MINUTE;
		     at += between(generator, 40, 80) * MINUTE)
			toggle(generator, HOME_SOFA, at, at + between(generator, 20, 38) * MINUTE);
	}
}

/* A slow curve: coldest before six, warmer when somebody is in; read every half hour. */
static void warmth(struct home_generator *generator, int64_t midnight, int64_t up, int64_t away, int64_t back)
{
	double room = generator->warm - 2.5, kitchen_now = generator->warm - 3;
	for (int64_t at = midnight; at < midnight + DAY; at += 30 * MINUTE) {
		bool heated = at > up - 30 * MINUTE && (at < away || at > back - 45 * MINUTE);
		double goal = heated ? generator->warm : generator->warm - 3;
		char text[16];
		room += (goal - room) * 0.25;
		kitchen_now += (goal - 0.8 - kitchen_now) * 0.2 + (double)between(generator, -10, 10) / 100;
		snprintf(text, sizeof(text), "%.1f", room);
		mark(generator, at + 7 * SECOND, HOME_WARMTH, text);
		snprintf(text, sizeof(text), "%.1f", kitchen_now);
		mark(generator, at + 11 * SECOND, HOME_KITCHEN_WARMTH, text);
	}
}

static void night(struct home_generator *generator, int64_t midnight)
{
	if (chance(generator, 35)) {
		int64_t at = midnight + between(generator, 60, 4 * 60) * MINUTE;
		toggle(generator, HOME_BEDROOM_LAMP, at, at + 5 * MINUTE);
		bathroom(generator, at + MINUTE, 3, false);
	}
	/* Noise: a pet, a draught, the sun on a sensor. */
	static const enum home_generator_sensor_id rooms[] = {HOME_LIVING, HOME_KITCHEN, HOME_ENTRANCE};
	for (int64_t n = between(generator, 0, 5); n > 0; n--) {
		int64_t at = midnight + between(generator, 0, 24 * 60 - 5) * MINUTE;
		toggle(generator, rooms[between(generator, 0, 2)], at, at + 20 * SECOND);
	}
}

static void washing(struct home_generator *generator, int64_t at)
{
	toggle(generator, HOME_WASHER, at, at + between(generator, 55, 110) * MINUTE);
	motion(generator, HOME_KITCHEN, at - 2 * MINUTE, at);
}

static void get_up(struct home_generator *generator, int64_t up)
{
	mark(generator, up, HOME_BED, "off");
	toggle(generator, HOME_BEDROOM_LAMP, up - MINUTE, up + between(generator, 5, 12) * MINUTE);
	motion(generator, HOME_BEDROOM, up, up + 8 * MINUTE);
	bathroom(generator, up + 9 * MINUTE, between(generator, 8, 16), chance(generator, 80));
	kitchen(generator, up + 27 * MINUTE, between(generator, 10, 22));
}

static void go_to_bed(struct home_generator *generator, int64_t bed)
{
	bathroom(generator, bed - 15 * MINUTE, between(generator, 5, 10), false);
	toggle(generator, HOME_BEDROOM_LAMP, bed - 4 * MINUTE, bed + between(generator, 2, 20) * MINUTE);
	motion(generator, HOME_BEDROOM, bed - 4 * MINUTE, bed);
	mark(generator, bed, HOME_BED, "on");
}

static void workday(struct home_generator *generator, int64_t midnight, int64_t up, int64_t bed)
{
	int64_t away = up + between(generator, 55, 75) * MINUTE;
	int64_t back = midnight + (18 * 60 + around(generator, 45)) * MINUTE;
	door(generator, away);
	door(generator, back);
	if (chance(generator, generator->wash))
		washing(generator, back + 10 * MINUTE);
	kitchen(generator, back + 20 * MINUTE, generator->cook + around(generator, 10));
	evening(generator, back + (int64_t)(generator->cook + 35) * MINUTE, bed - 18 * MINUTE);
	warmth(generator, midnight, up, away, back);
}

static void free_day(struct home_generator *generator, int64_t midnight, int64_t up, int64_t bed)
{
	int64_t away = midnight + between(generator, 13 * 60, 15 * 60) * MINUTE;
	int64_t back = away + between(generator, 60, 220) * MINUTE;
	motion(generator, HOME_LIVING, up + 60 * MINUTE, away - 80 * MINUTE);
	if (chance(generator, 70))
		washing(generator, up + 80 * MINUTE);
	kitchen(generator, away - 75 * MINUTE, generator->cook + 10);
	door(generator, away);
	door(generator, back);
	kitchen(generator, back + 40 * MINUTE, generator->cook);
	evening(generator, back + (int64_t)(generator->cook + 60) * MINUTE, bed - 18 * MINUTE);
	warmth(generator, midnight, up, away, back);
}

static int by_time(const void *a, const void *b)
{
	const struct mark *x = a, *y = b;
	if (x->event.at != y->event.at)
		return x->event.at < y->event.at ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

static void make_day(struct home_generator *generator)
{
	int64_t midnight = DAY_0 + (int64_t)generator->day * DAY;
	bool weekend = generator->day % 7 >= 5, late = generator->day % 7 == 4 || generator->day % 7 == 5;
	int64_t up = midnight +
	             (generator->wake + (weekend ? 100 : 0) + around(generator, weekend ? 40 : 12)) * MINUTE;
	int64_t bed = midnight + (generator->sleep + (late ? 20 : 0) + around(generator, 6)) * MINUTE;
	generator->count = generator->at = 0;
	night(generator, midnight);
	get_up(generator, up);
	if (weekend)
		free_day(generator, midnight, up, bed);
	else
		workday(generator, midnight, up, bed);
	go_to_bed(generator, bed);
	qsort(generator->marks, generator->count, sizeof(generator->marks[0]), by_time);
	generator->day++;
}

void home_generator_next(struct home_generator *generator, struct home_generator_event *ret)
{
	for (;;) {
		if (generator->at == generator->count)
			make_day(generator);
		struct home_generator_event made = generator->marks[generator->at++].event, *event = &made;
		int64_t end = DAY_0 + (int64_t)generator->day * DAY;
		char *last = generator->last[event->sensor];
		/* A day keeps to itself: what would run into the next one ends at midnight. */
		if (event->at < end - DAY || strcmp(last, event->value) == 0)
			continue;
		*ret = *event;
		if (ret->at >= end)
			ret->at = end - 1;
		memcpy(last, made.value, sizeof(made.value));
		return;
	}
}

unsigned home_generator_day(const struct home_generator_event *event)
{
	return (unsigned)((event->at - DAY_0) / DAY);
}
