/* SPDX-License-Identifier: Apache-2.0 */
/* Loads the WebSocket door with retrieves and tells in one line how it did, in the words of load.c. One
 * thread; on each connection one request in flight.
 *
 *     ws_load --port 8080 --connections 64 --seconds 4 --over 1000 --encoding cbor cse-in/bench/c%c
 *
 * %c is the number of a container, drawn anew for every request. */
#include "base/buf.h"
#include "base/clock.h"
#include "base/timer.h"
#include "bench/measure.h"
#include "bench/reactor.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define ROOM 65536

struct load;

struct connection {
	struct reactor_item item;
	struct load *load;
	int fd;
	bool open; /* the handshake is through */
	struct buf in;
	int64_t asked;
};

struct load {
	uint64_t port, connections, over;
	double seconds;
	const char *originator, *to;
	const char *encoding;
	struct connection *all;
	struct buf payload, frame;
	struct measure m;
	uint64_t opened, asked;
	int64_t stop_at;
	bool stopped;
};

/* --- what is asked --- */

/* A member of the request: "to" and a text. */
static void put_member(struct buf *out, char encoding, const char *name, struct slice text)
{
	if (encoding == 'x') {
		buf_printf(out, "<%s>%.*s</%s>", name, SLICE_ARG(text), name);
		return;
	}
	if (encoding == 'j') {
		buf_printf(out, ",\"%s\":\"%.*s\"", name, SLICE_ARG(text));
		return;
	}
	buf_add_char(out, (char)(0x60 | strlen(name)));
	buf_add_slice(out, slice_of(name));
	if (text.len >= 24) {
		buf_add_char(out, 0x78);
		buf_add_char(out, (char)text.len);
	} else {
		buf_add_char(out, (char)(0x60 | text.len));
	}
	buf_add_slice(out, text);
}

static void put_request(struct load *load, struct buf *out)
{
	const char *mark = strstr(load->to, "%c");
	char encoding = load->encoding[0], to[256], number[32];

	if (mark)
		snprintf(to, sizeof(to), "%.*s%" PRIu64 "%s", (int)(mark - load->to), load->to,
		         measure_draw(&load->m, load->over), mark + 2);
	else
		snprintf(to, sizeof(to), "%s", load->to);
	snprintf(number, sizeof(number), "r%" PRIu64, load->asked++);
	out->len = 0;
	if (encoding == 'j')
		buf_add_lit(out, "{\"op\":2");
	else if (encoding == 'c')
		buf_add_lit(out, "\xa5\x62op\x02");
	else
		buf_add_lit(out, "<m2m:rqp xmlns:m2m=\"http://www.onem2m.org/xml/protocols\"><op>2</op>");
	put_member(out, encoding, "to", slice_of(to));
	put_member(out, encoding, "fr", slice_of(load->originator));
	put_member(out, encoding, "rqi", slice_of(number));
	put_member(out, encoding, "rvi", SLICE("3"));
	if (encoding == 'j')
		buf_add_char(out, '}');
	else if (encoding == 'x')
		buf_add_lit(out, "</m2m:rqp>");
}

/* A whole masked frame. RFC 6455 5.2 */
static void put_frame(struct load *load)
{
	static const char mask[4] = {0x12, 0x34, 0x56, 0x78};
	struct buf *out = &load->frame, *payload = &load->payload;

	out->len = 0;
	buf_add_char(out, (char)(load->encoding[0] == 'c' ? 0x82 : 0x81));
	if (payload->len < 126) {
		buf_add_char(out, (char)(0x80 | payload->len));
	} else {
		buf_add_char(out, (char)0xfe);
		buf_add_char(out, (char)(payload->len >> 8));
		buf_add_char(out, (char)payload->len);
	}
	buf_add(out, mask, 4);
	for (size_t i = 0; i < payload->len; i++)
		buf_add_char(out, payload->ptr[i] ^ mask[i % 4]);
}

static void lose(struct connection *connection, const char *why)
{
	measure_lose(&connection->load->m, why);
	close(connection->fd);
	connection->fd = -1;
}

