#include "drv_job.h"

#include <straylight/fetch.h>

static void fetch_work(void *ud)
{
	struct drv_job *j = ud;

	if (fetch_derivation(j->build->store, job_drv(j), &j->arena, &j->outputs[0].entry, &j->diags))
		return;
	if (!j->diags.last->subject.n)
		diag_subject(&j->diags, j->diags.last, j->node->path);
}

static void fetched(void *ud)
{
	struct drv_job *j = ud;

	if (j->diags.errors)
		job_failed(j);
	else
		job_collected(j);
}

void job_builtin(struct drv_job *j)
{
	const struct drv *d = job_drv(j);

	if (!str_eq(d->builder, S("builtin:fetchurl")))
		job_error(j, DIAG_DRV_BUILTIN, "there is no builtin '%.*s'", STR_ARG(d->builder));
	else if (d->kind != DRV_FIXED)
		job_error(j, DIAG_DRV_BUILTIN, "what it fetches has no fixed hash");
	if (j->diags.errors)
		job_failed(j);
	else
		pool_submit(j->build->pool, fetch_work, fetched, j);
}
