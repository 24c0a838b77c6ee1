/* SPDX-License-Identifier: Apache-2.0 */
/* Case files into cases: finds the files, has them told out (expand), and reads what is known of each case
 * and its steps (step). */
#include "lab/run/case.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "lab/run/expand.h"
#include "lab/run/step.h"

#define CASE_FILE_MAX (1 << 20)
#define CASE_FILES    2000

/* The words of a line, split at commas or blanks. */
static size_t case_list(struct arena *arena, struct slice rest, char mark, struct slice **ret)
{
	struct slice *list = arena_array(arena, rest.len + 1, struct slice), part;
	size_t n = 0;

	while (slice_cut(&rest, mark, &part)) {
		while (part.len && (part.ptr[0] == ' ' || part.ptr[0] == '\t'))
			part = slice_skip(part, 1);
		while (part.len && (part.ptr[part.len - 1] == ' ' || part.ptr[part.len - 1] == '\t'))
			part.len--;
		if (part.len)
			list[n++] = part;
	}
	*ret = list;
	return n;
}

static int case_head(struct lex *lex, struct lab_case *lab_case)
{
	struct word word;
	int r = lex_word(lex, &word);

	if (r == 0)
		r = lex_word(lex, &word);
	lab_case->name = word.text;
	for (size_t i = 0; r == 0 && i < word.text.len; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.",
		            word.text.ptr[i]))
			return lex_refuse(lex, "expected a name of letters, digits, '-', '_' and '.'");
	if (r == 0 && lex_peek(lex) == LEX_WORD) {
		r = lex_word(lex, &word);
		lab_case->title = word.text;
	}
	if (r == 0 && lex_peek(lex) != LEX_END)
		return lex_refuse(lex, "expected `case NAME \"sentence\"`");
	return r;
}

/* The lines that tell about the case; true when this was one. */
static bool case_about(struct arena *arena, struct slice text, struct lab_case *lab_case)
{
	struct slice rest, first = expand_first(text, &rest);

	if (slice_is_text(first, "cites"))
		lab_case->cite_count = case_list(arena, rest, ',', &lab_case->cites);
	else if (slice_is_text(first, "needs"))
		lab_case->need_count = case_list(arena, rest, ' ', &lab_case->needs);
	else if (slice_is_text(first, "tp"))
		lab_case->tp = expand_first(rest, &rest);
	else
		return false;
	return true;
}

static bool case_is_comment(struct slice text, size_t i)
{
	return text.ptr[i] == '#' && (i == 0 || text.ptr[i - 1] == ' ') &&
	       (i + 1 == text.len || text.ptr[i + 1] == ' ');
}

/* How deep in brackets a text ends; quotes and comments are passed over. */
static int case_depth(struct slice text)
{
	struct expand_scan scan = {0};

	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] == '\n')
			scan.quote = 0;
		else if (!scan.quote && case_is_comment(text, i))
			while (i + 1 < text.len && text.ptr[i + 1] != '\n')
				i++;
		else
			expand_scan(&scan, text, &i);
	}
	return scan.depth;
}

/* A statement goes on while a bracket is open or when the next line begins with -> or `body`. */
static struct slice case_statement(struct arena *arena, const struct expand_lines *lines, size_t *at)
{
	struct slice rest;
	struct buf buf;

	buf_init(&buf, arena);
	buf_add_slice(&buf, lines->at[(*at)++].text);
	while (*at < lines->count) {
		struct slice next = expand_first(lines->at[*at].text, &rest);

		if (case_depth(buf_slice(&buf)) <= 0 && !slice_starts(next, SLICE("->")) &&
		    !slice_is_text(next, "body"))
			break;
		buf_add_char(&buf, '\n');
		buf_add_slice(&buf, lines->at[(*at)++].text);
	}
	return buf_slice(&buf);
}

static int case_tell(struct expand_file *file, const char *area, const struct expand_lines *lines,
                     struct lab_case *lab_case)
{
	size_t at = 0;

	lab_case->file = file->file;
	lab_case->area = area;
	lab_case->line = lines->at[0].number;
	lab_case->steps = arena_array(file->arena, lines->count, struct step);
	while (at < lines->count) {
		struct lex lex = {.file = file->file,
		                  .line = lines->at[at].number,
		                  .arena = file->arena,
		                  .why = file->why};
		size_t first = at;
		int r;

		lex.text = case_statement(file->arena, lines, &at);
		if (lex_peek(&lex) == LEX_END || (first && case_about(file->arena, lex.text, lab_case)))
			continue;
		if (first == 0) {
			r = case_head(&lex, lab_case);
		} else {
			struct step *step = &lab_case->steps[lab_case->step_count++];

			r = step_read(&lex, lab_case, step);
			if (r == 0 && step->verb == VERB_PASS)
				lab_case->passes += step->us;
		}
		if (r)
			return r;
	}
	return 0;
}

