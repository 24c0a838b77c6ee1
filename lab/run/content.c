/* SPDX-License-Identifier: Apache-2.0 */
/* Where a parameter of a call belongs is told by the tables: of the primitive itself, a filter criterion, or
 * a condition on an attribute. A value that its row does not allow goes out as a text: refusing it is the
 * server's business. */
#include "lab/run/content.h"

#include "codec/cbor.h"
#include "codec/json.h"
#include "wire/wire_body.h"

#define CONTENT_SHOWN 2000

struct slice content_write(struct arena *arena, enum encoding encoding, const struct val *pc)
{
	struct buf buf;

	buf_init(&buf, arena);
	switch (encoding) {
	case ENCODING_JSON:
		json_write(&buf, pc);
		break;
	case ENCODING_CBOR:
		cbor_write(&buf, pc);
		break;
	case ENCODING_XML:
		wire_body_write(&buf, encoding, pc);
		break;
	case ENCODING_COUNT:
		break;
	}
	return buf_slice(&buf);
}

int content_read(struct arena *arena, enum encoding encoding, struct slice bytes, struct why *why,
                 struct val **ret)
{
	switch (encoding) {
	case ENCODING_JSON:
		return json_read(arena, bytes, &json_limits_own, why, ret);
	case ENCODING_CBOR:
		return cbor_read(arena, bytes, &json_limits_own, why, ret);
	case ENCODING_XML:
		return wire_body_read(arena, encoding, bytes, why, ret);
	case ENCODING_COUNT:
		break;
	}
	return refuse(why, 4000, "an encoding that nobody knows");
}

struct slice content_of(struct arena *arena, enum encoding encoding, const struct call *call)
{
	if (call->text.ptr)
		return call->text;
	return call->pc ? content_write(arena, encoding, call->pc) : (struct slice){0};
}

void content_show(struct buf *buf, const struct call *call)
{
	struct slice body = content_of(buf->arena, ENCODING_JSON, call);

	if (!body.ptr)
		return;
	buf_add_lit(buf, "\r\n");
	buf_add(buf, body.ptr, body.len > CONTENT_SHOWN ? CONTENT_SHOWN : body.len);
	if (body.len > CONTENT_SHOWN)
		buf_printf(buf, "... (%zu bytes)", body.len);
}

/* --- a call as a primitive --- */

/* One text into the value that its row wants. */
static struct val *content_one(struct arena *arena, enum prim_how how, struct slice text)
{
	int64_t n;

	if ((how == PRIM_INT || how == PRIM_INTS) && slice_i64(text, &n))
		return val_int(arena, n);
	if (how == PRIM_BOOL && (slice_is_text(text, "true") || slice_is_text(text, "false")))
		return val_bool(arena, text.ptr[0] == 't');
	return val_str(arena, text);
}

/* "a+b" is a list where the row is one. */
static struct val *content_value(struct arena *arena, enum prim_how how, bool list, char mark,
                                 struct slice text)
{
	struct slice part;

	if (!list)
		return content_one(arena, how, text);
	struct val *out = val_arr(arena);

	while (slice_cut(&text, mark, &part))
		val_push(out, content_one(arena, how, part));
	return out;
}

/* atr, catr and patr: lists of {"nm":..., "val":...}. */
static void content_condition(struct arena *arena, struct val *fc, const char *list, struct slice name,
                              struct slice value)
{
	struct val *all = val_get(fc, slice_of(list)), *one = val_obj(arena);

	if (!all)
		all = val_put(fc, slice_of(list), val_arr(arena));
	val_put(one, SLICE("nm"), val_str(arena, name));
	val_put(one, SLICE("val"), val_str(arena, value));
	val_push(all, one);
}

/* What may be said once and was said twice becomes a list, which no server should take. */
static struct val *content_pair(struct arena *arena, const struct val *a, const struct val *b)
{
	struct val *list = val_arr(arena);

	val_push(list, val_copy(arena, a));
	val_push(list, val_copy(arena, b));
	return list;
}

