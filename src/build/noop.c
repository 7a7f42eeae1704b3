#include "build_int.h"
#include "materialize.h"

#include <straylight/prelude.h>

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

/* The record of a build that left nothing to do (STATE_LAST), keyed by what was asked for:
 *
 *	one struct row per file, each followed by its path; then the outputs' paths.
 *
 * A row is a stamp and what kind of look made it.  A stamp proves something only if it is older than the
 * look by more than a clock's grain; sources that were younger are hashed once more at the end, and when
 * something else was, no record is written. */

enum look_kind {
	LOOK_FOLLOW,    /* stat: sources, Dhall files, listed folders, toolchain directories */
	LOOK_OUTPUT,    /* output_stamp */
	LOOK_VARIABLE,  /* an environment variable: the path is its name, stamp.ino a hash of its value */
	LOOK_LISTED,    /* the end of rows: the path is an output to print */
};

struct row {
	struct stamp stamp; /* mode 0: absent */
	uint32_t kind, path_n;
};

#define GRAIN_NS ((int64_t)10 * 1000 * 1000)
#define THREAD_ROWS 4096 /* below this a second thread costs more than it saves */

/* ---- the key ---- */

static str request_key(struct build *b, const str *patterns, size_t n, enum build_goal goal, struct arena *a)
{
	struct buf key = {0};
	struct stat st;

	if (stat("/proc/self/exe", &st) == 0) { /* another program has another prelude */
		struct stamp self;

		os_stamp_of(&st, &self);
		buf_add(&key, &self, sizeof self);
	}
	buf_fmt(&key, "%d %d %d %u %d %.*s|", goal, b->options.mode, b->options.sandbox, b->options.check, b->options.nix_host,
			STR_ARG(b->here));
	for (size_t i = 0; i < b->said_paths; i++)
		buf_fmt(&key, "%.*s,", STR_ARG(b->options.host_paths[i]));
	for (size_t i = 0; i < n; i++)
		buf_fmt(&key, "%.*s|", STR_ARG(patterns[i]));
	return buf_take(&key, a);
}

/* ---- checking ---- */

struct check {
	const char *root;
	str rows;
	size_t from, to; /* bytes */
	bool same;
};

static void look(const char *path, uint32_t kind, struct stamp *out)
{
	struct stat st;

	memset(out, 0, sizeof *out);
	if (kind == LOOK_OUTPUT) {
		if (output_stamp(path, out))
			memset(out, 0, sizeof *out);
	} else if (stat(path, &st) == 0) {
		os_stamp_of(&st, out);
	}
}

static uint64_t variable_hash(const char *name)
{
	const char *value = getenv(name);

	return value ? str_hash(str_c(value)) | 1 : 0;
}

static bool row_holds(const struct check *c, const struct row *row, str path)
{
	char full[4096];
	struct stamp now;
	int n;

	n = path.n && path.p[0] == '/' ? snprintf(full, sizeof full, "%.*s", STR_ARG(path))
				       : snprintf(full, sizeof full, "%s/%.*s", c->root, STR_ARG(path));
	if (n < 0 || (size_t)n >= sizeof full)
		return false;
	if (row->kind == LOOK_VARIABLE) {
		snprintf(full, sizeof full, "%.*s", STR_ARG(path));
		return variable_hash(full) == row->stamp.ino;
	}
	look(full, row->kind, &now);
	return stamp_eq(&now, &row->stamp);
}

static void *check_rows(void *ud)
{
	struct check *c = ud;
	size_t at = c->from;

	c->same = true;
	while (at < c->to && c->same) {
		struct row row;

		memcpy(&row, c->rows.p + at, sizeof row);
		at += sizeof row;
		c->same = row_holds(c, &row, str_of(c->rows.p + at, row.path_n));
		at += row.path_n;
	}
	return NULL;
}

struct layout {
	size_t middle, end; /* where the second half of the rows begins, where the rows end */
	size_t rows, listed;
	bool good;
};

/* Walks the record without trusting it. */
static struct layout measure(str record)
{
	struct layout l = {0};
	size_t at = 0;

	while (at + sizeof(struct row) <= record.n) {
		struct row row;

		memcpy(&row, record.p + at, sizeof row);
		if (row.path_n > record.n - at - sizeof row)
			return l;
		if (row.kind == LOOK_LISTED) {
			if (l.listed++ == 0)
				l.end = at;
		} else {
			l.rows++;
			if (at < record.n / 2)
				l.middle = at;
		}
		at += sizeof row + row.path_n;
	}
	if (!l.listed)
		l.end = at;
	l.good = at == record.n;
	return l;
}

