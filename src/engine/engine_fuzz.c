/* SPDX-License-Identifier: Apache-2.0 */
/* Plays requests made of random bytes, nearly right, into the engine with a store in memory, lets time pass
 * between them, and checks after every round that the tree and the store agree: counts equal children, sizes
 * equal their sums, nobody is an orphan. The input is a program: each byte chooses. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "codec/json.h"
#include "engine/engine_private.h"

enum { STEPS_MAX = 400, SENT_MAX = 64 };

/* A request that left and waits for its answer. */
struct sent {
	void (*done)(void *user, int result, const struct prim *response);
	void *user;
};

struct play {
	const uint8_t *at, *end;
	struct engine *engine;
	struct store *store;
	struct timers timers;
	size_t open; /* requests not answered yet */
	struct sent sent[SENT_MAX];
	size_t sent_count;
	unsigned made; /* for names */
};

static unsigned pick(struct play *play, unsigned of)
{
	return play->at < play->end ? *play->at++ % of : 0;
}

#define PICK(play, list) (list)[pick((play), sizeof(list) / sizeof((list)[0]))]

static const char *const originators[] = {"CAdmin", "Ca", "Cb", "C", "S", "", "/mn-1", "all", "Ca*", "\xff"};
static const char *const elsewhere[] = {
        "/mn-1", "/mn-1/x/a", "/mn-2/x#lbl", "//dure.local/mn-1/-", "//far.example/mn-1/x", "/mn-3"};
static const char *const names[] = {"a", "b", "c", "d", "la", "ol", "fopt", "pcu", "g", "s", "e"};

/* A path of up to four names below the CSEBase. */
static struct slice path(struct play *play, struct arena *arena)
{
	static const char *const roots[] = {
	        "cse-in", "-", "/id-in/cse-in", "//dure.local/id-in/-", "Ca", "cnt-4", "//", ""};
	struct slice text = slice_of(PICK(play, roots));
	for (unsigned depth = pick(play, 5); depth; depth--)
		text = arena_printf(arena, "%.*s/%s", SLICE_ARG(text), PICK(play, names));
	return text;
}

/* What stands in for a resource: mostly right, sometimes not. %s is a name, %p a path. */
static const struct shape_of {
	int ty;
	const char *text;
} shapes[] = {
        {2, "{\"m2m:ae\":{\"rn\":\"%s\",\"api\":\"N.x\",\"rr\":false,\"srv\":[\"3\"]}}"},
        {3, "{\"m2m:cnt\":{\"rn\":\"%s\",\"mni\":3,\"lbl\":[\"x\",\"k:v\"]}}"},
        {3, "{\"m2m:cnt\":{\"rn\":\"%s\",\"mbs\":9,\"mia\":20,\"et\":\"21000101T000000\"}}"},
        {3, "{\"m2m:cnt\":{\"rn\":\"%s\",\"disr\":true,\"cr\":null}}"},
        {4, "{\"m2m:cin\":{\"con\":\"%s\",\"lbl\":[\"x\"]}}"},
        {4, "{\"m2m:cin\":{\"con\":{\"v\":[1,2.50,null]},\"rn\":\"%s\"}}"},
        {9, "{\"m2m:grp\":{\"rn\":\"%s\",\"mnm\":4,\"mid\":[\"%p\",\"%p\",\"cse-in/a/g/fopt\"]}}"},
        {1, "{\"m2m:acp\":{\"rn\":\"%s\",\"pv\":{\"acr\":[{\"acor\":[\"all\"],\"acop\":63}]},"
            "\"pvs\":{\"acr\":[{\"acor\":[\"Ca\"],\"acop\":63}]}}}"},
        {23, "{\"m2m:sub\":{\"rn\":\"%s\",\"nu\":[\"Ca\"],\"enc\":{\"net\":[1,2,3,4,5]},\"exc\":2}}"},
        {23, "{\"m2m:sub\":{\"rn\":\"%s\",\"nu\":[\"test://"
             "x\"],\"enc\":{\"net\":[3]},\"bn\":{\"num\":2},\"pn\":1}}"},
        {15, "{\"m2m:pch\":{\"rn\":\"%s\"}}"},
        {28, "{\"cod:binSh\":{\"rn\":\"%s\",\"cnd\":\"org.onem2m.common.moduleclass.binarySwitch\",\"state\":"
             "true,"
             "\"fcied\":true,\"mni\":2}}"},
        {14, "{\"m2m:nod\":{\"rn\":\"%s\",\"ni\":\"x\"}}"},
        {16, "{\"m2m:csr\":{\"rn\":\"%s\",\"cb\":\"/mn-1/x\",\"rr\":true,\"srv\":[\"3\"],\"poa\":[\"test://"
             "m\",\"test://n\"],"
             "\"dcse\":[\"/mn-2\",\"/mn-1\"]}}"},
        {18, "{\"m2m:sch\":{\"rn\":\"%s\",\"se\":{\"sce\":[\"* * * * * * *\"]}}}"},
        {3, "{\"m2m:cnt\":{\"mni\":null}}"},
        {3, "{\"m2m:cnt\":{\"acpi\":[\"cse-in/a\"]}}"},
        {28, "{\"cod:binSh\":{\"state\":false}}"},
        {5, "{\"m2m:cb\":{}}"},
        {4, "[1]"},
        {31, "{\"m2m:rol\":{\"rlid\":\"r@x.y\",\"tkis\":\"Ca\",\"tkhd\":\"Ca\",\"tknb\":\"20000101T000000\","
             "\"tkna\":\"20990101T000000\",\"rltl\":\"%p\"}}"},
        {31, "{\"m2m:rol\":{\"rn\":\"%s\",\"rlid\":\"r@x.y\",\"tkis\":\"Ca\",\"tkhd\":\"Cb\",\"tknb\":"
             "\"20000101T000000\",\"tkna\":\"20990101T000000\"}}"},
        {32, "{\"m2m:tk\":{\"rn\":\"%s\",\"tkid\":\"t@x.y\",\"tkob\":\"0\"}}"},
        {34, "{\"m2m:dac\":{\"rn\":\"%s\",\"dae\":true,\"dap\":[\"test://x\",\"test://y\"]}}"},
        {34, "{\"m2m:dac\":{\"rn\":\"%s\",\"dae\":true,\"dap\":[\"test://z\"],\"dal\":\"20990101T000000\"}}"},
        {34, "{\"m2m:dac\":{\"dae\":false}}"},
        {3, "{\"m2m:cnt\":{\"daci\":[\"%p\",\"%p\"]}}"},
        {1, "{\"m2m:acp\":{\"rn\":\"%s\",\"pv\":{\"acr\":[{\"acor\":[\"r@x.y\"],\"acop\":63}]},\"pvs\":{"
            "\"acr\":[{"
            "\"acor\":[\"Ca\"],\"acop\":63}]}}}"},
        {17, "{\"m2m:rsp\":{\"rsc\":2000,\"rqi\":\"1\"}}"},
};

