/* operation.h: one action on its way, from Execute to its result.
 *
 * It outlives the calls that watch it: one that the client drops goes on, WaitExecution finds it by name. */
#ifndef RE_OPERATION_H
#define RE_OPERATION_H

#include "services.h"

struct operation {
	struct server *server;
	struct arena arena;
	str name;
	enum digest_fn fn;
	struct digest digest; /* of the action */
	const Re__Action *action;
	const Re__Command *command;
	bool inline_out, inline_err;
	Re__ExecutionStage__Value stage;
	bool queued, running, done, lost;
	VEC(struct call *) watchers;
	/* What it came to, in the arena: an error, a response, or neither. */
	Google__Rpc__Status *error;
	Re__ExecuteResponse *response;
	/* The worker's. */
	uv_process_t process;
	uv_timer_t timer;
	str dir, root, work; /* the scratch directory, the input root and the working directory in it */
	bool timed_out, cancelled;
	int64_t started_ns, ended_ns;
};

/* Runs the action; worker_ended is called once, in a later turn of the loop or at once. */
void worker_start(struct operation *);
void worker_kill(struct operation *); /* worker_ended still comes */
void worker_ended(struct operation *);
/* For worker.c: the response's status, and a result that has only an exit code. */
void operation_fail(struct operation *, int status, int exit, const char *fmt, ...) SL_PRINTF(4, 5);

/* Files of the input root below `path`; 0, or a negative errno (outputs.c). */
int inputs_lay(struct server *, enum digest_fn, const Re__Digest *root, const char *path);
/* The outputs that stand below op->work, into the store and the result.  false after operation_fail. */
bool outputs_collect(struct operation *, Re__ActionResult *);

#endif
