#include "re_int.h"

#include "fuzz.h"

/* What is accepted can be used as it is: paths that stay inside, each once, sorted. */
static void check(const struct action_result *r)
{
	for (size_t i = 0; i < r->noutputs; i++) {
		const struct output_entry *e = &r->outputs[i];

		must(e->path.n > 0 && e->path.p[0] != '/' && !str_starts(e->path, S("../")) && !str_eq(e->path, S("..")));
		must(i == 0 || str_cmp(r->outputs[i - 1].path, e->path) < 0);
		must(e->kind != TREE_SYMLINK || e->target.n > 0);
		must(e->digest.size >= 0);
	}
}

/* A tree that is read is written so that it is the same when it is read again. */
static void check_tree(struct tree *t, struct arena *a)
{
	struct buf b = {0};
	struct tree *again;
	str why;

	tree_write_message(t, DIGEST_SHA256, &b);
	again = tree_read_message(buf_view(&b), DIGEST_SHA256, a, &why);
	must(again && digest_eq(tree_digest(t, DIGEST_SHA256), tree_digest(again, DIGEST_SHA256)));
	tree_unref(again);
	buf_free(&b);
}

/* All texts lie in what was read, or were copied. */
static void check_actions(str in, struct arena *a)
{
	struct re_described action;
	struct re_command command;

	if (re_action_read(in, a, &action))
		must(action.command.size >= 0 && action.root.size >= 0);
	if (re_command_read(in, a, &command)) {
		must(command.argc > 0);
		for (size_t i = 0; i < command.nenv; i++)
			must(str_find(command.env[i], '=') < command.env[i].n);
	}
}

static void must_lie_in(str part, str in)
{
	must(part.n == 0 || (part.p >= in.p && part.p + part.n <= in.p + in.n));
}

static void check_operation(str in, struct arena *a)
{
	struct operation_response r;
	struct operation_metadata m;
	struct grpc_status s;
	struct operation o;

	if (!operation_read(in, &o))
		return;
	must_lie_in(o.name, in);
	must_lie_in(o.error, in);
	if (operation_read_metadata(o.metadata, &m))
		must_lie_in(m.worker, in);
	if (!operation_read_response(o.response, &r))
		return;
	must_lie_in(r.result, in);
	must_lie_in(r.message, in);
	must(!r.has_status || !grpc_status_read(r.status, a, &s) || (unsigned)s.code < GRPC_CODES);
}

/* The first byte chooses the message. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	str in = str_of((const char *)bytes + (n > 0), n - (n > 0)), why = {0};
	struct read_result r;
	struct arena a = {0};
	struct tree *t;

	if (n && bytes[0] == 't') {
		t = tree_read_message(in, DIGEST_SHA256, &a, &why);
		must(t || why.n);
		if (t)
			check_tree(t, &a);
		tree_unref(t);
	} else if (n && bytes[0] == 'a') {
		check_actions(in, &a);
	} else if (n && bytes[0] == 'o') {
		check_operation(in, &a);
	} else if (result_read_message(in, DIGEST_SHA256, &a, &r, &why)) {
		check(&r.r.result);
	} else {
		must(why.n);
	}
	arena_clear(&a);
	return 0;
}
