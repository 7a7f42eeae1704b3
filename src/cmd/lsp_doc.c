/* Open documents: their text, and what is known of it. */
#include "lsp.h"

struct document *document_find(const struct lsp *l, str uri)
{
	for (struct document *d = l->documents; d; d = d->next)
		if (str_eq(str_c(d->uri), uri))
			return d;
	return NULL;
}

struct document *document_of(struct lsp *l, const struct data *params)
{
	str uri = json_text(json_member(json_member(params, "textDocument"), "uri"));
	struct document *d = document_find(l, uri);

	if (!d)
		lsp_fail(l, LSP_INVALID_PARAMS, "the document '%.*s' is not open", STR_ARG(uri));
	return d;
}

/* ---- versions ---- */

static void close_versions(struct document *d)
{
	if (d->good != d->now)
		dhall_ide_close(d->good);
	dhall_ide_close(d->now);
	d->now = d->good = NULL;
	d->mended = false;
}

static str name_of(const struct document *d)
{
	return d->path.n ? d->path : str_c(d->uri);
}

struct dh_ide *document_ide(struct lsp *l, struct document *d)
{
	struct dh_ide *fresh;

	if (d->now && !d->stale)
		return d->now;
	fresh = dhall_ide_open(l->world, buf_view(&d->text), name_of(d), d->directory);
	if (d->now != d->good)
		dhall_ide_close(d->now);
	d->now = fresh;
	d->stale = false;
	if (dhall_ide_parsed(fresh)) {
		dhall_ide_close(d->good);
		d->good = fresh;
		d->mended = false;
	} else if (!d->good || d->mended) { /* it has never been whole */
		dhall_ide_close(d->good);
		d->good = dhall_ide_mend(fresh);
		d->mended = d->good != NULL;
	}
	return fresh;
}

void document_free(struct document *d)
{
	close_versions(d);
	buf_free(&d->text);
	arena_clear(&d->mem);
	mem_free(d->uri);
	mem_free(d);
}

/* ---- changed imports ---- */

/* Versions that rest on the file are closed before the world forgets it; *good is the text of one that is to be
 * opened anew, empty when there is none. */
static void let_go(struct lsp *l, struct document *d, str path, str *good)
{
	bool rests = (d->now && dhall_ide_depends(d->now, path)) || (d->good && dhall_ide_depends(d->good, path));

	*good = S("");
	if (!rests)
		return;
	if (d->good && d->good != d->now && !d->mended)
		*good = str_dup(&l->mem, dhall_ide_text(d->good));
	close_versions(d);
	d->stale = d->unpublished = true;
}

void documents_changed(struct lsp *l, str path)
{
	size_t n = 0, i = 0;
	str *good;

	if (!path.n)
		return;
	for (struct document *d = l->documents; d; d = d->next)
		n++;
	good = arena_array(&l->mem, str, n);
	for (struct document *d = l->documents; d; d = d->next)
		let_go(l, d, path, &good[i++]);
	dhall_forget(l->world, path);
	i = 0;
	for (struct document *d = l->documents; d; d = d->next, i++)
		if (good[i].n)
			d->good = dhall_ide_open(l->world, good[i], name_of(d), d->directory);
}

/* What was absent or failed is tried again. */
static void try_again(struct lsp *l)
{
	for (struct document *d = l->documents; d; d = d->next)
		if (d->now && dhall_ide_diags(d->now)->first)
			d->stale = d->unpublished = true;
	dhall_forget(l->world, S(""));
}

/* ---- notifications ---- */

static str folder_of(str path)
{
	size_t n = path.n;

	while (n && path.p[n - 1] != '/')
		n--;
	return str_upto(path, n > 1 ? n - 1 : n);
}

static struct document *document_new(struct lsp *l, str uri)
{
	struct document *d = mem_make(struct document), **at = &l->documents;

	d->uri = str_zdup(uri);
	d->path = uri_path(&d->mem, uri);
	d->directory = d->path.n ? folder_of(d->path) : l->doors.directory;
	while (*at)
		at = &(*at)->next;
	*at = d;
	return d;
}

static void text_changed(struct lsp *l, struct document *d)
{
	d->stale = d->unpublished = true;
	l->written = d;
	documents_changed(l, d->path);
}

static void take_text(struct document *d, str text)
{
	d->text.n = 0;
	buf_str(&d->text, str_upto(text, UINT32_MAX / 2));
}

void on_did_open(struct lsp *l, const struct data *params)
{
	const struct data *item = json_member(params, "textDocument");
	str uri = json_text(json_member(item, "uri"));
	struct document *d = document_find(l, uri);

	if (!uri.n)
		return;
	if (!d)
		d = document_new(l, uri);
	take_text(d, json_text(json_member(item, "text")));
	d->version = json_number(json_member(item, "version"), 0);
	text_changed(l, d);
}

static void apply_change(struct lsp *l, struct document *d, const struct data *change)
{
	const struct data *range = json_member(change, "range");
	str text = buf_view(&d->text), with = json_text(json_member(change, "text"));
	struct buf out = {0};
	uint32_t lo, hi;

	if (!range) {
		take_text(d, with);
		return;
	}
	lo = position_offset(text, l->utf8, json_position(json_member(range, "start")));
	hi = position_offset(text, l->utf8, json_position(json_member(range, "end")));
	buf_str(&out, str_upto(text, lo));
	buf_str(&out, with);
	buf_str(&out, str_from(text, hi > lo ? hi : lo));
	buf_free(&d->text);
	d->text = out;
}

void on_did_change(struct lsp *l, const struct data *params)
{
	const struct data *changes = json_member(params, "contentChanges");
	struct document *d = document_of(l, params);

	if (!d)
		return;
	for (size_t i = 0; changes && changes->kind == DATA_LIST && i < changes->n; i++)
		apply_change(l, d, changes->items[i]);
	d->version = json_number(json_member(json_member(params, "textDocument"), "version"), d->version);
	text_changed(l, d);
}

void on_did_save(struct lsp *l, const struct data *params)
{
	if (document_of(l, params))
		try_again(l);
}

/* From here on the file is what is on disk. */
void on_did_close(struct lsp *l, const struct data *params)
{
	struct document *d = document_of(l, params), **at = &l->documents;
	str path;

	if (!d)
		return;
	while (*at != d)
		at = &(*at)->next;
	*at = d->next;
	l->written = l->written == d ? NULL : l->written;
	path = str_dup(&l->mem, d->path);
	publish_none(l, str_c(d->uri));
	document_free(d);
	documents_changed(l, path);
}

void on_watched(struct lsp *l, const struct data *params)
{
	const struct data *changes = json_member(params, "changes");

	for (size_t i = 0; changes && changes->kind == DATA_LIST && i < changes->n; i++) {
		str uri = json_text(json_member(changes->items[i], "uri"));

		if (!document_find(l, uri)) /* an open one is what the client says */
			documents_changed(l, uri_path(&l->mem, uri));
	}
	try_again(l);
}
