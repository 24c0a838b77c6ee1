/* SPDX-License-Identifier: Apache-2.0 */
/* Cross-origin requests of browsers (the Fetch standard): off unless origins are listed. */
#ifndef DURE_BIND_BIND_CORS_H
#define DURE_BIND_BIND_CORS_H

#include "base/buf.h"
#include "net/http.h"

/* Appends what an answer needs so that a page of that origin may read it. origins: NULL-terminated, "*" for
 * all; NULL: nothing is appended. */
void bind_cors_answer(const char *const *origins, const struct http_exchange *exchange, struct buf *headers);
/* The same for an OPTIONS request. */
void bind_cors_preflight(const char *const *origins, const struct http_exchange *exchange,
                         const char *methods, struct buf *headers);

#endif
