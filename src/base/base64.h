/* SPDX-License-Identifier: Apache-2.0 */
/* Base64 (RFC 4648 4) and its URL form (5, without padding). Decoding is strict: no blanks, no other letters,
 * no bits left over. */
#ifndef DURE_BASE_BASE64_H
#define DURE_BASE_BASE64_H

#include "base/arena.h"

/* The text, in the arena. */
struct slice base64_encode(struct arena *arena, struct slice bytes);
struct slice base64url_encode(struct arena *arena, struct slice bytes);
/* False: it is none. The standard form wants its padding, the URL form takes none. */
bool base64_decode(struct arena *arena, struct slice text, struct slice *ret_bytes);
bool base64url_decode(struct arena *arena, struct slice text, struct slice *ret_bytes);

#endif
