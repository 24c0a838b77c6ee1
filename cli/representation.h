/* SPDX-License-Identifier: Apache-2.0 */
/* "mni=100 lbl=room:kitchen,floor:1" as a representation, typed by the tables of model/. */
#ifndef DURE_CLI_REPRESENTATION_H
#define DURE_CLI_REPRESENTATION_H

#include "base/fail.h"
#include "codec/val.h"
#include "model/type.h"

/* NAME=VALUE words as an object: numbers as numbers, lists split at commas, objects as JSON text; a value
 * that begins with '{' or '[' is JSON where the attribute may be; "null" and nothing are null; NAME:=VALUE is
 * JSON whatever the table says. Attributes the type does not have go as text: the CSE decides. type may be
 * NULL. Refuses (4000) with a sentence. All in arena; text points into words. */
MUST_CHECK int representation_read(struct arena *arena, const struct type *type, const char *const *words,
                                   size_t count, struct why *why, struct val **ret);

/* The type that a word on the command line means: "cnt", "container", "m2m:cnt", "cod:binSh", a number, a
 * definition. NULL: none. */
const struct type *representation_type(struct slice word);

#endif
