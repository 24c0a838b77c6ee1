/* SPDX-License-Identifier: Apache-2.0 */
/* Who speaks where. As many as fit; who was silent longest is forgotten, and known again with the next word.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "bind/bind_mqtt_private.h"

#define ROUTES_MOST 65536

struct route_table {
	struct map map;
	struct route *first, *last;
};

struct route_table *bind_mqtt_route_create(void)
{
	struct route_table *table = mem_zero(1, sizeof(*table));

	map_init(&table->map);
	return table;
}

static void route_unlink(struct route_table *table, struct route *route)
{
	*(route->prev ? &route->prev->next : &table->first) = route->next;
	*(route->next ? &route->next->prev : &table->last) = route->prev;
}

static void route_drop(struct route_table *table, struct route *route)
{
	route_unlink(table, route);
	map_remove(&table->map, slice_hash(route->entity, 0), route);
	free(route);
}

void bind_mqtt_route_destroy(struct route_table *table)
{
	while (table->first)
		route_drop(table, table->first);
	map_finish(&table->map);
	free(table);
}

static bool route_is(const void *value, const void *key)
{
	return slice_is(((const struct route *)value)->entity, *(const struct slice *)key);
}

const struct route *bind_mqtt_route_find(const struct route_table *table, struct slice entity)
{
	return map_find(&table->map, slice_hash(entity, 0), route_is, &entity);
}

static void route_put_first(struct route_table *table, struct route *route)
{
	route->prev = NULL;
	route->next = table->first;
	*(table->first ? &table->first->prev : &table->last) = route;
	table->first = route;
}

void bind_mqtt_route_spoke(struct route_table *table, struct slice entity, struct slice level,
                           struct broker *broker, enum encoding encoding)
{
	uint64_t hash = slice_hash(entity, 0);
	struct route *route = map_find(&table->map, hash, route_is, &entity);
	char *text;

	if (route && route->broker == broker && slice_is(route->level, level)) {
		route->encoding = encoding;
		route_unlink(table, route);
		route_put_first(table, route);
		return;
	}
	if (route)
		route_drop(table, route);
	if (table->map.count >= ROUTES_MOST)
		route_drop(table, table->last);
	route = mem_zero(1, sizeof(*route) + entity.len + level.len);
	text = (char *)(route + 1);
	memcpy(text, entity.ptr, entity.len);
	memcpy(text + entity.len, level.ptr, level.len);
	route->entity = slice_make(text, entity.len);
	route->level = slice_make(text + entity.len, level.len);
	route->broker = broker;
	route->encoding = encoding;
	map_add(&table->map, hash, route);
	route_put_first(table, route);
}

struct slice bind_mqtt_route(void *ctx, struct slice entity, bool addressed, struct arena *arena)
{
	const struct bind_mqtt *bind = ctx;
	const struct route *route = bind_mqtt_route_find(bind->routes, entity);

	if (addressed || !route || !mqtt_is_connected(route->broker->mqtt))
		return SLICE("");
	return arena_printf(arena, "mqtt-session://%.*s", SLICE_ARG(wire_mqtt_escape(entity, arena)));
}
