/* SPDX-License-Identifier: Apache-2.0 */
/* The part of JSONPath (RFC 9535) that a content filter needs: does the path find anything in this value?
 *
 *     $  .name  ['name']  [2]  [-1]  [1:5]  [*]  .*  ..name  ['a','b']
 *     [?(@.x > 3 && (@.unit == 'C' || !@.off))]      == != < <= > >=, also against $...
 *
 * No functions, no regular expressions. A path that stands in a comparison may find several values; then the
 * comparison holds when it holds for one of them. TS-0001 8.1.2 (contentFilterQuery) */
#ifndef DURE_ENGINE_JSONPATH_H
#define DURE_ENGINE_JSONPATH_H

#include "base/fail.h"
#include "codec/val.h"

struct jsonpath;

/* Reads a path; strings point into `text` or live in the arena, and both must outlive the path. Refuses
 * (4102) what is no path of this kind, naming the column. */
MUST_CHECK int jsonpath_compile(struct arena *arena, struct slice text, struct why *why,
                                struct jsonpath **ret);

/* Does it find at least one value? Looks at some 20,000 values at most; then the answer is no. */
bool jsonpath_finds(const struct jsonpath *path, const struct val *root);

#endif
