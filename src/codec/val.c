/* SPDX-License-Identifier: Apache-2.0 */
/* Making, asking and changing value trees. */
#include "codec/val.h"
#include "base/map.h"
#include "base/mem.h"

#include <assert.h>
#include <stdlib.h>

struct val *val_new(struct arena *arena, enum val_kind kind)
{
	struct val *v = arena_take(arena, sizeof(*v));

	*v = (struct val){.kind = kind};
	return v;
}

static struct val *val_with_text(struct arena *arena, enum val_kind kind, struct slice text)
{
	struct val *v = val_new(arena, kind);

	v->text = text;
	return v;
}

struct val *val_str(struct arena *arena, struct slice text)
{
	return val_with_text(arena, VAL_STR, text);
}

struct val *val_num(struct arena *arena, struct slice text)
{
	return val_with_text(arena, VAL_NUM, text);
}

struct val *val_int(struct arena *arena, int64_t n)
{
	char digits[20];
	size_t at = sizeof(digits);
	uint64_t rest = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;

	do {
		digits[--at] = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest);
	if (n < 0)
		digits[--at] = '-';
	return val_num(arena, arena_copy(arena, slice_make(digits + at, sizeof(digits) - at)));
}

struct val *val_bool(struct arena *arena, bool truth)
{
	return val_new(arena, truth ? VAL_TRUE : VAL_FALSE);
}

struct val *val_json(struct arena *arena, struct slice json)
{
	return val_with_text(arena, VAL_JSON, json);
}

struct val *val_arr(struct arena *arena)
{
	return val_new(arena, VAL_ARR);
}

struct val *val_obj(struct arena *arena)
{
	return val_new(arena, VAL_OBJ);
}

struct val *val_copy(struct arena *arena, const struct val *v)
{
	struct val *copy = val_new(arena, v->kind);

	copy->text = arena_copy(arena, v->text);
	val_each (v, child) {
		struct val *same = val_copy(arena, child);

		same->name = arena_copy(arena, child->name);
		val_push(copy, same);
	}
	return copy;
}

struct val *val_push(struct val *arr, struct val *child)
{
	assert(!child->next);
	if (arr->last)
		arr->last->next = child;
	else
		arr->first = child;
	arr->last = child;
	arr->count++;
	return child;
}

struct val *val_put(struct val *obj, struct slice name, struct val *child)
{
	child->name = name;
	return val_push(obj, child);
}

/* The link that leads to the member: &obj->first or some &member->next. *ret_before: who stands before. */
static struct val **val_link(struct val *obj, struct slice name, struct val **ret_before)
{
	struct val **link = &obj->first;

	*ret_before = NULL;
	while (*link && !slice_is((*link)->name, name)) {
		*ret_before = *link;
		link = &(*link)->next;
	}
	return link;
}

struct val *val_set(struct val *obj, struct slice name, struct val *child)
{
	struct val *before, **link = val_link(obj, name, &before), *old = *link;

	if (!old)
		return val_put(obj, name, child);
	if (old == child)
		return child;
	assert(!child->next);
	child->name = name;
	child->next = old->next;
	*link = child;
	if (obj->last == old)
		obj->last = child;
	old->next = NULL;
	return child;
}

bool val_remove(struct val *obj, struct slice name)
{
	struct val *before, **link = val_link(obj, name, &before), *old = *link;

	if (!old)
		return false;
	*link = old->next;
	if (obj->last == old)
		obj->last = before;
	old->next = NULL;
	obj->count--;
	return true;
}

struct val *val_get(const struct val *obj, struct slice name)
{
	if (!obj || obj->kind != VAL_OBJ)
		return NULL;
	for (struct val *child = obj->first; child; child = child->next)
		if (child->name.len == name.len &&
		    (!name.len || memcmp(child->name.ptr, name.ptr, name.len) == 0))
			return child;
	return NULL;
}

/* Many names: a table of them, of a size that strangers cannot make slow. */
static struct val *val_twice_many(const struct val *obj)
{
	struct val **table, *twice = NULL;
	size_t slots = 64, at;

