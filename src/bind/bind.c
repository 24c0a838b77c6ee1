/* SPDX-License-Identifier: Apache-2.0 */
/* What all bindings have in common. */
#include "bind/bind.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

bool bind_is_loopback(const char *ip)
{
	struct in6_addr v6;
	struct in_addr v4;

	if (!ip)
		return false;
	if (strcmp(ip, "127.0.0.1") == 0) /* asked with every request */
		return true;
	if (inet_pton(AF_INET, ip, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == IN_LOOPBACKNET;
	if (inet_pton(AF_INET6, ip, &v6) != 1)
		return false;
	return IN6_IS_ADDR_LOOPBACK(&v6) || (IN6_IS_ADDR_V4MAPPED(&v6) && v6.s6_addr[12] == IN_LOOPBACKNET);
}
