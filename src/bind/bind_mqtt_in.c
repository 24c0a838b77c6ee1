/* SPDX-License-Identifier: Apache-2.0 */
/* Requests to us. A message is first looked up among those of late: one that was answered gets its answer
 * again, one under way gets none of its own. What is new is read, its speaker identified by the topic, and
 * handed to the engine; the answer is remembered before it is sent.
 *
 * A RETRIEVE, and what was refused, is remembered only while it is under way: to do it again harms nobody,
 * and a careless client that asks with the same identifier again and again wants news. */
#include <errno.h>

#include "base/clock.h"
#include "base/log.h"
#include "bind/bind_mqtt_private.h"
#include "engine/forward.h"
#include "model/rsc.h"
#include "model/type.h"
#include "wire/wire_body.h"

#define WALKS_MOST 16384 /* requests in the engine: one may wait there as long as it says */

static struct slice in_bytes(struct arena *arena, const struct wire_mqtt_topic *topic, const struct prim *out)
{
	struct buf buf;

	buf_init(&buf, arena);
	wire_payload_write(&buf, topic->encoding, out, PRIM_RSP);
	return buf_slice(&buf);
}

static void in_publish(struct broker *broker, struct arena *arena, const struct wire_mqtt_topic *request,
                       struct slice payload)
{
	struct wire_mqtt_topic topic = wire_mqtt_answer_topic(request);
	struct buf buf;

	buf_init(&buf, arena);
	wire_mqtt_write_topic(&buf, &topic);
	/* An answer that can't be sent now is still remembered: it goes out when it is asked for again. */
	bind_mqtt_broker_publish(broker, buf.ptr, payload);
}

/* From and to whom, as far as the request told. */
static void in_address(const struct bind_mqtt *bind, struct arena *arena, const struct prim *in,
                       struct prim *out)
{
	if (!out->at[PRIM_fr])
		out->at[PRIM_fr] = val_str(arena, engine_self(bind->engine)->csi);
	if (!out->at[PRIM_to] && prim_text(in, PRIM_fr).len > 1)
		out->at[PRIM_to] = in->at[PRIM_fr];
}

/* The entity that has spoken: an AE that was just made has an identifier of its own. */
static struct slice in_entity(const struct req *req)
{
	return req->op == OP_CREATE && req->type && req->made_owner.len > 0 && req->type->number == TYPE_AE
	               ? req->made_owner
	               : req->from;
}

static void in_remember_route(const struct walk *walk, struct req *req)
{
	const struct id_self *self = engine_self(walk->bind->engine);
	struct slice entity = in_entity(req), level = walk->topic.originator;

	if (entity.len == 0 || !rsc_is_good((int)prim_int(&req->out, PRIM_rsc, 0)))
		return;
	/* The topic of a registration names a credential; then it will listen under what it is called now. */
	if (!wire_mqtt_is(self, level, entity, &req->arena))
		level = wire_mqtt_escape(entity, &req->arena);
	bind_mqtt_route_spoke(walk->bind->routes, entity, level, walk->broker, walk->topic.encoding);
}

/* What left no trace may be done again: reads, and what was refused. So strangers, who may do nothing, cost
 * no memory. */
static bool in_is_worth_remembering(const struct req *req)
{
	return req->op != OP_RETRIEVE && (req->silent || rsc_is_good((int)prim_int(&req->out, PRIM_rsc, 0)));
}

static void in_answered(struct req *req)
{
	struct walk *walk = req->user;
	struct bind_mqtt *bind = walk->bind;
	struct slice payload = {0};

	if (!bind) {
		req_destroy(req);
		return;
	}
	bind->walk_count--;
	*(walk->prev ? &walk->prev->next : &bind->walks) = walk->next;
	if (walk->next)
		walk->next->prev = walk->prev;
	if (!req->silent) {
		in_address(bind, &req->arena, &req->in, &req->out);
		payload = in_bytes(&req->arena, &walk->topic, &req->out);
	}
	if (!in_is_worth_remembering(req))
		recent_forget(bind->recent, walk->key);
	else
		recent_answer(bind->recent, walk->key, loop_wall(bind->loop), payload);
	in_remember_route(walk, req);
	if (payload.len > 0)
		in_publish(walk->broker, &req->arena, &walk->topic, payload);
	req_destroy(req);
}

