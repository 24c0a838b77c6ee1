/* SPDX-License-Identifier: Apache-2.0 */
/* credential: who may speak as whom, in the file of a data directory. A node that runs notices by itself. */
#include "auth/credential_file.h"
#include "auth/jws.h"
#include "auth/seal.h"
#include "base/base64.h"
#include "base/clock.h"
#include "cli/credential_acl.h"
#include "cli/output.h"
#include "cli/secret.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	PASSWORD_LEAST = 8,
	PSK_MADE = 32, /* bytes of a key that we make */
	PSK_MOST = 64,
	ISSUER_LEAST = 32, /* of a secret for HS256 */
	PEM_MOST = 65536,
};

/* What is being added. */
struct adding {
	struct cli *cli;
	struct credential made;
	const char *shown, *shown_name; /* to be printed once; NULL: nothing */
};

static const char *text_of(struct cli *cli, struct slice text)
{
	return arena_text(&cli->arena, text);
}

static const char *file_of(struct cli *cli)
{
	const char *given = cli->option[OPTION_CREDENTIAL_file];

	return given ? given : text_of(cli, arena_printf(&cli->arena, "%s/credentials", cli->data_dir));
}

static int failed(struct cli *cli, const char *file, int r, const struct why *why)
{
	if (r > 0)
		fprintf(stderr, T(cli, OFFLINE_FAILED), why->text);
	else
		fprintf(stderr, T(cli, SECRET_CANNOT_READ), file, strerror(-r));
	return CLI_REFUSED;
}

static int needs(struct adding *adding, const char *option)
{
	struct cli *cli = adding->cli;

	fprintf(stderr, T(cli, CREDENTIAL_WANTS), credential_kind_name(adding->made.kind), option);
	return CLI_USAGE;
}

/* ---- secrets by kind ---- */

static int make_token(struct adding *adding)
{
	struct cli *cli = adding->cli;
	uint8_t bytes[SEAL_DIGEST], digest[SEAL_DIGEST];
	char hex[2 * SEAL_DIGEST + 1];
	struct slice text;

	seal_random(bytes, sizeof(bytes));
	text = base64url_encode(&cli->arena, slice_make((char *)bytes, sizeof(bytes)));
	text = arena_printf(&cli->arena, "dure-%.*s", SLICE_ARG(text));
	seal_wipe(bytes, sizeof(bytes));
	seal_digest(text, digest);
	seal_hex(digest, sizeof(digest), hex);
	adding->made.secret = text_of(cli, arena_printf(&cli->arena, "sha256:%s", hex));
	adding->shown = text_of(cli, text);
	adding->shown_name = "token";
	return CLI_GOOD;
}

static int make_password(struct adding *adding)
{
	struct cli *cli = adding->cli;
	char *hash = arena_take(&cli->arena, SEAL_PASSWORD);
	struct slice password;
	int r;

	if (!*adding->made.name)
		return needs(adding, "name");
	r = secret_password(cli, adding->made.name, true, &password);
	if (r)
		return r;
	if (password.len < PASSWORD_LEAST) {
		fprintf(stderr, T(cli, CREDENTIAL_SHORT), PASSWORD_LEAST, CREDENTIAL_PASSWORD_MOST);
		return CLI_REFUSED;
	}
	r = seal_password(password, hash);
	secret_wipe(password);
	if (r)
		return failed(cli, "Argon2id", r, NULL);
	adding->made.secret = hash;
	return CLI_GOOD;
}

/* Wraps a key by the key file, which is made if need be. */
static int wrap(struct adding *adding, struct slice plain)
{
	struct cli *cli = adding->cli;
	const char *file = text_of(cli, arena_printf(&cli->arena, "%s.key", file_of(cli)));
	uint8_t key[SEAL_KEY];
	struct why why = {0};
	int lock = credential_file_lock(file_of(cli)), r = lock;

	if (lock < 0)
		return failed(cli, file, r, &why);
	r = seal_key_make(file, &why, key);
	close(lock);
	if (r)
		return failed(cli, file, r, &why);
	credential_file_give(file);
	adding->made.secret = text_of(cli, seal_wrap(key, plain, &cli->arena));
	seal_wipe(key, sizeof(key));
	return CLI_GOOD;
}

