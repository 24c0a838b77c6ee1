/* SPDX-License-Identifier: Apache-2.0 */
/* Instances in their order. The counts live here, in memory; the instances themselves in the store, but for
 * the newest, which is kept so that "latest" never touches the disk. */
#include "engine/box.h"

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "engine/engine_private.h"
#include "engine/expire.h"

struct box *box_create(struct tree *tree, struct node *node)
{
	struct box *box = mem_zero(1, sizeof(*box));
	box->s.no = node->no;
	box->s.next = box->s.first = 1;
	box->s.lt = node->lt;
	box->mni = box->mbs = UINT64_MAX;
	box->mia = INT64_MAX;
	box->node = node;
	box->expire.run = expire_box;
	node->box = box;
	return box;
}

static void forget_newest(struct box *box)
{
	free(box->newest);
	box->newest = NULL;
}

void box_destroy(struct tree *tree, struct box *box)
{
	timer_clear(tree->timers, &box->expire);
	forget_newest(box);
	free(box->ahead);
	free(box);
}

/* ---- the newest, kept ---- */

static void keep_text(char **at, struct slice *s)
{
	if (s->len)
		memcpy(*at, s->ptr, s->len);
	s->ptr = *at;
	*at += s->len;
}

static void keep_newest(struct box *box, const struct store_inst *inst)
{
	size_t need = sizeof(*inst) + inst->rn.len + inst->cr.len + inst->body.len;
	struct store_inst *kept = mem_grow(box->newest, 1, need);
	*kept = *inst;
	kept->labels = NULL;
	kept->label_count = 0;
	char *at = (char *)(kept + 1);
	keep_text(&at, &kept->rn);
	keep_text(&at, &kept->cr);
	keep_text(&at, &kept->body);
	box->newest = kept;
}

/* ---- the oldest, read ahead ---- */

static int ahead_take(void *user, const struct store_inst *inst)
{
	struct box_ahead *ahead = user;
	ahead->size[ahead->count++] = (struct box_size){inst->seq, inst->cs, inst->et};
	return ahead->count == sizeof(ahead->size) / sizeof(ahead->size[0]);
}

/* The oldest instance's numbers, or NULL. */
static const struct box_size *ahead_first(struct tree *tree, struct box *box)
{
	if (!box->ahead)
		box->ahead = mem_zero(1, sizeof(*box->ahead));
	struct box_ahead *ahead = box->ahead;
	while (ahead->at < ahead->count && ahead->size[ahead->at].seq < box->s.first)
		ahead->at++;
	if (ahead->at == ahead->count) {
		ahead->at = ahead->count = 0;
		int r = tree->store->ops->walk(tree->store, box->s.no, box->s.first, 1, true, ahead_take,
		                               ahead);
		if (r < 0 && r != -ENOENT)
			return NULL;
	}
	return ahead->at < ahead->count ? &ahead->size[ahead->at] : NULL;
}

static void ahead_forget(struct box *box)
{
	if (box->ahead)
		box->ahead->at = box->ahead->count = 0;
}

/* The oldest one goes. False: there is none. */
static bool pop_oldest(struct tree *tree, struct box *box)
{
	const struct box_size *oldest = box->s.cni ? ahead_first(tree, box) : NULL;
	if (!oldest)
		return false;
	box->s.cni--;
	box->s.cbs -= oldest->cs < box->s.cbs ? oldest->cs : box->s.cbs;
	box->s.first = oldest->seq + 1;
	tree->instances--;
	if (box->newest && box->newest->seq < box->s.first)
		forget_newest(box);
	return true;
}

static bool over_limit(const struct box *box)
{
	return box->s.cni > box->mni || box->s.cbs > box->mbs;
}

static bool trim(struct tree *tree, struct box *box)
{
	bool went = false;
	while (over_limit(box) && pop_oldest(tree, box))
		went = true;
	if (went)
		tree->store->ops->trim(tree->store, &box->s);
	return went;
}

/* ---- adding and removing ---- */

enum { STAY_LOOK = 1000 };

