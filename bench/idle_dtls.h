/* SPDX-License-Identifier: Apache-2.0 */
/* A DTLS client over a connected datagram socket, as little as idle.c needs. */
#ifndef DURE_BENCH_IDLE_DTLS_H
#define DURE_BENCH_IDLE_DTLS_H

#include <sys/types.h>

struct ssl_st;
struct ssl_ctx_st;

/* cert and key: PEM files, may be NULL. NULL: they cannot be read. */
struct ssl_ctx_st *idle_dtls_context(const char *cert, const char *key);
/* Shakes hands; whoever answers is believed. NULL: it failed. */
struct ssl_st *idle_dtls_open(struct ssl_ctx_st *context, int fd);
ssize_t idle_dtls_write(struct ssl_st *session, const void *bytes, size_t len);
ssize_t idle_dtls_read(struct ssl_st *session, void *bytes, size_t len);

#endif
