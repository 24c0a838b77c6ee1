/* SPDX-License-Identifier: Apache-2.0 */
/* Primitives over WebSockets. Every originator has a connection of its own, as devices have, because a server
 * reaches an entity over the connection that it spoke on last. They end with the case, but the admin's.
 * TS-0020 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "lab/run/box.h"
#include "lab/run/content.h"
#include "lab/run/post.h"
#include "net/ws.h"

#define WS_MESSAGE (64u << 20)

struct ws_place {
	struct place place;
	struct post post;
	struct tls_context *tls; /* NULL: plain */
	struct ws_limits limits;
	struct ws_conn *conns;
	char protocol[32];
};

struct ws_conn {
	struct ws_place *place;
	struct ws *ws; /* NULL: over */
	char *who;
	bool opened, dropped; /* dropped: nobody speaks here any more */
	unsigned letters;     /* not answered yet */
	struct ws_conn *next;
};

static bool transport_binary(const struct place *place)
{
	return place->encoding == ENCODING_CBOR;
}

static void transport_free(struct ws_conn *conn)
{
	struct ws_conn **at = &conn->place->conns;

	if (conn->ws || conn->letters)
		return;
	while (*at != conn)
		at = &(*at)->next;
	*at = conn->next;
	free(conn->who);
	free(conn);
}

/* --- what comes --- */

static void transport_respond(void *user, const struct val *response)
{
	struct ws_conn *conn = user;
	const struct place *place = &conn->place->place;
	struct arena arena;

	arena_init(&arena);
	if (conn->ws)
		ws_send(conn->ws, transport_binary(place),
		        content_primitive(&arena, place->encoding, response));
	arena_finish(&arena);
	conn->letters--;
	if (conn->dropped)
		transport_free(conn);
}

static void transport_message(void *user, struct ws *ws, bool binary, struct slice bytes)
{
	struct ws_conn *conn = user;
	struct place *place = &conn->place->place;
	const struct post_message message = {.channel = conn,
	                                     .bytes = bytes,
	                                     .header = "Frame",
	                                     .value = binary ? "binary" : "text",
	                                     .form_fault =
	                                             binary != transport_binary(place)
	                                                     ? "CBOR comes in binary frames, all else in text"
	                                                     : NULL};
	const char *fault;
	struct val *primitive;

	post_take(&conn->place->post, &message, &primitive, &fault);
	if (!primitive)
		return;
	conn->letters++;
	box_serve(place->boxes, box_by_who(place->boxes, slice_of(conn->who)), primitive,
	          message.form_fault ? message.form_fault : fault, transport_respond, conn);
}

static void transport_closed(void *user, struct ws *ws, int code)
{
	struct ws_conn *conn = user;

	conn->ws = NULL;
	post_lost(&conn->place->post, conn,
	          conn->opened ? "the connection was closed without a reply"
	                       : "nobody speaks WebSocket there",
	          conn->opened);
	conn->dropped = true;
	transport_free(conn);
}

static void transport_opened(void *user, struct ws *ws)
{
	struct ws_conn *conn = user;

	conn->opened = true;
	for (struct pending *p = conn->place->post.first; p; p = p->next)
		if (p->channel == conn && p->bytes.ptr) {
			ws_send(ws, transport_binary(&conn->place->place), p->bytes);
			p->bytes = (struct slice){0};
		}
}

/* --- the way --- */

static void transport_drop(struct ws_conn *conn)
{
	conn->dropped = true;
	if (conn->ws)
		ws_close(conn->ws, 1000, "");
}

static void transport_reset(struct place *place)
{
	for (struct ws_conn *conn = ((struct ws_place *)place)->conns; conn; conn = conn->next)
		if (!conn->dropped && !slice_is(slice_of(conn->who), place->server->admin))
			transport_drop(conn);
}

static void transport_close(struct place *place)
{
	struct ws_place *ws = (struct ws_place *)place;

	while (ws->conns) {
		struct ws_conn *conn = ws->conns;

		ws_destroy(conn->ws);
		conn->ws = NULL;
		conn->letters = 0;
		transport_free(conn);
	}
	tls_context_destroy(ws->tls);
	free(ws);
}

static int transport_open(const struct place_config *config, struct why *why, struct place **ret)
{
	struct ws_place *place = calloc(1, sizeof *place);

	if (!place)
		return -ENOMEM;
	int r = place_init(&place->place, &transport_ws, config, why);

	place->post.place = &place->place;
	place->limits = ws_limits_default;
	place->limits.message = place->limits.pending = WS_MESSAGE;
	snprintf(place->protocol, sizeof place->protocol, "oneM2M.%s", encoding_name(config->encoding));
	if (r == 0 && place->place.secure)
		r = tls_context_create(&(struct tls_config){.pem.ca = config->ca}, false, why, &place->tls);
	if (r)
		free(place);
	else
		*ret = &place->place;
	return r;
}

static struct ws_conn *transport_conn(struct ws_place *place, const char *who, int *ret_error)
{
	static const struct ws_handler all = {
	        .opened = transport_opened, .message = transport_message, .closed = transport_closed};
	struct ws_handler handler = all;
	const char *scheme = place->place.secure ? "wss" : "ws";
	struct ws_conn *conn;
	char url[600];

	for (conn = place->conns; conn; conn = conn->next)
		if (!conn->dropped && strcmp(conn->who, who) == 0)
			return conn;
	conn = calloc(1, sizeof *conn);
	if (!conn || !(conn->who = strdup(who)))
		abort();
	conn->place = place;
	conn->next = place->conns;
	place->conns = conn;
	handler.user = conn;
	snprintf(url, sizeof url, "%s://%s:%s%s/", scheme, place->place.host, place->place.port,
	         place->place.prefix);
	*ret_error = ws_connect(place->place.loop, url, place->protocol, NULL, place->tls, &place->limits,
	                        &handler, &conn->ws);
	if (*ret_error) {
		conn->ws = NULL;
		transport_free(conn);
		return NULL;
	}
	return conn;
}

static struct pending *transport_start(struct place *place, struct arena *arena, const struct call *call,
                                       struct slice bytes)
{
	struct ws_place *ws = (struct ws_place *)place;
	int r = 0;
	struct ws_conn *conn = transport_conn(ws, arena_text(arena, call->fr), &r);
	struct pending *pending =
	        post_start(&ws->post, arena, call, conn, content_call(arena, place->encoding, call));

	if (conn && conn->opened) {
		r = ws_send(conn->ws, transport_binary(place), pending->bytes);
		pending->bytes = (struct slice){0};
	}
	if (r) {
		pending->done = true;
		pending->reply.error = arena_printf(arena, "the connection: %s", strerror(-r)).ptr;
	}
	return pending;
}

static struct slice transport_show(struct place *place, struct arena *arena, const struct call *call)
{
	struct slice message = content_call(arena, ENCODING_JSON, call);

	return (struct slice){message.ptr, message.len > 3000 ? 3000 : message.len};
}

const struct transport transport_ws = {
        .name = "ws",
        .secure = "wss",
        .port = "80",
        .whole = true,
        .sessions = true,
        .open = transport_open,
        .close = transport_close,
        .reset = transport_reset,
        .start = transport_start,
        .done = post_done,
        .destroy = post_destroy,
        .show = transport_show,
};