static struct val *content(struct play *play, struct arena *arena, const struct shape_of *shape)
{
	struct buf buf;
	struct val *v;
	buf_init(&buf, arena);
	for (const char *c = shape->text; *c; c++) {
		if (*c != '%') {
			buf_add_char(&buf, *c);
			continue;
		}
		c++;
		if (*c == 's')
			buf_add_slice(&buf, slice_of(PICK(play, names)));
		else
			buf_add_slice(&buf, path(play, arena));
	}
	return json_read(arena, buf_slice(&buf), NULL, NULL, &v) ? NULL : v;
}

static void answered(struct req *req)
{
	struct play *play = req->user;
	play->open--;
	if (!prim_has(&req->out, PRIM_rsc))
		abort(); /* every answer has a code */
	req_destroy(req);
}

static const char *const filters[] = {
        "{\"fu\":1}",
        "{\"fu\":1,\"lbl\":[\"x\"]}",
        "{\"fu\":1,\"lbl\":[\"*\"],\"ty\":[4],\"lim\":2,\"ofst\":2}",
        "{\"fu\":2,\"ty\":[3]}",
        "{\"fu\":1,\"sza\":1,\"fo\":2,\"cra\":\"20200101T000000\"}",
        "{\"lim\":1,\"lvl\":2}",
        "{\"fu\":1,\"arp\":\"la\"}",
        "{\"fu\":9}",
};

/* ---- tokens: a digit says which claims; and authorization servers, which say anything ---- */

static const char *const claims[] = {
        "{\"vr\":\"1\",\"tkid\":\"t@x.y\",\"tkhd\":\"Ca\",\"tkis\":\"i\",\"tknb\":\"20000101T000000\","
        "\"tkna\":"
        "\"20990101T000000\",\"tkau\":[\"/id-in\"],\"tkps\":{\"pm\":[{\"ris\":[\"cse-in/"
        "a\"],\"rids\":[\"r@x.y\"]},{"
        "\"pv\":{\"acr\":[{\"acor\":[\"all\"],\"acop\":34}]}}]}}",
        "{\"vr\":\"1\",\"tkid\":\"u@x.y\",\"tkhd\":\"Cb\",\"tkis\":\"i\",\"tknb\":\"20000101T000000\","
        "\"tkna\":"
        "\"20990101T000000\",\"tkau\":[\"/id-in\"],\"tkps\":{\"pm\":[{\"rids\":[\"r@x.y\"]}]}}",
        "{\"vr\":\"1\",\"tkid\":\"t@x.y\",\"tkhd\":\"Ca\",\"tkis\":\"i\",\"tknb\":\"20000101T000000\","
        "\"tkna\":"
        "\"20010101T000000\",\"tkau\":[\"/id-in\"]}",
        "{\"tkid\":7}",
        "[]",
};