static void push(struct connection *connection, struct slice bytes)
{
	/* Small enough to go out whole, one at a time. */
	if (send(connection->fd, bytes.ptr, bytes.len, MSG_NOSIGNAL) != (ssize_t)bytes.len)
		lose(connection, "cannot send");
}

static void ask(struct connection *connection, int64_t now)
{
	struct load *load = connection->load;

	if (load->stopped)
		return;
	put_request(load, &load->payload);
	put_frame(load);
	connection->asked = now;
	push(connection, buf_slice(&load->frame));
}

static void shake(struct connection *connection)
{
	struct load *load = connection->load;

	load->frame.len = 0;
	buf_printf(&load->frame,
	           "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
	           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
	           "Sec-WebSocket-Protocol: oneM2M.%s\r\n\r\n",
	           load->encoding);
	push(connection, buf_slice(&load->frame));
}

/* --- what is answered --- */

static bool is_good(const struct load *load, struct slice payload)
{
	static const struct slice json = SLICE_INIT("\"rsc\":2000"), xml = SLICE_INIT("<rsc>2000</rsc>"),
	                          cbor = SLICE_INIT("\x63rsc\x19\x07\xd0");
	struct slice want = load->encoding[0] == 'j' ? json : load->encoding[0] == 'x' ? xml : cbor;

	return memmem(payload.ptr, payload.len, want.ptr, want.len) != NULL;
}

static void take_answer(struct connection *connection, struct slice payload, int64_t now)
{
	struct load *load = connection->load;

	measure_answer(&load->m, connection->asked, now, payload.len);
	if (!is_good(load, payload))
		measure_refuse(&load->m, "%.*s", payload.len > 190 ? 190 : (int)payload.len, payload.ptr);
	ask(connection, now);
}

/* The length of a whole frame of a server at the start of `in`, 0: not all there; *ret_payload is in it. */
static size_t frame_length(struct slice in, struct slice *ret_payload)
{
	const uint8_t *at = (const uint8_t *)in.ptr;
	size_t head = 2, len = in.len < 2 ? 0 : at[1] & 127;

	if (in.len < 2 || (len == 126 && in.len < 4) || (len == 127 && in.len < 10))
		return 0;
	if (len == 126) {
		head = 4;
		len = (size_t)at[2] << 8 | at[3];
	} else if (len == 127) {
		head = 10;
		len = 0;
		for (int i = 2; i < 10; i++)
			len = len << 8 | at[i];
	}
	if (in.len < head + len)
		return 0;
	*ret_payload = slice_make(in.ptr + head, len);
	return head + len;
}

static void take_shake(struct connection *connection)
{
	struct buf *in = &connection->in;
	const char *end = memmem(in->ptr, in->len, "\r\n\r\n", 4);

	if (!end)
		return;
	if (!slice_starts(buf_slice(in), SLICE("HTTP/1.1 101"))) {
		lose(connection, "no handshake");
		return;
	}
	/* Nobody speaks before we do. */
	in->len = 0;
	connection->open = true;
	connection->load->opened++;
}

static void take_frames(struct connection *connection, int64_t now)
{
	struct buf *in = &connection->in;
	struct slice rest = buf_slice(in), payload;
	size_t n;

	while (connection->fd >= 0 && (n = frame_length(rest, &payload)) > 0) {
		uint8_t kind = (uint8_t)rest.ptr[0] & 15;

		if (kind == 8)
			lose(connection, "closed");
		else if (kind == 9)
			push(connection, SLICE("\x8a\x80\0\0\0\0"));
		else
			take_answer(connection, payload, now);
		rest = slice_skip(rest, n);
	}
	if (rest.len > 0 && rest.ptr != in->ptr)
		memmove(in->ptr, rest.ptr, rest.len);
	in->len = rest.len;
}

static void ready(struct reactor_item *item, uint32_t events)
{
	struct connection *connection = container_of(item, struct connection, item);

	while (connection->fd >= 0) {
		ssize_t n = recv(connection->fd, buf_room(&connection->in, ROOM), ROOM, 0);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0) {
			lose(connection, "the server hung up");
			return;
		}
		connection->in.len += (size_t)n;
		if (connection->open)
			take_frames(connection, clock_wall_steady());
		else
			take_shake(connection);
		if (n < ROOM)
			return;
	}
}

