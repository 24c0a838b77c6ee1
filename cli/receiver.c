/* SPDX-License-Identifier: Apache-2.0 */
/* The receiver and the client take turns in one thread. */
#include "cli/receiver.h"

#include "codec/json.h"
#include "model/prim.h"
#include "model/rsc.h"
#include "net/http.h"

#include <errno.h>
#include <stdlib.h>

#define TURN_US 2000 /* how long one of the two may wait while the other has something under way */

struct receiver {
	struct loop *loop;
	struct http_server *server;
	char host[64];
	receiver_fn *fn;
	void *user;
};

static void tell(struct receiver *receiver, unsigned number, const struct val *sgn)
{
	bool flag = false;
	struct receiver_event event = {.number = number, .sgn = sgn};
	if (val_is_bool(val_find(sgn, "vrq"), &flag) && flag)
		return;
	if (val_is_bool(val_find(sgn, "sud"), &flag))
		event.deleted = flag;
	const struct val *nev = val_find(sgn, "nev"), *rep = val_find(nev, "rep");
	val_is_int(val_find(nev, "net"), &event.net);
	if (rep && rep->kind == VAL_OBJ && rep->count == 1) {
		event.root = rep->first->name;
		event.rep = rep->first;
	}
	receiver->fn(receiver->user, &event);
}

static void answer(struct http_exchange *exchange, int status, const char *rsc)
{
	struct buf headers;
	buf_init(&headers, exchange->arena);
	buf_printf(&headers, "X-M2M-RSC: %s\r\n", rsc);
	struct slice rqi = http_header(exchange, SLICE("X-M2M-RI"));
	struct slice rvi = http_header(exchange, SLICE("X-M2M-RVI"));
	if (rqi.len)
		buf_printf(&headers, "X-M2M-RI: %.*s\r\n", SLICE_ARG(rqi));
	if (rvi.len)
		buf_printf(&headers, "X-M2M-RVI: %.*s\r\n", SLICE_ARG(rvi));
	http_answer(exchange, status, buf_slice(&headers), SLICE(""));
}

static void take_request(void *user, struct http_exchange *exchange)
{
	struct receiver *receiver = user;
	struct why why = {0};
	struct val *body = NULL;
	uint64_t number = 0;
	struct slice path = slice_skip(exchange->target, 1), digits;
	if (slice_cut(&path, '?', &digits))
		slice_u64(digits, &number);
	if (json_read(exchange->arena, exchange->body, NULL, &why, &body) != 0) {
		answer(exchange, 400, "4000");
		return;
	}
	answer(exchange, 200, "2000");
	const struct val *one = val_find(body, "m2m:sgn");
	const struct val *many = val_find(val_find(body, "m2m:agn"), "m2m:sgn");
	if (one)
		tell(receiver, (unsigned)number, one);
	if (many && many->kind == VAL_ARR)
		val_each (many, sgn)
			tell(receiver, (unsigned)number, sgn);
}

static void take_malformed(void *user, struct http_exchange *exchange, int status, const char *sentence)
{
	(void)user;
	http_answer(exchange, status, SLICE("Content-Type: text/plain\r\n"), slice_of(sentence));
}

int receiver_create(const char *listen, receiver_fn *fn, void *user, struct receiver **ret)
{
	struct receiver *receiver = calloc(1, sizeof(*receiver));
	if (!receiver)
		return -ENOMEM;
	struct http_handler handler = {
	        .request = take_request, .malformed = take_malformed, .user = receiver};
	receiver->fn = fn;
	receiver->user = user;
	const char *colon = strrchr(listen, ':');
	size_t len = colon ? (size_t)(colon - listen) : 0;
	if (!len || len >= sizeof(receiver->host)) {
		free(receiver);
		return -EINVAL;
	}
	memcpy(receiver->host, listen, len);
	int r = loop_create(&receiver->loop);
	if (!r)
		r = http_server_create(receiver->loop, listen, &http_limits_default, NULL, &handler,
		                       &receiver->server);
	if (r) {
		receiver_destroy(receiver);
		return r;
	}
	*ret = receiver;
	return 0;
}

void receiver_destroy(struct receiver *receiver)
{
	if (!receiver)
		return;
	if (receiver->server)
		http_server_destroy(receiver->server);
	if (receiver->loop)
		loop_destroy(receiver->loop);
	free(receiver);
}

struct slice receiver_url(const struct receiver *receiver, unsigned number, struct arena *arena)
{
	return arena_printf(arena, "http://%s:%d/%u", receiver->host, http_server_port(receiver->server),
	                    number);
}

int receiver_turn(struct receiver *receiver, int64_t wait_us)
{
	int r = loop_turn(receiver->loop, wait_us);
	return r < 0 && r != -EINTR ? r : 0;
}

/* receiver_call waits here. */
struct waiting {
	struct arena *arena;
	struct m2m_answer *ret;
	bool done;
};

static void call_done(void *user, const struct m2m_answer *got)
{
	struct waiting *waiting = user;
	*waiting->ret = *got;
	waiting->ret->pc = got->pc ? val_copy(waiting->arena, got->pc) : NULL;
	waiting->ret->private = NULL;
	waiting->ret->body = SLICE("");
	waiting->ret->rqi = waiting->ret->content_location = SLICE("");
	waiting->done = true;
}

int receiver_call(struct receiver *receiver, struct cli *cli, const struct m2m_request *request,
                  struct m2m_answer *ret)
{
	struct waiting waiting = {&cli->arena, ret, false};
	int r = cli_client(cli);
	if (r)
		return r;
	r = m2m_send(cli->client, request, call_done, &waiting);
	while (!r && !waiting.done) {
		r = m2m_run(cli->client, false);
		if (!r && !waiting.done)
			r = receiver_turn(receiver, TURN_US);
	}
	if (r) {
		fprintf(stderr, T(cli, FAULT), strerror(-r));
		return CLI_REFUSED;
	}
	return rsc_is_good(ret->rsc) ? CLI_GOOD : cli_refused(cli, ret, request->to);
}

int receiver_subscribe(struct receiver *receiver, struct cli *cli, const struct receiver_wish *wish,
                       const char **ret_sub)
{
	struct arena *arena = &cli->arena;
	struct val *pc = val_obj(arena), *sub = val_put(pc, SLICE("m2m:sub"), val_obj(arena));
	struct slice url = receiver_url(receiver, wish->number, arena), name;
	if (wish->name)
		val_put(sub, SLICE("rn"), val_str(arena, slice_of(wish->name)));
	val_push(val_put(sub, SLICE("nu"), val_arr(arena)), val_str(arena, url));
	struct val *enc = val_put(sub, SLICE("enc"), val_obj(arena));
	val_put(enc, SLICE("net"), val_json(arena, arena_printf(arena, "[%s]", wish->net)));
	val_put(sub, SLICE("nct"), val_int(arena, 1));
	struct m2m_request request = {.op = OP_CREATE,
	                              .to = wish->path,
	                              .ty = 23,
	                              .pc = pc,
	                              .query = "rcn=1",
	                              .originator = wish->originator};
	struct m2m_answer got;
	int r = receiver_call(receiver, cli, &request, &got);
	if (r)
		return r;
	if (!val_is_str(val_find(val_find(got.pc, "m2m:sub"), "rn"), &name)) {
		fprintf(stderr, T(cli, GARBAGE), cli->at, "m2m:sub/rn");
		return CLI_REFUSED;
	}
	*ret_sub = arena_text(arena, arena_printf(arena, "%s/%.*s", wish->path, SLICE_ARG(name)));
	return CLI_GOOD;
}
