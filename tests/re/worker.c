#include "operation.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#define BWRAP "/usr/bin/bwrap"
#define OUTPUT_MAX (1 << 30)

static const char *below(struct operation *op, str dir, const char *name)
{
	return os_join(&op->arena, dir, str_c(name));
}

/* ---- the result ---- */

static Google__Protobuf__Timestamp *timestamp(struct arena *a, int64_t ns)
{
	Google__Protobuf__Timestamp *t = message_new(a, &google__protobuf__timestamp__descriptor);

	t->seconds = ns / 1000000000;
	t->nanos = (int32_t)(ns % 1000000000);
	return t;
}

static Re__Digest *stored_output(struct operation *op, const char *name)
{
	struct blob *b;
	struct digest d;

	if (os_read(below(op, op->dir, name), OUTPUT_MAX, &b) < 0)
		return NULL;
	d = blobs_add(&op->server->blobs, op->fn, blob_str(b));
	blob_unref(b);
	return digest_message(&op->arena, &d);
}

static Re__ActionResult *make_result(struct operation *op, int exit)
{
	Re__ActionResult *r = message_new(&op->arena, &re__action_result__descriptor);
	Re__ExecutedActionMetadata *m = message_new(&op->arena, &re__executed_action_metadata__descriptor);

	r->exit_code = exit;
	m->worker = "test-worker";
	m->execution_start_timestamp = m->worker_start_timestamp = timestamp(&op->arena, op->started_ns);
	m->execution_completed_timestamp = m->worker_completed_timestamp = timestamp(&op->arena, op->ended_ns);
	r->execution_metadata = m;
	if (!op->timed_out || op->server->like->timeout_output) {
		r->stdout_digest = stored_output(op, "stdout");
		r->stderr_digest = stored_output(op, "stderr");
	}
	return r;
}

static void respond(struct operation *op, Re__ActionResult *r)
{
	op->response = message_new(&op->arena, &re__execute_response__descriptor);
	op->response->result = r;
}

static void ended(struct operation *op, int exit)
{
	Re__ActionResult *r;

	op->ended_ns = os_wall_ns();
	r = make_result(op, op->timed_out ? op->server->like->timeout_exit : exit);
	if (op->timed_out) {
		operation_fail(op, DEADLINE_EXCEEDED, 0, "the action took longer than its timeout");
		op->response->result = r;
	} else if (outputs_collect(op, r))
		respond(op, r);
	os_remove_tree(op->dir.p);
	worker_ended(op);
}

/* ---- the process ---- */

static void closed(uv_handle_t *h)
{
	(void)h;
}

static void exited(uv_process_t *p, int64_t status, int signal)
{
	struct operation *op = p->data;

	kill(-p->pid, SIGKILL); /* what it left behind */
	uv_close((uv_handle_t *)p, closed);
	uv_close((uv_handle_t *)&op->timer, closed);
	ended(op, signal ? 128 + signal : (int)status);
}

void worker_kill(struct operation *op)
{
	kill(-op->process.pid, SIGKILL);
}

static void timed_out(uv_timer_t *t)
{
	struct operation *op = t->data;

	op->timed_out = true;
	worker_kill(op);
}

static char *writable(struct arena *a, str s)
{
	return (char *)(uintptr_t)str_dup(a, s).p;
}

static char **arguments(struct operation *op)
{
	const Re__Command *command = op->command;
	const char *const around[] = {BWRAP, "--unshare-all", "--die-with-parent", "--bind", op->root.p, "/", "--dev", "/dev",
			"--proc", "/proc", "--tmpfs", "/tmp", "--chdir",
			str_fmt(&op->arena, "/%s", command->working_directory).p, "--"};
	char **argv = arena_array(&op->arena, char *, SL_COUNT(around) + command->n_arguments + 1);
	size_t n = 0;

	for (size_t i = 0; op->server->options.bwrap && i < SL_COUNT(around); i++)
		argv[n++] = writable(&op->arena, str_c(around[i]));
	for (size_t i = 0; i < command->n_arguments; i++)
		argv[n++] = writable(&op->arena, str_c(command->arguments[i]));
	return argv;
}

