/* SPDX-License-Identifier: Apache-2.0 */
/* A whole message as text: "METHOD target", header lines, an empty line, the body. It is read as a request;
 * what was understood is written out again and read again, and must not change. */
#include <assert.h>

#include "base/utf8.h"
#include "codec/json.h"
#include "model/type.h"
#include "wire/wire_http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_HEADERS 32

static size_t fuzz_headers(struct slice *rest, struct wire_http_header *headers)
{
	struct slice line, name;
	size_t count = 0;

	while (slice_cut(rest, '\n', &line) && line.len > 0) {
		if (count == FUZZ_HEADERS || !slice_cut(&line, ':', &name))
			continue;
		while (line.len > 0 && line.ptr[0] == ' ')
			line = slice_skip(line, 1);
		headers[count++] = (struct wire_http_header){name, line};
	}
	return count;
}

/* What leaves must be one line per header, whatever came in. */
static void fuzz_write(const struct prim *prim, struct slice type, struct arena *arena)
{
	struct prim response = {0};
	struct buf headers, body;
	struct slice url;
	size_t lines = 0;
	int status;

	buf_init(&headers, arena);
	buf_init(&body, arena);
	response.at[PRIM_rqi] = prim->at[PRIM_rqi];
	response.at[PRIM_rvi] = prim->at[PRIM_rvi];
	response.at[PRIM_pc] = prim->at[PRIM_pc];
	response.at[PRIM_rsc] = val_int(arena, 2001);
	status = wire_http_write_as(prim, &response, type, &headers, &body);
	assert(status == 201);
	for (size_t i = 0; i < headers.len; i++)
		lines += headers.ptr[i] == '\n';
	assert(lines <= 5);
	headers.len = body.len = 0;
	wire_http_write_request(prim, SLICE("http://a"), arena, &headers, &body, &url);
	assert(headers.len == 0 ||
	       (!memchr(headers.ptr, '\n', headers.len) && !memchr(headers.ptr, '\r', headers.len)));
	for (size_t i = 0; i < url.len; i++)
		assert(url.ptr[i] > ' ' && (unsigned char)url.ptr[i] < 127);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wire_http_header headers[FUZZ_HEADERS];
	struct slice rest = {(const char *)data, size}, line = {0};
	struct wire_http_request message = {.headers = headers};
	struct why why = {0};
	struct prim prim;
	struct arena arena;
	int r;

	slice_cut(&rest, '\n', &line);
	slice_cut(&line, ' ', &message.method);
	message.target = line;
	message.header_count = fuzz_headers(&rest, headers);
	message.body = rest;
	type_init();
	arena_init(&arena);
	r = wire_http_read(&arena, &message, &why, &prim);
	assert(r >= 0 && r == why.rsc);
	assert(utf8_is_valid(slice_of(why.text)));
	if (r == 0) {
		fuzz_write(&prim, wire_http_answer_type(&message), &arena);
		fuzz_write(&prim, SLICE("application/cbor"), &arena);
		fuzz_write(&prim, SLICE("application/xml"), &arena);
	}
	arena_finish(&arena);
	return 0;
}
