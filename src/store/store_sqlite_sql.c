/* SPDX-License-Identifier: Apache-2.0 */
/* The text of the statements. Each is prepared when it is first needed, and kept. */
#include "store/store_sqlite_sql.h"

const char *const store_sqlite_texts[SQL_COUNT] = {
        [SQL_BEGIN] = "BEGIN IMMEDIATE",
        [SQL_COMMIT] = "COMMIT",
        [SQL_ROLLBACK] = "ROLLBACK",
        [SQL_SET_META] = "UPDATE meta SET value = ?1 WHERE key = 'journal'",
        [SQL_PUT] = "INSERT OR REPLACE INTO res(no, parent, ty, ri, rn, ct, lt, et, body) "
                    "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        [SQL_REMOVE_RES] = "DELETE FROM res WHERE no = ?1",
        [SQL_REMOVE_BOX] = "DELETE FROM box WHERE no = ?1",
        [SQL_REMOVE_NOTES] = "DELETE FROM note WHERE row = ?1",
        [SQL_HAS_BOX] = "SELECT 1 FROM box WHERE no = ?1",
        [SQL_SET_GONE] = "INSERT INTO gone(no, below) VALUES(?1, ?2) "
                         "ON CONFLICT(no) DO UPDATE SET below = max(below, excluded.below)",
        [SQL_END_GONE] = "DELETE FROM gone WHERE no = ?1",
        [SQL_JOURNAL_A] = "INSERT INTO journal_a(n, batch) VALUES(?1, ?2)",
        [SQL_JOURNAL_B] = "INSERT INTO journal_b(n, batch) VALUES(?1, ?2)",
        [SQL_CUT_A] = "DELETE FROM journal_a WHERE n IN (SELECT n FROM journal_a ORDER BY n LIMIT 16)",
        [SQL_CUT_B] = "DELETE FROM journal_b WHERE n IN (SELECT n FROM journal_b ORDER BY n LIMIT 16)",
        [SQL_SET_BOX] = "INSERT OR REPLACE INTO box(no, next, first, cni, cbs, st, lt) "
                        "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        [SQL_ADD_BLOCK] = "INSERT INTO block(box, first, last, data) VALUES(?1, ?2, ?3, ?4)",
        [SQL_ADD_EARLY] = "INSERT OR IGNORE INTO early(et, box, seq) VALUES(?1, ?2, ?3)",
        [SQL_ADD_LABEL] = "INSERT OR IGNORE INTO label(label, box, seq) VALUES(?1, ?2, ?3)",
        [SQL_ADD_NAME] = "INSERT OR REPLACE INTO name(box, rn, seq) VALUES(?1, ?2, ?3)",
        [SQL_ADD_NOTE] = "INSERT OR REPLACE INTO note(id, row, body) VALUES(?1, ?2, ?3)",
        [SQL_END_NOTE] = "DELETE FROM note WHERE id = ?1",
        [SQL_BLOCK_AT] =
                "SELECT id, first, last, data FROM block WHERE box = ?1 AND last >= ?2 ORDER BY last LIMIT 1",
        [SQL_SMALL_BLOCK] = "SELECT * FROM (SELECT id, first, last, data FROM block WHERE box = ?1 "
                            "ORDER BY last DESC LIMIT 1) WHERE length(data) < ?2",
        [SQL_SET_BLOCK] = "UPDATE block SET first = ?2, last = ?3, data = ?4 WHERE id = ?1",
        [SQL_DELETE_BLOCK] = "DELETE FROM block WHERE id = ?1",
        [SQL_DELETE_EARLY] = "DELETE FROM early WHERE et = ?1 AND box = ?2 AND seq = ?3",
        [SQL_DELETE_LABEL] = "DELETE FROM label WHERE label = ?1 AND box = ?2 AND seq = ?3",
        [SQL_DELETE_NAME] = "DELETE FROM name WHERE box = ?1 AND rn = ?2 AND seq = ?3",
        [SQL_FIND_NAME] = "SELECT seq FROM name WHERE box = ?1 AND rn = ?2",
        [SQL_WALK_UP] = "SELECT data, first, last FROM block WHERE box = ?1 AND last >= ?2 ORDER BY last",
        [SQL_WALK_DOWN] =
                "SELECT data, first, last FROM block WHERE box = ?1 AND last <= ?2 ORDER BY last DESC",
        [SQL_LABEL] = "SELECT box, seq FROM label WHERE label = ?1",
        [SQL_LABELS] = "SELECT box, seq, label FROM label WHERE label >= ?1 AND label < ?2",
        [SQL_EARLY] = "SELECT box, seq FROM early WHERE et <= ?1",
};
