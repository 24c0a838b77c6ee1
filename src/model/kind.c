/* SPDX-License-Identifier: Apache-2.0 */
/* One small test for each row of spec/kind.def. The table at the end is made of the rows, so that a kind
 * without a test does not compile. */
#include "model/kind.h"

#include <arpa/inet.h>

#include "base/clock.h"
#include "base/url.h"
#include "model/grammar.h"
#include "model/schedule.h"

static bool kind_UINT(const struct val *v)
{
	uint64_t n;

	return val_is_uint(v, &n);
}

static bool kind_POSINT(const struct val *v)
{
	uint64_t n;

	return val_is_uint(v, &n) && n > 0;
}

static bool kind_INT(const struct val *v)
{
	int64_t n;

	return val_is_int(v, &n);
}

static bool kind_FLOAT(const struct val *v)
{
	return v->kind == VAL_NUM;
}

static bool kind_BOOL(const struct val *v)
{
	return v->kind == VAL_TRUE || v->kind == VAL_FALSE;
}

static bool kind_TEXT(const struct val *v)
{
	return v->kind == VAL_STR;
}

static bool kind_OPS(const struct val *v)
{
	uint64_t n;

	return val_is_uint(v, &n) && n <= 63;
}

/* TS-0004 6.3.3: 2 immediate, 3 best effort, 4 latest, 100 to 999 by policy. */
static bool kind_EVENTCAT(const struct val *v)
{
	uint64_t n;

	return val_is_uint(v, &n) && ((n >= 2 && n <= 4) || (n >= 100 && n <= 999));
}

static bool kind_PORT(const struct val *v)
{
	uint64_t n;

	return val_is_uint(v, &n) && n <= 65535;
}

static bool kind_TYPENUMBER(const struct val *v)
{
	uint64_t n;

	return val_is_uint(v, &n) && n <= UINT32_MAX && type_find((uint32_t)n) != NULL;
}

static bool kind_ENUM(const struct val *v)
{
	return kind_INT(v);
}

static bool kind_OBJECT(const struct val *v)
{
	return v->kind == VAL_OBJ;
}

static bool kind_ANY(const struct val *v)
{
	return v->kind != VAL_NULL;
}

static bool kind_SIMPLE(const struct val *v)
{
	return v->kind == VAL_STR || v->kind == VAL_NUM || kind_BOOL(v);
}

static bool kind_JSONARR(const struct val *v)
{
	return v->kind == VAL_ARR;
}

/* The kinds that are strings: what must hold of their text. */

static bool text_is_absrel(struct slice s)
{
	int64_t us;

	return clock_parse(s, &us) || (grammar_digits(s) && s.len <= 15);
}

static bool kind_ABSREL(const struct val *v)
{
	uint64_t ms;

	if (v->kind == VAL_NUM)
		return val_is_uint(v, &ms) && ms < 1000000000000000;
	return v->kind == VAL_STR && text_is_absrel(v->text);
}

static bool text_is_timestamp(struct slice s)
{
	int64_t us;

	return clock_parse(s, &us);
}

static bool text_is_duration(struct slice s)
{
	int64_t us;

	return clock_parse_duration(s, &us);
}

/* Does the text look like the picture, in which 0 stands for a digit? */
static bool text_fits(struct slice s, const char *picture)
{
	if (s.len != strlen(picture))
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (picture[i] == '0' ? !grammar_digit(s.ptr[i]) : s.ptr[i] != picture[i])
			return false;
	return true;
}

/* Written long or short, the parts are handed to the clock, which knows the calendar. */
static bool text_is_date(struct slice s)
{
	char text[15] = "........T000000";
	int64_t us;

	if (text_fits(s, "0000-00-00")) {
		memcpy(text, s.ptr, 4);
		memcpy(text + 4, s.ptr + 5, 2);
		memcpy(text + 6, s.ptr + 8, 2);
	} else if (text_fits(s, "00000000")) {
		memcpy(text, s.ptr, 8);
	} else {
		return false;
	}
	return clock_parse(slice_make(text, sizeof text), &us);
}

static bool text_is_time_of_day(struct slice s)
{
	char text[15] = "20000101T......";
	int64_t us;
	size_t len = 0;

	while (len < s.len && s.ptr[len] != ',' && s.ptr[len] != '.')
		len++;
	if (len < s.len && !grammar_digits(slice_skip(s, len + 1)))
		return false;
	s.len = len;
	if (text_fits(s, "00:00:00")) {
		memcpy(text + 9, s.ptr, 2);
		memcpy(text + 11, s.ptr + 3, 2);
		memcpy(text + 13, s.ptr + 6, 2);
	} else if (text_fits(s, "000000")) {
		memcpy(text + 9, s.ptr, 6);
	} else {
		return false;
	}
	return clock_parse(slice_make(text, sizeof text), &us);
}

/* key or key:value; the key has no colon and is not empty. */
static bool text_is_label(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] < ' ' || s.ptr[i] == 0x7f)
			return false;
	return s.len > 0 && s.ptr[0] != ':';
}

static bool text_is_poa(struct slice s)
{
	struct url url;

	return !url_read(s, &url);
}

/* TS-0004 6.3.3: mediatype:encoding[:security], encoding 0 to 2, security 0 to 5. */
static bool text_is_content_info(struct slice s)
{
	const char *colon, *slash;
	struct slice media;
	char last;

	if (!grammar_is_visible(s) || s.len < 3)
		return false;
	last = s.ptr[s.len - 1];
	if (s.ptr[s.len - 2] != ':')
		return false;
	media = slice_make(s.ptr, s.len - 2);
	colon = media.len > 2 ? memchr(media.ptr + media.len - 2, ':', 1) : NULL;
	if (colon && last >= '0' && last <= '5') {
		last = media.ptr[media.len - 1];
		media.len -= 2;
	}
	slash = memchr(media.ptr, '/', media.len);
	return last >= '0' && last <= '2' && slash && slash > media.ptr && slash + 1 < media.ptr + media.len;
}

