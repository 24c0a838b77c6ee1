/* SPDX-License-Identifier: Apache-2.0 */
/* The schedule entry: seven fields, second to year, as used by <schedule>, access control windows and
 * deletion contexts. TS-0004 6.3.3 (m2m:scheduleEntry) */
#ifndef DURE_MODEL_SCHEDULE_H
#define DURE_MODEL_SCHEDULE_H

#include "base/slice.h"

/* False: not a schedule entry. */
bool schedule_is_valid(struct slice entry);
/* Does the moment (microseconds, UTC) lie in the entry? False for an entry that is not valid. */
bool schedule_holds(struct slice entry, int64_t us);
/* The first whole second at or after `us` that lies in the entry, in microseconds; INT64_MAX: never
 * (within 30 years). */
int64_t schedule_next(struct slice entry, int64_t us);

#endif
