#include "re_here.h"

#include <straylight/sandbox.h>

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#define OUTPUT_KEPT ((size_t)16 << 20) /* of each stream */
#define ROOT "/root" /* where an input root stands whose action has no working directory */

struct here {
	struct server *remote;
	const struct described *action;
	struct action_result *result;
	str scratch, top, directory; /* on the host: ours, what is writable, the working directory */
	str cwd;                     /* in the sandbox */
	VEC(struct sandbox_entry) entries;
	str how;
	bool failed;
};

static bool fail(struct here *h, int err, const char *what, str path)
{
	if (err && !h->failed)
		os_error(&h->remote->call->diags, DIAG_IO, err, what, path);
	h->failed |= err != 0;
	return err == 0;
}

static struct arena *arena_of(struct here *h)
{
	return &h->remote->call->arena;
}

/* ---- laying out ---- */

static void add(struct here *h, enum sandbox_entry_kind kind, bool executable, str source, str target)
{
	struct sandbox_entry e = {kind, executable, source, target};

	vec_push(&h->entries, e);
}

static void lay_entry(struct here *h, const struct tree_entry *e)
{
	struct store *store = h->remote->store;
	str target = str_fmt(arena_of(h), "/%.*s", STR_ARG(e->name)), source = e->target;
	int err = 0;

	switch (e->kind) {
	case TREE_DIR:
		err = store_materialize(store, e->dir, arena_of(h), &source);
		add(h, SANDBOX_BIND, false, source, target);
		break;
	case TREE_FILE:
		err = store_path(store, &e->digest, e->executable, arena_of(h), &source);
		add(h, SANDBOX_COPY, e->executable, source, target);
		break;
	case TREE_SYMLINK: add(h, SANDBOX_SYMLINK, false, source, target); break;
	}
	fail(h, err, "finding the content of", e->name);
}

/* The first component of the working directory, or the whole root. */
static str first_component(str path)
{
	return str_upto(path, str_find(path, '/'));
}

static bool lay_out(struct here *h)
{
	struct tree *root = h->action->root, *own = root;
	str first = first_component(h->action->command.directory);
	const struct tree_entry *e = tree_entries(root);

	for (size_t i = 0; i < tree_count(root) && first.n; i++) {
		if (!str_eq(e[i].name, first))
			lay_entry(h, &e[i]);
		else if (e[i].kind == TREE_DIR)
			own = e[i].dir;
	}
	if (own == root && first.n)
		own = tree_empty();
	else
		tree_ref(own);
	if (!h->failed)
		fail(h, store_export(h->remote->store, own, h->top.p, true), "writing the inputs into", h->top);
	tree_unref(own);
	add(h, SANDBOX_WRITABLE, false, h->top, first.n ? str_fmt(arena_of(h), "/%.*s", STR_ARG(first)) : S(ROOT));
	return !h->failed;
}

/* Workers make the folders of outputs. */
static bool make_folders(struct here *h)
{
	const struct re_command *c = &h->action->command;

	fail(h, os_mkdirs(h->directory.p, 0755), "making", h->directory);
	for (size_t i = 0; i < c->noutputs && !h->failed; i++) {
		const char *path = os_join(arena_of(h), h->directory, c->outputs[i]);

		fail(h, os_mkdirs_for(path, 0755), "making the folder of", str_c(path));
	}
	return !h->failed;
}

/* Paths of an action are anybody's: none may lead out. */
static bool check_paths(struct here *h)
{
	const struct re_command *c = &h->action->command;
	str normal;

	for (size_t i = 0; i <= c->noutputs; i++) {
		str path = i < c->noutputs ? c->outputs[i] : c->directory;

		if (!path.n || (path.p[0] != '/' && os_normalize(arena_of(h), path, &normal) && str_eq(path, normal)))
			continue;
		diag_error(&h->remote->call->diags, DIAG_ACTION_SHAPE, NO_SPAN, "the path '%.*s' of the action does not stay "
				"in its input root", STR_ARG(path));
		return false;
	}
	return true;
}

static bool begin(struct here *h)
{
	str directory = h->action->command.directory, first = first_component(directory);
	int err = store_scratch(h->remote->store, arena_of(h), &h->scratch);

	if (!fail(h, err, "making a directory below", store_root(h->remote->store)))
		return false;
	h->top = str_c(os_join(arena_of(h), h->scratch, S("top")));
	h->directory = first.n < directory.n ? str_c(os_join(arena_of(h), h->top, str_from(directory, first.n + 1))) : h->top;
	h->cwd = directory.n ? str_fmt(arena_of(h), "/%.*s", STR_ARG(directory)) : S(ROOT);
	return lay_out(h) && make_folders(h);
}

/* ---- running ---- */

