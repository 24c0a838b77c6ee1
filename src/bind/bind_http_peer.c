/* SPDX-License-Identifier: Apache-2.0 */
/* Who stands behind an HTTP request: what its header proves, else what TLS has proven. The latter is looked
 * up once a connection and remembered there; it holds until the credential is revoked. */
#include "bind/bind_http_peer.h"

#include "base/clock.h"

static int peer_by_tls(struct auth *auth, const struct tls_peer *tls, void **slot, struct why *why,
                       const struct identity **ret)
{
	const struct identity *known = *slot;
	int r = 0;

	if (!known || known->revoked) {
		*slot = NULL;
		r = tls->psk.len > 0 ? auth_psk(auth, tls->psk, why, &known)
		                     : auth_certificate(auth, tls->names, tls->fingerprint, why, &known);
	}
	if (r == 0)
		*slot = (void *)(uintptr_t)known;
	*ret = r == 0 ? known : NULL;
	return r;
}

int bind_http_peer(const struct bind_http_config *config, struct http_exchange *exchange,
                   struct slice authorization, struct why *why, struct req_peer *ret)
{
	const struct tls_peer *tls = http_peer(exchange);
	int r = 0;

	*ret = (struct req_peer){.ip = exchange->peer,
	                         .local = !config->tls && bind_is_loopback(exchange->peer)};
	if (!config->auth)
		return 0;
	if (authorization.len > 0)
		r = auth_header(config->auth, exchange->peer, clock_wall_steady(), authorization, why,
		                &ret->identity);
	if (r == 0 && !ret->identity && tls && (tls->verified || tls->psk.len > 0))
		r = peer_by_tls(config->auth, tls, http_slot(exchange), why, &ret->identity);
	return r;
}
