/* SPDX-License-Identifier: Apache-2.0 */
/* Refusals get a sentence, faults get a line in the log. */
#include "base/fail.h"
#include "base/log.h"
#include "base/utf8.h"

#include <stdarg.h>
#include <stdio.h>

/* Cuts at `limit` bytes, never within a character, and makes every odd byte a '?'. */
static void fail_clean(char *text, size_t len, size_t limit, bool was_cut)
{
	size_t at = 0;

	while (at < len) {
		at += utf8_valid_length(slice_make(text + at, len - at));
		if (at >= len)
			break;
		if (was_cut && len - at < 4) /* the beginning of a character whose end was cut off */
			len = at;
		else
			text[at++] = '?';
	}
	for (at = 0; at < len; at++)
		if ((unsigned char)text[at] < 0x20 || text[at] == 0x7f)
			text[at] = '?';
	if (was_cut && len + 4 <= limit) {
		memcpy(text + len, "...", 3);
		len += 3;
	}
	text[len] = 0;
}

int refuse(struct why *why, int rsc, const char *format, ...)
{
	va_list args;
	int len;
	bool was_cut;

	if (!why)
		return rsc;
	why->rsc = rsc;
	va_start(args, format);
	len = vsnprintf(why->text, sizeof(why->text) - 4, format, args);
	va_end(args);
	was_cut = len >= (int)sizeof(why->text) - 4;
	fail_clean(why->text, strlen(why->text), sizeof(why->text), was_cut);
	return rsc;
}

int fault(int error, const char *format, ...)
{
	const char *name = strerrordesc_np(error < 0 ? -error : error);
	char text[320];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	log_error("fault", "%s: %s", text, name ? name : "an unknown error");
	return error;
}
