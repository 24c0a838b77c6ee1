/* SPDX-License-Identifier: Apache-2.0 */
/* The tree of resources in memory: every structural resource is a node; instances stand in the box of their
 * node and are fetched from the store. The tree is primary; each change is also put into the store's batch by
 * the function that makes it. */
#ifndef DURE_ENGINE_TREE_H
#define DURE_ENGINE_TREE_H

#include "base/map.h"
#include "base/timer.h"
#include "engine/owner.h"
#include "model/id.h"
#include "model/type.h"
#include "store/store.h"

struct engine;
struct node;

/* The size and time of the oldest instances, read ahead so that retention need not ask the store each time.
 */
struct box_ahead {
	size_t count, at;
	struct box_size {
		uint64_t seq, cs;
		int64_t et;
	} size[64];
};

/* What a node that keeps instances or a state tag knows besides. */
struct box {
	struct store_box s; /* next, first, cni, cbs, st, lt */
	uint64_t mni, mbs;  /* UINT64_MAX: no limit */
	int64_t mia;        /* microseconds; INT64_MAX: no limit */
	bool disr, fcied;
	bool has_names;            /* some instance may have a name given by a client */
	int64_t last_et;           /* of the newest: an earlier one behind it is "early" */
	struct store_inst *newest; /* malloc'ed copy; NULL: not known (ask the store) or none */
	struct box_ahead *ahead;   /* NULL until a limit or an expiry needs it */
	struct timer expire;       /* of the oldest instance */
	struct node *node;
};

struct node {
	uint64_t no;
	struct node *parent;       /* NULL: CSEBase */
	struct node *first, *last; /* children, oldest first */
	struct node *prev, *next;  /* siblings */
	const struct type *type;
	int64_t ct, lt, et;    /* et 0: never (CSEBase) */
	struct slice ri, rn;   /* one block, with the node */
	struct slice owner;    /* who created it, SP-relative; the text is account's */
	struct owner *account; /* NULL: nobody */
	struct slice body;     /* attributes that are not fields here, as JSON members; heap */
	struct box *box;       /* types with a state tag; else NULL */
	void *extra;           /* what the type compiled from the body; see type/ */
	struct node *subs;     /* first subscription among the children, or NULL (hint: scan from it) */
	uint32_t sub_count;    /* subscriptions among the children */
	uint32_t child_count;
	struct node **acps; /* acpi resolved, valid while acps_epoch is the tree's */
	uint32_t acp_count, acps_epoch;
	struct timer expire;
	struct label_ref *labels; /* its entries in the label index */
};

/* One label of one node. Those of the same text hang together below one struct label of the index. */
struct label_ref {
	struct label *label;
	struct node *node;
	struct label_ref *of_node;         /* next of the same node */
	struct label_ref *previous, *next; /* of the same text */
};
struct label {
	struct slice text;
	struct label_ref *refs;
};

struct tree {
	struct engine *engine;
	struct store *store;
	struct timers *timers;
	struct node *base;  /* the CSEBase */
	struct map by_ri;   /* hash of ri */
	struct map by_name; /* hash of parent and rn */
	struct map by_no;
	struct map by_label; /* struct label */
	struct map owners;   /* struct owner */
	uint64_t next_no;
	uint64_t reserved_no; /* numbers below are durably taken: none is used twice, also after a crash */
	uint32_t acp_epoch;
	bool compiled; /* loading is over */
	uint64_t nodes, instances;
	uint64_t seed; /* of the hashes */
};

#define tree_each_child(parent, child) for (struct node *child = (parent)->first; child; child = child->next)

void tree_init(struct tree *tree, struct engine *engine, struct store *store, struct timers *timers);
/* Frees all nodes; touches no store. */
void tree_finish(struct tree *tree);
/* Fills the tree from the store and compiles every node. 0 or -errno. */
MUST_CHECK int tree_load(struct tree *tree);

/* Finders: NULL when there is none. */
struct node *tree_by_ri(const struct tree *tree, struct slice ri);
struct node *tree_by_no(const struct tree *tree, uint64_t no);
struct node *tree_child(const struct tree *tree, const struct node *parent, struct slice rn);
/* Any address that this CSE hosts ("cse-in/a", "/id-in/cnt-4", "//sp/..."), structural resources only. */
struct node *tree_find(const struct tree *tree, const struct id_self *self, struct slice address);
/* Is node below (or equal to) root? */
bool tree_is_below(const struct node *node, const struct node *root);

/* What a new node is made of. The slices are copied. */
struct node_seed {
	struct node *parent;
	const struct type *type;
	uint64_t no; /* 0: the next one; else one that tree_take_no gave */
	int64_t ct, et;
	struct slice ri, rn; /* empty: made up */
	struct slice owner, body;
};
/* Takes a number for a node to be; tree_name_of writes the resourceID made from it ("sub-3f"). */
uint64_t tree_take_no(struct tree *tree);
/* A number in base 36, written backwards from `end` (at most 13 bytes); returns where it begins. */
char *tree_print_no(char *end, uint64_t no);
struct slice tree_name_of(const struct type *type, uint64_t no, struct arena *arena);
/* Makes the node, indexes it, puts it into the batch; does not compile it (type_ops_compile does). */
struct node *tree_add(struct tree *tree, const struct node_seed *seed);
/* New attributes and time; puts it into the batch. body is copied. */
void tree_change(struct tree *tree, struct node *node, struct slice body, int64_t lt, int64_t et);
/* Only the row again (box untouched). */
void tree_touch(struct tree *tree, struct node *node, int64_t lt);
/* Takes the node and all below it out of the tree, the store and memory, children first. `each` is called for
 * every node before it goes (its children are gone then); may be NULL. */
void tree_remove(struct tree *tree, struct node *node,
                 void (*each)(struct engine *engine, struct node *node));

/* Walks the nodes under a label ('*' stands for any run): returns non-zero from fn to stop. */
int tree_walk_label(const struct tree *tree, struct slice label, int (*fn)(void *user, struct node *node),
                    void *user);

/* "cse-in/home/kitchen" of a node, or of an instance of it (its rn behind). */
struct slice tree_path(const struct node *node, struct arena *arena);
/* Depth of node below root: 0 for root itself. */
unsigned tree_depth(const struct node *node, const struct node *root);
/* The attributes (body) as a value. Parsed anew each time; never fails on what we wrote. */
struct val *node_body(const struct node *node, struct arena *arena);
/* One attribute of the body, or NULL. */
struct val *node_attr(const struct node *node, struct slice sn, struct arena *arena);

#endif
