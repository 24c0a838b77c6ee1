/* SPDX-License-Identifier: Apache-2.0 */
/* URLs of brokers, which strangers give us as notification targets. What is taken has a host and a port, and
 * its name is a URL of the same broker; what is not is refused with a sentence. */
#include <assert.h>
#include <string.h>

#include "net/mqtt_url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mqtt_url url, again;
	struct why why = {0};
	struct arena arena;
	int r;

	arena_init(&arena);
	r = mqtt_url_read(slice_make((const char *)data, size), &arena, &why, &url);
	assert(r == why.rsc);
	if (r == 0) {
		assert(url.host[0] && url.port > 0 && url.port < 65536);
		assert(!url.topic.len || !memchr(url.topic.ptr, '\0', url.topic.len));
		r = mqtt_url_read(arena_printf(&arena, "%s%s", url.tls ? "mqtts://" : "mqtt://", url.name),
		                  &arena, &why, &again);
		assert(r == 0 && strcmp(again.name, url.name) == 0 && again.topic.len == 0 && !again.user);
	}
	arena_finish(&arena);
	return 0;
}
