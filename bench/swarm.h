/* SPDX-License-Identifier: Apache-2.0 */
/* Many keep-alive connections to one HTTP server, each with one request in flight.
 *
 * Without a rate every connection asks again as soon as it was answered. With a rate each asks by the clock,
 * and latency counts from when it should have asked: a server that stands still for a while can't hide it. */
#ifndef DURE_BENCH_SWARM_H
#define DURE_BENCH_SWARM_H

#include "base/buf.h"
#include "bench/reactor.h"
#include "net/tls.h"

struct swarm;

struct swarm_answer {
	int status;
	int rsc; /* X-M2M-RSC; 0 when there is none */
	struct slice body;
	int64_t us; /* latency */
};

/* Connections are known by number, from 0. */
struct swarm_handler {
	/* Writes the next request; out is empty. False: this connection is done. */
	bool (*next)(void *user, unsigned connection, struct buf *out);
	void (*answer)(void *user, unsigned connection, const struct swarm_answer *answer);
	/* The server hung up or spoke no HTTP; the connection is not opened again. */
	void (*lost)(void *user, unsigned connection);
	void *user;
	struct tls_context *tls; /* NULL: plain */
};

/* Opens all connections. handler must live as long as the swarm. rate: requests/s of all together, 0: as fast
 * as it goes. 0 or -errno. */
int swarm_create(struct reactor *reactor, uint16_t port, unsigned connections, double rate,
                 const struct swarm_handler *handler, struct swarm **ret);
void swarm_destroy(struct swarm *swarm);
/* Asks first on every connection. */
void swarm_start(struct swarm *swarm);
/* Asks on those whose time has come; call it every turn. Returns how long until the next time, in us, at most
 * `most`. */
int64_t swarm_tick(struct swarm *swarm, int64_t most);
/* Requests not yet answered. */
unsigned swarm_busy(const struct swarm *swarm);
/* Connections that are neither done nor lost. */
unsigned swarm_alive(const struct swarm *swarm);

#endif