static char **environment(struct operation *op)
{
	const Re__Command *command = op->command;
	char **env = arena_array(&op->arena, char *, command->n_environment_variables + 1);

	for (size_t i = 0; i < command->n_environment_variables; i++)
		env[i] = writable(&op->arena, str_fmt(&op->arena, "%s=%s", command->environment_variables[i]->name,
				command->environment_variables[i]->value));
	return env;
}

static int spawn(struct operation *op, int out, int err)
{
	uv_stdio_container_t stdio[] = {{.flags = UV_IGNORE}, {.flags = UV_INHERIT_FD, .data.fd = out},
			{.flags = UV_INHERIT_FD, .data.fd = err}};
	uv_process_options_t options = {.exit_cb = exited, .flags = UV_PROCESS_DETACHED, .stdio_count = 3, .stdio = stdio};
	const Google__Protobuf__Duration *timeout = op->action->timeout;
	int failed;

	options.args = arguments(op);
	options.file = options.args[0];
	options.env = environment(op);
	options.cwd = op->work.p;
	op->process.data = op->timer.data = op;
	uv_timer_init(&op->server->loop, &op->timer);
	failed = uv_spawn(&op->server->loop, &op->process, &options);
	if (failed) {
		uv_close((uv_handle_t *)&op->process, closed);
		uv_close((uv_handle_t *)&op->timer, closed);
	} else if (timeout && (timeout->seconds || timeout->nanos))
		uv_timer_start(&op->timer, timed_out, (uint64_t)timeout->seconds * 1000 + (uint64_t)timeout->nanos / 1000000, 0);
	return failed;
}

static int create(struct operation *op, const char *name)
{
	return open(below(op, op->dir, name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
}

static void cannot_spawn(struct operation *op, int why)
{
	if (op->server->like->absent_program_fails) {
		operation_fail(op, NOT_FOUND, -178, "'%s' cannot be run: %s", op->command->arguments[0], uv_strerror(why));
		os_remove_tree(op->dir.p);
		worker_ended(op);
		return;
	}
	(void)!os_replace(below(op, op->dir, "stderr"), str_c(uv_strerror(why)), 0644, false);
	ended(op, 1);
}

/* The parents of all outputs are there (the API's promise to commands). */
static void make_parents(struct operation *op, char *const *paths, size_t n)
{
	for (size_t i = 0; i < n; i++)
		(void)!os_mkdirs_for(below(op, op->work, paths[i]), 0777);
}

static int lay_out(struct operation *op)
{
	const Re__Command *command = op->command;
	struct arena *a = &op->server->arena;
	const char *tmp = getenv("TMPDIR");
	char *dir;
	int err;

	if (!op->server->scratch) {
		dir = writable(a, str_fmt(a, "%s/re-server-XXXXXX", tmp ? tmp : "/tmp"));
		if (!(op->server->scratch = mkdtemp(dir)))
			return -errno;
	}
	op->dir = str_fmt(&op->arena, "%s/%.*s", op->server->scratch, STR_ARG(str_from(op->name, strlen("operations/"))));
	op->root = str_c(below(op, op->dir, "root"));
	op->work = str_c(below(op, op->root, command->working_directory));
	if ((err = os_mkdirs(op->dir.p, 0777)) < 0 ||
			(err = inputs_lay(op->server, op->fn, op->action->input_root_digest, op->root.p)) < 0)
		return err;
	make_parents(op, (char *const *)command->output_paths, command->n_output_paths);
	if (op->server->like->old_outputs) {
		make_parents(op, (char *const *)command->output_files, command->n_output_files);
		make_parents(op, (char *const *)command->output_directories, command->n_output_directories);
	}
	return os_mkdirs(op->work.p, 0777);
}

void worker_start(struct operation *op)
{
	int out, err, failed = op->command->n_arguments ? lay_out(op) : -EINVAL;

	op->started_ns = op->ended_ns = os_wall_ns();
	if (failed < 0) {
		operation_fail(op, INTERNAL, 0, "the inputs could not be laid out: %s", uv_strerror(failed));
		if (op->dir.n)
			os_remove_tree(op->dir.p);
		worker_ended(op);
		return;
	}
	out = create(op, "stdout");
	err = create(op, "stderr");
	failed = spawn(op, out, err);
	close(out);
	close(err);
	if (failed)
		cannot_spawn(op, failed);
}