struct stay {
	int64_t until;
	size_t looked;
};

static int stay_look(void *user, const struct store_inst *inst)
{
	struct stay *stay = user;
	if (inst->et > stay->until)
		stay->until = inst->et;
	if (++stay->looked == STAY_LOOK)
		stay->until = INT64_MAX;
	return !inst->early || stay->looked == STAY_LOOK;
}

/* After a restart: how long those that are here stay. Behind the newest that is not early there are only
 * early ones; where there are too many of them, or the store does not tell, whatever comes counts as early.
 */
static void learn_stay(struct tree *tree, struct box *box)
{
	struct stay stay = {0};
	int r = tree->store->ops->walk(tree->store, box->s.no, box->s.next - 1, -1, false, stay_look, &stay);
	box->last_et = r < 0 && r != -ENOENT ? INT64_MAX : stay.until;
}

void box_add(struct tree *tree, struct node *node, struct store_inst *inst)
{
	struct box *box = node->box;
	if (!box->last_et && box->s.cni)
		learn_stay(tree, box);
	inst->box = node->no;
	inst->seq = box->s.next++;
	inst->st = ++box->s.st;
	inst->early = box->s.cni && inst->et < box->last_et;
	box->s.cni++;
	box->s.cbs += inst->cs;
	box->s.lt = node->lt = inst->ct;
	if (!inst->early)
		box->last_et = inst->et;
	if (inst->early)
		engine_expects_early(tree->engine);
	if (inst->rn.len)
		box->has_names = true;
	tree->instances++;
	keep_newest(box, inst);
	tree->store->ops->append(tree->store, inst, &box->s);
	trim(tree, box);
	if (!timer_is_set(&box->expire))
		timer_set(tree->timers, &box->expire, inst->et);
}

void box_drop(struct tree *tree, struct node *node, uint64_t seq, uint64_t cs, int64_t now)
{
	struct box *box = node->box;
	box->s.cni--;
	box->s.cbs -= cs < box->s.cbs ? cs : box->s.cbs;
	box->s.st++;
	box->s.lt = node->lt = now;
	tree->instances--;
	ahead_forget(box);
	if (box->newest && box->newest->seq == seq)
		forget_newest(box);
	tree->store->ops->drop(tree->store, seq, &box->s);
}

void box_clear(struct tree *tree, struct node *node, int64_t now)
{
	struct box *box = node->box;
	tree->instances -= box->s.cni;
	box->s.cni = box->s.cbs = 0;
	box->s.first = box->s.next;
	box->s.lt = node->lt = now;
	forget_newest(box);
	ahead_forget(box);
	tree->store->ops->trim(tree->store, &box->s);
}

void box_shrink(struct tree *tree, struct node *node)
{
	trim(tree, node->box);
}

void box_tick(struct tree *tree, struct node *node, int64_t now)
{
	node->box->s.st++;
	node->box->s.lt = node->lt = now;
	tree->store->ops->set_box(tree->store, &node->box->s);
}

void box_expire(struct tree *tree, struct node *node, int64_t now, size_t most)
{
	struct box *box = node->box;
	const struct box_size *oldest = NULL;
	size_t gone = 0;
	while (box->s.cni && gone < most && (oldest = ahead_first(tree, box)) && oldest->et <= now) {
		pop_oldest(tree, box);
		gone++;
	}
	if (gone)
		tree->store->ops->trim(tree->store, &box->s);
	oldest = box->s.cni ? ahead_first(tree, box) : NULL;
	if (oldest)
		timer_set(tree->timers, &box->expire, oldest->et > now ? oldest->et : now + 1000);
}

/* ---- finding ---- */

int box_get(struct tree *tree, struct node *node, uint64_t seq, int64_t now, struct arena *arena,
            struct store_inst *ret)
{
	struct box *box = node->box;
	if (!box || seq < box->s.first || seq >= box->s.next)
		return -ENOENT;
	int r = 0;
	if (box->newest && box->newest->seq == seq)
		*ret = *box->newest;
	else
		r = tree->store->ops->get(tree->store, node->no, seq, arena, ret);
	return !r && ret->et <= now ? -ENOENT : r;
}

