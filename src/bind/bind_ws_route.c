/* SPDX-License-Identifier: Apache-2.0 */
/* Who can be reached over which connection, and requests of ours on their way there: notifications, and what
 * is forwarded. An entity that speaks on a second connection is reached by that one; when it closes, by the
 * one before, if that is still there. */
#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"
#include "bind/bind_ws_private.h"

static bool entity_is(const void *value, const void *key)
{
	return slice_is(((const struct entity *)value)->id, *(const struct slice *)key);
}

static struct entity *entity_find(const struct bind_ws *bind, struct slice id, uint64_t hash)
{
	return map_find(&bind->entities, hash, entity_is, &id);
}

static struct entity *entity_get(struct bind_ws *bind, struct slice id)
{
	uint64_t hash = slice_hash(id, 0);
	struct entity *entity = entity_find(bind, id, hash);

	if (entity)
		return entity;
	entity = mem_zero(1, sizeof(*entity) + id.len);
	entity->hash = hash;
	entity->id = slice_make(memcpy(entity + 1, id.ptr, id.len), id.len);
	map_add(&bind->entities, hash, entity);
	return entity;
}

static void name_destroy(struct name *name)
{
	struct entity *entity = name->entity;
	struct bind_ws *bind = name->session->bind;

	*(name->newer ? &name->newer->older : &entity->newest) = name->older;
	if (name->older)
		name->older->newer = name->newer;
	if (!entity->newest) {
		map_remove(&bind->entities, entity->hash, entity);
		free(entity);
	}
	free(name);
}

/* It stands first among those of the session from now on; NULL: it never spoke here. */
static struct name *session_name(struct session *session, struct slice fr)
{
	for (struct name **at = &session->names; *at; at = &(*at)->next) {
		struct name *name = *at;

		if (!slice_is(name->fr, fr))
			continue;
		*at = name->next;
		name->next = session->names;
		session->names = name;
		return name;
	}
	return NULL;
}

void session_bind(struct session *session, struct slice fr, struct arena *arena)
{
	struct name *name = session_name(session, fr);

	if (name || session->name_count >= SESSION_NAMES || fr.len == 0)
		return;
	name = mem_zero(1, sizeof(*name) + fr.len);
	name->fr = slice_make(memcpy(name + 1, fr.ptr, fr.len), fr.len);
	name->session = session;
	name->entity =
	        entity_get(session->bind, id_sp_relative(engine_self(session->bind->engine), fr, arena));
	name->older = name->entity->newest;
	if (name->older)
		name->older->newer = name;
	name->entity->newest = name;
	name->next = session->names;
	session->names = name;
	session->name_count++;
}

void session_unbind(struct session *session)
{
	while (session->names) {
		struct name *name = session->names;

		session->names = name->next;
		name_destroy(name);
	}
	session->name_count = 0;
}

struct slice bind_ws_route(void *ctx, struct slice id, bool addressed, struct arena *arena)
{
	struct entity *entity = entity_find(ctx, id, slice_hash(id, 0));
	struct buf url;

	if (!entity || id.len < 2)
		return SLICE("");
	buf_init(&url, arena);
	buf_add_lit(&url, BIND_WS_SCHEME);
	for (size_t i = 1; i < id.len; i++)
		buf_add_char(&url, id.ptr[i] == '/' ? ':' : id.ptr[i]);
	return buf_slice(&url);
}

/* The other way round. */
static struct session *route_session(const struct bind_ws *bind, struct slice url, struct arena *arena)
{
	static const struct slice scheme = SLICE_INIT(BIND_WS_SCHEME);
	struct slice rest = slice_skip(url, scheme.len);
	struct entity *entity;
	char *id;

	if (!slice_starts(url, scheme) || rest.len == 0)
		return NULL;
	id = arena_take(arena, rest.len + 1);
	id[0] = '/';
	for (size_t i = 0; i < rest.len; i++)
		id[i + 1] = rest.ptr[i] == ':' ? '/' : rest.ptr[i];
	rest = slice_make(id, rest.len + 1);
	entity = entity_find(bind, rest, slice_hash(rest, 0));
	return entity ? entity->newest->session : NULL;
}

/* --- requests of ours --- */

static void ask_end(struct ask *ask, int result, const struct prim *response)
{
	struct session *session = ask->session;

	*(ask->prev ? &ask->prev->next : &session->asks) = ask->next;
	if (ask->next)
		ask->next->prev = ask->prev;
	timer_clear(loop_wall_timers(session->bind->loop), &ask->timer);
	ask->done(ask->user, result, response);
	free(ask);
}

static void ask_late(struct timer *timer)
{
	ask_end(container_of(timer, struct ask, timer), -ETIMEDOUT, NULL);
}

void session_answer(struct session *session, const struct prim *response)
{
	struct slice rqi = prim_text(response, PRIM_rqi);
	struct ask *oldest = NULL;

	/* The newest stands first; of several with the same identifier the oldest is meant. */
	for (struct ask *ask = session->asks; ask; ask = ask->next)
		if (slice_is(ask->rqi, rqi))
			oldest = ask;
	if (!oldest)
		session->bind->stats.dropped++;
	else if (prim_int(response, PRIM_rsc, 0) <= 0)
		ask_end(oldest, -EBADMSG, NULL);
	else
		ask_end(oldest, 0, response);
}

void session_forsake(struct session *session, int error)
{
	while (session->asks)
		ask_end(session->asks, error, NULL);
}

static void ask_begin(struct session *session, struct ask *ask, int64_t timeout_us)
{
	ask->session = session;
	ask->next = session->asks;
	if (session->asks)
		session->asks->prev = ask;
	session->asks = ask;
	ask->timer.run = ask_late;
	timer_set(loop_wall_timers(session->bind->loop), &ask->timer,
	          loop_wall(session->bind->loop) + timeout_us);
}

int bind_ws_send(void *ctx, struct slice url, const struct prim *request, int64_t timeout_us,
                 void (*done)(void *user, int result, const struct prim *response), void *user)
{
	struct slice rqi = prim_text(request, PRIM_rqi);
	struct session *session;
	struct arena arena;
	int r = -EHOSTUNREACH;

	arena_init(&arena);
	session = route_session(ctx, url, &arena);
	if (session && session_is_trusted(session))
		r = session_send(session, &arena, request, PRIM_REQ);
	if (r == 0) {
		struct ask *ask = mem_zero(1, sizeof(*ask) + rqi.len);

		ask->rqi = slice_make(memcpy(ask + 1, rqi.len ? rqi.ptr : "", rqi.len), rqi.len);
		ask->done = done;
		ask->user = user;
		ask_begin(session, ask, timeout_us);
	}
	arena_finish(&arena);
	return r;
}
