/* SPDX-License-Identifier: Apache-2.0 */
/* The members of a group: addresses, looked up. Two addresses of the same resource are the same member. */
#ifndef DURE_ENGINE_MEMBER_H
#define DURE_ENGINE_MEMBER_H

#include "engine/tree.h"
#include "engine/type_ops.h"

enum { MEMBER_MAX = 10000 }; /* of one group */

struct member {
	struct slice address; /* as given */
	struct slice key;     /* the same for every address of the resource; from the arena */
	bool here;            /* false: on another CSE, and nothing below is known */
	struct node *node;    /* the resource, or the one above an instance or a virtual resource */
	uint64_t seq;         /* an instance; 0: none */
	const struct virtual_child *virtual_child; /* la, ol, fopt; else NULL */
	struct slice rest;                         /* the path behind fopt */
};

/* 0; -ENOENT when it should be here but is not; a refusal (4000) when it is no address; a fault. `address`
 * must live as long as the arena. */
MUST_CHECK int member_find(struct engine *engine, struct slice address, struct arena *arena, struct why *why,
                           struct member *ret);
/* Its number among the member types: that of its type, 20001 or 20002 for ol and la, and for the fopt of a
 * group the type of that group's members. 0: any. TS-0004 6.3.4.2.11 (m2m:memberType) */
uint32_t member_type(const struct member *member, struct arena *arena);
enum { MEMBER_OLDEST = 20001, MEMBER_LATEST = 20002 };

#endif
