/* SPDX-License-Identifier: Apache-2.0 */
/* Links to servers, and what waits on them. Private to coap_call.c and coap_link.c. */
#ifndef DURE_NET_COAP_LINK_H
#define DURE_NET_COAP_LINK_H

#include "net/coap_private.h"

struct call;

struct coap_link {
	struct coap_links *links;
	struct coap_door *door;
	struct call *first, *last; /* in the order they came */
	size_t count, sent;
	struct coap_dtls_session *session; /* coaps */
	bool secure;
	bool stale; /* nobody answers within the session any more: for new calls there is another link */
	int fault;  /* of the socket; told at the next turn */
	int64_t last_us, heard_us;
	struct timer timer; /* of the handshake, of a fault, of idleness */
	struct slice name;  /* "coap://127.0.0.1:5683" */
	uint64_t hash;
	struct coap_link *prev, *next;
};

/* The link to where a URL points, made when there is none. -EINVAL: no such URL; -errno. */
int coap_link_get(struct coap *coap, struct slice url, struct coap_link **ret);
/* Messages may be sent: no handshake is under way. */
bool coap_link_is_ready(const struct coap_link *link);
/* A call that was sent at that time had no answer. */
void coap_link_unanswered(struct coap_link *link, int64_t sent_us);
struct coap *coap_link_coap(const struct coap_link *link);

/* coap_call.c: sends what waits; what is on the link fails, or ends without another word. */
void coap_call_next(struct coap_link *link);
void coap_call_fail_all(struct coap_link *link, int result);
void coap_call_end_all(struct coap_link *link);

#endif
