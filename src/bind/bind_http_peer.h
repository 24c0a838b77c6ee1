/* SPDX-License-Identifier: Apache-2.0 */
/* Who stands behind an HTTP request, as far as it was proven. */
#ifndef DURE_BIND_BIND_HTTP_PEER_H
#define DURE_BIND_BIND_HTTP_PEER_H

#include "bind/bind_http.h"

/* authorization: the value of that header when it is a proof ("Basic ...", "Bearer ..."), else empty. The
 * header counts before the certificate or key of the connection. 0, a refusal (4107: what was offered proves
 * nothing, or not any more), or -errno. ret->ip lives as long as the exchange. TS-0003 8.2 */
MUST_CHECK int bind_http_peer(const struct bind_http_config *config, struct http_exchange *exchange,
                              struct slice authorization, struct why *why, struct req_peer *ret);

#endif
