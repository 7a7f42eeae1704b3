/* All files: which, side by side on a pool, from the memo where nothing has changed, and put together. */
#include "lint_int.h"

#include <errno.h>
#include <stdlib.h>

#define KIND "lint"
#define FILE_MAX ((size_t)256 << 20)

enum job_kind { JOB_DHALL, JOB_SOURCE /* of what is imported */, JOB_NIX };

struct job {
	struct linting *run;
	enum job_kind kind;
	struct lint_file f;
	bool memo; /* it is from there */
};

struct linting {
	struct arena arena;
	uv_loop_t loop;
	struct pool *pool;
	struct store *store;
	struct workspace w;
	struct map seen; /* paths */
	struct map texts; /* by path: const str *, what is to be read instead */
	VEC(struct job *) jobs;
	struct diags *diags;
};

/* ---- the memo ---- */

static bool key_of(const struct linting *r, const struct lint_file *f, const struct digest *content, unsigned char out[32])
{
	struct buf key = {0};
	str root = r->w.root;

	if (!str_starts(f->path, root) || f->path.n <= root.n)
		return false;
	memo_key_begin(&key);
	cbor_bytes(&key, str_of((const char *)r->w.settings.contexts[0], 32));
	cbor_text(&key, str_from(f->path, root.n + 1));
	cbor_bytes(&key, str_of((const char *)content->b, sizeof content->b));
	memo_key_end(&key, out);
	return true;
}

static bool recall(struct linting *r, struct lint_file *f, const struct digest *content)
{
	unsigned char key[32];
	struct memo memo;
	bool hit = false;

	if (!key_of(r, f, content, key))
		return false;
	memo_get(r->store, KIND, key, &memo);
	for (uint32_t i = 0; i < memo.n && !hit; i++)
		hit = witness_vouches(r->w.witness, &memo.entries[i]) && lint_recall(memo.entries[i].value, r->w.root, f);
	memo_clear(&memo);
	return hit;
}

static void remember(struct linting *r, const struct lint_file *f)
{
	struct arena a = {0};
	struct buf value = {0};
	unsigned char key[32];
	const struct ground *grounds;
	struct digest content;
	size_t n;

	if (!f->diags.first && witness_content(r->w.witness, f->path, &content) && key_of(r, f, &content, key) &&
			witness_grounds(r->w.witness, f->deps, f->ndeps, &a, &grounds, &n)) {
		lint_record(f, r->w.root, &value);
		(void)memo_put(r->store, KIND, key, grounds, n, buf_view(&value)); /* only a memo */
	}
	buf_free(&value);
	arena_clear(&a);
}

/* ---- one file, on a worker ---- */

static void judge_dhall(struct job *j, str text)
{
	struct linting *r = j->run;
	struct session *s = &r->w.sessions[pool_worker()];
	struct digest content = digest_of(store_fn(r->store), text);
	bool as_it_is = !r->texts.n && !j->f.hosts.n; /* nothing else counts */

	j->memo = as_it_is && recall(r, &j->f, &content);
	if (j->memo)
		return;
	if (workspace_session(&r->w, s)) {
		lint_dhall(&r->w, s, text, &j->f);
		if (as_it_is)
			remember(r, &j->f);
	} else {
		diags_move(&j->f.diags, &s->diags);
	}
}

static void work(void *ud)
{
	struct job *j = ud;
	const str *instead = map_get(&j->run->texts, j->f.path);
	struct blob *text = instead ? blob_new(*instead) : NULL;
	int err = instead ? 0 : os_read(j->f.path.p, FILE_MAX, &text);

	if (err) {
		os_error(&j->f.diags, DIAG_IO, err, "reading", j->f.path);
		return;
	}
	if (j->kind != JOB_SOURCE)
		lint_hosts(j->run->store, &j->f);
	switch (j->kind) {
	case JOB_DHALL: judge_dhall(j, blob_str(text)); break;
	case JOB_SOURCE: lint_dhall_source(blob_str(text), &j->f); break;
	case JOB_NIX:
		lint_nix(blob_str(text), j->run->w.root, &j->f);
		break;
	}
	blob_unref(text);
}

/* ---- which files ---- */

static void done(void *ud);

