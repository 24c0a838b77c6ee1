/* SPDX-License-Identifier: Apache-2.0 */
/* For tests: a disk that fails. Once installed, every SQLite file of the process goes through it; the n-th
 * write, sync or truncation fails, and, if wanted, all after it. */
#ifndef DURE_STORE_STORE_FAULTS_H
#define DURE_STORE_STORE_FAULTS_H

#include <stdbool.h>

struct store_faults; /* one per process */

struct store_faults *store_faults_install(void);
/* The next `after` calls go well, the one behind them fails as SQLite's `code` (SQLITE_FULL,
 * SQLITE_IOERR_FSYNC
 * ...), and with `stays` all that follow. */
void store_faults_arm(struct store_faults *faults, long after, int code, bool stays);
/* So many calls go well yet; negative when not armed. */
long store_faults_left(const struct store_faults *faults);
/* The disk is well again. Returns how many calls failed. */
long store_faults_disarm(struct store_faults *faults);

#endif
