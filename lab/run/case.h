/* SPDX-License-Identifier: Apache-2.0 */
/* clang-format off */
/* A case: a short story about a oneM2M server, told as text, that either comes true or does not.
 *
 * THE GRAMMAR, all of it. A file *.case holds cases and scenes; `#` with a blank behind it opens a comment.
 *
 *   case NAME "sentence"       starts a case; the name is unique among all files
 *   scene NAME                 starts a piece of story that cases may `use` (in this file, or from scenes.case)
 *
 * Within a case, first what is known of it:
 *   cites TS-0001 9.6.6, ...   the clauses it rests on
 *   needs WORD ...             types by short name (cnt), features (virtual-time ...), a binding (http coap mqtt ws),
 *                              an encoding (json cbor xml): else it is skipped
 *   tp TP/oneM2M/CSE/...       the official test purpose
 *   vary COL COL ...           a table in the indented lines below: the case is told once for each row, with $COL
 *                              replaced everywhere, in the NAME too; 'single quotes' hold a column with blanks
 *
 * then the story, a verb a line (it goes on while a bracket is open, or when the next line begins with -> or body):
 *   use SCENE [COL=TEXT ...]   the scene's lines, with $COL replaced
 *   repeat N [NAME] ... end    the lines N times, $NAME (or $n) counting from 1
 *   as WHO                     who speaks from here on: "Cmeter", admin (the start), nobody (no originator at all)
 *   create PARENT TYPE [PARAM ...] [BODY] [-> EXPECT]      TYPE: cnt, cod:binSh, bat, or a number
 *   get PATH [PARAM ...] [-> EXPECT]
 *   set PATH [TYPE] [PARAM ...] BODY [-> EXPECT]
 *   delete PATH [PARAM ...] [-> EXPECT]
 *   notify PATH [PARAM ...] BODY [-> EXPECT]
 *   find PATH [PARAM ...] [-> EXPECT]                      a get with fu=1
 *   later NAME VERB ...        sends and goes on;  await NAME [-> EXPECT]  hears the answer
 *   raw METHOD TARGET ["Header: v" | Header: ] ... [body TEXT ...] [-> EXPECT]
 *                              any HTTP request (raw, bytes, headers and `http` are skipped over other bindings); X-M2M-Origin, RI, RVI and Host are added unless named; `Header:`
 *                              alone leaves it out; $cse is the name of the CSEBase, $csi the CSE-ID without slash
 *   bytes TEXT ... [-> EXPECT] these very bytes on a fresh connection
 *   let NAME = VALUE           a word or body; answer.m2m:cnt.ri, answer.m2m:uril.0, answer.rsc, heard.m2m:sgn.sur
 *   listen BOX [answers [STATUS] | answers-with BODY | refuses RSC | slow TIME | hangs | hangs-up | drips | garbage]
 *                              a receiver of notifications, of the binding and encoding under test (of HTTP where
 *                              only that can misbehave so); said again, it changes how it answers
 *   listen BOX as "WHO"        a receiver that is WHO, reached the way WHO speaks: mqtt and ws only; BOX stands for WHO
 *   hear BOX verify|notify|deletion|batch|response|sgn|any [NAME=PATTERN ...] [PATTERN]
 *                              the next thing it received. notify: PATTERN is of nev.rep ({ cin: { con: "1" } }),
 *                              else of the root's value; NAME: net, ec, fr, method. A verification that nobody
 *                              asks for is passed over
 *   silence BOX                nothing came, and nothing comes
 *   pass TIME                  time goes by (us ms s m h d): none at all on our own node
 *   topology NAME              reserved
 *
 * PATH: ~ is the CSEBase by its name, ~/meter/kwh what stands below it; before it sp: (SP-relative), abs: (absolute),
 * ri: (the unstructured ID of that resource), dash: (- for the CSEBase); ri:~/meter//la and ~/x#lbl are fine. Another
 * word is sent as it stands. PARAM: rcn=4, lbl="a b", rqet=@+5s, fr=..., nu=[box], rvi=none: parameters and filter
 * criteria by short name, an attribute's name is a condition; `body TEXT` for BODY (skipped where it is no JSON and the
 * encoding another). "X-Header: v" adds a header. In a case that needs coap: "Accept: 60", "Content-Format: 10001",
 * "Type: NON", "Code: 0.05", "Option-65000: text", and Code, Content-Format, Max-Age, Location-Path, Option-N of answers;
 * in one that needs mqtt: "Topic: t", "Answer-Topic: t" and Topic of answers; ws: Frame of answers (text, binary).
 *
 * BODY: JSON, where names need no quotes (but a blank after their colon) and a value may also be a bare word:
 *   ~/meter sp:~ ri:~/meter sp:Cmeter (addresses) · $name · @now @+60s @-1h (a timestamp) · a box (its URL) · nowhere
 *   (a dead URL) · broker (mqtt: its URL) · admin cse csi spid (who and what the server is) · text(5000) · times(20,"[") · byte(0xff)
 * Without its root it is wrapped: create ~ cnt {rn: "a"} sends {"m2m:cnt": {"rn": "a"}}. In quotes all is verbatim.
 *
 * EXPECT: CODES [PATTERN] [PARAM=PATTERN | Header:PATTERN] ...
 *   CODES: 2001 · 4117|4105 · 4xxx · http 405 · closed (the connection, no answer)    without -> : any 2xxx
 *   PATTERN: `nothing` (no content), a list or #3 (of the value of the root), or an object: at least these members,
 *   of the resource, or of the whole content when its first name is the root. Lists: the same members in any order.
 *   !{ } exactly these members · ![ ] in this order · [ ... a ] at least these · and as values: * there · absent ·
 *   null · >3 >=3 <3 !=3 (numbers, times) · ~a*b (text with stars) · #3 #>3 (so many members) · 1|2 · number text list
 *   object bool time · the bare words of a BODY; an address is equal in any scope, at:~/x as an unstructured one too.
 */
