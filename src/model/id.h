/* SPDX-License-Identifier: Apache-2.0 */
/* Identifiers and addresses: taken apart, never looked up.   TS-0001 7.2, TS-0004 6.2.4 */
#ifndef DURE_MODEL_ID_H
#define DURE_MODEL_ID_H

#include "base/fail.h"

/* Who we are; all as text without trailing slash. */
struct id_self {
	struct slice sp;   /* "//sp.example" */
	struct slice csi;  /* "/id-in" */
	struct slice name; /* "cse-in": the resource name of the CSEBase */
};

enum id_scope { ID_CSE_RELATIVE, ID_SP_RELATIVE, ID_ABSOLUTE };

/* An address, taken apart. */
struct id_to {
	enum id_scope scope;
	bool here;            /* does this CSE host it? */
	struct slice sp, cse; /* "//sp.example", "/id-in"; empty when the scope does not name them */
	struct slice path; /* what follows, without leading slash: "cse-in/a/b", "cnt12/la", "" = CSEBase */
	struct slice fragment; /* "#attr" without '#'; empty: none */
};

/* Takes `to` apart. Refuses (4000) what cannot be an address: empty, too long (over 4096 bytes), a byte
 * outside the grammar, an empty segment, more than 100 segments. */
MUST_CHECK int id_read_to(const struct id_self *self, struct slice to, struct id_to *ret, struct why *why);

/* Is it an ID a request may come from: an AE-ID stem, "/cse", "/cse/Cstem", "/Sstem", "//sp/cse...",
 * or "all"-free free text such as CAdmin? Letters of the grammar only, at most 255 bytes. */
bool id_is_originator(struct slice fr);
bool id_is_cse(struct slice id);     /* "/id" or "//sp/id" */
bool id_is_ae_stem(struct slice id); /* "C..." or "S..." */

/* The originator in the form policies compare: SP-relative. "CAe1" -> "/id-in/CAe1", "Sx" -> "/Sx",
 * "/cse" stays, "//our-sp/..." loses the SP. Text from the arena or from fr. */
struct slice id_sp_relative(const struct id_self *self, struct slice id, struct arena *arena);
/* Does the entry of a policy or list name this ID? Both may be in any form; '*' in the entry stands for
 * any run of characters; "all" is not handled here. TS-0003 7.1.3 */
bool id_matches(const struct id_self *self, struct slice entry, struct slice id, struct arena *arena);
/* A URL ("scheme://...") and not an identifier? */
bool id_is_url(struct slice text);

#endif
