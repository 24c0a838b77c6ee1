/* SPDX-License-Identifier: Apache-2.0 */
/* The file of credentials: JSON, one object a credential, mode 0600. It is written whole beside the old one
 * and renamed, under a lock, so that nobody ever sees half of it and two writers do not lose each other's
 * work. */
#ifndef DURE_AUTH_CREDENTIAL_FILE_H
#define DURE_AUTH_CREDENTIAL_FILE_H

#include "auth/credential.h"

#define CREDENTIAL_FILE_MAX ((size_t)16 << 20) /* bytes */

struct credential_list {
	struct arena arena;
	struct credential *at;
	size_t count;
};

/* Reads it; a missing file is an empty list. 0; a refusal (4000) "FILE:LINE: what and what was expected" (bad
 * JSON, another version, two of one identifier, two of one kind and name, writable by others); or -errno.
 * Finish the list in any case. */
MUST_CHECK int credential_file_read(const char *file, struct why *why, struct credential_list *ret);
/* The same from bytes; `file` is for sentences. */
MUST_CHECK int credential_file_parse(const char *file, struct slice text, struct why *why,
                                     struct credential_list *ret);
void credential_file_finish(struct credential_list *list);

/* Keeps other writers out (FILE.lock, waits); a descriptor to close, or -errno. Readers need no lock. */
int credential_file_lock(const char *file);
/* Writes it; 0 or -errno. */
MUST_CHECK int credential_file_write(const char *file, const struct credential_list *list);
/* When root writes into somebody's folder: the file is theirs then, so that their node can read it. */
void credential_file_give(const char *file);
/* Room for one more at the end; cleared, all texts "". */
struct credential *credential_file_add(struct credential_list *list);

#endif
