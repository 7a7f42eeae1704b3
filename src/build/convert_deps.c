/* What stands for packages of nixpkgs: the tables. */
#include "convert_int.h"

#include <straylight/doors.h>

#include <stdlib.h>

extern const char convert_deps[], convert_deps_end[];

static bool wrong(struct converting *c, str name, str field)
{
	diag_hint(c->diags, diag_error(c->diags, DIAG_CONVERT_TABLE, NO_SPAN, "'%.*s' of the table '%.*s' says nothing that is known",
			STR_ARG(field), STR_ARG(name)), "a label \"//package:name\", \"host:PACKAGES\", \"program:PROGRAMS\" or \"nothing\"");
	return false;
}

static bool fits(str text)
{
	return str_starts(text, S("//")) || str_starts(text, S(":")) || str_starts(text, S("host:")) ||
			str_starts(text, S("program:")) || str_eq(text, S("nothing"));
}

static bool add_table(struct converting *c, struct dhall *d, const struct dh_typed *typed, str name)
{
	dh_val record = dhall_eval(d, typed), v;
	size_t n;

	if (dh_kind(d, record) != DH_RECORD) {
		diag_error(c->diags, DIAG_CONVERT_TABLE, NO_SPAN, "the table '%.*s' is no record", STR_ARG(name));
		return false;
	}
	n = dh_fields(d, record);
	for (size_t i = 0; i < n; i++) {
		sym key;
		str text, *slot;

		if (!dh_field_at(d, record, i, &key, &v))
			return false;
		if (!dh_text(d, v, &text) || !fits(text))
			return wrong(c, name, sym_str(key));
		slot = arena_make(&c->arena, str);
		*slot = str_dup(&c->arena, text);
		map_put(&c->table, sym_str(key), slot);
	}
	return true;
}

static bool read_tables(struct converting *c, struct dhall *d)
{
	const struct dh_parsed *parsed = dhall_parse(d, str_of(convert_deps, (size_t)(convert_deps_end - convert_deps)),
			S("(table)"), S("/"));
	const struct dh_resolved *resolved = parsed ? dhall_resolve(d, parsed) : NULL;
	const struct dh_typed *typed = resolved ? dhall_check(d, resolved) : NULL;

	if (!typed || !add_table(c, d, typed, S("(table)")))
		return false;
	for (size_t i = 0; i < c->q->ntables; i++) {
		typed = dhall_load(d, c->q->tables[i]);
		if (!typed || !add_table(c, d, typed, c->q->tables[i]))
			return false;
	}
	for (size_t i = 0; i < c->q->nrows; i++)
		map_put(&c->table, c->q->rows[i].package, (void *)&c->q->rows[i].stands);
	return true;
}

bool convert_tables(struct converting *c)
{
	struct dhall_env env = doors_env(&c->arena);
	struct dhall_world *world = dhall_world_new(&env);
	struct dhall *d = dhall_open(world, c->diags);
	bool ok = d && read_tables(c, d);

	dhall_close(d);
	dhall_world_free(world);
	return ok;
}

bool convert_check_tables(const str *tables, size_t n, struct diags *diags)
{
	struct convert_request q = {.tables = tables, .ntables = n};
	struct converting c = {.q = &q, .diags = diags};
	bool ok = convert_tables(&c);

	map_free(&c.table);
	arena_clear(&c.arena);
	return ok;
}

static str after(str text, size_t n)
{
	return str_trim(str_from(text, n));
}

enum dep_kind convert_dep(struct converting *c, str package, str *text)
{
	const str *row = map_get(&c->table, package);
	str last = package;

	/* xorg.libX11 is known by its last name, too; a version in the name does not count. */
	while (!row && str_find(last, '.') < last.n) {
		last = str_from(last, str_find(last, '.') + 1);
		row = map_get(&c->table, last);
	}
	*text = (str){0};
	if (!row)
		return DEP_UNKNOWN;
	if (str_eq(*row, S("nothing")))
		return DEP_NOTHING;
	if (str_starts(*row, S("host:"))) {
		*text = after(*row, 5);
		return DEP_HOST;
	}
	if (str_starts(*row, S("program:"))) {
		*text = after(*row, 8);
		return DEP_PROGRAM;
	}
	*text = *row;
	return DEP_LABEL;
}

enum dep_kind convert_use(struct converting *c, str package, str *text)
{
	enum dep_kind kind = convert_dep(c, package, text);
	struct map *into = kind == DEP_HOST ? &c->packages : kind == DEP_PROGRAM ? &c->programs : NULL;
	str head, rest = *text;

	while (into && rest.n) {
		if (!str_cut(rest, ' ', &head, &rest))
			rest = (str){0};
		if (head.n && !map_has(into, head))
			map_put(into, head, c);
	}
	return kind;
}