static struct lab_case *case_add(struct arena *arena, struct case_set *set)
{
	if (set->count == set->cap) {
		size_t cap = set->cap ? set->cap * 2 : 64;
		struct lab_case *cases = arena_array(arena, cap, struct lab_case);

		if (set->count)
			memcpy(cases, set->cases, set->count * sizeof *cases);
		set->cases = cases;
		set->cap = cap;
	}
	return &set->cases[set->count++];
}

int case_read(struct arena *arena, const char *file, const char *area, struct slice text, struct slice scenes,
              struct why *why, struct case_set *set)
{
	struct expand_file expand = {.file = file, .arena = arena, .why = why};
	int r = scenes.len ? expand_split(&expand, scenes, true) : 0;

	if (r == 0)
		r = expand_split(&expand, text, false);
	for (size_t i = 0; r == 0 && i < expand.case_count; i++) {
		size_t rows;

		r = expand_rows(&expand, &expand.cases[i], &rows);
		for (size_t row = 0; r == 0 && row < rows; row++) {
			struct expand_lines lines = {0};

			r = expand_case(&expand, &expand.cases[i], row, &lines);
			if (r == 0)
				r = case_tell(&expand, area, &lines, case_add(arena, set));
		}
	}
	return r;
}

/* --- files --- */

static int case_slurp(struct arena *arena, const char *path, struct slice *ret)
{
	FILE *f = fopen(path, "re");

	if (!f)
		return -errno;
	struct stat st = {0};
	size_t size =
	        fstat(fileno(f), &st) == 0 && st.st_size < CASE_FILE_MAX ? (size_t)st.st_size : CASE_FILE_MAX;
	char *text = arena_take(arena, size + 1);
	size_t n = fread(text, 1, size, f);
	int r = ferror(f) ? -EIO : size == CASE_FILE_MAX ? -EFBIG : 0;

	fclose(f);
	*ret = (struct slice){text, n};
	return r;
}

struct case_files {
	struct arena *arena;
	char *paths[CASE_FILES];
	size_t count;
};

static int case_walk(struct case_files *files, const char *path, unsigned depth)
{
	struct stat st;
	size_t len = strlen(path);

	if (stat(path, &st))
		return -errno;
	if (!S_ISDIR(st.st_mode)) {
		if (len > 5 && strcmp(path + len - 5, ".case") == 0 && files->count < CASE_FILES)
			files->paths[files->count++] = arena_text(files->arena, slice_of(path));
		return 0;
	}
	DIR *dir = opendir(path);
	struct dirent *entry;
	int r = dir ? 0 : -errno;

	while (r == 0 && depth < 8 && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			r = case_walk(files, arena_printf(files->arena, "%s/%s", path, entry->d_name).ptr,
			              depth + 1);
	if (dir)
		closedir(dir);
	return r;
}

static int case_order(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The folder a file stands in, by its last name. */
static const char *case_area(struct arena *arena, const char *path)
{
	const char *slash = strrchr(path, '/'), *start;

	if (!slash)
		return "";
	for (start = slash; start > path && start[-1] != '/'; start--)
		;
	return arena_text(arena, (struct slice){start, (size_t)(slash - start)});
}

static bool case_is_scenes(const char *path)
{
	const char *slash = strrchr(path, '/');

	return strcmp(slash ? slash + 1 : path, "scenes.case") == 0;
}

/* scenes.case stands in the folder of the file or in the one above it. */
static int case_scenes(struct arena *arena, const char *path, struct slice *ret)
{
	static const char *const places[] = {"scenes.case", "../scenes.case"};
	const char *slash = strrchr(path, '/');

	*ret = (struct slice){0};
	for (size_t i = 0; i < 2; i++) {
		struct slice at =
		        arena_printf(arena, "%.*s%s", slash ? (int)(slash - path + 1) : 0, path, places[i]);
		int r = case_slurp(arena, at.ptr, ret);

		if (r != -ENOENT)
			return r;
	}
	return 0;
}

static int case_unique(const struct case_set *set, struct why *why)
{
	for (size_t i = 0; i < set->count; i++)
		for (size_t j = 0; j < i; j++)
			if (slice_is(set->cases[i].name, set->cases[j].name))
				return refuse(why, 4000, "%s:%u:1: the name %.*s stands at %s:%u already",
				              set->cases[i].file, set->cases[i].line,
				              SLICE_ARG(set->cases[i].name), set->cases[j].file,
				              set->cases[j].line);
	return 0;
}

int case_load(struct arena *arena, const char *path, struct why *why, struct case_set *set)
{
	struct case_files *files = arena_new(arena, struct case_files);
	struct slice text, scenes;

	files->arena = arena;
	int r = case_walk(files, path, 0);

	qsort(files->paths, files->count, sizeof *files->paths, case_order);
	for (size_t i = 0; r == 0 && i < files->count; i++) {
		if (case_is_scenes(files->paths[i]))
			continue;
		r = case_slurp(arena, files->paths[i], &text);
		if (r == 0)
			r = case_scenes(arena, files->paths[i], &scenes);
		if (r == 0)
			r = case_read(arena, files->paths[i], case_area(arena, files->paths[i]), text, scenes,
			              why, set);
	}
	return r ? r : case_unique(set, why);
}
