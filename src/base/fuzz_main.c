/* SPDX-License-Identifier: Apache-2.0 */
/* Where no fuzzer is linked, this main() plays stored inputs into the target: every file of the folders
 * given, and every file given. A folder that is empty or missing is an error: a corpus must not get lost. */
#include "base/buf.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static int fuzz_play(const char *path)
{
	FILE *file = fopen(path, "rb");
	struct buf input;
	uint8_t *exact;
	size_t got;

	if (!file) {
		perror(path);
		return -1;
	}
	buf_init(&input, NULL);
	while ((got = fread(buf_room(&input, 65536), 1, 65536, file)) > 0)
		input.len += got;
	fclose(file);
	/* A block of just this size, so that AddressSanitizer sees one byte too many. */
	exact = malloc(input.len ? input.len : 1);
	if (!exact)
		abort();
	memcpy(exact, input.ptr, input.len);
	LLVMFuzzerTestOneInput(exact, input.len);
	free(exact);
	buf_finish(&input);
	return 1;
}

static int fuzz_play_folder(const char *path)
{
	DIR *folder = opendir(path);
	struct dirent *entry;
	char name[4096];
	int played = 0, r;

	if (!folder) {
		perror(path);
		return -1;
	}
	while ((entry = readdir(folder))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		r = fuzz_play(name);
		if (r < 0)
			break;
		played += r;
	}
	closedir(folder);
	return entry ? -1 : played;
}

int main(int argc, char **argv)
{
	struct stat st;
	int all = 0;

	for (int i = 1; i < argc; i++) {
		bool is_folder = stat(argv[i], &st) == 0 && S_ISDIR(st.st_mode);
		int played = is_folder ? fuzz_play_folder(argv[i]) : fuzz_play(argv[i]);

		if (played <= 0) {
			fprintf(stderr, "%s: nothing to play\n", argv[i]);
			return 1;
		}
		all += played;
	}
	printf("%d inputs played\n", all);
	return all == 0;
}
