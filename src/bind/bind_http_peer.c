/* SPDX-License-Identifier: Apache-2.0 */
/* Who stands behind an HTTP request: what its header proves, else what TLS has proven. The latter is looked
 * up once a connection and remembered there; it holds until the credential is revoked.
 *
 * A connection from this machine is not always somebody on this machine. A proxy that says so by its headers
 * speaks for others. And a page of anywhere can have its own name lead to 127.0.0.1 once the browser has
 * loaded it, which then lets it ask us what it likes: so who comes from here has to call us by a name that no
 * stranger can own. */
#include "bind/bind_http_peer.h"

#include <strings.h>

#include "base/clock.h"
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

/* "127.0.0.1:8080", "[::1]", "localhost", "box:8080", and what ends in .localhost; no other name with a dot
 * in it, for that could be anybody's. */
static bool peer_host_is_ours(struct slice host)
{
	static const struct slice localhost = SLICE_INIT(".localhost");
	bool number = true, dotted = false;
	size_t len = 0;

	if (host.len > 0 && host.ptr[0] == '[')
		return true;
	for (; len < host.len && host.ptr[len] != ':'; len++) {
		dotted = dotted || host.ptr[len] == '.';
		number = number && (host.ptr[len] == '.' || (host.ptr[len] >= '0' && host.ptr[len] <= '9'));
	}
	return number || !dotted ||
	       (len > localhost.len &&
	        strncasecmp(host.ptr + len - localhost.len, localhost.ptr, localhost.len) == 0);
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

/* Does it come, from this machine, in somebody else's name? Asked with every request, so most headers are
 * told by their length and a letter. */
static bool peer_is_relayed(const struct http_exchange *exchange)
{
	for (size_t i = 0; i < exchange->header_count; i++) {
		const struct http_header *header = &exchange->headers[i];
		size_t len = header->name.len;

		if (len == 4 && peer_header_is(header, SLICE("Host")) && !peer_host_is_ours(header->value))
			return true;
		if ((len == 3 || len == 9 || len == 15) && (header->name.ptr[2] | 0x20) != 'm' &&
		    peer_is_of_proxy(header))
			return true;
	}
	return false;
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
	bool here = bind_is_loopback(exchange->peer), relayed = here && peer_is_relayed(exchange);
	int r = 0;

	*ret = (struct req_peer){
	        .ip = exchange->peer, .local = here && !relayed && !config->tls, .relayed = relayed};
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
