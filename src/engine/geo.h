/* SPDX-License-Identifier: Apache-2.0 */
/* Places on a flat map: points, lines and areas in GeoJSON coordinates (longitude, latitude), and whether one
 * lies in, holds or touches the other. Plane geometry in degrees: right for a house, a city or a country, not
 * across the date line. TS-0001 8.1.2 (geometryType, geometry, geoSpatialFunction) */
#ifndef DURE_ENGINE_GEO_H
#define DURE_ENGINE_GEO_H

#include "base/fail.h"
#include "codec/val.h"

enum geo_type { GEO_POINT = 1, GEO_LINE, GEO_POLYGON, GEO_POINTS, GEO_LINES, GEO_POLYGONS };
enum geo_function { GEO_WITHIN = 1, GEO_CONTAINS, GEO_INTERSECTS };

struct geo;

/* Reads coordinates: an array, or text that holds one as JSON. Everything lives in the arena. Refuses (4102,
 * with a sentence that begins with `where`) what does not fit the type, and more than 400 points. */
MUST_CHECK int geo_read(struct arena *arena, int64_t type, const struct val *coordinates, const char *where,
                        struct why *why, struct geo **ret);

/* Is `place` within `area`; does it contain it; do they intersect? Borders belong to areas. */
bool geo_holds(enum geo_function function, const struct geo *place, const struct geo *area);

#endif