static bool all_same(const char *root, str record, const struct layout *l)
{
	struct check first = {root, record, 0, l->end, false}, second = {root, record, l->middle, l->end, true};
	pthread_t thread;
	bool split = l->rows >= THREAD_ROWS;

	if (split) {
		first.to = l->middle;
		split = pthread_create(&thread, NULL, check_rows, &second) == 0;
		if (!split)
			first.to = l->end;
	}
	check_rows(&first);
	if (split)
		pthread_join(thread, NULL);
	return first.same && second.same;
}

static void list_outputs(str record, const struct layout *l, struct arena *a, const str **paths, size_t *n)
{
	str *out = arena_array(a, str, l->listed);
	size_t at = l->end;

	*n = 0;
	while (at < record.n) {
		struct row row;

		memcpy(&row, record.p + at, sizeof row);
		at += sizeof row;
		out[(*n)++] = str_dup(a, str_of(record.p + at, row.path_n));
		at += row.path_n;
	}
	*paths = out;
}

bool build_is_done(struct build *b, const str *patterns, size_t n, enum build_goal goal, const str **paths,
		size_t *npaths)
{
	str record;
	struct layout l;

	if (b->options.check > 1 || b->options.dry_run ||
			!state_get(b->state, STATE_LAST, request_key(b, patterns, n, goal, &b->arena), &record))
		return false;
	l = measure(record);
	if (!l.good || !all_same(b->workspace.root.p, record, &l))
		return false;
	list_outputs(record, &l, &b->arena, paths, npaths);
	return true;
}

/* ---- remembering ---- */

struct writer {
	struct build *build;
	struct buf rows;
	struct map seen;
	bool racy; /* something may change, or has, without its stamp: nothing is remembered */
};

static void add_row(struct writer *w, enum look_kind kind, str path, const struct stamp *stamp)
{
	struct row row;

	memset(&row, 0, sizeof row);
	row.stamp = *stamp;
	row.kind = kind;
	row.path_n = (uint32_t)path.n;
	buf_add(&w->rows, &row, sizeof row);
	buf_str(&w->rows, path);
}

static void add_input(struct writer *w, str path, const struct stamp *stamp)
{
	bool fresh;

	map_slot(&w->seen, path, &fresh);
	if (!fresh)
		return;
	if (stamp->mode && stamp->ctime_ns > w->build->opened_ns - GRAIN_NS)
		w->racy = true;
	add_row(w, LOOK_FOLLOW, path, stamp);
}

/* The file still has the content that the build used, and its stamp is old enough by now. */
static bool is_settled(struct build *b, str path, const struct stamp *stamp)
{
	sym name = intern(path);
	struct content now;
	struct stamp then;
	int64_t read_ns;
	union dice_value v;

	if (!dice_get(b->dice, &kind_file, &name, &v) ||
			files_hash(b->files, str_dup(&b->arena, path).p, &now, &then, &read_ns) < 0 ||
			!stamp_eq(&then, stamp) || os_stamp_racy(&then, read_ns))
		return false;
	if (!digest_eq(&now.digest, &((const struct file_value *)v.p)->content.digest))
		return false;
	files_learn(b->files, path, &now, &then, read_ns);
	return true;
}

static void add_looked(void *ud, str path, const struct stamp *stamp, int64_t looked_ns)
{
	struct writer *w = ud;
	bool fresh;

	map_slot(&w->seen, path, &fresh);
	if (!fresh)
		return;
	if (stamp->mode && stamp->ctime_ns > looked_ns - GRAIN_NS && !is_settled(w->build, path, stamp))
		w->racy = true;
	add_row(w, LOOK_FOLLOW, path, stamp);
}

static void look_and_add(struct writer *w, str path)
{
	struct stamp stamp;
	const char *full = path.n && path.p[0] == '/' ? str_dup(&w->build->arena, path).p
						      : os_join(&w->build->arena, w->build->workspace.root, path);

	look(full, LOOK_FOLLOW, &stamp);
	add_input(w, path, &stamp);
}

static void add_dependency(struct writer *w, str name)
{
	struct stamp stamp = {0};

	if (str_starts(name, S(PRELUDE_DIR)) || str_starts(name, S("at:" PRELUDE_DIR)))
		return; /* a part of the program, whose stamp is in the key */
	if (str_starts(name, S("url:"))) {
		w->racy = true; /* it may be another by now, and nothing here tells */
		return;
	}
	if (str_starts(name, S("at:")))
		name = S("env:HOME"); /* this workspace is where it is; ~ may be elsewhere */
	if (!str_starts(name, S("env:"))) {
		look_and_add(w, name);
		return;
	}
	name = str_dup(&w->build->arena, str_from(name, 4));
	stamp.ino = variable_hash(name.p);
	add_row(w, LOOK_VARIABLE, name, &stamp);
}