struct pick {
	struct arena *arena;
	struct store_inst *inst;
	int64_t now;
	bool found;
};

static int pick_live(void *user, const struct store_inst *inst)
{
	struct pick *pick = user;
	if (inst->et <= pick->now)
		return 0;
	*pick->inst = *inst;
	pick->inst->rn = arena_copy(pick->arena, inst->rn);
	pick->inst->cr = arena_copy(pick->arena, inst->cr);
	pick->inst->body = arena_copy(pick->arena, inst->body);
	pick->found = true;
	return 1;
}

static int pick_one(struct tree *tree, struct node *node, uint64_t from, int step, struct pick *pick)
{
	if (!node->box || !node->box->s.cni)
		return -ENOENT;
	int r = tree->store->ops->walk(tree->store, node->no, from, step, false, pick_live, pick);
	if (r < 0)
		return r;
	return pick->found ? 0 : -ENOENT;
}

int box_newest(struct tree *tree, struct node *node, int64_t now, struct arena *arena, struct store_inst *ret)
{
	struct box *box = node->box;
	if (box && box->newest && box->newest->et > now) {
		*ret = *box->newest;
		return 0;
	}
	struct pick pick = {arena, ret, now, false};
	int r = pick_one(tree, node, box ? box->s.next - 1 : 0, -1, &pick);
	if (!r)
		keep_newest(box, ret);
	return r;
}

int box_oldest(struct tree *tree, struct node *node, int64_t now, struct arena *arena, struct store_inst *ret)
{
	struct pick pick = {arena, ret, now, false};
	return pick_one(tree, node, node->box ? node->box->s.first : 0, 1, &pick);
}

int box_find(struct tree *tree, struct node *node, struct slice rn, uint64_t *ret_seq)
{
	uint64_t no, seq;
	if (!node->box)
		return -ENOENT;
	if (box_read_id(rn, &no, &seq) && no == node->no) {
		*ret_seq = seq;
		return 0;
	}
	if (!node->box->has_names)
		return -ENOENT;
	return tree->store->ops->find_name(tree->store, node->no, rn, ret_seq);
}

/* ---- names ---- */

struct slice box_print_id(const struct node *node, const struct store_inst *inst, char out[BOX_ID_TEXT])
{
	const struct type *type = type_find(inst->ty);
	char *end = out + BOX_ID_TEXT, *at = tree_print_no(end, inst->seq);
	*--at = '-';
	at = tree_print_no(at, node->no);
	*--at = '-';
	size_t len = strlen(type->sn);
	at -= len;
	memcpy(at, type->sn, len);
	return slice_make(at, (size_t)(end - at));
}

struct slice box_id(const struct node *node, const struct store_inst *inst, struct arena *arena)
{
	return box_print_id(node, inst, arena_take(arena, BOX_ID_TEXT));
}

static bool read_base36(struct slice s, uint64_t *ret)
{
	uint64_t n = 0;
	if (!s.len || s.len > 12 || (s.len > 1 && s.ptr[0] == '0'))
		return false;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		if (c >= '0' && c <= '9')
			n = n * 36 + (uint64_t)(c - '0');
		else if (c >= 'a' && c <= 'z')
			n = n * 36 + (uint64_t)(c - 'a') + 10;
		else
			return false;
	}
	*ret = n;
	return true;
}

bool box_read_id(struct slice ri, uint64_t *ret_no, uint64_t *ret_seq)
{
	struct slice rest = ri, sn, no;
	if (!slice_cut(&rest, '-', &sn) || !slice_cut(&rest, '-', &no))
		return false;
	const struct type *type = type_by_name(sn);
	return type && type_has(type, TRAIT_INSTANCE) && read_base36(no, ret_no) &&
	       read_base36(rest, ret_seq);
}

struct slice box_name(const struct node *node, const struct store_inst *inst, struct arena *arena)
{
	return inst->rn.len ? inst->rn : box_id(node, inst, arena);
}
