/* SPDX-License-Identifier: Apache-2.0 */
/* Every geometry is a list of chains of points: a point is a chain of one, a line a chain of many, a ring of
 * an area a closed chain. What dimension it has decides how two of them meet. "Within" is asked of the pieces
 * of a line between its crossings with the other geometry: each piece lies wholly inside or wholly outside,
 * so one look at its middle is enough. */
#include <math.h>
#include <stdlib.h>

#include "codec/json.h"
#include "engine/geo.h"
#include "model/rsc.h"

#define GEO_POINT_MAX 400
#define GEO_NEAR      1e-9 /* degrees: a tenth of a millimetre */

struct geo_xy {
	double x, y;
};

/* A chain of points. */
struct geo_chain {
	struct geo_xy *at;
	size_t count;
	size_t area; /* rings: which polygon of the geometry it belongs to; its first ring is the border */
	struct geo_chain *next;
};

struct geo {
	int dim; /* 0 points, 1 lines, 2 areas */
	struct geo_chain *chains;
	struct geo_xy low, high; /* the box around all */
};

struct geo_reader {
	struct arena *arena;
	const char *where;
	struct why *why;
	struct geo *geo;
	struct geo_chain **end;
	size_t points, areas;
};

static int geo_bad(struct geo_reader *reader, const char *expected)
{
	return refuse(reader->why, RSC_CONTENTS_UNACCEPTABLE, "%s: expected %s", reader->where, expected);
}

static bool geo_number(const struct val *v, double *ret)
{
	char text[48];

	if (!v || v->kind != VAL_NUM || v->text.len >= sizeof(text))
		return false;
	memcpy(text, v->text.ptr, v->text.len);
	text[v->text.len] = '\0';
	*ret = strtod(text, NULL);
	return isfinite(*ret) && fabs(*ret) <= 1e6;
}

static int geo_read_xy(struct geo_reader *reader, const struct val *v, struct geo_xy *ret)
{
	struct geo *geo = reader->geo;

	if (!v || v->kind != VAL_ARR || v->count < 2 || v->count > 3 || !geo_number(v->first, &ret->x) ||
	    !geo_number(v->first->next, &ret->y))
		return geo_bad(reader, "a point as [longitude, latitude]");
	if (++reader->points > GEO_POINT_MAX)
		return geo_bad(reader, "at most 400 points");
	geo->low = (struct geo_xy){fmin(geo->low.x, ret->x), fmin(geo->low.y, ret->y)};
	geo->high = (struct geo_xy){fmax(geo->high.x, ret->x), fmax(geo->high.y, ret->y)};
	return 0;
}

static int geo_read_chain(struct geo_reader *reader, const struct val *v, size_t least, bool closed)
{
	struct geo_chain *chain = arena_new(reader->arena, struct geo_chain);
	const struct geo_xy *last;
	int r;

	if (!v || v->kind != VAL_ARR || v->count < least)
		return geo_bad(reader,
		               closed ? "a ring of at least four points" : "a line of at least two points");
	if (v->count > GEO_POINT_MAX)
		return geo_bad(reader, "at most 400 points");
	chain->at = arena_array(reader->arena, v->count, struct geo_xy);
	val_each (v, point) {
		r = geo_read_xy(reader, point, &chain->at[chain->count++]);
		if (r)
			return r;
	}
	last = &chain->at[chain->count - 1];
	if (closed && (fabs(chain->at->x - last->x) > GEO_NEAR || fabs(chain->at->y - last->y) > GEO_NEAR))
		return geo_bad(reader, "a ring whose last point is its first");
	chain->area = reader->areas;
	*reader->end = chain;
	reader->end = &chain->next;
	return 0;
}

static int geo_read_point(struct geo_reader *reader, const struct val *v)
{
	struct geo_chain *chain = arena_new(reader->arena, struct geo_chain);

	chain->at = arena_new(reader->arena, struct geo_xy);
	chain->count = 1;
	*reader->end = chain;
	reader->end = &chain->next;
	return geo_read_xy(reader, v, chain->at);
}

static int geo_read_line(struct geo_reader *reader, const struct val *v)
{
	return geo_read_chain(reader, v, 2, false);
}

static int geo_read_polygon(struct geo_reader *reader, const struct val *v)
{
	int r = 0;

	if (!v || v->kind != VAL_ARR || v->count == 0)
		return geo_bad(reader, "a polygon as a list of rings");
	val_each (v, ring) {
		r = geo_read_chain(reader, ring, 4, true);
		if (r)
			return r;
	}
	reader->areas++;
	return 0;
}