static void content_filter(struct arena *arena, struct val *fc, struct slice name, struct slice value)
{
	const struct filter_row *row = filter_row_find(name);

	if (row && row->how != PRIM_OBJECT) {
		bool list = row->how == PRIM_LIST || row->how == PRIM_INTS;
		struct val *v = content_value(arena, row->how, list, '+', value), *old = val_get(fc, name);

		if (!old)
			val_put(fc, name, v);
		else if (old->kind != VAL_ARR)
			val_set(fc, name, content_pair(arena, old, v));
		else
			while (v->first) { /* said again: more of them */
				struct val *member = val_copy(arena, v->first);

				v->first = v->first->next;
				val_push(old, member);
			}
	} else if (slice_starts(name, SLICE("c."))) {
		content_condition(arena, fc, "catr", slice_skip(name, 2), value);
	} else if (slice_starts(name, SLICE("p."))) {
		content_condition(arena, fc, "patr", slice_skip(name, 2), value);
	} else {
		content_condition(arena, fc, "atr", name, value);
	}
}

static bool content_is_header(struct slice name)
{
	const struct prim_row *row = prim_by_name(name);

	return row && row->header[0] && !prim_by_query(name);
}

/* rt and its targets are one value: {"rtv":2,"nu":[...]}. */
static void content_response_type(struct arena *arena, struct val *out, const struct val *number,
                                  const struct val *targets)
{
	if (!number && !targets)
		return;
	struct val *rt = val_put(out, SLICE("rt"), val_obj(arena));

	if (number)
		val_put(rt, SLICE("rtv"), val_copy(arena, number));
	if (targets)
		val_put(rt, SLICE("nu"), val_copy(arena, targets));
}

static void content_params(struct arena *arena, const struct call *call, struct val *out)
{
	struct val *fc = val_obj(arena), *rt = NULL, *nu = NULL;

	for (size_t i = 0; i < call->param_count; i++) {
		struct slice name = call->params[i].name, value = call->params[i].value;
		const struct prim_row *row = prim_by_query(name);

		if (!row && (content_is_header(name) || slice_is_text(name, "tkns")))
			row = prim_by_name(name);
		if (!value.ptr)
			continue;
		if (slice_is_text(name, "nu")) {
			nu = content_value(arena, PRIM_TEXT, true, '&', value);
		} else if (slice_is_text(name, "rt")) {
			rt = content_one(arena, PRIM_INT, value);
		} else if (slice_is_text(name, "atrl")) {
			struct val *pc = val_put(out, SLICE("pc"), val_obj(arena));

			val_put(pc, SLICE("m2m:atrl"), content_value(arena, PRIM_TEXT, true, '+', value));
		} else if (row) {
			val_set(out, name,
			        content_value(arena, row->how, row->how == PRIM_LIST || row->how == PRIM_INTS,
			                      '+', value));
		} else {
			content_filter(arena, fc, name, value);
		}
	}
	content_response_type(arena, out, rt, nu);
	if (fc->first)
		val_put(out, SLICE("fc"), fc);
}

static void content_put(struct arena *arena, struct val *out, const char *name, struct slice text)
{
	if (text.ptr)
		val_put(out, slice_of(name), val_str(arena, text));
}

struct val *content_request(struct arena *arena, const struct call *call)
{
	struct val *out = val_obj(arena);

	val_put(out, SLICE("op"), val_int(arena, call->op));
	content_put(arena, out, "to", call->to);
	content_put(arena, out, "fr", call->fr);
	content_put(arena, out, "rqi", call->rqi);
	content_put(arena, out, "rvi", call->rvi);
	if (call->ty >= 0)
		val_put(out, SLICE("ty"), val_int(arena, call->ty));
	content_params(arena, call, out);
	if (call->pc && !call->text.ptr)
		val_set(out, SLICE("pc"), val_copy(arena, call->pc));
	return out;
}

/* --- primitives as bytes --- */

