/* SPDX-License-Identifier: Apache-2.0 */
/* The engine likes to give a resource as text that is written already, so its identifier is looked for in
 * there: it is one of the first members. */
#include "wire/wire_target.h"

#include "model/id.h"

bool wire_target_needs_path(int64_t op, struct slice to)
{
	if (to.len == 0 || id_is_url(to))
		return false;
	/* "Cmeter", "/Smeter": the AE itself is called, and not the CSE that it is registered at. */
	return op != OP_NOTIFY || !id_is_ae_stem(slice_skip(to, to.ptr[0] == '/'));
}

/* The end of the JSON string that begins at `at`: the place behind its closing quote. */
static size_t target_skip_string(struct slice json, size_t at)
{
	for (at++; at < json.len && json.ptr[at] != '"'; at++)
		if (json.ptr[at] == '\\')
			at++;
	return at + 1;
}

static struct slice target_find_ri(struct slice json)
{
	static const char key[] = "\"ri\":\"";
	const size_t len = sizeof(key) - 1;
	int depth = 0;

	for (size_t at = 0; at < json.len;) {
		char c = json.ptr[at];

		if (c == '"' && depth == 1 && json.len - at > len && memcmp(json.ptr + at, key, len) == 0) {
			size_t end = target_skip_string(json, at + len - 1);

			return end <= json.len ? slice_make(json.ptr + at + len, end - 1 - at - len)
			                       : SLICE("");
		}
		depth += (c == '{' || c == '[') - (c == '}' || c == ']');
		at = c == '"' ? target_skip_string(json, at) : at + 1;
	}
	return SLICE("");
}

struct slice wire_target_location(const struct val *pc)
{
	const struct val *root = pc ? pc->first : NULL, *at;
	struct slice location = SLICE("");

	if (!root)
		return location;
	if (root->kind == VAL_JSON && !slice_is(root->name, SLICE("m2m:rce")))
		return target_find_ri(root->text);
	if (root->kind == VAL_STR && slice_is(root->name, SLICE("m2m:uri")))
		at = root;
	else if (slice_is(root->name, SLICE("m2m:rce")))
		at = val_find(root, "uri");
	else
		at = val_find(root, "ri");
	val_is_str(at, &location);
	return location;
}