static void add_package(struct writer *w, const struct package *p)
{
	for (size_t i = 0; i < p->ndeps; i++)
		add_dependency(w, p->deps[i]);
}

static bool same_paths(const struct search *a, const struct search *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (!str_eq(a->paths[i], b->paths[i]))
			return false;
	return true;
}

/* Nothing that the search looked into had changed just before, or has since. */
static bool is_still(const struct build *b, const struct search *s)
{
	for (size_t i = 0; i < s->listed.n; i++) {
		const struct listed *l = &s->listed.p[i];
		struct arena a = {0};
		struct stamp now;

		look(os_join(&a, b->workspace.root, l->path), LOOK_FOLLOW, &now);
		arena_clear(&a);
		if (l->stamp.ctime_ns > s->began_ns - GRAIN_NS || !stamp_eq(&now, &l->stamp))
			return false;
	}
	return true;
}

/* A folder may have changed since it was listed, if only because the first build made straylight-out/ in it: then
 * what counts is that a search finds the same packages now, when that change is old enough to be told from a next. */
static void add_search(struct writer *w, const struct search *then)
{
	const struct timespec grain = {.tv_nsec = GRAIN_NS + 1000 * 1000};
	struct search again = {0};
	const struct search *s = then;
	struct diags diags = {0};

	if (!is_still(w->build, s)) {
		s = &again;
		nanosleep(&grain, NULL);
		if (!build_search(w->build, then->below, &again, &diags) || !same_paths(then, s) || !is_still(w->build, s))
			w->racy = true;
	}
	for (size_t i = 0; i < s->listed.n; i++)
		add_row(w, LOOK_FOLLOW, s->listed.p[i].path, &s->listed.p[i].stamp);
	build_search_end(&again);
	diags_free(&diags);
}

static void add_toolchain(struct writer *w, const struct toolchain *t)
{
	for (uint32_t i = 0; i < t->ndirs; i++)
		add_input(w, t->dirs[i].path, &t->dirs[i].stamp);
}

void build_beyond(struct build *b, str path)
{
	if (!map_has(&b->beyond, path))
		map_put(&b->beyond, str_dup(&b->arena, path), NULL);
}

/* What Nix expressions looked at outside of the workspace; they find it by that variable. */
static void add_beyond(struct writer *w)
{
	const struct map *beyond = &w->build->beyond;

	for (size_t i = 0; i < beyond->n; i++)
		look_and_add(w, beyond->entries[i].key);
	if (w->build->derivations)
		add_dependency(w, S("env:NIX_PATH"));
}

static void add_outputs(struct writer *w, const sym *labels, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct configured *c = build_configured(w->build, labels[i]);

		for (uint32_t k = 0; c && k <= c->ndefaults; k++) {
			const struct artifact *a = k < c->ndefaults ? c->defaults[k] : c->executable;
			struct stamp stamp;

			if (!a || !a->label)
				continue;
			look(os_join(&w->build->arena, w->build->workspace.root, a->path), LOOK_OUTPUT, &stamp);
			add_row(w, LOOK_OUTPUT, a->path, &stamp);
		}
	}
}

static void list(struct writer *w, const sym *labels, size_t n)
{
	struct stamp none = {0};

	for (size_t i = 0; i < n; i++) {
		const struct configured *c = build_configured(w->build, labels[i]);

		for (uint32_t k = 0; c && k < c->ndefaults; k++)
			add_row(w, LOOK_LISTED, c->defaults[k]->path, &none);
	}
}

void build_remember(struct build *b, const str *patterns, size_t n, enum build_goal goal, const sym *labels,
		size_t nlabels)
{
	struct writer w = {.build = b};

	if (b->options.dry_run || b->options.check > 1)
		return;
	files_each(b->files, add_looked, &w);
	for (size_t i = 0; i < b->workspace.ndeps; i++)
		add_dependency(&w, b->workspace.deps[i]);
	for (size_t i = 0; i < b->searches.n; i++)
		add_search(&w, &b->searches.p[i]);
	for (size_t i = 0; i < b->packages.n; i++)
		add_package(&w, b->packages.p[i]->package);
	for (size_t i = 0; i < b->used.n; i++)
		add_toolchain(&w, b->used.p[i]);
	add_beyond(&w);
	add_outputs(&w, labels, nlabels);
	list(&w, labels, nlabels);
	if (!w.racy)
		state_put(b->state, STATE_LAST, request_key(b, patterns, n, goal, &b->arena), buf_view(&w.rows));
	buf_free(&w.rows);
	map_free(&w.seen);
	files_save(b->files);
	state_commit(b->state);
}
