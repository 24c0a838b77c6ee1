/* SPDX-License-Identifier: Apache-2.0 */
/* How the files of coap.h hang together. A datagram comes through a door (coap_door.c), out of DTLS if the
 * door is a secure one; requests go to coap_serve.c, answers to coap_call.c; what must be confirmed waits in
 * coap_resend.c. Private to them. */
#ifndef DURE_NET_COAP_PRIVATE_H
#define DURE_NET_COAP_PRIVATE_H

#include <netinet/in.h>

#include "base/map.h"
#include "net/coap_blocks.h"
#include "net/coap_dtls.h"
#include "net/coap_recent.h"

#define COAP_DATAGRAM       65536   /* none is longer */
#define COAP_DATAGRAMS      32      /* taken at once */
#define COAP_ACK_TIMEOUT_US 2000000 /* RFC 7252 4.8 */
#define COAP_MAX_RETRANSMIT 4
#define COAP_LIFETIME_US    (int64_t)247000000 /* EXCHANGE_LIFETIME */
#define COAP_BLOCK_EXPONENT 6                  /* our blocks: 1024 bytes */

struct coap_link;

struct coap_addr {
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} at;
	socklen_t len;
	/* Where it came to, when the door is open on all addresses: answers leave from there. */
	sa_family_t local_family; /* 0: not known */
	union {
		struct in_addr v4;
		struct in6_addr v6;
	} local;
};

/* Where datagrams come and go. */
struct coap_door {
	struct coap *coap;
	struct watch watch;
	struct coap_link *link; /* of a call's socket, which is connected; NULL: strangers come here */
	bool wildcard;
	struct coap_dtls *dtls;   /* a secure door for strangers; NULL: plain, or a link */
	struct coap_peers *peers; /* its sessions */
};

/* The way back to somebody. */
struct coap_path {
	struct coap_door *door;
	struct coap_addr addr;
	struct coap_peer *peer; /* behind a secure door; counted by coap_peer_hold */
};

struct coap {
	struct loop *loop;
	struct coap_config config; /* with copies of its texts */
	struct coap_door *plain, *secure;
	struct coap_stats stats;
	bool draining;
	char *room, *clear; /* for datagrams that come, and for what DTLS makes of one */
	struct timer tick;  /* of what is only looked after now and then */
	struct buf out;     /* the datagram being written */
	/* coap_serve.c */
	struct coap_recent *reads, *writes;
	struct coap_blocks *uploads, *downloads;
	struct coap_asked *asked_first, *asked_last; /* not answered yet, oldest first */
	struct coap_asked *spare;
	size_t asked_count, spare_count;
	struct timer late; /* when the oldest must be told that we have its request */
	/* coap_resend.c */
	struct map resends;
	uint16_t next_id;
	/* coap_link.c */
	struct coap_links *links;
};

/* Every critical option must be understood, and those of RFC 7252 that may come once come once. What the
 * receiver knows is the receiver's to judge. Of requests and answers. RFC 7252 5.4 */
bool coap_options_fit(const struct coap *coap, const struct coap_message *message);

/* coap_door.c. listen: "host:port"; dtls NULL: plain. 0, a refusal, -errno. */
MUST_CHECK int coap_door_open(struct coap *coap, const char *listen, struct coap_dtls *dtls, struct why *why,
                              struct coap_door **ret);
/* A socket connected to somebody, for a link; -errno. */
int coap_door_connect(struct coap *coap, struct coap_link *link, const struct coap_addr *addr,
                      struct coap_door **ret);
void coap_door_close(struct coap_door *door); /* NULL is fine */
int coap_door_port(const struct coap_door *door);
void coap_door_tick(struct coap_door *door, int64_t now_us);
/* Sends coap->out on that way, encrypted if it is a secure one. What the network loses is lost. */
void coap_door_send(const struct coap_path *path, struct slice datagram);
/* The same, bytes as they are. */
void coap_door_raw(struct coap_door *door, const struct coap_addr *addr, struct slice datagram);
/* A datagram in the clear; malformed ones end here. */
void coap_door_take(struct coap_door *door, const struct coap_path *path, struct slice datagram);
/* An empty message: an acknowledgement, a reset. */
void coap_door_empty(const struct coap_path *path, uint8_t kind, uint16_t id);
/* "127.0.0.1". */
void coap_door_text(const struct coap_addr *addr, char ret[INET6_ADDRSTRLEN]);

/* coap_peer.c: the DTLS sessions of a door. */
struct coap_peers *coap_peer_begin(struct coap_door *door, size_t most);
void coap_peer_end(struct coap_peers *peers); /* says goodbye to all; NULL is fine */
void coap_peer_datagram(struct coap_door *door, const struct coap_addr *addr, struct slice datagram);
void coap_peer_send(struct coap_peer *peer, struct slice datagram);
const struct coap_dtls_peer *coap_peer_who(const struct coap_peer *peer);
/* Which session it is, of all that were: from 1 on. NULL: 0, no session at all. */
uint64_t coap_peer_serial(const struct coap_peer *peer);
struct coap_peer *coap_peer_hold(struct coap_peer *peer); /* NULL is fine, also for release */
void coap_peer_release(struct coap_peer *peer);
void coap_peer_tick(struct coap_peers *peers, int64_t now_us);
size_t coap_peer_count(const struct coap_peers *peers);

/* coap_serve.c */
void coap_serve_begin(struct coap *coap);
void coap_serve_end(struct coap *coap);
void coap_serve_request(const struct coap_path *path, const struct coap_head *head,
                        const struct coap_message *message, struct slice datagram);
void coap_serve_tick(struct coap *coap, int64_t now_us);

/* coap_resend.c: a confirmable message, sent and sent again. done: 0 acknowledged, -ETIMEDOUT, -ECONNRESET
 * (they want none of it); may be NULL. */
typedef void coap_resend_done(void *user, int result);
struct coap_resend *coap_resend_begin(const struct coap_path *path, uint16_t id, struct slice datagram,
                                      coap_resend_done *done, void *user);
/* No more of it, without `done`. NULL is fine. */
void coap_resend_stop(struct coap_resend *resend);
/* An acknowledgement or reset came. */
void coap_resend_acked(const struct coap_path *path, uint16_t id, bool reset);
void coap_resend_end(struct coap *coap);

/* coap_link.c, and coap_call_answer in coap_call.c */
void coap_link_begin(struct coap *coap);
void coap_link_end(struct coap *coap);
/* False: nobody waits for that. */
bool coap_call_answer(const struct coap_path *path, const struct coap_head *head,
                      const struct coap_message *message);
/* Their datagrams, before DTLS; and an error of the socket. */
void coap_link_datagram(struct coap_link *link, struct slice datagram);
void coap_link_error(struct coap_link *link, int error);
void coap_link_send(struct coap_link *link, struct slice datagram);
/* The files again, for new links. */
MUST_CHECK int coap_link_reload(struct coap *coap, struct why *why);

#endif
