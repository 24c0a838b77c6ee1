/* SPDX-License-Identifier: Apache-2.0 */
/* The CSEs that can be reached through those that are registered here. */
#ifndef DURE_ENGINE_TYPE_CSR_H
#define DURE_ENGINE_TYPE_CSR_H

#include "engine/req.h"

/* The CSE of an address, as csr_find has it: "/id-mn", or "//other.example/id-x" of another provider. A part
 * of the text behind `to`. */
struct slice csr_id(const struct id_self *self, const struct id_to *to);
/* The <remoteCSE> to which requests for this CSE go: its own; else that which names it among its descendants
 * (dcse); else, when we are no IN-CSE, the one of our registrar, if it can be told: an IN-CSE (cst 1) never
 * registers at others, so it is whom we are registered at. NULL: nobody knows it. TS-0001 8.2.1.1 */
struct node *csr_find(const struct engine *engine, struct slice cse);
/* The same without the registrar: the one that names it. */
struct node *csr_named(const struct engine *engine, struct slice cse);
/* All releases that it says it speaks (srv) are the first: it knows neither rvi nor vsi. */
bool csr_is_release1(const struct node *node);

#endif
