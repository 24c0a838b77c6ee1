/* SPDX-License-Identifier: Apache-2.0 */
/* A made-up household: two people, their habits, their sensors and devices. The same seed gives the same
 * events, on every machine; another seed gives another household (who rises earlier, cooks longer, watches
 * more). Days have habits in them, weekends others than weekdays, and some noise. No input, no output. */
#ifndef DURE_CLI_HOME_GENERATOR_H
#define DURE_CLI_HOME_GENERATOR_H

#include "base/slice.h"

enum home_generator_form {
	HOME_READING, /* a container: each event is a contentInstance, con = value */
	HOME_DEVICE,  /* a module class of TS-0023: each event updates one data point */
};

enum home_generator_sensor_id {
#define SENSOR(id, room, name, form, type, device, module, root, point, start) HOME_##id,
#include "cli/home_sensors.def"
#undef SENSOR
	HOME_SENSOR_COUNT
};

/* Who stands where: .../room/name for a reading, .../room/name/module for a device. */
struct home_generator_sensor {
	const char *room, *name;
	enum home_generator_form form;
	const char *type;   /* for the label: "motion" */
	const char *device; /* HOME_DEVICE: root of the device, "hod:devTn" */
	const char *module; /* its child's resource name */
	const char *root;   /* and root, "cod:binSh" */
	const char *point;  /* the data point, "state" */
	const char *start;  /* value at the beginning, as JSON for a device */
};
extern const struct home_generator_sensor home_generator_sensors[HOME_SENSOR_COUNT];

struct home_generator_event {
	int64_t at; /* microseconds since 1970, local time of the household */
	enum home_generator_sensor_id sensor;
	char value[16]; /* text for a reading; JSON (true, 21.5) for a device */
};

struct home_generator;

/* Day 0 is Monday, 5 January 2026. NULL when there is no memory. */
struct home_generator *home_generator_create(uint64_t seed);
void home_generator_destroy(struct home_generator *generator);
/* The next event; they never end. Times do not go back. */
void home_generator_next(struct home_generator *generator, struct home_generator_event *ret);
/* The day an event belongs to, from 0. */
unsigned home_generator_day(const struct home_generator_event *event);

#endif
