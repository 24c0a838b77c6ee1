/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP in: exchanges become requests of the engine, and its answers leave as they came. */
#include "bind/bind_http.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "bind/bind_cors.h"
#include "bind/bind_http_peer.h"
#include "bind/bind_ws.h"
#include "model/rsc.h"
#include "wire/wire_http.h"

#include <stdlib.h>
#include <strings.h>

struct bind_http {
	struct binding binding;
	struct engine *engine;
	struct http_server *server;
	struct bind_http_config config;
	struct slice prefix;
};

/* What we remember of an exchange while the engine has its request; in the arena of the exchange. It does not
 * point to the binding, which may be gone before the answer. */
struct walk {
	const char *const *origins; /* for CORS */
	struct http_exchange *exchange;
	struct slice type; /* of the answer's body */
	int64_t began;     /* for the access log; 0: not wanted */
};

#define METHODS "GET, HEAD, POST, PUT, DELETE, OPTIONS"

static void http_log(const struct walk *walk, int status, int64_t rsc)
{
	const struct http_exchange *exchange = walk->exchange;

	if (walk->began)
		log_debug("http", "%s %.*s %.*s %d %lld %lld us", exchange->peer, SLICE_ARG(exchange->method),
		          SLICE_ARG(exchange->target), status, (long long)rsc,
		          (long long)(clock_wall_steady() - walk->began));
}

/* Writes a response primitive and lets it go. The exchange is over then. */
static void http_respond(const struct walk *walk, struct arena *arena, const struct prim *in,
                         const struct prim *out, int status_instead)
{
	struct buf headers, body;
	int status;

	buf_init(&headers, arena);
	buf_init(&body, arena);
	status = wire_http_write_as(in, out, walk->type, &headers, &body);
	if (status_instead)
		status = status_instead;
	if (status == 405)
		buf_add_lit(&headers, "Allow: " METHODS "\r\n");
	bind_cors_answer(walk->origins, walk->exchange, &headers);
	http_log(walk, status, prim_int(out, PRIM_rsc, 0));
	http_answer(walk->exchange, status, buf_slice(&headers), buf_slice(&body));
}

static void http_answered(struct req *req)
{
	struct walk *walk = req->user;

	if (req->silent) {
		http_log(walk, 204, 0);
		http_answer(walk->exchange, 204, SLICE(""), SLICE(""));
	} else {
		http_respond(walk, &req->arena, &req->in, &req->out, 0);
	}
	req_destroy(req);
}

/* An answer of our own: the code, the sentence, and what of the request must come back. */
static void http_refuse(const struct walk *walk, struct arena *arena, const struct prim *in, int rsc,
                        const char *sentence, int status_instead)
{
	struct prim out = {0};
	struct val *pc = val_obj(arena);

	val_put(pc, SLICE("m2m:dbg"), val_str(arena, slice_of(sentence)));
	out.at[PRIM_rsc] = val_int(arena, rsc);
	out.at[PRIM_rqi] = in->at[PRIM_rqi];
	out.at[PRIM_rvi] = in->at[PRIM_rvi];
	out.at[PRIM_pc] = pc;
	http_respond(walk, arena, in, &out, status_instead);
}

static struct slice http_path(struct slice target)
{
	const char *mark = target.len ? memchr(target.ptr, '?', target.len) : NULL;

	return mark ? slice_make(target.ptr, (size_t)(mark - target.ptr)) : target;
}

/* A page beside the tree? Then it is answered. */
static bool http_page(struct bind_http *bind, struct http_exchange *exchange)
{
	struct slice path = http_path(exchange->target);
	const char *type = "text/plain; charset=utf-8";
	struct buf headers, body;
	int status;

	if (!slice_is(exchange->method, SLICE("GET")) && !slice_is(exchange->method, SLICE("HEAD")))
		return false;
	for (size_t i = 0; i < bind->config.page_count; i++) {
		const struct bind_http_page *page = &bind->config.pages[i];

		if (!slice_is_text(path, page->path))
			continue;
		buf_init(&headers, exchange->arena);
		buf_init(&body, exchange->arena);
		status = page->fill(page->user, &body, &type);
		buf_printf(&headers, "Content-Type: %s\r\nCache-Control: no-store\r\n", type);
		http_answer(exchange, status, buf_slice(&headers), buf_slice(&body));
		return true;
	}
	return false;
}

