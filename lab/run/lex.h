/* SPDX-License-Identifier: Apache-2.0 */
/* Words of a statement, and where in the file one stands: every complaint names file, line and column. */
#ifndef DURE_LAB_LEX_H
#define DURE_LAB_LEX_H

#include "lab/run/case.h"

struct lex {
	const char *file;
	unsigned line;     /* of the first byte of text */
	struct slice text; /* one statement, may hold newlines */
	size_t at;
	struct arena *arena;
	struct why *why;
};

enum lex_next { LEX_END, LEX_ARROW, LEX_BODY, LEX_WORD };

/* Skips blanks and says what comes. */
enum lex_next lex_peek(struct lex *lex);
/* One word; quoted parts are decoded. */
MUST_CHECK int lex_word(struct lex *lex, struct word *ret);
/* Eats the arrow; lex_peek must have said LEX_ARROW. */
void lex_arrow(struct lex *lex);
/* "file:line:column: " and the sentence. Always a refusal. */
int lex_refuse(const struct lex *lex, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A body or pattern: relaxed JSON with bare words, which become VAL_JSON values whose text is the word. An
 * exact object or list (!{ or ![) has a bare `!` as its first member. */
MUST_CHECK int lex_body(struct lex *lex, struct val **ret);

/* "10s", "250ms" ... into microseconds; false for anything else. */
bool lex_time(struct slice text, int64_t *ret_us);

#endif
