/* SPDX-License-Identifier: Apache-2.0 */
/* Texts of the tree that have no escapes point into the text they were read from: so the line of a mistake is
 * found without a reader of our own. */
#include "auth/credential_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/map.h"
#include "codec/json.h"

#define REFUSED 4000
#define VERSION 1

struct reading {
	const char *file;
	struct slice text;
	struct why *why;
	struct credential_list *list;
};

static bool is_within(const struct reading *reading, const char *place)
{
	return place && place >= reading->text.ptr && place < reading->text.ptr + reading->text.len;
}

/* The line on which a value begins, as far as it can be told. */
static unsigned line_of(const struct reading *reading, const struct val *v)
{
	const char *place = NULL;
	unsigned line = 1;

	while (v && !place) {
		if (is_within(reading, v->name.ptr))
			place = v->name.ptr;
		else if (is_within(reading, v->text.ptr))
			place = v->text.ptr;
		v = v->first;
	}
	for (const char *at = reading->text.ptr; place && at < place; at++)
		line += *at == '\n';
	return line;
}

static int wrong(const struct reading *reading, const struct val *v, const char *sentence)
{
	return refuse(reading->why, REFUSED, "%s:%u: %s", reading->file, line_of(reading, v), sentence);
}

/* Which member of the object is which text of the credential. */
static const struct text_row {
	struct slice name;
	size_t at;
} text_rows[] = {
        {SLICE_INIT("id"), offsetof(struct credential, id)},
        {SLICE_INIT("name"), offsetof(struct credential, name)},
        {SLICE_INIT("secret"), offsetof(struct credential, secret)},
        {SLICE_INIT("algorithm"), offsetof(struct credential, algorithm)},
        {SLICE_INIT("created"), offsetof(struct credential, created)},
        {SLICE_INIT("revoked"), offsetof(struct credential, revoked)},
};

#define TEXT_ROWS (sizeof(text_rows) / sizeof(*text_rows))

static const char **text_at(struct credential *credential, size_t row)
{
	return (const char **)(void *)((char *)credential + text_rows[row].at);
}

/* A string, copied; the reader takes no NUL in it. */
static bool take_text(struct reading *reading, const struct val *v, const char **ret)
{
	struct slice text;

	if (!val_is_str(v, &text))
		return false;
	*ret = arena_text(&reading->list->arena, text);
	return true;
}

static int take_originators(struct reading *reading, const struct val *v, struct credential *credential)
{
	const char **texts;
	size_t count = 0;

	if (v->kind != VAL_ARR || v->count > CREDENTIAL_ORIGINATORS)
		return wrong(reading, v, "originators: expected an array of at most 256 texts");
	texts = arena_array(&reading->list->arena, (size_t)v->count + 1, const char *);
	val_each (v, one)
		if (!take_text(reading, one, &texts[count++]))
			return wrong(reading, one, "originators: expected texts");
	credential->originators = texts;
	return 0;
}

static int take_member(struct reading *reading, const struct val *v, struct credential *credential)
{
	struct slice kind;

	for (size_t row = 0; row < TEXT_ROWS; row++)
		if (slice_is(v->name, text_rows[row].name))
			return take_text(reading, v, text_at(credential, row))
			               ? 0
			               : wrong(reading, v, "expected a text");
	if (slice_is(v->name, SLICE("originators")))
		return take_originators(reading, v, credential);
	if (!slice_is(v->name, SLICE("kind")))
		return wrong(reading, v, "no credential has a member of this name");
	if (!val_is_str(v, &kind) || !credential_kind_read(kind, &credential->kind))
		return wrong(reading, v, "kind: expected password, token, psk, certificate, mqtt or issuer");
	return 0;
}

struct credential *credential_file_add(struct credential_list *list)
{
	static const char *const nobody[] = {NULL};
	struct credential *longer = arena_array(&list->arena, list->count + 1, struct credential), *made;

	/* Only `dure credential add` adds one by one. */
	if (list->count)
		memcpy(longer, list->at, list->count * sizeof(*longer));
	list->at = longer;
	made = &longer[list->count++];
	*made = (struct credential){.originators = nobody};
	for (size_t row = 0; row < TEXT_ROWS; row++)
		*text_at(made, row) = "";
	return made;
}