static void http_options(struct bind_http *bind, struct http_exchange *exchange)
{
	struct buf headers;

	buf_init(&headers, exchange->arena);
	buf_add_lit(&headers, "Allow: " METHODS "\r\n");
	bind_cors_preflight(bind->config.cors_origins, exchange, METHODS, &headers);
	http_answer(exchange, 204, buf_slice(&headers), SLICE(""));
}

/* Takes the prefix off; false: the path does not stand under it. */
static bool http_strip(const struct bind_http *bind, struct slice *target)
{
	struct slice rest;

	if (bind->prefix.len == 0)
		return true;
	if (!slice_starts(*target, bind->prefix))
		return false;
	rest = slice_skip(*target, bind->prefix.len);
	if (rest.len > 0 && rest.ptr[0] != '/' && rest.ptr[0] != '?')
		return false;
	*target = rest;
	return true;
}

/* What the headers say to us, beside what they say to wire/. */
struct aside {
	struct slice proof;   /* "Basic ..." or "Bearer ..."; the tokens of oneM2M have no blank, wire/ reads
	                         those */
	struct slice upgrade; /* ptr NULL: there is none */
};

static void http_aside(const struct http_header *header, struct aside *aside)
{
	struct slice name = header->name, value = header->value;

	if (name.len == 13 && strncasecmp(name.ptr, "authorization", 13) == 0) {
		if (memchr(value.ptr, ' ', value.len))
			aside->proof = value;
	} else if (name.len == 7 && strncasecmp(name.ptr, "upgrade", 7) == 0) {
		aside->upgrade = value;
	}
}

/* The message as wire/ reads it. */
static void http_message(const struct http_exchange *exchange, struct wire_http_header *headers,
                         struct wire_http_request *ret, struct aside *aside)
{
	*aside = (struct aside){0};
	for (size_t i = 0; i < exchange->header_count; i++) {
		headers[i].name = exchange->headers[i].name;
		headers[i].value = exchange->headers[i].value;
		http_aside(&exchange->headers[i], aside);
	}
	ret->method = exchange->method;
	ret->target = exchange->target;
	ret->body = exchange->body;
	ret->headers = headers;
	ret->header_count = exchange->header_count;
}

static struct walk *http_walk(struct bind_http *bind, struct http_exchange *exchange)
{
	struct walk *walk = arena_new(exchange->arena, struct walk);

	walk->origins = bind->config.cors_origins;
	walk->exchange = exchange;
	walk->type = SLICE("application/json");
	walk->began = log_wants(LOG_DEBUG) ? clock_wall_steady() : 0;
	return walk;
}

static int http_rsc(int r)
{
	return r > 0 ? r : RSC_INTERNAL_SERVER_ERROR;
}

/* Somebody wants to leave HTTP: true when that is settled, one way or the other. */
static bool http_upgrades(struct bind_http *bind, const struct walk *walk, const struct aside *aside)
{
	struct http_exchange *exchange = walk->exchange;
	struct prim nothing = {0};
	struct req_peer peer;
	struct why why = {0};
	struct slice proof = aside->proof, bearer;
	int r = 0;

	if (!bind->config.upgrade || !aside->upgrade.ptr || !slice_is(exchange->method, SLICE("GET")))
		return false;
	bearer = bind_ws_bearer(exchange);
	if (bearer.ptr && proof.len > 0)
		r = refuse(
		        &why, RSC_SECURITY_ASSOCIATION_REQUIRED,
		        "Authorization: two proofs, the other one in Sec-WebSocket-Protocol; expected one");
	else if (bearer.ptr)
		proof = arena_printf(exchange->arena, "Bearer %.*s", SLICE_ARG(bearer));
	if (r == 0)
		r = bind_http_peer(&bind->config, exchange, proof, &why, &peer);
	if (r == 0)
		return bind->config.upgrade(bind->config.upgrade_ctx, exchange, &peer);
	http_refuse(walk, exchange->arena, &nothing, http_rsc(r), why.text, 0);
	return true;
}

