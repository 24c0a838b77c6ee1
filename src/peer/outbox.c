/* SPDX-License-Identifier: Apache-2.0 */
/* Targets in a map, each with what is under way and what waits. A target without either is forgotten, unless
 * it has failed: that we remember, for as many targets as we can afford. */
#include "peer/outbox.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <strings.h>

#include "base/clock.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/url.h"
#include "bind/bind_http.h"
#include "net/http_client.h"

#define OUTBOX_REMEMBERED 4096 /* targets at rest that failed */

/* A host and port. */
struct target {
	struct slice name; /* "http://host:port"; heap */
	uint64_t hash;
	size_t under_way, waiting;
	struct parcel *first, *last; /* waiting */
	bool failing;                /* the last one had no answer */
};

/* One request on its way, or waiting for it. */
struct parcel {
	struct outbox *outbox;
	struct target *target;
	struct parcel *next;
	const struct way *way;
	struct arena arena; /* while waiting: copies of the URL and the request */
	struct slice url;
	struct prim request;
	int64_t deadline; /* of clock_wall_steady */
	void (*done)(void *user, int result, const struct prim *response);
	void *user;
};

#define OUTBOX_WAYS 8

/* A way out: which binding sends to which scheme. */
struct way {
	struct slice scheme; /* as the URL begins: "http://" */
	bind_send *send;
	void *ctx;
};

/* A way to those who came to us. */
struct route {
	struct slice (*find)(void *ctx, struct slice entity, bool addressed, struct arena *arena);
	void *ctx;
};

struct outbox {
	struct loop *loop;
	struct http_client *http; /* made for the first request: a node that sends nothing saves its memory */
	struct outbox_config config;
	struct way ways[OUTBOX_WAYS];
	struct route routes[OUTBOX_WAYS];
	size_t way_count, route_count;
	struct map targets;
	size_t busy;
	bool closing;
};

static const char *outbox_given(const char *text)
{
	return text && *text ? text : NULL;
}

static int outbox_send_http(void *ctx, struct slice url, const struct prim *request, int64_t timeout_us,
                            void (*done)(void *user, int result, const struct prim *response), void *user)
{
	struct outbox *outbox = ctx;
	const struct http_client_config client = {
	        .connections = outbox->config.connections,
	        .per_host = outbox->config.per_target,
	        .body_max = outbox->config.reply_max,
	        .ca = outbox_given(outbox->config.ca),
	        .cert = outbox_given(outbox->config.cert),
	        .key = outbox_given(outbox->config.key),
	        .crl = outbox_given(outbox->config.crl),
	};
	int r = outbox->http ? 0 : http_client_create(outbox->loop, &client, &outbox->http);

	return r ? r : bind_http_send(outbox->http, url, request, timeout_us, done, user);
}

void outbox_add(struct outbox *outbox, const char *scheme, bind_send *send, void *ctx)
{
	assert(outbox->way_count < OUTBOX_WAYS);
	outbox->ways[outbox->way_count++] = (struct way){slice_of(scheme), send, ctx};
}

void outbox_add_route(struct outbox *outbox,
                      struct slice (*find)(void *ctx, struct slice entity, bool addressed,
                                           struct arena *arena),
                      void *ctx)
{
	assert(outbox->route_count < OUTBOX_WAYS);
	outbox->routes[outbox->route_count++] = (struct route){find, ctx};
}

static const struct way *outbox_way(const struct outbox *outbox, struct slice url)
{
	for (size_t i = 0; i < outbox->way_count; i++) {
		struct slice scheme = outbox->ways[i].scheme;

		if (url.len > scheme.len && strncasecmp(url.ptr, scheme.ptr, scheme.len) == 0)
			return &outbox->ways[i];
	}
	return NULL;
}

static struct slice outbox_find_route(void *ctx, struct slice entity, bool addressed, struct arena *arena)
{
	const struct outbox *outbox = ctx;
	struct slice url = SLICE("");

	for (size_t i = 0; i < outbox->route_count && !url.len; i++)
		url = outbox->routes[i].find(outbox->routes[i].ctx, entity, addressed, arena);
	return url;
}

static bool target_is(const void *value, const void *key)
{
	return slice_is(((const struct target *)value)->name, *(const struct slice *)key);
}

/* The target of a URL: scheme, host and port, as they are written. */
static struct target *outbox_target(struct outbox *outbox, struct slice url)
{
	struct target *target;
	struct slice name = url_root(url);
	uint64_t hash;

	hash = slice_hash(name, 0);
	target = map_find(&outbox->targets, hash, target_is, &name);
	if (target)
		return target;
	target = mem_zero(1, sizeof(*target) + name.len);
	target->name = slice_make(memcpy(target + 1, name.ptr, name.len), name.len);
	target->hash = hash;
	map_add(&outbox->targets, hash, target);
	return target;
}

static void outbox_forget(struct outbox *outbox, struct target *target)
{
	map_remove(&outbox->targets, target->hash, target);
	free(target);
}

/* How many may be under way to it. */
static size_t outbox_room(const struct outbox *outbox, const struct target *target)
{
	/* One address that hangs must not stand in the way of its neighbours on the same host. */
	return target->failing ? (outbox->config.per_target + 1) / 2 : outbox->config.per_target;
}

static void parcel_free(struct parcel *parcel)
{
	arena_finish(&parcel->arena);
	free(parcel);
}

