#include "drv_job.h"
#include "start_form.h"

/* A job on a remote worker.  The infrastructure's failures cost only time: the job then runs here, unless the remote is
 * required; a builder's failure is the derivation's. */

static void give_up(struct drv_job *j, const struct re_status *s)
{
	struct drvbuild *b = j->build;
	str what = str_fmt(&j->arena, "building '%.*s'", STR_ARG(j->node->path));
	struct diags *to = j->done ? &j->diags : b->diags;
	struct diag *d;

	if (b->options.remote.require) {
		re_diag(&j->diags, b->client, s, DIAG_ERROR, what);
		job_failed(j);
		return;
	}
	if (!b->away) {
		d = re_diag(to, b->client, s, DIAG_WARNING, what);
		diag_note(to, d, NO_SPAN, "this and what follows is built here");
	}
	b->away = true;
	job_here(j);
}

/* ---- outputs ---- */

static str printed(struct drv_job *j, const struct digest *d)
{
	struct blob *b;
	str text = {0};

	if (store_get(j->build->store, d, &b) == 0) {
		text = str_dup(&j->arena, blob_str(b));
		blob_unref(b);
	}
	return text;
}

/* The launcher could not do its work: what the worker forbids is not the builder's fault. */
static void refused(struct drv_job *j)
{
	struct re_status s = {.code = GRPC_FAILED_PRECONDITION, .source = GRPC_BY_SERVER, .text = str_trim(j->log)};

	give_up(j, &s);
}

static void on_fetched(void *ud, const struct re_status *s)
{
	struct drv_job *j = ud;
	struct buf log = {0};

	buf_str(&log, printed(j, &j->result.out));
	buf_str(&log, printed(j, &j->result.err));
	j->log = buf_take(&log, &j->arena);
	if (job_stopped(j)) {
		job_failed(j);
	} else if (j->result.exit_code == START_ROOT && !j->as_user) {
		j->build->as_user = true;
		job_remote(j);
	} else if (j->result.exit_code == START_REFUSED || j->result.exit_code == START_ROOT) {
		refused(j);
	} else if (j->result.exit_code != 0) {
		job_builder_failed(j, str_fmt(&j->arena, "failed with exit code %d on a remote worker", j->result.exit_code).p);
		job_failed(j);
	} else if (s->code != GRPC_OK) {
		give_up(j, s);
	} else if (job_adopt(j, &j->result)) {
		job_collected(j);
	} else {
		job_failed(j);
	}
}

typedef VEC(struct digest) digest_vec;

static void want(digest_vec *list, const struct digest *d)
{
	if (d->size)
		vec_push(list, *d);
}

/* Trees are bounded in depth by the store. */
static void want_tree(digest_vec *list, const struct tree *t)
{
	for (size_t i = 0; i < tree_count(t); i++) {
		const struct tree_entry *e = &tree_entries(t)[i];

		if (e->kind == TREE_FILE)
			want(list, &e->digest);
		else if (e->kind == TREE_DIR)
			want_tree(list, e->dir);
	}
}

/* What was printed, and all that was made: it is hashed and scanned here. */
static void fetch(struct drv_job *j, const struct re_result *r)
{
	digest_vec list = {0};
	struct output_entry *outputs = arena_array(&j->arena, struct output_entry, r->result.noutputs);

	want(&list, &r->result.out);
	want(&list, &r->result.err);
	for (size_t i = 0; i < r->result.noutputs; i++) {
		outputs[i] = r->result.outputs[i];
		outputs[i].path = str_dup(&j->arena, outputs[i].path);
		outputs[i].target = str_dup(&j->arena, outputs[i].target);
		if (outputs[i].kind == TREE_DIR && r->trees[i])
			want_tree(&list, r->trees[i]);
		else if (outputs[i].kind == TREE_FILE)
			want(&list, &outputs[i].digest);
	}
	j->result = r->result;
	j->result.outputs = outputs;
	j->result.worker = str_dup(&j->arena, r->result.worker);
	re_fetch(j->build->client, list.p, list.n, on_fetched, j);
	vec_free(&list);
}

static void on_executed(void *ud, const struct re_status *s, const struct re_result *r)
{
	struct drv_job *j = ud;

	j->run = NULL;
	if (job_stopped(j)) {
		job_failed(j);
	} else if (s->code != GRPC_OK || !r) {
		give_up(j, s);
	} else {
		if (r->cached)
			j->served = DRV_SERVED_CACHE;
		fetch(j, r);
	}
}

/* That a worker runs as root is learnt from the first action there.  Servers that know no such properties may refuse
 * them, so they are not sent before. */
void job_remote(struct drv_job *j)
{
	struct re_action action = {
		.action = j->action,
		.command = j->command,
		.root = j->root,
		.mnemonic = S("derivation"),
		.target = j->node->path,
	};

	j->as_user = j->build->as_user;
	if (j->as_user && !job_as_user(j, &action.action, &action.command))
		job_failed(j);
	else
		j->run = re_execute(j->build->client, &action, on_executed, j);
}