static void add(struct linting *r, str path, enum job_kind kind)
{
	struct job *j;
	bool fresh;
	void **slot = map_slot(&r->seen, path, &fresh);
	struct arena a = {0};

	if (!fresh)
		return;
	j = mem_make(struct job);
	*slot = j;
	j->run = r;
	j->kind = kind;
	j->f.path = str_dup(&j->f.arena, path);
	r->seen.entries[r->seen.n - 1].key = j->f.path;
	j->f.in_toolchains = str_starts(path, str_fmt(&a, "%.*s/toolchains/", STR_ARG(r->w.root)));
	arena_clear(&a);
	vec_push(&r->jobs, j);
	pool_submit(r->pool, work, done, j);
}

/* Of two files that are imported and asked for, the one that is asked for is evaluated: imports are added last. */
static void done(void *ud)
{
	(void)ud;
}

static void add_imports(struct linting *r)
{
	size_t n = r->jobs.n;

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < r->jobs.p[i]->f.imports.n; k++)
			if (str_ends(r->jobs.p[i]->f.imports.p[k], S(".dhall")))
				add(r, r->jobs.p[i]->f.imports.p[k], JOB_SOURCE);
}

static bool is_linted(str name)
{
	return str_eq(name, S("BUILD.dhall")) || str_ends(name, S(".nix"));
}

/* The folder and those below it, but other workspaces. */
static bool add_folder(struct linting *r, str top)
{
	VEC(str) todo = {0};
	bool ok = true;

	vec_push(&todo, top);
	while (todo.n && ok) {
		str dir = vec_pop(&todo), *names;
		bool other = false;
		struct stamp stamp;
		size_t n = 0;
		int err = os_list(&r->arena, dir.p, &names, &n);

		if (err) {
			os_error(r->diags, DIAG_IO, err, "listing", dir);
			ok = false;
		}
		for (size_t i = 0; i < n; i++)
			other |= str_eq(names[i], S("straylight.dhall")) && !str_eq(dir, r->w.root);
		for (size_t i = 0; i < n && (!other || str_eq(dir, top)); i++) {
			str path = str_c(os_join(&r->arena, dir, names[i]));
			str below = path.n > r->w.root.n ? str_from(path, r->w.root.n + 1) : (str){0};

			if (is_linted(names[i]))
				add(r, path, str_ends(names[i], S(".nix")) ? JOB_NIX : JOB_DHALL);
			else if (str_eq(path, r->w.file))
				add(r, path, JOB_DHALL);
			else if (!workspace_skips(&r->w, below, names[i]) && os_stamp(path.p, &stamp) == 0 && S_ISDIR(stamp.mode))
				vec_push(&todo, path);
		}
	}
	vec_free(&todo);
	return ok;
}

static bool add_path(struct linting *r, str dir, str path)
{
	str full;
	struct stat st;

	if (!os_normalize(&r->arena, path.n && path.p[0] == '/' ? path : str_c(os_join(&r->arena, dir, path)), &full)) {
		os_error(r->diags, DIAG_IO, ENOENT, "reading", path);
		return false;
	}
	if (map_has(&r->texts, full)) {
		add(r, full, str_ends(full, S(".nix")) ? JOB_NIX : JOB_DHALL);
		return true;
	}
	if (stat(full.p, &st) != 0) {
		os_error(r->diags, DIAG_USAGE, errno, "reading", path);
		return false;
	}
	if (S_ISDIR(st.st_mode))
		return add_folder(r, full);
	if (str_ends(full, S(".nix")) || str_ends(full, S(".dhall"))) {
		add(r, full, str_ends(full, S(".nix")) ? JOB_NIX : JOB_DHALL);
		return true;
	}
	diag_hint(r->diags, diag_error(r->diags, DIAG_USAGE, NO_SPAN, "'%.*s' is no file that can be judged", STR_ARG(path)),
			"a PATH is a folder, a .dhall file or a .nix file");
	return false;
}

/* ---- together ---- */

static int by_path(const void *a, const void *b)
{
	return str_cmp((*(struct job *const *)a)->f.path, (*(struct job *const *)b)->f.path);
}

