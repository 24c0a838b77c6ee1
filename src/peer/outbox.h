/* SPDX-License-Identifier: Apache-2.0 */
/* What leaves this node: fills the engine's `outbound` port. It picks the binding by the scheme of the URL,
 * and sees to it that no target can take all there is: each has only so many requests under way, one that
 * failed to answer half as many until it answers again. What is too much waits its turn, within its
 * time. */
#ifndef DURE_PEER_OUTBOX_H
#define DURE_PEER_OUTBOX_H

#include "bind/bind.h"
#include "engine/ports.h"
#include "net/loop.h"

struct outbox;

struct outbox_config {
	size_t connections; /* in all (default 1024) */
	size_t per_target;  /* under way to one host and port (default 64) */
	size_t waiting;     /* for one host and port (default 4096); more are refused with -EBUSY */
	size_t reply_max;   /* bytes of a reply's body (default 1 MiB) */
	/* For https, as in net/http_client.h; they must outlive the outbox. NULL or "": none. */
	const char *ca, *cert, *key, *crl;
};

/* 0 or -errno. config may be NULL. The loop must outlive it. */
int outbox_create(struct loop *loop, const struct outbox_config *config, struct outbox **ret);
/* Requests under way end without being told. NULL is fine. */
void outbox_destroy(struct outbox *outbox);
/* The port, to be given to the engine. Valid as long as the outbox. */
struct outbound outbox_port(struct outbox *outbox);
/* A further way out, besides http:// and https://: URLs that begin with `scheme` (a literal) are sent by
 * `send`. What sends must go before the outbox does, and tell its requests -ECANCELED. At most six. */
void outbox_add(struct outbox *outbox, const char *scheme, bind_send *send, void *ctx);
/* A way to those who came to us by themselves, as outbound.route; asked in the order they were added. */
void outbox_add_route(struct outbox *outbox,
                      struct slice (*find)(void *ctx, struct slice entity, bool addressed,
                                           struct arena *arena),
                      void *ctx);
/* Requests under way and waiting. */
size_t outbox_busy(const struct outbox *outbox);

#endif
