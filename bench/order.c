/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/order.h"

#include <inttypes.h>

bool order_read(struct order *order, const char *text)
{
	struct slice rest = slice_of(text), method;

	*order = (struct order){0};
	if (!slice_cut(&rest, ' ', &method) || !slice_cut(&rest, ' ', &order->path))
		return false;
	order->body = rest;
	if (!slice_cut(&method, ':', &order->method) || !order->path.len || *order->path.ptr != '/')
		return false;
	return method.len == 0 || slice_u64(method, &order->ty);
}

/* "%xa1": a byte. Returns how many characters behind the x were used. */
static size_t fill_byte(struct buf *out, struct slice rest)
{
	static const char digits[] = "0123456789abcdef";
	unsigned byte = 0;
	size_t n = 0;

	for (; n < 2 && n < rest.len && rest.ptr[n] && strchr(digits, rest.ptr[n]); n++)
		byte = byte << 4 | (unsigned)(strchr(digits, rest.ptr[n]) - digits);
	buf_add_char(out, (char)byte);
	return n;
}

static void fill(struct buf *out, struct slice pattern, const struct order_values *values)
{
	for (size_t i = 0; i < pattern.len; i++) {
		const char *percent = memchr(pattern.ptr + i, '%', pattern.len - i);
		size_t plain = percent ? (size_t)(percent - pattern.ptr) - i : pattern.len - i;

		buf_add(out, pattern.ptr + i, plain);
		i += plain + 1;
		if (i >= pattern.len)
			return;
		if (pattern.ptr[i] == 'c')
			buf_add_u64(out, values->container);
		else if (pattern.ptr[i] == 'n')
			buf_add_u64(out, values->number);
		else if (pattern.ptr[i] == 't')
			buf_add_u64(out, values->turn);
		else if (pattern.ptr[i] == 'x')
			i += fill_byte(out, slice_skip(pattern, i + 1));
		else if (pattern.ptr[i] == 'p')
			buf_printf(out, "%010" PRIu64, values->number);
		else
			buf_add_char(out, pattern.ptr[i]);
	}
}

void order_write(const struct order *order, const struct order_values *values, struct buf *scratch,
                 struct buf *out)
{
	scratch->len = 0;
	fill(scratch, order->body, values);
	buf_add_slice(out, order->method);
	buf_add_char(out, ' ');
	fill(out, order->path, values);
	buf_add_lit(out, " HTTP/1.1\r\nHost: 127.0.0.1\r\n");
	buf_add_lit(out, "X-M2M-Origin: ");
	buf_add_slice(out, slice_of(values->originator));
	buf_add_lit(out, "\r\nX-M2M-RVI: 3\r\nX-M2M-RI: r");
	buf_add_u64(out, values->number);
	buf_add_lit(out, "\r\n");
	if (values->type) {
		buf_add_lit(out, "Accept: ");
		buf_add_slice(out, slice_of(values->type));
		buf_add_lit(out, "\r\n");
	}
	if (scratch->len) {
		buf_add_lit(out, "Content-Type: ");
		buf_add_slice(out, slice_of(values->type ? values->type : "application/json"));
		if (order->ty) {
			buf_add_lit(out, ";ty=");
			buf_add_u64(out, order->ty);
		}
		buf_add_lit(out, "\r\nContent-Length: ");
		buf_add_u64(out, scratch->len);
		buf_add_lit(out, "\r\n");
	}
	buf_add_lit(out, "\r\n");
	buf_add_slice(out, buf_slice(scratch));
}