/* clang-format on */
#ifndef DURE_LAB_CASE_H
#define DURE_LAB_CASE_H

#include "base/fail.h"
#include "codec/val.h"

enum verb {
	VERB_AS,
	VERB_CREATE,
	VERB_GET,
	VERB_SET,
	VERB_DELETE,
	VERB_NOTIFY,
	VERB_FIND,
	VERB_RAW,
	VERB_BYTES,
	VERB_LATER,
	VERB_AWAIT,
	VERB_LET,
	VERB_LISTEN,
	VERB_HEAR,
	VERB_SILENCE,
	VERB_PASS,
	VERB_TOPOLOGY,
	VERB_COUNT
};

struct word {
	struct slice text;
	bool quoted;      /* any part of it stood in quotes: then it is nobody's name */
	struct val *body; /* PARAM=[...]: the value; else NULL */
};

struct expect {
	struct slice codes;  /* "4117|4105"; "closed" */
	bool http;           /* codes are HTTP statuses */
	bool nothing;        /* no content may be there */
	struct val *pattern; /* NULL: any content */
	struct word *params; /* cnst=1, Content-Location:* */
	size_t param_count;
};

struct step {
	enum verb verb;
	enum verb inner; /* of VERB_LATER */
	unsigned line;
	struct slice text;  /* as told, after replacing; for reports */
	struct slice name;  /* of later, await, let, listen, hear, silence */
	struct word *words; /* what stands between the verb and the body or arrow */
	size_t word_count;
	struct val *body; /* BODY; bare words are VAL_JSON */
	struct expect *expect;
	int64_t us; /* of pass */
};

struct lab_case {
	const char *file, *area; /* "lab/cases/cnt/limits.case", "cnt" */
	unsigned line;
	struct slice name, title, tp;
	struct slice *needs;
	size_t need_count;
	struct slice *cites;
	size_t cite_count;
	struct step *steps;
	size_t step_count;
	int64_t passes; /* all `pass` together, microseconds */
	bool topology;  /* wants several members */
};

struct case_set {
	struct lab_case *cases;
	size_t count, cap;
};

/* Reads one file's text into the set. `scenes`, when not NULL, is the text of scenes.case. Everything lives
 * in arena, as do the texts. Refuses with "file:line:column: what was expected". */
MUST_CHECK int case_read(struct arena *arena, const char *file, const char *area, struct slice text,
                         struct slice scenes, struct why *why, struct case_set *set);

/* Reads a file, or every *.case below a folder, in the order of their names. 0, a refusal, or -errno. */
MUST_CHECK int case_load(struct arena *arena, const char *path, struct why *why, struct case_set *set);

#endif
