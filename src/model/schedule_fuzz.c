/* SPDX-License-Identifier: Apache-2.0 */
/* Schedule entries of any form: the next moment lies in the entry, and no earlier one does right before it.
 */
#include "model/schedule.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const int64_t from = INT64_C(1795339800500000); /* 2026-11-22 */
	struct slice entry = slice_make((const char *)bytes, len);
	int64_t next = schedule_next(entry, from);

	if (!schedule_is_valid(entry)) {
		assert(next == INT64_MAX && !schedule_holds(entry, from));
		return 0;
	}
	if (next != INT64_MAX) {
		assert(next >= from && schedule_holds(entry, next));
		for (int64_t t = next - 1000000; t >= from && t > next - 90000000; t -= 1000000)
			assert(!schedule_holds(entry, t));
	}
	return 0;
}
