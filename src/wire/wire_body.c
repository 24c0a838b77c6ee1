/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies and payloads: the encoding is chosen here and nowhere else. */
#include "wire/wire_body.h"

#include "codec/cbor.h"
#include "codec/json.h"
#include "model/rsc.h"
#include "model/xml_map.h"

static int body_decode(struct arena *arena, enum encoding encoding, struct slice bytes, struct why *why,
                       struct val **ret)
{
	switch (encoding) {
	case ENCODING_JSON:
	case ENCODING_COUNT:
		break;
	case ENCODING_CBOR:
		return cbor_read(arena, bytes, NULL, why, ret);
	case ENCODING_XML:
		return xml_map_read(arena, bytes, why, ret);
	}
	return json_read(arena, bytes, NULL, why, ret);
}

static void body_encode(struct buf *buf, enum encoding encoding, const struct val *v)
{
	switch (encoding) {
	case ENCODING_JSON:
	case ENCODING_COUNT:
		json_write(buf, v);
		break;
	case ENCODING_CBOR:
		cbor_write(buf, v);
		break;
	case ENCODING_XML:
		xml_map_write(buf, v);
		break;
	}
}

int wire_body_read(struct arena *arena, enum encoding encoding, struct slice bytes, struct why *why,
                   struct val **ret_pc)
{
	struct val *pc = NULL;
	int r = body_decode(arena, encoding, bytes, why, &pc);

	if (r != 0)
		return r;
	if (pc->kind != VAL_OBJ || pc->count != 1)
		return refuse(why, RSC_BAD_REQUEST,
		              "the body is not an object with exactly one member, as in {\"m2m:cnt\":{...}}");
	*ret_pc = pc;
	return 0;
}

void wire_body_write(struct buf *buf, enum encoding encoding, const struct val *pc)
{
	body_encode(buf, encoding, pc);
}

/* ---- whole primitives ---- */

static struct slice body_wrapper(enum prim_direction direction)
{
	return direction == PRIM_RSP ? SLICE("m2m:rsp") : SLICE("m2m:rqp");
}

/* The object with the parameters: what was read, or what stands in its m2m:rqp or m2m:rsp. *ret_wrapped:
 * which of them it was, or 0. */
static int body_unwrap(struct val *v, struct why *why, struct val **ret, int *ret_wrapped)
{
	*ret_wrapped = 0;
	if (v->kind == VAL_OBJ && v->count == 1) {
		if (slice_is(v->first->name, body_wrapper(PRIM_REQ)))
			*ret_wrapped = PRIM_REQ;
		else if (slice_is(v->first->name, body_wrapper(PRIM_RSP)))
			*ret_wrapped = PRIM_RSP;
		if (*ret_wrapped)
			v = v->first;
	}
	if (v->kind != VAL_OBJ)
		return refuse(why, RSC_BAD_REQUEST, "a primitive is an object with its parameters, not %s",
		              val_kind_name(v));
	*ret = v;
	return 0;
}

/* Of a primitive that is refused: what an answer needs. */
static void body_keep(const struct val *object, struct prim *ret)
{
	static const enum prim_id wanted[] = {PRIM_rqi, PRIM_rvi, PRIM_fr, PRIM_to};

	for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++) {
		struct val *v = val_get(object, slice_of(prim_rows[wanted[i]].sn));

		if (v && v->kind == VAL_STR)
			ret->at[wanted[i]] = v;
	}
}

static int body_fill(struct arena *arena, struct val *object, enum prim_direction direction, int wrapped,
                     struct why *why, struct prim *ret)
{
	int r = wrapped && wrapped != (int)direction
	                ? refuse(why, RSC_BAD_REQUEST, "expected %.*s, which is a %s",
	                         SLICE_ARG(body_wrapper(direction)),
	                         direction == PRIM_RSP ? "response" : "request")
	                : prim_read(ret, arena, object, direction, why);

	if (r != 0)
		body_keep(object, ret);
	return r;
}

int wire_payload_read(struct arena *arena, enum encoding encoding, struct slice bytes,
                      enum prim_direction direction, struct why *why, struct prim *ret)
{
	struct val *v, *object = NULL;
	int wrapped, r;

	*ret = (struct prim){{NULL}};
	if ((r = body_decode(arena, encoding, bytes, why, &v)) ||
	    (r = body_unwrap(v, why, &object, &wrapped)))
		return r;
	return body_fill(arena, object, direction, wrapped, why, ret);
}

int wire_payload_read_any(struct arena *arena, enum encoding encoding, struct slice bytes, struct why *why,
                          struct prim *ret, enum prim_direction *ret_direction)
{
	struct val *v, *object = NULL;
	int wrapped, r;

	*ret = (struct prim){{NULL}};
	*ret_direction = PRIM_REQ;
	if ((r = body_decode(arena, encoding, bytes, why, &v)) ||
	    (r = body_unwrap(v, why, &object, &wrapped)))
		return r;
	if (wrapped == PRIM_RSP || (!wrapped && val_find(object, "rsc")))
		*ret_direction = PRIM_RSP;
	return body_fill(arena, object, *ret_direction, wrapped, why, ret);
}

/* A second head for a value, since one value stands in one place only. */
static void body_share(struct val *object, struct val *head, const struct val *v, struct slice name)
{
	*head = *v;
	head->next = NULL;
	val_put(object, name, head);
}

/* Responses begin with these, as in the schema; the rest of them, and requests, are in the order of the
 * table. */
static const enum prim_id body_first[] = {PRIM_rsc, PRIM_rqi, PRIM_pc, PRIM_to, PRIM_fr};

#define BODY_FIRST (sizeof(body_first) / sizeof(*body_first))

static bool body_is_first(int id, enum prim_direction direction)
{
	for (size_t i = 0; direction == PRIM_RSP && i < BODY_FIRST; i++)
		if (body_first[i] == (enum prim_id)id)
			return true;
	return false;
}

void wire_payload_write(struct buf *buf, enum encoding encoding, const struct prim *prim,
                        enum prim_direction direction)
{
	struct val heads[PRIM_COUNT + 1], object = {.kind = VAL_OBJ}, root = {.kind = VAL_OBJ};
	struct val rt = {.kind = VAL_OBJ}, rtv = {.kind = VAL_NUM, .text = SLICE("3")}, nu;

	for (size_t i = 0; direction == PRIM_RSP && i < BODY_FIRST; i++)
		if (prim->at[body_first[i]])
			body_share(&object, &heads[body_first[i]], prim->at[body_first[i]],
			           slice_of(prim_rows[body_first[i]].sn));
	for (int i = 0; i < PRIM_COUNT; i++) {
		const struct val *v = prim->at[i];

		if (!v || !(prim_rows[i].direction & direction) || body_is_first(i, direction))
			continue;
		if (i != PRIM_rt && i != PRIM_rtu) {
			body_share(&object, &heads[i], v, slice_of(prim_rows[i].sn));
		} else if (rt.count == 0) {
			body_share(&rt, &rtv, i == PRIM_rt ? v : &rtv, SLICE("rtv"));
			if (prim->at[PRIM_rtu])
				body_share(&rt, &nu, prim->at[PRIM_rtu], SLICE("nu"));
			val_put(&object, SLICE("rt"), &rt);
		}
	}
	if (encoding != ENCODING_XML) {
		body_encode(buf, encoding, &object);
		return;
	}
	val_put(&root, body_wrapper(direction), &object);
	body_encode(buf, encoding, &root);
}