static const struct geo_kind {
	int dim;
	bool many;
	int (*read)(struct geo_reader *reader, const struct val *v);
} geo_kinds[] = {
        [GEO_POINT] = {0, false, geo_read_point},     [GEO_LINE] = {1, false, geo_read_line},
        [GEO_POLYGON] = {2, false, geo_read_polygon}, [GEO_POINTS] = {0, true, geo_read_point},
        [GEO_LINES] = {1, true, geo_read_line},       [GEO_POLYGONS] = {2, true, geo_read_polygon},
};

int geo_read(struct arena *arena, int64_t type, const struct val *coordinates, const char *where,
             struct why *why, struct geo **ret)
{
	struct geo *geo = arena_new(arena, struct geo);
	struct geo_reader reader = {arena, where, why, geo, &geo->chains, 0, 0};
	struct val *read;
	int r = 0;

	if (type < GEO_POINT || type > GEO_POLYGONS)
		return refuse(why, RSC_CONTENTS_UNACCEPTABLE, "%s: the geometry type must be 1 to 6", where);
	if (coordinates && coordinates->kind == VAL_STR) {
		if (json_read(arena, coordinates->text, NULL, NULL, &read) != 0)
			return geo_bad(&reader, "coordinates as a JSON array");
		coordinates = read;
	}
	geo->dim = geo_kinds[type].dim;
	geo->low = (struct geo_xy){INFINITY, INFINITY};
	geo->high = (struct geo_xy){-INFINITY, -INFINITY};
	if (!geo_kinds[type].many) {
		r = geo_kinds[type].read(&reader, coordinates);
	} else {
		if (!coordinates || coordinates->kind != VAL_ARR || coordinates->count == 0)
			return geo_bad(&reader, "a list of geometries");
		val_each (coordinates, one) {
			r = geo_kinds[type].read(&reader, one);
			if (r)
				return r;
		}
	}
	if (r == 0)
		*ret = geo;
	return r;
}

/* > 0: c lies left of a->b. */
static double geo_side(struct geo_xy a, struct geo_xy b, struct geo_xy c)
{
	return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}

static bool geo_on(struct geo_xy p, struct geo_xy a, struct geo_xy b)
{
	double length = hypot(b.x - a.x, b.y - a.y);

	if (length < GEO_NEAR)
		return hypot(p.x - a.x, p.y - a.y) <= GEO_NEAR;
	return fabs(geo_side(a, b, p)) / length <= GEO_NEAR && p.x >= fmin(a.x, b.x) - GEO_NEAR &&
	       p.x <= fmax(a.x, b.x) + GEO_NEAR && p.y >= fmin(a.y, b.y) - GEO_NEAR &&
	       p.y <= fmax(a.y, b.y) + GEO_NEAR;
}

static bool geo_on_chain(struct geo_xy p, const struct geo_chain *chain)
{
	if (chain->count == 1)
		return geo_on(p, chain->at[0], chain->at[0]);
	for (size_t i = 1; i < chain->count; i++) {
		if (geo_on(p, chain->at[i - 1], chain->at[i]))
			return true;
	}
	return false;
}

/* How often a ray to the right crosses the ring: odd is inside. */
static bool geo_in_ring(struct geo_xy p, const struct geo_chain *ring)
{
	bool in = false;

	for (size_t i = 1; i < ring->count; i++) {
		struct geo_xy a = ring->at[i - 1], b = ring->at[i];

		if ((a.y > p.y) != (b.y > p.y) && p.x < (b.x - a.x) * (p.y - a.y) / (b.y - a.y) + a.x)
			in = !in;
	}
	return in;
}

/* Is the point part of the geometry? An area's border is. */
static bool geo_has(const struct geo *geo, struct geo_xy p)
{
	bool in = false;
	size_t area = 0;

	for (const struct geo_chain *chain = geo->chains; chain; chain = chain->next) {
		if (geo_on_chain(p, chain))
			return true;
		if (geo->dim < 2)
			continue;
		if (chain->area != area && in)
			return true;
		if (chain->area != area)
			in = false;
		area = chain->area;
		in ^= geo_in_ring(p, chain); /* a hole takes away again */
	}
	return in;
}

