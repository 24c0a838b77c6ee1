/* SPDX-License-Identifier: Apache-2.0 */
/* Which addresses are loopback. */
#include "base/unit.h"
#include "bind/bind.h"

UNIT(loopback_and_what_only_looks_like_it)
{
	static const char *const inside[] = {"127.0.0.1",       "127.0.0.0",        "127.255.255.255", "::1",
	                                     "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1", "::ffff:127.9.9.9"};
	static const char *const outside[] = {"",
	                                      "localhost",
	                                      "128.0.0.1",
	                                      "126.255.255.255",
	                                      "127",
	                                      "127.1",
	                                      "::",
	                                      "::2",
	                                      "fe80::1",
	                                      "::127.0.0.1",
	                                      "[::1]",
	                                      "::ffff:128.0.0.1",
	                                      "1.127.0.0",
	                                      "127.0.0.1 ",
	                                      "127.0.0.1.example.org",
	                                      "0.0.0.0",
	                                      "::fffe:127.0.0.1"};

	for (size_t i = 0; i < sizeof(inside) / sizeof(*inside); i++)
		assert_true(bind_is_loopback(inside[i]));
	for (size_t i = 0; i < sizeof(outside) / sizeof(*outside); i++)
		assert_false(bind_is_loopback(outside[i]));
	assert_false(bind_is_loopback(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {unit(loopback_and_what_only_looks_like_it)};

	return unit_main(tests);
}
