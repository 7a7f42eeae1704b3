#include "away_int.h"

#include <string.h>

/* One action's way: look → take what is small → done, or provide → execute → take → done.  An errand that was
 * cancelled goes on until what it waits for comes back, and then ends. */

static void look(struct errand *);
static void advance(struct away *);

static void push(struct errand_queue *q, struct errand *e)
{
	e->next = NULL;
	*q->last = e;
	q->last = &e->next;
}

static struct errand *pop(struct errand_queue *q)
{
	struct errand *e = q->first;

	if (e) {
		q->first = e->next;
		if (!q->first)
			q->last = &q->first;
	}
	return e;
}

static void leave(struct errand **list, struct errand *e)
{
	while (*list && *list != e)
		list = &(*list)->next;
	if (*list)
		*list = e->next;
}

static void end(struct errand *e, enum errand_end how)
{
	struct away *r = e->away;

	e->end = e->cancelled ? ERRAND_CANCELLED : e->diags.errors ? ERRAND_FAILED : how;
	e->state = ERRAND_OVER;
	r->under_way--;
	if (e->executes) {
		e->executes = false;
		r->running--;
		leave(&r->executing, e);
	}
	e->done(e->ud);
	advance(r);
}

static str about(struct errand *e, const char *what)
{
	return str_fmt(&e->arena, "%s '%.*s' of '%.*s'", what, STR_ARG(e->action->name),
			STR_ARG(sym_str(e->action->configured->target->label)));
}

/* An infrastructure that fails is only a slower build, unless it is required. */
static void give_up(struct errand *e, enum trouble kind, const struct re_status *s, const char *what)
{
	if (s->code != GRPC_CANCELLED || s->source != GRPC_BY_CALLER)
		away_trouble(e->away, kind, s, about(e, what));
	if (e->away->options.require && !e->cancelled)
		re_diag(&e->diags, e->away->client, s, DIAG_ERROR, about(e, what));
	end(e, ERRAND_NONE);
}

/* ---- a result ---- */

static const struct output_entry *find_output(const struct action_result *r, str path)
{
	for (size_t i = 0; i < r->noutputs; i++)
		if (str_eq(r->outputs[i].path, path))
			return &r->outputs[i];
	return NULL;
}

/* The declared outputs of the server's result.  One that is made of what the command printed is the server's
 * stdout.  false when one is missing or of another kind; *which is it. */
static bool adopt_outputs(struct errand *e, const struct action_result *from, const struct artifact **which)
{
	const struct action *a = e->action;
	struct output_entry *outputs = arena_array(&e->arena, struct output_entry, a->noutputs);

	for (uint32_t i = 0; i < a->noutputs; i++) {
		const struct output_entry *o = find_output(from, a->outputs[i]->path);

		*which = a->outputs[i];
		if (!o && a->out_file.p && str_eq(a->out_file, a->outputs[i]->path))
			outputs[i] = (struct output_entry){.kind = TREE_FILE, .digest = from->out};
		else if (!o || o->kind == (a->outputs[i]->directory ? TREE_FILE : TREE_DIR))
			return false;
		else
			outputs[i] = *o;
		outputs[i].path = a->outputs[i]->path;
		outputs[i].target = str_dup(&e->arena, outputs[i].target);
	}
	e->result.outputs = outputs;
	e->result.noutputs = a->noutputs;
	return true;
}

static void adopt_depfile(struct errand *e, const struct action_result *from)
{
	const struct output_entry *o = e->action->depfile.p ? find_output(from, e->action->depfile) : NULL;

	e->has_depfile = o && o->kind == TREE_FILE && o->digest.size <= (int64_t)DEPFILE_MAX;
	if (e->has_depfile)
		e->depfile = o->digest;
}

static str printed(struct errand *e, const struct digest *d)
{
	struct blob *b;
	str text = {0};

	if (store_get(e->away->store, d, &b) == 0) {
		text = str_dup(&e->arena, blob_str(b));
		blob_unref(b);
	}
	return text;
}

static bool is_whole(struct errand *e)
{
	const struct action_result *r = &e->result;

	for (size_t i = 0; i < r->noutputs; i++)
		if ((r->outputs[i].kind == TREE_FILE && !store_has(e->away->store, &r->outputs[i].digest)) ||
				(r->outputs[i].kind == TREE_DIR && !store_has_tree(e->away->store, &r->outputs[i].digest)))
			return false;
	return true;
}