/* Where on a->b (0 to 1) does it meet c->d? Up to two answers, when they run along each other. */
static size_t geo_meet(struct geo_xy a, struct geo_xy b, struct geo_xy c, struct geo_xy d, double ret[2])
{
	double along = (b.x - a.x) * (d.y - c.y) - (b.y - a.y) * (d.x - c.x);
	double square = (b.x - a.x) * (b.x - a.x) + (b.y - a.y) * (b.y - a.y);
	double t;
	size_t n = 0;

	if (geo_on(c, a, b) && square > 0)
		ret[n++] = ((c.x - a.x) * (b.x - a.x) + (c.y - a.y) * (b.y - a.y)) / square;
	if (geo_on(d, a, b) && square > 0)
		ret[n++] = ((d.x - a.x) * (b.x - a.x) + (d.y - a.y) * (b.y - a.y)) / square;
	if (n || along == 0)
		return n;
	t = ((c.x - a.x) * (d.y - c.y) - (c.y - a.y) * (d.x - c.x)) / along;
	if (t < 0 || t > 1 || !geo_on((struct geo_xy){a.x + t * (b.x - a.x), a.y + t * (b.y - a.y)}, c, d))
		return 0;
	ret[0] = t;
	return 1;
}

static bool geo_chains_meet(const struct geo_chain *a, const struct geo_chain *b)
{
	double at[2];

	for (size_t i = 1; i < a->count; i++) {
		for (size_t j = 1; j < b->count; j++) {
			if (geo_meet(a->at[i - 1], a->at[i], b->at[j - 1], b->at[j], at) ||
			    geo_on(a->at[i - 1], b->at[j - 1], b->at[j]) ||
			    geo_on(a->at[i], b->at[j - 1], b->at[j]))
				return true;
		}
	}
	return false;
}

static bool geo_intersects(const struct geo *a, const struct geo *b)
{
	if (a->low.x > b->high.x || b->low.x > a->high.x || a->low.y > b->high.y || b->low.y > a->high.y)
		return false;
	for (const struct geo_chain *chain = a->chains; chain; chain = chain->next) {
		if (geo_has(b, chain->at[0]))
			return true;
		for (const struct geo_chain *other = b->chains; other; other = other->next) {
			if (geo_chains_meet(chain, other))
				return true;
		}
	}
	for (const struct geo_chain *other = b->chains; other; other = other->next) {
		if (geo_has(a, other->at[0]))
			return true;
	}
	return false;
}

static int geo_by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* Does the whole of a->b lie in the geometry? */
static bool geo_covers(const struct geo *geo, struct geo_xy a, struct geo_xy b)
{
	double cut[2 * GEO_POINT_MAX + 2];
	size_t n = 0;

	cut[n++] = 0;
	cut[n++] = 1;
	for (const struct geo_chain *chain = geo->chains; chain; chain = chain->next) {
		for (size_t i = 1; i < chain->count; i++)
			n += geo_meet(a, b, chain->at[i - 1], chain->at[i], cut + n);
	}
	qsort(cut, n, sizeof(cut[0]), geo_by_size);
	for (size_t i = 1; i < n; i++) {
		double t = (cut[i - 1] + cut[i]) / 2;

		if (cut[i] - cut[i - 1] > GEO_NEAR &&
		    !geo_has(geo, (struct geo_xy){a.x + t * (b.x - a.x), a.y + t * (b.y - a.y)}))
			return false;
	}
	return geo_has(geo, a) && geo_has(geo, b);
}

/* Strictly inside: not on a border. */
static bool geo_has_inside(const struct geo *geo, struct geo_xy p)
{
	for (const struct geo_chain *chain = geo->chains; chain; chain = chain->next) {
		if (geo_on_chain(p, chain))
			return false;
	}
	return geo_has(geo, p);
}

static bool geo_within(const struct geo *a, const struct geo *b)
{
	size_t area = SIZE_MAX;

	if (a->dim > b->dim || a->low.x < b->low.x - GEO_NEAR || a->low.y < b->low.y - GEO_NEAR ||
	    a->high.x > b->high.x + GEO_NEAR || a->high.y > b->high.y + GEO_NEAR)
		return false;
	for (const struct geo_chain *chain = a->chains; chain; chain = chain->next) {
		if (chain->count == 1 && !geo_has(b, chain->at[0]))
			return false;
		for (size_t i = 1; i < chain->count; i++) {
			if (!geo_covers(b, chain->at[i - 1], chain->at[i]))
				return false;
		}
	}
	if (a->dim < 2)
		return true;
	/* The border lies inside; now no hole of b may open within a. */
	for (const struct geo_chain *ring = b->chains; ring; ring = ring->next) {
		bool hole = ring->area == area;

		area = ring->area;
		if (hole && geo_has_inside(a, ring->at[0]))
			return false;
	}
	return true;
}

bool geo_holds(enum geo_function function, const struct geo *place, const struct geo *area)
{
	switch (function) {
	case GEO_WITHIN:
		return geo_within(place, area);
	case GEO_CONTAINS:
		return geo_within(area, place);
	case GEO_INTERSECTS:
		return geo_intersects(place, area);
	}
	return false;
}
