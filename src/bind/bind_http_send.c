/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP out: a request primitive becomes a call of the client, its reply a response primitive. */
#include "base/log.h"
#include "base/mem.h"
#include "bind/bind_http.h"
#include "wire/wire_http.h"

#include <errno.h>
#include <stdlib.h>

#define SEND_LINES 64 /* header lines of a request; there are not as many rows with a header */

struct sending {
	void (*done)(void *user, int result, const struct prim *response);
	void *user;
};

/* The headers of the reply that mean something to us. */
static size_t send_headers(const struct http_reply *reply, struct wire_http_header *headers)
{
	size_t count = 0;
	const char *value;

	for (int i = 0; i < PRIM_COUNT; i++) {
		if (!prim_rows[i].header[0] || !(prim_rows[i].direction & PRIM_RSP))
			continue;
		value = reply->header(reply, prim_rows[i].header);
		if (!value)
			continue;
		headers[count].name = slice_of(prim_rows[i].header);
		headers[count++].value = slice_of(value);
	}
	value = reply->header(reply, "Content-Type");
	if (value) {
		headers[count].name = SLICE("Content-Type");
		headers[count++].value = slice_of(value);
	}
	return count;
}

static void send_done(void *user, const struct http_reply *reply)
{
	struct wire_http_header headers[PRIM_COUNT + 1];
	struct sending sending = *(struct sending *)user;
	struct prim response;
	struct arena arena;
	struct why why = {0};
	int r;

	free(user);
	if (reply->status == 0) {
		log_debug("http", "no answer: %s", reply->error);
		sending.done(sending.user, reply->fault ? reply->fault : -EIO, NULL);
		return;
	}
	arena_init(&arena);
	r = wire_http_read_reply(&arena, reply->status, headers, send_headers(reply, headers), reply->body,
	                         &why, &response);
	if (r != 0) {
		log_debug("http", "the reply makes no sense: %s", why.text);
		sending.done(sending.user, -EBADMSG, NULL);
	} else {
		sending.done(sending.user, 0, &response);
	}
	arena_finish(&arena);
}

static void send_dropped(void *user)
{
	struct sending sending = *(struct sending *)user;

	free(user);
	sending.done(sending.user, -ECANCELED, NULL);
}

int bind_http_send(void *ctx, struct slice url, const struct prim *request, int64_t timeout_us,
                   void (*done)(void *user, int result, const struct prim *response), void *user)
{
	const char *lines[SEND_LINES + 1];
	struct sending *sending;
	struct slice rest, full;
	struct buf headers, body;
	struct http_call call = {
	        .headers = lines, .timeout_us = timeout_us, .done = send_done, .drop = send_dropped};
	struct arena arena;
	size_t count = 0;
	int r;

	arena_init(&arena);
	buf_init(&headers, &arena);
	buf_init(&body, &arena);
	call.method = wire_http_write_request(request, url, &arena, &headers, &body, &full);
	for (rest = buf_slice(&headers); rest.len > 0 && count < SEND_LINES; count++) {
		lines[count] = rest.ptr;
		rest = slice_skip(rest, strlen(rest.ptr) + 1);
	}
	lines[count] = NULL;
	call.url = full.ptr;
	call.body = buf_slice(&body);
	call.user = sending = mem_zero(1, sizeof(*sending));
	sending->done = done;
	sending->user = user;
	r = http_client_send(ctx, &call);
	if (r != 0)
		free(sending);
	arena_finish(&arena);
	return r;
}
