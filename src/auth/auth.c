/* SPDX-License-Identifier: Apache-2.0 */
/* Credentials in memory. What has been loaded once stays until the end, since connections point to it; what
 * the file no longer has is marked as revoked, and all ways to it are closed. */
#include "auth/auth_private.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "auth/credential_file.h"
#include "base/log.h"
#include "base/mem.h"

/* ---- doors ---- */

static uint64_t door_hash(const struct auth *auth, enum identity_kind kind, struct slice key)
{
	return slice_hash(key, auth->seed + (uint64_t)kind);
}

struct door_key {
	enum identity_kind kind;
	struct slice key;
};

static bool door_is(const void *value, const void *key)
{
	const struct door *door = value;
	const struct door_key *wanted = key;

	return door->kind == wanted->kind && slice_is(door->key, wanted->key);
}

struct holder *auth_find(const struct auth *auth, enum identity_kind kind, struct slice key)
{
	const struct door_key wanted = {kind, key};
	const struct door *door = map_find(&auth->doors, door_hash(auth, kind, key), door_is, &wanted);

	return door ? door->holder : NULL;
}

static struct door *door_new(struct auth *auth, struct holder *holder, struct slice key)
{
	struct door *door = arena_new(&auth->arena, struct door);

	door->kind = holder->identity.kind;
	door->holder = holder;
	door->key = key;
	return door;
}

static void door_add(struct auth *auth, struct holder *holder, struct slice key)
{
	if (!auth_find(auth, holder->identity.kind, key))
		map_add(&auth->doors, door_hash(auth, holder->identity.kind, key),
		        door_new(auth, holder, key));
}

static void open_mqtt(struct auth *auth, struct holder *holder)
{
	for (const char *const *one = holder->identity.originators; *one; one++) {
		struct slice text = slice_of(*one);

		if (text.ptr[text.len - 1] != '*') {
			door_add(auth, holder, text);
		} else {
			struct door *door = door_new(auth, holder, text);

			door->next = auth->starred;
			auth->starred = door;
		}
	}
}

static void open_token(struct auth *auth, struct holder *holder)
{
	uint8_t *digest = arena_take(&auth->arena, SEAL_DIGEST);
	struct slice text = slice_skip(slice_of(holder->credential.secret), strlen("sha256:"));

	if (seal_unhex(text, digest, SEAL_DIGEST))
		door_add(auth, holder, slice_make((const char *)digest, SEAL_DIGEST));
}

static void open_doors(struct auth *auth, struct holder *holder)
{
	if (holder->identity.kind == IDENTITY_MQTT)
		open_mqtt(auth, holder);
	else if (holder->identity.kind == IDENTITY_TOKEN)
		open_token(auth, holder);
	else
		door_add(auth, holder, slice_of(holder->identity.name));
}

static void close_doors(struct auth *auth)
{
	map_finish(&auth->doors);
	map_finish(&auth->ids);
	arena_finish(&auth->arena);
	auth->starred = NULL;
}

/* ---- holders ---- */

static bool same_texts(const char *const *a, const char *const *b)
{
	for (; *a && *b; a++, b++)
		if (strcmp(*a, *b) != 0)
			return false;
	return !*a && !*b;
}

static bool same_credential(const struct credential *a, const struct credential *b)
{
	return a->kind == b->kind && strcmp(a->name, b->name) == 0 && strcmp(a->secret, b->secret) == 0 &&
	       strcmp(a->algorithm, b->algorithm) == 0 && same_texts(a->originators, b->originators);
}

static const char *copy(struct holder *holder, const char *text)
{
	return arena_text(&holder->arena, slice_of(text));
}

static struct holder *holder_create(struct auth *auth, const struct credential *from)
{
	struct holder *holder = mem_zero(1, sizeof(*holder));
	struct credential *own = &holder->credential;
	const char **originators;
	size_t count = 0;

