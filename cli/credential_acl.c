/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/credential_acl.h"

/* An identifier as topics have it: without the leading slash, other slashes as colons; of an AE of ours
 * SP-relative, when its CSE is given. */
static struct slice topic_of(struct arena *arena, const char *cse, const char *id)
{
	struct slice text = arena_printf(arena, "%s%s%s", cse, *cse ? "/" : "", id);
	char *at = arena_text(arena, text);

	if (*at == '/')
		at++;
	for (char *c = at; *c; c++)
		if (*c == '/')
			*c = ':';
	return slice_of(at);
}

struct topic_row {
	const char *before, *after;
};

static void print_topics(const struct topic_row *rows, size_t count, struct slice id, FILE *file)
{
	for (size_t i = 0; i < count; i++)
		fprintf(file, "topic %s%.*s%s\n", rows[i].before, SLICE_ARG(id), rows[i].after);
}

#define PRINT_TOPICS(rows, id, file) print_topics((rows), sizeof(rows) / sizeof(*(rows)), (id), (file))

static const struct topic_row ae_rows[] = {
        {"write /oneM2M/req/", "/+/+"},   {"write /oneM2M/reg_req/", "/+/+"}, {"read /oneM2M/resp/", "/#"},
        {"read /oneM2M/reg_resp/", "/#"}, {"read /oneM2M/req/+/", "/+"},      {"write /oneM2M/resp/+/", "/+"},
};

static const struct topic_row cse_rows[] = {
        {"read /oneM2M/req/+/", "/+"},   {"read /oneM2M/reg_req/+/", "/+"},
        {"write /oneM2M/resp/+/", "/+"}, {"write /oneM2M/reg_resp/+/", "/+"},
        {"write /oneM2M/req/", "/+/+"},  {"read /oneM2M/resp/", "/#"},
};

static void print_originator(const char *originator, const char *cse_id, FILE *file)
{
	struct arena arena;

	arena_init(&arena);
	if (strcmp(originator, "*") == 0)
		PRINT_TOPICS(ae_rows, SLICE("+"), file);
	else if (strchr(originator, '*'))
		fprintf(file,
		        "# %s: a broker knows no beginnings of names; name these originators one by one\n",
		        originator);
	else
		PRINT_TOPICS(ae_rows, topic_of(&arena, "", originator), file);
	if (cse_id && !strchr(originator, '*') && originator[0] != '/')
		PRINT_TOPICS(ae_rows, topic_of(&arena, cse_id, originator), file);
	arena_finish(&arena);
}

void credential_acl_print(const struct credential_list *list, const char *cse_user, const char *cse_id,
                          FILE *file)
{
	struct arena arena;

	fprintf(file,
	        "# Made by `dure credential acl`. In mosquitto.conf: acl_file, and allow_anonymous false.\n");
	for (size_t i = 0; i < list->count; i++) {
		const struct credential *one = &list->at[i];

		if (one->kind != IDENTITY_MQTT || *one->revoked)
			continue;
		fprintf(file, "\nuser %s\n", one->name);
		for (const char *const *originator = one->originators; *originator; originator++)
			print_originator(*originator, cse_id, file);
	}
	if (!cse_user || !cse_id)
		return;
	arena_init(&arena);
	fprintf(file, "\nuser %s\n", cse_user);
	PRINT_TOPICS(cse_rows, topic_of(&arena, "", cse_id), file);
	arena_finish(&arena);
}
