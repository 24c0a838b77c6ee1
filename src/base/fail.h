/* SPDX-License-Identifier: Apache-2.0 */
/* The two ways to say no.
 *
 *    0   it is done.
 *   >0   a refusal: a response status code of spec/rsc.def. The request was wrong or not allowed; who
 *        asked is told so, in a sentence that says what was wrong, where, and what was expected.
 *   <0   a fault: -errno. We were wrong, or the machine was. It travels up unchanged; the request that
 *        met it is answered 5000.
 *
 * Functions that can do either are MUST_CHECK. Results come last, are named ret_..., and are written
 * on 0 only. */
#ifndef DURE_BASE_FAIL_H
#define DURE_BASE_FAIL_H

#include "base/arena.h"

#define MUST_CHECK __attribute__((warn_unused_result))

/* Why something was refused. The caller brings it; text is bounded and always valid UTF-8. */
struct why {
	int rsc;        /* 0 while nothing was refused */
	char text[320]; /* a sentence, NUL-terminated */
};

/* Writes the reason and returns rsc. why may be NULL (then the sentence is lost). Bytes of strangers in
 * the arguments are fine: what is not printable is shown as '?', what is long is cut. */
int refuse(struct why *why, int rsc, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Logs the fault with its place and gives it back: `return fault(-ENOSPC, "journal: commit");` */
int fault(int error, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