static int make_psk(struct adding *adding)
{
	struct cli *cli = adding->cli;
	const char *file = cli->option[OPTION_GLOBAL_key];
	uint8_t key[PSK_MOST];
	char hex[2 * PSK_MOST + 1];
	size_t len = PSK_MADE;
	struct slice text;
	int r;

	if (!*adding->made.name)
		return needs(adding, "name");
	if (file) {
		r = secret_read(cli, file, sizeof(hex) - 1, &text);
		if (r)
			return r;
		len = text.len / 2;
		if (len < CREDENTIAL_KEY || !seal_unhex(text, key, len)) {
			fprintf(stderr, T(cli, CREDENTIAL_BAD_KEY), file, CREDENTIAL_KEY, PSK_MOST);
			return CLI_REFUSED;
		}
		secret_wipe(text);
	} else {
		seal_random(key, len);
		seal_hex(key, len, hex);
		adding->shown = text_of(cli, slice_of(hex));
		adding->shown_name = "key";
	}
	r = wrap(adding, slice_make((char *)key, len));
	seal_wipe(key, sizeof(key));
	return r;
}

/* The DER of the first certificate in a PEM file. */
static bool read_pem(struct cli *cli, struct slice pem, struct slice *ret)
{
	const char *begin = strstr(pem.ptr, "-----BEGIN CERTIFICATE-----");
	const char *end = begin ? strstr(begin, "-----END CERTIFICATE-----") : NULL;
	struct buf text;

	if (!end)
		return false;
	buf_init(&text, &cli->arena);
	for (const char *at = begin + strlen("-----BEGIN CERTIFICATE-----"); at < end; at++)
		if (!strchr("\r\n \t", *at))
			buf_add_char(&text, *at);
	return base64_decode(&cli->arena, buf_slice(&text), ret) && ret->len > 2 && ret->ptr[0] == 0x30;
}

static int make_certificate(struct adding *adding)
{
	struct cli *cli = adding->cli;
	const char *file = cli->option[OPTION_CREDENTIAL_certificate];
	uint8_t digest[SEAL_DIGEST];
	char hex[2 * SEAL_DIGEST + 1];
	struct slice pem, der;
	int r;

	if (!file && !*adding->made.name)
		return needs(adding, "name");
	if (file) {
		r = secret_read(cli, file, PEM_MOST, &pem);
		if (r)
			return r;
		if (!read_pem(cli, pem, &der)) {
			fprintf(stderr, T(cli, CREDENTIAL_BAD_CERTIFICATE), file);
			return CLI_REFUSED;
		}
		seal_digest(der, digest);
		seal_hex(digest, sizeof(digest), hex);
		adding->made.name = text_of(cli, arena_printf(&cli->arena, "SHA256:%s", hex));
	}
	adding->made.name = credential_certificate_name(&cli->arena, slice_of(adding->made.name));
	return CLI_GOOD;
}

static int make_mqtt(struct adding *adding)
{
	return *adding->made.name ? CLI_GOOD : needs(adding, "name");
}

static int make_issuer(struct adding *adding)
{
	struct cli *cli = adding->cli;
	const char *file = cli->option[OPTION_GLOBAL_key];
	struct slice key;
	int r;

	if (!*adding->made.name || !file)
		return needs(adding, file ? "name" : "key");
	r = secret_read(cli, file, CREDENTIAL_SECRET, &key);
	if (r)
		return r;
	adding->made.secret = key.ptr;
	adding->made.algorithm = jws_key_algorithm(key);
	if (adding->made.algorithm)
		return CLI_GOOD;
	adding->made.algorithm = "HS256";
	if (key.len < ISSUER_LEAST || key.len > CREDENTIAL_KEY_MOST ||
	    memmem(key.ptr, key.len, "-----BEGIN", 10)) {
		fprintf(stderr, T(cli, CREDENTIAL_BAD_ISSUER), file, ISSUER_LEAST, CREDENTIAL_KEY_MOST);
		return CLI_REFUSED;
	}
	r = wrap(adding, key);
	secret_wipe(key);
	return r;
}

static int (*const makers[IDENTITY_KIND_COUNT])(struct adding *) = {
        [IDENTITY_TOKEN] = make_token, [IDENTITY_PASSWORD] = make_password,
        [IDENTITY_PSK] = make_psk,     [IDENTITY_CERTIFICATE] = make_certificate,
        [IDENTITY_MQTT] = make_mqtt,   [IDENTITY_ISSUER] = make_issuer,
};

/* ---- add ---- */

static const char *now_text(struct cli *cli)
{
	char text[CLOCK_TEXT];

	clock_print(clock_now(), text);
	return text_of(cli, slice_make(text, strlen("20261122T093000")));
}

