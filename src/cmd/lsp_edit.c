/* Requests that change the text: formatting, lint, freezing, and what a hint proposes. */
#include "lsp.h"

/* ---- edits ---- */

/* The lines in which the texts differ, as one edit; none when they are the same. */
static void write_difference(struct lsp *l, str from, str to)
{
	size_t head = 0, tail = 0;

	json_array(&l->j);
	if (!str_eq(from, to)) {
		while (head < from.n && head < to.n && from.p[head] == to.p[head])
			head++;
		while (head && from.p[head - 1] != '\n')
			head--;
		while (tail < from.n - head && tail < to.n - head && from.p[from.n - 1 - tail] == to.p[to.n - 1 - tail])
			tail++;
		while (tail && from.p[from.n - tail - 1] != '\n')
			tail--;
		json_object(&l->j);
		json_key(&l->j, "range");
		write_range(l, from, (struct dh_range){(uint32_t)head, (uint32_t)(from.n - tail)});
		json_member_str(&l->j, "newText", str_of(to.p + head, to.n - tail - head));
		json_end(&l->j, '}');
	}
	json_end(&l->j, ']');
}

static void why_not(struct lsp *l, const struct diags *ds)
{
	lsp_fail(l, LSP_REQUEST_FAILED, "%.*s", STR_ARG(ds->first ? ds->first->text : S("the text has errors")));
}

void on_formatting(struct lsp *l, const struct data *params)
{
	struct document *d = document_of(l, params);
	struct diags ds = {0};
	struct buf out = {0};

	if (!d)
		return;
	if (dhall_format(buf_view(&d->text), str_c(d->uri), &out, &ds))
		write_difference(l, buf_view(&d->text), buf_view(&out));
	else
		why_not(l, &ds);
	buf_free(&out);
	diags_free(&ds);
}

/* ---- what an action does ---- */

enum action_kind { ACTION_LINT, ACTION_LINT_HERE, ACTION_FREEZE, ACTION_FREEZE_ALL, ACTION_FREEZE_ONE, ACTION_REPLACE };

struct action {
	enum action_kind kind;
	struct dh_range at; /* FREEZE_ONE: the import; REPLACE */
	str with;           /* REPLACE */
};

/* ORDER ACTION */
static const struct {
	const char *kind, *title;
} actions[] = {
	{"source.fixAll", "Fix what lint finds"},
	{"quickfix", "Fix what lint finds"},
	{"source.freeze", "Freeze remote imports"},
	{"source.freeze", "Freeze all imports"},
	{"refactor.rewrite", "Freeze this import"},
	{"quickfix", NULL},
};

static bool freeze(struct lsp *l, const struct document *d, const struct action *a, struct buf *out, struct diags *ds)
{
	struct dhall *s = dhall_open(l->world, ds);
	str text = buf_view(&d->text);
	bool ok;

	if (a->kind == ACTION_FREEZE_ONE) {
		buf_str(out, str_upto(text, a->at.lo));
		text = str_of(text.p + a->at.lo, a->at.hi - a->at.lo);
	}
	ok = dhall_freeze(s, text, str_c(d->uri), d->directory, a->kind == ACTION_FREEZE ? 0 : DHALL_FREEZE_ALL, out);
	if (a->kind == ACTION_FREEZE_ONE)
		buf_str(out, str_from(buf_view(&d->text), a->at.hi));
	dhall_close(s);
	return ok;
}

/* The text as it will be; false after a diagnostic. */
static bool apply(struct lsp *l, const struct document *d, const struct action *a, struct buf *out, struct diags *ds)
{
	switch (a->kind) {
	case ACTION_LINT:
	case ACTION_LINT_HERE: return dhall_lint(buf_view(&d->text), str_c(d->uri), out, NULL, ds);
	case ACTION_FREEZE:
	case ACTION_FREEZE_ALL:
	case ACTION_FREEZE_ONE: return freeze(l, d, a, out, ds);
	case ACTION_REPLACE:
		buf_str(out, str_upto(buf_view(&d->text), a->at.lo));
		buf_str(out, a->with);
		buf_str(out, str_from(buf_view(&d->text), a->at.hi));
		return true;
	}
	return false;
}

