/* SPDX-License-Identifier: Apache-2.0 */
/* What a server under test sends may be anything. */
#include "lab/run/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct message message;
	struct arena arena;
	struct slice bytes = {(const char *)data, size};

	arena_init(&arena);
	for (int eof = 0; eof < 2; eof++)
		if (message_read(&arena, bytes, eof, false, &message) == MESSAGE_WHOLE) {
			(void)message_status(&message);
			(void)message_header(&message, "X-M2M-RSC");
		}
	arena_finish(&arena);
	return 0;
}
