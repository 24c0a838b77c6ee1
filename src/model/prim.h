/* SPDX-License-Identifier: Apache-2.0 */
/* Request and response primitives: one value per row of spec/prim.def. A binding fills them row by row;
 * nobody lists parameters twice. TS-0004 6.4 */
#ifndef DURE_MODEL_PRIM_H
#define DURE_MODEL_PRIM_H

#include "base/fail.h"
#include "codec/val.h"

/* Columns of prim.def:  PRIM(id, long name, how, http header or "", query key or "", option, older option,
 * direction)
 *   how        TEXT INT BOOL TIME LIST (of text) INTS (list of numbers) OBJECT: what prim_set makes of text
 *   direction  REQ, RSP, BOTH */
enum prim_id {
#define PRIM(id, ln, how, header, query, option, older, direction) PRIM_##id,
#include "spec/prim.def"
#undef PRIM
	PRIM_COUNT
};

enum prim_how { PRIM_TEXT, PRIM_INT, PRIM_BOOL, PRIM_TIME, PRIM_LIST, PRIM_INTS, PRIM_OBJECT };
enum prim_direction { PRIM_REQ = 1, PRIM_RSP = 2, PRIM_BOTH = 3 };

struct prim_row {
	enum prim_id id;
	const char *sn, *ln;
	enum prim_how how;
	const char *header; /* "X-M2M-RI", or "" */
	const char *query;  /* "rcn", or "" */
	uint16_t option;    /* its number in CoAP; 0: none */
	uint16_t older;     /* in earlier releases of TS-0008, often the same; 0: none */
	enum prim_direction direction;
	uint8_t sn_len, header_len, query_len;
};
extern const struct prim_row prim_rows[PRIM_COUNT];
const struct prim_row *prim_by_name(struct slice sn);     /* NULL: none */
const struct prim_row *prim_by_header(struct slice name); /* any case */
const struct prim_row *prim_by_query(struct slice key);
/* By either number; the two sets do not contradict each other. NULL: not one of ours. */
const struct prim_row *prim_by_option(uint16_t number);

/* The filter criteria of spec/filter.def: short name, long name, how, multi. */
struct filter_row {
	const char *sn, *ln;
	enum prim_how how;
	bool multi;
};
const struct filter_row *filter_row_find(struct slice sn);
const struct filter_row *filter_row_next(size_t *at);

enum operation { OP_CREATE = 1, OP_RETRIEVE, OP_UPDATE, OP_DELETE, OP_NOTIFY };

/* A request or a response. Absent parameters are NULL. PRIM_rt is always a number; its notificationURI list
 * stands apart as PRIM_rtu, and prim_read and prim_write take {"rtv":..,"nu":[..]} apart and put it together.
 */
struct prim {
	struct val *at[PRIM_COUNT];
};

/* From text, as headers and queries carry it; refuses (4000) what the row's kind does not allow. */
MUST_CHECK int prim_set_text(struct prim *prim, struct arena *arena, const struct prim_row *row,
                             struct slice text, struct why *why);
/* From a whole primitive as one object: {"op":1,"to":...}; unknown members are refused. For bindings that
 * carry the primitive as their payload, and for embedded ones (m2m:rqp, m2m:rsp). */
MUST_CHECK int prim_read(struct prim *prim, struct arena *arena, struct val *object,
                         enum prim_direction direction, struct why *why);
/* The other way round. Shares the values. */
struct val *prim_write(const struct prim *prim, struct arena *arena);

/* The value as text or number; empty or `otherwise` when absent. */
struct slice prim_text(const struct prim *prim, enum prim_id id);
int64_t prim_int(const struct prim *prim, enum prim_id id, int64_t otherwise);
bool prim_bool(const struct prim *prim, enum prim_id id, bool otherwise);
static inline bool prim_has(const struct prim *prim, enum prim_id id)
{
	return prim->at[id] != NULL;
}

/* m2m:absRelTimestamp: a timestamp, or milliseconds from `now`. False for anything else. TS-0004 6.3.3 */
bool prim_time(const struct val *v, int64_t now, int64_t *ret_us);

#endif
