/* Requests that ask about a place. */
#include "lsp.h"

/* The version and the place that a request is about; NULL after lsp_fail. */
static struct dh_ide *asked(struct lsp *l, const struct data *params, uint32_t *at)
{
	struct document *d = document_of(l, params);
	struct dh_ide *ide = d ? document_ide(l, d) : NULL;

	if (ide)
		*at = position_offset(dhall_ide_text(ide), l->utf8, json_position(json_member(params, "position")));
	return ide;
}

/* Another version that parses has answers where the present one has none: what is the same at both ends is
 * asked of that.  *shift is what its places differ by. */
static struct dh_ide *answering(struct lsp *l, const struct data *params, uint32_t *at, int64_t *shift)
{
	struct dh_ide *now = asked(l, params, at);
	struct document *d = now ? document_of(l, params) : NULL;
	str text, good;
	size_t head = 0, tail = 0;

	*shift = 0;
	if (!d || dhall_ide_parsed(now) || !d->good)
		return now;
	if (d->mended)
		return d->good;
	text = dhall_ide_text(now);
	good = dhall_ide_text(d->good);
	while (head < text.n && head < good.n && text.p[head] == good.p[head])
		head++;
	while (tail < text.n - head && tail < good.n - head && text.p[text.n - 1 - tail] == good.p[good.n - 1 - tail])
		tail++;
	if (*at < head)
		return d->good;
	if (text.n - *at > tail)
		return now;
	*shift = (int64_t)text.n - (int64_t)good.n;
	*at = (uint32_t)(*at - *shift);
	return d->good;
}

static struct dh_range shifted(struct dh_range r, int64_t by)
{
	return (struct dh_range){(uint32_t)(r.lo + by), (uint32_t)(r.hi + by)};
}

static str text_of(struct lsp *l, const struct data *params)
{
	return buf_view(&document_of(l, params)->text);
}

/* ---- hover ---- */

static void describe(const struct dh_seen *s, struct buf *b)
{
	bool named = s->name.n && s->kind != DH_SEEN_TERM;
	const char *about = s->kind == DH_SEEN_BUILTIN ? dhall_ide_about(s->name) : NULL;

	if (s->type.n || named) {
		buf_lit(b, "```dhall\n");
		if (named)
			buf_str(b, s->name);
		buf_fmt(b, "%s%.*s", named && s->type.n ? " : " : "", STR_ARG(s->type));
		if (s->value.n && !str_eq(s->value, s->name))
			buf_fmt(b, "\n= %.*s", STR_ARG(s->value));
		buf_lit(b, "\n```\n");
	}
	if (s->place.n)
		buf_fmt(b, "\n`%.*s`\n", STR_ARG(s->place));
	if (about)
		buf_fmt(b, "\n%s\n", about);
	if (s->comment.n)
		buf_fmt(b, "\n%.*s\n", STR_ARG(s->comment));
}

void on_hover(struct lsp *l, const struct data *params)
{
	struct dh_seen seen;
	struct buf text = {0};
	int64_t shift;
	uint32_t at;
	struct dh_ide *ide = answering(l, params, &at, &shift);

	if (!ide)
		return;
	if (dhall_ide_seen(ide, at, &l->mem, &seen))
		describe(&seen, &text);
	if (!text.n) {
		json_null(&l->j);
		return;
	}
	json_object(&l->j);
	json_key(&l->j, "contents");
	json_object(&l->j);
	json_key(&l->j, "kind");
	json_c(&l->j, "markdown");
	json_member_str(&l->j, "value", buf_view(&text));
	json_end(&l->j, '}');
	json_key(&l->j, "range");
	write_range(l, text_of(l, params), shifted(seen.at, shift));
	json_end(&l->j, '}');
	buf_free(&text);
}

/* ---- places ---- */

static void write_location(struct lsp *l, str uri, str text, struct dh_range at)
{
	json_object(&l->j);
	json_member_str(&l->j, "uri", uri);
	json_key(&l->j, "range");
	write_range(l, text, at);
	json_end(&l->j, '}');
}

static str uri_of(struct lsp *l, str path)
{
	struct buf b = {0};

	for (struct document *d = l->documents; d; d = d->next)
		if (d->path.n && str_eq(d->path, path))
			return str_c(d->uri);
	path_uri(path, &b);
	return buf_take(&b, &l->mem);
}

void on_definition(struct lsp *l, const struct data *params)
{
	struct dh_place place;
	int64_t shift;
	uint32_t at;
	struct dh_ide *ide = answering(l, params, &at, &shift);

	if (!ide)
		return;
	if (!dhall_ide_definition(ide, at, &l->mem, &place)) {
		json_null(&l->j);
		return;
	}
	if (place.path.n) {
		write_location(l, uri_of(l, place.path), source_text(place.file), place.at);
		return;
	}
	if (shift && place.at.lo < at) /* it may stand before what has changed */
		shift = 0;
	write_location(l, str_c(document_of(l, params)->uri), text_of(l, params), shifted(place.at, shift));
}

static bool occurrences(struct lsp *l, const struct data *params, struct dh_ide **ide, struct dh_range **out, size_t *n)
{
	uint32_t at;

	*n = 0;
	*ide = asked(l, params, &at);
	return *ide && dhall_ide_occurrences(*ide, at, &l->mem, out, n);
}

void on_references(struct lsp *l, const struct data *params)
{
	struct dh_range *all;
	struct dh_ide *ide;
	size_t n;
	bool binder = json_true(json_member(json_member(params, "context"), "includeDeclaration"));

	occurrences(l, params, &ide, &all, &n);
	if (!ide)
		return;
	json_array(&l->j);
	for (size_t i = !binder; i < n; i++)
		write_location(l, str_c(document_of(l, params)->uri), dhall_ide_text(ide), all[i]);
	json_end(&l->j, ']');
}

