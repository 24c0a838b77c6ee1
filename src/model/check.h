/* SPDX-License-Identifier: Apache-2.0 */
/* Does a representation fit the table of its type? One loop for all types. */
#ifndef DURE_MODEL_CHECK_H
#define DURE_MODEL_CHECK_H

#include "model/type.h"

enum {
	CHECK_LABELS_MOST = 1000, /* of one resource */
	CHECK_LIST_MOST = 10000,  /* entries of any other list: as many as a group may have members */
};

/* CREATE: every attribute known, allowed, of the right kind; the mandatory ones there; null only for `cr`.
 * Refuses with 4000.   TS-0004 7.3.3.3, TS-0004 7.3.3.4 */
MUST_CHECK int check_create(const struct type *type, const struct val *rep, struct why *why);
/* UPDATE: the same, and null only where the attribute may go. */
MUST_CHECK int check_update(const struct type *type, const struct val *rep, struct why *why);
/* One value against one row; `where` names it in the sentence ("enc/net"). */
MUST_CHECK int check_value(const struct attr *attr, const struct val *v, const char *where, struct why *why);
/* An object against a shape. */
MUST_CHECK int check_shape(const struct shape *shape, const struct val *v, const char *where,
                           struct why *why);

/* Single kinds, for those who read one value. */
bool check_resource_name(struct slice name);   /* TS-0001 7.2: rn */
bool check_unreserved(struct slice id);        /* 1*unreserved */
bool check_schedule_entry(struct slice entry); /* seven fields, TS-0004 7.4.9 */

#endif
