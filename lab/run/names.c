/* SPDX-License-Identifier: Apache-2.0 */
/* Each kind of word has a row or a branch here; what a word means when it is a *pattern* is told in match.c.
 */
#include "lab/run/names.h"

#include "base/buf.h"
#include "base/clock.h"
#include "lab/run/lex.h"

#define NAMES_TEXT_MAX (16u << 20)

int64_t names_now(const struct names *names)
{
	return names->is_virtual ? names->clock : clock_now() + names->skew;
}

/* --- variables --- */

void names_let(struct names *names, struct slice name, const struct val *value)
{
	struct names_var *var = arena_new(names->arena, struct names_var);

	*var = (struct names_var){name, value, names->vars};
	names->vars = var;
}

const struct val *names_var(const struct names *names, struct slice name)
{
	for (const struct names_var *var = names->vars; var; var = var->next)
		if (slice_is(var->name, name))
			return var->value;
	return NULL;
}

const struct val *names_walk(const struct val *v, struct slice path)
{
	struct slice part;

	while (v && slice_cut(&path, '.', &part)) {
		uint64_t n;

		if (v->kind == VAL_ARR && slice_u64(part, &n)) {
			const struct val *child = v->first;

			while (child && n--)
				child = child->next;
			v = child;
		} else {
			v = val_get(v, part);
		}
	}
	return v;
}

/* "answer.m2m:cnt.ri", "$x", "$x.rn": the value it leads to, or NULL. */
static const struct val *names_lead(const struct names *names, struct slice word)
{
	struct slice path = word, head;

	if (!slice_cut(&path, '.', &head))
		return NULL;
	const struct val *v = NULL;

	if (slice_is_text(head, "answer"))
		v = names->answer;
	else if (slice_is_text(head, "heard"))
		v = names->heard;
	else if (head.len > 1 && head.ptr[0] == '$')
		v = names_var(names, slice_skip(head, 1));
	return names_walk(v, path);
}

static bool names_is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

int names_text(struct names *names, struct slice word, struct why *why, struct slice *ret)
{
	struct buf buf;

	*ret = word;
	if (!word.len || !memchr(word.ptr, '$', word.len))
		return 0;
	buf_init(&buf, names->arena);
	for (size_t i = 0; i < word.len;) {
		size_t end = i + 1;

		if (word.ptr[i] != '$') {
			buf_add_char(&buf, word.ptr[i++]);
			continue;
		}
		while (end < word.len && names_is_letter(word.ptr[end]))
			end++;
		const struct val *v = names_var(names, (struct slice){word.ptr + i + 1, end - i - 1});

		if (!v || (v->kind != VAL_STR && v->kind != VAL_NUM))
			return refuse(why, 4000, "no text is known as %.*s", (int)(end - i), word.ptr + i);
		buf_add_slice(&buf, v->text);
		i = end;
	}
	*ret = buf_slice(&buf);
	return 0;
}

/* --- addresses --- */

static bool names_take(struct slice *word, const char *prefix)
{
	if (!slice_starts(*word, slice_of(prefix)))
		return false;
	*word = slice_skip(*word, strlen(prefix));
	return true;
}

bool names_is_address(struct slice word)
{
	while (names_take(&word, "at:") || names_take(&word, "sp:") || names_take(&word, "abs:") ||
	       names_take(&word, "ri:") || names_take(&word, "dash:"))
		;
	return word.len && word.ptr[0] == '~' && (word.len == 1 || strchr("/#", word.ptr[1]));
}

struct names_made *names_find(const struct names *names, struct slice path)
{
	for (struct names_made *made = names->made; made; made = made->next)
		if (slice_is(made->path, path))
			return made;
	return NULL;
}

struct names_made *names_make(struct names *names, struct slice path)
{
	struct names_made *made = names_find(names, path);

	if (!made) {
		made = arena_new(names->arena, struct names_made);
		made->path = arena_copy(names->arena, path);
		made->next = names->made;
		names->made = made;
	}
	return made;
}

/* The unstructured ID of a structured path, from memory or from the server. */
static int names_ri(struct names *names, struct slice path, struct why *why, struct slice *ret)
{
	struct names_made *made = names_find(names, path);

	if (made && made->ri.len) {
		*ret = made->ri;
		return 0;
	}
	if (!names->look_up)
		return refuse(why, 4000, "nobody can tell the ID of %.*s", SLICE_ARG(path));
	int r = names->look_up(names->user, path, ret, why);

	if (r == 0)
		names_make(names, path)->ri = *ret;
	return r;
}

