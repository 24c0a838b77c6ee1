/* SPDX-License-Identifier: Apache-2.0 */
/* Who stands behind an HTTP request: what its header proves, else what TLS has proven. The latter is looked
 * up once a connection and remembered there; it holds until the credential is revoked.
 *
 * A connection from this machine is not always somebody on this machine. A proxy that says so by its headers
 * speaks for others. A browser sends the requests of any page (bind_origin.h). And a page of anywhere can
 * have its own name lead to 127.0.0.1 once the browser has loaded it, which then lets it ask us what it
 * likes: so who comes from here has to call us by a name that no stranger can own. */
#include "bind/bind_http_peer.h"

#include <strings.h>

#include "base/clock.h"
#include "bind/bind_origin.h"
#include "model/rsc.h"

static int peer_by_tls(struct auth *auth, const struct tls_peer *tls, void **slot, struct why *why,
                       const struct identity **ret)
{
	const struct identity *known = *slot;
	int r = 0;

	/* A certificate proves a name, which may have a new credential. But a key of that name is another one
	 * then, and not what this connection has shown. */
	if (known && known->revoked && tls->psk.len > 0)
		return refuse(why, RSC_SECURITY_ASSOCIATION_REQUIRED,
		              "the key of this connection was revoked: connect anew");
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

static bool peer_header_is(const struct http_header *header, struct slice name)
{
	return header->name.len == name.len && strncasecmp(header->name.ptr, name.ptr, name.len) == 0;
}

/* Headers by which a proxy says for whom it speaks. */
static bool peer_is_of_proxy(const struct http_header *header)
{
	switch (header->name.ptr[0] | 0x20) {
	case 'v':
		return peer_header_is(header, SLICE("Via"));
	case 'f':
		return peer_header_is(header, SLICE("Forwarded"));
	default:
		return peer_header_is(header, SLICE("X-Forwarded-For")) ||
		       peer_header_is(header, SLICE("X-Real-IP"));
	}
}

/* What the headers say of a request that comes from this machine. */
struct peer_signs {
	bool relayed; /* it comes in somebody else's name */
	bool browser; /* it may be that of a page */
};

/* Asked with every request, so most headers are told by their length and a letter. */
static void peer_header_signs(const struct http_header *header, struct peer_signs *signs)
{
	switch (header->name.len) {
	case 4:
		if (peer_header_is(header, SLICE("Host")) && !bind_origin_host_is_ours(header->value))
			signs->relayed = true;
		break;
	case 6:
		signs->browser = signs->browser || peer_header_is(header, SLICE("Origin"));
		break;
	case 14:
		signs->browser = signs->browser || peer_header_is(header, SLICE("Sec-Fetch-Site"));
		break;
	case 3:
	case 9:
	case 15:
		if ((header->name.ptr[2] | 0x20) != 'm' && peer_is_of_proxy(header))
			signs->relayed = true;
		break;
	}
}

/* On this machine, on a plain connection: is it somebody here who speaks? A page of an origin that was named
 * is believed to be an AE, but not to be the node's own administrator; any other foreign page is nobody. */
static void peer_look(const struct bind_http_config *config, const struct http_exchange *exchange,
                      struct req_peer *peer)
{
	struct peer_signs signs = {0};
	enum bind_origin origin = BIND_ORIGIN_NONE;

	for (size_t i = 0; i < exchange->header_count; i++)
		peer_header_signs(&exchange->headers[i], &signs);
	if (signs.browser)
		origin = bind_origin_of(exchange, config->cors_origins);
	peer->relayed = signs.relayed || origin >= BIND_ORIGIN_NAMED;
	peer->local = !config->tls && !signs.relayed && origin <= BIND_ORIGIN_NAMED;
}

/* Two proofs could be of two people, and who looked at the request before us may have seen the other one. */
static bool peer_has_two_proofs(const struct http_exchange *exchange)
{
	size_t count = 0;

	for (size_t i = 0; i < exchange->header_count; i++) {
		const struct http_header *header = &exchange->headers[i];

		count += peer_header_is(header, SLICE("Authorization")) && header->value.len > 0 &&
		         memchr(header->value.ptr, ' ', header->value.len);
	}
	return count > 1;
}

int bind_http_peer(const struct bind_http_config *config, struct http_exchange *exchange,
                   struct slice authorization, struct why *why, struct req_peer *ret)
{
	const struct tls_peer *tls = http_peer(exchange);
	int r = 0;

	*ret = (struct req_peer){.ip = exchange->peer};
	if (bind_is_loopback(exchange->peer))
		peer_look(config, exchange, ret);
	if (!config->auth)
		return 0;
	if (authorization.len > 0 && peer_has_two_proofs(exchange))
		return refuse(why, RSC_SECURITY_ASSOCIATION_REQUIRED,
		              "Authorization: two proofs; expected one");
	if (authorization.len > 0)
		r = auth_header(config->auth, exchange->peer, clock_wall_steady(), authorization, why,
		                &ret->identity);
	if (r == 0 && !ret->identity && tls && (tls->verified || tls->psk.len > 0))
		r = peer_by_tls(config->auth, tls, http_slot(exchange), why, &ret->identity);
	return r;
}
