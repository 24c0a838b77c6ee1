/* SPDX-License-Identifier: Apache-2.0 */
/* Lines: a Content-Type, then Accept headers, or notification targets, as the first byte says. */
#include <assert.h>

#include "wire/wire_media.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_headers(struct slice rest)
{
	const struct wire_media_type *type;
	struct wire_accept accept = {0};
	struct wire_media media;
	struct slice line;

	if (!slice_cut(&rest, '\n', &line) || wire_media_read(line, NULL, &media) != 0)
		media.type = NULL;
	while (slice_cut(&rest, '\n', &line))
		wire_media_accept(line, &accept);
	type = wire_media_answer(&accept, media.type ? media.type->encoding : ENCODING_JSON);
	assert(type || accept.seen);
	assert(!type || type->content <= WIRE_CONTENT_RES);
}

static void fuzz_target(struct slice url)
{
	struct slice whole = url;
	struct arena arena;

	arena_init(&arena);
	if (wire_media_take(&arena, &url))
		assert(url.len < whole.len);
	else
		assert(url.ptr == whole.ptr && url.len == whole.len);
	arena_finish(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = {(const char *)data, size};

	if (size && data[0] == '?')
		fuzz_target(slice_skip(rest, 1));
	else
		fuzz_headers(rest);
	return 0;
}
