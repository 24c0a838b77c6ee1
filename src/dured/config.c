/* SPDX-License-Identifier: Apache-2.0 */
/* One table, four readers: defaults, file, command line, help. */
#include "dured/config.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

#include "model/rsc.h"

enum kind { TEXT, LIST, DURATION, NUMBER, SIZE, FLAG, CHOICE };

static const struct option {
	const char *name;
	enum kind kind;
	const char *standard, *metavar, *doc;
	size_t offset;
} options[] = {
#define OPTION(field, name, kind, standard, metavar, doc)                                                    \
	{name, kind, standard, metavar, doc, offsetof(struct config, field)},
#include "dured/options.def"
#undef OPTION
};
enum { OPTION_COUNT = sizeof(options) / sizeof(options[0]), FILE_MAX = 1 << 20 };

/* ---- values ---- */

static const struct unit {
	const char *name;
	int64_t factor;
} time_units[] = {{"", 1000000},     {"ms", 1000},       {"s", 1000000}, {"m", 60000000},
                  {"h", 3600000000}, {"d", 86400000000}, {NULL, 0}},
  size_units[] = {{"", 1}, {"k", 1024}, {"M", 1048576}, {NULL, 0}}, plain[] = {{"", 1}, {NULL, 0}};

static bool read_number(struct slice text, const struct unit *units, int64_t *ret)
{
	size_t digits = 0;
	uint64_t n;
	while (digits < text.len && text.ptr[digits] >= '0' && text.ptr[digits] <= '9')
		digits++;
	if (!slice_u64(slice_make(text.ptr, digits), &n))
		return false;
	for (; units->name; units++)
		if (slice_is_text(slice_skip(text, digits), units->name))
			return !__builtin_mul_overflow((int64_t)n, units->factor, ret) && n <= INT64_MAX;
	return false;
}

static bool read_flag(struct slice text, bool *ret)
{
	*ret = slice_is(text, SLICE("yes")) || slice_is(text, SLICE("true"));
	return *ret || slice_is(text, SLICE("no")) || slice_is(text, SLICE("false"));
}

static bool is_choice(const char *choices, struct slice text)
{
	struct slice rest = slice_of(choices), one;
	while (slice_cut(&rest, '|', &one))
		if (slice_is(one, text))
			return true;
	return false;
}

static const char *expected(const struct option *option)
{
	static const char *const words[] = {
	        [TEXT] = "text",
	        [LIST] = "text",
	        [DURATION] = "a time such as 500ms, 10s, 5m, 1h or 30d",
	        [NUMBER] = "a number",
	        [SIZE] = "a size such as 512, 64k or 1M",
	        [FLAG] = "yes or no",
	        [CHOICE] = NULL,
	};
	return option->kind == CHOICE ? option->metavar : words[option->kind];
}

/* What was said before stays. */
static void add_to_list(struct config *config, const char **list, struct slice text)
{
	if (*list && **list)
		text = arena_printf(&config->arena, "%s,%.*s", *list, SLICE_ARG(text));
	*list = arena_text(&config->arena, text);
}

static int set(struct config *config, const struct option *option, struct slice text, const char *where,
               struct why *why)
{
	void *field = (char *)config + option->offset;
	bool good = true;
	switch (option->kind) {
	case CHOICE:
		good = is_choice(option->metavar, text);
		/* fall through */
	case TEXT:
		*(const char **)field = arena_text(&config->arena, text);
		break;
	case LIST:
		add_to_list(config, field, text);
		break;
	case DURATION:
		good = read_number(text, time_units, field);
		break;
	case NUMBER:
		good = read_number(text, plain, field);
		break;
	case SIZE:
		good = read_number(text, size_units, field);
		break;
	case FLAG:
		good = read_flag(text, field);
		break;
	}
	if (good && memchr(text.ptr ? text.ptr : "", '\0', text.len) == NULL)
		return 0;
	return refuse(why, RSC_BAD_REQUEST, "%s%s: \"%.*s\" is not what it takes; expected %s", where,
	              option->name, SLICE_ARG(text), expected(option));
}

