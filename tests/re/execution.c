#include "operation.h"

/* ---- telling the watchers ---- */

static Google__Protobuf__Any *metadata_of(struct arena *a, const struct operation *op, Re__ExecutionStage__Value stage)
{
	Re__ExecuteOperationMetadata m = RE__EXECUTE_OPERATION_METADATA__INIT;

	m.stage = stage;
	m.action_digest = digest_message(a, &op->digest);
	return any_of(a, &m.base, "build.bazel.remote.execution.v2.ExecuteOperationMetadata");
}

static Google__Longrunning__Operation *message_of(struct arena *a, const struct operation *op,
		Re__ExecutionStage__Value stage)
{
	Google__Longrunning__Operation *m = message_new(a, &google__longrunning__operation__descriptor);

	m->name = op->name.p;
	if (op->server->like->metadata)
		m->metadata = metadata_of(a, op, stage);
	m->done = op->done;
	if (op->done && op->error) {
		m->result_case = GOOGLE__LONGRUNNING__OPERATION__RESULT_ERROR;
		m->error = op->error;
	} else if (op->done && op->response) {
		m->result_case = GOOGLE__LONGRUNNING__OPERATION__RESULT_RESPONSE;
		m->response = any_of(a, &op->response->base, "build.bazel.remote.execution.v2.ExecuteResponse");
	}
	return m;
}

static void tell(struct call *c, struct operation *op, Re__ExecutionStage__Value stage)
{
	if (op->done && call_has(c, FAULT_NEVER))
		return;
	call_send(c, &message_of(&c->arena, op, stage)->base);
	if (call_has(c, FAULT_DROP) || op->done)
		call_finish(c, OK, " ");
}

static void tell_all(struct operation *op, Re__ExecutionStage__Value stage)
{
	op->stage = stage;
	for (size_t i = 0; i < op->watchers.n; i++)
		tell(op->watchers.p[i], op, stage);
}

static void unwatch(struct call *c)
{
	struct operation *op = c->state;

	for (size_t i = 0; i < op->watchers.n; i++)
		if (op->watchers.p[i] == c) {
			op->watchers.p[i] = vec_last(&op->watchers);
			op->watchers.n--;
			return;
		}
}

static void watch(struct call *c, struct operation *op)
{
	vec_push(&op->watchers, c);
	c->state = op;
	c->dropped = unwatch;
	tell(c, op, op->stage);
}

/* ---- from queue to end ---- */

static struct operation *make_operation(struct server *s, enum digest_fn fn, const struct digest *d)
{
	struct operation *op = mem_make(struct operation);

	op->server = s;
	op->fn = fn;
	op->digest = *d;
	op->stage = RE__EXECUTION_STAGE__VALUE__QUEUED;
	op->name = str_fmt(&op->arena, "operations/%u", ++s->next_operation);
	map_put(&s->operations, op->name, op);
	return op;
}

static void start_next(struct server *s)
{
	while (s->queue.n && s->running < s->options.jobs) {
		struct operation *op = s->queue.p[0];

		memmove(s->queue.p, s->queue.p + 1, --s->queue.n * sizeof *s->queue.p);
		op->queued = false;
		op->running = true;
		s->running++;
		s->runs++;
		tell_all(op, RE__EXECUTION_STAGE__VALUE__EXECUTING);
		if (s->like->backwards)
			tell_all(op, RE__EXECUTION_STAGE__VALUE__QUEUED);
		worker_start(op);
	}
}

static void finish(struct operation *op)
{
	op->done = true;
	tell_all(op, RE__EXECUTION_STAGE__VALUE__COMPLETED);
}

static void cancelled(struct operation *op)
{
	op->error = message_new(&op->arena, &google__rpc__status__descriptor);
	op->error->code = CANCELLED;
	op->error->message = "the operation was cancelled";
}

