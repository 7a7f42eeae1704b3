#include "drv_keys.h"
#include "label.h"
#include "materialize.h"
#include "remote.h"

#include <stdlib.h>
#include <unistd.h>

/* ---- what the engine tells ---- */

#define CYCLE_SHOWN 16

static str node_name(struct dice *dice, dice_id id, struct arena *a)
{
	str name = dice_describe(dice, id, a);

	return str_starts(name, S("target ")) ? str_from(name, sizeof "target") : name;
}

/* Where the target of this key is written. */
static struct span node_span(struct dice *dice, dice_id id)
{
	const struct target *t;
	union dice_value v;
	sym label, package;

	if (dice_kind_of(dice, id) != &kind_target)
		return NO_SPAN;
	label = *(const sym *)dice_key_of(dice, id);
	package = intern(label_package(label));
	if (!dice_get(dice, &kind_package, &package, &v))
		return NO_SPAN;
	t = package_target(((struct package_ref *)v.p)->package, label_name(label));
	return t ? t->span : NO_SPAN;
}

static void name_cycle(struct diags *diags, struct dice *dice, const dice_id *path, size_t n)
{
	struct arena a = {0};
	struct buf text = {0};
	size_t shown = n < CYCLE_SHOWN ? n : CYCLE_SHOWN;
	struct span at = node_span(dice, path[0]);
	struct diag *d;

	for (size_t i = 0; i < shown; i++)
		buf_fmt(&text, "%.*s -> ", STR_ARG(node_name(dice, path[i], &a)));
	if (shown < n)
		buf_fmt(&text, "%zu more -> ", n - shown);
	buf_str(&text, node_name(dice, path[0], &a));
	d = diag_error(diags, DIAG_TARGET_CYCLE, at, "targets depend on each other in a circle: %.*s",
			STR_ARG(buf_view(&text)));
	diag_hint(diags, d, "move what both need into a target of its own");
	buf_free(&text);
	arena_clear(&a);
}

static void *blame(void *ud, struct dice *dice, enum dice_fault fault, const dice_id *path, size_t n)
{
	struct failure *f = mem_make(struct failure);
	struct arena a = {0};

	f->refs = 1;
	(void)ud;
	if (fault == DICE_FAULT_CYCLE)
		name_cycle(&f->diags, dice, path, n);
	else
		diag_error(&f->diags, DIAG_INTERNAL, NO_SPAN, "the engine cannot go on at %.*s",
				STR_ARG(dice_describe(dice, path[0], &a)));
	arena_clear(&a);
	return f;
}

static void release_error(void *error)
{
	struct failure *f = error;

	if (--f->refs)
		return;
	diags_free(&f->diags);
	mem_free(f);
}

static bool transient_error(const void *error)
{
	return ((const struct failure *)error)->cancelled;
}

/* ---- opening ---- */

static bool open_store(struct build *b, struct diags *diags)
{
	struct diag *d;
	str cache = b->options.cache.n ? b->options.cache : str_c(os_cache_dir(&b->arena));

	if (!cache.n) {
		d = diag_error(diags, DIAG_STORE_OPEN, NO_SPAN, "there is no place for the cache");
		diag_hint(diags, d, "set XDG_CACHE_HOME or HOME");
		return false;
	}
	b->store = store_open(cache, b->options.digest ? b->options.digest : DIGEST_SHA256, diags);
	return b->store != NULL;
}

#define REMOTE_JOBS 200 /* actions at a server at a time: it has a queue of its own */

