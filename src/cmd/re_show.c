#include "described.h"

struct args {
	struct server_args remote;
	bool all;
};

static const struct option options[] = {
	SERVER_ROWS(struct args, remote),
	FLAG(struct args, all, 0, "all", "every input, also those of large directories"),
};

/* The server's result, else this machine's. */
static bool find_result(struct server *r, const struct digest *action, struct action_result *out)
{
	bool has = false;

	if (r->client && server_lookup(r, action, &has, out) && has)
		return true;
	return store_result_get(r->store, action, &r->call->arena, out);
}

static void show(struct server *r, const struct described *a)
{
	const struct args *args = r->call->options;
	struct action_result result;
	bool has = find_result(r, &a->digest, &result);
	struct buf *out = &r->call->out;
	struct json j = json_to(out);

	if (!r->call->common.json) {
		described_show(a, store_fn(r->store), args->all, out);
		if (has)
			action_result_show(&result, out);
		else
			buf_fmt(out, "%-10snone in the cache\n", "result");
		return;
	}
	json_object(&j);
	described_json(a, store_fn(r->store), &j);
	json_key(&j, "result");
	if (has) {
		json_object(&j);
		action_result_json(&result, &j);
		json_end(&j, '}');
	} else {
		json_null(&j);
	}
	json_end(&j, '}');
	buf_c(out, '\n');
}

static int run(struct call *c)
{
	const struct args *args = c->options;
	struct described a = {0};
	struct server r;

	if (server_open(&r, c, &args->remote) && described_load(&r, c->arguments.args[0], false, &a))
		show(&r, &a);
	described_free(&a);
	server_close(&r);
	return 0;
}

const struct command cmd_re_show = {
	.name = "re show",
	.usage = "DIGEST",
	.summary = "show an action: its command, inputs and result",
	.about = "DIGEST is that of an Action, HASH/SIZE, as `straylight why` and the logs of servers name it. Its messages are "
		 "looked for in the cache of this machine and then at the server; the result is the server's, else that of "
		 "this machine. Directories of more than 50 files are one line, unless --all is given.",
	.section = SECTION_OTHER,
	.min = 1,
	.max = 1,
	COMMAND_OPTIONS(options, struct args),
	.run = run,
};