void bind_mqtt_in_abandon(struct bind_mqtt *bind)
{
	for (struct walk *walk = bind->walks; walk; walk = walk->next)
		walk->bind = NULL;
	bind->walks = NULL;
}

/* An answer of our own: the code and the sentence. Without an identifier nobody would know what it answers.
 */
static void in_refuse(struct broker *broker, struct arena *arena, const struct wire_mqtt_topic *topic,
                      const struct prim *in, int rsc, const char *sentence)
{
	struct prim out = {0};
	struct val *pc = val_obj(arena);

	if (prim_text(in, PRIM_rqi).len == 0) {
		broker->bind->stats.malformed++;
		log_warn("mqtt", "%s: a request of %.*s is dropped: %s", broker->name,
		         SLICE_ARG(topic->originator), sentence);
		return;
	}
	val_put(pc, SLICE("m2m:dbg"), val_str(arena, slice_of(sentence)));
	out.at[PRIM_rsc] = val_int(arena, rsc);
	out.at[PRIM_rqi] = in->at[PRIM_rqi];
	out.at[PRIM_rvi] = in->at[PRIM_rvi];
	out.at[PRIM_pc] = pc;
	in_address(broker->bind, arena, in, &out);
	in_publish(broker, arena, topic, in_bytes(arena, topic, &out));
}

/* Whom the topic names, in the forms that a credential may have it: "Cmeter", "/id-in/Cmeter", and as it
 * stands, since a Credential-ID is just a name. */
struct in_forms {
	struct slice at[3];
	size_t count;
};

static struct in_forms in_forms(const struct id_self *self, const struct wire_mqtt_topic *topic,
                                struct arena *arena)
{
	struct slice full = wire_mqtt_unescape(self, topic->originator, arena), stem = full;
	struct in_forms forms = {.count = 0};

	if (slice_starts(full, self->csi) && full.len > self->csi.len + 1 && full.ptr[self->csi.len] == '/')
		stem = slice_skip(full, self->csi.len + 1);
	forms.at[forms.count++] = stem;
	if (stem.len != full.len)
		forms.at[forms.count++] = full;
	if (topic->kind == WIRE_MQTT_REG_REQ && !slice_is(topic->originator, stem))
		forms.at[forms.count++] = topic->originator;
	return forms;
}

/* May the topic of a registration, which says only by which credential it comes, go with this name? There is
 * none yet; or it is one that the credential knows, but not a credential that has the topic only by its star:
 * that is how the broker's other users would speak in the name of all that the star covers. Where there are
 * no credentials, whoever is not called like an AE may choose how to be. */
static bool in_may_register(const struct bind_mqtt *bind, const struct wire_mqtt_topic *topic,
                            const struct in_forms *forms, const struct req *req)
{
	const struct identity *identity = req->peer.identity;
	int64_t ty = prim_int(&req->in, PRIM_ty, 0);

	if (prim_text(&req->in, PRIM_fr).len <= 1 || !bind->config.broker_is_trusted)
		return true;
	if (prim_int(&req->in, PRIM_op, 0) != OP_CREATE)
		return false;
	if (identity)
		return (ty == TYPE_AE || ty == TYPE_CSR) && identity_names(identity, forms->at, forms->count);
	return ty == TYPE_AE && !id_is_ae_stem(topic->originator) &&
	       !memchr(topic->originator.ptr, ':', topic->originator.len);
}

/* Who speaks, as far as the broker proves it. */
static int in_identify(const struct broker *broker, const struct wire_mqtt_topic *topic, struct req *req,
                       struct why *why)
{
	const struct bind_mqtt *bind = broker->bind;
	const struct id_self *self = engine_self(bind->engine);
	struct in_forms forms = in_forms(self, topic, &req->arena);
	struct slice fr = prim_text(&req->in, PRIM_fr);
	bool trusted = bind->config.broker_is_trusted;
	bool same = wire_mqtt_is(self, topic->originator, fr, &req->arena);
	int r = 0;