static bool open_engine(struct build *b, struct diags *diags)
{
	struct executor_options x = {
		.jobs = b->options.jobs,
		.sandbox = b->options.sandbox,
		.timeout_s = b->workspace.settings.timeout_s,
	};
	struct dice_host host = {
		.ud = b,
		.blame = blame,
		.release_error = release_error,
		.transient_error = transient_error,
	};

	b->files = files_new(b->state, b->store, b->workspace.root);
	b->provider = provider_new(b->store, b->files);
	remote_choose(&b->options.remote, &b->workspace.settings.remote, b->workspace.root, &b->arena);
	if (b->options.remote.endpoint.n) {
		if (!b->options.remote.jobs)
			b->options.remote.jobs = REMOTE_JOBS;
		b->away = away_new(&b->loop, b->pool, b->store, b->provider, &b->options.remote, diags);
		if (!b->away)
			return false;
		away_watch(b->away, step_silent, b);
	}
	b->executor = executor_new(&b->loop, b->pool, b->store, b->provider, &x);
	b->journal = journal_new(b->state);
	b->dice = dice_new(&b->loop, &host);
	return true;
}

static bool is_trusted(const struct substitute_config *c, str key)
{
	for (size_t i = 0; i < c->nkeys; i++)
		if (str_eq(c->keys[i], key))
			return true;
	return false;
}

/* The keys of straylight.dhall come after those of the user. */
static void choose_caches(struct build *b)
{
	const struct settings *s = &b->workspace.settings;
	struct substitute_config *c = &b->options.caches;
	str *keys = arena_array(&b->arena, str, c->nkeys + s->ntrusted_keys);
	size_t n = c->nkeys;

	if (!c->ncaches) {
		c->caches = s->substituters;
		c->ncaches = s->nsubstituters;
	}
	if (!c->ncaches)
		return;
	if (n)
		memcpy(keys, c->keys, n * sizeof *keys);
	for (uint32_t i = 0; i < s->ntrusted_keys; i++)
		if (!is_trusted(c, s->trusted_keys[i]))
			keys[n++] = s->trusted_keys[i];
	b->vouchers = keys + c->nkeys;
	b->nvouchers = n - c->nkeys;
	c->keys = keys;
	c->nkeys = n;
}

bool build_ready(struct build *b, struct diags *diags)
{
	if (b->dice)
		return true;
	if (!b->pool)
		b->pool = pool_new(&b->loop, os_cpus());
	if (!workspace_load(&b->workspace, b->store, os_cpus(), diags))
		return false;
	if (!b->options.jobs)
		b->options.jobs = b->workspace.settings.jobs ? b->workspace.settings.jobs : os_cpus();
	if (!b->options.nhost_paths) {
		b->options.host_paths = b->workspace.settings.host_paths;
		b->options.nhost_paths = b->workspace.settings.nhost_paths;
	}
	choose_caches(b);
	return open_engine(b, diags);
}

struct build *build_open(str dir, const struct build_options *options, struct diags *diags)
{
	struct build *b = mem_make(struct build);
	struct build_observer *o = &b->options.observer;
	str root, here;

	b->options = *options;
	b->said_paths = options->nhost_paths;
	b->opened_ns = os_wall_ns();
	b->options.cache = str_dup(&b->arena, options->cache);
	uv_loop_init(&b->loop);
	if (build_find(dir, &b->arena, &root, &here, diags) && open_store(b, diags)) {
		b->here = str_dup(&b->arena, here);
		source_root(root);
		workspace_begin(&b->workspace, root, options->mode);
		b->state = state_open(root, store_fn(b->store), o->waiting, o->ud, diags);
	}
	if (!b->state) {
		build_close(b);
		return NULL;
	}
	return b;
}

static void close_handle(uv_handle_t *h, void *ud)
{
	(void)ud;
	if (!uv_is_closing(h))
		uv_close(h, NULL);
}

