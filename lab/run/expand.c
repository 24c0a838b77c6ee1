/* SPDX-License-Identifier: Apache-2.0 */
/* Replacing is done on text, before anything is understood: $COL is good in a name, in a sentence, within
 * quotes. All is bounded: a case cannot grow beyond EXPAND_LINES lines, scenes not stand in each other beyond
 * EXPAND_DEPTH. */
#include "lab/run/expand.h"

#include "base/buf.h"

#define EXPAND_LINES 4000
#define EXPAND_DEPTH 8
#define EXPAND_TURNS 100000
#define EXPAND_BINDS 24

struct expand_bind {
	struct slice name, value;
};

struct expand_row {
	struct expand_bind binds[EXPAND_BINDS];
	size_t count;
};

static int expand_refuse(struct expand_file *file, unsigned line, const char *sentence, struct slice word)
{
	return refuse(file->why, 4000, "%s:%u:1: %s%s%.*s", file->file, line, sentence, word.len ? " " : "",
	              SLICE_ARG(word));
}

static bool expand_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static bool expand_is_comment(struct slice rest)
{
	return rest.len && rest.ptr[0] == '#' && (rest.len == 1 || expand_is_blank(rest.ptr[1]));
}

struct slice expand_first(struct slice line, struct slice *ret_rest)
{
	size_t i = 0, start;

	while (i < line.len && expand_is_blank(line.ptr[i]))
		i++;
	start = i;
	while (i < line.len && !expand_is_blank(line.ptr[i]))
		i++;
	struct slice word = {line.ptr + start, i - start};

	while (i < line.len && expand_is_blank(line.ptr[i]))
		i++;
	*ret_rest = slice_skip(line, i);
	return word;
}

void expand_add(struct arena *arena, struct expand_lines *lines, struct expand_line line)
{
	if (lines->count == lines->cap) {
		size_t cap = lines->cap ? lines->cap * 2 : 16;
		struct expand_line *at = arena_array(arena, cap, struct expand_line);

		if (lines->count)
			memcpy(at, lines->at, lines->count * sizeof *at);
		lines->at = at;
		lines->cap = cap;
	}
	lines->at[lines->count++] = line;
}

static size_t expand_count(struct slice text, const char *word)
{
	struct slice line, rest, all = text;
	size_t n = 0;

	while (slice_cut(&all, '\n', &line))
		n += slice_is_text(expand_first(line, &rest), word) && line.ptr[0] == word[0];
	return n;
}

int expand_split(struct expand_file *file, struct slice text, bool scenes_only)
{
	struct expand_block *block = NULL;
	struct slice line, rest;
	unsigned number = 0;
	size_t scenes = expand_count(text, "scene"), cases = expand_count(text, "case");
	struct expand_block *old = file->scenes;

	file->scenes = arena_array(file->arena, scenes + file->scene_count, struct expand_block);
	if (file->scene_count)
		memcpy(file->scenes, old, file->scene_count * sizeof *old);
	file->cases = arena_array(file->arena, cases, struct expand_block);
	while (slice_cut(&text, '\n', &line)) {
		struct slice first = expand_first(line, &rest);
		bool is_case = slice_is_text(first, "case"), is_scene = slice_is_text(first, "scene");

		number++;
		if (!first.len || first.ptr[0] == '#') {
			if (block)
				expand_add(file->arena, &block->lines, (struct expand_line){number, {"", 0}});
			continue;
		}
		if ((is_case || is_scene) && line.ptr[0] == first.ptr[0]) {
			if (is_case && scenes_only)
				return expand_refuse(file, number, "expected scenes only, found a case",
				                     rest);
			block = is_case ? &file->cases[file->case_count++]
			                : &file->scenes[file->scene_count++];
			block->name = expand_first(rest, &rest);
			if (!block->name.len)
				return expand_refuse(file, number, "expected a name behind", first);
		} else if (!block) {
			return expand_refuse(file, number, "expected `case` or `scene`, found", first);
		}
		expand_add(file->arena, &block->lines, (struct expand_line){number, line});
	}
	return 0;
}

static bool expand_is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* $NAME or ${NAME} at text.ptr[i]: what is bound to it, and where it ends. NULL: nothing is. */
static const struct expand_bind *expand_bound(struct slice text, size_t i, const struct expand_row *row,
                                              size_t *ret_end)
{
	size_t braced = i + 1 < text.len && text.ptr[i + 1] == '{', start = i + 1 + braced, end = start;

	while (end < text.len && expand_is_name(text.ptr[end]))
		end++;
	struct slice name = {text.ptr + start, end - start};

	if (!name.len || (braced && (end == text.len || text.ptr[end] != '}')))
		return NULL;
	*ret_end = end + braced;
	for (size_t b = row->count; b-- > 0;)
		if (slice_is(row->binds[b].name, name))
			return &row->binds[b];
	return NULL;
}

