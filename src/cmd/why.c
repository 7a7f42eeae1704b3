#include "graph.h"
#include "watch.h"

#include <stdlib.h>

struct args {
	unsigned against; /* 0: not given, runs are counted from 1 */
	int digest;       /* ORDER of server_fns */
};

static const struct option options[] = {
	NUMBER(struct args, against, 0, "against", "RUN", "all that is new since the run with that number"),
	WATCH_DIGEST(struct args, digest),
};

struct cause { /* one action that runs or ran */
	sym label;
	str name;
	const str *reasons;
	size_t nreasons;
	uint64_t run;
	int64_t start_ns, wall_ns;
	struct digest action; /* none: not known */
	bool hit; /* it did not run: a cache had the result */
};

struct why {
	struct watch watch;
	struct graph graph;
	VEC(struct cause) now;  /* would run */
	VEC(struct cause) past; /* had other results, oldest first: what caused the others */
	uint64_t run;           /* the newest of them */
};

/* ---- now ---- */

static void would_run(void *ud, const struct build_action *a)
{
	struct why *w = ud;
	struct arena *arena = &w->watch.call->arena;
	struct cause c = {.label = a->label, .name = str_dup(arena, a->name), .nreasons = a->nreasons, .action = a->action};
	str *reasons = arena_array(arena, str, a->nreasons);

	if (a->served != SERVED_WOULD)
		return;
	for (size_t i = 0; i < a->nreasons; i++)
		reasons[i] = str_dup(arena, a->reasons[i]);
	c.reasons = reasons;
	vec_push(&w->now, c);
}

/* ---- then ---- */

static void add_past(struct why *w, sym label)
{
	const struct build_past *past;
	size_t n;

	build_history(w->watch.build, label, &past, &n);
	for (size_t i = 0; i < n; i++) {
		struct cause c = {
			.label = label,
			.name = past[i].name,
			.reasons = past[i].reasons,
			.nreasons = past[i].nreasons,
			.run = past[i].run,
			.start_ns = past[i].start_ns,
			.wall_ns = past[i].wall_ns,
			.action = past[i].action,
			.hit = past[i].served != SERVED_RUN && past[i].served != SERVED_REMOTE,
		};

		if (c.run > w->run)
			w->run = c.run;
		vec_push(&w->past, c);
	}
}

static int by_name(const void *a, const void *b)
{
	const struct cause *x = a, *y = b;
	int c = sym_cmp(x->label, y->label);

	return c ? c : str_cmp(x->name, y->name);
}

static int by_start(const void *a, const void *b)
{
	const struct cause *x = a, *y = b;

	if (x->run != y->run)
		return x->run < y->run ? -1 : 1;
	return (x->start_ns > y->start_ns) - (x->start_ns < y->start_ns);
}

/* What changed since `against`, or in the newest run that changed anything: an action's producers came before it,
 * so root causes stand first. */
static void look_back(struct why *w, const sym *labels, size_t n)
{
	const struct args *args = w->watch.call->options;
	uint64_t since;
	size_t kept = 0;

	graph_add(&w->graph, w->watch.build, labels, n);
	for (size_t i = 0; i < w->graph.nodes.n; i++)
		add_past(w, w->graph.nodes.p[i].target.label);
	since = args->against ? args->against : w->run ? w->run - 1 : 0;
	for (size_t i = 0; i < w->past.n; i++)
		if (w->past.p[i].run > since)
			w->past.p[kept++] = w->past.p[i];
	w->past.n = kept;
	if (kept)
		qsort(w->past.p, kept, sizeof *w->past.p, by_start);
}

/* ---- telling ---- */

static void text_digest(const struct cause *c, struct buf *out)
{
	char text[DIGEST_TEXT_MAX];

	if (!digest_is_none(&c->action))
		buf_fmt(out, "    action %s\n", digest_text(&c->action, text));
}

static void text_cause(const struct cause *c, bool timed, bool named, struct buf *out)
{
	buf_fmt(out, "  %.*s %.*s", STR_ARG(sym_str(c->label)), STR_ARG(c->name));
	if (c->hit) {
		buf_lit(out, ", from the cache\n");
		if (named)
			text_digest(c, out);
		return;
	}
	if (timed) {
		buf_lit(out, " (");
		ui_time(c->wall_ns, out);
		buf_c(out, ')');
	}
	buf_c(out, '\n');
	if (named)
		text_digest(c, out);
	for (size_t i = 0; i < c->nreasons; i++)
		buf_fmt(out, "    because %.*s\n", STR_ARG(c->reasons[i]));
	if (!c->nreasons)
		buf_lit(out, "    because its result was not in the cache\n");
}

