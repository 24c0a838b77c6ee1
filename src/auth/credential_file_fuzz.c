/* SPDX-License-Identifier: Apache-2.0 */
/* What is taken as a file of credentials, written and read again, is the same. */
#include "auth/credential_file.h"
#include "base/utf8.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static char path[] = "/tmp/dure-credential-fuzz-XXXXXX";
	static int made = -1;
	struct credential_list list, again;
	struct why why = {0};
	int r = credential_file_parse("file", slice_make((const char *)bytes, len), &why, &list);

	assert(r == 0 || r == 4000);
	assert(utf8_is_valid(slice_of(why.text)));
	assert((r == 0) == (*why.text == '\0'));
	if (r == 0) {
		if (made < 0)
			made = mkstemp(path);
		assert(made >= 0);
		assert(credential_file_write(path, &list) == 0);
		assert(credential_file_read(path, &why, &again) == 0);
		assert(list.count == again.count);
		for (size_t i = 0; i < list.count; i++) {
			assert(strcmp(list.at[i].id, again.at[i].id) == 0);
			assert(strcmp(list.at[i].name, again.at[i].name) == 0);
			assert(strcmp(list.at[i].secret, again.at[i].secret) == 0);
		}
		credential_file_finish(&again);
		unlink(path);
	}
	credential_file_finish(&list);
	return 0;
}
