/* SPDX-License-Identifier: Apache-2.0 */
/* Is a single value of the kind that its row names? The kinds stand in spec/kind.def.   TS-0004 6.3.3 */
#ifndef DURE_MODEL_KIND_H
#define DURE_MODEL_KIND_H

#include "model/type.h"

/* KIND_ENUM and KIND_OBJECT say no more than "a whole number" and "an object": what stands in the enumeration
 * or the shape is for check.c. v is not NULL. */
bool kind_holds(enum kind kind, const struct val *v);
/* Is the value a number in JSON? */
bool kind_is_number(enum kind kind);

#endif
