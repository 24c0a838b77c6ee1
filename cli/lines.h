/* SPDX-License-Identifier: Apache-2.0 */
/* A text file line by line, plain or gzip; it does not matter which. The only file that includes <zlib.h>. */
#ifndef DURE_CLI_LINES_H
#define DURE_CLI_LINES_H

#include "base/slice.h"

struct lines;

/* A longer line is a fault (-EMSGSIZE). */
#define LINES_LONGEST 65536

/* 0 or -errno. */
int lines_open(const char *path, struct lines **ret);
void lines_close(struct lines *lines);
/* The next line without its end (also without a CR), good until the next call. 1: here it is; 0: no more;
 * -errno: the file is broken. */
int lines_next(struct lines *lines, struct slice *ret);
/* The number of the line just given, from 1. */
uint64_t lines_number(const struct lines *lines);

#endif