/* ri:~/a//la -> the ID of cse-in/a, and "/la". */
static int names_by_id(struct names *names, struct slice path, struct why *why, struct slice *ret)
{
	size_t end = path.len;

	for (size_t i = 0; i < path.len; i++)
		if (path.ptr[i] == '#' ||
		    (path.ptr[i] == '/' && i + 1 < path.len && path.ptr[i + 1] == '/')) {
			end = i;
			break;
		}
	struct slice ri, rest = slice_skip(path, end);
	int r = names_ri(names, (struct slice){path.ptr, end}, why, &ri);

	if (slice_starts(rest, SLICE("//")))
		rest = slice_skip(rest, 1);
	if (r == 0)
		*ret = arena_printf(names->arena, "%.*s%.*s", SLICE_ARG(ri), SLICE_ARG(rest));
	return r;
}

int names_address(struct names *names, struct slice word, struct why *why, struct slice *ret_to,
                  struct slice *ret_path)
{
	bool sp = names_take(&word, "sp:"), abs = !sp && names_take(&word, "abs:");
	bool ri = names_take(&word, "ri:"), dash = !ri && names_take(&word, "dash:");
	const struct names_server *server = names->server;
	struct slice local, path;
	int r = names_text(names, word, why, &word);

	if (r)
		return r;
	path = local = word;
	if (names_is_address(word)) {
		path = arena_printf(names->arena, "%.*s%.*s", SLICE_ARG(server->cse_name),
		                    SLICE_ARG(slice_skip(word, 1)));
		local = path;
		if (dash)
			local = arena_printf(names->arena, "-%.*s", SLICE_ARG(slice_skip(word, 1)));
		if (ri)
			r = names_by_id(names, path, why, &local);
	}
	if (r)
		return r;
	if (sp || abs)
		local = arena_printf(names->arena, "%.*s%.*s/%.*s", abs ? (int)server->sp_id.len : 0,
		                     server->sp_id.ptr, SLICE_ARG(server->cse_id), SLICE_ARG(local));
	*ret_to = local;
	if (ret_path)
		*ret_path = path;
	return 0;
}

/* "cse-in/a" of "/id-in/cse-in/a", "//sp/id-in/cse-in/a" and "-/a". */
static struct slice names_local(const struct names *names, struct slice s, bool *ret_dash)
{
	const struct names_server *server = names->server;

	*ret_dash = false;
	if (slice_starts(s, server->sp_id))
		s = slice_skip(s, server->sp_id.len);
	if (slice_starts(s, server->cse_id) && s.len > server->cse_id.len && s.ptr[server->cse_id.len] == '/')
		s = slice_skip(s, server->cse_id.len + 1);
	if (s.len && s.ptr[0] == '-' && (s.len == 1 || s.ptr[1] == '/')) {
		*ret_dash = true;
		return slice_skip(s, 1);
	}
	if (slice_starts(s, server->cse_name) &&
	    (s.len == server->cse_name.len || s.ptr[server->cse_name.len] == '/')) {
		*ret_dash = true;
		return slice_skip(s, server->cse_name.len);
	}
	return s;
}

bool names_same(const struct names *names, struct slice a, struct slice b)
{
	bool dash_a, dash_b;
	struct slice x = names_local(names, a, &dash_a), y = names_local(names, b, &dash_b);

	return dash_a == dash_b && slice_is(x, y);
}

bool names_is_at(const struct names *names, struct slice word, struct slice found)
{
	bool dash;
	struct slice path = arena_printf(names->arena, "%.*s%.*s", SLICE_ARG(names->server->cse_name),
	                                 SLICE_ARG(slice_skip(word, 4)));
	const struct names_made *made = names_find(names, path);

	return names_same(names, path, found) ||
	       (made && made->ri.len && slice_is(names_local(names, found, &dash), made->ri));
}

/* --- bare words --- */

/* "a\r\n" as it stands within the brackets of times(...). */
static struct slice names_unit(struct names *names, struct slice quoted)
{
	static const char marks[] = "nrt", bytes[] = "\n\r\t";
	char *out = arena_text(names->arena, quoted);
	size_t len = 0;

	for (size_t i = 0; i < quoted.len; i++) {
		const char *mark = NULL;

		if (quoted.ptr[i] == '\\' && i + 1 < quoted.len)
			mark = strchr(marks, quoted.ptr[++i]);
		out[len++] = mark && *mark ? bytes[mark - marks] : quoted.ptr[i];
	}
	return (struct slice){out, len};
}

