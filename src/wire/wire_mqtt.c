/* SPDX-License-Identifier: Apache-2.0 */
/* Levels are cut at '/', and that is all the grammar there is. */
#include "wire/wire_mqtt.h"

static const struct slice mqtt_kinds[WIRE_MQTT_KIND_COUNT] = {
        [WIRE_MQTT_REQ] = SLICE_INIT("req"),
        [WIRE_MQTT_RESP] = SLICE_INIT("resp"),
        [WIRE_MQTT_REG_REQ] = SLICE_INIT("reg_req"),
        [WIRE_MQTT_REG_RESP] = SLICE_INIT("reg_resp"),
};

static const struct slice mqtt_root = SLICE_INIT("/oneM2M/");

static bool mqtt_read_kind(struct slice level, enum wire_mqtt_kind *ret)
{
	for (int i = 0; i < WIRE_MQTT_KIND_COUNT; i++)
		if (slice_is(level, mqtt_kinds[i])) {
			*ret = (enum wire_mqtt_kind)i;
			return true;
		}
	return false;
}

/* A level that can be an identifier. Brokers let no wildcard into the topic of a message; we don't rely on
 * it.
 */
static bool mqtt_is_id(struct slice level)
{
	if (level.len == 0 || level.len > WIRE_MQTT_LEVEL_MOST)
		return false;
	for (size_t i = 0; i < level.len; i++)
		if ((unsigned char)level.ptr[i] <= ' ' || level.ptr[i] == '+' || level.ptr[i] == '#' ||
		    level.ptr[i] == 0x7f)
			return false;
	return true;
}

bool wire_mqtt_read_topic(struct slice topic, struct wire_mqtt_topic *ret)
{
	struct wire_mqtt_topic out = {.encoding = ENCODING_JSON};
	struct slice rest = slice_skip(topic, mqtt_root.len), kind = {0}, receiver;
	const char *slash;

	if (!slice_starts(topic, mqtt_root) || !slice_cut(&rest, '/', &kind) ||
	    !mqtt_read_kind(kind, &out.kind) || !slice_cut(&rest, '/', &out.originator))
		return false;
	/* By hand: an empty type behind a '/' is not the same as none. */
	slash = rest.len ? memchr(rest.ptr, '/', rest.len) : NULL;
	receiver = slash ? slice_make(rest.ptr, (size_t)(slash - rest.ptr)) : rest;
	if (slash) {
		out.has_type = true;
		if (!encoding_parse(slice_skip(rest, receiver.len + 1), &out.encoding))
			return false;
	}
	out.receiver = receiver;
	if (!mqtt_is_id(out.originator) || !mqtt_is_id(out.receiver))
		return false;
	*ret = out;
	return true;
}

void wire_mqtt_write_topic(struct buf *buf, const struct wire_mqtt_topic *topic)
{
	buf_add_slice(buf, mqtt_root);
	buf_add_slice(buf, mqtt_kinds[topic->kind]);
	buf_add_char(buf, '/');
	buf_add_slice(buf, topic->originator);
	buf_add_char(buf, '/');
	buf_add_slice(buf, topic->receiver);
	if (topic->has_type) {
		buf_add_char(buf, '/');
		buf_add_slice(buf, slice_of(encoding_name(topic->encoding)));
	}
	buf_add_char(buf, '\0');
	buf->len--;
}

struct wire_mqtt_topic wire_mqtt_answer_topic(const struct wire_mqtt_topic *request)
{
	struct wire_mqtt_topic answer = *request;

	answer.kind = request->kind == WIRE_MQTT_REG_REQ ? WIRE_MQTT_REG_RESP : WIRE_MQTT_RESP;
	return answer;
}

struct slice wire_mqtt_escape(struct slice id, struct arena *arena)
{
	char *text;

