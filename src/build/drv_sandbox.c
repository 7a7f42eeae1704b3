#include "drv_job.h"

#include <errno.h>
#include <unistd.h>

/* A job in the sandbox of this machine: the input root bound together, /nix/store and the builder's folder writable, so
 * that the launcher finds everything in its place. */

#define LOG_KEPT ((size_t)16 << 20)

struct entries {
	struct drv_job *job;
	VEC(struct sandbox_entry) list;
	bool failed;
};

static void fail(struct entries *e, int err, const char *what, str path)
{
	if (!e->failed)
		os_error(&e->job->diags, DIAG_IO, err, what, path);
	e->failed = true;
}

static void add(struct entries *e, enum sandbox_entry_kind kind, str source, str target)
{
	struct sandbox_entry entry = {.kind = kind, .source = source, .target = target};

	vec_push(&e->list, entry);
}

static void lay(struct entries *e, const struct tree_entry *what, str target)
{
	struct store *store = e->job->build->store;
	str path;
	int err = 0;

	if (what->kind == TREE_SYMLINK) {
		add(e, SANDBOX_SYMLINK, what->target, target);
		return;
	}
	err = what->kind == TREE_DIR ? store_materialize(store, what->dir, &e->job->arena, &path) :
			store_path(store, &what->digest, what->executable, &e->job->arena, &path);
	if (err)
		fail(e, err, "laying out", target);
	else
		add(e, SANDBOX_BIND, path, target);
}

/* All of the root but the store, whose entries are bound one by one. */
static void lay_root(struct entries *e)
{
	struct tree *root = e->job->root;

	for (size_t i = 0; i < tree_count(root); i++) {
		const struct tree_entry *top = &tree_entries(root)[i];

		if (!str_eq(top->name, S("nix")))
			lay(e, top, str_fmt(&e->job->arena, "/%.*s", STR_ARG(top->name)));
	}
	for (size_t i = 0; i < e->job->ninputs; i++)
		lay(e, &e->job->inputs[i]->entry, e->job->inputs[i]->path);
}

static bool begin_scratch(struct drv_job *j)
{
	int err = store_scratch(j->build->store, &j->arena, &j->scratch);

	if (!err) {
		j->store_side = str_c(os_join(&j->arena, j->scratch, S("store")));
		j->top_side = str_c(os_join(&j->arena, j->scratch, S("top")));
		err = os_mkdirs(j->store_side.p, 0755);
		err = err ? err : os_mkdirs(j->top_side.p, 0700);
	}
	if (err)
		os_error(&j->diags, DIAG_IO, err, "making a directory below", store_root(j->build->store));
	return !err;
}

static void end_scratch(struct drv_job *j)
{
	if (j->scratch.p)
		os_remove_tree(j->scratch.p);
	j->scratch = (str){0};
}

/* ---- collecting ---- */

/* What the builder wrote may be closed to us, its owner. */
static void open_up(struct arena *a, const char *path, unsigned depth)
{
	struct stat st;
	str *names;
	size_t n;

	if (lstat(path, &st) < 0 || S_ISLNK(st.st_mode))
		return;
	if ((st.st_mode & 0400) == 0 || (S_ISDIR(st.st_mode) && (st.st_mode & 0500) != 0500))
		(void)!chmod(path, (st.st_mode & 0777) | (S_ISDIR(st.st_mode) ? 0500 : 0400));
	if (!S_ISDIR(st.st_mode) || depth >= TREE_DEPTH_MAX || os_list(a, path, &names, &n) < 0)
		return;
	for (size_t i = 0; i < n; i++)
		open_up(a, os_join(a, str_c(path), names[i]), depth + 1);
}

static int take_link(struct drv_job *j, const char *path, struct tree_entry *e)
{
	char target[PATH_MAX];
	ssize_t n = readlink(path, target, sizeof target);

	e->kind = TREE_SYMLINK;
	e->target = n < 0 ? S("") : str_dup(&j->arena, str_of(target, (size_t)n));
	return n < 0 ? -errno : 0;
}

static int take_tree(struct drv_job *j, const char *path, struct tree_entry *e, str *bad)
{
	int err = store_import(j->build->store, path, &e->dir, &j->arena, bad);

	if (err)
		return err;
	e->kind = TREE_DIR;
	return store_put_tree(j->build->store, e->dir);
}

