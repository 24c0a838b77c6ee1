/* SPDX-License-Identifier: Apache-2.0 */
/* How slowly secrets can be guessed. After some wrong guesses an address is not heard for a while, which
 * doubles with each further one. Being right once takes nothing back: else whoever has one password could
 * guess at others for ever. All together make us hash only so often a second, so that guessing cannot make
 * the loop stand still. */
#ifndef DURE_AUTH_BRAKE_H
#define DURE_AUTH_BRAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	BRAKE_FREE = 5,      /* wrong guesses that cost nothing */
	BRAKE_PLACES = 4096, /* addresses remembered; who guessed wrong longest ago is forgotten first */
	BRAKE_CHECKS = 5,    /* slow checks a second, of all; as many may be saved up */
};

struct brake;

struct brake *brake_create(void);
void brake_destroy(struct brake *brake); /* NULL is fine */

/* How long this address (address_key) is still not heard, in microseconds; 0: it is heard. */
int64_t brake_wait(struct brake *brake, uint64_t address, int64_t now_us);
void brake_wrong(struct brake *brake, uint64_t address, int64_t now_us);
/* Takes one slow check out of everybody's budget; false: it is spent for this moment. */
bool brake_spend(struct brake *brake, int64_t now_us);
/* Addresses remembered. */
size_t brake_count(const struct brake *brake);

#endif