/* $NAME and ${NAME}, where NAME is bound; others stay as they are. */
static struct slice expand_replace(struct arena *arena, struct slice text, const struct expand_row *row)
{
	struct buf buf;

	if (!text.len || !memchr(text.ptr, '$', text.len) || !row->count)
		return text;
	buf_init(&buf, arena);
	for (size_t i = 0; i < text.len;) {
		size_t end = i;
		const struct expand_bind *found =
		        text.ptr[i] == '$' ? expand_bound(text, i, row, &end) : NULL;

		if (found)
			buf_add_slice(&buf, found->value);
		else
			buf_add_char(&buf, text.ptr[i]);
		i = found ? end : i + 1;
	}
	return buf_slice(&buf);
}

bool expand_scan(struct expand_scan *scan, struct slice text, size_t *i)
{
	char c = text.ptr[*i];
	int before = scan->depth;

	if (scan->quote) {
		*i += c == '\\' && scan->quote == '"';
		scan->quote = c == scan->quote ? 0 : scan->quote;
		return false;
	}
	if (c == '"' || c == '\'')
		scan->quote = c;
	else if (c && strchr("{[(", c))
		scan->depth++;
	else if (c && strchr("}])", c) && scan->depth)
		scan->depth--;
	return !scan->quote && !before && !scan->depth;
}

/* One column of a row: a word, or a whole bracket or string. Single quotes round it are not part of it. */
static struct slice expand_column(struct slice *rest)
{
	struct slice s = *rest;
	struct expand_scan scan = {0};
	bool quoted = s.len && s.ptr[0] == '\'';
	size_t i = 0;

	while (i < s.len && !(expand_scan(&scan, s, &i) && expand_is_blank(s.ptr[i])))
		i++;
	i = i > s.len ? s.len : i;
	struct slice column = {s.ptr, i};

	if (quoted && i >= 2)
		column = (struct slice){s.ptr + 1, i - 2};
	while (i < s.len && expand_is_blank(s.ptr[i]))
		i++;
	*rest = slice_skip(s, i);
	return column;
}

static const struct expand_line *expand_vary(const struct expand_block *block)
{
	struct slice rest;

	for (size_t i = 0; i < block->lines.count; i++)
		if (slice_is_text(expand_first(block->lines.at[i].text, &rest), "vary"))
			return &block->lines.at[i];
	return NULL;
}

static bool expand_is_row(const struct expand_block *block, const struct expand_line *line)
{
	return line < block->lines.at + block->lines.count && line->text.len &&
	       expand_is_blank(line->text.ptr[0]);
}

static int expand_row(struct expand_file *file, const struct expand_line *head,
                      const struct expand_line *line, struct expand_row *row)
{
	struct slice names, values, name;

	expand_first(head->text, &names);
	expand_first(line->text, &values);
	values = (struct slice){line->text.ptr, line->text.len};
	while (values.len && expand_is_blank(values.ptr[0]))
		values = slice_skip(values, 1);
	while ((name = expand_first(names, &names)).len) {
		if (row->count == EXPAND_BINDS)
			return expand_refuse(file, head->number, "expected fewer columns", name);
		if (!values.len || expand_is_comment(values))
			return expand_refuse(file, line->number, "expected a value for column", name);
		row->binds[row->count++] = (struct expand_bind){name, expand_column(&values)};
	}
	if (values.len && !expand_is_comment(values))
		return expand_refuse(file, line->number, "expected no further column, found", values);
	return 0;
}

int expand_rows(struct expand_file *file, const struct expand_block *block, size_t *ret_rows)
{
	const struct expand_line *head = expand_vary(block);
	size_t n = 0;

	file->rows = NULL;
	file->row_count = 0;
	*ret_rows = 1;
	if (!head)
		return 0;
	while (expand_is_row(block, head + 1 + n))
		n++;
	if (!n)
		return expand_refuse(file, head->number, "expected indented rows below `vary`", SLICE(""));
	file->rows = arena_array(file->arena, n, struct expand_row);
	for (size_t i = 0; i < n; i++) {
		int r = expand_row(file, head, head + 1 + i, &file->rows[i]);

		if (r)
			return r;
	}
	*ret_rows = file->row_count = n;
	return 0;
}

static int expand_lines(struct expand_file *file, const struct expand_line *at, size_t count,
                        const struct expand_row *row, unsigned depth, struct expand_lines *out);