static int read_claims(void *ctx, struct arena *arena, struct slice token, struct why *why, struct val **ret)
{
	size_t no = token.len == 1 ? (size_t)(token.ptr[0] - '0') : SIZE_MAX;

	if (no >= sizeof(claims) / sizeof(claims[0]))
		return refuse(why, 4107, "no token");
	return json_read(arena, slice_of(claims[no]), NULL, why, ret);
}

static const char *const answers[] = {
        "{\"m2m:seci\":{\"sit\":2,\"dres\":{\"dai\":{\"gp\":{\"acr\":[{\"acor\":[\"all\"],\"acop\":63}]},"
        "\"pl\":"
        "\"3000\"}}}}",
        "{\"m2m:seci\":{\"sit\":2,\"dres\":{\"dai\":{\"gp\":{\"acr\":[{\"acor\":[\"Ca\"],\"acop\":3}]}},"
        "\"tkns\":[\"0\","
        "\"9\"]}}}",
        "{\"m2m:seci\":{\"sit\":1}}",
        "{\"m2m:dbg\":\"no\"}",
};

static int send_out(void *ctx, struct slice url, const struct prim *request, int64_t timeout_us,
                    void (*done)(void *user, int result, const struct prim *response), void *user)
{
	struct play *play = ctx;

	if (play->sent_count == SENT_MAX)
		return -EBUSY;
	play->sent[play->sent_count++] = (struct sent){done, user};
	return 0;
}

/* Some of those that left are answered. */
static void answer(struct play *play, size_t count)
{
	for (; count && play->sent_count; count--) {
		struct prim response = {.at = {NULL}};
		struct sent sent = play->sent[--play->sent_count];
		struct arena arena;

		arena_init(&arena);
		response.at[PRIM_rsc] = val_int(&arena, pick(play, 4) ? 2000 : 4103);
		(void)!json_read(&arena, slice_of(PICK(play, answers)), NULL, NULL, &response.at[PRIM_pc]);
		if (pick(play, 4))
			sent.done(sent.user, 0, &response);
		else
			sent.done(sent.user, -ECONNREFUSED, NULL);
		arena_finish(&arena);
	}
}

static void claim(struct play *play, struct req *req)
{
	static const enum prim_id ids[] = {PRIM_rids, PRIM_tkns, PRIM_tids, PRIM_ltids};
	static const char *const claimed[] = {"r@x.y", "0", "1", "2", "t@x.y", "3", "t1", ""};
	enum prim_id id = PICK(play, ids);

	req->in.at[id] = val_arr(&req->arena);
	for (unsigned count = pick(play, 4); count; count--)
		val_push(req->in.at[id], val_str(&req->arena, slice_of(PICK(play, claimed))));
	if (pick(play, 2))
		req->in.at[PRIM_tqi] = val_bool(&req->arena, true);
}

static void ask(struct play *play)
{
	struct req *req = req_create(play->engine);
	struct arena *arena = &req->arena;
	int op = (int)pick(play, 6);
	const struct shape_of *shape = &shapes[pick(play, sizeof(shapes) / sizeof(shapes[0]))];
	req->in.at[PRIM_op] = val_int(arena, op);
	req->in.at[PRIM_to] = val_str(arena, path(play, arena));
	req->in.at[PRIM_rqi] = val_str(arena, SLICE("1"));
	req->in.at[PRIM_fr] = val_str(arena, slice_of(PICK(play, originators)));
	if (op == OP_CREATE)
		req->in.at[PRIM_ty] = val_int(arena, shape->ty);
	if (op == OP_CREATE || op == OP_UPDATE || op == OP_NOTIFY)
		req->in.at[PRIM_pc] = content(play, arena, shape);
	if (pick(play, 4) == 1)
		req->in.at[PRIM_rcn] = val_int(arena, pick(play, 13));
	unsigned more = pick(play, 16);
	if (more == 1)
		req->in.at[PRIM_rt] = val_int(arena, pick(play, 7));
	else if (more == 2) /* for another CSE, which may be registered */
		req->in.at[PRIM_to] = val_str(arena, slice_of(PICK(play, elsewhere)));
	if (op != OP_CREATE && pick(play, 4) == 1)
		(void)!json_read(arena, slice_of(PICK(play, filters)), NULL, NULL, &req->in.at[PRIM_fc]);
	if (pick(play, 6) == 1)
		claim(play, req);
	req->answered = answered;
	req->user = play;
	play->open++;
	engine_submit(req);
}

