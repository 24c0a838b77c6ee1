/* SPDX-License-Identifier: Apache-2.0 */
/* Does everything hold? Each breach is told as a sentence; nothing is repaired. */
#include "store/store_sqlite.h"

#include <errno.h>
#include <stdio.h>

struct check {
	struct store_sqlite *lite;
	void (*tell)(void *user, const char *sentence);
	void *user;
	sqlite3_stmt *is_row, *is_label, *is_name, *is_early, *first; /* "is there ..." */
	uint64_t labels, names, earlies; /* rows that rightly lead to an instance of the blocks */
	uint64_t box, last;              /* where the walk through the blocks stands */
	int count;
};

__attribute__((format(printf, 2, 3))) static void say(struct check *check, const char *format, ...)
{
	char sentence[512];
	va_list args;

	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	check->count++;
	if (check->tell)
		check->tell(check->user, sentence);
}

#define N(n) ((unsigned long long)(n))

/* Runs a query and hands every row to `row`. */
static int each(struct check *check, const char *text, int (*row)(struct check *check, sqlite3_stmt *stmt))
{
	sqlite3_stmt *stmt;
	int r = sqlite_prepare(&check->lite->sql, text, &stmt);

	if (r < 0)
		return r;
	while ((r = sqlite_step(&check->lite->sql, stmt)) > 0) {
		r = row(check, stmt);
		if (r < 0)
			break;
	}
	sqlite3_finalize(stmt);
	return r;
}

/* Binds nothing; the caller did. 1: there is such a row. */
static int is_there(struct check *check, sqlite3_stmt *stmt)
{
	int r = sqlite_step(&check->lite->sql, stmt);

	sqlite3_reset(stmt);
	return r;
}

static int has_row(struct check *check, uint64_t no)
{
	sqlite_bind(check->is_row, 1, no);
	return is_there(check, check->is_row);
}

/* --- the file and the rows --- */

static int file_row(struct check *check, sqlite3_stmt *stmt)
{
	struct slice text = sqlite_slice(stmt, 0);

	if (!slice_is_text(text, "ok"))
		say(check, "the file: %.*s", SLICE_ARG(text));
	return 0;
}

static int parent_row(struct check *check, sqlite3_stmt *stmt)
{
	say(check, "row %llu stands under %llu, which %s", N(sqlite_u64(stmt, 0)), N(sqlite_u64(stmt, 1)),
	    sqlite_u64(stmt, 2) ? "is younger" : "is not there");
	return 0;
}

static int name_row(struct check *check, sqlite3_stmt *stmt)
{
	say(check, "row %llu has %llu children named \"%.*s\"", N(sqlite_u64(stmt, 0)),
	    N(sqlite_u64(stmt, 2)), SLICE_ARG(sqlite_slice(stmt, 1)));
	return 0;
}

static int id_row(struct check *check, sqlite3_stmt *stmt)
{
	say(check, "%llu rows have the identifier \"%.*s\"", N(sqlite_u64(stmt, 1)),
	    SLICE_ARG(sqlite_slice(stmt, 0)));
	return 0;
}

static int check_rows(struct check *check)
{
	int r = each(check, "PRAGMA integrity_check(20)", file_row);

	if (r == 0)
		r = each(check,
		         "SELECT r.no, r.parent, p.no IS NOT NULL FROM res r LEFT JOIN res p ON p.no = "
		         "r.parent "
		         "WHERE r.parent <> 0 AND (p.no IS NULL OR r.parent >= r.no)",
		         parent_row);
	if (r == 0)
		r = each(check,
		         "SELECT parent, rn, count(*) FROM res GROUP BY parent, rn HAVING count(*) > 1",
		         name_row);
	if (r == 0)
		r = each(check, "SELECT ri, count(*) FROM res GROUP BY ri HAVING count(*) > 1", id_row);
	return r;
}

/* --- boxes --- */

struct sum {
	struct check *check;
	const struct store_box *box;
	uint64_t count, bytes, last;
};

static int sum_inst(void *user, const struct store_inst *inst)
{
	struct sum *sum = user;

	sum->count++;
	sum->bytes += inst->cs;
	if (sum->last && inst->seq <= sum->last)
		say(sum->check, "box %llu: instance %llu comes after %llu", N(inst->box), N(inst->seq),
		    N(sum->last));
	sum->last = inst->seq;
	if (inst->seq >= sum->box->next)
		say(sum->check, "box %llu: instance %llu is there, yet the next would be %llu", N(inst->box),
		    N(inst->seq), N(sum->box->next));
	if (inst->seq < sum->box->first)
		say(sum->check, "box %llu: instance %llu is there, yet the first is %llu", N(inst->box),
		    N(inst->seq), N(sum->box->first));
	return 0;
}