static void tell_text(struct why *w)
{
	struct buf *out = &w->watch.call->out;
	bool named = w->watch.call->common.verbose;
	uint64_t run = 0;

	if (w->now.n)
		buf_lit(out, "would run now, and then what needs its outputs:\n");
	for (size_t i = 0; i < w->now.n; i++)
		text_cause(&w->now.p[i], false, named, out);
	if (!w->now.n)
		buf_lit(out, "nothing would run now\n");
	for (size_t i = 0; i < w->past.n; i++) {
		const struct cause *c = &w->past.p[i];

		if (c->run != run) {
			buf_fmt(out, "in run %llu, ", (unsigned long long)c->run);
			ui_time(os_wall_ns() - c->start_ns, out);
			buf_lit(out, " ago:\n");
			run = c->run;
		}
		text_cause(c, true, named, out);
	}
}

static void json_causes(struct json *j, const char *key, const struct cause *causes, size_t n, bool past)
{
	char text[DIGEST_TEXT_MAX];

	json_key(j, key);
	json_array(j);
	for (size_t i = 0; i < n; i++) {
		const struct cause *c = &causes[i];

		json_object(j);
		json_member_str(j, "label", sym_str(c->label));
		json_member_str(j, "action", c->name);
		if (!digest_is_none(&c->action)) {
			json_key(j, "digest");
			json_c(j, digest_text(&c->action, text));
		}
		if (past) {
			json_member_int(j, "run", (int64_t)c->run);
			json_member_int(j, "start_ns", c->start_ns);
			json_member_int(j, "wall_ns", c->wall_ns);
			json_key(j, "served");
			json_c(j, c->hit ? "cache" : "run");
		}
		json_key(j, "reasons");
		json_array(j);
		for (size_t k = 0; k < c->nreasons; k++)
			json_str(j, c->reasons[k]);
		json_end(j, ']');
		json_end(j, '}');
	}
	json_end(j, ']');
}

static void tell_json(struct why *w)
{
	struct json j = json_to(&w->watch.call->out);

	json_object(&j);
	json_causes(&j, "now", w->now.p, w->now.n, false);
	json_causes(&j, "past", w->past.p, w->past.n, true);
	json_end(&j, '}');
	buf_c(&w->watch.call->out, '\n');
}

static int why(struct why *w)
{
	sym *labels;
	size_t n;
	int code;

	if (!watch_match(&w->watch, &labels, &n))
		return 0;
	code = watch_run(&w->watch, labels, n, GOAL_BUILD);
	if (code || w->watch.stopped)
		return code;
	if (w->now.n)
		qsort(w->now.p, w->now.n, sizeof *w->now.p, by_name);
	look_back(w, labels, n);
	if (w->watch.call->common.json)
		tell_json(w);
	else
		tell_text(w);
	return 0;
}

static int run(struct call *c)
{
	const struct args *args = c->options;
	struct why w = {0};
	int code = 0;

	if (watch_open(&w.watch, c, &(struct watch_args){.explain = true, .digest = args->digest},
			    &(struct build_options){.dry_run = true, .keep_going = true})) {
		w.watch.finished = would_run;
		w.watch.ud = &w;
		code = why(&w);
	}
	code = watch_close(&w.watch, code);
	graph_free(&w.graph);
	vec_free(&w.now);
	vec_free(&w.past);
	return code;
}

const struct command cmd_why = {
	.name = "why",
	.usage = "LABEL…",
	.summary = "say why targets were or would be rebuilt",
	.about = "Says which actions behind the targets would run now and why; then which had new results last and why, or "
		 "that the cache had them, with the causes before what they caused. Every run of straylight in a workspace has a number; with --against "
		 "all since then is told. The reasons come from the walk that also names an action in the "
		 "cache; -v and --json have that name, for `straylight re show`.",
	.section = SECTION_BUILD,
	.min = 1,
	.max = ARGS_ANY,
	.options = options,
	.noptions = SL_COUNT(options),
	.size = sizeof(struct args),
	.run = run,
};
