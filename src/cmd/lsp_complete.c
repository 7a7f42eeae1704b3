/* Completion: names from the text, paths and variables from the files' doors. */
#include "lsp.h"

enum { ITEM_FUNCTION = 3, ITEM_FIELD = 5, ITEM_VARIABLE = 6, ITEM_CLASS = 7, ITEM_KEYWORD = 14, ITEM_FILE = 17,
	ITEM_FOLDER = 19, ITEM_MEMBER = 20, ITEM_CONSTANT = 21 };

struct item {
	str label, insert, detail;
	const char *about;
	int kind;
	char order; /* items of a lower one come first */
};

static void write_item(struct lsp *l, str text, struct dh_range at, const struct item *i, size_t n)
{
	json_object(&l->j);
	json_member_str(&l->j, "label", i->label);
	json_member_int(&l->j, "kind", i->kind);
	if (i->detail.n) {
		json_member_str(&l->j, "detail", i->detail);
	}
	if (i->about) {
		json_key(&l->j, "documentation");
		json_c(&l->j, i->about);
	}
	json_member_str(&l->j, "sortText", str_fmt(&l->mem, "%c%05zu", i->order, n));
	json_key(&l->j, "textEdit");
	json_object(&l->j);
	json_key(&l->j, "range");
	write_range(l, text, at);
	json_member_str(&l->j, "newText", i->insert);
	json_end(&l->j, '}');
	json_end(&l->j, '}');
}

/* ---- names ---- */

static bool is_function(str type)
{
	return str_find_str(type, S("->")) < type.n || str_starts(type, S("forall"));
}

static struct item item_of(struct lsp *l, const struct dh_candidate *c)
{
	struct item i = {.label = c->name, .insert = c->name, .detail = c->type, .order = 'b'};

	switch (c->kind) {
	case DH_CANDIDATE_VARIABLE: i.kind = is_function(c->type) ? ITEM_FUNCTION : ITEM_VARIABLE; break;
	case DH_CANDIDATE_FIELD: i.kind = is_function(c->type) ? ITEM_FUNCTION : ITEM_FIELD; break;
	case DH_CANDIDATE_WANTED:
		i.kind = ITEM_FIELD;
		i.insert = str_fmt(&l->mem, "%.*s = ", STR_ARG(c->name));
		i.order = 'a';
		break;
	case DH_CANDIDATE_ALTERNATIVE: i.kind = ITEM_MEMBER; break;
	case DH_CANDIDATE_BUILTIN:
		i.kind = str_ends(c->type, S("Type")) ? ITEM_CLASS : is_function(c->type) ? ITEM_FUNCTION : ITEM_CONSTANT;
		i.about = dhall_ide_about(c->name);
		i.order = 'c';
		break;
	case DH_CANDIDATE_KEYWORD:
		i.kind = ITEM_KEYWORD;
		i.order = 'd';
		break;
	}
	return i;
}

/* ---- paths ---- */

static str folder_of(struct lsp *l, const struct document *d, str prefix)
{
	if (str_starts(prefix, S("~/")))
		return str_fmt(&l->mem, "%.*s%.*s", STR_ARG(l->doors.home), STR_ARG(str_from(prefix, 1)));
	return str_starts(prefix, S("/")) ? prefix : str_c(os_join(&l->mem, d->directory, prefix));
}

static bool plain(str name)
{
	for (size_t i = 0; i < name.n; i++)
		if ((unsigned char)name.p[i] <= 0x20 || char_in(name.p[i], "\"#(),<>?[\\]{}"))
			return false;
	return true;
}

static void write_names(struct lsp *l, str text, struct dh_range at, const str *names, size_t n, bool paths)
{
	for (size_t i = 0; i < n; i++) {
		bool folder = paths && str_ends(names[i], S("/"));
		str bare = str_upto(names[i], names[i].n - folder);
		struct item item = {.label = names[i], .insert = names[i], .order = str_ends(bare, S(".dhall")) ? 'a' : 'b',
			.kind = folder ? ITEM_FOLDER : paths ? ITEM_FILE : ITEM_CONSTANT};

		if (paths && str_starts(bare, S(".")))
			continue;
		if (paths && !plain(bare))
			item.insert = str_fmt(&l->mem, "\"%.*s\"%s", STR_ARG(bare), folder ? "/" : "");
		write_item(l, text, at, &item, i);
	}
}

static void complete_path(struct lsp *l, const struct document *d, const struct dh_completion *c)
{
	str *names;
	size_t n = 0;

	if (l->files.list)
		l->files.list(l->files.ud, &l->mem, folder_of(l, d, c->prefix), &names, &n);
	if (n)
		write_names(l, buf_view(&d->text), c->at, names, n, true);
}

static void complete_variable(struct lsp *l, const struct document *d, const struct dh_completion *c)
{
	str *names;
	size_t n = 0;

	if (l->files.variables)
		l->files.variables(l->files.ud, &l->mem, &names, &n);
	if (n)
		write_names(l, buf_view(&d->text), c->at, names, n, false);
}

void on_completion(struct lsp *l, const struct data *params)
{
	struct document *d = document_of(l, params);
	struct dh_completion c;
	struct dh_ide *ide;
	uint32_t at;

	if (!d)
		return;
	ide = document_ide(l, d);
	at = position_offset(buf_view(&d->text), l->utf8, json_position(json_member(params, "position")));
	dhall_ide_complete(ide, d->good, at, &l->mem, &c);
	json_array(&l->j);
	for (size_t i = 0; i < c.n; i++) {
		struct item item = item_of(l, &c.items[i]);

		write_item(l, buf_view(&d->text), c.at, &item, i);
	}
	if (c.what == DH_COMPLETING_PATH)
		complete_path(l, d, &c);
	if (c.what == DH_COMPLETING_VARIABLE)
		complete_variable(l, d, &c);
	json_end(&l->j, ']');
}