static const struct option *find(struct slice name)
{
	for (size_t i = 0; i < OPTION_COUNT; i++)
		if (slice_is_text(name, options[i].name))
			return &options[i];
	return NULL;
}

/* ---- the file ---- */

static struct slice trimmed(struct slice s)
{
	while (s.len && strchr(" \t\r", s.ptr[0]))
		s = slice_skip(s, 1);
	while (s.len && strchr(" \t\r", s.ptr[s.len - 1]))
		s.len--;
	return s;
}

int config_read_text(struct config *config, struct slice text, const char *name, struct why *why)
{
	struct slice line;
	for (unsigned number = 1; slice_cut(&text, '\n', &line); number++) {
		char where[160];
		struct slice key;
		line = trimmed(line);
		if (!line.len || line.ptr[0] == '#')
			continue;
		snprintf(where, sizeof(where), "%s line %u: ", name, number);
		if (!memchr(line.ptr, '=', line.len))
			return refuse(why, RSC_BAD_REQUEST, "%sexpected \"name = value\"", where);
		slice_cut(&line, '=', &key);
		const struct option *option = find(trimmed(key));
		if (!option)
			return refuse(why, RSC_BAD_REQUEST,
			              "%sthere is no option %.*s; dured --help lists them", where,
			              SLICE_ARG(trimmed(key)));
		int r = set(config, option, trimmed(line), where, why);
		if (r)
			return r;
	}
	return 0;
}

static int read_file(struct config *config, const char *path, struct why *why)
{
	FILE *file = fopen(path, "re");
	if (!file)
		return refuse(why, RSC_BAD_REQUEST, "config: %s can't be read: %s", path, strerror(errno));
	char *text = arena_take(&config->arena, FILE_MAX);
	size_t len = fread(text, 1, FILE_MAX, file);
	fclose(file);
	if (len == FILE_MAX)
		return refuse(why, RSC_BAD_REQUEST, "config: %s is larger than 1 MiB", path);
	return config_read_text(config, slice_make(text, len), path, why);
}

/* ---- the command line ---- */

static const struct wish {
	const char *name;
	enum config_wish wish;
	const char *doc;
} wishes[] = {
        {"check-config", CONFIG_CHECK, "read the configuration, show it, and end"},
        {"help", CONFIG_HELP, "show this and end"},
        {"version", CONFIG_VERSION, "show the version and end"},
        {"mdoc", CONFIG_MDOC, "write the options as a section of a man page and end"},
};

static bool read_wish(struct slice name, enum config_wish *ret)
{
	for (size_t i = 0; i < sizeof(wishes) / sizeof(wishes[0]); i++)
		if (slice_is_text(name, wishes[i].name)) {
			*ret = wishes[i].wish;
			return true;
		}
	return false;
}

/* One walk over the arguments. The file's options are set in a first walk, the others in a second, so that
 * they win. */
struct walk {
	struct config *config;
	int argc, at;
	char **argv;
	bool files;
	enum config_wish *wish;
};

static int set_argument(const struct walk *walk, const struct option *option, struct slice value,
                        struct why *why)
{
	if (option)
		return walk->files ? 0 : set(walk->config, option, value, "--", why);
	return walk->files ? read_file(walk->config, arena_text(&walk->config->arena, value), why) : 0;
}

static int read_argument(struct walk *walk, struct why *why)
{
	const char *text = walk->argv[walk->at];
	struct slice value = slice_skip(slice_of(text), 2), name;
	bool has_value = strchr(text, '=') != NULL;
	if (strncmp(text, "--", 2) != 0)
		return refuse(why, RSC_BAD_REQUEST, "\"%s\" is no option; dured --help lists them", text);
	slice_cut(&value, '=', &name);
	if (read_wish(name, walk->wish))
		return 0;
	const struct option *option = find(name);
	if (!option && !slice_is(name, SLICE("config")))
		return refuse(why, RSC_BAD_REQUEST, "there is no option --%.*s; dured --help lists them",
		              SLICE_ARG(name));
	if (!has_value && option && option->kind == FLAG)
		value = SLICE("yes");
	else if (!has_value && walk->at + 1 == walk->argc)
		return refuse(why, RSC_BAD_REQUEST, "--%.*s needs a value", SLICE_ARG(name));
	else if (!has_value)
		value = slice_of(walk->argv[++walk->at]);
	return set_argument(walk, option, value, why);
}

