#include "re_here.h"
#include "described.h"

struct args {
	struct server_args remote;
	bool here;
};

static const struct option options[] = {
	SERVER_ROWS(struct args, remote),
	FLAG(struct args, here, 0, "local", "in the sandbox of this machine, not at the server"),
};

static bool run_here(struct server *r, const struct described *a, struct action_result *result, str *how)
{
	if (r->client && !server_fetch_tree(r, a->root)) {
		server_tell(r, "fetching the inputs");
		return false;
	}
	return re_run_here(r, a, result, how);
}

/* A timeout of the action is the action's. */
static bool run_there(struct server *r, const struct described *a, struct action_result *result, str *how)
{
	struct re_action action = {.action = a->digest, .command = a->said.command, .root = a->root, .skip_cache = true, .mnemonic = S("re run")};
	struct digest printed[2];
	bool has, ok = server_execute(r, &action, &has, result, how);

	if (!ok && r->status.code == GRPC_DEADLINE_EXCEEDED && r->status.source == GRPC_BY_SERVER) {
		if (!has)
			*result = (struct action_result){.exit_code = -1};
		*how = S("it took longer than its timeout");
		return true;
	}
	if (!ok || !has) {
		server_tell(r, "running the action");
		return false;
	}
	printed[0] = result->out;
	printed[1] = result->err;
	if (!server_fetch(r, r->client, printed, SL_COUNT(printed)))
		server_tell(r, "fetching what the action printed");
	return true;
}

static str printed(struct server *r, const struct digest *d)
{
	struct blob *b;
	str text = {NULL, 0};

	if (d->size > 0 && store_get(r->store, d, &b) == 0) {
		text = str_dup(&r->call->arena, blob_str(b));
		blob_unref(b);
	}
	return text;
}

static void show_text(const char *name, str text, struct buf *out)
{
	if (!text.n)
		return;
	buf_fmt(out, "%s:\n", name);
	buf_str(out, text);
	if (text.p[text.n - 1] != '\n')
		buf_c(out, '\n');
}

static void report(struct server *r, const struct described *a, const struct action_result *result, str how)
{
	struct buf *out = &r->call->out;
	struct json j = json_to(out);
	char text[DIGEST_TEXT_MAX];

	if (!r->call->common.json) {
		action_result_show(result, out);
		if (how.n)
			buf_fmt(out, "%-10s%.*s\n", "", STR_ARG(how));
		show_text("stdout", printed(r, &result->out), out);
		show_text("stderr", printed(r, &result->err), out);
		return;
	}
	json_object(&j);
	json_key(&j, "action");
	json_c(&j, digest_text(&a->digest, text));
	action_result_json(result, &j);
	json_member_str(&j, "how", how);
	json_member_str(&j, "stdout_text", printed(r, &result->out));
	json_member_str(&j, "stderr_text", printed(r, &result->err));
	json_end(&j, '}');
	buf_c(out, '\n');
}

static int run(struct call *c)
{
	const struct args *args = c->options;
	struct described a = {0};
	struct action_result result;
	struct server r;
	str how = {NULL, 0};
	int code = 0;

	if (server_open(&r, c, &args->remote) && (args->here || server_needed(&r)) &&
			described_load(&r, c->arguments.args[0], true, &a) &&
			(args->here ? run_here : run_there)(&r, &a, &result, &how)) {
		report(&r, &a, &result, how);
		code = result.exit_code ? BLAME_USER : 0;
	}
	described_free(&a);
	server_close(&r);
	return code;
}

const struct command cmd_re_run = {
	.name = "re run",
	.usage = "DIGEST",
	.summary = "run an action again, at the server or here",
	.about = "Runs the action with that digest (HASH/SIZE) whatever the caches have, and prints its exit code, its outputs "
		 "by digest and what it printed. With --local the inputs are fetched and the command runs in the sandbox of "
		 "this machine: what differs between the two is the server's doing.\n"
		 "Ends with 1 when the command failed.",
	.section = SECTION_OTHER,
	.min = 1,
	.max = 1,
	COMMAND_OPTIONS(options, struct args),
	.run = run,
};
