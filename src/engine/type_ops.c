/* SPDX-License-Identifier: Apache-2.0 */
/* The list of the types that act. */
#include "engine/type_ops.h"

static const struct type_ops *const list[] = {
        &type_ops_acp, &type_ops_ae,   &type_ops_cnt, &type_ops_cin, &type_ops_csr,
        &type_ops_dac, &type_ops_fcnt, &type_ops_grp, &type_ops_mgo, &type_ops_pch,
        &type_ops_req, &type_ops_rol,  &type_ops_sch, &type_ops_sub, &type_ops_tk,
};

const struct type_ops *type_ops_find(uint32_t number)
{
	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		if (list[i]->number == number)
			return list[i];
	return NULL;
}

const struct virtual_child *type_ops_virtual(const struct type *type, struct slice name)
{
	const struct type_ops *ops = type_ops_find(type->number);
	if (!ops || !ops->virtual_children)
		return NULL;
	for (const struct virtual_child *child = ops->virtual_children; child->name; child++)
		if (slice_is_text(name, child->name))
			return child;
	return NULL;
}