/* ---- the rules that always hold ---- */

struct sum {
	uint64_t count, size, last;
};

static int add_up(void *user, const struct store_inst *inst)
{
	struct sum *sum = user;
	if (inst->seq <= sum->last)
		abort(); /* ascending */
	sum->last = inst->seq;
	sum->count++;
	sum->size += inst->cs;
	return 0;
}

static void tell(void *user, const char *sentence)
{
	fprintf(stderr, "store: %s\n", sentence);
}

/* What the owners own is what is there. */
static void check_owners(const struct tree *tree)
{
	uint64_t owned = 0, subscriptions = 0;
	const struct owner *owner;
	const struct node *node;
	size_t at = 0;

	while ((owner = map_next(&tree->owners, &at))) {
		owned += owner->resources;
		subscriptions += owner->subscriptions;
	}
	at = 0;
	while ((node = map_next(&tree->by_no, &at))) {
		owned -= node->owner.len > 0;
		subscriptions -= node->owner.len && node->type->number == TYPE_SUB;
	}
	if (owned || subscriptions)
		abort();
}

static void check(struct play *play)
{
	struct tree *tree = &play->engine->tree;
	size_t at = 0, nodes = 0;
	struct node *node;
	while ((node = map_next(&tree->by_no, &at))) {
		size_t children = 0, subs = 0;
		nodes++;
		tree_each_child (node, child) {
			if (child->parent != node || tree_child(tree, node, child->rn) != child)
				abort();
			children++;
			subs += child->type->number == TYPE_SUB;
		}
		if (children != node->child_count || subs != node->sub_count)
			abort();
		if (!node->box)
			continue;
		struct sum sum = {0};
		if (play->store->ops->walk(play->store, node->no, node->box->s.first, 1, true, add_up, &sum) <
		    0)
			abort();
		if (sum.count != node->box->s.cni || sum.size != node->box->s.cbs)
			abort();
		if (sum.count > node->box->mni || sum.size > node->box->mbs)
			abort();
	}
	check_owners(tree);
	if (nodes != tree->nodes || play->store->ops->check(play->store, tell, NULL) != 0)
		abort();
}

static void pass(struct play *play)
{
	static const int64_t jumps[] = {1000, 1000000, 30000000, 7200000000, 2LL * 86400 * 1000000};
	clock_pass(PICK(play, jumps));
	timers_run(&play->timers, clock_now(), 1000);
}

static void run(struct play *play)
{
	for (int i = 0; i < STEPS_MAX && play->at < play->end; i++) {
		ask(play);
		if (pick(play, 8) == 0)
			pass(play);
		if (pick(play, 4) == 0)
			answer(play, pick(play, 8));
		if (pick(play, 3) == 0) {
			engine_end_turn(play->engine);
			check(play);
		}
	}
	engine_end_turn(play->engine);
	check(play);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct engine_config config = {
	        .cse_id = "/id-in",
	        .cse_name = "cse-in",
	        .sp_id = "//dure.local",
	        .admin = "CAdmin",
	        .cse_type = 1,
	        .default_lifetime_us = 3600LL * 1000000,
	        .max_lifetime_us = 86400LL * 1000000,
	        .request_timeout_us = 10000000,
	        .request_lifetime_us = 3600000000,
	        .expiration_interval_us = 1000000,
	};
	struct play play = {.at = data, .end = data + size};
	const struct ports ports = {.outbound = {.send = send_out, .ctx = &play},
	                            .vouch = {.claims = read_claims}};
	struct why why = {0};
	type_init();
	timers_init(&play.timers);
	if (store_mem_create(&play.store) ||
	    engine_create(&config, play.store, &play.timers, &ports, &why, &play.engine))
		abort();
	run(&play);
	/* What still waits (long polls, notifications) is answered when its time comes. */
	clock_pass(2LL * 86400 * 1000000);
	for (int i = 0; i < 100 && (play.open || play.engine->consulting || play.engine->forwards); i++) {
		timers_run(&play.timers, clock_now(), 100000);
		engine_end_turn(play.engine);
		answer(&play, SENT_MAX);
		clock_pass(3600LL * 1000000);
	}
	if (play.open || play.engine->consulting || play.engine->forwards)
		abort();
	engine_destroy(play.engine);
	play.store->ops->destroy(play.store);
	timers_finish(&play.timers);
	return 0;
}
