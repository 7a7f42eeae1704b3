#include "execute.h"

/* How the input root becomes a sandbox's entries.
 *
 * Toolchains, directories that are inputs as a whole and those that hold nothing but headers are
 * materialised once per digest in the store and bound read-only: one mount however many files.  What is the action's own (its source, the
 * objects it links) is laid out file by file: small files as private copies, large ones and those that
 * stand in the writable directory as read-only binds of the store's own file. */

#define BIND_FILES_MIN 3              /* a directory with fewer files is cheaper to lay out */
#define COPY_BYTES_MAX ((int64_t)16 << 10)

typedef VEC(struct sandbox_entry) entry_vec;

struct plan {
	struct run *run;
	struct store *store;
	entry_vec entries;
	struct map whole; /* inputs that are directories: path → struct tree * */
	bool failed;
};

static void fail(struct plan *p, int err, const char *what, str path)
{
	if (!p->failed)
		os_error(&p->run->diags, DIAG_IO, err, what, path);
	p->failed = true;
}

static void add(struct plan *p, enum sandbox_entry_kind kind, bool executable, str source, str target)
{
	struct sandbox_entry e = {kind, executable, source, target};

	vec_push(&p->entries, e);
}

static void bind_tree(struct plan *p, struct tree *t, str target)
{
	str path;
	int err = store_materialize(p->store, t, &p->run->arena, &path);

	if (err)
		fail(p, err, "materialising", target);
	else
		add(p, SANDBOX_BIND, false, path, target);
}

static bool in_writable(const struct plan *p, str target)
{
	str dir = p->run->action->configured->out_dir;

	target = str_from(target, sizeof "/" WORK_DIR);
	return str_starts(target, dir) && (target.n == dir.n || target.p[dir.n] == '/');
}

static bool above_writable(const struct plan *p, str target)
{
	str dir = p->run->action->configured->out_dir;

	target = str_from(target, sizeof "/" WORK_DIR);
	return str_starts(dir, target) && (dir.n == target.n || dir.p[target.n] == '/');
}

static void lay_file(struct plan *p, const struct tree_entry *e, str target)
{
	bool bind = e->digest.size > COPY_BYTES_MAX || in_writable(p, target);
	str path;
	int err = store_path(p->store, &e->digest, e->executable, &p->run->arena, &path);

	if (err)
		fail(p, err, "finding the content of", target);
	else
		add(p, bind ? SANDBOX_BIND : SANDBOX_COPY, e->executable, path, target);
}

/* The same directory as among the headers alone: nothing of the action's own is in it. */
static bool only_headers(const struct plan *p, struct tree *t, str target)
{
	enum digest_fn fn = store_fn(p->store);
	const struct tree_entry *e = tree_find(p->run->identity->headers, str_from(target, sizeof "/" WORK_DIR));

	return e && e->kind == TREE_DIR && digest_eq(tree_digest(e->dir, fn), tree_digest(t, fn));
}

/* An input that is a directory, and nothing else was put into it. */
static bool is_whole(const struct plan *p, struct tree *t, str target)
{
	enum digest_fn fn = store_fn(p->store);
	struct tree *input = map_get(&p->whole, str_from(target, sizeof "/" WORK_DIR));

	return input && digest_eq(tree_digest(input, fn), tree_digest(t, fn));
}

static bool is_bound(const struct plan *p, struct tree *t, str target)
{
	if (tree_files(t) < BIND_FILES_MIN || above_writable(p, target))
		return false;
	return is_whole(p, t, target) || (!in_writable(p, target) && only_headers(p, t, target));
}

static void find_whole(struct plan *p)
{
	const struct action *a = p->run->action;

	for (uint32_t i = 0; i < a->ninputs; i++)
		if (p->run->contents->inputs[i].kind == TREE_DIR)
			map_put(&p->whole, a->inputs[i]->path, p->run->contents->inputs[i].tree);
}

