/* SPDX-License-Identifier: Apache-2.0 */
/* What <container> and <flexContainer> share: limits, latest, oldest. */
#ifndef DURE_ENGINE_TYPE_CNT_H
#define DURE_ENGINE_TYPE_CNT_H

#include "engine/type_ops.h"

/* mni, mbs, mia, disr, fcied from the body into the box. */
void cnt_read_limits(struct node *node);
/* Bytes of a content: its characters when it is text, else as JSON writes it. */
size_t cnt_content_size(struct arena *arena, const struct val *con);
/* la and ol. */
extern const struct virtual_child cnt_virtual_children[];

#endif
