/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever clock_parse takes must print and read again as the same time. */
#include "base/clock.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct slice text = slice_make((const char *)bytes, len);
	char out[CLOCK_TEXT];
	int64_t us, again;

	if (clock_parse(text, &us)) {
		clock_print(us, out);
		assert(clock_parse(slice_make(out, CLOCK_TEXT), &again) && again == us);
	}
	if (clock_parse_duration(text, &us))
		assert(us >= 0);
	return 0;
}
