/* SPDX-License-Identifier: Apache-2.0 */
/* Includes spec/types.def with the macros that the includer defined; those he left out are empty. The
 * file has no guard on purpose: it is included once for every use of the rows. */
#ifndef TYPE
#define TYPE(id, number, sn, ln, traits, doc)
#endif
#ifndef ATTR
#define ATTR(id, sn, ln, kind, card, create, update, announced, limits, doc)
#endif
#ifndef MGMT
#define MGMT(id, definition, space, sn, ln, doc)
#endif
#ifndef CHILDREN
#define CHILDREN(id, ...)
#endif
#ifndef TWIN_CHILDREN
#define TWIN_CHILDREN(id, ...)
#endif
#ifndef END
#define END(id)
#endif

#include "spec/types.def"

#undef TYPE
#undef MGMT
#undef ATTR
#undef CHILDREN
#undef TWIN_CHILDREN
#undef END
