/* SPDX-License-Identifier: Apache-2.0 */
#include "lab/run/post.h"

#include <stdlib.h>

#include "lab/run/box.h"
#include "lab/run/content.h"

struct pending *post_start(struct post *post, struct arena *arena, const struct call *call,
                           const void *channel, struct slice bytes)
{
	struct pending *pending = calloc(1, sizeof *pending);

	if (!pending)
		abort();
	*pending = (struct pending){.post = post,
	                            .arena = arena,
	                            .rqi = call->rqi,
	                            .channel = channel,
	                            .bytes = bytes,
	                            .next = post->first};
	post->first = pending;
	return pending;
}

bool post_done(struct pending *pending, struct arena *arena, struct reply *ret)
{
	if (pending->done)
		*ret = pending->reply;
	return pending->done;
}

void post_destroy(struct pending *pending)
{
	struct pending **at = &pending->post->first;

	while (*at != pending)
		at = &(*at)->next;
	*at = pending->next;
	free(pending);
}

void post_lost(struct post *post, const void *channel, const char *error, bool closed)
{
	for (struct pending *pending = post->first; pending; pending = pending->next)
		if (pending->channel == channel && !pending->done) {
			pending->done = true;
			pending->reply = (struct reply){.error = error, .closed = closed};
		}
}

/* Whose answer is it? One without an identifier, or that cannot be read, is that of the only request under
 * way. */
static struct pending *post_find(struct post *post, const void *channel, struct slice rqi)
{
	struct pending *only = NULL;
	size_t count = 0;

	for (struct pending *pending = post->first; pending; pending = pending->next) {
		if (pending->done || pending->channel != channel)
			continue;
		if (rqi.ptr && pending->rqi.ptr && slice_is(rqi, pending->rqi))
			return pending;
		only = pending;
		count++;
	}
	return count == 1 && (!rqi.len || !only->rqi.len) ? only : NULL;
}

static void post_answer(struct pending *pending, const struct post_message *message)
{
	struct arena *arena = pending->arena;
	struct reply *reply = &pending->reply;
	struct slice bytes = arena_copy(arena, message->bytes);
	struct message *headers = arena_new(arena, struct message);
	enum encoding encoding = pending->post->place->encoding;
	const char *fault = NULL;
	struct why why = {0};
	struct val *primitive;

	headers->headers[headers->header_count].name = message->header;
	headers->headers[headers->header_count++].value = arena_text(arena, slice_of(message->value));
	*reply = (struct reply){.message = headers, .form_fault = message->form_fault};
	pending->done = true;
	if (!slice_is(pending->topic, message->topic))
		reply->form_fault = arena_printf(arena, "the answer stands at %.*s, not at %.*s",
		                                 SLICE_ARG(message->topic), SLICE_ARG(pending->topic))
		                            .ptr;
	if (content_read_primitive(arena, encoding, bytes, &why, &primitive, &fault) != 0) {
		reply->body = bytes;
		reply->body_fault = arena_text(arena, slice_of(why.text));
		return;
	}
	if (!reply->form_fault)
		reply->form_fault = fault;
	content_reply(arena, primitive, reply);
}

void post_take(struct post *post, const struct post_message *message, struct val **ret_request,
               const char **ret_fault)
{
	struct arena *arena = boxes_arena(post->place->boxes);
	struct slice bytes, rqi = {0};
	struct why why = {0};
	struct val *primitive = NULL;

	*ret_request = NULL;
	*ret_fault = NULL;
	bytes = arena_copy(arena, message->bytes);
	int r = content_read_primitive(arena, post->place->encoding, bytes, &why, &primitive, ret_fault);

	if (r == 0 && val_find(primitive, "op") && !val_find(primitive, "rsc")) {
		*ret_request = primitive;
	} else {
		if (r == 0)
			(void)val_is_str(val_find(primitive, "rqi"), &rqi);
		struct pending *pending = post_find(post, message->channel, rqi);

		if (pending)
			post_answer(pending, message);
	}
}
