#include "dhall_work.h"

#include <straylight/base/json.h>

struct args {
	bool immediate, transitive, dot, explain;
};

struct listing {
	struct call *call;
	struct map seen;
	bool dot;
};

static void list_import(void *ud, str from, str to)
{
	struct listing *l = ud;
	struct buf *out = &l->call->out;
	bool fresh;

	if (l->dot) {
		buf_lit(out, "  ");
		json_quote(out, from);
		buf_lit(out, " -> ");
		json_quote(out, to);
		buf_lit(out, ";\n");
		return;
	}
	map_slot(&l->seen, str_dup(&l->call->arena, to), &fresh);
	if (!fresh)
		return;
	buf_str(out, to);
	buf_c(out, '\n');
}

static bool do_resolve(struct dhall_work *w)
{
	const struct args *a = w->call->options;
	struct listing l = {.call = w->call, .dot = a->dot};

	if (!a->dot && !a->immediate && !a->transitive) {
		dhall_print_resolved(w->resolved, &w->call->out);
		buf_c(&w->call->out, '\n');
		return true;
	}
	if (a->dot)
		buf_lit(&w->call->out, "digraph imports {\n");
	dhall_imports(w->resolved, !a->immediate, list_import, &l);
	if (a->dot)
		buf_lit(&w->call->out, "}\n");
	map_free(&l.seen);
	return true;
}

static int run_resolve(struct call *c)
{
	const struct args *a = c->options;

	if (a->immediate + a->transitive + a->dot > 1) {
		call_usage(c, "--immediate-dependencies, --transitive-dependencies and --dot exclude each other");
		return 0;
	}
	c->explain = a->explain;
	return dhall_work(c, 0, DHALL_RESOLVED, do_resolve);
}

/* ---- diff ---- */

static bool do_diff(struct dhall_work *w)
{
	struct call *c = w->call;
	dh_val a = dhall_eval(w->session, w->typed), b;

	if (!a.v || !dhall_work_also(w, 1, DHALL_CHECKED))
		return false;
	b = dhall_eval(w->session, w->typed);
	if (!b.v || !dhall_diff(w->session, a, b, &c->out))
		return false;
	if (c->out.n && c->worst < BLAME_USER)
		c->worst = BLAME_USER;
	return true;
}

DHALL_RUN(diff, 0, DHALL_CHECKED)

static const struct option resolve_options[] = {
	FLAG(struct args, immediate, 0, "immediate-dependencies", "list what the expression itself imports"),
	FLAG(struct args, transitive, 0, "transitive-dependencies", "list also what that imports"),
	FLAG(struct args, dot, 0, "dot", "the same as a graph, for Graphviz"),
	DHALL_EXPLAIN(struct args),
};

const struct command cmd_dhall_resolve = {
	.name = "dhall resolve",
	.usage = "[FILE | -]",
	.summary = "print a Dhall expression with its imports in place",
	.about = "Prints the expression with each import replaced by what it stands for, or lists the imports: absolute paths, "
		 "URLs, env:NAME. " DHALL_INPUT,
	.section = SECTION_LANGUAGE,
	.max = 1,
	COMMAND_OPTIONS(resolve_options, struct args),
	.run = run_resolve,
};

const struct command cmd_dhall_diff = {
	.name = "dhall diff",
	.usage = "FILE FILE",
	.summary = "say in what two Dhall expressions differ",
	.about = "Compares the normal forms and prints one line for each difference: where, what the first has, what the second "
		 "has. Exits with 1 when there is one.",
	.section = SECTION_LANGUAGE,
	.min = 2,
	.max = 2,
	.run = run_diff,
};
