/* SPDX-License-Identifier: Apache-2.0 */
/* Confirmable messages: sent, and sent again after 2 to 3 seconds, then after twice as long, four times in
 * all, until they are acknowledged. RFC 7252 4.2 */
#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "net/coap_private.h"

struct coap_resend {
	struct coap *coap;
	struct coap_path path;
	uint64_t hash;
	uint16_t id;
	int count;
	int64_t wait;
	struct timer timer;
	coap_resend_done *done;
	void *user;
	struct slice datagram; /* stands behind */
};

struct resend_key {
	const struct coap_path *path;
	uint16_t id;
};

/* A link's socket has one peer; behind a door the address tells. */
static struct slice resend_sender(const struct coap_path *path)
{
	return path->door->link ? slice_make((const char *)&path->door, sizeof(path->door))
	                        : slice_make((const char *)&path->addr.at, path->addr.len);
}

static uint64_t resend_hash(const struct coap_path *path, uint16_t id)
{
	return slice_hash(resend_sender(path), id);
}

static bool resend_match(const void *value, const void *key)
{
	const struct coap_resend *resend = value;
	const struct resend_key *wanted = key;

	return resend->id == wanted->id && resend->path.door == wanted->path->door &&
	       slice_is(resend_sender(&resend->path), resend_sender(wanted->path));
}

static void resend_free(struct coap_resend *resend)
{
	timer_clear(loop_wall_timers(resend->coap->loop), &resend->timer);
	map_remove(&resend->coap->resends, resend->hash, resend);
	coap_peer_release(resend->path.peer);
	free(resend);
}

static void resend_over(struct coap_resend *resend, int result)
{
	coap_resend_done *done = resend->done;
	void *user = resend->user;

	resend_free(resend);
	if (done)
		done(user, result);
}

static void resend_timer(struct timer *timer)
{
	struct coap_resend *resend = container_of(timer, struct coap_resend, timer);

	if (resend->count == COAP_MAX_RETRANSMIT) {
		resend_over(resend, -ETIMEDOUT);
		return;
	}
	resend->count++;
	resend->wait *= 2;
	timer_set(loop_wall_timers(resend->coap->loop), timer, clock_wall_steady() + resend->wait);
	coap_door_send(&resend->path, resend->datagram);
}

struct coap_resend *coap_resend_begin(const struct coap_path *path, uint16_t id, struct slice datagram,
                                      coap_resend_done *done, void *user)
{
	struct coap_resend *resend = mem_take(sizeof(*resend) + datagram.len);
	char *bytes = (char *)(resend + 1);

	memcpy(bytes, datagram.ptr, datagram.len);
	*resend = (struct coap_resend){.coap = path->door->coap,
	                               .path = *path,
	                               .hash = resend_hash(path, id),
	                               .id = id,
	                               .done = done,
	                               .user = user,
	                               .datagram = slice_make(bytes, datagram.len)};
	coap_peer_hold(path->peer);
	/* Between one and one and a half times: not everybody at the same moment. */
	resend->wait = COAP_ACK_TIMEOUT_US + (int64_t)(resend->hash % (COAP_ACK_TIMEOUT_US / 2));
	resend->timer.run = resend_timer;
	map_add(&resend->coap->resends, resend->hash, resend);
	timer_set(loop_wall_timers(resend->coap->loop), &resend->timer, clock_wall_steady() + resend->wait);
	coap_door_send(path, resend->datagram);
	return resend;
}

void coap_resend_stop(struct coap_resend *resend)
{
	if (resend)
		resend_free(resend);
}

void coap_resend_acked(const struct coap_path *path, uint16_t id, bool reset)
{
	struct resend_key key = {path, id};
	struct coap *coap = path->door->coap;
	struct coap_resend *resend = map_find(&coap->resends, resend_hash(path, id), resend_match, &key);

	if (resend)
		resend_over(resend, reset ? -ECONNRESET : 0);
}

void coap_resend_end(struct coap *coap)
{
	struct coap_resend *resend;

	for (size_t at = 0; (resend = map_next(&coap->resends, &at)); at = 0)
		resend_free(resend);
	map_finish(&coap->resends);
}
