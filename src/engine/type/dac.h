/* SPDX-License-Identifier: Apache-2.0 */
/* What a <dynamicAuthorizationConsultation> is asked for. */
#ifndef DURE_ENGINE_TYPE_DAC_H
#define DURE_ENGINE_TYPE_DAC_H

#include "engine/type_ops.h"

/* node->extra of a <dynamicAuthorizationConsultation>. */
struct dac {
	unsigned busy; /* questions under way */
};

/* May it be asked at `now`? Its points of access, a list, in the arena; NULL: no. ret_until: its dal, or 0.
 */
const struct val *dac_points(const struct node *node, int64_t now, struct arena *arena, int64_t *ret_until);

#endif
