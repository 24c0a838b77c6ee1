/* SPDX-License-Identifier: Apache-2.0 */
/* Which headers a page may send and read, prim.def says. */
#include "bind/bind_cors.h"

#include "model/prim.h"

/* The origin to name in the answer, or the empty slice. */
static struct slice cors_origin(const char *const *origins, const struct http_exchange *exchange)
{
	struct slice origin;

	if (!origins)
		return SLICE("");
	origin = http_header(exchange, SLICE("Origin"));
	for (; origin.len > 0 && *origins; origins++)
		if (slice_is_text(origin, *origins) || strcmp(*origins, "*") == 0)
			return origin;
	return SLICE("");
}

static void cors_names(struct buf *headers, enum prim_direction direction)
{
	for (int i = 0; i < PRIM_COUNT; i++)
		if (prim_rows[i].header[0] && (prim_rows[i].direction & direction)) {
			buf_add_lit(headers, ", ");
			buf_add_slice(headers, slice_of(prim_rows[i].header));
		}
	buf_add_lit(headers, "\r\n");
}

static bool cors_begin(const char *const *origins, const struct http_exchange *exchange, struct buf *headers)
{
	struct slice origin = cors_origin(origins, exchange);

	if (origins)
		buf_add_lit(headers, "Vary: Origin\r\n");
	if (origin.len == 0)
		return false;
	buf_add_lit(headers, "Access-Control-Allow-Origin: ");
	buf_add_slice(headers, origin);
	buf_add_lit(headers, "\r\n");
	return true;
}

void bind_cors_answer(const char *const *origins, const struct http_exchange *exchange, struct buf *headers)
{
	if (!cors_begin(origins, exchange, headers))
		return;
	buf_add_lit(headers, "Access-Control-Expose-Headers: Content-Location");
	cors_names(headers, PRIM_RSP);
}

void bind_cors_preflight(const char *const *origins, const struct http_exchange *exchange,
                         const char *methods, struct buf *headers)
{
	if (!cors_begin(origins, exchange, headers))
		return;
	buf_add_lit(headers, "Access-Control-Allow-Methods: ");
	buf_add_slice(headers, slice_of(methods));
	buf_add_lit(headers, "\r\nAccess-Control-Max-Age: 86400\r\n"
	                     "Access-Control-Allow-Headers: Content-Type, Accept, Authorization");
	cors_names(headers, PRIM_REQ);
}