static int read_arguments(struct config *config, int argc, char **argv, bool files, struct why *why,
                          enum config_wish *wish)
{
	struct walk walk = {config, argc, 1, argv, files, wish};
	int r = 0;
	for (; !r && walk.at < argc; walk.at++)
		r = read_argument(&walk, why);
	return r;
}

int config_read(struct config *config, int argc, char **argv, struct why *why, enum config_wish *ret)
{
	*config = (struct config){0};
	arena_init(&config->arena);
	*ret = CONFIG_RUN;
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		int r = set(config, &options[i], slice_of(options[i].standard), "", why);
		if (r)
			return r;
	}
	int r = read_arguments(config, argc, argv, true, why, ret);
	return r ? r : read_arguments(config, argc, argv, false, why, ret);
}

void config_finish(struct config *config)
{
	arena_finish(&config->arena);
}

const char *const *config_list(struct config *config, const char *text)
{
	const char **list = arena_array(&config->arena, strlen(text) + 2, const char *);
	struct slice rest = slice_of(text), one;
	size_t count = 0;
	while (slice_cut(&rest, ',', &one))
		if (trimmed(one).len)
			list[count++] = arena_text(&config->arena, trimmed(one));
	return list;
}

/* ---- showing ---- */

void config_help(struct buf *buf)
{
	buf_add_lit(buf,
	            "Usage: dured [--config FILE] [--OPTION VALUE]...\n\n"
	            "Runs a oneM2M CSE. Every option may stand in the file too, as \"name = value\".\n\n");
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		const struct option *option = &options[i];
		buf_printf(buf, "  --%s %s\n      %s", option->name, option->metavar, option->doc);
		if (*option->standard)
			buf_printf(buf, " (%s)", option->standard);
		buf_add_char(buf, '\n');
	}
	for (size_t i = 0; i < sizeof(wishes) / sizeof(wishes[0]); i++)
		buf_printf(buf, "  --%s\n      %s\n", wishes[i].name, wishes[i].doc);
}

void config_mdoc(struct buf *buf)
{
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		const struct option *option = &options[i];
		buf_printf(buf, ".It Fl -%s", option->name);
		if (*option->metavar)
			buf_printf(buf, " Ar %s", option->metavar);
		buf_printf(buf, "\n%c%s.\n",
		           option->doc[0] - (option->doc[0] >= 'a' && option->doc[0] <= 'z') * 32,
		           option->doc + 1);
		if (*option->standard)
			buf_printf(buf, "The default is\n.Ql %s .\n", option->standard);
	}
}

static void show_value(const struct option *option, const void *field, struct buf *buf)
{
	switch (option->kind) {
	case TEXT:
	case LIST:
	case CHOICE:
		buf_add_slice(buf, slice_of(*(const char *const *)field));
		break;
	case DURATION:
		buf_printf(buf, "%" PRId64 "ms", *(const int64_t *)field / 1000);
		break;
	case NUMBER:
	case SIZE:
		buf_printf(buf, "%" PRId64, *(const int64_t *)field);
		break;
	case FLAG:
		buf_add_slice(buf, *(const bool *)field ? SLICE("yes") : SLICE("no"));
		break;
	}
}

void config_show(const struct config *config, struct buf *buf)
{
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		buf_printf(buf, "%s = ", options[i].name);
		show_value(&options[i], (const char *)config + options[i].offset, buf);
		buf_add_char(buf, '\n');
	}
}
