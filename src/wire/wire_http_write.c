/* SPDX-License-Identifier: Apache-2.0 */
/* Primitives to messages: responses to HTTP answers, requests to HTTP requests. */
#include <strings.h>

#include "codec/json.h"
#include "model/id.h"
#include "model/rsc.h"
#include "wire/wire_http.h"
#include "wire/wire_query.h"
#include "wire/wire_url.h"

/* A value in a header: nothing in it may end the line. A tab within it is lawful (RFC 9110 5.5). */
static void write_text(struct buf *buf, struct slice text)
{
	char *at = buf_room(buf, text.len);

	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];

		at[i] = (c < ' ' && c != '\t') || c == 127 ? '?' : text.ptr[i];
	}
	buf->len += text.len;
}

/* assignedTokenIdentifiers: "local:token + local:token" */
static void write_tokens(struct buf *buf, const struct val *list)
{
	if (!list)
		return;
	val_each (list, pair) {
		const struct val *local = val_find(pair, "lti"), *token = val_find(pair, "tkid");

		if (!local || !token)
			continue;
		if (pair != list->first)
			buf_add_lit(buf, " + ");
		write_text(buf, local->text);
		buf_add_char(buf, ':');
		write_text(buf, token->text);
	}
}

static void write_value(struct buf *buf, enum prim_id id, const struct val *v)
{
	if (v->kind == VAL_TRUE) {
		buf_add_lit(buf, "true");
	} else if (v->kind == VAL_FALSE) {
		buf_add_lit(buf, "false");
	} else if (v->kind == VAL_OBJ) {
		write_tokens(buf, val_find(v, "ltia"));
	} else if (v->kind != VAL_ARR) {
		write_text(buf, v->text);
	} else {
		val_each (v, one) {
			if (one != v->first)
				buf_add_char(buf, id == PRIM_rtu ? '&' : '+');
			write_text(buf, one->text);
		}
	}
}

/* All parameters that travel in headers; `end` ends each line. */
static void write_headers(const struct prim *prim, enum prim_direction direction, struct slice end,
                          struct buf *buf)
{
	for (int i = 0; i < PRIM_COUNT; i++) {
		const struct prim_row *row = &prim_rows[i];

		if (!prim->at[i] || !row->header[0] || !(row->direction & direction))
			continue;
		buf_add_slice(buf, slice_of(row->header));
		buf_add_lit(buf, ": ");
		write_value(buf, row->id, prim->at[i]);
		buf_add_slice(buf, end);
	}
}

/* The end of the JSON string that begins at `at`: the place behind its closing quote. */
static size_t write_skip_string(struct slice json, size_t at)
{
	for (at++; at < json.len && json.ptr[at] != '"'; at++)
		if (json.ptr[at] == '\\')
			at++;
	return at + 1;
}

/* The member "ri" of an object that stands there as text, as the engine likes to give it; empty: none. It is
 * one of the first, so this ends soon. */
static struct slice write_find_ri(struct slice json)
{
	static const char key[] = "\"ri\":\"";
	const size_t len = sizeof(key) - 1;
	int depth = 0;

	for (size_t at = 0; at < json.len;) {
		char c = json.ptr[at];

		if (c == '"' && depth == 1 && json.len - at > len && memcmp(json.ptr + at, key, len) == 0) {
			size_t end = write_skip_string(json, at + len - 1);

			return end <= json.len ? slice_make(json.ptr + at + len, end - 1 - at - len)
			                       : SLICE("");
		}
		depth += (c == '{' || c == '[') - (c == '}' || c == ']');
		at = c == '"' ? write_skip_string(json, at) : at + 1;
	}
	return SLICE("");
}

/* Where the new resource is, as far as the answer tells: rcn 2 an address, rcn 3 resource and address, else
 * the resource with its identifier. */
static struct slice write_location(const struct val *pc)
{
	const struct val *root = pc ? pc->first : NULL, *at = NULL;
	struct slice location = SLICE("");