void on_highlight(struct lsp *l, const struct data *params)
{
	struct dh_range *all;
	struct dh_ide *ide;
	size_t n;

	occurrences(l, params, &ide, &all, &n);
	if (!ide)
		return;
	json_array(&l->j);
	for (size_t i = 0; i < n; i++) {
		json_object(&l->j);
		json_key(&l->j, "range");
		write_range(l, dhall_ide_text(ide), all[i]);
		json_member_int(&l->j, "kind", i ? 2 : 3); /* read, write */
		json_end(&l->j, '}');
	}
	json_end(&l->j, ']');
}

/* ---- rename ---- */

void on_prepare_rename(struct lsp *l, const struct data *params)
{
	struct dh_range *all;
	struct dh_ide *ide;
	uint32_t at;
	size_t n;

	if (!occurrences(l, params, &ide, &all, &n)) {
		if (ide)
			json_null(&l->j);
		return;
	}
	asked(l, params, &at);
	for (size_t i = 0; i < n; i++)
		if (all[i].lo <= at && at <= all[i].hi) {
			write_range(l, dhall_ide_text(ide), all[i]);
			return;
		}
	json_null(&l->j);
}

static void write_renaming(struct lsp *l, const char *uri, str text, const struct dh_edit *edits, size_t n)
{
	json_object(&l->j);
	json_key(&l->j, "changes");
	json_object(&l->j);
	json_key(&l->j, uri);
	json_array(&l->j);
	for (size_t i = 0; i < n; i++) {
		json_object(&l->j);
		json_key(&l->j, "range");
		write_range(l, text, edits[i].at);
		json_member_str(&l->j, "newText", edits[i].with);
		json_end(&l->j, '}');
	}
	json_end(&l->j, ']');
	json_end(&l->j, '}');
	json_end(&l->j, '}');
}

void on_rename(struct lsp *l, const struct data *params)
{
	str name = json_text(json_member(params, "newName"));
	struct dh_edit *edits;
	uint32_t at;
	size_t n;
	struct dh_ide *ide = asked(l, params, &at);

	if (!ide)
		return;
	switch (dhall_ide_rename(ide, at, name, &l->mem, &edits, &n)) {
	case DH_RENAME_OK:
		write_renaming(l, document_of(l, params)->uri, dhall_ide_text(ide), edits, n);
		break;
	case DH_RENAME_NOTHING:
		lsp_fail(l, LSP_REQUEST_FAILED, "no name that is bound in this file is there");
		break;
	case DH_RENAME_INVALID: lsp_fail(l, LSP_INVALID_PARAMS, "'%.*s' cannot be a name", STR_ARG(name)); break;
	}
}

/* ---- outline ---- */

static int symbol_kind(enum dh_symbol_kind k)
{
	switch (k) {
	case DH_SYMBOL_BINDING: return 13;     /* Variable */
	case DH_SYMBOL_FUNCTION: return 12;    /* Function */
	case DH_SYMBOL_RECORD: return 19;      /* Object */
	case DH_SYMBOL_TYPE: return 23;        /* Struct */
	case DH_SYMBOL_FIELD: return 8;        /* Field */
	case DH_SYMBOL_ALTERNATIVE: return 22; /* EnumMember */
	}
	return 13;
}

static void open_symbol(struct lsp *l, str text, const struct dh_symbol *s)
{
	json_object(&l->j);
	json_member_str(&l->j, "name", sym_str(s->name).n ? sym_str(s->name) : S("``"));
	json_member_int(&l->j, "kind", symbol_kind(s->kind));
	json_key(&l->j, "range");
	write_range(l, text, s->at);
	json_key(&l->j, "selectionRange");
	write_range(l, text, s->name_at);
	json_key(&l->j, "children");
	json_array(&l->j);
}

static void close_symbols(struct lsp *l, uint32_t *open, uint32_t level)
{
	for (; *open > level; --*open) {
		json_end(&l->j, ']');
		json_end(&l->j, '}');
	}
}

void on_symbols(struct lsp *l, const struct data *params)
{
	struct document *d = document_of(l, params);
	struct dh_ide *ide;
	struct dh_symbol *all;
	uint32_t open = 0;
	size_t n;

	if (!d)
		return;
	ide = document_ide(l, d);
	if (!dhall_ide_parsed(ide) && d->good)
		ide = d->good;
	dhall_ide_symbols(ide, &l->mem, &all, &n);
	json_array(&l->j);
	for (size_t i = 0; i < n; i++) {
		close_symbols(l, &open, all[i].level);
		open_symbol(l, dhall_ide_text(ide), &all[i]);
		open++;
	}
	close_symbols(l, &open, 0);
	json_end(&l->j, ']');
}

void on_links(struct lsp *l, const struct data *params)
{
	struct document *d = document_of(l, params);
	struct dh_link *all;
	size_t n;

	if (!d)
		return;
	dhall_ide_links(document_ide(l, d), &l->mem, &all, &n);
	json_array(&l->j);
	for (size_t i = 0; i < n; i++) {
		if (!str_starts(all[i].place, S("/")) && !all[i].remote)
			continue;
		json_object(&l->j);
		json_key(&l->j, "range");
		write_range(l, buf_view(&d->text), all[i].at);
		json_member_str(&l->j, "target", uri_of(l, all[i].place));
		json_end(&l->j, '}');
	}
	json_end(&l->j, ']');
}
