/* SPDX-License-Identifier: Apache-2.0 */
/* What a subscription may say, beyond what the table of its type knows. */
#ifndef DURE_ENGINE_TYPE_SUB_RULES_H
#define DURE_ENGINE_TYPE_SUB_RULES_H

#include "engine/tree.h"

/* The event types enc asks for, as bits; 0 for an operation monitor; absent: updates. Refuses a bad mixture.
 */
MUST_CHECK int sub_rules_nets(const struct val *enc, uint32_t *ret_nets, struct why *why);
/* The content type that goes without saying for these. */
int sub_rules_nct(uint32_t nets);
/* A whole subscription (new, or as it would be) below this parent: 0 or 4000. */
MUST_CHECK int sub_rules_check(const struct node *parent, const struct val *rep, struct why *why);

#endif