static int check_box(void *user, const struct store_box *box)
{
	struct check *check = user;
	struct sum sum = {.check = check, .box = box};
	int r = store_sqlite_walk(&check->lite->store, box->no, 0, 1, true, sum_inst, &sum);

	if (r == -EBADMSG) {
		say(check, "box %llu: its instances cannot be read", N(box->no));
		return 0;
	}
	if (r < 0)
		return r;
	if (sum.count != box->cni)
		say(check, "box %llu: %llu instances are counted, %llu are there", N(box->no), N(box->cni),
		    N(sum.count));
	if (sum.bytes != box->cbs)
		say(check, "box %llu: %llu bytes are counted, %llu are there", N(box->no), N(box->cbs),
		    N(sum.bytes));
	r = has_row(check, box->no);
	if (r == 0)
		say(check, "box %llu belongs to no row", N(box->no));
	return r < 0 ? r : 0;
}

static int check_note(void *user, const struct store_note *note)
{
	struct check *check = user;
	int r = has_row(check, note->row);

	if (r == 0)
		say(check, "note %llu belongs to row %llu, which is not there", N(note->id), N(note->row));
	return r < 0 ? r : 0;
}

/* --- blocks, and what leads into them --- */

/* The blocks of a box that no one knows, or that stayed below its first instance. */
static int check_stray(struct check *check, uint64_t no, uint64_t lowest)
{
	const struct store_sqlite_gone *gone = store_sqlite_gone_find(check->lite, no);
	uint64_t first = 0;
	int r;

	sqlite_bind(check->first, 1, no);
	r = sqlite_step(&check->lite->sql, check->first);
	if (r > 0)
		first = sqlite_u64(check->first, 0);
	sqlite3_reset(check->first);
	if (r < 0 || (gone && lowest < gone->below))
		return r < 0 ? r : 0; /* being deleted */
	if (!r && !tail_box_find(check->lite->tail.old, no))
		say(check, "instances stand under box %llu, which is not there", N(no));
	if (lowest < first)
		say(check, "box %llu: instance %llu stayed in its block, yet the first is %llu", N(no),
		    N(lowest), N(first));
	return 0;
}

static bool is_repeated(struct slice packed, struct slice rest, struct slice label)
{
	struct slice before;

	packed.len -=
	        rest.len + label.len; /* those ahead of this one; the head of its own length does no harm */
	while (journal_next_label(&packed, &before))
		if (slice_is(before, label))
			return true;
	return false;
}

static int check_labels(struct check *check, const struct journal_record *record)
{
	const struct store_inst *inst = &record->inst;
	struct slice packed = record->packed, label;
	int r;

	while (journal_next_label(&packed, &label)) {
		if (is_repeated(record->packed, packed, label))
			continue;
		sqlite_bind_text(check->is_label, 1, label);
		sqlite_bind(check->is_label, 2, inst->box);
		sqlite_bind(check->is_label, 3, inst->seq);
		r = is_there(check, check->is_label);
		if (r < 0)
			return r;
		if (!r)
			say(check, "instance %llu of box %llu is not found by its label \"%.*s\"",
			    N(inst->seq), N(inst->box), SLICE_ARG(label));
		check->labels += r > 0;
	}
	return 0;
}

static int check_name(struct check *check, const struct store_inst *inst)
{
	const struct store_sqlite_gone *gone = store_sqlite_gone_find(check->lite, inst->box);
	int r;

	if (!inst->rn.len)
		return 0;
	sqlite_bind(check->is_name, 1, inst->box);
	sqlite_bind_text(check->is_name, 2, inst->rn);
	sqlite_bind(check->is_name, 3, inst->seq);
	r = is_there(check, check->is_name);
	check->names += r > 0;
	/* One that is hidden may have lost its name to a younger. */
	if (r == 0 && !(gone && inst->seq < gone->below) &&
	    !tail_hides(&check->lite->tail, inst->box, inst->seq))
		say(check, "instance %llu of box %llu is not found by its name \"%.*s\"", N(inst->seq),
		    N(inst->box), SLICE_ARG(inst->rn));
	return r < 0 ? r : 0;
}

static int check_early(struct check *check, const struct store_inst *inst)
{
	int r;

	if (!inst->early)
		return 0;
	sqlite_bind(check->is_early, 1, (uint64_t)inst->et);
	sqlite_bind(check->is_early, 2, inst->box);
	sqlite_bind(check->is_early, 3, inst->seq);
	r = is_there(check, check->is_early);
	check->earlies += r > 0;
	if (r == 0)
		say(check, "instance %llu of box %llu is not found by its early end", N(inst->seq),
		    N(inst->box));
	return r < 0 ? r : 0;
}