static int by_place(const void *a, const void *b)
{
	const struct lint_finding *x = a, *y = b;
	int c = str_cmp(x->file, y->file);

	if (c)
		return c;
	if (x->lo != y->lo)
		return x->lo < y->lo ? -1 : 1;
	if (x->rule != y->rule)
		return x->rule < y->rule ? -1 : 1;
	return x->target < y->target ? -1 : x->target > y->target;
}

static void wrapped_files(const struct linting *r, struct map *out)
{
	for (size_t i = 0; i < r->jobs.n; i++)
		for (size_t k = 0; k < r->jobs.p[i]->f.wrapped.n; k++)
			map_put(out, r->jobs.p[i]->f.wrapped.p[k], NULL);
}

/* A finding may be placed in another file, whose suppressions count as well. */
static void allow_across(const struct linting *r)
{
	for (size_t i = 0; i < r->jobs.n; i++) {
		struct lint_file *f = &r->jobs.p[i]->f;

		for (size_t k = 0; k < f->findings.n; k++) {
			struct lint_finding *x = &f->findings.p[k];
			struct job *other = x->allowed.p || str_eq(x->file, f->path) ? NULL : map_get(&r->seen, x->file);

			if (other)
				lint_allow_other(&other->f, x);
		}
	}
	for (size_t i = 0; i < r->jobs.n; i++)
		lint_allow_idle(&r->jobs.p[i]->f);
}

/* A file that cannot be judged counts as one target. */
static void count_broken(struct job *j, str root)
{
	struct lint_file *f = &j->f;

	if (!f->diags.errors || j->kind == JOB_SOURCE)
		return;
	f->targets.n = f->findings.n = 0;
	lint_target(f, str_starts(f->path, root) && f->path.n > root.n ? str_from(f->path, root.n + 1) : f->path, 0, 0);
	f->targets.p[0].broken = true;
}

static void put_file(struct lint_report *out, const struct lint_file *f, bool wrapped, struct lint_target *targets,
		struct lint_finding *findings)
{
	uint32_t base = (uint32_t)out->ntargets;

	for (size_t i = 0; i < f->targets.n; i++) {
		struct lint_target *t = &targets[out->ntargets++];

		*t = f->targets.p[i];
		t->name = str_dup(&out->arena, t->name);
		t->file = str_dup(&out->arena, t->file);
	}
	for (size_t i = 0; i < f->findings.n; i++) {
		struct lint_finding *x = &findings[out->nfindings];

		if (wrapped && f->findings.p[i].rule == LINT_UNWRAPPED)
			continue;
		*x = f->findings.p[i];
		x->target += x->target == LINT_NO_TARGET ? 0 : base;
		x->file = str_dup(&out->arena, x->file);
		x->text = str_dup(&out->arena, x->text);
		if (x->allowed.p)
			x->allowed = str_dup(&out->arena, x->allowed);
		out->nfindings++;
	}
}

/* Findings of a file stand together: they have one source, whose text is read once. */
static void add_sources(struct lint_finding *findings, size_t n)
{
	for (size_t i = 0; i < n; i++)
		findings[i].source = i && str_eq(findings[i].file, findings[i - 1].file) ? findings[i - 1].source :
				source_add_file(findings[i].file);
}

static void put_together(struct linting *r, struct lint_report *out)
{
	size_t ntargets = 0, nfindings = 0;
	struct map wrapped = {0};
	struct lint_target *targets;
	struct lint_finding *findings;

	if (r->jobs.n)
		qsort(r->jobs.p, r->jobs.n, sizeof *r->jobs.p, by_path);
	allow_across(r);
	for (size_t i = 0; i < r->jobs.n; i++) {
		count_broken(r->jobs.p[i], r->w.root);
		ntargets += r->jobs.p[i]->f.targets.n;
		nfindings += r->jobs.p[i]->f.findings.n;
	}
	wrapped_files(r, &wrapped);
	targets = arena_array(&out->arena, struct lint_target, ntargets);
	findings = arena_array(&out->arena, struct lint_finding, nfindings);
	for (size_t i = 0; i < r->jobs.n; i++)
		put_file(out, &r->jobs.p[i]->f, map_has(&wrapped, r->jobs.p[i]->f.path), targets, findings);
	if (out->nfindings)
		qsort(findings, out->nfindings, sizeof *findings, by_place);
	add_sources(findings, out->nfindings);
	out->targets = targets;
	out->findings = findings;
	out->files = r->jobs.n;
	map_free(&wrapped);
}