void build_close(struct build *b)
{
	if (!b)
		return;
	dice_free(b->dice);
	for (size_t i = 0; i < b->packages.n; i++)
		package_unref(b->packages.p[i]);
	for (size_t i = 0; i < b->used.n; i++)
		toolchain_unref(b->used.p[i]);
	vec_free(&b->packages);
	vec_free(&b->used);
	for (size_t i = 0; i < b->searches.n; i++)
		build_search_end(&b->searches.p[i]);
	vec_free(&b->searches);
	executor_free(b->executor);
	away_free(b->away);
	derivations_close(b->derivations);
	vec_free(&b->lost);
	map_free(&b->distrusted);
	if (b->pool)
		pool_free(b->pool);
	workspace_clear(&b->workspace);
	provider_free(b->provider);
	journal_free(b->journal);
	files_free(b->files);
	state_close(b->state);
	uv_run(&b->loop, UV_RUN_DEFAULT); /* the client's last reads of the store among it */
	derivations_free(b->derivations);
	if (b->store)
		store_close(b->store);
	uv_walk(&b->loop, close_handle, NULL);
	uv_run(&b->loop, UV_RUN_DEFAULT);
	uv_loop_close(&b->loop);
	map_free(&b->toolchains);
	map_free(&b->beyond);
	arena_clear(&b->arena);
	mem_free(b);
}

str build_root(const struct build *b)
{
	return b->workspace.root;
}

str build_here(const struct build *b)
{
	return b->here;
}

struct uv_loop_s *build_loop(struct build *b)
{
	return &b->loop;
}

/* ---- asking the engine ---- */

struct ending {
	struct build *build;
	struct diags *diags;
	bool over;
	enum dice_outcome outcome;
};

static void take_failure(void *ud, dice_id id, void *error, size_t skipped)
{
	struct ending *e = ud;
	struct failure *f = error;

	(void)id;
	(void)skipped;
	if (f->cancelled || f->told)
		return;
	diags_move(e->diags, &f->diags);
}

static void request_done(void *ud, enum dice_outcome outcome)
{
	struct ending *e = ud;

	e->over = true;
	e->outcome = outcome;
}

/* build_interrupt ends it early.  A dry run goes on after each action that would run: all of them are told. */
static void request(struct build *b, const dice_id *ids, size_t n, struct ending *e)
{
	if (b->interrupted) {
		e->outcome = DICE_CANCELLED;
		return;
	}
	b->request = dice_request(b->dice, ids, n, b->options.keep_going || b->options.dry_run, request_done, e);
	while (!e->over)
		uv_run(&b->loop, UV_RUN_ONCE);
	b->request = NULL;
	if (e->outcome != DICE_OK)
		dice_failures(b->dice, take_failure, e);
}

bool build_ask(struct build *b, const dice_id *ids, size_t n, struct diags *diags)
{
	struct ending e = {.build = b, .diags = diags};

	request(b, ids, n, &e);
	return e.outcome == DICE_OK;
}

/* ---- matching ---- */

static int by_sym_text(const void *a, const void *b)
{
	return sym_cmp(*(const sym *)a, *(const sym *)b);
}

typedef VEC(sym) sym_vec;

static void match_package(struct build *b, const struct pattern *p, str path, sym_vec *out)
{
	sym key = intern(path);
	dice_id id = dice_key(b->dice, &kind_package, &key);
	union dice_value v;
	const struct package *package;

	if (!dice_peek(b->dice, id, &v))
		return;
	package = ((struct package_ref *)v.p)->package;
	for (uint32_t i = 0; i < package->ntargets; i++)
		if (pattern_matches(p, package->targets[i].label))
			vec_push(out, package->targets[i].label);
}

/* Evaluates the packages, side by side. */
static bool load_packages(struct build *b, const str *paths, size_t n, struct diags *diags)
{
	dice_id *ids = mem_array(dice_id, n);
	bool ok;

	for (size_t i = 0; i < n; i++) {
		sym key = intern(paths[i]);

		ids[i] = dice_key(b->dice, &kind_package, &key);
	}
	ok = build_ask(b, ids, n, diags);
	mem_free(ids);
	return ok;
}

struct note {
	struct build *build;
	struct search *search;
};

static void note_listed(void *ud, str path, const struct stamp *stamp)
{
	struct note *n = ud;
	struct listed l = {str_dup(&n->build->arena, path), *stamp};

	vec_push(&n->search->listed, l);
}