/* --- the run --- */

static int open_all(struct load *load, struct reactor *reactor)
{
	load->all = calloc(load->connections, sizeof(*load->all));
	if (!load->all)
		return -ENOMEM;
	for (uint64_t i = 0; i < load->connections; i++) {
		struct connection *connection = &load->all[i];
		int r;

		connection->item.ready = ready;
		connection->load = load;
		connection->fd = reactor_connect((uint16_t)load->port);
		if (connection->fd < 0)
			return connection->fd;
		r = reactor_watch(reactor, connection->fd, &connection->item);
		if (r < 0)
			return r;
		shake(connection);
		while (load->opened + load->m.lost + 64 < i && r >= 0)
			r = reactor_turn(reactor, 5000);
	}
	while (load->opened + load->m.lost < load->connections)
		if (reactor_turn(reactor, 5000) < 0)
			return -EIO;
	return load->m.lost ? -ECONNREFUSED : 0;
}

static int run(struct load *load)
{
	struct reactor reactor;
	int r = reactor_init(&reactor);

	if (r == 0)
		r = open_all(load, &reactor);
	if (r < 0) {
		fprintf(stderr, "ws_load: port %" PRIu64 ": %s %s\n", load->port, strerror(-r),
		        load->m.trouble);
		return 1;
	}
	measure_begin(&load->m);
	load->stop_at = load->m.begun + (int64_t)(load->seconds * 1e6);
	for (uint64_t i = 0; i < load->connections; i++)
		ask(&load->all[i], load->m.begun);
	while (r == 0 && load->m.lost < load->connections && !load->stopped) {
		r = reactor_turn(&reactor, 5000);
		load->stopped = clock_wall_steady() >= load->stop_at;
	}
	measure_report(&load->m, "ws_load");
	return load->m.lost || load->m.refused || r < 0;
}

static int usage(void)
{
	fputs("usage: ws_load --port PORT [options] TO\n"
	      "  --connections N    one request in flight on each (64)\n"
	      "  --seconds S        how long (4)\n"
	      "  --over N           %c is drawn from 0..N-1 (1)\n"
	      "  --originator ID    fr (CAdmin)\n"
	      "  --encoding E       json, cbor or xml (json)\n"
	      "  --pid PID          the server: tell the processor time of one request\n",
	      stderr);
	return 2;
}

static bool take_option(struct load *load, int option)
{
	switch (option) {
	case 'p':
		return slice_u64(slice_of(optarg), &load->port);
	case 'n':
		return slice_u64(slice_of(optarg), &load->connections);
	case 'o':
		return slice_u64(slice_of(optarg), &load->over);
	case 'P':
		return slice_u64(slice_of(optarg), &load->m.pid);
	case 's':
		return sscanf(optarg, "%lf", &load->seconds) == 1;
	case 'O':
		load->originator = optarg;
		return true;
	case 'e':
		load->encoding = optarg;
		return true;
	}
	return false;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
	        {"port", required_argument, NULL, 'p'},       {"connections", required_argument, NULL, 'n'},
	        {"seconds", required_argument, NULL, 's'},    {"over", required_argument, NULL, 'o'},
	        {"originator", required_argument, NULL, 'O'}, {"encoding", required_argument, NULL, 'e'},
	        {"pid", required_argument, NULL, 'P'},        {NULL, 0, NULL, 0},
	};
	static struct load load = {
	        .connections = 64, .over = 1, .seconds = 4, .originator = "CAdmin", .encoding = "json"};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		if (!take_option(&load, option))
			return usage();
	if (optind + 1 != argc)
		return usage();
	load.to = argv[optind];
	if (!load.port || load.port > 65535 || !load.connections || !load.over || !load.encoding[0] ||
	    !strchr("jcx", load.encoding[0]))
		return usage();
	return run(&load);
}
