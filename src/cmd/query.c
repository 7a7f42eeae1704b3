#include "graph.h"
#include "watch.h"

#include <stdlib.h>

struct args {
	bool dot;
	unsigned depth; /* 0: any */
	int digest;     /* ORDER of server_fns */
};

#define DOT FLAG(struct args, dot, 0, "dot", "as a graph for Graphviz")
#define DIGEST WATCH_DIGEST(struct args, digest)
#define DEPTH NUMBER(struct args, depth, 0, "depth", "N", "at most N steps far")

struct query {
	struct watch watch;
	struct graph graph;
	struct json json;
	const struct args *args;
};

static struct buf *out_of(struct query *q)
{
	return &q->watch.call->out;
}

/* ---- opening ---- */

static const str everything = {"//...", 5};

/* The targets of the patterns, everything they need, and the graph of it. */
static bool load(struct query *q, const str *patterns, size_t n, sym **labels, size_t *nlabels)
{
	struct diags *diags = &q->watch.call->diags;

	if (!build_match(q->watch.build, patterns, n, labels, nlabels, diags) ||
			!build_configure(q->watch.build, *labels, *nlabels, diags))
		return false;
	graph_add(&q->graph, q->watch.build, *labels, *nlabels);
	return !q->watch.stopped;
}

static int query(struct call *c, void (*answer)(struct query *))
{
	struct query q = {.args = c->options};

	if (watch_open(&q.watch, c, &(struct watch_args){.digest = q.args->digest}, &(struct build_options){0})) {
		q.json = json_to(&c->out);
		answer(&q);
	}
	graph_free(&q.graph);
	return watch_close(&q.watch, 0);
}

/* ---- targets as text, JSON, a graph ---- */

static void json_texts(struct json *j, const char *key, const str *texts, size_t n)
{
	json_key(j, key);
	json_array(j);
	for (size_t i = 0; i < n; i++)
		json_str(j, texts[i]);
	json_end(j, ']');
}

static void json_target(struct json *j, const struct build_target *t)
{
	struct place place = source_place(t->span.file, t->span.lo);

	json_object(j);
	json_member_str(j, "label", sym_str(t->label));
	json_member_str(j, "file", source_name(t->span.file));
	json_member_int(j, "line", place.line);
	json_key(j, "visibility");
	json_c(j, t->visibility);
	json_texts(j, "labels", t->labels, t->nlabels);
	json_texts(j, "sources", t->sources, t->nsources);
	json_key(j, "needs");
	json_array(j);
	for (size_t i = 0; i < t->nneeds; i++)
		json_str(j, sym_str(t->needs[i]));
	json_end(j, ']');
	json_member_int(j, "tests", (int64_t)t->ntests);
	json_key(j, "executable");
	json_bool(j, t->executable);
	json_end(j, '}');
}

static void dot_edges(struct query *q, const struct graph_node *n)
{
	for (size_t i = 0; i < n->needs.n; i++) {
		const struct graph_node *to = &q->graph.nodes.p[n->needs.p[i]];

		if (to->depth == GRAPH_NONE)
			continue;
		buf_lit(out_of(q), "  ");
		json_quote(out_of(q), sym_str(n->target.label));
		buf_lit(out_of(q), " -> ");
		json_quote(out_of(q), sym_str(to->target.label));
		buf_lit(out_of(q), ";\n");
	}
}

static void print_dot(struct query *q, const uint32_t *nodes, size_t n)
{
	buf_lit(out_of(q), "digraph targets {\n");
	for (size_t i = 0; i < n; i++) {
		buf_lit(out_of(q), "  ");
		json_quote(out_of(q), sym_str(q->graph.nodes.p[nodes[i]].target.label));
		buf_lit(out_of(q), ";\n");
	}
	for (size_t i = 0; i < n; i++)
		dot_edges(q, &q->graph.nodes.p[nodes[i]]);
	buf_lit(out_of(q), "}\n");
}

static void print_nodes(struct query *q, const uint32_t *nodes, size_t n)
{
	if (q->args->dot) {
		print_dot(q, nodes, n);
		return;
	}
	if (!q->watch.call->common.json) {
		for (size_t i = 0; i < n; i++)
			buf_fmt(out_of(q), "%.*s\n", STR_ARG(sym_str(q->graph.nodes.p[nodes[i]].target.label)));
		return;
	}
	json_array(&q->json);
	for (size_t i = 0; i < n; i++)
		json_target(&q->json, &q->graph.nodes.p[nodes[i]].target);
	json_end(&q->json, ']');
	buf_c(out_of(q), '\n');
}

static void print_reached(struct query *q)
{
	size_t n;
	uint32_t *nodes = graph_reached(&q->graph, &n);

	print_nodes(q, nodes, n);
	mem_free(nodes);
}