static void parcel_answered(void *user, int result, const struct prim *response);

static int parcel_send(struct parcel *parcel, struct slice url, const struct prim *request,
                       int64_t timeout_us)
{
	int r = parcel->way->send(parcel->way->ctx, url, request, timeout_us, parcel_answered, parcel);

	if (r == 0)
		parcel->target->under_way++;
	return r;
}

/* Sends what waits, as far as there is room. Not called from within outbox_send, so `done` may be called. */
static void outbox_next(struct outbox *outbox, struct target *target)
{
	while (target->first && target->under_way < outbox_room(outbox, target)) {
		struct parcel *parcel = target->first;
		int64_t left = parcel->deadline - clock_wall_steady();
		int r = -ETIMEDOUT;

		target->first = parcel->next;
		if (!target->first)
			target->last = NULL;
		target->waiting--;
		if (left > 0)
			r = parcel_send(parcel, parcel->url, &parcel->request, left);
		if (r == 0) {
			/* It is encoded: the copies may go. */
			arena_finish(&parcel->arena);
			continue;
		}
		outbox->busy--;
		/* While it is told, the target must stay: whoever is told may send again. */
		target->under_way++;
		parcel->done(parcel->user, r, NULL);
		target->under_way--;
		parcel_free(parcel);
	}
}

/* Nothing is under way and nothing waits any more? Then it need not stay. */
static void outbox_rest(struct outbox *outbox, struct target *target)
{
	if (target->under_way > 0 || target->first)
		return;
	if (!target->failing || outbox->targets.count > OUTBOX_REMEMBERED)
		outbox_forget(outbox, target);
}

static void parcel_answered(void *user, int result, const struct prim *response)
{
	struct parcel *parcel = user;
	struct outbox *outbox = parcel->outbox;
	struct target *target = parcel->target;

	if (outbox->closing) {
		parcel_free(parcel);
		return;
	}
	outbox->busy--;
	target->failing = result < 0 && result != -EBADMSG;
	parcel->done(parcel->user, result, response);
	parcel_free(parcel);
	target->under_way--;
	outbox_next(outbox, target);
	outbox_rest(outbox, target);
}

static void outbox_wait(struct parcel *parcel, struct slice url, const struct prim *request)
{
	struct target *target = parcel->target;

	parcel->url = arena_copy(&parcel->arena, url);
	for (int i = 0; i < PRIM_COUNT; i++)
		parcel->request.at[i] = request->at[i] ? val_copy(&parcel->arena, request->at[i]) : NULL;
	if (target->last)
		target->last->next = parcel;
	else
		target->first = parcel;
	target->last = parcel;
	target->waiting++;
}

static int outbox_send(void *ctx, struct slice url, const struct prim *request, int64_t timeout_us,
                       void (*done)(void *user, int result, const struct prim *response), void *user)
{
	struct outbox *outbox = ctx;
	const struct way *way = outbox_way(outbox, url);
	struct target *target;
	struct parcel *parcel;
	int r = 0;

	if (!way)
		return -EPROTONOSUPPORT;
	target = outbox_target(outbox, url);
	if (target->waiting >= outbox->config.waiting)
		return -EBUSY;
	parcel = mem_zero(1, sizeof(*parcel));
	*parcel = (struct parcel){.outbox = outbox, .target = target, .way = way, .done = done, .user = user};
	parcel->deadline = clock_wall_steady() + timeout_us;
	if (target->under_way < outbox_room(outbox, target) && !target->first)
		r = parcel_send(parcel, url, request, timeout_us);
	else
		outbox_wait(parcel, url, request);
	if (r != 0) {
		parcel_free(parcel);
		outbox_rest(outbox, target);
		return r;
	}
	outbox->busy++;
	return 0;
}

static size_t outbox_default(size_t n, size_t otherwise)
{
	return n ? n : otherwise;
}

int outbox_create(struct loop *loop, const struct outbox_config *config, struct outbox **ret)
{
	struct outbox *outbox = mem_zero(1, sizeof(*outbox));

	if (config)
		outbox->config = *config;
	outbox->config.connections = outbox_default(outbox->config.connections, 1024);
	outbox->config.per_target = outbox_default(outbox->config.per_target, 64);
	outbox->config.waiting = outbox_default(outbox->config.waiting, 4096);
	outbox->loop = loop;
	map_init(&outbox->targets);
	outbox_add(outbox, "http://", outbox_send_http, outbox);
	outbox_add(outbox, "https://", outbox_send_http, outbox);
	*ret = outbox;
	return 0;
}

void outbox_destroy(struct outbox *outbox)
{
	struct target *target;
	size_t at = 0;

	if (!outbox)
		return;
	outbox->closing = true;
	if (outbox->http)
		http_client_destroy(outbox->http);
	while ((target = map_next(&outbox->targets, &at))) {
		while (target->first) {
			struct parcel *parcel = target->first;

			target->first = parcel->next;
			parcel_free(parcel);
		}
		free(target);
	}
	map_finish(&outbox->targets);
	free(outbox);
}

struct outbound outbox_port(struct outbox *outbox)
{
	return (struct outbound){.send = outbox_send, .route = outbox_find_route, .ctx = outbox};
}

size_t outbox_busy(const struct outbox *outbox)
{
	return outbox->busy;
}