static void ran(void *ud, const struct sandbox_result *r)
{
	struct here *h = ud;
	struct arena *a = arena_of(h);
	struct store *store = h->remote->store;

	h->result->exit_code = r->how == SANDBOX_EXITED ? r->code : r->how == SANDBOX_SIGNALED ? 128 + r->code : -1;
	h->result->wall_ns = (int64_t)r->wall_ns;
	if (r->how == SANDBOX_SIGNALED)
		h->how = str_fmt(a, "signal %d ended it", r->code);
	else if (r->how == SANDBOX_TIMEOUT)
		h->how = S("it took longer than its timeout");
	else if (r->how == SANDBOX_REFUSED)
		h->how = str_fmt(a, "it could not be started: %s%s%.*s: %s", r->step, r->path.n ? " " : "", STR_ARG(r->path),
				strerror(r->err));
	fail(h, store_put(store, blob_str(r->out), &h->result->out), "storing", S("what the command printed"));
	fail(h, store_put(store, blob_str(r->err_out), &h->result->err), "storing", S("what the command printed"));
	h->remote->over = true;
}

/* A bare name is looked for in PATH, among the inputs. */
static str program(struct here *h)
{
	const struct re_command *c = &h->action->command;
	str name = c->argv[0], dirs = {NULL, 0}, dir;

	for (size_t i = 0; i < c->nenv; i++)
		if (str_starts(c->env[i], S("PATH=")))
			dirs = str_from(c->env[i], sizeof "PATH");
	if (str_find(name, '/') < name.n)
		return name;
	while (dirs.n) {
		str_cut(dirs, ':', &dir, &dirs);
		if (dir.n > 1 && dir.p[0] == '/' && tree_find(h->action->root, str_fmt(arena_of(h), "%.*s/%.*s",
				STR_ARG(str_from(dir, 1)), STR_ARG(name))))
			return str_fmt(arena_of(h), "%.*s/%.*s", STR_ARG(dir), STR_ARG(name));
	}
	return name;
}

static void start(struct here *h)
{
	const struct re_command *c = &h->action->command;
	struct server *r = h->remote;
	struct sandbox *sandbox = sandbox_new(&r->loop);
	str *argv = arena_array(arena_of(h), str, c->argc);
	struct sandbox_request q = {
		.argv = argv,
		.argc = c->argc,
		.env = c->env,
		.nenv = c->nenv,
		.cwd = h->cwd,
		.entries = h->entries.p,
		.nentries = h->entries.n,
		.scratch = h->scratch,
		.timeout_ms = h->action->said.timeout_s < UINT32_MAX / 1000 ? h->action->said.timeout_s * 1000 : 0,
		.output_max = OUTPUT_KEPT,
	};

	for (size_t i = 0; i < c->argc; i++)
		argv[i] = i ? c->argv[i] : program(h);
	h->result->start_ns = os_wall_ns();
	sandbox_run(sandbox, &q, ran, h);
	while (!r->over)
		uv_run(&r->loop, UV_RUN_ONCE);
	r->over = false;
	sandbox_free(sandbox);
}

/* ---- collecting ---- */

static bool collect(struct here *h, str path, struct output_entry *e)
{
	struct arena *a = arena_of(h);
	const char *full = os_join(a, h->directory, path);
	struct store *store = h->remote->store;
	char target[PATH_MAX];
	struct stamp stamp;
	struct tree *t;
	ssize_t n;
	str bad;
	int err = os_stamp(full, &stamp);

	if (err)
		return err == -ENOENT || fail(h, err, "looking at", path);
	*e = (struct output_entry){.path = path, .executable = S_ISREG(stamp.mode) && (stamp.mode & 0111)};
	if (S_ISDIR(stamp.mode)) {
		e->kind = TREE_DIR;
		err = store_import(store, full, &t, a, &bad);
		err = err ? err : store_put_tree(store, t);
		if (!err)
			e->digest = *tree_digest(t, store_fn(store));
		if (!err)
			tree_unref(t);
	} else if (S_ISLNK(stamp.mode)) {
		e->kind = TREE_SYMLINK;
		n = readlink(full, target, sizeof target);
		err = n < 0 ? -errno : 0;
		e->target = str_dup(a, str_of(target, n < 0 ? 0 : (size_t)n));
	} else {
		e->kind = TREE_FILE;
		err = store_put_file(store, full, &e->digest);
	}
	return fail(h, err, "collecting", path);
}

static void collect_all(struct here *h)
{
	const struct re_command *c = &h->action->command;
	struct output_entry *outputs = arena_array(arena_of(h), struct output_entry, c->noutputs);
	size_t n = 0;

	for (size_t i = 0; i < c->noutputs; i++)
		if (collect(h, c->outputs[i], &outputs[n]) && outputs[n].path.n)
			n++;
	h->result->outputs = outputs;
	h->result->noutputs = n;
}

bool re_run_here(struct server *r, const struct described *action, struct action_result *out, str *how)
{
	struct here h = {.remote = r, .action = action, .result = out};

	*out = (struct action_result){.worker = S("this machine")};
	if (check_paths(&h) && begin(&h)) {
		start(&h);
		collect_all(&h);
	}
	if (h.scratch.p)
		os_remove_tree(h.scratch.p);
	vec_free(&h.entries);
	*how = h.how;
	return !r->call->diags.errors;
}