	arena_init(&holder->arena);
	while (from->originators[count])
		count++;
	originators = arena_array(&holder->arena, count + 1, const char *);
	for (size_t i = 0; i < count; i++)
		originators[i] = copy(holder, from->originators[i]);
	*own = (struct credential){.id = copy(holder, from->id),
	                           .name = copy(holder, from->name),
	                           .kind = from->kind,
	                           .originators = originators,
	                           .secret = copy(holder, from->secret),
	                           .algorithm = copy(holder, from->algorithm),
	                           .created = "",
	                           .revoked = ""};
	holder->identity = (struct identity){
	        .id = own->id, .name = own->name, .kind = own->kind, .originators = originators};
	holder->next = auth->holders;
	auth->holders = holder;
	return holder;
}

static void holder_destroy(struct holder *holder)
{
	seal_wipe((void *)(uintptr_t)holder->credential.secret, strlen(holder->credential.secret));
	arena_finish(&holder->arena);
	free(holder);
}

static bool holder_is(const void *value, const void *key)
{
	return strcmp(((const struct holder *)value)->identity.id, key) == 0;
}

/* The one of that identifier, if the file has it as it was; else a new one. */
static struct holder *holder_for(struct auth *auth, const struct map *old_ids, const struct credential *from)
{
	struct holder *holder =
	        map_find(old_ids, slice_hash(slice_of(from->id), auth->seed), holder_is, from->id);

	if (!holder || !same_credential(&holder->credential, from))
		holder = holder_create(auth, from);
	holder->kept = true;
	return holder;
}

static bool needs_key(const struct credential *one)
{
	return !*one->revoked && strncmp(one->secret, "box:", 4) == 0;
}

/* The wrapping key, when something is wrapped. */
static int load_key(struct auth *auth, const struct credential_list *list, struct why *why)
{
	uint8_t key[SEAL_KEY];
	int r = 0;

	for (size_t i = 0; i < list->count; i++)
		if (needs_key(&list->at[i])) {
			r = seal_key_read(auth->key_file, why, key);
			if (r)
				return r;
			memcpy(auth->wrap_key, key, SEAL_KEY);
			seal_wipe(key, sizeof(key));
			auth->has_wrap_key = true;
			break;
		}
	return r;
}

static void take_list(struct auth *auth, const struct credential_list *list)
{
	struct map old_ids = auth->ids;
	struct holder *before = auth->holders;
	size_t live = 0, revoked = 0;

	map_init(&auth->ids);
	close_doors(auth);
	for (struct holder *holder = auth->holders; holder; holder = holder->next)
		holder->kept = false;
	for (size_t i = 0; i < list->count; i++) {
		struct holder *holder;

		auth->has_mqtt = auth->has_mqtt || list->at[i].kind == IDENTITY_MQTT;
		if (*list->at[i].revoked)
			continue;
		holder = holder_for(auth, &old_ids, &list->at[i]);
		map_add(&auth->ids, slice_hash(slice_of(holder->identity.id), auth->seed), holder);
		open_doors(auth, holder);
		live++;
	}
	for (struct holder *holder = auth->holders; holder; holder = holder->next) {
		revoked += !holder->kept && !holder->identity.revoked;
		holder->identity.revoked = !holder->kept;
	}
	map_finish(&old_ids);
	/* Other files of the folder make us look, too: only what is new is told, and makes passwords be
	 * hashed anew. */
	if (auth->holders == before && !revoked)
		return;
	seal_wipe(auth->passed, sizeof(auth->passed));
	log_info("auth", "%zu credentials in %s%s", live, auth->file, revoked ? "; some were revoked" : "");
}

static void drain_watch(const struct auth *auth)
{
	char events[4096];

	while (auth->watch >= 0 && read(auth->watch, events, sizeof(events)) > 0)
		;
}

int auth_reload(struct auth *auth, struct why *why)
{
	struct credential_list list;
	int r;

	drain_watch(auth);
	r = credential_file_read(auth->file, why, &list);
	if (r == 0)
		r = load_key(auth, &list, why);
	if (r == 0)
		take_list(auth, &list);
	credential_file_finish(&list);
	return r;
}

