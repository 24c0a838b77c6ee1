/* SPDX-License-Identifier: Apache-2.0 */
/* DTLS sessions of those who come. Who has shaken hands and is quiet may stay for an hour, as long as there
 * is room; who has not must be done within seconds, and there are never many of them. The one that was quiet
 * longest leaves for a new one. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "net/coap_private.h"

#define PEER_QUIET_US     (int64_t)3600000000
#define PEER_HANDSHAKE_US (int64_t)15000000
#define PEER_HANDSHAKES   1024

struct peer_queue {
	struct coap_peer *first, *last;
	size_t count;
};

struct coap_peers {
	struct coap_door *door;
	struct map map;
	struct peer_queue young,
	        known; /* shaking hands; done with it: each in the order of their last word */
	size_t most;
	uint64_t seed, serials;
};

struct coap_peer {
	struct coap_peers *peers; /* NULL: the session is over, somebody still holds it */
	struct coap_dtls_session *session;
	struct coap_addr addr;
	uint64_t hash, serial;
	int64_t last, began;
	unsigned holds;
	bool ready;
	struct timer timer; /* the handshake's */
	struct coap_peer *prev, *next;
};

static struct peer_queue *peer_queue(struct coap_peer *peer)
{
	return peer->ready ? &peer->peers->known : &peer->peers->young;
}

static void peer_unlink(struct coap_peer *peer)
{
	struct peer_queue *queue = peer_queue(peer);

	*(peer->prev ? &peer->prev->next : &queue->first) = peer->next;
	*(peer->next ? &peer->next->prev : &queue->last) = peer->prev;
	queue->count--;
}

static void peer_append(struct coap_peer *peer)
{
	struct peer_queue *queue = peer_queue(peer);

	peer->prev = queue->last;
	peer->next = NULL;
	*(queue->last ? &queue->last->next : &queue->first) = peer;
	queue->last = peer;
	queue->count++;
}

/* Ends the session; the memory stays while somebody holds it. */
static void peer_over(struct coap_peer *peer)
{
	struct coap_door *door = peer->peers->door;

	timer_clear(loop_wall_timers(door->coap->loop), &peer->timer);
	map_remove(&peer->peers->map, peer->hash, peer);
	peer_unlink(peer);
	coap_dtls_end(peer->session);
	peer->session = NULL;
	peer->peers = NULL;
	coap_peer_release(peer);
}

struct coap_peers *coap_peer_begin(struct coap_door *door, size_t most)
{
	struct coap_peers *peers = mem_zero(1, sizeof(*peers));

	peers->door = door;
	peers->most = most;
	peers->seed = (uint64_t)(uintptr_t)peers;
	map_init(&peers->map);
	return peers;
}

void coap_peer_end(struct coap_peers *peers)
{
	if (!peers)
		return;
	while (peers->young.first)
		peer_over(peers->young.first);
	while (peers->known.first)
		peer_over(peers->known.first);
	map_finish(&peers->map);
	free(peers);
}

struct coap_peer *coap_peer_hold(struct coap_peer *peer)
{
	if (peer)
		peer->holds++;
	return peer;
}

void coap_peer_release(struct coap_peer *peer)
{
	if (peer && --peer->holds == 0)
		free(peer);
}

static struct slice peer_bytes(const struct coap_addr *addr)
{
	return slice_make((const char *)&addr->at, addr->len);
}

static bool peer_match(const void *value, const void *key)
{
	return slice_is(peer_bytes(&((const struct coap_peer *)value)->addr), peer_bytes(key));
}

/* What DTLS sends: before the peer exists, user is its address on the stack. */
struct peer_stranger {
	struct coap_door *door;
	const struct coap_addr *addr;
};

static void peer_send_stranger(void *user, struct slice datagram)
{
	const struct peer_stranger *stranger = user;

	coap_door_raw(stranger->door, stranger->addr, datagram);
}

static void peer_send(void *user, struct slice datagram)
{
	const struct coap_peer *peer = user;

	coap_door_raw(peer->peers->door, &peer->addr, datagram);
}

static void peer_set_timer(struct coap_peer *peer)
{
	struct timers *timers = loop_wall_timers(peer->peers->door->coap->loop);
	int64_t wait = peer->ready ? -1 : coap_dtls_wait(peer->session);

	if (wait < 0)
		timer_clear(timers, &peer->timer);
	else
		timer_set(timers, &peer->timer, clock_wall_steady() + wait);
}