bool build_search(struct build *b, str below, struct search *out, struct diags *diags)
{
	struct note note = {b, out};

	*out = (struct search){.below = str_dup(&b->arena, below), .began_ns = os_wall_ns()};
	return workspace_packages(&b->workspace, below, &b->arena, &out->paths, &out->n, note_listed, &note, diags);
}

void build_search_end(struct search *s)
{
	vec_free(&s->listed);
}

/* The same, remembered for build_remember. */
static bool search(struct build *b, str below, str **paths, size_t *n, struct diags *diags)
{
	struct search s;
	bool ok = build_search(b, below, &s, diags);

	vec_push(&b->searches, s);
	*paths = s.paths;
	*n = s.n;
	return ok;
}

static bool match_one(struct build *b, str text, sym_vec *out, struct diags *diags)
{
	struct pattern p;
	const char *why = "";
	str *paths;
	str one;
	size_t n, before = out->n;
	bool ok = true;
	struct diag *d;

	if (!pattern_parse(text, b->here, &p, &why)) {
		d = diag_error(diags, DIAG_LABEL_SYNTAX, NO_SPAN, "'%.*s' is not a label or pattern", STR_ARG(text));
		diag_hint(diags, d, "%s", why);
		return false;
	}
	if (p.kind == PATTERN_TARGET) {
		vec_push(out, p.label);
		return true;
	}
	one = p.package;
	paths = &one;
	n = 1;
	if (p.kind == PATTERN_BELOW && !search(b, p.package, &paths, &n, diags))
		return false;
	ok = load_packages(b, paths, n, diags);
	for (size_t i = 0; i < n; i++)
		match_package(b, &p, paths[i], out);
	if (ok && out->n == before) {
		d = diag_error(diags, DIAG_NOTHING_MATCHES, NO_SPAN, "no target matches '%.*s'", STR_ARG(text));
		diag_hint(diags, d, "`straylight query targets //...` lists every target");
		return false;
	}
	return ok || (b->options.keep_going && out->n > before);
}

bool build_match(struct build *b, const str *patterns, size_t n, sym **labels, size_t *nlabels, struct diags *diags)
{
	sym_vec out = {0};
	str here = S(":all");
	bool ok = true;
	size_t kept = 0;

	if (!build_ready(b, diags))
		return false;
	if (n == 0) {
		patterns = &here;
		n = 1;
	}
	for (size_t i = 0; i < n; i++)
		ok = match_one(b, patterns[i], &out, diags) && ok;
	if (out.n)
		qsort(out.p, out.n, sizeof *out.p, by_sym_text);
	*labels = arena_array(&b->arena, sym, out.n);
	for (size_t i = 0; i < out.n; i++)
		if (kept == 0 || (*labels)[kept - 1] != out.p[i])
			(*labels)[kept++] = out.p[i];
	*nlabels = kept;
	vec_free(&out);
	return ok;
}

bool build_packages(struct build *b, str **paths, size_t *n, struct diags *diags)
{
	return build_ready(b, diags) && search(b, (str){0}, paths, n, diags);
}

/* ---- running ---- */

const struct configured *build_configured(struct build *b, sym label)
{
	union dice_value v;

	return dice_get(b->dice, &kind_target, &label, &v) ? v.p : NULL;
}

const struct content *build_content(struct build *b, const struct artifact *a)
{
	struct action_key key = {a->label, a->act};
	union dice_value v;
	const struct action_value *value;

	if (!a->label || !dice_get(b->dice, &kind_action, &key, &v))
		return NULL;
	value = v.p;
	for (uint32_t i = 0; i < value->noutputs; i++)
		if (value->outputs[i].name == a->name)
			return &value->outputs[i].content;
	return NULL;
}

static void materialize_one(struct build *b, const struct artifact *a, struct diags *diags)
{
	const struct content *c = build_content(b, a);
	int err = c ? materialize(b->state, b->store, b->workspace.root, a->path, c) : 0;

	if (err)
		os_error(diags, DIAG_IO, err, "writing", a->path);
}