/* The folder is watched: the file itself is another one after each change. */
static void start_watch(struct auth *auth)
{
	const char *slash = strrchr(auth->file, '/');
	size_t len = slash == auth->file ? 1 : slash ? (size_t)(slash - auth->file) : 0;
	char *folder = len ? strndup(auth->file, len) : strdup(".");

	auth->watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (auth->watch >= 0 && folder &&
	    inotify_add_watch(auth->watch, folder, IN_MOVED_TO | IN_DELETE | IN_CLOSE_WRITE | IN_ONLYDIR) <
	            0) {
		close(auth->watch);
		auth->watch = -1;
	}
	free(folder);
}

int auth_watch_fd(const struct auth *auth)
{
	return auth->watch;
}

int auth_create(const struct auth_config *config, struct why *why, struct auth **ret)
{
	struct auth *auth;
	int r = seal_start();

	if (r)
		return r;
	auth = mem_zero(1, sizeof(*auth));
	auth->file = strdup(config->file);
	auth->key_file = strdup(config->key_file);
	auth->watch = -1;
	auth->brake = brake_create();
	seal_random(&auth->seed, sizeof(auth->seed));
	seal_random(auth->process_key, sizeof(auth->process_key));
	arena_init(&auth->arena);
	if (!auth->file || !auth->key_file)
		mem_none(1);
	/* Watched first: what changes while we read is read again. */
	start_watch(auth);
	r = auth_reload(auth, why);
	if (r) {
		auth_destroy(auth);
		return r;
	}
	*ret = auth;
	return 0;
}

void auth_destroy(struct auth *auth)
{
	if (!auth)
		return;
	close_doors(auth);
	while (auth->holders) {
		struct holder *holder = auth->holders;

		auth->holders = holder->next;
		holder_destroy(holder);
	}
	if (auth->watch >= 0)
		close(auth->watch);
	brake_destroy(auth->brake);
	free((char *)(uintptr_t)auth->file);
	free((char *)(uintptr_t)auth->key_file);
	seal_wipe(auth, sizeof(*auth));
	free(auth);
}

void auth_stats(const struct auth *auth, struct auth_stats *ret)
{
	*ret = auth->stats;
}

/* ---- who may ---- */

/* Somebody without a name yet: only who may have any name of that sort may have one made up. */
static bool may_register(const struct identity *identity, struct slice fr, struct slice sp_relative)
{
	for (const char *const *one = identity->originators; *one; one++) {
		struct slice stem = slice_of(*one);

		if (stem.ptr[stem.len - 1] != '*')
			continue;
		stem.len--;
		if (stem.len == 0 || (fr.len && slice_starts(fr, stem)) ||
		    (sp_relative.len && slice_starts(sp_relative, stem)) ||
		    (fr.len == 0 && (slice_is_text(stem, "C") || slice_is_text(stem, "S"))))
			return true;
	}
	return false;
}

/* A CSE speaks for the AEs below it: "/id-mn" for "/id-mn/Cx". TS-0003 7.2.1 */
static bool is_below(const char *pattern, struct slice sp_relative)
{
	struct slice cse = slice_of(pattern);

	return cse.len > 1 && cse.ptr[0] == '/' && slice_starts(sp_relative, cse) &&
	       sp_relative.len > cse.len + 1 && sp_relative.ptr[cse.len] == '/';
}

bool identity_names(const struct identity *identity, const struct slice *forms, size_t count)
{
	for (const char *const *one = identity->originators; *one; one++)
		for (size_t i = 0; i < count; i++)
			if (slice_is_text(forms[i], *one))
				return true;
	return false;
}

bool identity_may(const struct identity *identity, struct slice fr, struct slice sp_relative)
{
	if (fr.len == 0 || slice_is_text(fr, "C") || slice_is_text(fr, "S"))
		return may_register(identity, fr, sp_relative);
	for (const char *const *one = identity->originators; *one; one++)
		if (credential_fits(*one, fr) || (sp_relative.len && credential_fits(*one, sp_relative)) ||
		    is_below(*one, sp_relative))
			return true;
	return false;
}
