/* SPDX-License-Identifier: Apache-2.0 */
/* The walk of a request: eight steps, a table in steps.c. Each returns what comes next. */
#ifndef DURE_ENGINE_STEPS_H
#define DURE_ENGINE_STEPS_H

#include "engine/req.h"
#include "engine/tree.h"

enum step_result {
	STEP_NEXT, /* go on with the next step */
	STEP_WAIT, /* an answer is awaited; steps_resume() calls this same step again */
	STEP_DONE, /* the answer stands in req->out */
};

int step_authenticate(struct req *req);
int step_resolve(struct req *req);
int step_forward(struct req *req);
int step_authorize(struct req *req);
int step_validate(struct req *req);
int step_execute(struct req *req);
int step_notify(struct req *req);
int step_respond(struct req *req);

/* A request goes on that has waited for long: STEP_NEXT, or STEP_DONE with a refusal when its proof does not
 * stand any more. */
enum step_result authenticate_again(struct req *req);
/* Asks the admission port whether the owner to be of what req->type names may have one more: 0, a refusal
 * (4139), or a fault. */
MUST_CHECK int validate_growth(struct req *req);

/* Walks on from req->step; called by engine_submit and steps_resume. */
void steps_walk(struct req *req);
/* What a waiting step waited for has come: it is called again. */
void steps_resume(struct req *req);
/* Ends the request now with what stands in out (a deadline passed, the engine reloads). */
void steps_finish(struct req *req);

/* Ends all that wait with 5000: memory is about to be loaded anew. */
void steps_give_up(struct engine *engine);

#endif
