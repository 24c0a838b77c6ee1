/* SPDX-License-Identifier: Apache-2.0 */
/* Connections, requests and answers of tests from outside; see story.h. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "codec/json.h"
#include "story/story.h"

void story_connect(const struct story *story, struct line *line)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)story->port)};
	int on = 1;

	*line = (struct line){.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(line->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (line->fd >= 0 && connect(line->fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return;
	if (line->fd >= 0)
		close(line->fd);
	line->fd = -1;
}

void story_hang_up(struct line *line)
{
	if (line->fd >= 0)
		close(line->fd);
	line->fd = -1;
	buf_finish(&line->in);
}

/* Takes what is there. */
static void line_read(struct line *line)
{
	char *at = buf_room(&line->in, 65536);
	ssize_t n = recv(line->fd, at, 65536, MSG_DONTWAIT);

	if (n > 0)
		line->in.len += (size_t)n;
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		line->ended = true;
}

/* Waits for bytes. False: none came within `us`. */
static bool line_wait(struct line *line, int64_t us)
{
	struct pollfd poll_fd = {.fd = line->fd, .events = POLLIN};

	if (line->fd < 0 || line->ended || us <= 0 || poll(&poll_fd, 1, (int)(us / 1000) + 1) <= 0)
		return false;
	line_read(line);
	return true;
}

bool story_send(struct line *line, struct slice bytes)
{
	int64_t end = clock_wall_steady() + STORY_PATIENCE_US;

	while (bytes.len > 0 && line->fd >= 0 && clock_wall_steady() < end) {
		struct pollfd poll_fd = {.fd = line->fd, .events = POLLIN | POLLOUT};
		ssize_t n;

		if (line->ended)
			poll_fd.events = POLLOUT;
		poll(&poll_fd, 1, 1000);
		if (poll_fd.revents & POLLIN)
			line_read(line);
		n = send(line->fd, bytes.ptr, bytes.len, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n > 0)
			bytes = slice_skip(bytes, (size_t)n);
		else if (errno != EAGAIN && errno != EINTR)
			break;
	}
	return bytes.len == 0;
}

static bool line_same(struct slice a, const char *b)
{
	return a.len == strlen(b) && strncasecmp(a.ptr, b, a.len) == 0;
}

/* One header line of an answer. */
static void line_field(struct slice field, struct answer *answer, uint64_t *ret_length)
{
	const char *colon = field.len ? memchr(field.ptr, ':', field.len) : NULL;
	struct slice name, value;
	uint64_t n;

	if (!colon)
		return;
	name = slice_make(field.ptr, (size_t)(colon - field.ptr));
	value = slice_skip(field, name.len + 1);
	while (value.len > 0 && value.ptr[0] == ' ')
		value = slice_skip(value, 1);
	if (value.len > 0 && value.ptr[value.len - 1] == '\r')
		value.len--;
	if (line_same(name, "Content-Length"))
		slice_u64(value, ret_length);
	else if (line_same(name, "X-M2M-RSC") && slice_u64(value, &n))
		answer->rsc = (int)n;
	else if (line_same(name, "X-M2M-RI"))
		answer->rqi = value;
}

/* Is a whole answer there? Then it is taken. */
static bool line_take(struct story *story, struct line *line, struct answer *answer)
{
	struct slice in = buf_slice(&line->in), rest, field;
	const char *end = in.len ? memmem(in.ptr, in.len, "\r\n\r\n", 4) : NULL;
	uint64_t length = 0, status = 0;
	size_t head;

	if (!end)
		return false;
	head = (size_t)(end - in.ptr) + 4;
	answer->rsc = 0;
	answer->rqi = SLICE("");
	for (rest = slice_make(in.ptr, head); slice_cut(&rest, '\n', &field);)
		line_field(field, answer, &length);
	if (in.len < head + length)
		return false;
	in = arena_copy(&story->arena, slice_make(in.ptr, head + (size_t)length));
	answer->head = slice_make(in.ptr, head);
	answer->body = slice_skip(in, head);
	/* Again, over what stays. */
	for (rest = answer->head; slice_cut(&rest, '\n', &field);)
		line_field(field, answer, &length);
	if (slice_starts(in, SLICE("HTTP/1.1 ")) && in.len > 12)
		slice_u64(slice_make(in.ptr + 9, 3), &status);
	answer->status = (int)status;
	memmove(line->in.ptr, line->in.ptr + in.len, line->in.len - in.len);
	line->in.len -= in.len;
	return true;
}

bool story_hear(struct story *story, struct line *line, struct answer *ret)
{
	int64_t began = clock_wall_steady();

	*ret = (struct answer){.head = SLICE(""), .body = SLICE(""), .rqi = SLICE("")};
	while (!line_take(story, line, ret)) {
		if (line->fd < 0 || line->ended) {
			ret->fault = line->fd < 0 ? "no connection" : "hung up without an answer";
			return false;
		}
		if (!line_wait(line, began + STORY_PATIENCE_US - clock_wall_steady())) {
			ret->fault = "no answer in time";
			return false;
		}
	}
	ret->us = clock_wall_steady() - began;
	if (ret->status == 0)
		ret->fault = "the answer does not begin with HTTP/1.1";
	return ret->status != 0;
}

