#include "drv_job.h"

#include <straylight/nar.h>

#include <errno.h>

/* builtin:fetchurl: no process.  What the URL names is the output: a file, executable if asked for. */

static void fail(struct drv_job *j, const char *fmt, str what)
{
	job_error(j, DIAG_DRV_FETCH, fmt, STR_ARG(what));
	job_failed(j);
}

/* "%20" and the like, as a URL writes a path. */
static str unescape(str s, struct arena *a)
{
	struct buf out = {0};

	for (size_t i = 0; i < s.n; i++) {
		unsigned char byte;

		if (s.p[i] == '%' && hex_parse(str_of(s.p + i + 1, i + 2 < s.n ? 2 : 0), &byte, 1)) {
			buf_c(&out, (char)byte);
			i += 2;
		} else {
			buf_c(&out, s.p[i]);
		}
	}
	return buf_take(&out, a);
}

static bool fetch_file(struct drv_job *j, str url, struct digest *out)
{
	str path = str_dup(&j->arena, unescape(str_from(url, sizeof "file://" - 1), &j->arena));
	int err = store_put_file(j->build->store, path.p, out);

	if (err)
		os_error(&j->diags, DIAG_DRV_FETCH, err, "fetching", url);
	return !err;
}

static bool fetch(struct drv_job *j, str url, struct digest *out)
{
	const struct drvbuild_options *o = &j->build->options;
	struct nix_hash fixed;
	bool recursive;

	if (!drv_fixed_hash(&job_drv(j)->outputs[0], &fixed, &recursive, &j->diags))
		return false;
	if (o->fetch)
		return o->fetch(o->fetch_ud, url, recursive ? NULL : &fixed, j->build->store, out, &j->diags);
	if (str_starts(url, S("file:///")))
		return fetch_file(j, url, out);
	job_error(j, DIAG_DRV_FETCH, "'%.*s' is no file:// URL, and nothing here fetches others", STR_ARG(url));
	return false;
}

static bool is_set(const struct drv *d, str key)
{
	str v = drv_variable(d, key);

	return v.n && str_eq(v, S("1"));
}

/* `unpack`: the file is an archive of Nix, and the output what is in it. */
static bool unpack(struct drv_job *j, const struct digest *from)
{
	struct nar_visitor *v;
	struct nar_reader *r;
	struct blob *b;
	bool ok;
	int err = store_get(j->build->store, from, &b);

	if (err) {
		os_error(&j->diags, DIAG_IO, err, "reading what was fetched for", j->node->path);
		return false;
	}
	v = nar_importer_new(j->build->store, &j->diags);
	r = nar_reader_new(v, j->node->path, &j->diags);
	nar_reader_feed(r, blob_str(b));
	ok = nar_reader_end(r);
	blob_unref(b);
	return nar_importer_end(v, ok, &j->arena, &j->outputs[0].entry);
}

void job_builtin(struct drv_job *j)
{
	const struct drv *d = job_drv(j);
	str url = drv_variable(d, S("url"));
	struct digest content;

	if (!str_eq(d->builder, S("builtin:fetchurl"))) {
		fail(j, "there is no builtin '%.*s'", d->builder);
		return;
	}
	if (d->kind != DRV_FIXED || !url.n) {
		fail(j, "'%.*s' needs a URL and a fixed hash", d->builder);
		return;
	}
	if (!fetch(j, drv_rewrite(d, url, &j->arena), &content) || (is_set(d, S("unpack")) && !unpack(j, &content))) {
		job_failed(j);
		return;
	}
	if (!is_set(d, S("unpack"))) {
		j->outputs[0].entry = (struct tree_entry){
			.kind = TREE_FILE,
			.executable = is_set(d, S("executable")),
			.digest = content,
		};
	}
	job_collected(j);
}
