/* SPDX-License-Identifier: Apache-2.0 */
/* Too much of a good thing: heads of a megabyte, bodies of ten, lists of a million. */
#include "story/hostile.h"

#define HEAD "Host: here\r\nX-M2M-Origin: CAdmin\r\nX-M2M-RI: r1\r\nX-M2M-RVI: 3\r\n"
#define MEGA 1048576

static void size_fill(struct buf *buf, size_t len)
{
	memset(buf_room(buf, len), 'x', len);
	buf->len += len;
}

static void size_raw(struct story *story, const char *name, const char *before, size_t len, const char *after,
                     int status)
{
	struct buf bytes;

	buf_init(&bytes, NULL);
	buf_add_slice(&bytes, slice_of(before));
	size_fill(&bytes, len);
	buf_add_slice(&bytes, slice_of(after));
	hostile_refused_raw(story, name, buf_slice(&bytes), status, 4000);
	buf_finish(&bytes);
}

static void size_heads(struct story *story)
{
	struct buf bytes;

	size_raw(story, "a header of 1 MB", "GET /cse-in HTTP/1.1\r\n" HEAD "A: ", MEGA, "\r\n\r\n", 431);
	size_raw(story, "a header name of 1 MB", "GET /cse-in HTTP/1.1\r\n" HEAD, MEGA, ": a\r\n\r\n", 431);
	size_raw(story, "an identifier of 1 MB", "GET /cse-in HTTP/1.1\r\n" HEAD "X-M2M-GID: ", MEGA,
	         "\r\n\r\n", 431);
	size_raw(story, "a header of 1 MB that never ends", "GET /cse-in HTTP/1.1\r\n" HEAD "A: ", MEGA, "",
	         431);
	size_raw(story, "a path of 1 MB", "GET /", MEGA, " HTTP/1.1\r\n" HEAD "\r\n", 414);
	size_raw(story, "a query of 1 MB", "GET /cse-in?a=", MEGA, " HTTP/1.1\r\n" HEAD "\r\n", 414);
	size_raw(story, "a method of 1 MB", "", MEGA, " / HTTP/1.1\r\n" HEAD "\r\n", 0);
	buf_init(&bytes, NULL);
	buf_add_lit(&bytes, "GET /cse-in HTTP/1.1\r\n" HEAD);
	for (int i = 0; i < 100; i++)
		buf_printf(&bytes, "A%d: x\r\n", i);
	buf_add_lit(&bytes, "\r\n");
	hostile_refused_raw(story, "a hundred headers", buf_slice(&bytes), 431, 4000);
	buf_finish(&bytes);
}

/* Ten megabytes in chunks of a megabyte, or of one byte. */
static void size_chunks(struct story *story, const char *name, size_t chunk, size_t count)
{
	struct buf bytes;

	buf_init(&bytes, NULL);
	buf_add_lit(&bytes, "POST /cse-in/home HTTP/1.1\r\n" HEAD
	                    "Content-Type: application/json;ty=3\r\nTransfer-Encoding: chunked\r\n\r\n");
	for (size_t i = 0; i < count; i++) {
		buf_printf(&bytes, "%zx\r\n", chunk);
		size_fill(&bytes, chunk);
		buf_add_lit(&bytes, "\r\n");
	}
	buf_add_lit(&bytes, "0\r\n\r\n");
	hostile_refused_raw(story, name, buf_slice(&bytes), chunk * count > HOSTILE_BODY_MAX ? 413 : 400,
	                    4000);
	buf_finish(&bytes);
}

#define POST "POST /cse-in/home HTTP/1.1\r\n" HEAD "Content-Type: application/json;ty=3\r\n"

static void size_bodies(struct story *story)
{
	size_raw(story, "a body of 10 MB, sent whole", POST "Content-Length: 10485760\r\n\r\n", 10 * MEGA, "",
	         413);
	size_raw(story, "a body of 10 MB, sent without end", POST "Content-Length: 10485760\r\n\r\n",
	         20 * MEGA, "", 413);
	size_raw(story, "a body of 10 MB that asks first",
	         POST "Expect: 100-continue\r\nContent-Length: 10485760\r\n\r\n", 0, "", 413);
	size_raw(story, "10 MB without Content-Length", POST "\r\n", 10 * MEGA, "", 400);
	size_raw(story, "7 MB that are no JSON", POST "Content-Length: 7340032\r\n\r\n", 7 * MEGA, "", 400);
	size_chunks(story, "10 MB in chunks of 1 MB", MEGA, 10);
	size_chunks(story, "10 MB in chunks of 1,000 bytes", 1000, 10486);
	size_chunks(story, "1 MB in chunks of 1 byte", 1, MEGA);
}