void operation_fail(struct operation *op, int status, int exit, const char *fmt, ...)
{
	va_list ap;

	op->response = message_new(&op->arena, &re__execute_response__descriptor);
	op->response->status = message_new(&op->arena, &google__rpc__status__descriptor);
	op->response->status->code = status;
	va_start(ap, fmt);
	op->response->status->message = str_vfmt(&op->arena, fmt, ap).p;
	va_end(ap);
	if (exit) {
		op->response->result = message_new(&op->arena, &re__action_result__descriptor);
		op->response->result->exit_code = exit;
	}
}

static void keep_result(struct operation *op)
{
	const struct like *like = op->server->like;
	const Re__ActionResult *r = op->response ? op->response->result : NULL;

	if (r && (!op->response->status || op->response->status->code == OK) && (r->exit_code == 0 || like->cache_failures) &&
			(!op->action->do_not_cache || like->ignore_do_not_cache))
		result_put(op->server, op->fn, &op->digest, r);
}

void worker_ended(struct operation *op)
{
	struct server *s = op->server;

	op->running = false;
	s->running--;
	if (op->cancelled)
		cancelled(op);
	else
		keep_result(op);
	if (op->response && op->response->result)
		result_inline(s, &op->arena, op->fn, op->response->result, op->inline_out, op->inline_err);
	if (!s->stopping) {
		finish(op);
		start_next(s);
	}
}

void operations_clear(struct server *s)
{
	for (size_t i = 0; i < s->operations.n; i++) {
		struct operation *op = s->operations.entries[i].value;

		vec_free(&op->watchers);
		arena_clear(&op->arena);
		mem_free(op);
	}
	map_free(&s->operations);
	vec_free(&s->queue);
}

/* ---- Execute ---- */

struct lack { /* what of an action is not there */
	struct call *call;
	enum digest_fn fn;
	struct map seen;
	VEC(struct digest) missing;
	bool forget; /* lose it first */
	bool inputs; /* something below the input root is missing */
};

static bool lacks(struct lack *l, const Re__Digest *m, struct digest *d)
{
	if (!digest_of_message(m, d))
		return true;
	if (l->forget)
		blobs_forget(&l->call->server->blobs, l->fn, d);
	if (blobs_has(&l->call->server->blobs, l->fn, d))
		return false;
	vec_push(&l->missing, *d);
	return true;
}

static void lacks_directory(struct lack *l, const Re__Digest *m, unsigned depth)
{
	struct server *s = l->call->server;
	Re__Directory *dir;
	struct digest d;
	bool fresh;

	if (!digest_of_message(m, &d))
		return;
	map_slot(&l->seen, str_dup(&l->call->arena, str_of((char *)&d, sizeof d)), &fresh);
	if (!fresh || depth > 512)
		return;
	dir = stored_message(s, &l->call->arena, l->fn, &d, &re__directory__descriptor);
	l->inputs |= lacks(l, m, &d);
	for (size_t i = 0; dir && i < dir->n_directories; i++)
		lacks_directory(l, dir->directories[i]->digest, depth + 1);
	for (size_t i = 0; dir && i < dir->n_files; i++)
		l->inputs |= lacks(l, dir->files[i]->digest, &d);
}

static void add_details(struct call *c, const struct lack *l)
{
	Google__Rpc__PreconditionFailure failure = GOOGLE__RPC__PRECONDITION_FAILURE__INIT;
	size_t n = l->missing.n < 40 ? l->missing.n : 40; /* what fits into a header */

	failure.violations = arena_array(&c->arena, Google__Rpc__PreconditionFailure__Violation *, n);
	for (size_t i = 0; i < n; i++) {
		Google__Rpc__PreconditionFailure__Violation *v =
				message_new(&c->arena, &google__rpc__precondition_failure__violation__descriptor);
		char text[DIGEST_TEXT_MAX];

		v->type = "MISSING";
		v->subject = str_fmt(&c->arena, "blobs/%s%s", l->fn == DIGEST_BLAKE3 ? "blake3/" : "",
				digest_text(&l->missing.p[i], text)).p;
		failure.violations[failure.n_violations++] = v;
	}
	call_detail(c, &failure.base, "google.rpc.PreconditionFailure");
}

