/* SPDX-License-Identifier: Apache-2.0 */
/* What an operator does to a data directory from another process: `dure backup`, `dure restore`. */
#ifndef DURE_STORE_STORE_ADMIN_H
#define DURE_STORE_STORE_ADMIN_H

#include "base/fail.h"

/* How far a backup is, in pages of the file. Non-zero ends it (-ECANCELED). */
typedef int store_admin_progress(void *user, uint64_t done, uint64_t all);

/* Copies the store in `dir` into the new file `path` (0600), consistently, also while a node writes. All that
 * was acknowledged before the call is in it. Nothing is left behind when it fails.
 * 0, or -errno and a sentence in why (may be NULL): -ENOENT no store there, -EEXIST path is there already,
 * -EBADMSG not ours, -ENOSPC, -EACCES, -ECANCELED. progress may be NULL. */
MUST_CHECK int store_sqlite_backup(const char *dir, const char *path, store_admin_progress *progress,
                                   void *user, struct why *why);

/* Puts the file `path` (of a backup) into `dir`, which is made when missing, in place of what is there. The
 * file is checked first; whoever looks finds the old store or the new one, never a half. A store that was
 * there and is too broken to be closed cleanly is kept beside, as dure.db.broken. 0, or -errno and a
 * sentence: -EBUSY when a node holds the directory, -EBADMSG when the file is no good. */
MUST_CHECK int store_sqlite_restore(const char *path, const char *dir, struct why *why);

#endif