bool story_hear_end(struct line *line, int64_t us)
{
	int64_t end = clock_wall_steady() + us;

	while (!line->ended && line_wait(line, end - clock_wall_steady()))
		;
	return line->ended;
}

void story_write(struct buf *buf, const struct ask *ask)
{
	const char *path = ask->path ? ask->path : "/cse-in/home";

	buf_printf(buf,
	           "%s %s HTTP/1.1\r\nHost: here\r\nX-M2M-Origin: %s\r\nX-M2M-RI: %s\r\nX-M2M-RVI: 3\r\n",
	           ask->method ? ask->method : "POST", path, ask->from ? ask->from : "CAdmin",
	           ask->rqi ? ask->rqi : "r1");
	if (ask->ty)
		buf_printf(buf, "Content-Type: application/json;ty=%d\r\n", ask->ty);
	else if (ask->body.len > 0)
		buf_add_lit(buf, "Content-Type: application/json\r\n");
	if (ask->body.len > 0 || ask->ty)
		buf_printf(buf, "Content-Length: %zu\r\n", ask->body.len);
	if (ask->more)
		buf_add_slice(buf, slice_of(ask->more));
	buf_add_lit(buf, "\r\n");
	buf_add_slice(buf, ask->body);
}

bool story_ask_raw(struct story *story, struct slice bytes, struct answer *ret)
{
	int64_t began = clock_wall_steady();
	struct line line;
	bool good;

	story_connect(story, &line);
	story_send(&line, bytes);
	good = story_hear(story, &line, ret);
	ret->us = clock_wall_steady() - began;
	story_hang_up(&line);
	return good;
}

bool story_ask(struct story *story, const struct ask *ask, struct answer *ret)
{
	struct buf bytes;
	bool good;

	buf_init(&bytes, NULL);
	story_write(&bytes, ask);
	good = story_ask_raw(story, buf_slice(&bytes), ret);
	buf_finish(&bytes);
	return good;
}

bool story_create(struct story *story, const char *path, int ty, const char *body)
{
	struct ask ask = {.path = path, .ty = ty, .body = slice_of(body)};
	struct answer answer;

	if (story_ask(story, &ask, &answer) && answer.rsc == 2001)
		return true;
	story_note("%s is not created below %s: %d %.*s", body, path, answer.status, SLICE_ARG(answer.body));
	return false;
}

static bool line_explains(struct slice body)
{
	struct val *content;
	struct arena arena;
	struct slice sentence = SLICE("");

	arena_init(&arena);
	if (json_read(&arena, body, NULL, NULL, &content) == 0 && content->kind == VAL_OBJ &&
	    content->count == 1)
		val_is_str(val_find(content, "m2m:dbg"), &sentence);
	arena_finish(&arena);
	return sentence.len > 5;
}

bool story_is_refusal(const struct answer *answer, int status, int rsc)
{
	const char *wrong = NULL;
	bool fits = (answer->status >= 400 && answer->status < 500) || answer->status == 501;

	if (answer->status == 0)
		wrong = answer->fault;
	else if (status ? answer->status != status : !fits)
		wrong = "another status";
	else if (rsc ? answer->rsc != rsc : answer->rsc < 4000 || answer->rsc == 5000)
		wrong = "another X-M2M-RSC";
	else if (!line_explains(answer->body))
		wrong = "no m2m:dbg";
	if (wrong)
		story_note("%s: HTTP %d, X-M2M-RSC %d, expected %d and %d; %.*s", wrong, answer->status,
		           answer->rsc, status, rsc, answer->body.len > 300 ? 300 : (int)answer->body.len,
		           answer->body.ptr);
	return !wrong;
}

bool story_is_well(struct story *story)
{
	struct ask ask = {.method = "GET", .path = "/cse-in/home"};
	struct answer answer;

	if (story_ask(story, &ask, &answer) && answer.status == 200 && answer.rsc == 2000 &&
	    story_has(answer.body, "\"rn\":\"home\"") && answer.us < STORY_QUICK_US)
		return true;
	story_note("a good request after it: HTTP %d, X-M2M-RSC %d, %lld us, %s", answer.status, answer.rsc,
	           (long long)answer.us, answer.fault ? answer.fault : "");
	return false;
}

bool story_has(struct slice text, const char *word)
{
	return text.len > 0 && memmem(text.ptr, text.len, word, strlen(word)) != NULL;
}

int64_t story_metric(struct story *story, const char *name)
{
	struct ask ask = {.method = "GET", .path = "/metrics"};
	struct answer answer;
	struct slice row;
	size_t len = strlen(name);
	int64_t n;

	if (!story_ask(story, &ask, &answer))
		return -1;
	while (slice_cut(&answer.body, '\n', &row))
		if (slice_starts(row, slice_of(name)) && row.len > len && row.ptr[len] == ' ' &&
		    slice_i64(slice_skip(row, len + 1), &n))
			return n;
	return -1;
}