static void outputs_collide(struct build *b, const struct artifact *a, const struct artifact *other, struct diags *diags)
{
	struct diag *d = diag_error(diags, DIAG_DUPLICATE_OUTPUT, build_configured(b, a->label)->target->span,
			"output '%.*s' of '%.*s' is, or lies inside, an output of '%.*s'", STR_ARG(a->path),
			STR_ARG(sym_str(a->label)), STR_ARG(sym_str(other->label)));

	diag_hint(diags, d, "rename one of the two targets or outputs");
}

/* What is to be in the workspace, each artifact once: path → artifact. */
static void want_outputs(struct build *b, const sym *labels, size_t n, struct map *wanted, struct diags *diags)
{
	for (size_t i = 0; i < n; i++) {
		const struct configured *c = build_configured(b, labels[i]);

		for (uint32_t k = 0; c && k <= c->ndefaults; k++) {
			const struct artifact *a = k < c->ndefaults ? c->defaults[k] : c->executable, *other;

			if (!a || !a->label)
				continue;
			other = map_get(wanted, a->path);
			if (!other)
				map_put(wanted, a->path, (void *)(uintptr_t)a);
			else if (other->label != a->label)
				outputs_collide(b, a, other, diags);
		}
	}
}

/* The output of another target that `a` would lie in: of //a:b and //a/b:c, say. */
static const struct artifact *lies_in(const struct map *wanted, const struct artifact *a)
{
	for (size_t n = sizeof OUT_DIR; n < a->path.n; n++) {
		const struct artifact *other = a->path.p[n] == '/' ? map_get(wanted, str_upto(a->path, n)) : NULL;

		if (other)
			return other;
	}
	return NULL;
}

static void materialize_all(struct build *b, const struct map *wanted, struct diags *diags)
{
	for (size_t i = 0; i < wanted->n; i++) {
		const struct artifact *a = wanted->entries[i].value, *other = lies_in(wanted, a);

		if (other)
			outputs_collide(b, a, other, diags);
		else
			materialize_one(b, a, diags);
	}
}

/* ---- what is at a remote server ---- */

static void contents_of(struct build *b, const struct map *wanted, struct content *contents)
{
	for (size_t i = 0; i < wanted->n; i++) {
		const struct content *c = build_content(b, wanted->entries[i].value);

		contents[i] = c ? *c : (struct content){.kind = TREE_SYMLINK};
	}
}

static void fetch_over(void *ud)
{
	*(bool *)ud = true;
}

/* What is to be in the workspace comes into the store.  What the server has lost is noted (build_lose). */
static void fetch_wanted(struct build *b, const struct map *wanted, struct diags *diags)
{
	struct arena a = {0};
	struct content *contents = arena_array(&a, struct content, wanted->n);
	bool over = false;
	struct away_fetch f = {.contents = contents, .n = wanted->n, .done = fetch_over, .ud = &over};

	contents_of(b, wanted, contents);
	away_fetch(b->away, &f);
	while (!over)
		uv_run(&b->loop, UV_RUN_ONCE);
	for (size_t i = 0; f.nlost && i < wanted->n; i++)
		build_lose(b, wanted->entries[i].value, &contents[i], f.lost, f.nlost);
	diags_move(diags, &f.diags);
	arena_clear(&f.arena);
	arena_clear(&a);
}

#define HEAL_MAX 3

/* Makes what was lost again, by the actions that made it: false when there is nothing to do. */
static bool heal(struct build *b, unsigned round)
{
	struct dice_txn *txn = b->lost.n && round < HEAL_MAX && !b->interrupted ? dice_begin(b->dice) : NULL;

	if (!txn)
		return false;
	for (size_t i = 0; i < b->lost.n; i++) {
		str key = str_dup(&b->arena, str_of((const char *)&b->lost.p[i], sizeof b->lost.p[i]));

		map_put(&b->distrusted, key, b);
		dice_touch(txn, dice_key(b->dice, &kind_action, &b->lost.p[i]));
	}
	b->summary->remote.healed += b->lost.n;
	b->lost.n = 0;
	return dice_commit(txn) != 0;
}

