/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/address.h"
#include "base/unit.h"

UNIT(address_is_one_stranger)
{
	assert_true(address_key("192.0.2.1") == address_key("::ffff:192.0.2.1"));
	assert_true(address_key("192.0.2.1") != address_key("192.0.2.2"));
	assert_true(address_key("2001:db8:1:2::1") == address_key("2001:db8:1:2:ffff::9"));
	assert_true(address_key("2001:db8:1:2::1") != address_key("2001:db8:1:3::1"));
	assert_true(address_key("::1") != address_key("0.0.0.1"));
	assert_true(address_key("nonsense") == address_key(""));
	assert_true(address_key(NULL) != address_key("nonsense"));
}

UNIT(address_knows_its_own_machine)
{
	assert_true(address_is_loopback("127.0.0.1"));
	assert_true(address_is_loopback("127.9.9.9"));
	assert_true(address_is_loopback("::1"));
	assert_true(address_is_loopback("::ffff:127.0.0.1"));
	assert_false(address_is_loopback("128.0.0.1"));
	assert_false(address_is_loopback("10.127.0.1"));
	assert_false(address_is_loopback("::2"));
	assert_false(address_is_loopback(NULL));
	assert_false(address_is_loopback("localhost"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(address_is_one_stranger),
	        unit(address_knows_its_own_machine),
	};

	return unit_main(tests);
}