/* ---- the run ---- */

static void wait_for_all(struct linting *r)
{
	while (pool_pending(r->pool))
		uv_run(&r->loop, UV_RUN_ONCE);
}

static void find_workspace(struct linting *r, str dir)
{
	struct diags unheard = {0};
	str root, here;

	if (build_find(dir, &r->arena, &root, &here, &unheard)) {
		workspace_begin(&r->w, root, BUILD_MODE_RELEASE);
	} else {
		workspace_begin(&r->w, dir, BUILD_MODE_RELEASE);
		r->w.file = (str){0};
	}
	diags_free(&unheard);
	source_root(r->w.root);
}

static bool run(struct linting *r, const struct lint_request *q, struct lint_report *out)
{
	unsigned workers = os_cpus();
	bool ok = true;

	find_workspace(r, q->dir);
	for (size_t i = 0; i < q->ntexts; i++)
		map_put(&r->texts, q->texts[i].path, (void *)&q->texts[i].text);
	if (q->ntexts)
		r->w.texts = &r->texts;
	r->store = store_open(q->cache, DIGEST_SHA256, r->diags);
	if (!r->store)
		return false;
	r->pool = pool_new(&r->loop, workers);
	if (!workspace_load(&r->w, r->store, workers, r->diags))
		return false;
	for (size_t i = 0; i < q->npaths; i++)
		ok &= add_path(r, q->dir, q->paths[i]);
	if (!q->npaths)
		ok = add_folder(r, r->w.root);
	wait_for_all(r);
	add_imports(r);
	wait_for_all(r);
	out->level = r->w.file.n ? lint_level_of(r->w.settings.lint) : LINT_CONSTRAINED;
	out->root = str_dup(&out->arena, r->w.root);
	put_together(r, out);
	for (size_t i = 0; i < r->jobs.n; i++) {
		ok &= r->jobs.p[i]->f.diags.errors == 0;
		diags_move(r->diags, &r->jobs.p[i]->f.diags);
	}
	return ok;
}

static void close_handle(uv_handle_t *h, void *ud)
{
	(void)ud;
	if (!uv_is_closing(h))
		uv_close(h, NULL);
}

bool lint_run(const struct lint_request *q, struct lint_report *out, struct diags *diags)
{
	struct linting r = {.diags = diags};
	bool ok;

	*out = (struct lint_report){0};
	uv_loop_init(&r.loop);
	ok = run(&r, q, out);
	if (r.pool)
		pool_free(r.pool);
	for (size_t i = 0; i < r.jobs.n; i++) {
		lint_file_clear(&r.jobs.p[i]->f);
		mem_free(r.jobs.p[i]);
	}
	vec_free(&r.jobs);
	map_free(&r.seen);
	map_free(&r.texts);
	workspace_clear(&r.w);
	if (r.store)
		store_close(r.store);
	uv_run(&r.loop, UV_RUN_DEFAULT);
	uv_walk(&r.loop, close_handle, NULL);
	uv_run(&r.loop, UV_RUN_DEFAULT);
	uv_loop_close(&r.loop);
	arena_clear(&r.arena);
	return ok;
}

void lint_end(struct lint_report *r)
{
	for (size_t i = 0; i < r->nfindings; i++)
		source_drop(r->findings[i].source);
	arena_clear(&r->arena);
	*r = (struct lint_report){0};
}

bool *lint_passes(const struct lint_report *r, enum lint_level level, size_t *passed)
{
	bool *out = mem_array(bool, r->ntargets + 1);

	for (size_t i = 0; i < r->ntargets; i++)
		out[i] = !r->targets[i].broken;
	for (size_t i = 0; i < r->nfindings; i++) {
		const struct lint_finding *x = &r->findings[i];

		if (x->target != LINT_NO_TARGET && !x->allowed.p && !x->wrapped && lint_severity(x->rule, level) >= LINT_WARNING)
			out[x->target] = false;
	}
	*passed = 0;
	for (size_t i = 0; i < r->ntargets; i++)
		*passed += out[i];
	return out;
}
