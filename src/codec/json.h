/* SPDX-License-Identifier: Apache-2.0 */
/* JSON (RFC 8259) to and from the value tree. Strict: duplicate names, bad UTF-8, lone surrogates,
 * raw control characters, too much depth and anything behind the value are refused. */
#ifndef DURE_CODEC_JSON_H
#define DURE_CODEC_JSON_H

#include "base/buf.h"
#include "base/fail.h"
#include "codec/val.h"

struct json_limits {
	unsigned depth;  /* nesting, the root counts one */
	unsigned values; /* values in all, names not counted */
};

/* What a stranger's body may be: 32 deep, 100,000 values. */
extern const struct json_limits json_limits_default;
/* For what we wrote ourselves, out of pieces that were held to the default. */
extern const struct json_limits json_limits_own;

/* Reads one value. Strings without escapes point into `text`. limits may be NULL (the default).
 * Refuses with 4000 and "line L column C: ..." . */
MUST_CHECK int json_read(struct arena *arena, struct slice text, const struct json_limits *limits,
                         struct why *why, struct val **ret_val);
/* Relaxed JSON for people: names and simple words without quotes ({ rn: meter, to: ~/box }), strings in
 * single quotes too, comments from # to the end of the line, a comma before a closing bracket. A word that
 * begins with a digit needs quotes. For case files and configuration only; 64 deep, 1,000,000 values. */
MUST_CHECK int json_read_relaxed(struct arena *arena, struct slice text, struct why *why,
                                 struct val **ret_val);

/* Writes compactly, members in order. */
void json_write(struct buf *buf, const struct val *v);
/* Writes for people: indented by two blanks. VAL_JSON is read and indented too. */
void json_write_pretty(struct buf *buf, const struct val *v);
/* Writes one string with its quotes. */
void json_write_str(struct buf *buf, struct slice text);
/* Writes the members of an object without its braces; nothing for an empty one. */
void json_write_members(struct buf *buf, const struct val *obj);

#endif