/* "c-" and eight digits that nobody has yet. */
static const char *new_id(struct cli *cli, const struct credential_list *list)
{
	uint8_t bytes[4];
	char hex[9];
	bool taken;

	do {
		seal_random(bytes, sizeof(bytes));
		seal_hex(bytes, sizeof(bytes), hex);
		taken = false;
		for (size_t i = 0; i < list->count; i++)
			taken = taken || strcmp(list->at[i].id + 2, hex) == 0;
	} while (taken);
	return text_of(cli, arena_printf(&cli->arena, "c-%s", hex));
}

static const char *const *split(struct cli *cli, const char *text)
{
	const char **list = arena_array(&cli->arena, strlen(text) + 2, const char *);
	struct slice rest = slice_of(text), part;

	for (size_t count = 0; slice_cut(&rest, ',', &part);)
		if (part.len)
			list[count++] = text_of(cli, part);
	return list;
}

/* Locks and reads the file. */
static int open_file(struct cli *cli, const char *file, int *ret_lock, struct credential_list *list)
{
	struct why why = {0};
	int r;

	*ret_lock = credential_file_lock(file);
	if (*ret_lock < 0)
		return failed(cli, file, *ret_lock, &why);
	r = credential_file_read(file, &why, list);
	if (!r)
		return CLI_GOOD;
	credential_file_finish(list);
	close(*ret_lock);
	return failed(cli, file, r, &why);
}

static const struct credential *twin_of(const struct credential_list *list, const struct credential *made)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct credential *one = &list->at[i];

		if (!*one->revoked && one->kind == made->kind && strcmp(one->name, made->name) == 0)
			return one;
	}
	return NULL;
}

static int add_to(struct adding *adding, const char *file, struct credential_list *list)
{
	struct cli *cli = adding->cli;
	bool by_name = adding->made.kind != IDENTITY_TOKEN && adding->made.kind != IDENTITY_MQTT;
	const struct credential *twin = by_name ? twin_of(list, &adding->made) : NULL;
	struct why why = {0};
	int r;

	adding->made.id = new_id(cli, list);
	r = credential_check(&adding->made, &why);
	if (r)
		return failed(cli, file, r, &why);
	if (twin) {
		fprintf(stderr, T(cli, CREDENTIAL_TAKEN), twin->id, twin->name);
		return CLI_REFUSED;
	}
	*credential_file_add(list) = adding->made;
	r = credential_file_write(file, list);
	return r ? failed(cli, file, r, &why) : CLI_GOOD;
}

static void show_added(const struct adding *adding, const char *file)
{
	struct cli *cli = adding->cli;
	struct val *v = val_obj(&cli->arena);

	if (cli->json) {
		val_put(v, SLICE("id"), val_str(&cli->arena, slice_of(adding->made.id)));
		if (adding->shown)
			val_put(v, slice_of(adding->shown_name),
			        val_str(&cli->arena, slice_of(adding->shown)));
		output_json(&cli->arena, v, stdout);
		return;
	}
	fprintf(stderr, T(cli, CREDENTIAL_ADDED), adding->made.id, file);
	if (adding->shown) {
		fprintf(stderr, "%s", T(cli, CREDENTIAL_ONCE));
		printf("%s\n", adding->shown);
	}
}

static int add(struct cli *cli)
{
	const char *kind = cli->option[OPTION_CREDENTIAL_kind], *file = file_of(cli);
	const char *originators = cli->option[OPTION_CREDENTIAL_originator];
	const char *name = cli->option[OPTION_CREDENTIAL_name];
	struct adding adding = {.cli = cli};
	struct credential_list list;
	int lock, r;

	if (!kind || !credential_kind_read(slice_of(kind), &adding.made.kind)) {
		fprintf(stderr, "%s", T(cli, CREDENTIAL_KIND));
		return CLI_USAGE;
	}
	if (!originators && adding.made.kind != IDENTITY_ISSUER)
		return needs(&adding, "originator");
	adding.made.name = name ? name : "";
	adding.made.originators = split(cli, originators ? originators : "");
	adding.made.secret = adding.made.algorithm = adding.made.revoked = "";
	adding.made.created = now_text(cli);
	/* Before the first start of a node there is no folder yet. */
	if (!cli->option[OPTION_CREDENTIAL_file] && mkdir(cli->data_dir, 0700) != 0 && errno != EEXIST)
		return failed(cli, cli->data_dir, -errno, NULL);
	r = makers[adding.made.kind](&adding);
	if (r == CLI_GOOD)
		r = open_file(cli, file, &lock, &list);
	if (r)
		return r;
	r = add_to(&adding, file, &list);
	if (r == CLI_GOOD)
		show_added(&adding, file);
	credential_file_finish(&list);
	close(lock);
	return r;
}

/* ---- list ---- */

static struct slice joined(struct cli *cli, const char *const *texts)
{
	struct buf buf;

