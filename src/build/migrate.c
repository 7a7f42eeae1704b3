/* All files: judged, rewritten in memory, judged again as if the new texts were there, compared, and only then written. */
#include "migrate_run.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define FILE_MAX ((size_t)256 << 20)

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
			.mode = j->mode, .judged = &m->before, .to = m->q->to, .diags = diags};
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
}

static bool is_nix(const struct job *j)
{
	return str_ends(j->path, S(".nix"));
}

static void rewrite(struct migration *m, struct workspace *w, struct job *j)
{
	struct session *s = &w->sessions[0];
	struct fixing f;
	struct buf out = {0};

	j->done = j->mode;
	j->after = j->before;
	if (!workspace_session(w, s)) {
		diags_move(m->diags, &s->diags);
		return;
	}
	f = migration_fixing(m, w, j, j->before, m->diags);
	if (is_nix(j) ? nix_rewrite(&f) : fixing_begin(&f)) {
		if (!is_nix(j))
			fixing_rewrite(&f);
		keep_findings(j, &f);
		if (!reshape_apply(&f.edits, &out))
			j->refused = S("two changes are about the same piece of text");
		else if (!is_nix(j) && !reshape_keeps_comments(&f.edits, buf_view(&out), j->path))
			j->refused = S("a comment would be lost");
		else
			j->after = str_dup(&m->a, buf_view(&out));
	}
	fixing_end(&f);
	buf_free(&out);
	diags_move(m->diags, &s->diags);
	j->differs = !str_eq(j->before, j->after);
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

static bool judge(struct migration *m, struct diags *diags)
{
	struct lint_request q = {.dir = m->q->dir, .paths = m->q->paths, .npaths = m->q->npaths, .cache = m->q->cache};
	struct lint_text *texts = arena_array(&m->a, struct lint_text, m->texts.n + 1);

	for (size_t i = 0; i < m->texts.n; i++)
		texts[q.ntexts++] = (struct lint_text){m->texts.entries[i].key, *(const str *)m->texts.entries[i].value};
	q.texts = texts;
	lint_end(&m->after);
	return lint_run(&q, &m->after, diags);
}

static bool is_broken(const struct lint_report *r, str path)
{
	for (size_t i = 0; i < r->ntargets; i++)
		if (r->targets[i].broken && str_eq(r->targets[i].file, path))
			return true;
	return false;
}

static bool less(struct job *j, str why)
{
	if (j->mode == FIX_NONE)
		return false;
	j->mode++;
	j->refused = why;
	return true;
}

static str first_line(struct migration *m, const struct diags *d)
{
	return d->first ? str_dup(&m->a, str_upto(d->first->text, str_find(d->first->text, '\n'))) : S("it does not check");
}

/* Files that no longer check are tried with less; true when there is one. */
static bool take_back(struct migration *m, const struct diags *diags)
{
	bool again = false, others = false;

	for (size_t i = 0; i < m->jobs.n; i++)
		if (m->jobs.p[i]->differs && is_broken(&m->after, m->jobs.p[i]->path))
			again |= less(m->jobs.p[i], first_line(m, diags));
	for (size_t i = 0; i < m->after.ntargets; i++)
		others |= m->after.targets[i].broken && !is_broken(&m->before, m->after.targets[i].file);
	for (size_t i = 0; i < m->jobs.n && others && !again; i++)
		if (m->jobs.p[i]->differs)
			again |= less(m->jobs.p[i], first_line(m, diags));
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
			again |= less(m->jobs.p[i], S("a target that nothing was wrong with would be another one"));
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

static bool is_wanted(const struct migration *m, const struct lint_finding *x)
{
	return x->target != LINT_NO_TARGET && !x->allowed.p && lint_severity(x->rule, m->q->to) >= LINT_WARNING;
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
	err = os_read(j->path.p, FILE_MAX, &text);
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

		if (is_wanted(m, x))
			add_job(m, m->before.targets[x->target].file);
	}
}

/* ---- writing ---- */

static bool is_unchanged(const struct job *j, struct diags *diags)
{
	struct blob *now;
	int err = os_read(j->path.p, FILE_MAX, &now);
	bool same;

	if (err) {
		os_error(diags, DIAG_IO, err, "reading", j->path);
		return false;
	}
	same = str_eq(blob_str(now), j->before);
	blob_unref(now);
	if (!same)
		diag_hint(diags, diag_error(diags, DIAG_MIGRATE_CHANGED, NO_SPAN, "'%.*s' was changed while it was being rewritten",
						 STR_ARG(j->path)),
				"it was left as it is now; run the command again");
	return same;
}

static bool is_writable(const struct job *j, struct diags *diags)
{
	struct stat st;

	if (stat(j->path.p, &st) == 0 && st.st_mode & 0222 && access(j->path.p, W_OK) == 0)
		return true;
	diag_hint(diags, diag_error(diags, DIAG_MIGRATE_READ_ONLY, NO_SPAN, "'%.*s' may not be written", STR_ARG(j->path)),
			"nothing was written; give it write permission, or leave it out");
	return false;
}

/* The file itself and not a link to it, with the permissions that it has. */
static bool write_one(const struct job *j, struct diags *diags)
{
	char *real = realpath(j->path.p, NULL);
	struct stat st;
	int err = real && stat(real, &st) == 0 ? 0 : -errno;

	if (!err)
		err = os_replace(real, j->after, st.st_mode & 07777, true);
	if (err)
		os_error(diags, DIAG_IO, err, "writing", j->path);
	free(real);
	return err == 0;
}

/* Two of them may be the same. */
static bool create(struct migration *m, const struct lint_text *x)
{
	struct blob *now;
	bool same;
	int err;

	if (os_read(x->path.p, FILE_MAX, &now) == 0) {
		same = str_eq(blob_str(now), x->text);
		blob_unref(now);
		if (!same)
			diag_error(m->diags, DIAG_MIGRATE_CHANGED, NO_SPAN, "'%.*s' was made while others were being rewritten",
					STR_ARG(x->path));
		return same;
	}
	err = os_mkdirs_for(x->path.p, 0777);
	err = err ? err : os_replace(x->path.p, x->text, 0666, true);
	if (err)
		os_error(m->diags, DIAG_IO, err, "writing", x->path);
	return err == 0;
}

static bool create_all(struct migration *m, const struct job *j)
{
	bool ok = true;

	for (size_t i = 0; i < j->created.n && ok; i++)
		ok = create(m, &j->created.p[i]);
	return ok;
}

static void tell_created(struct migrate_file *files, const struct lint_text *x)
{
	while (!str_eq(files->path, x->path))
		files++;
	files->written = true;
}

static bool write_all(struct migration *m, struct migrate_file *files)
{
	bool ok = true;
	size_t n = 0;

	for (size_t i = 0; i < m->jobs.n; i++)
		if (m->jobs.p[i]->differs)
			ok &= is_writable(m->jobs.p[i], m->diags);
	if (ok && m->q->ready)
		ok = m->q->ready(m->q->ud);
	for (size_t i = 0; i < m->jobs.n && ok; i++) {
		struct job *j = m->jobs.p[i];

		if (!j->differs)
			continue;
		ok = is_unchanged(j, m->diags) && create_all(m, j) && write_one(j, m->diags);
		files[n++].written = ok;
		for (size_t k = 0; k < j->created.n && ok; k++)
			tell_created(files, &j->created.p[k]);
	}
	return ok;
}

/* ---- the report ---- */

static bool is_left(const struct migration *m, const struct lint_finding *x)
{
	str target = m->before.targets[x->target].name;

	for (size_t i = 0; i < m->after.nfindings; i++) {
		const struct lint_finding *y = &m->after.findings[i];

		if (y->target != LINT_NO_TARGET && y->rule == x->rule && str_eq(y->text, x->text) &&
				str_eq(m->after.targets[y->target].name, target))
			return true;
	}
	return is_broken(&m->after, m->before.targets[x->target].file);
}

static str why_left(const struct migration *m, const struct lint_finding *x, struct arena *a)
{
	const struct lint_target *t = &m->before.targets[x->target];

	for (size_t i = 0; i < m->jobs.n; i++) {
		const struct job *j = m->jobs.p[i];

		for (size_t k = 0; k < j->troubles.n; k++)
			if (j->troubles.p[k].rule == x->rule && str_eq(j->troubles.p[k].target, t->name))
				return str_dup(a, j->troubles.p[k].why);
	}
	for (size_t i = 0; i < m->jobs.n && x->rule == LINT_FROM_NIX_OUTSIDE; i++)
		if (str_eq(m->jobs.p[i]->path, x->file) && m->jobs.p[i]->left_from_nix.p)
			return str_dup(a, m->jobs.p[i]->left_from_nix);
	for (size_t i = 0; i < m->jobs.n; i++)
		if (str_eq(m->jobs.p[i]->path, t->file) && m->jobs.p[i]->refused.p)
			return str_dup(a, m->jobs.p[i]->refused);
	return (str){0};
}

static void report_items(struct migration *m, struct migrate_report *out)
{
	struct migrate_item *items = arena_array(&out->arena, struct migrate_item, m->before.nfindings + 1);

	for (size_t i = 0; i < m->before.nfindings; i++) {
		const struct lint_finding *x = &m->before.findings[i];
		struct migrate_item *y = &items[out->nitems];

		struct place at;

		if (!is_wanted(m, x))
			continue;
		at = source_place(source_add_file(x->file), x->lo);
		*y = (struct migrate_item){x->rule, x->target, str_dup(&out->arena, x->file), at.line, at.column,
				str_dup(&out->arena, x->text), !is_left(m, x), {0}};
		if (!y->fixed)
			y->why = why_left(m, x, &out->arena);
		out->nitems++;
	}
	out->items = items;
}

/* Behind the others. */
static void report_created(struct migration *m, struct migrate_report *out, struct migrate_file *files)
{
	for (size_t i = 0; i < m->jobs.n; i++)
		for (size_t k = 0; k < m->jobs.p[i]->created.n && m->jobs.p[i]->differs; k++) {
			const struct lint_text *x = &m->jobs.p[i]->created.p[k];
			bool known = false;

			for (size_t f = 0; f < out->nfiles; f++)
				known |= str_eq(files[f].path, x->path);
			if (!known)
				files[out->nfiles++] = (struct migrate_file){str_dup(&out->arena, x->path), S(""),
						str_dup(&out->arena, x->text), false};
		}
}

static void report_files(struct migration *m, struct migrate_report *out, struct migrate_file *files)
{
	size_t n = 0;
	struct migrate_change *changes;

	for (size_t i = 0; i < m->jobs.n; i++) {
		struct job *j = m->jobs.p[i];

		n += j->changes.n;
		if (!j->differs)
			continue;
		files[out->nfiles++] = (struct migrate_file){str_dup(&out->arena, j->path), str_dup(&out->arena, j->before),
				str_dup(&out->arena, j->after), false};
	}
	report_created(m, out, files);
	changes = arena_array(&out->arena, struct migrate_change, n + 1);
	for (size_t i = 0; i < m->jobs.n; i++)
		for (size_t k = 0; k < m->jobs.p[i]->changes.n && m->jobs.p[i]->differs; k++) {
			const struct migrate_change *c = &m->jobs.p[i]->changes.p[k];

			changes[out->nchanges++] = (struct migrate_change){str_dup(&out->arena, c->target), str_dup(&out->arena, c->text)};
		}
	out->changes = changes;
	out->files = files;
}

static void report_targets(struct migration *m, struct migrate_report *out)
{
	struct lint_target *targets = arena_array(&out->arena, struct lint_target, m->before.ntargets + 1);

	for (size_t i = 0; i < m->before.ntargets; i++) {
		targets[i] = m->before.targets[i];
		targets[i].name = str_dup(&out->arena, targets[i].name);
		targets[i].file = str_dup(&out->arena, targets[i].file);
	}
	out->targets = targets;
	out->ntargets = m->before.ntargets;
	out->root = str_dup(&out->arena, m->before.root);
	mem_free(lint_passes(&m->before, m->q->to, &out->passed_before));
	mem_free(lint_passes(&m->after, m->q->to, &out->passed_after));
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
	map_free(&m->texts);
	lint_end(&m->before);
	lint_end(&m->after);
	if (m->store)
		store_close(m->store);
	arena_clear(&m->a);
}

static size_t count_files(const struct migration *m)
{
	size_t n = m->jobs.n;

	for (size_t i = 0; i < m->jobs.n; i++)
		n += m->jobs.p[i]->created.n;
	return n;
}

bool migrate_run(const struct migrate_request *q, struct migrate_report *out, struct diags *diags)
{
	struct migration m = {.q = q, .diags = diags};
	struct lint_request lint = {.dir = q->dir, .paths = q->paths, .npaths = q->npaths, .cache = q->cache};
	struct migrate_file *files;
	bool ok;

	*out = (struct migrate_report){0};
	ok = lint_run(&lint, &m.before, diags) || m.before.files;
	m.store = ok ? store_open(q->cache, DIGEST_SHA256, diags) : NULL;
	ok = m.store != NULL;
	if (ok) {
		add_jobs(&m);
		ok = settle(&m);
	}
	if (ok) {
		files = arena_array(&out->arena, struct migrate_file, count_files(&m) + 1);
		report_targets(&m, out);
		report_items(&m, out);
		report_files(&m, out, files);
		ok = (!q->fix || write_all(&m, files)) && !diags->errors;
	}
	clear(&m);
	return ok;
}

void migrate_end(struct migrate_report *r)
{
	arena_clear(&r->arena);
	*r = (struct migrate_report){0};
}