	if (trusted && bind->config.auth)
		r = auth_mqtt(bind->config.auth, forms.at, forms.count, why, &req->peer.identity);
	if (r == 0 && !same &&
	    (topic->kind == WIRE_MQTT_REQ ? fr.len > 0 && !forward_comes_by(bind->engine, forms.at[0], fr)
	                                  : !in_may_register(bind, topic, &forms, req)))
		r = refuse(why, RSC_ORIGINATOR_NOT_AUTHENTICATED,
		           "fr: the request is from \"%.*s\", but its topic says %.*s", SLICE_ARG(fr),
		           SLICE_ARG(topic->originator));
	/* Without a credential for MQTT a broker that we trust is believed like our own machine. But who
	 * publishes there need not be on it, so one that we do not trust, or that is elsewhere, never speaks
	 * for the administrator. */
	req->peer.local = !req->peer.identity && (broker->local || trusted);
	req->peer.relayed = !trusted || !broker->local || !same;
	return r;
}

static bool in_is_expired(const struct prim *in)
{
	int64_t now = clock_now(), at;

	return prim_has(in, PRIM_rqet) && prim_time(in->at[PRIM_rqet], now, &at) && at <= now;
}

/* 0: it may go to the engine. -ECANCELED: it is to be dropped. */
static int in_read(const struct broker *broker, const struct wire_mqtt_topic *topic, struct slice payload,
                   struct req *req, struct why *why)
{
	int r = wire_payload_read(&req->arena, topic->encoding, arena_copy(&req->arena, payload), PRIM_REQ,
	                          why, &req->in);

	if (r == 0 && prim_text(&req->in, PRIM_rqi).len == 0)
		return refuse(why, RSC_BAD_REQUEST, "rqi: a request needs an identifier");
	if (r == 0 && broker->bind->walk_count >= WALKS_MOST)
		return refuse(why, RSC_SERVICE_SUBSCRIPTION_LIMITS_EXCEEDED,
		              "too many requests wait for their answers; come back later");
	if (r == 0 && in_is_expired(&req->in))
		return -ECANCELED;
	return r != 0 ? r : in_identify(broker, topic, req, why);
}

static void in_submit(struct broker *broker, const struct wire_mqtt_topic *topic, struct recent_key key,
                      struct req *req)
{
	struct bind_mqtt *bind = broker->bind;
	struct walk *walk = arena_new(&req->arena, struct walk);

	*walk = (struct walk){.bind = bind, .broker = broker, .topic = *topic, .key = key};
	walk->topic.originator = arena_copy(&req->arena, topic->originator);
	walk->topic.receiver = arena_copy(&req->arena, topic->receiver);
	walk->next = bind->walks;
	if (walk->next)
		walk->next->prev = walk;
	bind->walks = walk;
	bind->walk_count++;
	req->answered = in_answered;
	req->user = walk;
	engine_submit(req);
}

static void in_new(struct broker *broker, const struct wire_mqtt_topic *topic, struct slice payload,
                   struct recent_key key)
{
	struct bind_mqtt *bind = broker->bind;
	struct req *req = req_create(bind->engine);
	struct why why = {0};
	int r = in_read(broker, topic, payload, req, &why);

	if (r == 0) {
		in_submit(broker, topic, key, req);
		return;
	}
	recent_forget(bind->recent, key);
	if (r == -ECANCELED) {
		bind->stats.dropped++;
		log_debug("mqtt", "%s: a request of %.*s came too late for its rqet", broker->name,
		          SLICE_ARG(topic->originator));
	} else {
		in_refuse(broker, &req->arena, topic, &req->in, r > 0 ? r : RSC_INTERNAL_SERVER_ERROR,
		          why.text);
	}
	req_destroy(req);
}

void bind_mqtt_in(struct broker *broker, const struct wire_mqtt_topic *topic, struct slice whole_topic,
                  struct slice payload)
{
	struct bind_mqtt *bind = broker->bind;
	struct recent_key key = recent_key(whole_topic, payload);
	struct slice answer = {0};
	struct arena arena;

	if (!wire_mqtt_is_us(engine_self(bind->engine), topic->receiver))
		return;
	switch (recent_see(bind->recent, key, loop_wall(bind->loop), &answer)) {
	case RECENT_NEW:
		in_new(broker, topic, payload, key);
		break;
	case RECENT_UNDER_WAY:
		bind->stats.repeated++;
		break;
	case RECENT_ANSWERED:
		bind->stats.repeated++;
		if (answer.len == 0)
			break;
		arena_init(&arena);
		in_publish(broker, &arena, topic, answer);
		arena_finish(&arena);
		break;
	}
}