/* ---- actions as JSON ---- */

static void write_edit(struct lsp *l, const struct document *d, str to)
{
	json_key(&l->j, "edit");
	json_object(&l->j);
	json_key(&l->j, "changes");
	json_object(&l->j);
	json_key(&l->j, d->uri);
	write_difference(l, buf_view(&d->text), to);
	json_end(&l->j, '}');
	json_end(&l->j, '}');
}

/* What the client gives back when it wants the edit. */
static void write_data(struct lsp *l, const struct document *d, const struct action *a)
{
	json_key(&l->j, "data");
	json_object(&l->j);
	json_key(&l->j, "uri");
	json_c(&l->j, d->uri);
	json_member_int(&l->j, "version", d->version);
	json_member_int(&l->j, "action", a->kind);
	json_member_int(&l->j, "lo", a->at.lo);
	json_member_int(&l->j, "hi", a->at.hi);
	json_end(&l->j, '}');
}

static void write_head(struct lsp *l, const struct action *a)
{
	json_key(&l->j, "title");
	if (a->kind == ACTION_REPLACE)
		json_str(&l->j, str_fmt(&l->mem, "Change to '%.*s'", STR_ARG(a->with)));
	else
		json_c(&l->j, actions[a->kind].title);
	json_key(&l->j, "kind");
	json_c(&l->j, actions[a->kind].kind);
}

/* What cannot be done is not offered, as far as that is known without doing it. */
static void offer(struct lsp *l, const struct document *d, const struct action *a)
{
	bool later = l->resolves && a->kind != ACTION_REPLACE;
	struct diags ds = {0};
	struct buf out = {0};

	if (later || apply(l, d, a, &out, &ds)) {
		json_object(&l->j);
		write_head(l, a);
		if (later)
			write_data(l, d, a);
		else
			write_edit(l, d, buf_view(&out));
		json_end(&l->j, '}');
	}
	buf_free(&out);
	diags_free(&ds);
}

/* ---- which actions ---- */

/* Kinds nest by their dots: "source" asks for "source.fixAll". */
static bool wanted(const struct data *only, enum action_kind kind)
{
	str k = str_c(actions[kind].kind);

	if (!only || only->kind != DATA_LIST)
		return true;
	for (size_t i = 0; i < only->n; i++) {
		str w = json_text(only->items[i]);

		if (str_eq(w, k) || (str_starts(k, w) && k.p[w.n] == '.') || !w.n)
			return true;
	}
	return false;
}

static bool meets(struct dh_range a, struct dh_range b)
{
	return a.lo <= b.hi && b.lo <= a.hi;
}

static void offer_freezing(struct lsp *l, const struct document *d, struct dh_ide *ide, struct dh_range at,
		const struct data *only)
{
	struct dh_link *links;
	size_t n, remote = 0, loose = 0;

	dhall_ide_links(ide, &l->mem, &links, &n);
	for (size_t i = 0; i < n; i++) {
		struct action one = {.kind = ACTION_FREEZE_ONE, .at = links[i].whole};

		if (!links[i].place.n || str_eq(links[i].place, S("missing")))
			continue;
		remote += links[i].remote && !links[i].pinned;
		loose += !links[i].pinned;
		if (meets(links[i].whole, at) && wanted(only, ACTION_FREEZE_ONE))
			offer(l, d, &one);
	}
	if (remote && wanted(only, ACTION_FREEZE))
		offer(l, d, &(struct action){.kind = ACTION_FREEZE});
	if (loose && wanted(only, ACTION_FREEZE_ALL))
		offer(l, d, &(struct action){.kind = ACTION_FREEZE_ALL});
}

