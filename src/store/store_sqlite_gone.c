/* SPDX-License-Identifier: Apache-2.0 */
/* What goes from the tables in the background: long trimmed ranges, and what stood in removed boxes. It is
 * written down in the table `gone`, hidden from that moment, and deleted in slices, so that no turn waits. */
#include "base/clock.h"
#include "base/mem.h"
#include "store/store_sqlite.h"

#include <stdlib.h>

#define SLICE_BLOCKS 2
#define SLICE_BOXES  256

static bool gone_match(const void *value, const void *key)
{
	return ((const struct store_sqlite_gone *)value)->no == *(const uint64_t *)key;
}

struct store_sqlite_gone *store_sqlite_gone_find(const struct store_sqlite *lite, uint64_t no)
{
	return lite->gone.count ? map_find(&lite->gone, no, gone_match, &no) : NULL;
}

void store_sqlite_gone_set(struct store_sqlite *lite, uint64_t no, uint64_t below)
{
	struct store_sqlite_gone *gone = store_sqlite_gone_find(lite, no);

	if (!gone) {
		gone = mem_zero(1, sizeof(*gone));
		gone->no = no;
		map_add(&lite->gone, no, gone);
	}
	if (gone->below < below)
		gone->below = below;
}

static void gone_end(struct store_sqlite *lite, uint64_t no)
{
	struct store_sqlite_gone *gone = store_sqlite_gone_find(lite, no);

	if (!gone)
		return;
	map_remove(&lite->gone, no, gone);
	free(gone);
}

void store_sqlite_gone_forget(struct store_sqlite *lite)
{
	struct store_sqlite_gone *gone;
	size_t at = 0;

	while ((gone = map_next(&lite->gone, &at)))
		free(gone);
	map_finish(&lite->gone);
}

static int end_range(struct store_sqlite *lite, uint64_t no)
{
	return sqlite_run(&lite->sql, SQL_END_GONE, 1, &no);
}

int store_sqlite_delete_all(struct store_sqlite *lite, uint64_t no)
{
	int r;

	do {
		r = store_sqlite_cut(lite, no, 0, STORE_SQLITE_ALL, 1024);
	} while (r > 0);
	if (r == 0)
		r = end_range(lite, no);
	if (r == 0)
		gone_end(lite, no);
	return r;
}

static int delete_some(struct store_sqlite *lite, int64_t end, uint64_t *ended, size_t *ret_count)
{
	const struct store_sqlite_gone *gone;
	size_t at = 0;
	int r = 0;

	*ret_count = 0;
	while (r == 0 && *ret_count < SLICE_BOXES && (gone = map_next(&lite->gone, &at))) {
		do {
			r = store_sqlite_cut(lite, gone->no, 0, gone->below - 1, SLICE_BLOCKS);
		} while (r > 0 && clock_wall_steady() < end);
		if (r == 0) {
			r = end_range(lite, gone->no);
			ended[(*ret_count)++] = gone->no;
		}
		if (r == 0 && clock_wall_steady() >= end)
			break;
	}
	return r < 0 ? r : 0;
}

int store_sqlite_gone_slice(struct store_sqlite *lite, int64_t end)
{
	uint64_t ended[SLICE_BOXES];
	size_t count = 0;
	int r;

	if (!lite->gone.count)
		return 0;
	r = store_sqlite_begin(lite);
	if (r < 0)
		return r;
	r = store_sqlite_end(lite, delete_some(lite, end, ended, &count));
	for (size_t i = 0; r == 0 && i < count; i++)
		gone_end(lite, ended[i]);
	return r < 0 ? r : lite->gone.count > 0;
}