static void say_missing(struct call *c, const struct lack *l, const struct digest *action)
{
	const struct like *like = c->server->like;
	bool inputs = l->inputs;
	enum like_missing how = inputs ? like->missing_input : like->missing_action;
	struct operation *op;

	if (how != MISSING_STATUS) {
		if (how == MISSING_DETAILS)
			add_details(c, l);
		call_finish(c, FAILED_PRECONDITION, "%zu blobs of the action are not there", l->missing.n);
		return;
	}
	op = make_operation(c->server, l->fn, action);
	operation_fail(op, inputs ? INTERNAL : NOT_FOUND, 0, "%s", inputs ? "the inputs could not be fetched"
								       : "the action could not be fetched");
	op->done = true;
	watch(c, op);
}

/* Loads the action and its command and looks for all that they name.  false: the call is told what lacks. */
static bool load(struct call *c, struct lack *l, const Re__Digest *m, struct operation *op)
{
	struct server *s = c->server;
	struct digest d = op->digest;
	Re__Action *action = stored_message(s, &op->arena, op->fn, &d, &re__action__descriptor);
	Re__Command *command = NULL;

	lacks(l, m, &d);
	if (action && digest_of_message(action->command_digest, &d)) {
		command = stored_message(s, &op->arena, op->fn, &d, &re__command__descriptor);
		lacks(l, action->command_digest, &d);
	}
	if (action)
		lacks_directory(l, action->input_root_digest, 0);
	op->action = action;
	op->command = command;
	return l->missing.n == 0;
}

/* An end that a fault asked for, without running anything. */
static bool ends_at_once(struct call *c, struct operation *op)
{
	if (call_has(c, FAULT_CANCELLED))
		cancelled(op);
	else if (call_has(c, FAULT_KILLED))
		operation_fail(op, INTERNAL, 0, "the worker is gone");
	else if (!call_has(c, FAULT_EMPTY))
		return false;
	op->done = true;
	return true;
}

static bool from_cache(struct operation *op, const Re__ExecuteRequest *request)
{
	Re__ActionResult *r = request->skip_cache_lookup ? NULL : result_find(op->server, &op->arena, op->fn, &op->digest);

	if (!r)
		return false;
	result_inline(op->server, &op->arena, op->fn, r, request->inline_stdout, request->inline_stderr);
	op->response = message_new(&op->arena, &re__execute_response__descriptor);
	op->response->cached_result = true;
	op->response->result = r;
	op->done = true;
	return true;
}

static void enqueue(struct call *c, struct operation *op, const Re__ExecuteRequest *request)
{
	op->inline_out = request->inline_stdout;
	op->inline_err = request->inline_stderr;
	op->queued = true;
	watch(c, op);
	vec_push(&c->server->queue, op);
	start_next(c->server);
}

void execute(struct call *c, str bytes)
{
	const Re__ExecuteRequest *request = call_unpack(c, &re__execute_request__descriptor, bytes);
	struct lack l = {.call = c};
	struct operation *op;
	struct digest action;

	if (!request || !call_instance(c, request->instance_name) || !call_fn(c, request->digest_function, &l.fn) ||
			!call_digest(c, request->action_digest, &action))
		return;
	if (c->server->options.no_execution) {
		call_finish(c, UNIMPLEMENTED, "nothing is executed here");
		return;
	}
	l.forget = call_has(c, FAULT_FORGET);
	op = make_operation(c->server, l.fn, &action);
	op->lost = call_has(c, FAULT_LOSE);
	if (ends_at_once(c, op) || from_cache(op, request)) {
		op->stage = RE__EXECUTION_STAGE__VALUE__COMPLETED;
		watch(c, op);
	} else if (!load(c, &l, request->action_digest, op))
		say_missing(c, &l, &action);
	else if (!op->command)
		call_finish(c, INVALID_ARGUMENT, "the action or its command is no message");
	else
		enqueue(c, op, request);
	vec_free(&l.missing);
	map_free(&l.seen);
}