	if (slice_starts(id, SLICE("/")))
		id = slice_skip(id, 1);
	if (id.len == 0 || !memchr(id.ptr, '/', id.len))
		return id;
	text = arena_text(arena, id);
	for (size_t i = 0; i < id.len; i++)
		if (text[i] == '/')
			text[i] = ':';
	return slice_make(text, id.len);
}

struct slice wire_mqtt_unescape(const struct id_self *self, struct slice level, struct arena *arena)
{
	struct slice id;
	char *text;

	if (level.len > 0 && level.ptr[0] == 'C' && !memchr(level.ptr, ':', level.len))
		return id_sp_relative(self, level, arena);
	id = arena_printf(arena, "/%.*s", SLICE_ARG(level));
	text = (char *)(uintptr_t)id.ptr; /* it was made here */
	for (size_t i = 0; i < id.len; i++)
		if (text[i] == ':')
			text[i] = '/';
	return id;
}

/* The level says `id` with '/' and ':' as one, and without its leading '/'. */
static bool mqtt_spells(struct slice level, struct slice id)
{
	if (slice_starts(id, SLICE("/")))
		id = slice_skip(id, 1);
	if (level.len != id.len)
		return false;
	for (size_t i = 0; i < id.len; i++)
		if (level.ptr[i] != (id.ptr[i] == '/' ? ':' : id.ptr[i]))
			return false;
	return true;
}

bool wire_mqtt_is(const struct id_self *self, struct slice level, struct slice id, struct arena *arena)
{
	struct slice full;

	if (id.len == 0)
		return false;
	if (mqtt_spells(level, id))
		return true;
	full = id_sp_relative(self, id, arena);
	if (mqtt_spells(level, full))
		return true;
	/* "/id-in/Cmeter" as "Cmeter" */
	if (slice_starts(full, self->csi) && full.len > self->csi.len + 1 && full.ptr[self->csi.len] == '/' &&
	    slice_is(level, slice_skip(full, self->csi.len + 1)))
		return true;
	/* with our provider in front */
	return !slice_starts(full, SLICE("//")) && level.len == self->sp.len + full.len - 1 &&
	       mqtt_spells(slice_make(level.ptr, self->sp.len - 1), self->sp) &&
	       mqtt_spells(slice_skip(level, self->sp.len), full) && level.ptr[self->sp.len - 1] == ':';
}

bool wire_mqtt_is_us(const struct id_self *self, struct slice level)
{
	/* Our own identifier is SP-relative already: nothing is written for it. */
	return wire_mqtt_is(self, level, self->csi, NULL);
}

static struct slice mqtt_absolute(const struct id_self *self, struct arena *arena)
{
	return wire_mqtt_escape(arena_printf(arena, "%.*s%.*s", SLICE_ARG(self->sp), SLICE_ARG(self->csi)),
	                        arena);
}

/* '#' and not '+' at the end: it holds also what ends before the type. */
static const char *mqtt_filter(struct arena *arena, const char *before, struct slice id, const char *behind)
{
	return arena_text(arena, arena_printf(arena, "/oneM2M/%s/%.*s/%s", before, SLICE_ARG(id), behind));
}

void wire_mqtt_filters(const struct id_self *self, struct arena *arena, const char *ret[WIRE_MQTT_FILTERS])
{
	struct slice ours = wire_mqtt_escape(self->csi, arena), absolute = mqtt_absolute(self, arena);

	ret[0] = mqtt_filter(arena, "req/+", ours, "#");
	ret[1] = mqtt_filter(arena, "reg_req/+", ours, "#");
	ret[2] = mqtt_filter(arena, "resp", ours, "#");
	ret[3] = mqtt_filter(arena, "req/+", absolute, "#");
	ret[4] = mqtt_filter(arena, "resp", absolute, "#");
}

const char *wire_mqtt_answer_filter(const struct id_self *self, struct arena *arena)
{
	return mqtt_filter(arena, "resp", wire_mqtt_escape(self->csi, arena), "#");
}