/* An element is what stands before, a hexadecimal number, and what stands behind. */
static const struct {
	const char *name, *before, *open, *close, *after;
	int ty;
} lists[] = {
        {"labels", "{\"m2m:cnt\":{\"lbl\":[", "\"", "\"", "]}}", 3},
        {"policies", "{\"m2m:cnt\":{\"acpi\":[", "\"", "\"", "]}}", 3},
        {"originators",
         "{\"m2m:acp\":{\"pvs\":{\"acr\":[{\"acor\":[\"CAdmin\"],\"acop\":63}]},\"pv\":{\"acr\":[{\"acop\":"
         "63,\"acor\":[",
         "\"", "\"", "]}]}}}", 1},
        {"members", "{\"m2m:grp\":{\"mnm\":1000000,\"mid\":[", "\"", "\"", "]}}", 9},
        {"notification targets", "{\"m2m:sub\":{\"nu\":[", "\"", "\"", "]}}", 23},
        {"points of access", "{\"m2m:ae\":{\"api\":\"N.x\",\"rr\":true,\"srv\":[\"3\"],\"poa\":[", "\"", "\"",
         "]}}", 2},
        {"values of content", "{\"m2m:cin\":{\"con\":[", "\"", "\"", "]}}", 4},
        {"objects", "{\"m2m:cin\":{\"con\":[", "{\"a\":\"", "\"}", "]}}", 4},
        {"attributes that do not exist", "{\"m2m:cnt\":{", "\"a", "\":1", "}}", 3},
        /* These make sense one by one. */
        {"originators on other nodes",
         "{\"m2m:acp\":{\"pvs\":{\"acr\":[{\"acor\":[\"CAdmin\"],\"acop\":63}]},\"pv\":{\"acr\":[{\"acop\":"
         "63,\"acor\":[",
         "\"/far/C", "*\"", "]}]}}}", 1},
        {"members on another node", "{\"m2m:grp\":{\"mnm\":1000000,\"mid\":[", "\"/far/", "\"", "]}}", 9},
        {"members that are here", "{\"m2m:grp\":{\"mnm\":1000000,\"mid\":[", "\"cse-in/home\",\"Cae-", "\"",
         "]}}", 9},
        {"URLs to be notified", "{\"m2m:sub\":{\"nu\":[", "\"http://127.0.0.1:1/", "\"", "]}}", 23},
        {"originators to be notified", "{\"m2m:sub\":{\"nu\":[", "\"CAdmin\",\"Cx", "\"", "]}}", 23},
        {"URLs as points of access", "{\"m2m:ae\":{\"api\":\"N.x\",\"rr\":true,\"srv\":[\"3\"],\"poa\":[",
         "\"http://127.0.0.1:1/", "\"", "]}}", 2},
};

static void size_list(struct buf *body, size_t which, int count)
{
	buf_add_slice(body, slice_of(lists[which].before));
	for (int i = 0; i < count && body->len < HOSTILE_BODY_MAX - 200; i++) {
		if (i > 0)
			buf_add_char(body, ',');
		buf_printf(body, "%s%x%s", lists[which].open, i, lists[which].close);
	}
	buf_add_slice(body, slice_of(lists[which].after));
}

/* A million is refused for its number; as many as may come may be refused or taken, but must be answered
 * soon. */
static void size_lists(struct story *story, int count, bool must_refuse)
{
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		struct ask ask = {.path = lists[i].ty == 4 ? "/cse-in/home/list" : NULL, .ty = lists[i].ty};
		struct answer answer;
		struct buf body;
		bool good;

		if (lists[i].ty == 2)
			ask.path = "/cse-in";
		buf_init(&body, NULL);
		size_list(&body, i, count);
		ask.body = buf_slice(&body);
		story_ask(story, &ask, &answer);
		good = (!must_refuse && answer.rsc == 2001) ||
		       story_is_refusal(&answer, must_refuse ? 400 : 0, 0);
		story_note("%s: %zu bytes, %lld ms, HTTP %d %.*s", lists[i].name, body.len,
		           (long long)answer.us / 1000, answer.status,
		           answer.body.len > 160 ? 160 : (int)answer.body.len, answer.body.ptr);
		story_check(story, story_is_well(story) && good && answer.us < 4 * STORY_QUICK_US, "%d %s",
		            count, lists[i].name);
		buf_finish(&body);
		story_forget(story);
	}
}

/* Queries as long as they may be. */
static void size_queries(struct story *story)
{
	static const struct {
		const char *name, *before, *again, *after;
	} queries[] = {
	        {"a query of 700 labels", "/cse-in?fu=1&lbl=a", "+aaaaaaaaa", ""},
	        {"a query of 1,000 conditions", "/cse-in?fu=1", "&cr=aaa", ""},
	        {"a query of many wildcards", "/cse-in?fu=1&lbl=", "*a", "b"},
	        {"a query of many attributes", "/cse-in/home?atrl=rn", "+rn", ""},
	        {"a deep path", "/cse-in", "/a", ""},
	        {"a deep filter", "/cse-in?fu=1&cfs=1&cfq=", "$..*", ""},
	};

	for (size_t i = 0; i < sizeof(queries) / sizeof(*queries); i++) {
		struct ask ask = {.method = "GET"};
		struct answer answer;
		struct buf path;

		buf_init(&path, &story->arena);
		buf_add_slice(&path, slice_of(queries[i].before));
		while (path.len < 7500)
			buf_add_slice(&path, slice_of(queries[i].again));
		buf_add_slice(&path, slice_of(queries[i].after));
		buf_add_char(&path, 0);
		ask.path = path.ptr;
		story_ask(story, &ask, &answer);
		story_check(story,
		            (answer.status == 200 || story_is_refusal(&answer, 0, 0)) &&
		                    answer.us < STORY_QUICK_US && story_is_well(story),
		            "%s", queries[i].name);
		story_forget(story);
	}
}

void hostile_size(struct story *story)
{
	size_heads(story);
	size_bodies(story);
	story_create(story, "/cse-in/home", 3, "{\"m2m:cnt\":{\"rn\":\"list\"}}");
	size_lists(story, 1000000, true);
	size_lists(story, 90000, false);
	size_lists(story, 5000, false);
	size_queries(story);
}
