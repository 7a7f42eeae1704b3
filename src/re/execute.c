#include "re_int.h"

/* Execute, and staying with it.
 *	ExecuteRequest { instance = 1; skip_cache_lookup = 3; Digest action = 6; ExecutionPolicy { priority = 1; } = 7;
 *	                 digest_function = 9; inline_stdout = 10; inline_stderr = 11; }
 *	WaitExecutionRequest { name = 1; }
 * A stream that breaks is taken up by WaitExecution; where the server knows the operation no more, Execute is sent
 * again: the server joins equal actions or has the result by now.  When it says that inputs are missing, in whichever
 * words (servers differ: FAILED_PRECONDITION, NOT_FOUND, INTERNAL), every blob is asked for and sent again. */

#define HEALS_MAX 3u
#define RESTARTS_MAX 5u

const char *const re_stage_names[] = {"uploading", "queued", "running", "fetching", "waiting"}; /* ORDER STAGE */

struct re_run {
	struct re_client *client;
	struct arena mem;
	struct re_action action; /* root: one reference */
	re_got_result *done;
	void *ud;
	uint64_t deadline, stage_since, heard; /* ms */
	enum re_stage stage;
	str worker;
	struct grpc_call *call;
	bool cancelled;
	bool waiting; /* the present stream is WaitExecution's */
	unsigned tries, heals, restarts;
	uint64_t puts_before; /* blobs uploaded before the last heal */
	struct buf name;      /* of the operation; empty: none is known */
	struct buf last;      /* the operation that is done; empty: not yet */
	struct re_status status; /* of the server's last refusal */
};

static void upload(struct re_run *, bool thorough);
static void execute(void *ud);

static void enter(struct re_run *r, enum re_stage stage)
{
	if (r->stage != stage)
		r->stage_since = client_now();
	r->stage = stage;
}

static void finish(struct re_run *r, const struct re_status *s, const struct re_result *result)
{
	struct re_client *c = r->client;

	r->done(r->ud, s, result);
	tree_unref(r->action.root);
	buf_free(&r->name);
	buf_free(&r->last);
	arena_clear(&r->mem);
	mem_free(r);
	client_release(c);
}

static void give_up(struct re_run *r, const struct grpc_status *s)
{
	struct re_status why = {.code = GRPC_OK};

	status_keep(&why, &r->mem, s, "the action was not executed");
	finish(r, &why, NULL);
}

static bool was_cancelled(struct re_run *r)
{
	struct grpc_status s = {.code = GRPC_CANCELLED, .source = GRPC_BY_CALLER, .text = S("it was cancelled"), .retry_ms = -1};

	if (!r->cancelled)
		return false;
	give_up(r, &s);
	return true;
}

/* ---- what the server says ---- */

/* Stages may go backwards (a worker was lost), and may not be told at all. */
static void take_metadata(struct re_run *r, str bytes)
{
	struct operation_metadata m;

	if (!operation_read_metadata(bytes, &m))
		return;
	if (m.has_stage)
		enter(r, m.stage >= 3 ? RE_RUNNING : RE_QUEUED);
	if (m.worker.n && !str_eq(m.worker, r->worker))
		r->worker = str_dup(&r->mem, m.worker);
}

static void on_message(void *ud, struct grpc_call *call, str m)
{
	struct re_run *r = ud;
	struct operation op;

	(void)call;
	r->heard = client_now();
	r->tries = 0;
	if (!operation_read(m, &op))
		return;
	if (op.name.n && !str_eq(op.name, buf_view(&r->name))) {
		r->name.n = 0;
		buf_str(&r->name, op.name);
	}
	take_metadata(r, op.metadata);
	if (op.done && !r->last.n)
		buf_str(&r->last, m);
}

/* ---- what follows from it ---- */

static void sleep_then(struct re_run *r, uint64_t ms, void (*then)(void *))
{
	enter(r, RE_WAITING);
	client_sleep(r->client, ms, then, r);
}