static int take_one(struct reading *reading, const struct val *v, struct credential *credential)
{
	static const char *const nobody[] = {NULL};
	struct why why = {0};
	int r = 0;

	if (v->kind != VAL_OBJ)
		return wrong(reading, v, "expected an object for each credential");
	*credential = (struct credential){.originators = nobody, .kind = IDENTITY_KIND_COUNT};
	for (size_t row = 0; row < TEXT_ROWS; row++)
		*text_at(credential, row) = "";
	val_each (v, member)
		if (r == 0)
			r = take_member(reading, member, credential);
	if (r)
		return r;
	if (credential->kind == IDENTITY_KIND_COUNT)
		return wrong(reading, v, "kind is missing");
	if (credential->kind == IDENTITY_CERTIFICATE)
		credential->name =
		        credential_certificate_name(&reading->list->arena, slice_of(credential->name));
	return credential_check(credential, &why) ? wrong(reading, v, why.text) : 0;
}

static bool same_id(const void *value, const void *key)
{
	return strcmp(((const struct credential *)value)->id, key) == 0;
}

static bool same_name(const void *value, const void *key)
{
	const struct credential *a = value, *b = key;

	return a->kind == b->kind && strcmp(a->name, b->name) == 0;
}

/* Names tell who is meant; those of tokens and MQTT users need not be one's own. */
static bool has_own_name(const struct credential *credential)
{
	return !*credential->revoked && credential->kind != IDENTITY_TOKEN &&
	       credential->kind != IDENTITY_MQTT;
}

static int take_all(struct reading *reading, const struct val *array)
{
	struct credential_list *list = reading->list;
	struct map ids, names;
	int r = 0;

	list->at = arena_array(&list->arena, (size_t)array->count + 1, struct credential);
	map_init(&ids);
	map_init(&names);
	val_each (array, v) {
		struct credential *one = &list->at[list->count];
		uint64_t id_hash, name_hash;

		r = take_one(reading, v, one);
		if (r)
			break;
		id_hash = slice_hash(slice_of(one->id), 1);
		name_hash = slice_hash(slice_of(one->name), 2);
		if (map_find(&ids, id_hash, same_id, one->id))
			r = wrong(reading, v, "another credential has this id");
		else if (has_own_name(one) && map_find(&names, name_hash, same_name, one))
			r = wrong(reading, v, "another credential of this kind has this name");
		if (r)
			break;
		map_add(&ids, id_hash, one);
		if (has_own_name(one))
			map_add(&names, name_hash, one);
		list->count++;
	}
	map_finish(&ids);
	map_finish(&names);
	return r;
}

int credential_file_parse(const char *file, struct slice text, struct why *why, struct credential_list *ret)
{
	static const struct json_limits limits = {.depth = 8, .values = 2 * 1000 * 1000};
	struct reading reading = {file, text, why, ret};
	struct why detail = {0};
	struct val *v;
	int64_t version;
	int r;

	*ret = (struct credential_list){0};
	arena_init(&ret->arena);
	r = json_read(&ret->arena, text, &limits, &detail, &v);
	if (r)
		return r < 0 ? r : refuse(why, REFUSED, "%s: %s", file, detail.text);
	if (!val_is_int(val_find(v, "version"), &version) || version != VERSION)
		return wrong(&reading, v, "version: expected 1; another dure has written this file");
	val_each (v, member)
		if (!slice_is(member->name, SLICE("version")) &&
		    !slice_is(member->name, SLICE("credentials")))
			return wrong(&reading, member, "expected version and credentials, nothing else");
	v = val_get(v, SLICE("credentials"));
	if (!v || v->kind != VAL_ARR)
		return refuse(why, REFUSED, "%s: credentials: expected an array", file);
	return take_all(&reading, v);
}

/* The whole of an open file, on the heap's buffer. */
static int read_all(int fd, const char *file, struct why *why, struct buf *buf)
{
	struct stat st;
	ssize_t got;

	if (fstat(fd, &st) != 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return refuse(why, REFUSED, "%s: is no plain file", file);
	if (st.st_mode & 022)
		return refuse(why, REFUSED, "%s: others may write to it; chmod 600 it", file);
	do {
		got = read(fd, buf_room(buf, 65536), 65536);
		if (got < 0)
			return -errno;
		buf->len += (size_t)got;
		if (buf->len > CREDENTIAL_FILE_MAX)
			return refuse(why, REFUSED, "%s: is larger than 16 MiB", file);
	} while (got > 0);
	return 0;
}

int credential_file_read(const char *file, struct why *why, struct credential_list *ret)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK), r;
	struct buf buf;

	*ret = (struct credential_list){0};
	arena_init(&ret->arena);
	if (fd < 0)
		return errno == ENOENT ? 0 : refuse(why, REFUSED, "%s: %s", file, strerror(errno));
	buf_init(&buf, NULL);
	r = read_all(fd, file, why, &buf);
	close(fd);
	if (r == 0)
		r = credential_file_parse(file, buf_slice(&buf), why, ret);
	buf_finish(&buf);
	return r;
}

