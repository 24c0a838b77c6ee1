/* SPDX-License-Identifier: Apache-2.0 */
/* Any JSON object as filter criteria: it is read or refused, and what was read can be held against an
 * instance. */
#include <assert.h>

#include "codec/json.h"
#include "engine/engine_private.h"
#include "engine/filter.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void filter_fuzz_match(struct req *req, const struct filter *filter)
{
	const struct slice labels[] = {SLICE("room:kitchen"), SLICE("warm")};
	struct node node = {.no = 7, .type = type_find(TYPE_CNT), .ri = SLICE("cnt-7"), .rn = SLICE("c")};
	struct store_inst inst = {
	        .box = 7,
	        .seq = 1,
	        .ty = 4,
	        .st = 7,
	        .cs = 5,
	        .ct = 1,
	        .lt = 1,
	        .et = 2,
	        .labels = labels,
	        .label_count = 2,
	        .body = SLICE("\"con\":\"{\\\"t\\\":[21.5,{\\\"x\\\":1}]}\",\"cnf\":\"text/plain:0\","
	                      "\"loc\":{\"typ\":1,\"crd\":\"[1,2]\"}")};
	struct filter_subject subject = {req, &node, &inst, &req->arena, NULL};

	for (size_t i = 0; i < filter->count; i++) {
		if (filter->conds[i].tag == FILTER_ops)
			return; /* needs a tree with policies */
	}
	(void)filter_matches(filter, &subject);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static struct engine engine;
	static bool ready;
	struct req req = {.engine = &engine};
	struct filter *filter;
	struct val *fc;
	int r;

	if (!ready)
		type_init();
	ready = true;
	arena_init(&req.arena);
	if (json_read(&req.arena, slice_make((const char *)bytes, len), NULL, NULL, &fc) == 0) {
		r = filter_compile(&req, fc, &filter);
		assert(r == 0 ? filter != NULL : r == req.why.rsc && (r == 4102 || r == 5001));
		if (r == 0)
			filter_fuzz_match(&req, filter);
	}
	arena_finish(&req.arena);
	return 0;
}