static int check_record(struct check *check, const struct journal_record *record)
{
	const struct store_inst *inst = &record->inst;
	int r;

	if (inst->seq <= check->last)
		say(check, "box %llu: instance %llu stands behind %llu in the table", N(inst->box),
		    N(inst->seq), N(check->last));
	check->last = inst->seq;
	r = check_labels(check, record);
	if (r == 0)
		r = check_name(check, inst);
	return r < 0 ? r : check_early(check, inst);
}

static int block_row(struct check *check, sqlite3_stmt *stmt)
{
	uint64_t box = sqlite_u64(stmt, 0), first = sqlite_u64(stmt, 1), last = sqlite_u64(stmt, 2),
	         lowest = 0;
	struct slice data = sqlite_slice(stmt, 3);
	struct journal_record record;
	int r = 0;

	if (box != check->box) {
		check->box = box;
		check->last = 0;
		r = check_stray(check, box, first);
	}
	while (r == 0 && journal_take_inst(&data, &record)) {
		lowest = lowest ? lowest : record.inst.seq;
		record.inst.box = box;
		r = check_record(check, &record);
	}
	if (r == 0 && data.len)
		say(check, "box %llu: the block from %llu to %llu is broken", N(box), N(first), N(last));
	else if (r == 0 && (lowest != first || check->last != last))
		say(check, "box %llu: the block from %llu to %llu holds %llu to %llu", N(box), N(first),
		    N(last), N(lowest), N(check->last));
	return r;
}

static int check_strays(struct check *check, const char *text, const char *what, uint64_t wanted)
{
	int64_t there;
	int r = sqlite_number(&check->lite->sql, text, &there);

	if (r == 0 && (uint64_t)there != wanted)
		say(check, "%lld rows lead to instances by their %s, %llu should", (long long)there, what,
		    N(wanted));
	return r;
}

static int check_blocks(struct check *check)
{
	int r = each(check, "SELECT box, first, last, data FROM block ORDER BY box, last", block_row);

	/* All that should lead somewhere was found: if there are more, they lead nowhere. */
	if (r == 0)
		r = check_strays(check, "SELECT count(*) FROM label", "labels", check->labels);
	if (r == 0)
		r = check_strays(check, "SELECT count(*) FROM name", "names", check->names);
	if (r == 0)
		r = check_strays(check, "SELECT count(*) FROM early", "early ends", check->earlies);
	return r;
}

/* --- the journals --- */

static int journal_row(struct check *check, sqlite3_stmt *stmt)
{
	struct slice blob = sqlite_slice(stmt, 1);
	struct journal_record record;
	bool ok = journal_open(&blob);

	while (ok && blob.len)
		ok = journal_take(&blob, &record);
	if (!ok)
		say(check, "row %llu of a journal is broken", N(sqlite_u64(stmt, 0)));
	return 0;
}

static int check_all(struct check *check)
{
	struct store_reader reader = {.box = check_box, .note = check_note, .user = check};
	int r = check_rows(check);

	if (r == 0)
		r = each(check, "SELECT n, batch FROM journal_a UNION ALL SELECT n, batch FROM journal_b",
		         journal_row);
	if (r == 0)
		r = store_sqlite_tell_boxes(check->lite, &reader);
	if (r == 0)
		r = store_sqlite_tell_notes(check->lite, &reader);
	return r == 0 ? check_blocks(check) : r;
}

static int prepare(struct check *check)
{
	const struct {
		sqlite3_stmt **stmt;
		const char *text;
	} wanted[] = {
	        {&check->is_row, "SELECT 1 FROM res WHERE no = ?1"},
	        {&check->is_label, "SELECT 1 FROM label WHERE label = ?1 AND box = ?2 AND seq = ?3"},
	        {&check->is_name, "SELECT 1 FROM name WHERE box = ?1 AND rn = ?2 AND seq = ?3"},
	        {&check->is_early, "SELECT 1 FROM early WHERE et = ?1 AND box = ?2 AND seq = ?3"},
	        {&check->first, "SELECT first FROM box WHERE no = ?1"},
	};
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(wanted) / sizeof(*wanted); i++)
		r = sqlite_prepare(&check->lite->sql, wanted[i].text, wanted[i].stmt);
	return r;
}

int store_sqlite_check(struct store *store, void (*tell)(void *user, const char *sentence), void *user)
{
	struct check check = {.lite = store_sqlite_of(store), .tell = tell, .user = user};
	int r;

	if (check.lite->failed || store->ops->is_dirty(store))
		return -EBUSY;
	r = store_sqlite_begin_reading(check.lite);
	if (r == 0)
		r = prepare(&check);
	if (r == 0)
		r = check_all(&check);
	sqlite3_finalize(check.is_row);
	sqlite3_finalize(check.is_label);
	sqlite3_finalize(check.is_name);
	sqlite3_finalize(check.is_early);
	sqlite3_finalize(check.first);
	r = store_sqlite_end_reading(check.lite, r);
	return r < 0 ? r : check.count;
}