/* ---- the questions about targets ---- */

static uint32_t depth_of(const struct query *q)
{
	return q->args->depth ? q->args->depth : GRAPH_NONE;
}

static void answer_targets(struct query *q)
{
	const struct arguments *a = &q->watch.call->arguments;
	sym *labels;
	size_t n;

	if (!load(q, a->nargs ? a->args : &everything, a->nargs ? a->nargs : 1, &labels, &n))
		return;
	graph_walk(&q->graph, labels, n, false, 0);
	print_reached(q);
}

static void answer_deps(struct query *q)
{
	const struct arguments *a = &q->watch.call->arguments;
	sym *labels;
	size_t n;

	if (!load(q, a->args, a->nargs, &labels, &n))
		return;
	graph_walk(&q->graph, labels, n, false, depth_of(q));
	print_reached(q);
}

static void answer_rdeps(struct query *q)
{
	const struct arguments *a = &q->watch.call->arguments;
	sym *all, *labels;
	size_t nall, n;

	if (!load(q, a->args, a->nargs, &labels, &n) || !load(q, &everything, 1, &all, &nall))
		return;
	graph_walk(&q->graph, labels, n, true, depth_of(q));
	print_reached(q);
}

static bool exactly_one(struct query *q, str pattern, sym *label)
{
	sym *labels;
	size_t n;

	if (!load(q, &pattern, 1, &labels, &n))
		return false;
	if (n != 1) {
		call_usage(q->watch.call, "'%.*s' is %zu targets, and a path has two ends", STR_ARG(pattern), n);
		return false;
	}
	*label = labels[0];
	return true;
}

/* One of the shortest, from the target that needs to the one that is needed. */
static void answer_path(struct query *q)
{
	const struct arguments *a = &q->watch.call->arguments;
	VEC(uint32_t) path = {0};
	sym from, to;
	uint32_t at;
	struct diag *d;

	if (!exactly_one(q, a->args[0], &from) || !exactly_one(q, a->args[1], &to))
		return;
	graph_walk(&q->graph, &to, 1, true, GRAPH_NONE);
	at = graph_find(&q->graph, from);
	if (q->graph.nodes.p[at].depth == GRAPH_NONE) {
		d = diag_error(&q->watch.call->diags, DIAG_NOTHING_MATCHES, NO_SPAN, "'%.*s' does not need '%.*s'",
				STR_ARG(sym_str(from)), STR_ARG(sym_str(to)));
		diag_hint(&q->watch.call->diags, d, "`straylight query deps %.*s` lists what it needs",
				STR_ARG(sym_str(from)));
		return;
	}
	for (; at != GRAPH_NONE; at = q->graph.nodes.p[at].from)
		vec_push(&path, at);
	print_nodes(q, path.p, path.n);
	vec_free(&path);
}

/* ---- owner ---- */

/* Every package whose folder the path is below could list the file. */
static bool could_own(str package, str path)
{
	return package.n == 0 || (str_starts(path, package) && path.n > package.n && path.p[package.n] == '/');
}

#define OUT "straylight-out/"

/* Is the path an output of the target: straylight-out/PACKAGE/NAME, or below? */
static bool makes(const struct build_target *t, str path, struct arena *a)
{
	str package, name, dir;

	str_cut(str_from(sym_str(t->label), 2), ':', &package, &name);
	dir = str_fmt(a, OUT "%.*s%s%.*s", STR_ARG(package), package.n ? "/" : "", STR_ARG(name));
	return str_starts(path, dir) && (path.n == dir.n || path.p[dir.n] == '/');
}

static bool owns(const struct build_target *t, str path, struct arena *a)
{
	for (size_t i = 0; i < t->nsources; i++)
		if (str_eq(t->sources[i], path))
			return true;
	return makes(t, path, a);
}

/* The path as the workspace has it: the current folder's package, then what was written. */
static bool from_workspace(struct query *q, str file, str *path)
{
	struct call *c = q->watch.call;
	str root = build_root(q->watch.build), here = build_here(q->watch.build);

	if (file.n && file.p[0] == '/') {
		if (str_starts(file, root) && file.n > root.n && file.p[root.n] == '/')
			return os_normalize(&c->arena, str_from(file, root.n + 1), path);
		return false;
	}
	return os_normalize(&c->arena, here.n ? str_fmt(&c->arena, "%.*s/%.*s", STR_ARG(here), STR_ARG(file)) : file,
			path);
}

