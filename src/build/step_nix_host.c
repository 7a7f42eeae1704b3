#include "program.h"
#include "step_nix.h"

#include <straylight/nar.h>

#include <errno.h>
#include <pthread.h>
#include <unistd.h>

/* --nix=host: the machine's nix builds it, outside of any sandbox of ours.  What comes of it is no result that another build may
 * have: it depends on what is installed here. */

#define HOUR_MS ((int64_t)3600 * 1000)
#define PRINTED_MAX ((size_t)4 << 20)
#define PRINTED_SHOWN ((size_t)4 << 10)

extern char **environ;

static void failed(struct step_nix *n, bool started, str printed)
{
	struct step_job *j = n->job;
	struct diag *d;

	if (!started) {
		d = diag_error(&n->diags, DIAG_NIX_HOST, NO_SPAN, "there is no program 'nix' to build '%.*s'", STR_ARG(j->action->name));
		diag_hint(&n->diags, d, "leave --nix=host away: straylight builds derivations itself");
		return;
	}
	d = diag_error(&n->diags, DIAG_NIX_HOST, NO_SPAN, "the host's nix did not build '%.*s'", STR_ARG(j->action->name));
	diag_detail(&n->diags, d, printed.n > PRINTED_SHOWN ? str_from(printed, printed.n - PRINTED_SHOWN) : printed);
}

/* Where the link of an output leads: LINK for "out", LINK-NAME for others. */
static bool linked(struct step_nix *n, const char *link, str output, str *path)
{
	char target[4096];
	const char *name = str_eq(output, S("out")) ? link : str_fmt(&n->arena, "%s-%.*s", link, STR_ARG(output)).p;
	ssize_t size = readlink(name, target, sizeof target);

	if (size < 0)
		size = readlink(link, target, sizeof target);
	if (size < 0) {
		os_error(&n->diags, DIAG_NIX_HOST, errno, "reading what nix made,", str_c(name));
		return false;
	}
	*path = str_dup(&n->arena, str_of(target, (size_t)size));
	return true;
}

/* A nix that finds no state of its own makes it, and two at once trip over each other's.  So the first one does nothing
 * else; should it fail, those that build say why. */
static void open_store(void)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static bool opened;
	const char *argv[] = {"nix-store", "--init", NULL};
	struct buf printed = {.limit = PRINTED_MAX};

	pthread_mutex_lock(&lock);
	if (!opened)
		(void)!program_ask((char *const *)(uintptr_t)argv, environ, HOUR_MS, &printed, NULL);
	opened = true;
	pthread_mutex_unlock(&lock);
	buf_free(&printed);
}

/* One output: the folder of the inputs is where it runs. */
static bool run_nix(struct step_nix *n, str folder, str artifacts, const char *link, str output, str *path)
{
	str expression = str_fmt(&n->arena, "(%.*s).%.*s", STR_ARG(n->expression), STR_ARG(output));
	const char *argv[] = {"env", "-C", folder.p, "nix", "--extra-experimental-features", "nix-command", "build", "--impure", "-I",
			artifacts.p, "--out-link", link, "--expr", expression.p, NULL};
	struct buf printed = {.limit = PRINTED_MAX};
	bool started, ok = program_ask((char *const *)(uintptr_t)argv, environ, HOUR_MS, &printed, &started);

	if (!ok)
		failed(n, started, buf_view(&printed));
	buf_free(&printed);
	return ok && linked(n, link, output, path);
}

