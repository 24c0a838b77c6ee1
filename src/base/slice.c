/* SPDX-License-Identifier: Apache-2.0 */
/* Reading, matching and hashing of text that somebody else owns. */
#include "base/slice.h"

#include <assert.h>
#include <pthread.h>
#include <sys/random.h>

bool slice_cut(struct slice *rest, char mark, struct slice *ret_part)
{
	const char *found;

	if (rest->len == 0)
		return false;
	found = memchr(rest->ptr, mark, rest->len);
	if (!found) {
		*ret_part = *rest;
		*rest = slice_skip(*rest, rest->len);
		return true;
	}
	*ret_part = slice_make(rest->ptr, (size_t)(found - rest->ptr));
	*rest = slice_skip(*rest, ret_part->len + 1);
	return true;
}

bool slice_u64(struct slice s, uint64_t *ret)
{
	uint64_t n = 0;

	if (s.len == 0)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		unsigned digit = (unsigned)(unsigned char)s.ptr[i] - '0';

		if (digit > 9 || __builtin_mul_overflow(n, 10, &n) || __builtin_add_overflow(n, digit, &n))
			return false;
	}
	*ret = n;
	return true;
}

bool slice_i64(struct slice s, int64_t *ret)
{
	bool minus = s.len > 0 && s.ptr[0] == '-';
	uint64_t n;

	if (!slice_u64(minus ? slice_skip(s, 1) : s, &n))
		return false;
	if (n > (uint64_t)INT64_MAX + minus)
		return false;
	*ret = minus ? -(int64_t)(n - 1) - 1 : (int64_t)n;
	if (minus && n == 0)
		*ret = 0;
	return true;
}

/* On a mismatch only the newest star needs to take one byte more: what an earlier star could give
 * the newest one can give too. So there is one place to go back to, and no recursion. */
bool slice_matches(struct slice s, struct slice pattern)
{
	size_t at = 0, p = 0, star = SIZE_MAX, star_at = 0;

	while (at < s.len) {
		if (p < pattern.len && pattern.ptr[p] == '*') {
			star = p++;
			star_at = at;
		} else if (p < pattern.len && pattern.ptr[p] == s.ptr[at]) {
			p++;
			at++;
		} else if (star != SIZE_MAX) {
			p = star + 1;
			at = ++star_at;
		} else {
			return false;
		}
	}
	while (p < pattern.len && pattern.ptr[p] == '*')
		p++;
	return p == pattern.len;
}

/* The key of this process, so that nobody outside can choose names that collide. */
static struct {
	uint64_t k0, k1;
	pthread_once_t once;
} slice_key = {.once = PTHREAD_ONCE_INIT};

static void slice_key_make(void)
{
	uint64_t bytes[2] = {0x736c6963655f6b65, 0x792e6475726521ff};

	/* Early in the machine's life there may be no randomness yet; a fixed key is then still right. */
	if (getrandom(bytes, sizeof(bytes), GRND_NONBLOCK) != (ssize_t)sizeof(bytes))
		bytes[1] ^= (uint64_t)(uintptr_t)&bytes;
	slice_key.k0 = bytes[0];
	slice_key.k1 = bytes[1];
}

struct slice_sip {
	uint64_t v0, v1, v2, v3;
};

static inline uint64_t slice_rotate(uint64_t x, int by)
{
	return x << by | x >> (64 - by);
}

static inline void slice_sip_round(struct slice_sip *s)
{
	s->v0 += s->v1;
	s->v2 += s->v3;
	s->v1 = slice_rotate(s->v1, 13) ^ s->v0;
	s->v3 = slice_rotate(s->v3, 16) ^ s->v2;
	s->v0 = slice_rotate(s->v0, 32);
	s->v2 += s->v1;
	s->v0 += s->v3;
	s->v1 = slice_rotate(s->v1, 17) ^ s->v2;
	s->v3 = slice_rotate(s->v3, 21) ^ s->v0;
	s->v2 = slice_rotate(s->v2, 32);
}

/* SipHash-1-3; the seed goes into the key. */
uint64_t slice_hash(struct slice s, uint64_t seed)
{
	struct slice_sip sip;
	uint64_t word, last = (uint64_t)s.len << 56;
	size_t at = 0;

	pthread_once(&slice_key.once, slice_key_make);
	sip.v0 = slice_key.k0 ^ 0x736f6d6570736575u;
	sip.v1 = slice_key.k1 ^ seed ^ 0x646f72616e646f6du;
	sip.v2 = slice_key.k0 ^ 0x6c7967656e657261u;
	sip.v3 = slice_key.k1 ^ seed ^ 0x7465646279746573u;
	for (; s.len - at >= 8; at += 8) {
		memcpy(&word, s.ptr + at, 8);
		sip.v3 ^= word;
		slice_sip_round(&sip);
		sip.v0 ^= word;
	}
	for (size_t i = 0; at + i < s.len; i++)
		last |= (uint64_t)(unsigned char)s.ptr[at + i] << (8 * i);
	sip.v3 ^= last;
	slice_sip_round(&sip);
	sip.v0 ^= last;
	sip.v2 ^= 0xff;
	slice_sip_round(&sip);
	slice_sip_round(&sip);
	slice_sip_round(&sip);
	return sip.v0 ^ sip.v1 ^ sip.v2 ^ sip.v3;
}
