/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests: cmocka, and a few words of our own. The only file that includes cmocka.
 *
 *     UNIT(map_finds_what_was_added)
 *     {
 *             assert_int_equal(1, 1);
 *     }
 *
 *     int main(void)
 *     {
 *             const struct CMUnitTest tests[] = {unit(map_finds_what_was_added)};
 *
 *             return unit_main(tests);
 *     }
 */
#ifndef DURE_BASE_UNIT_H
#define DURE_BASE_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka comes last: it needs the four above. */
#include <cmocka.h>

#include "base/slice.h"

#define UNIT(name)       static void name(void **unit_state __attribute__((unused)))
#define unit(name)       cmocka_unit_test(name)
#define unit_main(tests) (cmocka_set_message_output(CM_OUTPUT_TAP), cmocka_run_group_tests(tests, NULL, NULL))

/* The slice holds exactly this text; both are shown when not. */
#define assert_slice(slice, text) unit_assert_slice((slice), (text), __FILE__, __LINE__)

static inline void unit_assert_slice(struct slice s, const char *text, const char *file, int line)
{
	if (slice_is_text(s, text))
		return;
	print_error("\"%.*s\" is not \"%s\"\n", SLICE_ARG(s), text);
	_fail(file, line);
}

#endif