/* Into the CAS, by an archive: where its store lies only nix knows. */
static bool import(struct step_nix *n, str path, const char *file, struct tree_entry *e)
{
	const char *argv[] = {"sh", "-c", "exec nix --extra-experimental-features nix-command store dump-path \"$1\" > \"$2\"", "sh", path.p, file, NULL};
	struct buf printed = {.limit = PRINTED_MAX};
	bool started, ok = program_ask((char *const *)(uintptr_t)argv, environ, HOUR_MS, &printed, &started);
	struct blob *archive = NULL;
	struct nar_visitor *v;
	struct nar_reader *r;
	int err;

	if (!ok)
		failed(n, started, buf_view(&printed));
	buf_free(&printed);
	if (!ok)
		return false;
	err = os_read(file, 0, &archive);
	if (err) {
		os_error(&n->diags, DIAG_IO, err, "reading", str_c(file));
		return false;
	}
	v = nar_importer_new(n->job->build->store, &n->diags);
	r = nar_reader_new(v, path, &n->diags);
	ok = nar_reader_feed(r, blob_str(archive));
	ok = nar_reader_end(r) && ok;
	blob_unref(archive);
	return nar_importer_end(v, ok, &n->arena, e);
}

static void host_work(void *ud)
{
	struct step_nix *n = ud;
	struct step_job *j = n->job;
	const struct action *a = j->action;
	str folder, scratch, artifacts, package = j->configured->target->package, path;
	int err = store_scratch(j->build->store, &n->arena, &scratch);

	if (err) {
		os_error(&n->diags, DIAG_IO, err, "making a folder for", a->name);
		return;
	}
	if (!step_nix_lay_out(n, &folder))
		return;
	open_store();
	artifacts = step_nix_artifacts(n, folder);
	folder = str_c(os_join(&n->arena, folder, package));
	for (uint32_t i = 0; i < a->noutputs && !n->diags.errors; i++) {
		const char *link = os_join(&n->arena, scratch, str_fmt(&n->arena, "%u", i));

		if (run_nix(n, folder, artifacts, link, step_nix_output(j, a->outputs[i]), &path))
			(void)!import(n, path, str_fmt(&n->arena, "%s.nar", link).p, &n->outputs[i]);
	}
	os_remove_tree(scratch.p);
}

static void host_done(void *ud)
{
	dice_resume(((struct step_nix *)ud)->job->job);
}

enum dice_step step_nix_host(struct dice_ctx *ctx, struct step_job *j)
{
	struct step_nix *n = j->nix;

	n->began = os_wall_ns();
	n->outputs = arena_array(&n->arena, struct tree_entry, j->action->noutputs);
	step_notify(j, SERVED_RUN, false);
	j->phase = PHASE_EVALUATE;
	j->job = dice_defer(ctx, NULL, j);
	pool_submit(j->build->pool, host_work, host_done, n);
	return DICE_WAIT;
}

/* `why` says who built it. */
static void confess(struct step_job *j)
{
	str *reasons = arena_array(&j->arena, str, j->nreasons + 1);

	if (j->nreasons)
		memcpy(reasons, j->reasons, j->nreasons * sizeof *reasons);
	reasons[j->nreasons++] = S("the host's nix builds it, outside of the sandbox (--nix=host)");
	j->reasons = reasons;
}

enum dice_step step_nix_hosted(struct dice_ctx *ctx, struct step_job *j)
{
	struct step_nix *n = j->nix;
	const struct action *a = j->action;
	struct output_entry *outputs = arena_array(&j->arena, struct output_entry, a->noutputs);
	struct action_result r = {.outputs = outputs, .noutputs = a->noutputs, .start_ns = n->began, .wall_ns = os_wall_ns() - n->began};
	struct reads reads = {0};

	diags_move(&j->diags, &n->diags);
	if (j->diags.errors)
		return step_fail(ctx, j);
	for (uint32_t i = 0; i < a->noutputs; i++) {
		const struct tree_entry *e = &n->outputs[i];

		outputs[i] = (struct output_entry){a->outputs[i]->path, e->kind, e->executable, e->digest, e->target};
		if (e->kind == TREE_DIR)
			outputs[i].digest = *tree_digest(e->dir, store_fn(j->build->store));
	}
	confess(j);
	j->run.wall_ns = (uint64_t)r.wall_ns;
	step_record(j, SERVED_RUN, &r, &reads);
	return step_succeed(ctx, j, &r, SERVED_RUN);
}
