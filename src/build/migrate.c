/* All files: judged, rewritten in memory, judged again as if the new texts were there, compared, and only then written. */
#include "migrate_run.h"

/* ---- workspaces ---- */

static void begin_workspace(struct migration *m, struct workspace *w, bool instead)
{
	struct diags unheard = {0};
	str root, here;

	*w = (struct workspace){0};
	if (build_find(m->q->dir, &m->a, &root, &here, &unheard)) {
		workspace_begin(w, root, BUILD_MODE_RELEASE);
	} else {
		workspace_begin(w, m->q->dir, BUILD_MODE_RELEASE);
		w->file = (str){0};
	}
	diags_free(&unheard);
	if (instead)
		w->texts = &m->texts;
}

struct fixing migration_fixing(struct migration *m, struct workspace *w, struct job *j, str text, struct diags *diags)
{
	return (struct fixing){.a = &m->a, .store = m->store, .s = &w->sessions[0], .root = w->root, .path = j->path, .text = text,
			.mode = j->mode, .judged = &m->before, .to = m->q->to, .tables = m->q->tables, .ntables = m->q->ntables,
			.cache = m->q->cache, .diags = diags};
}

/* ---- rewriting ---- */

static void keep_findings(struct job *j, struct fixing *f)
{
	j->troubles.n = j->changes.n = j->created.n = 0;
	for (size_t i = 0; i < f->troubles.n; i++)
		vec_push(&j->troubles, f->troubles.p[i]);
	for (size_t i = 0; i < f->changes.n; i++)
		vec_push(&j->changes, f->changes.p[i]);
	for (size_t i = 0; i < f->created.n; i++)
		vec_push(&j->created, f->created.p[i]);
	j->left_from_nix = f->left_from_nix;
	j->listed = f->listed;
}

static bool is_nix(const struct job *j)
{
	return str_ends(j->path, S(".nix"));
}

/* The text with its edits, and without bindings that only served what was replaced. */
static void apply(struct migration *m, struct job *j, struct fixing *f)
{
	struct buf out = {0}, tidy = {0};
	struct diags unheard = {0};

	if (!reshape_apply(&f->edits, &out))
		j->refused = S("two changes are about the same piece of text");
	else if (!is_nix(j) && !reshape_keeps_comments(&f->edits, buf_view(&out), j->path))
		j->refused = S("a comment would be lost");
	else
		j->after = str_dup(&m->a, buf_view(&out));
	if (f->replaced && j->after.p != j->before.p && dhall_lint(j->after, j->path, &tidy, NULL, &unheard) &&
			reshape_keeps_comments(&f->edits, buf_view(&tidy), j->path))
		j->after = str_dup(&m->a, buf_view(&tidy));
	buf_free(&out);
	buf_free(&tidy);
	diags_free(&unheard);
}

static void rewrite(struct migration *m, struct workspace *w, struct job *j)
{
	struct session *s = &w->sessions[0];
	struct fixing f;

	j->done = j->mode;
	j->after = j->before;
	if (!workspace_session(w, s)) {
		diags_move(m->diags, &s->diags);
		return;
	}
	f = migration_fixing(m, w, j, j->before, m->diags);
	if (is_nix(j) ? nix_rewrite(&f) : fixing_begin(&f)) {
		if (is_nix(j))
			package_rewrite(&f);
		else
			fixing_rewrite(&f);
		keep_findings(j, &f);
		apply(m, j, &f);
	}
	fixing_end(&f);
	diags_move(m->diags, &s->diags);
	j->differs = !str_eq(j->before, j->after) || j->created.n;
}

static void rewrite_all(void *ud)
{
	struct migration *m = ud;

	for (size_t i = 0; i < m->jobs.n; i++)
		if (m->jobs.p[i]->mode != m->jobs.p[i]->done)
			rewrite(m, &m->w, m->jobs.p[i]);
}

/* ---- judging what came out ---- */

static void gather_texts(struct migration *m)
{
	map_free(&m->texts);
	for (size_t i = 0; i < m->jobs.n; i++) {
		struct job *j = m->jobs.p[i];

		if (!j->differs)
			continue;
		map_put(&m->texts, j->path, &j->after);
		for (size_t k = 0; k < j->created.n; k++)
			map_put(&m->texts, j->created.p[k].path, &j->created.p[k].text);
	}
}

