#include "cmd.h"
#include "ui.h"

#include <straylight/doors.h>
#include <straylight/trace.h>
#include <straylight/base/json.h>
#include <straylight/base/map.h>
#include <straylight/base/pool.h>

#include <unistd.h>

#define TRACE_MAX ((size_t)1 << 32)
#define OUTPUT_MODE 0666

struct args {
	str save, output;
};

/* ---- trace -- COMMAND ---- */

struct proposing {
	struct call *call;
	const struct trace *trace;
	struct proposal proposal;
	bool ok;
};

/* What it writes has the types that the rules ask for, or is not written. */
static bool has_type(struct proposing *p)
{
	struct dhall_env env = doors_env(&p->call->arena);
	struct dhall_world *world = dhall_world_new(&env);
	struct dhall *s = dhall_open(world, &p->call->diags);
	const struct dh_parsed *parsed = dhall_parse(s, buf_view(&p->proposal.text), S("BUILD.dhall"), p->trace->dir);
	const struct dh_resolved *resolved = parsed ? dhall_resolve(s, parsed) : NULL;
	bool ok = resolved && dhall_check(s, resolved);

	dhall_close(s);
	dhall_world_free(world);
	return ok;
}

static void propose_deep(void *ud)
{
	struct proposing *p = ud;

	p->ok = trace_propose(p->trace, p->trace->dir, &p->proposal, &p->call->diags) && has_type(p);
}

static void say_notes(struct call *c, const struct proposal *p)
{
	for (size_t i = 0; i < p->notes.n; i++)
		call_say(c, "note: '%.*s' %.*s", STR_ARG(p->notes.p[i].about), STR_ARG(p->notes.p[i].text));
	call_say(c, "%zu targets of %zu sources", p->ntargets, p->nsources);
}

static bool replace(struct call *c, str file, str bytes)
{
	int err = os_replace(str_dup(&c->arena, file).p, bytes, OUTPUT_MODE, false);

	if (err)
		os_error(&c->diags, DIAG_USAGE, err, "writing", file);
	return err == 0;
}

static bool save(struct call *c, const struct args *a, const struct trace *t)
{
	struct buf bytes = {0};
	bool ok = true;

	if (a->save.p) {
		trace_write(t, &bytes);
		ok = replace(c, a->save, buf_view(&bytes));
	}
	buf_free(&bytes);
	return ok;
}

static void propose(struct call *c, const struct args *a, const struct trace *t)
{
	struct proposing p = {.call = c, .trace = t};

	pool_run_deep(propose_deep, &p);
	if (p.ok) {
		say_notes(c, &p.proposal);
		if (a->output.p)
			(void)replace(c, a->output, buf_view(&p.proposal.text));
		else
			buf_str(&c->out, buf_view(&p.proposal.text));
	}
	proposal_free(&p.proposal);
}

static int run_trace(struct call *c)
{
	const struct args *a = c->options;
	char **argv = arena_array(&c->arena, char *, c->arguments.nrest + 1);
	struct trace t = {0};
	int status = 0, out = -1;

	if (!c->arguments.nrest) {
		call_usage(c, "the command to trace stands behind '--'");
		return 0;
	}
	for (size_t i = 0; i < c->arguments.nrest; i++)
		argv[i] = (char *)(uintptr_t)str_dup(&c->arena, c->arguments.rest[i]).p;
	if (!a->output.p) { /* standard output is for the targets alone */
		out = dup(STDOUT_FILENO);
		dup2(STDERR_FILENO, STDOUT_FILENO);
	}
	if (!trace_record(argv, &t, &status, &c->diags))
		status = 0;
	if (out >= 0) {
		dup2(out, STDOUT_FILENO);
		close(out);
	}
	if (!c->diags.errors && status == 0 && save(c, a, &t))
		propose(c, a, &t);
	else if (status)
		call_say(c, "the command ended with %d; nothing is proposed", status);
	trace_free(&t);
	return status ? 1 : 0;
}

/* ---- trace show, trace diff ---- */

static bool load(struct call *c, size_t argument, struct trace *t)
{
	str file = c->arguments.args[argument];
	struct blob *bytes = NULL;
	int err = os_read(str_dup(&c->arena, file).p, TRACE_MAX, &bytes);
	bool ok;

	if (err) {
		os_error(&c->diags, DIAG_USAGE, err, "reading", file);
		return false;
	}
	ok = trace_read(blob_str(bytes), file, t, &c->diags);
	blob_unref(bytes);
	return ok;
}

/* As a shell would start it. */
static void command_line(const struct trace_process *p, struct buf *out)
{
	for (uint32_t i = 0; i < p->nwords; i++) {
		if (i)
			buf_c(out, ' ');
		ui_quote(p->words[i], out);
	}
}

static unsigned depth_of(const struct trace *t, const struct trace_process *p)
{
	unsigned n = 0;

	for (uint32_t up = p->parent; up; up = t->processes.p[up - 1].parent)
		n++;
	return n;
}

static void show_text(const struct trace *t, struct buf *out)
{
	str dir = t->dir;

	for (size_t i = 0; i < t->processes.n; i++) {
		const struct trace_process *p = &t->processes.p[i];
		unsigned depth = depth_of(t, p);

		if (!str_eq(p->dir, dir))
			buf_fmt(out, "in %.*s\n", STR_ARG(p->dir));
		dir = p->dir;
		for (unsigned k = 0; k < depth && k < 40; k++)
			buf_lit(out, "  ");
		command_line(p, out);
		if (p->status == TRACE_RUNNING)
			buf_lit(out, "  (left running)");
		else if (p->status)
			buf_fmt(out, "  (ended with %d)", (int)p->status);
		buf_c(out, '\n');
	}
}