/* ---- WaitExecution and Operations ---- */

static struct operation *find(struct call *c, const char *name)
{
	struct operation *op = map_get(&c->server->operations, str_c(name));

	if (op && !op->lost)
		return op;
	call_finish(c, NOT_FOUND, "there is no operation '%s'", name);
	return NULL;
}

void wait_execution(struct call *c, str bytes)
{
	const Re__WaitExecutionRequest *request = call_unpack(c, &re__wait_execution_request__descriptor, bytes);
	struct operation *op = request ? map_get(&c->server->operations, str_c(request->name)) : NULL;

	if (op && call_has(c, FAULT_LOSE))
		op->lost = true;
	if (request && (op = find(c, request->name)))
		watch(c, op);
}

void get_operation(struct call *c, str bytes)
{
	const Google__Longrunning__GetOperationRequest *request =
			call_unpack(c, &google__longrunning__get_operation_request__descriptor, bytes);
	struct operation *op = request ? find(c, request->name) : NULL;

	if (op)
		call_answer(c, &message_of(&c->arena, op, op->stage)->base);
}

static void unqueue(struct operation *op)
{
	struct server *s = op->server;

	for (size_t i = 0; i < s->queue.n; i++)
		if (s->queue.p[i] == op) {
			memmove(s->queue.p + i, s->queue.p + i + 1, (--s->queue.n - i) * sizeof *s->queue.p);
			break;
		}
	op->queued = false;
	cancelled(op);
	finish(op);
}

void cancel_operation(struct call *c, str bytes)
{
	const Google__Longrunning__CancelOperationRequest *request =
			call_unpack(c, &google__longrunning__cancel_operation_request__descriptor, bytes);
	Google__Protobuf__Empty empty = GOOGLE__PROTOBUF__EMPTY__INIT;
	struct operation *op;

	if (!c->server->like->cancel) {
		call_finish(c, UNIMPLEMENTED, "CancelOperation is not known here");
		return;
	}
	if (!request || !(op = find(c, request->name)))
		return;
	if (op->queued)
		unqueue(op);
	else if (op->running) {
		op->cancelled = true;
		worker_kill(op);
	}
	call_answer(c, &empty.base);
}

void delete_operation(struct call *c, str bytes)
{
	const Google__Longrunning__DeleteOperationRequest *request =
			call_unpack(c, &google__longrunning__delete_operation_request__descriptor, bytes);
	Google__Protobuf__Empty empty = GOOGLE__PROTOBUF__EMPTY__INIT;
	struct operation *op = request ? find(c, request->name) : NULL;

	if (!op)
		return;
	op->lost = true;
	call_answer(c, &empty.base);
}

void list_operations(struct call *c, str bytes)
{
	Google__Longrunning__ListOperationsResponse answer = GOOGLE__LONGRUNNING__LIST_OPERATIONS_RESPONSE__INIT;
	struct map *all = &c->server->operations;

	if (!c->server->like->list) {
		call_finish(c, UNIMPLEMENTED, "ListOperations is not known here");
		return;
	}
	if (!call_unpack(c, &google__longrunning__list_operations_request__descriptor, bytes))
		return;
	answer.operations = arena_array(&c->arena, Google__Longrunning__Operation *, all->n);
	for (size_t i = 0; i < all->n; i++) {
		const struct operation *op = all->entries[i].value;

		if (!op->lost)
			answer.operations[answer.n_operations++] = message_of(&c->arena, op, op->stage);
	}
	call_answer(c, &answer.base);
}
