#include "drv_job.h"

#include <errno.h>

/* Builders that are no program: builtin:fetchurl.  It runs on the pool, for it may wait. */

/* "%20" and the like, as a URL writes a path. */
static str unescape(str s, struct arena *a)
{
	struct buf out = {0};

	for (size_t i = 0; i < s.n; i++) {
		unsigned char byte;

		if (s.p[i] == '%' && i + 2 < s.n && hex_parse(str_of(s.p + i + 1, 2), &byte, 1)) {
			buf_c(&out, (char)byte);
			i += 2;
		} else {
			buf_c(&out, s.p[i]);
		}
	}
	return buf_take(&out, a);
}

static bool is_set(const struct drv *d, str key)
{
	str v = drv_variable(d, key);

	return v.n && str_eq(v, S("1"));
}

/* The fetcher that needs none: files of this machine. */
static bool fetch_local(struct store *store, const struct drv *d, struct arena *a, struct tree_entry *out, struct diags *diags)
{
	str url = drv_variable(d, S("url"));
	int err;

	if (!str_starts(url, S("file:///")) || is_set(d, S("unpack"))) {
		diag_error(diags, DIAG_DRV_FETCH, NO_SPAN, "'%.*s' is no file:// URL, and nothing here fetches others", STR_ARG(url));
		return false;
	}
	*out = (struct tree_entry){.kind = TREE_FILE, .executable = is_set(d, S("executable"))};
	err = store_put_file(store, unescape(str_from(url, sizeof "file://" - 1), a).p, &out->digest);
	if (err)
		os_error(diags, DIAG_DRV_FETCH, err, "fetching", url);
	return !err;
}

static void fetch_work(void *ud)
{
	struct drv_job *j = ud;
	drv_fetcher *fetch = j->build->options.fetch ? j->build->options.fetch : fetch_local;

	if (fetch(j->build->store, job_drv(j), &j->arena, &j->outputs[0].entry, &j->diags))
		return;
	if (!j->diags.errors)
		job_error(j, DIAG_DRV_FETCH, "what it fetches cannot be had");
	else if (!j->diags.last->subject.n)
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
		job_error(j, DIAG_DRV_FETCH, "there is no builtin '%.*s'", STR_ARG(d->builder));
	else if (d->kind != DRV_FIXED)
		job_error(j, DIAG_DRV_FETCH, "what it fetches has no fixed hash");
	if (j->diags.errors)
		job_failed(j);
	else
		pool_submit(j->build->pool, fetch_work, fetched, j);
}