/* Those that were asked for, and packages that are made beside them. */
static void gather_paths(const struct migration *m, path_list *out)
{
	for (size_t i = 0; i < m->paths.n; i++)
		vec_push(out, m->paths.p[i]);
	for (size_t i = 0; i < m->jobs.n; i++)
		for (size_t k = 0; k < m->jobs.p[i]->created.n && m->jobs.p[i]->differs; k++)
			if (str_ends(m->jobs.p[i]->created.p[k].path, S("/BUILD.dhall")))
				vec_push(out, m->jobs.p[i]->created.p[k].path);
}

static bool judge(struct migration *m, struct diags *diags)
{
	struct lint_request q = {.dir = m->q->dir, .cache = m->q->cache};
	path_list paths = {0};
	bool ok;
	struct lint_text *texts = arena_array(&m->a, struct lint_text, m->texts.n + 1);

	for (size_t i = 0; i < m->texts.n; i++)
		texts[q.ntexts++] = (struct lint_text){m->texts.entries[i].key, *(const str *)m->texts.entries[i].value};
	q.texts = texts;
	gather_paths(m, &paths);
	q.paths = paths.p;
	q.npaths = paths.n;
	lint_end(&m->after);
	ok = lint_run(&q, &m->after, diags);
	vec_free(&paths);
	return ok;
}

bool migration_broken(const struct lint_report *r, str path)
{
	for (size_t i = 0; i < r->ntargets; i++)
		if (r->targets[i].broken && str_eq(r->targets[i].file, path))
			return true;
	return false;
}

static bool less(const struct migration *m, struct job *j, str why)
{
	if (j->mode == FIX_NONE)
		return false;
	j->mode++;
	if (j->mode == FIX_RECORD && !j->listed)
		j->mode++;
	if (j->mode == FIX_WRAPPED && (m->q->to < LINT_DICE_PREFERRED || is_nix(j)))
		j->mode++;
	j->refused = why;
	return true;
}

/* Files that no longer check are tried with less; true when there is one. */
static bool take_back(struct migration *m, const struct diags *diags)
{
	bool again = false, others = false;

	for (size_t i = 0; i < m->jobs.n; i++)
		if (m->jobs.p[i]->differs && migration_broken(&m->after, m->jobs.p[i]->path))
			again |= less(m, m->jobs.p[i], diags_line(&m->a, diags));
	for (size_t i = 0; i < m->after.ntargets; i++)
		others |= m->after.targets[i].broken && !migration_broken(&m->before, m->after.targets[i].file);
	for (size_t i = 0; i < m->jobs.n && others && !again; i++)
		if (m->jobs.p[i]->differs)
			again |= less(m, m->jobs.p[i], diags_line(&m->a, diags));
	return again;
}

/* ---- rounds ---- */

struct comparing {
	struct migration *m;
	struct workspace *old;
};

static void compare_all(void *ud)
{
	struct comparing *c = ud;

	for (size_t i = 0; i < c->m->jobs.n; i++)
		if (c->m->jobs.p[i]->differs && !c->m->jobs.p[i]->same)
			migration_compare(c->m, c->old, c->m->jobs.p[i]);
}

static bool open_workspace(struct migration *m, struct workspace *w, bool instead)
{
	begin_workspace(m, w, instead);
	return workspace_load(w, m->store, 1, m->diags);
}

/* Compares all with what they were; true: less is to be tried. */
static bool differs_elsewhere(struct migration *m, struct workspace *old)
{
	struct comparing c = {m, old};
	bool again = false;

	if (!open_workspace(m, &m->w, true)) {
		workspace_clear(&m->w);
		return false;
	}
	pool_run_deep(compare_all, &c);
	workspace_clear(&m->w);
	for (size_t i = 0; i < m->jobs.n; i++)
		if (m->jobs.p[i]->differs && !m->jobs.p[i]->same)
			again |= less(m, m->jobs.p[i], S("a target that nothing was wrong with would be another one"));
	return again;
}