static void http_request(void *user, struct http_exchange *exchange)
{
	struct bind_http *bind = user;
	struct wire_http_header headers[HTTP_HEADERS_MAX];
	struct wire_http_request message;
	struct aside aside;
	struct walk *walk;
	struct req *req;
	struct why why = {0};
	int r;

	if (http_page(bind, exchange))
		return;
	if (slice_is(exchange->method, SLICE("OPTIONS"))) {
		http_options(bind, exchange);
		return;
	}
	walk = http_walk(bind, exchange);
	http_message(exchange, headers, &message, &aside);
	if (http_upgrades(bind, walk, &aside))
		return;
	req = req_create(bind->engine);
	r = http_strip(bind, &message.target)
	            ? 0
	            : refuse(&why, RSC_NOT_FOUND, "the path does not begin with %s", bind->prefix.ptr);
	if (r == 0)
		r = wire_http_read(&req->arena, &message, &why, &req->in);
	walk->type = wire_http_answer_type(&message);
	if (r == 0)
		r = bind_http_peer(&bind->config, exchange, aside.proof, &why, &req->peer);
	if (r != 0) {
		http_refuse(walk, exchange->arena, &req->in, http_rsc(r), why.text, 0);
		req_destroy(req);
		return;
	}
	req->peer.ip = arena_text(&req->arena, slice_of(exchange->peer));
	req->answered = http_answered;
	req->user = walk;
	engine_submit(req);
}

/* Malformed already as HTTP: the status stays what it is, beside it stands the nearest code. */
static void http_malformed(void *user, struct http_exchange *exchange, int status, const char *sentence)
{
	struct walk *walk = http_walk(user, exchange);
	struct slice rqi = http_header(exchange, SLICE("X-M2M-RI"));
	struct prim in = {0};
	int rsc = status == 408 ? RSC_REQUEST_TIMEOUT : status == 501 ? RSC_NOT_IMPLEMENTED : RSC_BAD_REQUEST;

	if (rqi.len > 0)
		in.at[PRIM_rqi] = val_str(exchange->arena, rqi);
	http_refuse(walk, exchange->arena, &in, rsc, sentence, status);
}

static bool http_drain(struct binding *binding)
{
	return http_server_drain(container_of(binding, struct bind_http, binding)->server);
}

static void http_destroy(struct binding *binding)
{
	bind_http_destroy(container_of(binding, struct bind_http, binding));
}

int bind_http_create(struct loop *loop, struct engine *engine, const struct bind_http_config *config,
                     struct bind_http **ret)
{
	struct http_handler handler = {.request = http_request, .malformed = http_malformed};
	struct bind_http *bind = mem_zero(1, sizeof(*bind));
	struct slice prefix = slice_of(config->prefix);
	int r;

	while (prefix.len > 0 && prefix.ptr[prefix.len - 1] == '/')
		prefix.len--;
	bind->binding = (struct binding){"http", http_drain, http_destroy};
	bind->engine = engine;
	bind->config = *config;
	bind->prefix = slice_make(strndup(prefix.ptr ? prefix.ptr : "", prefix.len), prefix.len);
	handler.user = bind;
	r = http_server_create(loop, config->listen, config->limits, config->tls, &handler, &bind->server);
	if (r != 0) {
		bind_http_destroy(bind);
		return r;
	}
	*ret = bind;
	return 0;
}

void bind_http_destroy(struct bind_http *bind)
{
	if (!bind)
		return;
	http_server_destroy(bind->server);
	/* strndup gave it to us. */
	free((void *)(uintptr_t)bind->prefix.ptr);
	free(bind);
}

struct binding *bind_http_binding(struct bind_http *bind)
{
	return &bind->binding;
}

int bind_http_port(const struct bind_http *bind)
{
	return http_server_port(bind->server);
}

void bind_http_stats(const struct bind_http *bind, struct http_stats *ret)
{
	http_server_stats(bind->server, ret);
}