static void read_small(struct errand *e)
{
	struct blob *text;

	e->out = printed(e, &e->result.out);
	e->err = printed(e, &e->result.err);
	if (e->has_depfile && store_get(e->away->store, &e->depfile, &text) == 0) {
		if (!reads_parse(blob_str(text), e->action, e->identity, &e->arena, &e->reads))
			e->reads = (struct reads){0};
		blob_unref(text);
	}
	e->whole = is_whole(e);
}

static void succeed(struct errand *e)
{
	read_small(e);
	e->away->summary.hits += e->cached;
	e->away->summary.runs += !e->cached;
	end(e, ERRAND_RESULT);
}

/* What the result names was lost: no result, if it came from the cache. */
static void on_small(void *ud, const struct re_status *s)
{
	struct errand *e = ud;

	if (e->cancelled || s->code == GRPC_OK) {
		succeed(e);
		return;
	}
	if (s->nmissing && e->executes && !e->skip_cache) { /* run it anew, past the result that names them */
		e->skip_cache = true;
		e->state = ERRAND_WAITING;
		e->away->summary.healed++;
		e->executes = false;
		e->away->running--;
		leave(&e->away->executing, e);
		push(&e->away->waiting, e);
		advance(e->away);
		return;
	}
	if (s->nmissing && !e->executes) {
		end(e, ERRAND_NONE);
		return;
	}
	give_up(e, TROUBLE_FETCH, s, "fetching what was printed by");
}

static void add(struct digest *list, size_t *n, const struct digest *d, struct store *store)
{
	if (d->size > 0 && !store_has(store, d))
		list[(*n)++] = *d;
}

static void add_tree(struct digest *list, size_t *n, const struct tree *t, struct store *store)
{
	const struct tree_entry *entries = tree_entries(t);

	for (size_t i = 0; i < tree_count(t); i++) {
		if (entries[i].kind == TREE_FILE)
			add(list, n, &entries[i].digest, store);
		else if (entries[i].kind == TREE_DIR)
			add_tree(list, n, entries[i].dir, store);
	}
}

static size_t count_files(const struct action_result *r, struct tree *const *trees)
{
	size_t n = 0;

	for (size_t i = 0; i < r->noutputs; i++)
		n += trees[i] ? tree_files(trees[i]) : 1;
	return n;
}

/* Of small things all, of outputs what the download policy says: `from` is the server's result. */
static void take(struct errand *e, const struct re_result *from)
{
	struct away *r = e->away;
	bool all = r->options.download == DOWNLOAD_ALL;
	struct digest *list = arena_array(&e->arena, struct digest,
			3 + (all ? count_files(&from->result, from->trees) : 0));
	size_t n = 0;

	add(list, &n, &e->result.out, r->store);
	add(list, &n, &e->result.err, r->store);
	if (e->has_depfile)
		add(list, &n, &e->depfile, r->store);
	for (size_t i = 0; i < from->result.noutputs && all; i++) {
		const struct output_entry *o = &from->result.outputs[i];

		if (o->kind == TREE_FILE)
			add(list, &n, &o->digest, r->store);
		else if (from->trees[i])
			add_tree(list, &n, from->trees[i], r->store);
	}
	if (!n) {
		succeed(e);
		return;
	}
	e->state = ERRAND_FETCHING;
	e->fetching_ns = os_now_ns();
	re_fetch(r->client, list, n, on_small, e);
}

static void output_missing(struct errand *e, const struct artifact *which)
{
	struct diag *d = diag_error(&e->diags, DIAG_OUTPUT_MISSING, e->action->configured->target->span,
			"'%.*s' did not write its output '%.*s'", STR_ARG(e->action->name), STR_ARG(which->path));

	diag_subject(&e->diags, d, sym_str(e->action->configured->target->label));
	diag_hint(&e->diags, d, "the command succeeded, on %.*s; check the path that it writes to against the outputs "
				"that the action declares", STR_ARG(re_endpoint(e->away->client)));
}

/* A result that the action can have. */
static void take_result(struct errand *e, const struct re_result *r)
{
	const struct artifact *which = NULL;

	e->result = r->result;
	e->result.worker = str_dup(&e->arena, r->result.worker);
	e->result.outputs = NULL;
	e->result.noutputs = 0;
	e->cached = r->cached;
	adopt_depfile(e, &r->result);
	if (e->result.exit_code == 0 && !adopt_outputs(e, &r->result, &which)) {
		if (e->executes)
			output_missing(e, which);
		end(e, ERRAND_NONE);
		return;
	}
	take(e, r);
}

/* ---- looking ---- */