static void peer_timer(struct timer *timer)
{
	struct coap_peer *peer = container_of(timer, struct coap_peer, timer);

	if (clock_wall_steady() - peer->began > PEER_HANDSHAKE_US || coap_dtls_again(peer->session) < 0)
		peer_over(peer);
	else
		peer_set_timer(peer);
}

static bool peer_is_hello(struct slice datagram)
{
	return datagram.len > 13 && datagram.ptr[0] == 22 && datagram.ptr[3] == 0 && datagram.ptr[4] == 0 &&
	       datagram.ptr[13] == 1;
}

static void peer_new(struct coap_door *door, const struct coap_addr *addr, struct slice datagram)
{
	struct coap_peers *peers = door->peers;
	struct peer_stranger stranger = {door, addr};
	struct coap_dtls_session *session = coap_dtls_listen(
	        door->dtls, peer_bytes(addr), datagram, clock_wall_steady(), peer_send_stranger, &stranger);
	uint64_t hash = slice_hash(peer_bytes(addr), peers->seed);
	struct coap_peer *peer;

	if (!session)
		return;
	peer = map_find(&peers->map, hash, peer_match, addr);
	if (peer)
		peer_over(peer);
	if (peers->young.count >= PEER_HANDSHAKES)
		peer_over(peers->young.first);
	if (peers->map.count >= peers->most)
		peer_over(peers->known.first ? peers->known.first : peers->young.first);
	peer = mem_zero(1, sizeof(*peer));
	peer->peers = peers;
	peer->session = session;
	peer->addr = *addr;
	peer->hash = hash;
	peer->serial = ++peers->serials;
	peer->last = peer->began = clock_wall_steady();
	peer->holds = 1;
	peer->timer.run = peer_timer;
	coap_dtls_set_sender(session, peer_send, peer);
	map_add(&peers->map, peer->hash, peer);
	peer_append(peer);
	peer_set_timer(peer);
}

/* The handshake came through, or somebody spoke: to the end of the queue, of the right one. */
static void peer_moved(struct coap_peer *peer)
{
	bool ready = coap_dtls_is_ready(peer->session);

	peer_unlink(peer);
	peer->ready = ready;
	peer->last = clock_wall_steady();
	peer_append(peer);
	peer_set_timer(peer);
}

void coap_peer_datagram(struct coap_door *door, const struct coap_addr *addr, struct slice datagram)
{
	uint64_t hash = slice_hash(peer_bytes(addr), door->peers->seed);
	struct coap_peer *peer = map_find(&door->peers->map, hash, peer_match, addr);
	struct coap_path path = {.door = door, .addr = *addr};
	bool spoke = false;
	ssize_t n;

	/* Who has lost his session begins anew from the same address, in the clear (epoch 0). He must bring a
	 * cookie first, so nobody can end the session of another. RFC 6347 4.2.8 */
	if (!peer || (peer->ready && peer_is_hello(datagram))) {
		peer_new(door, addr, datagram);
		return;
	}
	path.peer = coap_peer_hold(peer);
	while ((n = coap_dtls_receive(peer->session, datagram, door->coap->clear, COAP_DATAGRAM)) > 0) {
		datagram = SLICE("");
		spoke = true;
		coap_door_take(door, &path, slice_make(door->coap->clear, (size_t)n));
		if (!peer->peers)
			break;
	}
	if (peer->peers && n < 0) {
		log_debug("coap", "DTLS: %s", coap_dtls_error(peer->session));
		peer_over(peer);
	} else if (peer->peers && (spoke || !peer->ready)) {
		/* What others send from his address (it cannot be decrypted) is no sign of life. */
		peer_moved(peer);
	}
	coap_peer_release(peer);
}

void coap_peer_send(struct coap_peer *peer, struct slice datagram)
{
	if (peer->peers && peer->ready)
		coap_dtls_write(peer->session, datagram);
}

const struct coap_dtls_peer *coap_peer_who(const struct coap_peer *peer)
{
	return coap_dtls_peer(peer->session);
}

uint64_t coap_peer_serial(const struct coap_peer *peer)
{
	return peer ? peer->serial : 0;
}

void coap_peer_tick(struct coap_peers *peers, int64_t now_us)
{
	while (peers->young.first && peers->young.first->last + PEER_HANDSHAKE_US < now_us)
		peer_over(peers->young.first);
	while (peers->known.first && peers->known.first->last + PEER_QUIET_US < now_us)
		peer_over(peers->known.first);
}

size_t coap_peer_count(const struct coap_peers *peers)
{
	return peers->map.count;
}