static void json_texts(struct json *j, const char *name, const str *texts, uint32_t n)
{
	json_key(j, name);
	json_array(j);
	for (uint32_t i = 0; i < n; i++)
		json_str(j, texts[i]);
	json_end(j, ']');
}

static void show_json(const struct trace *t, struct buf *out)
{
	struct json j = json_to(out);

	json_object(&j);
	json_member_str(&j, "dir", t->dir);
	json_member_int(&j, "began", (int64_t)t->began);
	json_key(&j, "processes");
	json_array(&j);
	for (size_t i = 0; i < t->processes.n; i++) {
		const struct trace_process *p = &t->processes.p[i];

		json_object(&j);
		json_member_int(&j, "parent", p->parent);
		json_member_str(&j, "program", p->program);
		json_member_str(&j, "dir", p->dir);
		json_texts(&j, "argv", p->words, p->nwords);
		json_texts(&j, "env", p->variables, p->nvariables);
		json_key(&j, "responses");
		json_object(&j);
		for (uint32_t k = 0; k < p->nresponses; k++) {
			json_key_str(&j, p->responses[k].name);
			json_str(&j, p->responses[k].content);
		}
		json_end(&j, '}');
		json_key(&j, "status");
		if (p->status == TRACE_RUNNING)
			json_null(&j);
		else
			json_int(&j, p->status);
		json_member_int(&j, "start_us", (int64_t)p->start);
		json_member_int(&j, "end_us", (int64_t)p->end);
		json_end(&j, '}');
	}
	json_end(&j, ']');
	json_end(&j, '}');
	buf_c(out, '\n');
}

static int run_show(struct call *c)
{
	struct trace t = {0};

	if (load(c, 0, &t))
		(c->common.json ? show_json : show_text)(&t, &c->out);
	trace_free(&t);
	return 0;
}

/* A command without its folder's name, so that two checkouts compare. */
static str spelled(struct call *c, const struct trace *t, const struct trace_process *p)
{
	struct buf line = {0}, short_line = {0};
	str rest, text;

	buf_fmt(&line, "%.*s$ ", STR_ARG(p->dir));
	command_line(p, &line);
	for (rest = buf_view(&line); rest.n;) {
		size_t at = t->dir.n > 1 ? str_find_str(rest, t->dir) : rest.n;

		buf_str(&short_line, str_upto(rest, at));
		if (at < rest.n)
			buf_c(&short_line, '.');
		rest = str_from(rest, at < rest.n ? at + t->dir.n : rest.n);
	}
	text = buf_take(&short_line, &c->arena);
	buf_free(&line);
	return text;
}

static size_t missing(struct call *c, const struct trace *from, const struct trace *in, char mark)
{
	struct map there = {0};
	size_t n = 0;

	for (size_t i = 0; i < in->processes.n; i++)
		map_put(&there, spelled(c, in, &in->processes.p[i]), &there);
	for (size_t i = 0; i < from->processes.n; i++) {
		str line = spelled(c, from, &from->processes.p[i]);

		if (map_has(&there, line))
			continue;
		map_put(&there, line, &there); /* each once */
		buf_fmt(&c->out, "%c %.*s\n", mark, STR_ARG(line));
		n++;
	}
	map_free(&there);
	return n;
}

static int run_diff(struct call *c)
{
	struct trace a = {0}, b = {0};
	size_t n = 0;

	if (load(c, 0, &a) && load(c, 1, &b))
		n = missing(c, &a, &b, '-') + missing(c, &b, &a, '+');
	trace_free(&a);
	trace_free(&b);
	return n ? 1 : 0;
}

/* ---- the rows ---- */

static const struct option options[] = {
	TEXT(struct args, output, 'o', "output", "FILE", "write the targets there and not to standard output"),
	TEXT(struct args, save, 0, "save", "FILE", "keep the trace"),
};

const struct command cmd_trace = {
	.name = "trace",
	.usage = "-- COMMAND [ARGUMENT…]",
	.summary = "run a build of any kind and propose targets for it",
	.about = "Runs the command and looks on: what is compiled, archived and linked below the current folder becomes\n"
		 "cxx_library and cxx_binary targets, a BUILD.dhall on standard output. What the targets do not say is noted\n"
		 "on standard error. The build must do all its work: clean it first. What the command prints goes to standard\n"
		 "error.",
	.section = SECTION_BUILD,
	.flags = COMMAND_SPLIT,
	.max = 0,
	COMMAND_OPTIONS(options, struct args),
	.run = run_trace,
};

const struct command cmd_trace_show = {
	.name = "trace show",
	.usage = "FILE",
	.summary = "print a kept trace",
	.about = "The programs in the order in which they were started, indented by who started them.",
	.section = SECTION_BUILD,
	.min = 1,
	.max = 1,
	.run = run_show,
};

const struct command cmd_trace_diff = {
	.name = "trace diff",
	.usage = "FILE FILE",
	.summary = "the commands that only one of two traces has",
	.about = "'-' stands before those of the first, '+' before those of the second. Where each trace was made counts as\n"
		 "'.', so traces of two checkouts compare. Ends with 1 when there is a difference.",
	.section = SECTION_BUILD,
	.min = 2,
	.max = 2,
	.run = run_diff,
};