void credential_file_finish(struct credential_list *list)
{
	arena_finish(&list->arena);
	*list = (struct credential_list){0};
}

static const char *beside(struct arena *arena, const char *file, const char *end)
{
	return arena_text(arena, arena_printf(arena, "%s%s", file, end));
}

static const char *folder_of(struct arena *arena, const char *file)
{
	const char *slash = strrchr(file, '/');

	return slash ? arena_text(arena, slice_make(file, (size_t)(slash - file) + 1)) : ".";
}

void credential_file_give(const char *file)
{
	struct arena arena;
	struct stat st;

	arena_init(&arena);
	if (geteuid() == 0 && stat(folder_of(&arena, file), &st) == 0 && st.st_uid != 0 &&
	    lchown(file, st.st_uid, st.st_gid) != 0)
		log_warn("auth", "%s can't be given to the owner of its folder: %s", file, strerror(errno));
	arena_finish(&arena);
}

int credential_file_lock(const char *file)
{
	struct arena arena;
	const char *lock;
	int fd, r = 0;

	arena_init(&arena);
	lock = beside(&arena, file, ".lock");
	fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd >= 0)
		credential_file_give(lock);
	arena_finish(&arena);
	if (fd < 0)
		return -errno;
	do {
		r = flock(fd, LOCK_EX);
	} while (r != 0 && errno == EINTR);
	if (r == 0)
		return fd;
	r = -errno;
	close(fd);
	return r;
}

static void write_member(struct buf *buf, const char *name, const char *text)
{
	if (!*text)
		return;
	buf_printf(buf, ", \"%s\": ", name);
	json_write_str(buf, slice_of(text));
}

static void write_one(struct buf *buf, const struct credential *one)
{
	buf_add_lit(buf, "    {\"id\": ");
	json_write_str(buf, slice_of(one->id));
	write_member(buf, "kind", credential_kind_name(one->kind));
	write_member(buf, "name", one->name);
	buf_add_lit(buf, ", \"originators\": [");
	for (size_t i = 0; one->originators[i]; i++) {
		if (i)
			buf_add_lit(buf, ", ");
		json_write_str(buf, slice_of(one->originators[i]));
	}
	buf_add_char(buf, ']');
	write_member(buf, "algorithm", one->algorithm);
	write_member(buf, "secret", one->secret);
	write_member(buf, "created", one->created);
	write_member(buf, "revoked", one->revoked);
	buf_add_char(buf, '}');
}

static void write_list(struct buf *buf, const struct credential_list *list)
{
	buf_printf(buf, "{\n  \"version\": %d,\n  \"credentials\": [", VERSION);
	for (size_t i = 0; i < list->count; i++) {
		buf_add_slice(buf, i ? SLICE(",\n") : SLICE("\n"));
		write_one(buf, &list->at[i]);
	}
	buf_add_lit(buf, "\n  ]\n}\n");
}

/* Never into what stands there already: it could be open to others, or somebody's link. */
static int write_whole(const char *path, struct slice bytes)
{
	int fd, r = 0;

	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return -errno;
	while (bytes.len && r == 0) {
		ssize_t n = write(fd, bytes.ptr, bytes.len);

		if (n < 0)
			r = -errno;
		else
			bytes = slice_skip(bytes, (size_t)n);
	}
	if (r == 0 && fsync(fd) != 0)
		r = -errno;
	if (close(fd) != 0 && r == 0)
		r = -errno;
	return r;
}

/* The rename itself must last, too. */
static void sync_folder(struct arena *arena, const char *file)
{
	int fd = open(folder_of(arena, file), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
}

int credential_file_write(const char *file, const struct credential_list *list)
{
	struct arena arena;
	const char *fresh;
	struct buf buf;
	int r;

	arena_init(&arena);
	buf_init(&buf, NULL);
	write_list(&buf, list);
	fresh = beside(&arena, file, ".new");
	r = write_whole(fresh, buf_slice(&buf));
	if (r == 0)
		credential_file_give(fresh);
	if (r == 0 && rename(fresh, file) != 0)
		r = -errno;
	if (r)
		unlink(fresh);
	else
		sync_folder(&arena, file);
	buf_finish(&buf);
	arena_finish(&arena);
	return r;
}