/* The package's targets into the graph; an empty package is fine. */
static bool load_package(struct query *q, str package)
{
	struct call *c = q->watch.call;
	str pattern = str_fmt(&c->arena, "//%.*s:all", STR_ARG(package));
	struct diags diags = {0};
	sym *labels;
	size_t n;
	bool ok = build_match(q->watch.build, &pattern, 1, &labels, &n, &diags);

	if (ok)
		graph_add(&q->graph, q->watch.build, labels, n);
	else if (diags.first && diags.first->code == DIAG_NOTHING_MATCHES)
		ok = true;
	else
		diags_move(&c->diags, &diags);
	diags_free(&diags);
	return ok;
}

static void own(struct query *q, str file, const str *packages, size_t n)
{
	struct call *c = q->watch.call;
	bool found = false;
	str path, inside;

	if (!from_workspace(q, file, &path)) {
		call_usage(c, "'%.*s' is outside the workspace", STR_ARG(file));
		return;
	}
	inside = str_starts(path, S(OUT)) ? str_from(path, sizeof OUT - 1) : path;
	for (size_t i = 0; i < n; i++)
		if (could_own(packages[i], inside) && !load_package(q, packages[i]))
			return;
	for (size_t i = 0; i < q->graph.nodes.n; i++) {
		struct graph_node *node = &q->graph.nodes.p[i];

		if (owns(&node->target, path, &c->arena))
			found = node->owner = true;
	}
	if (!found) {
		struct diag *d = diag_error(&c->diags, DIAG_NOTHING_MATCHES, NO_SPAN, "no target lists '%.*s'",
				STR_ARG(path));

		diag_hint(&c->diags, d, "sources are listed in the BUILD.dhall of their folder or of one above it");
	}
}

static void answer_owner(struct query *q)
{
	struct call *c = q->watch.call;
	VEC(sym) owners = {0};
	str *packages;
	size_t n;

	if (!build_packages(q->watch.build, &packages, &n, &c->diags))
		return;
	for (size_t i = 0; i < c->arguments.nargs; i++)
		own(q, c->arguments.args[i], packages, n);
	for (size_t i = 0; i < q->graph.nodes.n; i++)
		if (q->graph.nodes.p[i].owner)
			vec_push(&owners, q->graph.nodes.p[i].target.label);
	graph_walk(&q->graph, owners.p, owners.n, false, 0);
	print_reached(q);
	vec_free(&owners);
}

/* ---- actions ---- */

static void text_action(struct query *q, const struct build_command *a)
{
	struct buf *out = out_of(q);

	buf_fmt(out, "%.*s %.*s\n", STR_ARG(sym_str(a->label)), STR_ARG(a->name));
	if (!a->core) {
		buf_lit(out, "    $");
		for (size_t i = 0; i < a->argc; i++) {
			buf_c(out, ' ');
			ui_quote(a->argv[i], out);
		}
		buf_c(out, '\n');
	}
	for (size_t i = 0; a->core && i < a->argc; i++)
		buf_fmt(out, "    from %.*s\n", STR_ARG(a->argv[i]));
	for (size_t i = 0; i < a->noutputs; i++)
		buf_fmt(out, "    makes %.*s\n", STR_ARG(a->outputs[i]));
}

static void json_some(struct json *j, const char *key, str value)
{
	json_key(j, key);
	if (value.n)
		json_str(j, value);
	else
		json_null(j);
}

static void json_action(struct query *q, const struct build_command *a)
{
	struct json *j = &q->json;

	json_object(j);
	json_member_str(j, "label", sym_str(a->label));
	json_member_str(j, "name", a->name);
	json_key(j, "category");
	json_c(j, a->category);
	json_key(j, "process");
	json_bool(j, a->core == NULL);
	json_texts(j, "argv", a->argv, a->argc);
	json_texts(j, "env", a->env, a->nenv);
	json_texts(j, "inputs", a->inputs, a->ninputs);
	json_texts(j, "headers", a->headers, a->nheaders);
	json_texts(j, "outputs", a->outputs, a->noutputs);
	json_some(j, "depfile", a->depfile);
	json_some(j, "stdout", a->out_file);
	json_end(j, '}');
}

static void answer_actions(struct query *q)
{
	struct call *c = q->watch.call;
	const struct build_command *actions;
	size_t n, count;
	sym *labels;

	if (!watch_match(&q->watch, &labels, &n) ||
			!build_commands(q->watch.build, labels, n, &actions, &count, &c->diags))
		return;
	if (c->common.json)
		json_array(&q->json);
	for (size_t i = 0; i < count; i++) {
		if (c->common.json)
			json_action(q, &actions[i]);
		else
			text_action(q, &actions[i]);
	}
	if (c->common.json) {
		json_end(&q->json, ']');
		buf_c(&c->out, '\n');
	}
}

/* ---- outputs ---- */

