/* SPDX-License-Identifier: Apache-2.0 */
/* zlib reads plain files as they are, so there is one way for both. */
#include "cli/lines.h"

#include <errno.h>
#include <stdlib.h>
#include <zlib.h>

struct lines {
	gzFile file;
	uint64_t number;
	char text[LINES_LONGEST + 2];
};

int lines_open(const char *path, struct lines **ret)
{
	struct lines *lines = calloc(1, sizeof(*lines));
	if (!lines)
		return -ENOMEM;
	errno = 0;
	lines->file = gzopen(path, "rbe");
	if (!lines->file) {
		free(lines);
		return errno ? -errno : -ENOMEM;
	}
	gzbuffer(lines->file, 128 * 1024);
	*ret = lines;
	return 0;
}

void lines_close(struct lines *lines)
{
	if (!lines)
		return;
	gzclose(lines->file);
	free(lines);
}

uint64_t lines_number(const struct lines *lines)
{
	return lines->number;
}

int lines_next(struct lines *lines, struct slice *ret)
{
	if (!gzgets(lines->file, lines->text, (int)sizeof(lines->text))) {
		int error = Z_OK;
		gzerror(lines->file, &error);
		if (error == Z_ERRNO)
			return errno ? -errno : -EIO;
		return error == Z_OK || error == Z_STREAM_END ? 0 : -EBADMSG;
	}
	lines->number++;
	/* A NUL in the line would hide its rest: such a file is no text. */
	size_t len = strlen(lines->text);
	bool ended = len && lines->text[len - 1] == '\n';
	if (!ended && !gzeof(lines->file))
		return len > LINES_LONGEST ? -EMSGSIZE : -EILSEQ;
	while (len && (lines->text[len - 1] == '\n' || lines->text[len - 1] == '\r'))
		len--;
	*ret = slice_make(lines->text, len);
	return 1;
}
