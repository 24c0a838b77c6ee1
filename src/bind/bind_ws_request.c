/* SPDX-License-Identifier: Apache-2.0 */
/* Messages that come: each is a request of theirs, which goes to the engine and comes back, or the answer to
 * one of ours. */
#include "base/clock.h"
#include "base/log.h"
#include "bind/bind_ws_private.h"
#include "model/rsc.h"
#include "net/ws_frames.h"

static void walks_add(struct walks *walks, struct walk *walk)
{
	walk->prev = NULL;
	walk->next = walks->first;
	if (walks->first)
		walks->first->prev = walk;
	walks->first = walk;
	walks->count++;
	walks->bytes += walk->size;
}

static void walks_remove(struct walks *walks, struct walk *walk)
{
	*(walk->prev ? &walk->prev->next : &walks->first) = walk->next;
	if (walk->next)
		walk->next->prev = walk->prev;
	walks->count--;
	walks->bytes -= walk->size;
}

void session_orphan(struct session *session)
{
	while (session->walks.first) {
		struct walk *walk = session->walks.first;

		walks_remove(&session->walks, walk);
		walk->session = NULL;
		walks_add(&session->bind->orphans, walk);
	}
}

bool session_is_trusted(struct session *session)
{
	if (!session->peer.identity || !session->peer.identity->revoked)
		return true;
	ws_close(session->ws, WS_POLICY, "the credential was revoked");
	return false;
}

int session_send(struct session *session, struct arena *arena, const struct prim *prim,
                 enum prim_direction direction)
{
	struct buf payload;
	int r;

	buf_init(&payload, arena);
	wire_payload_write(&payload, session->encoding, prim, direction);
	r = ws_send(session->ws, session->encoding == ENCODING_CBOR, buf_slice(&payload));
	if (r == 0)
		session->bind->stats.sent++;
	else
		session->bind->stats.dropped++;
	return r;
}

/* Sends an answer. Who does not take his answers has no use for the connection. */
static void session_respond(struct session *session, struct arena *arena, const struct prim *response)
{
	if (session_send(session, arena, response, PRIM_RSP) == -ENOBUFS)
		ws_close(session->ws, WS_POLICY, "too many answers are not taken");
}

/* An answer of our own: the code, the sentence, and what of the request must come back. */
static void session_refuse(struct session *session, struct arena *arena, const struct prim *in, int rsc,
                           const char *sentence)
{
	struct prim out = {0};
	struct val *pc = val_obj(arena);

	val_put(pc, SLICE("m2m:dbg"), val_str(arena, slice_of(sentence)));
	out.at[PRIM_rsc] = val_int(arena, rsc);
	out.at[PRIM_rqi] = in->at[PRIM_rqi];
	out.at[PRIM_rvi] = in->at[PRIM_rvi];
	out.at[PRIM_pc] = pc;
	session_respond(session, arena, &out);
}

/* Whoever was heard can be reached here from now on. Who registers gets his name only then; but who reads of
 * an AE is not that AE. Who was refused must not take the place of another. */
static void session_learn(struct session *session, struct req *req)
{
	struct slice fr = prim_text(&req->in, PRIM_fr);

	if (prim_int(&req->out, PRIM_rsc, 0) / 1000 != 2)
		return;
	if (fr.len < 2)
		fr = req->op == OP_CREATE && req->type && req->type->number == TYPE_AE ? req->made_owner
		                                                                       : SLICE("");
	session_bind(session, fr, &req->arena);
}

static void request_answered(struct req *req)
{
	struct walk *walk = req->user;
	struct session *session = walk->session;
	int rsc = (int)prim_int(&req->out, PRIM_rsc, 0);

	if (walk->began)
		log_debug("ws", "%s op %lld %.*s %d %lld us", req->peer.ip,
		          (long long)prim_int(&req->in, PRIM_op, 0), SLICE_ARG(prim_text(&req->in, PRIM_to)),
		          rsc, (long long)(clock_wall_steady() - walk->began));
	if (session) {
		walks_remove(&session->walks, walk);
		session_learn(session, req);
		if (!req->silent)
			session_respond(session, &req->arena, &req->out);
		if (session->leaving && session->walks.count == 0)
			ws_close(session->ws, WS_AWAY, "the node stops");
	} else if (walk->bind) {
		walks_remove(&walk->bind->orphans, walk);
		walk->bind->stats.dropped++;
	}
	req_destroy(req);
}

static void session_request(struct session *session, struct req *req, size_t size)
{
	struct bind_ws *bind = session->bind;
	struct walk *walk = arena_new(&req->arena, struct walk);

	if (session->walks.count >= bind->config.in_flight || session->walks.bytes > SESSION_BYTES) {
		session_refuse(session, &req->arena, &req->in, RSC_SERVICE_SUBSCRIPTION_LIMITS_EXCEEDED,
		               "too many requests of this connection are not answered yet");
		req_destroy(req);
		return;
	}
	if (session->leaving) {
		session_refuse(session, &req->arena, &req->in, RSC_TARGET_NOT_REACHABLE, "the node stops");
		req_destroy(req);
		return;
	}
	walk->bind = bind;
	walk->session = session;
	walk->size = size;
	walk->began = log_wants(LOG_DEBUG) ? clock_wall_steady() : 0;
	walks_add(&session->walks, walk);
	req->peer = session->peer;
	req->peer.ip = arena_text(&req->arena, slice_of(session->ip));
	req->answered = request_answered;
	req->user = walk;
	engine_submit(req);
}

/* Not a primitive. When it says at least which request it wants to be, it gets an answer. */
static void session_malformed(struct session *session, struct req *req, enum prim_direction direction, int r,
                              const char *sentence)
{
	session->bind->stats.malformed++;
	if (direction == PRIM_RSP) {
		req->in.at[PRIM_rsc] = NULL;
		session_answer(session, &req->in);
	} else if (prim_text(&req->in, PRIM_rqi).len > 0) {
		session_refuse(session, &req->arena, &req->in, r > 0 ? r : RSC_INTERNAL_SERVER_ERROR,
		               sentence);
	} else {
		ws_close(session->ws, WS_NOT_UTF8, sentence);
	}
}

void session_message(void *user, struct ws *ws, bool binary, struct slice bytes)
{
	struct session *session = user;
	enum prim_direction direction = PRIM_REQ;
	struct why why = {0};
	struct req *req;
	int r;

	session->bind->stats.received++;
	if (!session_is_trusted(session))
		return;
	if (binary != (session->encoding == ENCODING_CBOR)) {
		session->bind->stats.malformed++;
		ws_close(ws, WS_UNSUPPORTED, binary ? "expected text messages" : "expected binary messages");
		return;
	}
	req = req_create(session->bind->engine);
	/* What was read points into the bytes. */
	bytes = arena_copy(&req->arena, bytes);
	r = wire_payload_read_any(&req->arena, session->encoding, bytes, &why, &req->in, &direction);
	if (r == 0 && direction == PRIM_REQ) {
		session_request(session, req, bytes.len);
		return;
	}
	if (r == 0)
		session_answer(session, &req->in);
	else
		session_malformed(session, req, direction, r, why.text);
	req_destroy(req);
}