/* Until everything that is left checks, and means what it may. */
static bool settle(struct migration *m)
{
	struct workspace old;
	bool ok = open_workspace(m, &old, false), again = true;

	while (ok && again) {
		struct diags diags = {0};

		m->w = old;
		pool_run_deep(rewrite_all, m);
		old = m->w;
		gather_texts(m);
		for (size_t i = 0; i < m->jobs.n; i++)
			m->jobs.p[i]->same = is_nix(m->jobs.p[i]); /* what changes in one is told while it is rewritten */
		(void)judge(m, &diags);
		again = take_back(m, &diags) || differs_elsewhere(m, &old);
		diags_free(&diags);
	}
	workspace_clear(&old);
	return ok;
}

/* ---- which files ---- */

bool migration_wants(const struct migration *m, const struct lint_finding *x)
{
	return x->target != LINT_NO_TARGET && !x->allowed.p && !x->wrapped && lint_severity(x->rule, m->q->to) >= LINT_WARNING;
}

/* Beside a Nix file the BUILD.dhall counts, which may wrap it. */
static void add_paths(struct migration *m)
{
	for (size_t i = 0; i < m->q->npaths; i++) {
		str path = m->q->paths[i], build;
		size_t at = path.n;
		struct stat st;

		vec_push(&m->paths, path);
		while (at > 0 && path.p[at - 1] != '/')
			at--;
		build = str_fmt(&m->a, "%.*sBUILD.dhall", STR_ARG(str_upto(path, at)));
		if (str_ends(path, S(".nix")) && stat(os_join(&m->a, m->q->dir, build), &st) == 0)
			vec_push(&m->paths, build);
	}
}

static void add_job(struct migration *m, str path)
{
	struct blob *text;
	struct job *j;
	int err;

	for (size_t i = 0; i < m->jobs.n; i++)
		if (str_eq(m->jobs.p[i]->path, path))
			return;
	j = mem_make(struct job);
	j->path = str_dup(&m->a, path);
	j->done = FIX_NONE + 1;
	err = os_read(j->path.p, MIGRATE_FILE_MAX, &text);
	if (err) {
		os_error(m->diags, DIAG_IO, err, "reading", path);
		mem_free(j);
		return;
	}
	j->before = j->after = str_dup(&m->a, blob_str(text));
	blob_unref(text);
	vec_push(&m->jobs, j);
}

static void add_jobs(struct migration *m)
{
	for (size_t i = 0; i < m->before.nfindings; i++) {
		const struct lint_finding *x = &m->before.findings[i];

		if (migration_wants(m, x))
			add_job(m, m->before.targets[x->target].file);
	}
}

static void clear(struct migration *m)
{
	for (size_t i = 0; i < m->jobs.n; i++) {
		vec_free(&m->jobs.p[i]->troubles);
		vec_free(&m->jobs.p[i]->changes);
		vec_free(&m->jobs.p[i]->created);
		mem_free(m->jobs.p[i]);
	}
	vec_free(&m->jobs);
	vec_free(&m->paths);
	map_free(&m->texts);
	lint_end(&m->before);
	lint_end(&m->after);
	if (m->store)
		store_close(m->store);
	arena_clear(&m->a);
}

bool migrate_run(const struct migrate_request *q, struct migrate_report *out, struct diags *diags)
{
	struct migration m = {.q = q, .diags = diags};
	struct lint_request lint = {.dir = q->dir, .cache = q->cache};
	struct migrate_file *files;
	bool ok;

	*out = (struct migrate_report){0};
	if (q->ntables && !convert_check_tables(q->tables, q->ntables, diags))
		return false;
	add_paths(&m);
	lint.paths = m.paths.p;
	lint.npaths = m.paths.n;
	ok = lint_run(&lint, &m.before, diags) || m.before.files;
	m.store = ok ? store_open(q->cache, DIGEST_SHA256, diags) : NULL;
	ok = m.store != NULL;
	if (ok) {
		add_jobs(&m);
		ok = settle(&m);
	}
	if (ok) {
		files = migration_report(&m, out);
		ok = (!q->fix || migration_write(&m, files)) && !diags->errors;
	}
	clear(&m);
	return ok;
}

void migrate_end(struct migrate_report *r)
{
	arena_clear(&r->arena);
	*r = (struct migrate_report){0};
}