/* Inputs are missing, perhaps: all are asked for.  What this does not help is the server's failure. */
static bool heal(struct re_run *r, const struct grpc_status *s)
{
	uint64_t puts = r->client->stats.put_blobs;

	switch (s->code) {
	case GRPC_FAILED_PRECONDITION: case GRPC_NOT_FOUND: case GRPC_INTERNAL: break;
	default: return false;
	}
	if (s->source != GRPC_BY_SERVER || r->heals >= HEALS_MAX || (r->heals && puts == r->puts_before))
		return false;
	r->heals++;
	r->puts_before = puts;
	r->client->stats.healed++;
	r->name.n = 0;
	upload(r, true);
	return true;
}

static void on_taken(void *ud, const struct re_status *s, const struct re_result *result)
{
	struct re_run *r = ud;
	struct re_status both = *s;

	/* The action ran into its own timeout: its status stays, with what was printed. */
	if (s->code == GRPC_OK && r->status.code != GRPC_OK)
		both = r->status;
	finish(r, &both, result);
}

/* An Execute that failed by the server's word. */
static void refused(struct re_run *r, const struct grpc_status *s)
{
	uint64_t pause;

	r->last.n = 0;
	if (heal(r, s))
		return;
	r->tries++;
	if (rpc_again(r->client, s, r->tries + r->restarts++, &pause)) {
		r->name.n = 0;
		sleep_then(r, pause, execute);
		return;
	}
	give_up(r, s);
}

static void judge(struct re_run *r)
{
	struct grpc_status s = {.code = GRPC_OK, .retry_ms = -1};
	struct operation op = {.done = false};
	struct operation_response response = {.cached = false};

	if (!operation_read(buf_view(&r->last), &op) || !operation_read_response(op.response, &response))
		s = (struct grpc_status){.code = GRPC_INTERNAL, .source = GRPC_BY_CHANNEL, .text = S("the server's answer cannot be read"), .retry_ms = -1};
	else if (op.has_error)
		grpc_status_read(op.error, &r->mem, &s);
	else if (response.has_status)
		grpc_status_read(response.status, &r->mem, &s);
	if (s.code == GRPC_OK && !response.has_result)
		s = (struct grpc_status){.code = GRPC_INTERNAL, .source = GRPC_BY_SERVER, .text = S("the server's answer has no result"), .retry_ms = -1};
	if (s.code != GRPC_OK && !(s.code == GRPC_DEADLINE_EXCEEDED && response.has_result)) {
		refused(r, &s);
		return;
	}
	status_keep(&r->status, &r->mem, &s, "the action took too long");
	enter(r, RE_FETCHING);
	result_take(r->client, response.result, response.cached, response.message, on_taken, r);
}

/* ---- streams ---- */

/* Best effort, and nobody waits for what comes of it. */
static void on_stopped(void *ud, const struct grpc_status *s, str reply)
{
	(void)s, (void)reply;
	client_stopped(ud);
}

static void stop_operation(struct re_run *r)
{
	struct buf b = {0};

	if (!r->name.n || r->client->closing)
		return;
	wire_str(&b, 1, buf_view(&r->name));
	client_stopping(r->client);
	rpc_call(r->client, "/google.longrunning.Operations/CancelOperation", NULL, 5000, rpc_blob(&b), on_stopped, r->client);
}

static void on_done(void *ud, const struct grpc_status *s)
{
	struct grpc_status broken = {.code = GRPC_UNAVAILABLE, .source = GRPC_BY_CHANNEL, .text = S("the stream ended before the action"), .retry_ms = -1};
	struct re_run *r = ud;
	uint64_t pause = 0;

	r->call = NULL;
	r->client->stats.calls++;
	client_report(r->client, s);
	if (was_cancelled(r))
		return;
	if (r->last.n) {
		judge(r);
		return;
	}
	if (s->code == GRPC_OK)
		s = &broken;
	if (s->code == GRPC_DEADLINE_EXCEEDED) { /* the call's, which the server knows too: not the action's own timeout */
		broken = *s;
		broken.source = GRPC_BY_DEADLINE;
		s = &broken;
		stop_operation(r);
	}
	if (r->waiting && s->source == GRPC_BY_SERVER && (s->code == GRPC_NOT_FOUND || s->code == GRPC_UNIMPLEMENTED) && r->restarts++ < RESTARTS_MAX) {
		r->name.n = 0;
		execute(r);
		return;
	}
	r->tries++;
	/* A server that restarts may drop its streams in any words: as long as the operation has a name, it is asked. */
	if (rpc_again(r->client, s, r->tries, &pause))
		sleep_then(r, pause, execute);
	else
		refused(r, s);
}

