/* SPDX-License-Identifier: Apache-2.0 */
#include "model/table.h"

const struct shape *shape_find(struct slice name)
{
	for (size_t i = 0; i < table_shape_count; i++)
		if (slice_is_text(name, table_shapes[i]->name))
			return table_shapes[i];
	return NULL;
}

const struct shape *shape_next(size_t *at)
{
	return *at < table_shape_count ? table_shapes[(*at)++] : NULL;
}

const struct attr *shape_member(const struct shape *shape, struct slice sn)
{
	for (size_t i = 0; i < shape->count; i++) {
		const struct attr *member = &shape->members[i];

		if (member->sn_len == sn.len && memcmp(member->sn, sn.ptr, sn.len) == 0)
			return member;
	}
	return NULL;
}
