/* SPDX-License-Identifier: Apache-2.0 */
/* The write-ahead log must be moved into the file from time to time, or it grows for ever. SQLite moves all
 * of it or nothing, so how long that takes is decided by how long the log has become: who gives little time
 * for tending gets it moved often. A short log that is written over and over also makes the shortest syncs,
 * for the file does not grow (measured: 160 us against 200 to 320). A thread of its own for this was tried:
 * no more long pieces, but the commits wait for the same disk, and a fifth of the throughput was gone. */
#include "store/store_sqlite.h"

#define PAGES_MOST  1000
#define PAGES_LEAST 250
#define PAGE_US     6 /* what moving one takes, roughly, with its share of two syncs */
#define FORCE       ((size_t)(64 << 20) / STORE_SQLITE_PAGE)
#define FORCE_STEP  ((size_t)(16 << 20) / STORE_SQLITE_PAGE)

static size_t pages_for(const struct store_sqlite *lite, int64_t budget_us)
{
	int64_t pages = budget_us / PAGE_US;

	if (lite->fold_at < PAGES_LEAST)
		return lite->fold_at; /* tests fold early; so they also move early */
	return pages < PAGES_LEAST ? PAGES_LEAST : pages > PAGES_MOST ? PAGES_MOST : (size_t)pages;
}

bool store_sqlite_log_is_long(const struct store_sqlite *lite, int64_t budget_us)
{
	return lite->wal_pages >= lite->wal_stuck + pages_for(lite, budget_us);
}

int store_sqlite_log_move(struct store_sqlite *lite)
{
	int all = 0, moved = 0;
	int r = sqlite3_wal_checkpoint_v2(lite->sql.db, "main", SQLITE_CHECKPOINT_PASSIVE, &all, &moved);

	if (r != SQLITE_OK && r != SQLITE_BUSY)
		return sqlite_fault(&lite->sql, r, "moving the log into the file");
	/* Who reads, a backup for one, keeps the log from being moved whole and from beginning anew; and so
	 * does another process that moves it just now. Try again when it has grown. */
	lite->wal_stuck = r == SQLITE_BUSY || moved < all ? lite->wal_pages : 0;
	if (!lite->wal_stuck)
		lite->wal_pages = 0;
	return 0;
}

int store_sqlite_log_force(struct store_sqlite *lite)
{
	if (lite->wal_pages < FORCE || lite->wal_pages < lite->wal_stuck + FORCE_STEP)
		return 0;
	return store_sqlite_log_move(lite);
}