static bool text_is_one_of(struct slice s, const char *const *words)
{
	for (; *words; words++)
		if (slice_is_text(s, *words))
			return true;
	return false;
}

/* Release 1 wrote the whole media type; some still do. */
static bool text_is_serialization(struct slice s)
{
	static const char *const words[] = {
	        "json", "cbor", "xml", "application/json", "application/cbor", "application/xml", NULL};

	return text_is_one_of(s, words);
}

static bool text_is_release(struct slice s)
{
	static const char *const words[] = {"3", "4", "5", "2a", "2", "1", NULL};

	return text_is_one_of(s, words);
}

static bool text_is_country(struct slice s)
{
	return s.len == 2 && s.ptr[0] >= 'A' && s.ptr[0] <= 'Z' && s.ptr[1] >= 'A' && s.ptr[1] <= 'Z';
}

/* An address, or a network with the length of its prefix behind a slash. */
static bool text_is_ip(struct slice s, int family, uint64_t prefix_most)
{
	char text[INET6_ADDRSTRLEN], address[16];
	struct slice host = s;
	uint64_t prefix = 0;
	const char *slash = s.len ? memchr(s.ptr, '/', s.len) : NULL;

	if (slash) {
		host.len = (size_t)(slash - s.ptr);
		if (!slice_u64(slice_skip(s, host.len + 1), &prefix) || prefix > prefix_most)
			return false;
	}
	if (host.len >= sizeof text || memchr(host.ptr, 0, host.len))
		return false;
	memcpy(text, host.ptr, host.len);
	text[host.len] = 0;
	return inet_pton(family, text, address) == 1;
}

static bool text_is_ipv4(struct slice s)
{
	return s.len && text_is_ip(s, AF_INET, 32);
}

static bool text_is_ipv6(struct slice s)
{
	return s.len && text_is_ip(s, AF_INET6, 128);
}

/* local@domain */
static bool text_is_external_id(struct slice s)
{
	const char *at = s.len ? memchr(s.ptr, '@', s.len) : NULL;

	return at && at > s.ptr && at + 1 < s.ptr + s.len && grammar_is_visible(s) &&
	       !memchr(at + 1, '@', (size_t)(s.ptr + s.len - at - 1));
}

static bool text_is_base64(struct slice s)
{
	size_t pad = 0;

	while (s.len && pad < 2 && s.ptr[s.len - 1] == '=') {
		s.len--;
		pad++;
	}
	for (size_t i = 0; i < s.len; i++)
		if (!grammar_alpha(s.ptr[i]) && !grammar_digit(s.ptr[i]) && s.ptr[i] != '+' &&
		    s.ptr[i] != '/')
			return false;
	return (s.len + pad) % 4 == 0;
}

#define TEXTUAL(id, test)                                                                                    \
	static bool kind_##id(const struct val *v)                                                           \
	{                                                                                                    \
		return v->kind == VAL_STR && test(v->text);                                                  \
	}

TEXTUAL(NCNAME, grammar_is_ncname)
TEXTUAL(NAME, grammar_is_name)
TEXTUAL(ID, grammar_is_visible)
TEXTUAL(URI, grammar_is_visible)
TEXTUAL(NODEID, grammar_is_visible)
TEXTUAL(POA, text_is_poa)
TEXTUAL(TIMESTAMP, text_is_timestamp)
TEXTUAL(DURATION, text_is_duration)
TEXTUAL(DATE, text_is_date)
TEXTUAL(TIMEOFDAY, text_is_time_of_day)
TEXTUAL(LABEL, text_is_label)
TEXTUAL(SCHEDULE, schedule_is_valid)
TEXTUAL(CONTENTINFO, text_is_content_info)
TEXTUAL(SERIALIZATION, text_is_serialization)
TEXTUAL(RELEASE, text_is_release)
TEXTUAL(COUNTRY, text_is_country)
TEXTUAL(IPV4, text_is_ipv4)
TEXTUAL(IPV6, text_is_ipv6)
TEXTUAL(EXTERNALID, text_is_external_id)
TEXTUAL(BASE64, text_is_base64)

static const struct kind_row {
	bool (*holds)(const struct val *v);
	const char *word, *name, *doc;
} kind_rows[KIND_COUNT] = {
#define KIND(id, name, doc) [KIND_##id] = {kind_##id, #id, (name), (doc)},
#include "spec/kind.def"
#undef KIND
};

bool kind_holds(enum kind kind, const struct val *v)
{
	return kind_rows[kind].holds(v);
}

bool kind_is_number(enum kind kind)
{
	switch ((int)kind) {
	case KIND_UINT:
	case KIND_POSINT:
	case KIND_INT:
	case KIND_FLOAT:
	case KIND_OPS:
	case KIND_EVENTCAT:
	case KIND_PORT:
	case KIND_TYPENUMBER:
	case KIND_ENUM:
		return true;
	}
	return false;
}

const char *kind_name(enum kind kind)
{
	return kind_rows[kind].name;
}

const char *kind_word(enum kind kind)
{
	return kind_rows[kind].word;
}

const char *kind_doc(enum kind kind)
{
	return kind_rows[kind].doc;
}