/* text(5000) and times(20,"[") */
static int names_long(struct names *names, struct slice word, struct why *why, struct val **ret)
{
	bool text = slice_starts(word, SLICE("text("));
	struct slice rest = slice_skip(word, text ? 5 : 6), count, unit = SLICE("x");
	uint64_t n;

	rest.len = rest.len ? rest.len - 1 : 0;
	slice_cut(&rest, ',', &count);
	if (!text && rest.len >= 2)
		unit = names_unit(names, (struct slice){rest.ptr + 1, rest.len - 2});
	if (!slice_u64(count, &n) || n * unit.len > NAMES_TEXT_MAX)
		return refuse(why, 4000, "expected text(N) or times(N,\"s\"), found %.*s", SLICE_ARG(word));
	struct buf buf;

	buf_init(&buf, names->arena);
	buf_room(&buf, n * unit.len + 1);
	for (uint64_t i = 0; i < n; i++)
		buf_add_slice(&buf, unit);
	*ret = val_str(names->arena, buf_slice(&buf));
	return 0;
}

/* byte(0x80): a byte that is no character by itself */
static int names_byte(struct names *names, struct slice word, struct why *why, struct val **ret)
{
	static const char digits[] = "0123456789abcdef";
	const char *high = word.len == 10 ? strchr(digits, word.ptr[7]) : NULL;
	const char *low = word.len == 10 ? strchr(digits, word.ptr[8]) : NULL;

	if (!high || !low || !*high || !*low)
		return refuse(why, 4000, "expected byte(0x80), found %.*s", SLICE_ARG(word));
	char byte = (char)((high - digits) * 16 + (low - digits));

	*ret = val_str(names->arena, arena_copy(names->arena, (struct slice){&byte, 1}));
	return 0;
}

static int names_time(struct names *names, struct slice word, struct why *why, struct val **ret)
{
	struct slice rest = slice_skip(word, 1);
	bool back = rest.len && rest.ptr[0] == '-';
	char text[CLOCK_TEXT];
	int64_t us = 0;

	if (!slice_is_text(rest, "now") && !lex_time(slice_skip(rest, 1), &us))
		return refuse(why, 4000, "expected @now, @+10s or @-10s, found %.*s", SLICE_ARG(word));
	clock_print(names_now(names) + (back ? -us : us), text);
	*ret = val_str(names->arena, arena_copy(names->arena, (struct slice){text, sizeof text}));
	return 0;
}

/* Words for who and what the server is, and the receivers. */
static bool names_who(struct names *names, struct slice word, struct slice *ret)
{
	const struct names_server *server = names->server;
	const struct {
		const char *word;
		struct slice value;
	} rows[] = {
	        {"admin", server->admin},
	        {"csi", server->cse_id},
	        {"spid", server->sp_id},
	        {"cse", server->cse_name},
	        {"nowhere", SLICE("http://127.0.0.1:9/nobody")},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (slice_is_text(word, rows[i].word)) {
			*ret = rows[i].value;
			return true;
		}
	return names->box && names->box(names->user, word, ret);
}

int names_bare(struct names *names, struct slice word, struct why *why, struct val **ret)
{
	struct slice text;
	int r = 0;

	if (slice_starts(word, SLICE("text(")) || slice_starts(word, SLICE("times(")))
		return names_long(names, word, why, ret);
	if (slice_starts(word, SLICE("byte(0x")))
		return names_byte(names, word, why, ret);
	if (word.len > 1 && word.ptr[0] == '@')
		return names_time(names, word, why, ret);
	const struct val *lead = names_lead(names, word);

	if (lead) {
		*ret = val_copy(names->arena, lead);
		return 0;
	}
	if (names_is_address(word) || slice_starts(word, SLICE("sp:")) || slice_starts(word, SLICE("abs:"))) {
		r = names_address(names, word, why, &text, NULL);
	} else if (!names_who(names, word, &text)) {
		if (!word.len || !memchr(word.ptr, '$', word.len))
			return refuse(why, 4000, "nothing is known as %.*s (texts stand in quotes)",
			              SLICE_ARG(word));
		r = names_address(names, word, why, &text, NULL);
	}
	if (r == 0)
		*ret = val_str(names->arena, text);
	return r;
}

int names_body(struct names *names, const struct val *body, struct why *why, struct val **ret)
{
	if (body->kind == VAL_JSON)
		return names_bare(names, body->text, why, ret);
	if (body->kind != VAL_ARR && body->kind != VAL_OBJ) {
		*ret = val_copy(names->arena, body);
		return 0;
	}
	struct val *out = val_new(names->arena, body->kind);

	val_each (body, child) {
		struct val *copy;
		int r = names_body(names, child, why, &copy);

		if (r)
			return r;
		if (body->kind == VAL_OBJ)
			val_put(out, child->name, copy);
		else
			val_push(out, copy);
	}
	*ret = out;
	return 0;
}
