/* SPDX-License-Identifier: Apache-2.0 */
/* Is what was found what a pattern wants? And if not, where, in one line. */
#ifndef DURE_LAB_MATCH_H
#define DURE_LAB_MATCH_H

#include "lab/run/names.h"

/* True: it fits. Otherwise *ret_complaint says "con: expected \"2\", found \"3\"". found may be NULL (nothing
 * there). A pattern that cannot be understood is a complaint too. */
bool match_value(struct names *names, const struct val *pattern, const struct val *found,
                 struct slice *ret_complaint);
/* One word of text, as in headers: the pattern is read like a bare word or taken as the text. */
bool match_text(struct names *names, struct slice pattern, const char *found);
/* "4117|4105", "4xxx" */
bool match_code(struct slice codes, int code);

#endif