static void send_execute(struct re_run *r)
{
	struct re_client *c = r->client;
	struct buf b = {0};
	size_t mark;

	wire_str(&b, 1, c->config.instance);
	wire_bool(&b, 3, r->action.skip_cache);
	wire_digest(&b, 6, &r->action.action);
	if (r->action.priority) {
		mark = wire_begin(&b, 7);
		wire_int(&b, 1, r->action.priority);
		wire_end(&b, mark);
	}
	caps_write_fn(c, &b, 9);
	wire_bool(&b, 10, true);
	wire_bool(&b, 11, true);
	c->stats.executed++;
	grpc_send(r->call, rpc_blob(&b));
}

static void send_wait(struct re_run *r)
{
	struct buf b = {0};

	wire_str(&b, 1, buf_view(&r->name));
	r->client->stats.waited++;
	grpc_send(r->call, rpc_blob(&b));
}

/* Execute, or WaitExecution when there is an operation. */
static void execute(void *ud)
{
	static const struct grpc_events events = {.message = on_message, .done = on_done};
	struct re_run *r = ud;
	uint64_t now = client_now();
	struct grpc_status why;

	if (was_cancelled(r))
		return;
	r->waiting = r->name.n > 0;
	enter(r, RE_QUEUED);
	r->call = rpc_stream(r->client, r->waiting ? RE_SERVICE "Execution/WaitExecution" : RE_SERVICE "Execution/Execute", &r->action,
			r->deadline > now ? (uint32_t)(r->deadline - now) : 1, &events, r, &why);
	if (!r->call) {
		give_up(r, &why);
		return;
	}
	if (r->waiting)
		send_wait(r);
	else
		send_execute(r);
	grpc_end(r->call);
}

/* ---- beginning ---- */

static void on_uploaded(void *ud, const struct re_status *s)
{
	struct re_run *r = ud;

	r->heard = client_now();
	if (was_cancelled(r))
		return;
	if (s->code == GRPC_OK)
		execute(r);
	else
		finish(r, s, NULL);
}

static void upload(struct re_run *r, bool thorough)
{
	struct digest blobs[] = {r->action.action, r->action.command};
	struct re_need need = {.tree = r->action.root, .blobs = blobs, .nblobs = 2, .thorough = thorough};

	enter(r, RE_UPLOADING);
	re_upload(r->client, &need, on_uploaded, r);
}

static void begin(void *ud, const struct re_status *refusal)
{
	struct grpc_status no = {.code = GRPC_FAILED_PRECONDITION, .source = GRPC_BY_CHANNEL, .retry_ms = -1};
	struct re_run *r = ud;

	if (was_cancelled(r))
		return;
	if (refusal) {
		finish(r, refusal, NULL);
	} else if (!r->client->caps.exec) {
		no.text = S("the server executes no actions (its capabilities say so)");
		give_up(r, &no);
	} else {
		upload(r, false);
	}
}

struct re_run *re_execute(struct re_client *c, const struct re_action *action, re_got_result *done, void *ud)
{
	struct re_run *r = mem_make(struct re_run);
	uint64_t now = client_now();

	*r = (struct re_run){.client = c, .action = *action, .done = done, .ud = ud, .stage_since = now, .heard = now};
	tree_ref(r->action.root);
	r->action.mnemonic = str_dup(&r->mem, action->mnemonic);
	r->action.target = str_dup(&r->mem, action->target);
	r->deadline = now + (action->timeout_ms ? action->timeout_ms : c->config.execute_ms);
	client_hold(c);
	caps_need(c, begin, r);
	return r;
}

struct re_progress re_progress(const struct re_run *r)
{
	uint64_t now = client_now();

	return (struct re_progress){r->stage, r->worker, now - r->stage_since, now - r->heard};
}

void re_cancel(struct re_run *r)
{
	if (r->cancelled)
		return;
	r->cancelled = true;
	stop_operation(r);
	if (r->call)
		grpc_cancel(r->call);
}