static bool take(struct drv_job *j, size_t i)
{
	struct tree_entry *e = &j->outputs[i].entry;
	str path = job_drv(j)->outputs[i].path, bad = {0};
	const char *host = os_join(&j->arena, j->store_side, str_from(path, sizeof NIX_STORE_DIR));
	struct diag *d;
	struct stat st;
	int err;

	if (lstat(host, &st) < 0) {
		d = job_error(j, DIAG_DRV_NO_OUTPUT, "its builder did not make the output '%.*s'", STR_ARG(path));
		diag_detail(&j->diags, d, j->log);
		return false;
	}
	open_up(&j->arena, host, 0);
	e->executable = (st.st_mode & 0100) != 0;
	if (S_ISLNK(st.st_mode)) {
		err = take_link(j, host, e);
	} else if (S_ISDIR(st.st_mode)) {
		err = take_tree(j, host, e, &bad);
	} else if (S_ISREG(st.st_mode)) {
		e->kind = TREE_FILE;
		err = store_take_file(j->build->store, host, &e->digest);
	} else {
		err = -EINVAL;
	}
	if (err == -EINVAL)
		job_error(j, DIAG_DRV_NO_OUTPUT, "'%.*s' has '%.*s', which is no file, link or directory", STR_ARG(path),
				STR_ARG(bad.p ? bad : path));
	else if (err)
		os_error(&j->diags, DIAG_IO, err, "collecting", bad.p ? bad : path);
	return !err;
}

static void collect_work(void *ud)
{
	struct drv_job *j = ud;

	for (size_t i = 0; i < job_drv(j)->noutputs && !j->diags.errors; i++)
		(void)!take(j, i);
	end_scratch(j);
}

static void collected(void *ud)
{
	struct drv_job *j = ud;

	if (j->diags.errors)
		job_failed(j);
	else
		job_collected(j);
}

/* ---- running ---- */

static void refused(struct drv_job *j, const struct sandbox_result *r)
{
	struct diag *d = job_error(j, DIAG_SANDBOX_REFUSED, "the sandbox failed at '%s' %.*s: %s", r->step, STR_ARG(r->path),
			strerror(r->err));

	diag_hint(&j->diags, d, "`straylight doctor` tries each step and says what to do");
}

static void ran(void *ud, const struct sandbox_result *r)
{
	struct drv_job *j = ud;
	struct buf log = {0};

	j->sandbox_id = 0;
	buf_str(&log, blob_str(r->out));
	buf_str(&log, blob_str(r->err_out));
	j->log = buf_take(&log, &j->arena);
	j->result.wall_ns = (int64_t)r->wall_ns;
	if (r->how == SANDBOX_EXITED && r->code == 0) {
		pool_submit(j->build->pool, collect_work, collected, j);
		return;
	}
	end_scratch(j);
	switch (r->how) {
	case SANDBOX_EXITED: job_builder_failed(j, str_fmt(&j->arena, "failed with exit code %d", r->code).p); break;
	case SANDBOX_SIGNALED: job_builder_failed(j, str_fmt(&j->arena, "was ended by signal %d (%s)", r->code, strsignal(r->code)).p); break;
	case SANDBOX_REFUSED: refused(j, r); break;
	case SANDBOX_TIMEOUT:
	case SANDBOX_CANCELLED: break;
	}
	job_failed(j);
}

void job_sandbox(struct drv_job *j)
{
	static const str argv[] = {{"/" JOB_LAUNCH, sizeof "/" JOB_LAUNCH - 1}, {"/" JOB_START, sizeof "/" JOB_START - 1}};
	struct entries e = {.job = j};
	struct sandbox_request q = {.argv = argv, .argc = SL_COUNT(argv), .cwd = S("/"), .output_max = LOG_KEPT};

	if (!begin_scratch(j)) {
		job_failed(j);
		return;
	}
	add(&e, SANDBOX_WRITABLE, j->store_side, S(NIX_STORE_DIR));
	add(&e, SANDBOX_WRITABLE, j->top_side, S(DRV_TOP));
	for (size_t i = 0; i < j->start.nhost; i++)
		add(&e, SANDBOX_BIND, j->start.host[i], j->start.host[i]);
	lay_root(&e);
	q.entries = e.list.p;
	q.nentries = e.list.n;
	q.own_network = true;
	j->result.start_ns = os_wall_ns();
	if (!e.failed)
		j->sandbox_id = sandbox_run(j->build->sandbox, &q, ran, j);
	vec_free(&e.list);
	if (e.failed) {
		end_scratch(j);
		job_failed(j);
	}
}