static void tell_lost(struct build *b, struct diags *diags)
{
	struct diag *d;

	if (!b->lost.n || b->interrupted)
		return;
	d = diag_error(diags, DIAG_REMOTE_LOST, NO_SPAN, "the server lost outputs of '%.*s' again and again",
			STR_ARG(sym_str(b->lost.p[0].label)));
	diag_hint(diags, d, "it may be short of space; --remote-cache-only builds here");
}

static void save(struct build *b, struct diags *diags)
{
	int err;

	files_save(b->files);
	err = state_commit(b->state);
	if (err)
		os_error(diags, DIAG_IO, err, "saving the state of", b->workspace.root);
}

/* Asks for the goals, and leaves what they are about in the workspace. */
static void reach(struct build *b, const dice_id *ids, const sym *labels, size_t n, struct diags *diags)
{
	bool leave = !b->options.dry_run && (!b->away || b->options.remote.download != DOWNLOAD_NONE);
	unsigned round = 0;

	do {
		struct ending e = {.build = b, .diags = diags};
		struct map wanted = {0};

		request(b, ids, n, &e);
		if (leave)
			want_outputs(b, labels, n, &wanted, diags);
		if (leave && b->away && !b->interrupted)
			fetch_wanted(b, &wanted, diags);
		if (leave && !b->lost.n)
			materialize_all(b, &wanted, diags);
		map_free(&wanted);
	} while (heal(b, round++));
	tell_lost(b, diags);
	if (b->away && !b->options.dry_run)
		build_hold(b, labels, n);
}

int build_run(struct build *b, const sym *labels, size_t n, enum build_goal goal, struct build_summary *summary,
		struct diags *diags)
{
	dice_id *ids = mem_array(dice_id, n);

	*summary = (struct build_summary){0};
	if (!build_ready(b, diags)) {
		mem_free(ids);
		return diags_exit(diags);
	}
	b->summary = summary;
	for (size_t i = 0; i < n; i++) {
		struct goal_key key = {labels[i], goal == GOAL_TEST ? GOAL_KEY_TEST : GOAL_KEY_BUILD};

		ids[i] = dice_key(b->dice, &kind_goal, &key);
	}
	reach(b, ids, labels, n, diags);
	for (size_t i = 0; i < n; i++)
		summary->unfinished += !dice_peek(b->dice, ids[i], &(union dice_value){0});
	mem_free(ids);
	if (b->away) {
		size_t healed = summary->remote.healed;

		race_settle(b);
		away_settle(b->away, b->interrupted);
		away_count(b->away, &summary->remote);
		summary->remote.healed += healed;
		summary->remote.races = b->racing.begun;
		summary->remote.won_here = b->racing.won_here;
		away_troubles(b->away, diags);
	}
	derivations_troubles(b->derivations, diags);
	save(b, diags);
	b->summary = NULL;
	if (b->interrupted)
		return 130;
	return diags_exit(diags);
}

void build_interrupt(struct build *b)
{
	b->interrupted = true;
	if (b->workspace.world)
		dhall_stop(b->workspace.world);
	if (b->request)
		dice_cancel(b->request);
}

/* ---- afterwards ---- */

void build_outputs(struct build *b, sym label, const str **paths, size_t *n)
{
	const struct configured *c = build_configured(b, label);
	str *out;

	*n = c ? c->ndefaults : 0;
	*paths = out = arena_array(&b->arena, str, *n);
	for (size_t i = 0; i < *n; i++)
		out[i] = str_dup(&b->arena, c->defaults[i]->path);
}

bool build_executable(struct build *b, sym label, str *path)
{
	const struct configured *c = build_configured(b, label);

	if (!c || !c->executable)
		return false;
	*path = str_dup(&b->arena, c->executable->path);
	return true;
}
