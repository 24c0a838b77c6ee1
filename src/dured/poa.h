/* SPDX-License-Identifier: Apache-2.0 */
/* The points of access that the CSE announces when none are configured: where its listeners can be reached.
 */
#ifndef DURE_DURED_POA_H
#define DURE_DURED_POA_H

#include "dured/config.h"

/* One listener. */
struct poa_listener {
	const char *scheme; /* "http" */
	const char *listen; /* the option: host:port, [v6]:port or :port */
	int port;           /* the one it got; 0: it is not open */
	const char *root;   /* stands behind host and port; "" for none */
};

/* "scheme://host:port/root" for each listener and host. A listener on all addresses (0.0.0.0, [::], no host)
 * is announced with those that this machine has on its networks: neither loopback nor link-local ones, which
 * nobody else could use; with none of those as loopback. Then the brokers, without the name and password that
 * are used there. NULL-terminated, in the arena of config. */
const char *const *poa_own(struct config *config, const struct poa_listener *listeners, size_t count);

#endif