static int expand_use(struct expand_file *file, const struct expand_line *line, struct slice rest,
                      const struct expand_row *row, unsigned depth, struct expand_lines *out)
{
	struct expand_row inner = *row;
	struct slice name = expand_first(rest, &rest);

	if (depth >= EXPAND_DEPTH)
		return expand_refuse(file, line->number,
		                     "expected scenes not to use each other in a circle:", name);
	while (rest.len && !expand_is_comment(rest)) {
		struct slice value = expand_column(&rest), key = {0};

		if (!slice_cut(&value, '=', &key) || inner.count == EXPAND_BINDS)
			return expand_refuse(file, line->number, "expected NAME=TEXT, found", key);
		if (value.len >= 2 && value.ptr[0] == '\'' && value.ptr[value.len - 1] == '\'')
			value = (struct slice){value.ptr + 1, value.len - 2};
		inner.binds[inner.count++] = (struct expand_bind){key, value};
	}
	for (size_t i = file->scene_count; i-- > 0;)
		if (slice_is(file->scenes[i].name, name))
			return expand_lines(file, file->scenes[i].lines.at + 1,
			                    file->scenes[i].lines.count - 1, &inner, depth + 1, out);
	return expand_refuse(file, line->number, "expected the name of a scene, found", name);
}

/* Finds the `end` of the `repeat` at at[0]; 0 when there is none. */
static size_t expand_end(const struct expand_line *at, size_t count)
{
	size_t depth = 0;
	struct slice rest;

	for (size_t i = 0; i < count; i++) {
		struct slice first = expand_first(at[i].text, &rest);

		depth += slice_is_text(first, "repeat");
		if (slice_is_text(first, "end") && --depth == 0)
			return i;
	}
	return 0;
}

static int expand_repeat(struct expand_file *file, const struct expand_line *at, size_t end,
                         struct slice rest, const struct expand_row *row, unsigned depth,
                         struct expand_lines *out)
{
	struct expand_row inner = *row;
	struct slice times = expand_first(rest, &rest), name = expand_first(rest, &rest);
	uint64_t n;

	if (!slice_u64(times, &n) || n > 1000 || depth >= EXPAND_DEPTH || inner.count == EXPAND_BINDS)
		return expand_refuse(file, at->number, "expected a number up to 1000 behind `repeat`, found",
		                     times);
	inner.binds[inner.count].name = name.len && !expand_is_comment(name) ? name : SLICE("n");
	inner.count++;
	for (uint64_t i = 1; i <= n; i++) {
		inner.binds[inner.count - 1].value = arena_printf(file->arena, "%llu", (unsigned long long)i);
		int r = expand_lines(file, at + 1, end - 1, &inner, depth + 1, out);

		if (r)
			return r;
	}
	return 0;
}

static int expand_lines(struct expand_file *file, const struct expand_line *at, size_t count,
                        const struct expand_row *row, unsigned depth, struct expand_lines *out)
{
	if (++file->turns > EXPAND_TURNS)
		return expand_refuse(file, count ? at->number : 0, "expected a shorter file", SLICE(""));
	for (size_t i = 0; i < count; i++) {
		struct slice rest, text = expand_replace(file->arena, at[i].text, row);
		struct slice first = expand_first(text, &rest);
		int r = 0;

		if (out->count >= EXPAND_LINES)
			return expand_refuse(file, at[i].number, "expected a shorter case", SLICE(""));
		if (slice_is_text(first, "use")) {
			r = expand_use(file, &at[i], rest, row, depth, out);
		} else if (slice_is_text(first, "repeat")) {
			size_t end = expand_end(at + i, count - i);

			if (!end)
				return expand_refuse(file, at[i].number, "expected `end` for this `repeat`",
				                     rest);
			r = expand_repeat(file, at + i, end, rest, row, depth, out);
			i += end;
		} else {
			expand_add(file->arena, out, (struct expand_line){at[i].number, text});
		}
		if (r)
			return r;
	}
	return 0;
}

int expand_case(struct expand_file *file, const struct expand_block *block, size_t row,
                struct expand_lines *ret)
{
	const struct expand_line *head = expand_vary(block);
	struct expand_row none = {.count = 0};
	const struct expand_row *binds = file->rows ? &file->rows[row] : &none;
	size_t before = head ? (size_t)(head - block->lines.at) : block->lines.count;
	int r = expand_lines(file, block->lines.at, before, binds, 0, ret);

	if (r || !head)
		return r;
	size_t after = before + 1 + file->row_count;

	return expand_lines(file, block->lines.at + after, block->lines.count - after, binds, 0, ret);
}
