/* SPDX-License-Identifier: Apache-2.0 */
#include "base/unit.h"

#include "codec/encoding.h"

UNIT(names_lead_there_and_back)
{
	enum encoding found = ENCODING_COUNT;

	for (int i = 0; i < ENCODING_COUNT; i++) {
		assert_true(encoding_parse(slice_of(encoding_name((enum encoding)i)), &found));
		assert_int_equal(found, i);
	}
	assert_true(encoding_parse(SLICE("CBOR"), &found));
	assert_int_equal(found, ENCODING_CBOR);
	assert_false(encoding_parse(SLICE("yaml"), &found));
	assert_false(encoding_parse(SLICE(""), &found));
}

int main(void)
{
	const struct CMUnitTest tests[] = {unit(names_lead_there_and_back)};

	return unit_main(tests);
}
