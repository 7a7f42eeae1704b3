#include "junit.h"
#include "watch.h"

#include <stdlib.h>

struct args {
	struct watch_args watch;
	bool keep_going;
	str junit;
};

static const struct option options[] = {
	WATCH_ROWS(struct args, watch),
	FLAG(struct args, keep_going, 'k', "keep-going", "after a failure go on with all other tests"),
	TEXT(struct args, junit, 0, "junit", "FILE", "write the results as JUnit XML"),
};

struct tests {
	struct watch watch;
	VEC(struct test_result) results;
};

/* ---- collecting ---- */

static void collect(void *ud, const struct build_action *a)
{
	struct tests *t = ud;
	struct arena *arena = &t->watch.call->arena;
	struct test_result r = {
		.label = a->label,
		.name = str_dup(arena, a->name),
		.failed = a->served == SERVED_FAILED,
		.cached = a->served == SERVED_CACHE || a->served == SERVED_NARROW || a->served == SERVED_REMOTE_CACHE,
		.wall_ns = a->wall_ns,
	};

	if (!a->test)
		return;
	r.out = str_dup(arena, a->out);
	r.err = str_dup(arena, a->err);
	vec_push(&t->results, r);
}

static int by_name(const void *a, const void *b)
{
	const struct test_result *x = a, *y = b;
	int c = sym_cmp(x->label, y->label);

	return c ? c : str_cmp(x->name, y->name);
}

/* ---- telling ---- */

static void print_text(const struct tests *t, struct buf *out)
{
	for (size_t i = 0; i < t->results.n; i++) {
		const struct test_result *r = &t->results.p[i];

		buf_fmt(out, "%s %.*s %.*s (", r->failed ? "FAIL" : "pass", STR_ARG(sym_str(r->label)),
				STR_ARG(r->name));
		if (r->cached)
			buf_lit(out, "cached");
		else
			ui_time((int64_t)r->wall_ns, out);
		buf_lit(out, ")\n");
	}
}

static void print_json(const struct tests *t, struct buf *out)
{
	struct json j = json_to(out);

	json_object(&j);
	json_key(&j, "tests");
	json_array(&j);
	for (size_t i = 0; i < t->results.n; i++) {
		const struct test_result *r = &t->results.p[i];

		json_object(&j);
		json_member_str(&j, "label", sym_str(r->label));
		json_member_str(&j, "name", r->name);
		json_key(&j, "passed");
		json_bool(&j, !r->failed);
		json_key(&j, "cached");
		json_bool(&j, r->cached);
		json_member_int(&j, "wall_ns", (int64_t)r->wall_ns);
		json_end(&j, '}');
	}
	json_end(&j, ']');
	json_end(&j, '}');
	buf_c(out, '\n');
}

static void write_junit(struct call *c, const struct tests *t, str path)
{
	struct buf xml = {0};
	int err;

	junit_write(t->results.p, t->results.n, &xml);
	err = os_replace(str_dup(&c->arena, path).p, buf_view(&xml), 0666, false);
	if (err)
		os_error(&c->diags, DIAG_IO, err, "writing", path);
	buf_free(&xml);
}

static void sum_up(struct tests *t)
{
	struct watch *w = &t->watch;
	struct buf line = {0};
	size_t failed = 0, cached = 0, unfinished = w->summary.unfinished;

	for (size_t i = 0; i < t->results.n; i++) {
		failed += t->results.p[i].failed;
		cached += t->results.p[i].cached && !t->results.p[i].failed;
	}
	if (!t->results.n && !unfinished)
		buf_lit(&line, "no tests");
	else
		buf_fmt(&line, "%zu test%s: %zu passed", t->results.n, t->results.n == 1 ? "" : "s", t->results.n - failed);
	if (cached)
		buf_fmt(&line, " (%zu cached)", cached);
	if (failed)
		buf_fmt(&line, ", %zu failed", failed);
	if (unfinished > failed)
		buf_fmt(&line, ", %zu could not run", unfinished - failed);
	watch_time(w, &line);
	watch_say(w, "%.*s", STR_ARG(buf_view(&line)));
	buf_free(&line);
}

/* ---- choosing ---- */

static bool names_one(str pattern)
{
	return !str_ends(pattern, S("...")) && !str_ends(pattern, S(":all"));
}

/* Patterns stand for the tests among what they match; a target that is named must be a test. */
static bool choose(struct tests *t, sym *labels, size_t *n)
{
	struct call *c = t->watch.call;
	bool named = c->arguments.nargs > 0;
	size_t kept = 0;
	struct build_target target;
	struct diag *d;

	for (size_t i = 0; i < c->arguments.nargs; i++)
		named = named && names_one(c->arguments.args[i]);
	if (!build_configure(t->watch.build, labels, *n, &c->diags))
		return false;
	for (size_t i = 0; i < *n; i++) {
		if (!build_target(t->watch.build, labels[i], &target))
			continue;
		if (target.ntests) {
			labels[kept++] = labels[i];
		} else if (named) {
			d = diag_error(&c->diags, DIAG_NOT_A_TEST, target.span, "'%.*s' has no tests",
					STR_ARG(sym_str(labels[i])));
			diag_hint(&c->diags, d, "`straylight build` builds it; a cxx_test has tests");
			return false;
		}
	}
	*n = kept;
	return true;
}

static int test(struct tests *t)
{
	struct call *c = t->watch.call;
	const struct args *args = c->options;
	sym *labels;
	size_t n;
	int code;

	if (!watch_match(&t->watch, &labels, &n) || !choose(t, labels, &n))
		return 0;
	code = watch_run(&t->watch, labels, n, GOAL_TEST);
	if (t->results.n)
		qsort(t->results.p, t->results.n, sizeof *t->results.p, by_name);
	if (c->common.json)
		print_json(t, &c->out);
	else
		print_text(t, &c->out);
	call_flush(c);
	if (args->junit.p)
		write_junit(c, t, args->junit);
	if (!t->watch.stopped)
		sum_up(t);
	return code;
}

static int run(struct call *c)
{
	const struct args *args = c->options;
	struct tests t = {0};
	int code = 0;

	if (watch_open(&t.watch, c, &args->watch, &(struct build_options){.keep_going = args->keep_going})) {
		t.watch.finished = collect;
		t.watch.ud = &t;
		code = test(&t);
	}
	code = watch_close(&t.watch, code);
	vec_free(&t.results);
	return code;
}

const struct command cmd_test = {
	.name = "test",
	.usage = "[LABEL…]",
	.summary = "build and run tests",
	.about = "Builds the targets and runs their tests, each in a sandbox of its own. Without a label: every test "
		 "of the package that the current folder belongs to; //... is every test there is. A test that passed "
		 "is not run again until something that it sees has changed.\n"
		 "Prints a line for each test; what a failed one printed stands in its message. Ends with 1 when one "
		 "failed.",
	.section = SECTION_BUILD,
	.max = ARGS_ANY,
	.options = options,
	.noptions = SL_COUNT(options),
	.size = sizeof(struct args),
	.run = run,
};
