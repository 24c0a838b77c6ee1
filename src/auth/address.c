/* SPDX-License-Identifier: Apache-2.0 */
/* An address as one number. IPv4 stands where no IPv6 prefix can: below 0:ffff::/32. */
#include "auth/address.h"

#include <arpa/inet.h>
#include <string.h>

#define ADDRESS_V4 ((uint64_t)0xffff << 32)

static uint64_t v4_key(const struct in_addr *v4)
{
	return ADDRESS_V4 | ntohl(v4->s_addr);
}

uint64_t address_key(const char *ip)
{
	struct in_addr v4;
	struct in6_addr v6;
	uint64_t key = 0;

	if (!ip)
		return 1;
	if (inet_pton(AF_INET, ip, &v4) == 1)
		return v4_key(&v4);
	if (inet_pton(AF_INET6, ip, &v6) != 1)
		return 2;
	if (IN6_IS_ADDR_V4MAPPED(&v6)) {
		memcpy(&v4, v6.s6_addr + 12, sizeof(v4));
		return v4_key(&v4);
	}
	for (int i = 0; i < 8; i++)
		key = key << 8 | v6.s6_addr[i];
	return key;
}

bool address_is_loopback(const char *ip)
{
	struct in6_addr v6;

	if (!ip)
		return false;
	if (address_key(ip) >> 24 == (ADDRESS_V4 >> 24 | 127))
		return true;
	return inet_pton(AF_INET6, ip, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}