	buf_init(&buf, &cli->arena);
	for (; *texts; texts++)
		buf_printf(&buf, "%s%s", buf.len ? "," : "", *texts);
	return buf_slice(&buf);
}

static struct val *as_json(struct cli *cli, const struct credential *one)
{
	struct arena *arena = &cli->arena;
	struct val *v = val_obj(arena), *originators = val_arr(arena);

	val_put(v, SLICE("id"), val_str(arena, slice_of(one->id)));
	val_put(v, SLICE("kind"), val_str(arena, slice_of(credential_kind_name(one->kind))));
	val_put(v, SLICE("name"), val_str(arena, slice_of(one->name)));
	for (const char *const *text = one->originators; *text; text++)
		val_push(originators, val_str(arena, slice_of(*text)));
	val_put(v, SLICE("originators"), originators);
	val_put(v, SLICE("created"), val_str(arena, slice_of(one->created)));
	if (*one->revoked)
		val_put(v, SLICE("revoked"), val_str(arena, slice_of(one->revoked)));
	return v;
}

static int list_all(struct cli *cli)
{
	const char *file = file_of(cli);
	struct val *array = val_arr(&cli->arena);
	struct output_table table;
	struct credential_list list;
	struct why why = {0};
	int r = credential_file_read(file, &why, &list);

	output_init(&table, &cli->arena, 6);
	for (size_t i = 0; !r && i < list.count; i++) {
		const struct credential *one = &list.at[i];
		struct slice state =
		        *one->revoked ? arena_printf(&cli->arena, T(cli, CREDENTIAL_STATE), one->revoked)
		                      : SLICE("");
		const struct slice cells[] = {
		        slice_of(one->id),      slice_of(credential_kind_name(one->kind)),
		        slice_of(one->name),    joined(cli, one->originators),
		        slice_of(one->created), state};

		output_row(&table, cells);
		val_push(array, as_json(cli, one));
	}
	if (r)
		r = failed(cli, file, r, &why);
	else if (cli->json)
		output_json(&cli->arena, array, stdout);
	else if (list.count)
		output_print(&table, "", stdout);
	else
		fprintf(stderr, T(cli, CREDENTIAL_NONE), file);
	credential_file_finish(&list);
	return r;
}

/* ---- revoke ---- */

static int revoke_in(struct cli *cli, const char *file, const char *id, struct credential_list *list)
{
	struct why why = {0};
	int r;

	for (size_t i = 0; i < list->count; i++) {
		struct credential *one = &list->at[i];

		if (strcmp(one->id, id) != 0)
			continue;
		if (*one->revoked) {
			fprintf(stderr, T(cli, CREDENTIAL_GONE), id, one->revoked);
			return CLI_REFUSED;
		}
		one->revoked = now_text(cli);
		one->secret = "";
		r = credential_file_write(file, list);
		if (r)
			return failed(cli, file, r, &why);
		printf(T(cli, CREDENTIAL_REVOKED), id);
		return CLI_GOOD;
	}
	fprintf(stderr, T(cli, CREDENTIAL_UNKNOWN), id, file);
	return CLI_REFUSED;
}

static int revoke_one(struct cli *cli)
{
	const char *file = file_of(cli);
	struct credential_list list;
	int lock, r = open_file(cli, file, &lock, &list);

	if (r)
		return r;
	r = revoke_in(cli, file, cli->operands[1], &list);
	credential_file_finish(&list);
	close(lock);
	return r;
}

static int acl(struct cli *cli)
{
	const char *file = file_of(cli);
	struct credential_list list;
	struct why why = {0};
	int r = credential_file_read(file, &why, &list);

	if (r)
		r = failed(cli, file, r, &why);
	else
		credential_acl_print(&list, cli->option[OPTION_CREDENTIAL_cse_user],
		                     cli->option[OPTION_CREDENTIAL_cse_id], stdout);
	credential_file_finish(&list);
	return r;
}

int credential_run(struct cli *cli)
{
	static const struct {
		const char *name;
		int operands;
		int (*run)(struct cli *cli);
	} actions[] = {{"add", 1, add}, {"list", 1, list_all}, {"revoke", 2, revoke_one}, {"acl", 1, acl}};

	if (seal_start() != 0)
		return failed(cli, "libsodium", -EIO, NULL);
	for (size_t i = 0; i < sizeof(actions) / sizeof(*actions); i++)
		if (strcmp(cli->operands[0], actions[i].name) == 0)
			return cli->operand_count == actions[i].operands ? actions[i].run(cli)
			                                                 : cli_usage(cli);
	return cli_usage(cli);
}
