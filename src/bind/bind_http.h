/* SPDX-License-Identifier: Apache-2.0 */
/* The HTTP binding. TS-0009
 *
 * Every answer carries X-M2M-RSC, also those to malformed messages; a refusal says why in m2m:dbg. HEAD is
 * GET without the body. A request of responseType noResponse is answered 204 without X-M2M-RSC, since HTTP
 * knows no silence. A client that goes away does not undo what it asked for. */
#ifndef DURE_BIND_BIND_HTTP_H
#define DURE_BIND_BIND_HTTP_H

#include "auth/auth.h"
#include "base/buf.h"
#include "bind/bind.h"
#include "engine/engine.h"
#include "net/http.h"
#include "net/http_client.h"

/* A plain page beside the tree, for GET: "/metrics". fill appends the body, names its media type, and returns
 * the HTTP status. */
struct bind_http_page {
	const char *path;
	int (*fill)(void *user, struct buf *body, const char **ret_type);
	void *user;
};

struct bind_http_config {
	const char *listen;               /* "127.0.0.1:8080"; port 0 picks one */
	const struct http_limits *limits; /* NULL: the default */
	const char *prefix;               /* "/root", stripped from every path; NULL or "": none */
	const char *const *cors_origins; /* NULL-terminated: "https://a.example", or "*"; NULL: CORS is off */
	const struct bind_http_page *pages; /* must outlive the binding; may be NULL */
	size_t page_count;
	struct tls_context *tls; /* NULL: plain HTTP; must outlive the binding */
	struct auth *auth;       /* NULL: nobody can prove who they are; must outlive the binding */
	/* Asked for a GET with an Upgrade header, when who speaks is known: true when it took the exchange.
	 * NULL: none. */
	bool (*upgrade)(void *ctx, struct http_exchange *exchange, const struct req_peer *peer);
	void *upgrade_ctx;
};

struct bind_http;

/* Listens and hands what comes to the engine. 0 or -errno. loop and engine must outlive it; the texts of
 * config are copied, its arrays are not and must outlive it too. */
int bind_http_create(struct loop *loop, struct engine *engine, const struct bind_http_config *config,
                     struct bind_http **ret);
void bind_http_destroy(struct bind_http *bind);
struct binding *bind_http_binding(struct bind_http *bind);
int bind_http_port(const struct bind_http *bind);
void bind_http_stats(const struct bind_http *bind, struct http_stats *ret);

/* Sends a request primitive to an http or https URL; ctx is a struct http_client. */
bind_send bind_http_send;

#endif