/* The hint "did you mean 'x'" of a diagnostic is about the last name in its place. */
static void offer_hint(struct lsp *l, const struct document *d, struct dh_ide *ide, const struct diag *x)
{
	static const char before[] = "did you mean '";
	str text = dhall_ide_text(ide);
	struct action a = {.kind = ACTION_REPLACE, .at = {x->at.lo, x->at.hi}};

	if (!str_starts(x->hint, str_c(before)))
		return;
	a.with = str_from(x->hint, sizeof before - 1);
	a.with = str_upto(a.with, str_find(a.with, '\''));
	while (a.at.hi > a.at.lo && char_in(text.p[a.at.hi - 1], ") \n"))
		a.at.hi--;
	for (uint32_t at = a.at.lo; at < a.at.hi; at++)
		if (text.p[at] == '.')
			a.at.lo = at + 1;
	while (a.at.lo < a.at.hi && char_in(text.p[a.at.lo], "( \n"))
		a.at.lo++;
	offer(l, d, &a);
}

static void offer_lint(struct lsp *l, const struct document *d, struct dh_range at, const struct data *only)
{
	struct finding *findings;
	size_t n;
	bool here = false;

	findings_of(&l->mem, buf_view(&d->text), &findings, &n);
	for (size_t i = 0; i < n; i++)
		here |= meets(findings[i].at, at);
	if (here && wanted(only, ACTION_LINT_HERE))
		offer(l, d, &(struct action){.kind = ACTION_LINT_HERE});
	if (n && wanted(only, ACTION_LINT))
		offer(l, d, &(struct action){.kind = ACTION_LINT});
}

void on_code_action(struct lsp *l, const struct data *params)
{
	const struct data *range = json_member(params, "range"), *only = json_member(json_member(params, "context"), "only");
	struct document *d = document_of(l, params);
	struct dh_ide *ide;
	struct dh_range at;

	if (!d)
		return;
	ide = document_ide(l, d);
	json_array(&l->j);
	if (dhall_ide_parsed(ide)) {
		at.lo = position_offset(buf_view(&d->text), l->utf8, json_position(json_member(range, "start")));
		at.hi = position_offset(buf_view(&d->text), l->utf8, json_position(json_member(range, "end")));
		for (const struct diag *x = dhall_ide_diags(ide)->first; x && wanted(only, ACTION_REPLACE); x = x->next)
			if (x->at.file == dhall_ide_file(ide) && meets((struct dh_range){x->at.lo, x->at.hi}, at))
				offer_hint(l, d, ide, x);
		offer_lint(l, d, at, only);
		offer_freezing(l, d, ide, at, only);
	}
	json_end(&l->j, ']');
}

/* ---- the edit of an action that was chosen ---- */

void on_code_action_resolve(struct lsp *l, const struct data *params)
{
	const struct data *data = json_member(params, "data");
	int64_t kind = json_number(json_member(data, "action"), -1);
	struct document *d = document_find(l, json_text(json_member(data, "uri")));
	struct action a = {0};
	struct diags ds = {0};
	struct buf out = {0};

	if (!d || kind < 0 || kind > ACTION_FREEZE_ONE || json_number(json_member(data, "version"), -1) != d->version) {
		lsp_fail(l, LSP_INVALID_PARAMS, "the document is not what the action was for");
		return;
	}
	a.kind = (enum action_kind)kind;
	a.at.lo = (uint32_t)json_number(json_member(data, "lo"), 0);
	a.at.hi = (uint32_t)json_number(json_member(data, "hi"), 0);
	if (a.at.lo > a.at.hi || a.at.hi > d->text.n) {
		lsp_fail(l, LSP_INVALID_PARAMS, "the action has no place in the document");
	} else if (apply(l, d, &a, &out, &ds)) {
		json_object(&l->j);
		write_head(l, &a);
		write_edit(l, d, buf_view(&out));
		json_end(&l->j, '}');
	} else {
		why_not(l, &ds);
	}
	buf_free(&out);
	diags_free(&ds);
}
