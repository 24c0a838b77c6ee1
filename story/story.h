/* SPDX-License-Identifier: Apache-2.0 */
/* What C tests from outside share: a real dured of one's own on a free port, connections to it with the bytes
 * under control, its answers taken apart, and TAP. The sister of story.sh, for those who need bytes that
 * curl would not send. Nothing here waits longer than STORY_PATIENCE_US. */
#ifndef DURE_STORY_STORY_H
#define DURE_STORY_STORY_H

#include <sys/types.h>

#include "base/buf.h"

#define STORY_PATIENCE_US 20000000
#define STORY_QUICK_US                                                                                       \
	1500000 /* a good request amid bad ones; generous, for sanitizers on a busy machine                  \
	         */

struct story {
	const char *node; /* the program */
	char dir[64];     /* all of ours; the node's data is in dir/data */
	pid_t pid;        /* 0: no node runs */
	int port, count, failed;
	struct arena arena; /* answers live here */
};

/* An answer. status 0: none came, and fault says why. */
struct answer {
	int status, rsc;
	struct slice head, body, rqi;
	int64_t us; /* from sending to its end */
	const char *fault;
};

/* A connection. */
struct line {
	int fd;
	struct buf in;
	bool ended; /* the node sends no more */
};

/* A request. What is 0 or NULL is as usual: POST, /cse-in/home, CAdmin, "r1", no ty, nothing more. */
struct ask {
	const char *method, *path, *from, *rqi;
	int ty;
	const char *more; /* header lines, each with its CR LF */
	struct slice body;
};

/* Makes the directory; argv[1] is the node's program. False: no program was named. */
bool story_begin(struct story *story, int argc, char **argv);
/* Starts a node; options end with NULL. Ends the test when it does not come up. */
void story_start(struct story *story, const char *const *options);
/* SIGTERM, and its exit status; -1 when it did not end by itself. */
int story_stop(struct story *story);
/* kill -9. */
void story_kill(struct story *story);
/* What `dure fsck` beside the node's program says of the data: 0 clean; -1: there is no such program. */
int story_fsck(struct story *story);
/* Two checks: the node stops with 0, and then dure fsck finds nothing (skipped where dure is not built). */
void story_stops_well(struct story *story);
/* As many open files as we may have: for crowds. The node inherits it; call before story_start. */
void story_want_files(void);
/* The plan, and what main() returns. Takes the directory away. */
int story_end(struct story *story);

/* A line of TAP; returns good. */
bool story_check(struct story *story, bool good, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
/* A remark below it. */
void story_note(const char *format, ...) __attribute__((format(printf, 1, 2)));
void story_skip(struct story *story, const char *what, const char *reason);

/* fd -1: refused. */
void story_connect(const struct story *story, struct line *line);
void story_hang_up(struct line *line);
/* Sends all, reading answers meanwhile. False: the other side did not take it all. */
bool story_send(struct line *line, struct slice bytes);
/* The next answer on the connection; it lives in the story's arena. False: see its fault. */
bool story_hear(struct story *story, struct line *line, struct answer *ret);
/* Reads until the other side hangs up. False: it does not, within `us`. */
bool story_hear_end(struct line *line, int64_t us);

/* The request as bytes. */
void story_write(struct buf *buf, const struct ask *ask);
/* On a connection of its own. */
bool story_ask(struct story *story, const struct ask *ask, struct answer *ret);
bool story_ask_raw(struct story *story, struct slice bytes, struct answer *ret);
/* POST of a resource below `path`; true when it was created. */
bool story_create(struct story *story, const char *path, int ty, const char *body);
/* The answers until now are not needed any more. */
void story_forget(struct story *story);

/* A refusal as it must be: that status and code (0: any of 4xx or 501, any code fitting), a sentence in
 * m2m:dbg. Else says in a remark what is wrong. */
bool story_is_refusal(const struct answer *answer, int status, int rsc);
/* The node answers a good request, quickly. */
bool story_is_well(struct story *story);
bool story_has(struct slice text, const char *word);
/* A figure of /metrics; -1 when it is not there. */
int64_t story_metric(struct story *story, const char *name);

#endif