static void on_looked(void *ud, const struct re_status *s, const struct re_result *r)
{
	struct errand *e = ud;

	if (e->cancelled) {
		end(e, ERRAND_CANCELLED);
	} else if (s->code != GRPC_OK) {
		give_up(e, TROUBLE_LOOK, s, "looking up");
	} else if (r && r->result.exit_code == 0) {
		e->cached = true;
		take_result(e, r);
	} else if (e->other && !e->tried_other) {
		e->tried_other = true;
		look(e);
	} else {
		end(e, ERRAND_NONE);
	}
}

static void look(struct errand *e)
{
	re_ac_get(e->away->client, e->tried_other ? e->other : &e->identity->action, on_looked, e);
}

void away_look(struct away *r, struct errand *e)
{
	e->away = r;
	e->state = ERRAND_ASKING;
	r->under_way++;
	look(e);
}

/* ---- running ---- */

static void provide_work(void *ud)
{
	struct errand *e = ud;
	struct away *r = e->away;
	struct digest d;
	int err;

	if (!provide_inputs(r->provider, e->action, e->contents, &e->arena, &e->diags))
		return;
	err = store_put(r->store, e->identity->command_message, &d);
	err = err ? err : store_put(r->store, e->identity->action_message, &d);
	if (err)
		os_error(&e->diags, DIAG_IO, err, "storing the command of", e->action->name);
}

static void keep_lost(struct errand *e, const struct re_status *s)
{
	struct digest *lost = arena_array(&e->arena, struct digest, s->nmissing);

	for (size_t i = 0; i < s->nmissing; i++)
		lost[i] = s->missing[i];
	e->lost = lost;
	e->nlost = s->nmissing;
	end(e, ERRAND_LOST);
}

static void on_executed(void *ud, const struct re_status *s, const struct re_result *r)
{
	struct errand *e = ud;

	e->run = NULL;
	if (e->cancelled)
		end(e, ERRAND_CANCELLED);
	else if (s->code == GRPC_DEADLINE_EXCEEDED && s->source == GRPC_BY_SERVER && e->action->timeout_s)
		end(e, ERRAND_TIMEOUT);
	else if (s->nmissing)
		keep_lost(e, s);
	else if (s->code != GRPC_OK || !r)
		give_up(e, TROUBLE_RUN, s, "running");
	else
		take_result(e, r);
}

static void execute(struct errand *e)
{
	struct away *r = e->away;
	struct re_action action = {
		.action = e->identity->action,
		.command = e->identity->command,
		.root = e->identity->root,
		.skip_cache = e->skip_cache,
		.mnemonic = e->action->name,
		.target = sym_str(e->action->configured->target->label),
	};

	e->state = ERRAND_ASKING;
	if (e->started)
		e->started(e->ud);
	e->next = r->executing;
	r->executing = e;
	e->run = re_execute(r->client, &action, on_executed, e);
}

static void provided(void *ud)
{
	struct errand *e = ud;

	if (e->cancelled || e->diags.errors)
		end(e, ERRAND_FAILED);
	else
		execute(e);
}

static void on_caps(void *ud, const struct re_status *s, const struct re_caps *caps)
{
	struct errand *e = ud;

	if (e->cancelled) {
		end(e, ERRAND_CANCELLED);
	} else if (s->code != GRPC_OK) {
		give_up(e, TROUBLE_RUN, s, "running");
	} else if (!caps->exec) {
		static const struct re_status none = {.code = GRPC_UNIMPLEMENTED, .source = GRPC_BY_CHANNEL,
			.text = {"it runs no actions", sizeof "it runs no actions" - 1}};

		e->away->cannot_run = true;
		give_up(e, TROUBLE_RUN, &none, "running");
	} else {
		e->state = ERRAND_PROVIDING;
		pool_submit(e->away->pool, provide_work, provided, e);
	}
}

static void advance(struct away *r)
{
	struct errand *e;

	while (r->running < r->options.jobs && (e = pop(&r->waiting)) != NULL) {
		r->running++;
		e->executes = true;
		e->state = ERRAND_ASKING;
		re_capabilities(r->client, on_caps, e);
	}
}

void away_run(struct away *r, struct errand *e)
{
	e->away = r;
	e->state = ERRAND_WAITING;
	r->under_way++;
	push(&r->waiting, e);
	advance(r);
}

void away_cancel(struct errand *e)
{
	struct away *r = e->away;

	e->cancelled = true;
	if (e->state == ERRAND_WAITING) {
		leave(&r->waiting.first, e);
		r->waiting.last = &r->waiting.first;
		while (*r->waiting.last)
			r->waiting.last = &(*r->waiting.last)->next;
		end(e, ERRAND_CANCELLED);
	} else if (e->run) {
		re_cancel(e->run);
	}
}
