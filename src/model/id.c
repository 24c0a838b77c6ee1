/* SPDX-License-Identifier: Apache-2.0 */
/* An address is walked once, byte by byte; what is found are slices of what was given.
 *
 * To compare two identifiers each is first made as short as it can be: our own provider and our own CSE are
 * left out in front. That is cutting, not writing, so it needs no memory. Only an entry with a '*' in it has
 * to be held against the long form. */
#include "model/id.h"

#include "base/url.h"
#include "model/grammar.h"
#include "model/rsc.h"

#define ID_TO_LONGEST    4096
#define ID_FROM_LONGEST  255
#define ID_SEGMENTS_MOST 100

/* Checks "a/b/c": no empty segment, only the letters of identifiers. */
static int id_check_path(struct slice path, struct why *why)
{
	size_t segments = 0, begin = 0;

	for (size_t i = 0; i <= path.len; i++) {
		if (i < path.len && grammar_unreserved(path.ptr[i]))
			continue;
		if (i < path.len && path.ptr[i] != '/')
			return refuse(why, RSC_BAD_REQUEST, "to: '%c' may not stand in an address",
			              path.ptr[i]);
		if (i == begin)
			return refuse(why, RSC_BAD_REQUEST, "to: an empty segment in \"%.*s\"",
			              SLICE_ARG(path));
		begin = i + 1;
		segments++;
	}
	if (segments > ID_SEGMENTS_MOST)
		return refuse(why, RSC_BAD_REQUEST, "to: more than %d segments", ID_SEGMENTS_MOST);
	return 0;
}

/* The length of what stands before the next '/' at or after `from`. */
static size_t id_segment_end(struct slice s, size_t from)
{
	const char *slash = from < s.len ? memchr(s.ptr + from, '/', s.len - from) : NULL;

	return slash ? (size_t)(slash - s.ptr) : s.len;
}

int id_read_to(const struct id_self *self, struct slice to, struct id_to *ret, struct why *why)
{
	struct id_to out = {.scope = ID_CSE_RELATIVE};
	const char *hash;
	size_t end = 0;
	int r;

	if (to.len == 0)
		return refuse(why, RSC_BAD_REQUEST, "to: an address is missing");
	if (to.len > ID_TO_LONGEST)
		return refuse(why, RSC_BAD_REQUEST, "to: longer than %d bytes", ID_TO_LONGEST);
	hash = memchr(to.ptr, '#', to.len);
	if (hash) {
		out.fragment = slice_skip(to, (size_t)(hash - to.ptr) + 1);
		to.len = (size_t)(hash - to.ptr);
		if (!grammar_is_ncname(out.fragment) || to.len == 0)
			return refuse(why, RSC_BAD_REQUEST,
			              "to: what stands at '#' is no attribute of a resource");
	}
	if (slice_starts(to, SLICE("//"))) {
		out.scope = ID_ABSOLUTE;
		end = id_segment_end(to, 2);
		out.sp = slice_make(to.ptr, end);
		if (end == to.len)
			return refuse(why, RSC_BAD_REQUEST, "to: \"%.*s\" names no CSE", SLICE_ARG(to));
	} else if (to.ptr[0] == '/') {
		out.scope = ID_SP_RELATIVE;
	}
	if (out.scope != ID_CSE_RELATIVE) {
		size_t begin = end;

		end = id_segment_end(to, begin + 1);
		out.cse = slice_make(to.ptr + begin, end - begin);
		end += end < to.len;
	}
	r = id_check_path(slice_skip(to, (size_t)out.scope), why);
	if (r)
		return r;
	out.path = slice_skip(to, end);
	out.here =
	        out.scope == ID_CSE_RELATIVE ||
	        (slice_is(out.cse, self->csi) && (out.scope == ID_SP_RELATIVE || slice_is(out.sp, self->sp)));
	*ret = out;
	return 0;
}

/* How many segments stand behind the leading slashes; 0 when one is empty or has a wrong letter. */
static size_t id_segments(struct slice s)
{
	size_t count = 0, begin = 0;

	for (size_t i = 0; i <= s.len; i++) {
		if (i < s.len && grammar_unreserved(s.ptr[i]))
			continue;
		if (i == begin || (i < s.len && s.ptr[i] != '/'))
			return 0;
		begin = i + 1;
		count++;
	}
	return count;
}

static size_t id_leading_slashes(struct slice s)
{
	return s.len > 0 && s.ptr[0] == '/' ? (s.len > 1 && s.ptr[1] == '/' ? 2 : 1) : 0;
}

bool id_is_originator(struct slice fr)
{
	size_t slashes, segments;

	if (fr.len == 0 || fr.len > ID_FROM_LONGEST)
		return false;
	slashes = id_leading_slashes(fr);
	segments = id_segments(slice_skip(fr, slashes));
	/* "CAdmin" / "/cse", "/cse/Cx", "/Sx" / "//sp/cse", "//sp/cse/Cx", "//sp/Sx" */
	return slashes == 0 ? segments == 1 : segments >= slashes && segments <= slashes + 1;
}

