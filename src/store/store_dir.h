/* SPDX-License-Identifier: Apache-2.0 */
/* For tests: folders that come and go. In memory where the machine has /dev/shm. */
#ifndef DURE_STORE_STORE_DIR_H
#define DURE_STORE_STORE_DIR_H

/* An empty folder of its own; give it to store_dir_destroy. */
char *store_dir_create(void);
/* Removes the folder with all in it, and frees the name. NULL is fine. */
void store_dir_destroy(char *dir);
/* Copies the store's files as they are this moment, as a crash would leave them, into a new folder. */
char *store_dir_crash(const char *dir);

#endif
