/* SPDX-License-Identifier: Apache-2.0 */
/* What the words of a case stand for: addresses (~/meter, sp:, ri:), variables, times, receivers, who is who.
 * The one place where a story meets the server it is told about. */
#ifndef DURE_LAB_NAMES_H
#define DURE_LAB_NAMES_H

#include "base/fail.h"
#include "codec/val.h"

/* The server under test. Texts are NUL-terminated slices. */
struct names_server {
	struct slice cse_name; /* "cse-in" */
	struct slice cse_id;   /* "/id-in" */
	struct slice sp_id;    /* "//sp.example" */
	struct slice admin;    /* "CAdmin" */
};

/* Something this case made, or looked up. */
struct names_made {
	struct slice path; /* CSE-relative, structured: "cse-in/meter/kwh" */
	struct slice ri;   /* empty: not known */
	struct slice root; /* "m2m:cnt"; empty: not known */
	bool ours;         /* made by this case: it will be removed */
	struct names_made *next;
};

struct names_var {
	struct slice name;
	const struct val *value;
	struct names_var *next;
};

struct names {
	const struct names_server *server;
	struct arena *arena; /* of the case */
	struct names_made *made;
	struct names_var *vars;
	int64_t clock; /* microseconds: the server's time, when it is virtual */
	int64_t skew;  /* microseconds: the server's time less ours, when it is not */
	bool is_virtual;
	const struct val *answer, *heard; /* what `answer.` and `heard.` look into; may be NULL */
	void *user;
	/* Asks the server for the ri of a structured path. */
	int (*look_up)(void *user, struct slice path, struct slice *ret_ri, struct why *why);
	/* The URL of a receiver of this case; false: no such. */
	bool (*box)(void *user, struct slice name, struct slice *ret_url);
};

int64_t names_now(const struct names *names);

/* A word that is an address: into what is sent as `to`, and, when path is not NULL, the structured
 * CSE-relative path it was written with (the text itself when it was not written with ~). $NAME is replaced.
 */
MUST_CHECK int names_address(struct names *names, struct slice word, struct why *why, struct slice *ret_to,
                             struct slice *ret_path);
/* One bare word of a body; VAL_JSON in, an ordinary value out. */
MUST_CHECK int names_bare(struct names *names, struct slice word, struct why *why, struct val **ret);
/* A whole body, bare words and all. */
MUST_CHECK int names_body(struct names *names, const struct val *body, struct why *why, struct val **ret);
/* $NAME within a word, replaced by its text. Unknown names are refused. */
MUST_CHECK int names_text(struct names *names, struct slice word, struct why *why, struct slice *ret);

void names_let(struct names *names, struct slice name, const struct val *value);
const struct val *names_var(const struct names *names, struct slice name);
/* Walks "m2m:uril.0" into a value; NULL when it leads nowhere. */
const struct val *names_walk(const struct val *v, struct slice path);

struct names_made *names_find(const struct names *names, struct slice path);
/* Finds or adds. */
struct names_made *names_make(struct names *names, struct slice path);
/* Two addresses of one resource, in whatever form (but structured stays structured). */
bool names_same(const struct names *names, struct slice a, struct slice b);
bool names_is_address(struct slice word);
/* at:~/meter: is found an address of it in any form, the unstructured one too? */
bool names_is_at(const struct names *names, struct slice word, struct slice found);

#endif