bool id_is_cse(struct slice id)
{
	size_t slashes = id_leading_slashes(id);

	return slashes > 0 && id_segments(slice_skip(id, slashes)) == slashes;
}

bool id_is_ae_stem(struct slice id)
{
	return id.len > 0 && (id.ptr[0] == 'C' || id.ptr[0] == 'S') && id_segments(id) == 1;
}

/* Cuts our own provider off an absolute identifier. */
static struct slice id_without_sp(const struct id_self *self, struct slice id)
{
	if (slice_starts(id, self->sp) && id.len > self->sp.len && id.ptr[self->sp.len] == '/')
		return slice_skip(id, self->sp.len);
	return id;
}

struct slice id_sp_relative(const struct id_self *self, struct slice id, struct arena *arena)
{
	struct slice csi = self->csi;
	char *text;

	id = id_without_sp(self, id);
	if (id.len == 0 || id.ptr[0] == '/')
		return id;
	if (id.ptr[0] == 'S')
		csi.len = 0;
	text = arena_take(arena, csi.len + 1 + id.len);
	if (csi.len)
		memcpy(text, csi.ptr, csi.len);
	text[csi.len] = '/';
	memcpy(text + csi.len + 1, id.ptr, id.len);
	return slice_make(text, csi.len + 1 + id.len);
}

/* The shortest form: "/id-in/CAe1" and "//our-sp/id-in/CAe1" become "CAe1", "/Sx" becomes "Sx". What is not
 * ours keeps its slashes, so that nothing of others looks like something of ours. */
static struct slice id_short(const struct id_self *self, struct slice id)
{
	struct slice rest;

	id = id_without_sp(self, id);
	if (id.len < 2 || id.ptr[0] != '/' || id.ptr[1] == '/')
		return id;
	if (slice_starts(id, self->csi) && id.len > self->csi.len + 1 && id.ptr[self->csi.len] == '/') {
		rest = slice_skip(id, self->csi.len + 1);
		return rest.ptr[0] == 'S' ? id : rest;
	}
	return id.ptr[1] == 'S' && !memchr(id.ptr + 1, '/', id.len - 1) ? slice_skip(id, 1) : id;
}

/* "//sp" or "sp": does the entry name the provider of the identifier? `id` is absolute. */
static bool id_matches_sp(struct slice entry, struct slice id)
{
	struct slice sp = slice_make(id.ptr, id_segment_end(id, 2));

	if (!slice_starts(entry, SLICE("//")))
		sp = slice_skip(sp, 2);
	return slice_matches(sp, entry);
}

static struct slice id_absolute(const struct id_self *self, struct slice id, struct arena *arena)
{
	id = id_sp_relative(self, id, arena);
	return slice_starts(id, SLICE("//"))
	               ? id
	               : arena_printf(arena, "%.*s%.*s", SLICE_ARG(self->sp), SLICE_ARG(id));
}

/* An entry with a '*', held against the form of the identifier that the entry is written in. */
static bool id_matches_star(const struct id_self *self, struct slice entry, struct slice id,
                            struct arena *arena)
{
	if (entry.len == 1)
		return true;
	if (slice_starts(entry, SLICE("//"))) {
		id = id_absolute(self, id, arena);
		return slice_matches(id, entry) ||
		       (id_segment_end(entry, 2) == entry.len && id_matches_sp(entry, id));
	}
	if (slice_starts(entry, SLICE("*.")) && id_matches_sp(entry, id_absolute(self, id, arena)))
		return true;
	id = id_sp_relative(self, id, arena);
	if (entry.ptr[0] != '/' && entry.ptr[0] != '*')
		entry = id_sp_relative(self, entry, arena);
	return slice_matches(id, entry);
}

bool id_matches(const struct id_self *self, struct slice entry, struct slice id, struct arena *arena)
{
	struct slice sp;

	if (entry.len == 0 || id.len == 0)
		return false;
	if (slice_is(entry, id) || slice_is(id_short(self, entry), id_short(self, id)))
		return true;
	if (memchr(entry.ptr, '*', entry.len))
		return id_matches_star(self, entry, id, arena);
	/* A whole provider: "//sp.example" or its bare name. */
	if (id_leading_slashes(entry) == 2 ? id_segment_end(entry, 2) == entry.len
	                                   : memchr(entry.ptr, '.', entry.len) != NULL) {
		sp = slice_starts(id, SLICE("//")) ? id : self->sp;
		return id_matches_sp(entry, sp);
	}
	return false;
}

bool id_is_url(struct slice text)
{
	return url_scheme(text).len > 0;
}
