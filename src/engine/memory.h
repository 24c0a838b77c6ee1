/* SPDX-License-Identifier: Apache-2.0 */
/* What authorization servers granted for a while, remembered so that they are not asked each time. Instead of
 * an access control policy made from the answer, which the standard leaves open: a policy would outlive the
 * consultation that it came from, and pile up. What is remembered counts only as long as the very
 * consultation stands unchanged and the resource points to it. TS-0001 10.2.3.7 */
#ifndef DURE_ENGINE_MEMORY_H
#define DURE_ENGINE_MEMORY_H

#include "engine/req.h"

struct memory;

/* Remembers the rules (a setOfAcrs) that this consultation gave for the request's originator and a resource.
 */
void memory_keep(struct req *req, const struct node *node, const struct node *consultation,
                 const struct val *rules, int64_t until);
/* The rules, in the request's arena; NULL: none. */
const struct val *memory_find(struct req *req, const struct node *node, const struct node *consultation);
void memory_destroy(struct memory *memory); /* NULL is fine */

#endif
