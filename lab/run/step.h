/* SPDX-License-Identifier: Apache-2.0 */
/* One statement of a case, from text to struct step. */
#ifndef DURE_LAB_STEP_H
#define DURE_LAB_STEP_H

#include "lab/run/lex.h"

/* lex stands at the verb. `topology` of the case is set when that verb is met. */
MUST_CHECK int step_read(struct lex *lex, struct lab_case *lab_case, struct step *ret);

#endif
