/* SPDX-License-Identifier: Apache-2.0 */
/* A topic, a newline, an identifier. A topic that is taken can be written and is read again as the same; what
 * is unescaped is spelled by the level it came from; an answer's topic is one of ours. */
#include <assert.h>

#include "wire/wire_mqtt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_again(const struct wire_mqtt_topic *topic)
{
	struct wire_mqtt_topic again;
	struct buf buf;

	buf_init(&buf, NULL);
	wire_mqtt_write_topic(&buf, topic);
	assert(wire_mqtt_read_topic(buf_slice(&buf), &again));
	assert(again.kind == topic->kind && again.encoding == topic->encoding &&
	       again.has_type == topic->has_type);
	assert(slice_is(again.originator, topic->originator) && slice_is(again.receiver, topic->receiver));
	buf_finish(&buf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct id_self self = {{"//dure.local", 12}, {"/id-in", 6}, {"cse-in", 6}};
	struct slice rest = {(const char *)data, size}, line = {0}, id;
	struct wire_mqtt_topic topic, answer;
	struct arena arena;

	slice_cut(&rest, '\n', &line);
	arena_init(&arena);
	if (wire_mqtt_read_topic(line, &topic)) {
		fuzz_again(&topic);
		answer = wire_mqtt_answer_topic(&topic);
		fuzz_again(&answer);
		id = wire_mqtt_unescape(&self, topic.originator, &arena);
		assert(wire_mqtt_is(&self, topic.originator, id, &arena));
		wire_mqtt_is_us(&self, topic.receiver);
		wire_mqtt_is(&self, topic.originator, rest, &arena);
	}
	line = wire_mqtt_escape(rest, &arena);
	assert(line.len == 0 || !memchr(line.ptr, '/', line.len));
	assert(rest.len == 0 || line.len == 0 || wire_mqtt_is(&self, line, rest, &arena));
	arena_finish(&arena);
	return 0;
}