/* XML is written and read by the rows of the primitive, so the object is laid out on them first. */
static void content_rows(const struct val *object, struct prim *ret)
{
	*ret = (struct prim){0};
	val_each (object, member) {
		const struct prim_row *row = prim_by_name(member->name);

		if (slice_is_text(member->name, "rt") && member->kind == VAL_OBJ) {
			ret->at[PRIM_rt] = val_find(member, "rtv");
			ret->at[PRIM_rtu] = val_find(member, "nu");
		} else if (row) {
			ret->at[row->id] = member;
		}
	}
}

struct slice content_primitive(struct arena *arena, enum encoding encoding, const struct val *primitive)
{
	struct prim prim;
	struct buf buf;

	if (encoding != ENCODING_XML)
		return content_write(arena, encoding, primitive);
	buf_init(&buf, arena);
	content_rows(primitive, &prim);
	wire_payload_write(&buf, encoding, &prim, val_find(primitive, "rsc") ? PRIM_RSP : PRIM_REQ);
	return buf_slice(&buf);
}

struct slice content_call(struct arena *arena, enum encoding encoding, const struct call *call)
{
	struct val *primitive = content_request(arena, call);
	struct buf buf;

	if (!call->text.ptr || !call->text.len)
		return content_primitive(arena, encoding, primitive);
	/* JSON only: see lab_skip. */
	buf_init(&buf, arena);
	json_write(&buf, primitive);
	buf.len--;
	buf_add_lit(&buf, ",\"pc\":");
	buf_add_slice(&buf, call->text);
	buf_add_char(&buf, '}');
	return buf_slice(&buf);
}

int content_read_primitive(struct arena *arena, enum encoding encoding, struct slice bytes, struct why *why,
                           struct val **ret, const char **ret_fault)
{
	enum prim_direction direction;
	struct prim prim = {0};
	int r;

	*ret_fault = NULL;
	if (encoding == ENCODING_XML) {
		r = wire_payload_read_any(arena, encoding, bytes, why, &prim, &direction);
		if (r == 0)
			*ret = prim_write(&prim, arena);
		return r;
	}
	r = content_read(arena, encoding, bytes, why, ret);
	if (r == 0 && (*ret)->kind != VAL_OBJ)
		return refuse(why, 4000, "a primitive is an object, not %s", val_kind_name(*ret));
	if (r == 0 && (*ret)->count == 1 && slice_starts((*ret)->first->name, SLICE("m2m:r"))) {
		*ret_fault = "a primitive has no m2m:rqp or m2m:rsp round it";
		*ret = (*ret)->first;
	}
	return r;
}

/* What a response primitive may have, and of which kind. TS-0004 6.4.2 */
static const char *content_response_fault(struct arena *arena, const struct val *primitive)
{
	int64_t n;

	val_each (primitive, member) {
		const struct prim_row *row = prim_by_name(member->name);

		if (!row || !(row->direction & PRIM_RSP))
			return arena_printf(arena, "a response has no parameter \"%.*s\"",
			                    SLICE_ARG(member->name))
			        .ptr;
		if (row->how == PRIM_INT && !val_is_int(member, &n))
			return arena_printf(arena, "%s is %s, not a number", row->sn, val_kind_name(member))
			        .ptr;
	}
	return NULL;
}

static const char *content_text(struct arena *arena, const struct val *v)
{
	struct slice text;

	return val_is_str(v, &text) ? arena_text(arena, text) : NULL;
}

void content_reply(struct arena *arena, struct val *primitive, struct reply *ret)
{
	struct val *pc = val_find(primitive, "pc");
	int64_t rsc;

	if (val_is_int(val_find(primitive, "rsc"), &rsc) && rsc > 0 && rsc < 100000)
		ret->rsc = (int)rsc;
	ret->rqi = content_text(arena, val_find(primitive, "rqi"));
	ret->rvi = content_text(arena, val_find(primitive, "rvi"));
	ret->params = primitive;
	if (!ret->form_fault)
		ret->form_fault = content_response_fault(arena, primitive);
	if (!pc)
		return;
	struct buf buf;

	buf_init(&buf, arena);
	json_write(&buf, pc); /* for people, and for what has no content at all */
	ret->body = buf_slice(&buf);
	if (pc->kind == VAL_OBJ)
		ret->pc = pc;
	else
		ret->body_fault = "pc is no object";
}
