/* SPDX-License-Identifier: Apache-2.0 */
/* Turns the rows of spec/ into arrays. There is no code here: a wrong word in a row is a compile error that
 * names the row. The words of a row (ONE, ASKED, OF(...)) are pasted behind the prefix of their column. */
#include "model/table.h"

/* The columns. */
#define CARD_WORD_ONE      .card = CARD_ONE
#define CARD_WORD_OPT      .card = CARD_OPT
#define CARD_WORD_LIST     .card = CARD_LIST
#define CARD_WORD_ONELIST  .card = CARD_ONELIST
#define CARD_WORD_LIST0    .card = CARD_LIST, .may_be_empty = true
#define CARD_WORD_ONELIST0 .card = CARD_ONELIST, .may_be_empty = true
#define LIMIT_ANY          .shape = NULL
#define LIMIT_IN(name)     .in = &enum_##name
#define LIMIT_OF(name)     .shape = &shape_##name

#define NONE         TRAIT_NONE
#define ANNOUNCEABLE TRAIT_ANNOUNCEABLE
#define INSTANCE     TRAIT_INSTANCE
#define SPECIALIZED  TRAIT_SPECIALIZED
#define RECORD       TRAIT_RECORD

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Enumerations: first their values, then themselves, then the list of all. */
#define ENUM(name, doc)           static const struct enum_value values_##name[] = {
#define VALUE(name, number, text) {(number), (text)},
#define ENUM_END(name)                                                                                       \
	}                                                                                                    \
	;
#include "spec/enum.def"
#undef ENUM
#undef VALUE
#undef ENUM_END
#define VALUE(name, number, text)
#define ENUM_END(name)
#define ENUM(name, doc)                                                                                      \
	static const struct enumeration enum_##name = {#name, (doc), values_##name, COUNT(values_##name)};
#include "spec/enum.def"
#undef ENUM
#define ENUM(name, doc) &enum_##name,
const struct enumeration *const table_enumerations[] = {
#include "spec/enum.def"
};
#undef ENUM
#undef VALUE
#undef ENUM_END
const size_t table_enumeration_count = COUNT(table_enumerations);

/* Shapes: they may refer to each other, so all are named before any is filled. */
#define MEMBER(shape, sn, ln, kind, card, limits, doc)
#define SHAPE_END(name)
#define SHAPE(name, doc) static const struct shape shape_##name;
#include "spec/shape.def"
#undef SHAPE
#undef MEMBER
#undef SHAPE_END
#define SHAPE(name, doc) static const struct attr members_##name[] = {
#define MEMBER(of, sn, ln, one_of, how_many, limits, text)                                                   \
	{#sn,                                                                                                \
	 #ln,                                                                                                \
	 sizeof(#sn) - 1,                                                                                    \
	 .kind = KIND_##one_of,                                                                              \
	 CARD_WORD_##how_many,                                                                               \
	 .create = MAY_MAY,                                                                                  \
	 .update = MAY_MAY,                                                                                  \
	 LIMIT_##limits,                                                                                     \
	 .doc = (text)},
#define SHAPE_END(name)                                                                                      \
	}                                                                                                    \
	;
#include "spec/shape.def"
#undef SHAPE
#undef MEMBER
#undef SHAPE_END
#define MEMBER(shape, sn, ln, kind, card, limits, doc)
#define SHAPE_END(name)
#define SHAPE(name, doc)                                                                                     \
	static const struct shape shape_##name = {#name, (doc), members_##name, COUNT(members_##name)};
#include "spec/shape.def"
#undef SHAPE
#define SHAPE(name, doc) &shape_##name,
const struct shape *const table_shapes[] = {
#include "spec/shape.def"
};
#undef SHAPE
#undef MEMBER
#undef SHAPE_END
const size_t table_shape_count = COUNT(table_shapes);

/* Types: their attributes, their children, then themselves. */
#define ROW(of, sn, ln, one_of, how_many, may_create, may_update, when, limits, text)                        \
	{#sn,                                                                                                \
	 #ln,                                                                                                \
	 sizeof(#sn) - 1,                                                                                    \
	 .kind = KIND_##one_of,                                                                              \
	 CARD_WORD_##how_many,                                                                               \
	 .create = MAY_##may_create,                                                                         \
	 .update = MAY_##may_update,                                                                         \
	 .announced = ANNOUNCED_##when,                                                                      \
	 LIMIT_##limits,                                                                                     \
	 .doc = (text)},

#define TYPE(id, number, sn, ln, traits, doc)    static const struct attr attrs_##id[] = {
#define MGMT(id, definition, space, sn, ln, doc) static const struct attr attrs_##id[] = {
#define ATTR                                     ROW
#define END(id)                                                                                              \
	}                                                                                                    \
	;
#include "model/type_rows.h"

enum {
#define TYPE(id, number, sn, ln, traits, doc) PLACE_OF_##id,
#include "model/type_rows.h"
	PLACE_COUNT
};

#define C(id) TYPE_##id,
#define A(id) TYPE_##id + TYPE_ANNOUNCED,
#define NUMBERS(...)                                                                                         \
	{                                                                                                    \
		(const uint32_t[]){__VA_ARGS__}, sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t)  \
	}

#define CHILDREN(id, ...) [PLACE_OF_##id] = NUMBERS(__VA_ARGS__),
const struct table_children table_children[PLACE_COUNT] = {
#include "model/type_rows.h"
};
#define TWIN_CHILDREN(id, ...) [PLACE_OF_##id] = NUMBERS(__VA_ARGS__),
const struct table_children table_twin_children[PLACE_COUNT] = {
#include "model/type_rows.h"
};

#define TYPE(id, number, sn, ln, traits, doc)                                                                \
	{(number), #sn, #ln, "m2m:" #sn, (traits), (doc), attrs_##id, COUNT(attrs_##id)},
const struct table_type table_types[] = {
#include "model/type_rows.h"
};
const size_t table_type_count = COUNT(table_types);

#define MGMT(id, definition, space, sn, ln, doc)                                                             \
	{#definition, #sn, #ln, #space ":" #sn, (doc), attrs_##id, COUNT(attrs_##id)},
const struct table_mgmt table_mgmts[] = {
#include "model/type_rows.h"
};
const size_t table_mgmt_count = COUNT(table_mgmts);

const struct attr table_twin_attrs[] = {
        ROW(TWIN, lnk, link, URI, ONE, MUST, MAY, NEVER, ANY, "the address of the original")
                ROW(TWIN, et, expirationTime, TIMESTAMP, ONE, MAY, MAY, NEVER, ANY,
                    "the moment at which the resource removes itself")};
const size_t table_twin_attr_count = COUNT(table_twin_attrs);