/* Trees are bounded in depth by the store, so is this recursion. */
static void lay_tree(struct plan *p, struct tree *t, str at)
{
	const struct tree_entry *entries = tree_entries(t);

	for (size_t i = 0; i < tree_count(t) && !p->failed; i++) {
		const struct tree_entry *e = &entries[i];
		str target = str_fmt(&p->run->arena, "%.*s/%.*s", STR_ARG(at), STR_ARG(e->name));

		switch (e->kind) {
		case TREE_FILE: lay_file(p, e, target); break;
		case TREE_SYMLINK: add(p, SANDBOX_SYMLINK, false, e->target, target); break;
		case TREE_DIR:
			if (is_bound(p, e->dir, target)) {
				bind_tree(p, e->dir, target);
				break;
			}
			if (!above_writable(p, target) && !in_writable(p, target))
				add(p, SANDBOX_DIR, false, (str){0}, target);
			lay_tree(p, e->dir, target);
			break;
		}
	}
}

/* The root's own entries: toolchain directories are bound whole. */
static void lay_root(struct plan *p, struct tree *root)
{
	const struct tree_entry *entries = tree_entries(root);

	for (size_t i = 0; i < tree_count(root) && !p->failed; i++) {
		const struct tree_entry *e = &entries[i];
		str target = str_fmt(&p->run->arena, "/%.*s", STR_ARG(e->name));

		if (str_eq(e->name, S(WORK_DIR)))
			continue;
		switch (e->kind) {
		case TREE_DIR: bind_tree(p, e->dir, target); break;
		case TREE_SYMLINK: add(p, SANDBOX_SYMLINK, false, e->target, target); break;
		case TREE_FILE: lay_file(p, e, target); break;
		}
	}
}

static void make_output_dirs(struct plan *p)
{
	const struct action *a = p->run->action;
	str dir = a->configured->out_dir;

	for (uint32_t i = 0; i < a->noutputs && !p->failed; i++) {
		str rel = str_from(a->outputs[i]->path, dir.n + 1);
		const char *host = os_join(&p->run->arena, p->run->writable, rel);
		int err = a->outputs[i]->directory ? os_mkdirs(host, 0755) : os_mkdirs_for(host, 0755);

		if (err)
			fail(p, err, "making", str_c(host));
	}
	if (a->depfile.p && !p->failed) {
		const char *host = os_join(&p->run->arena, p->run->writable, str_from(a->depfile, dir.n + 1));
		int err = os_mkdirs_for(host, 0755);

		if (err)
			fail(p, err, "making", str_c(host));
	}
}

static bool begin_scratch(struct plan *p)
{
	struct run *run = p->run;
	int err = store_scratch(p->store, &run->arena, &run->scratch);

	if (!err) {
		run->writable = str_c(os_join(&run->arena, run->scratch, S("out")));
		err = os_mkdirs(run->writable.p, 0755);
	}
	if (!err) {
		run->request.scratch = str_c(os_join(&run->arena, run->scratch, S("work")));
		err = os_mkdirs(run->request.scratch.p, 0755);
	}
	if (err)
		fail(p, err, "making a directory below", store_root(p->store));
	return !err;
}

bool plan_make(struct run *run, struct store *store)
{
	struct plan p = {.run = run, .store = store};
	const struct tree_entry *work = tree_find(run->identity->root, S(WORK_DIR));
	struct sandbox_entry *entries;
	str out;

	if (!begin_scratch(&p))
		return false;
	out = str_fmt(&run->arena, "/" WORK_DIR "/%.*s", STR_ARG(run->action->configured->out_dir));
	find_whole(&p);
	lay_root(&p, run->identity->root);
	add(&p, SANDBOX_DIR, false, (str){0}, S("/" WORK_DIR));
	make_output_dirs(&p);
	add(&p, SANDBOX_WRITABLE, false, run->writable, out);
	if (work && work->kind == TREE_DIR)
		lay_tree(&p, work->dir, S("/" WORK_DIR));
	entries = arena_array(&run->arena, struct sandbox_entry, p.entries.n);
	if (p.entries.n)
		memcpy(entries, p.entries.p, p.entries.n * sizeof *entries);
	run->request.entries = entries;
	run->request.nentries = p.entries.n;
	vec_free(&p.entries);
	map_free(&p.whole);
	return !p.failed;
}
