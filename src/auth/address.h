/* SPDX-License-Identifier: Apache-2.0 */
/* Who is one stranger: an IPv4 address, or the /64 of an IPv6 address, since whoever has one address there
 * has all of them. */
#ifndef DURE_AUTH_ADDRESS_H
#define DURE_AUTH_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

/* The number of that stranger; equal for equal ones. ip: "192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1"; what
 * is neither, and NULL, is one stranger of its own. */
uint64_t address_key(const char *ip);
/* An address of this machine itself (127/8, ::1)? NULL: no. */
bool address_is_loopback(const char *ip);

#endif