	if (!root)
		return location;
	if (root->kind == VAL_JSON && !slice_is(root->name, SLICE("m2m:rce")))
		return write_find_ri(root->text);
	if (root->kind == VAL_STR && slice_is(root->name, SLICE("m2m:uri")))
		at = root;
	else if (slice_is(root->name, SLICE("m2m:rce")))
		at = val_find(root, "uri");
	else
		at = val_find(root, "ri");
	val_is_str(at, &location);
	return location;
}

int wire_http_write_as(const struct prim *request, const struct prim *response, struct slice type,
                       struct buf *headers, struct buf *body)
{
	int rsc = (int)prim_int(response, PRIM_rsc, RSC_INTERNAL_SERVER_ERROR);
	const struct val *pc = response->at[PRIM_pc];
	bool created = rsc == RSC_CREATED && (!request || prim_int(request, PRIM_op, OP_CREATE) == OP_CREATE);

	write_headers(response, PRIM_RSP, SLICE("\r\n"), headers);
	if (created) {
		struct slice location = write_location(pc);

		if (location.len > 0) {
			buf_add_lit(headers, "Content-Location: ");
			write_text(headers, location);
			buf_add_lit(headers, "\r\n");
		}
	}
	if (response->at[PRIM_tqf] && !rsc_is_good(rsc)) {
		/* TS-0009 6.5: it takes the place of the debug text. */
		buf_add_lit(body, "{\"m2m:tqf\":");
		json_write(body, response->at[PRIM_tqf]);
		buf_add_char(body, '}');
	} else if (pc && (pc->kind != VAL_OBJ || pc->count > 0)) {
		json_write(body, pc);
	}
	if (body->len > 0) {
		buf_add_lit(headers, "Content-Type: ");
		buf_add_slice(headers, type);
		buf_add_lit(headers, "\r\n");
	}
	return rsc_http(rsc);
}

int wire_http_write(const struct prim *request, const struct prim *response, struct buf *headers,
                    struct buf *body)
{
	return wire_http_write_as(request, response, SLICE("application/json"), headers, body);
}

/* A notification goes to the URL as it is; to a CSE on the way the path says for whom it is. */
static bool write_needs_path(int64_t op, struct slice to)
{
	struct slice last = to;

	if (to.len == 0 || id_is_url(to))
		return false;
	if (op != OP_NOTIFY)
		return true;
	for (size_t i = 0; i < to.len; i++)
		if (to.ptr[i] == '/')
			last = slice_skip(to, i + 1);
	return !id_is_ae_stem(last);
}

static struct slice write_url(const struct prim *request, int64_t op, struct slice base, struct arena *arena)
{
	struct slice to = prim_text(request, PRIM_to);
	struct buf url;

	buf_init(&url, arena);
	if (write_needs_path(op, to)) {
		while (base.len > 0 && base.ptr[base.len - 1] == '/')
			base.len--;
		buf_add_slice(&url, base);
		wire_url_write_path(&url, to);
		wire_query_write(request, &url);
	} else {
		buf_add_slice(&url, base);
	}
	buf_add_char(&url, 0);
	return slice_make(url.ptr, url.len - 1);
}

const char *wire_http_write_request(const struct prim *request, struct slice base, struct arena *arena,
                                    struct buf *headers, struct buf *body, struct slice *ret_url)
{
	static const char *const methods[] = {"POST", "POST", "GET", "PUT", "DELETE", "POST"};
	int64_t op = prim_int(request, PRIM_op, OP_NOTIFY);
	const struct val *pc = request->at[PRIM_pc];

	if (op < OP_CREATE || op > OP_NOTIFY)
		op = OP_NOTIFY;
	*ret_url = write_url(request, op, base, arena);
	write_headers(request, PRIM_REQ, slice_make("", 1), headers);
	buf_add(headers, "Accept: application/json", sizeof("Accept: application/json"));
	/* A list of attributes went into the query. */
	if (pc && pc->count > 0 && !val_find(pc, "m2m:atrl"))
		json_write(body, pc);
	if (body->len > 0 || op == OP_CREATE) {
		buf_add_lit(headers, "Content-Type: application/json");
		if (op == OP_CREATE) {
			buf_add_lit(headers, ";ty=");
			buf_add_i64(headers, prim_int(request, PRIM_ty, 0));
		}
		buf_add_char(headers, 0);
	}
	return methods[op];
}