static void answer_outputs(struct query *q)
{
	struct call *c = q->watch.call;
	sym *labels;
	size_t n;

	if (!watch_match(&q->watch, &labels, &n) || !build_configure(q->watch.build, labels, n, &c->diags))
		return;
	if (c->common.json)
		json_object(&q->json);
	for (size_t i = 0; i < n; i++) {
		const str *paths;
		size_t npaths;

		build_outputs(q->watch.build, labels[i], &paths, &npaths);
		if (c->common.json) {
			json_texts(&q->json, sym_str(labels[i]).p, paths, npaths);
			continue;
		}
		for (size_t k = 0; k < npaths; k++)
			buf_fmt(&c->out, "%.*s\n", STR_ARG(watch_path(&q->watch, paths[k])));
	}
	if (c->common.json) {
		json_end(&q->json, '}');
		buf_c(&c->out, '\n');
	}
}

/* ---- the rows ---- */

#define QUERY(word)                                                                                \
	static int run_##word(struct call *c)                                                      \
	{                                                                                          \
		return query(c, answer_##word);                                                    \
	}

QUERY(targets)
QUERY(deps)
QUERY(rdeps)
QUERY(path)
QUERY(owner)
QUERY(actions)
QUERY(outputs)

static const struct option walk_options[] = {DOT, DEPTH, DIGEST};
static const struct option dot_options[] = {DOT, DIGEST};
static const struct option plain_options[] = {DIGEST};

#define JSON_TARGETS "With --json an array of objects: label, file, line, visibility, labels, sources, needs, tests, " \
		     "executable."

const struct command cmd_query_targets = {
	.name = "query targets",
	.usage = "[PATTERN…]",
	.summary = "list targets",
	.about = "Lists the targets that the patterns match, by default all of the workspace. " JSON_TARGETS,
	.section = SECTION_BUILD,
	.max = ARGS_ANY,
	COMMAND_OPTIONS(dot_options, struct args),
	.run = run_targets,
};

const struct command cmd_query_deps = {
	.name = "query deps",
	.usage = "LABEL…",
	.summary = "list what targets need, and what that needs",
	.about = "Lists the targets and everything that they need, directly or not. " JSON_TARGETS,
	.section = SECTION_BUILD,
	.min = 1,
	.max = ARGS_ANY,
	COMMAND_OPTIONS(walk_options, struct args),
	.run = run_deps,
};

const struct command cmd_query_rdeps = {
	.name = "query rdeps",
	.usage = "LABEL…",
	.summary = "list what needs targets, and what needs that",
	.about = "Lists the targets and everything in the workspace that needs them, directly or not. " JSON_TARGETS,
	.section = SECTION_BUILD,
	.min = 1,
	.max = ARGS_ANY,
	COMMAND_OPTIONS(walk_options, struct args),
	.run = run_rdeps,
};

const struct command cmd_query_path = {
	.name = "query path",
	.usage = "FROM TO",
	.summary = "say how one target comes to need another",
	.about = "Prints a shortest way from a target to one that it needs, directly or not. Ends with 1 when there is "
		 "none. " JSON_TARGETS,
	.section = SECTION_BUILD,
	.min = 2,
	.max = 2,
	COMMAND_OPTIONS(dot_options, struct args),
	.run = run_path,
};

const struct command cmd_query_actions = {
	.name = "query actions",
	.usage = "[LABEL…]",
	.summary = "list the actions that building targets could run",
	.about = "Lists every action behind the targets, those that make inputs of others first: label, name, command, "
		 "outputs. With --json an array of objects: label, name, category, process (false: the core does it), "
		 "argv (of a fetch: its URLs), env, inputs, headers (what may be read), outputs, depfile, stdout. Paths are as the action sees "
		 "them, from the workspace.",
	.section = SECTION_BUILD,
	.max = ARGS_ANY,
	COMMAND_OPTIONS(plain_options, struct args),
	.run = run_actions,
};

const struct command cmd_query_owner = {
	.name = "query owner",
	.usage = "FILE…",
	.summary = "list the targets that have files as sources or outputs",
	.about = "Lists the targets that name the files among their sources, or that make them. Ends with 1 when a file "
		 "has none. " JSON_TARGETS,
	.section = SECTION_BUILD,
	.min = 1,
	.max = ARGS_ANY,
	COMMAND_OPTIONS(plain_options, struct args),
	.run = run_owner,
};

const struct command cmd_query_outputs = {
	.name = "query outputs",
	.usage = "[LABEL…]",
	.summary = "say where outputs will be",
	.about = "Prints the paths of the targets' outputs, built or not. With --json an object: label to paths from the "
		 "workspace.",
	.section = SECTION_BUILD,
	.max = ARGS_ANY,
	COMMAND_OPTIONS(plain_options, struct args),
	.run = run_outputs,
};