	while (slots < 2 * (size_t)obj->count)
		slots *= 2;
	table = mem_zero(slots, sizeof(*table));
	for (struct val *v = obj->first; v && !twice; v = v->next) {
		at = (size_t)slice_hash(v->name, 0) & (slots - 1);
		while (table[at] && !slice_is(table[at]->name, v->name))
			at = (at + 1) & (slots - 1);
		twice = table[at] ? v : NULL;
		table[at] = v;
	}
	free(table);
	return twice;
}

/* Few names: one bit for each, from its length and two of its characters; only when a bit is there
 * already is the name compared with all before it. */
struct val *val_twice(const struct val *obj)
{
	uint64_t seen = 0;

	if (obj->count > 16)
		return val_twice_many(obj);
	for (struct val *v = obj->first; v; v = v->next) {
		size_t len = v->name.len;
		unsigned mix =
		        len ? (unsigned char)v->name.ptr[0] * 5u + (unsigned char)v->name.ptr[len - 1] * 11u
		            : 0;
		uint64_t bit = UINT64_C(1) << ((mix + (unsigned)len * 7u) & 63);

		if (!(seen & bit)) {
			seen |= bit;
			continue;
		}
		for (const struct val *other = obj->first; other != v; other = other->next)
			if (other->name.len == len &&
			    (!len || memcmp(other->name.ptr, v->name.ptr, len) == 0))
				return v;
	}
	return NULL;
}

bool val_is_int(const struct val *v, int64_t *ret)
{
	return v && v->kind == VAL_NUM && slice_i64(v->text, ret);
}

bool val_is_uint(const struct val *v, uint64_t *ret)
{
	int64_t n;

	if (!v || v->kind != VAL_NUM)
		return false;
	if (slice_u64(v->text, ret))
		return true;
	if (!slice_i64(v->text, &n) || n != 0) /* "-0" */
		return false;
	*ret = 0;
	return true;
}

bool val_is_bool(const struct val *v, bool *ret)
{
	if (!v || (v->kind != VAL_TRUE && v->kind != VAL_FALSE))
		return false;
	*ret = v->kind == VAL_TRUE;
	return true;
}

bool val_is_str(const struct val *v, struct slice *ret)
{
	if (!v || v->kind != VAL_STR)
		return false;
	*ret = v->text;
	return true;
}

static bool val_has_name(const void *value, const void *key)
{
	return slice_is(((const struct val *)value)->name, *(const struct slice *)key);
}

/* Objects as large as strangers may send them: by a table, or the comparing would take forever. */
static bool val_equal_large(const struct val *a, const struct val *b)
{
	struct map map;
	bool same = true;

	map_init(&map);
	val_each (b, child)
		map_add(&map, slice_hash(child->name, 0), child);
	for (const struct val *child = a->first; child && same; child = child->next) {
		uint64_t hash = slice_hash(child->name, 0);
		struct val *other = map_find(&map, hash, val_has_name, &child->name);

		same = other && val_equal(child, other);
		if (same)
			map_remove(&map, hash, other);
	}
	map_finish(&map);
	return same;
}

static bool val_equal_objects(const struct val *a, const struct val *b)
{
	if (a->count > 32)
		return val_equal_large(a, b);
	for (const struct val *child = a->first; child; child = child->next)
		if (!val_get(b, child->name) || !val_equal(child, val_get(b, child->name)))
			return false;
	return true;
}

bool val_equal(const struct val *a, const struct val *b)
{
	const struct val *x, *y;

	if (!a || !b || a->kind != b->kind || a->kind == VAL_JSON || a->count != b->count)
		return false;
	if (a->kind == VAL_OBJ)
		return val_equal_objects(a, b);
	if (a->kind == VAL_NUM || a->kind == VAL_STR)
		return slice_is(a->text, b->text);
	for (x = a->first, y = b->first; x && y; x = x->next, y = y->next)
		if (!val_equal(x, y))
			return false;
	return !x && !y;
}

const char *val_kind_name(const struct val *v)
{
	static const char *const names[VAL_KIND_COUNT] = {
	        [VAL_NULL] = "null",     [VAL_FALSE] = "false",  [VAL_TRUE] = "true",
	        [VAL_NUM] = "a number",  [VAL_STR] = "a string", [VAL_ARR] = "an array",
	        [VAL_OBJ] = "an object", [VAL_JSON] = "a value",
	};

	return v ? names[v->kind] : "nothing";
}
