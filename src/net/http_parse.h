/* SPDX-License-Identifier: Apache-2.0 */
/* The reading of HTTP/1.1 messages as pure functions over bytes: no sockets, no memory of their own. Strict
 * where leniency would let two readers of the same bytes see two different requests (RFC 9112). */
#ifndef DURE_NET_HTTP_PARSE_H
#define DURE_NET_HTTP_PARSE_H

#include "net/http.h"

enum http_outcome {
	HTTP_MORE, /* not all there yet */
	HTTP_DATA, /* a piece of the body */
	HTTP_DONE,
	HTTP_BAD /* struct http_bad says why */
};

/* What was wrong, as a status and a sentence. */
struct http_bad {
	int status;
	const char *sentence;
};

/* How far the search for the end of a head has come. All zero: at its beginning. */
struct http_scan {
	size_t at, line; /* the next byte to look at; where the current line begins */
};

/* Is the whole head in `in`? Continues where it stopped when called again with more bytes. DONE: *ret_len is
 * its length with the blank line. BAD already when what is there cannot become a request any more. */
enum http_outcome http_parse_scan(struct http_scan *scan, struct slice in, const struct http_limits *limits,
                                  size_t *ret_len, struct http_bad *bad);

/* A head, understood. */
struct http_head {
	struct slice method, target; /* target without scheme and authority */
	struct http_header *headers; /* HTTP_HEADERS_MAX places that the caller brings */
	size_t header_count;
	bool keep_alive, is_1_0;
	bool expects_continue;
	bool chunked;
	uint64_t length; /* of the body, when not chunked; 0: none */
};

/* Understands a head that http_parse_scan found whole. DONE or BAD; with BAD the method and target found so
 * far stand in *head. The slices point into `in`. */
enum http_outcome http_parse_head(struct slice in, const struct http_limits *limits, struct http_head *head,
                                  struct http_bad *bad);

/* The reading of a chunked body. All zero: at its beginning. */
struct http_chunked {
	int state;
	unsigned digits;    /* of the size being read */
	uint64_t left;      /* of the chunk */
	uint64_t total;     /* of the body so far, with the announced rest of this chunk */
	size_t extra;       /* bytes of extensions and trailers so far */
	bool line_is_empty; /* of the trailer line being read */
};

/* Eats from *rest. DATA: *ret_data is a piece of the body, call again; MORE: all was eaten; DONE: the body
 * and its trailers are through, *rest is what follows. */
enum http_outcome http_parse_chunked(struct http_chunked *chunked, struct slice *rest,
                                     const struct http_limits *limits, struct slice *ret_data,
                                     struct http_bad *bad);

/* Is it a token of RFC 9110 5.6.2? Never when empty. */
bool http_parse_is_token(struct slice text);
/* ASCII only, any case. */
bool http_parse_same(struct slice a, struct slice b);

#endif
