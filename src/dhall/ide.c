/* Versions of a text: opened, closed; and what the world forgets. */
#include "ide.h"

/* ---- opening ---- */

struct opening {
	struct dh_ide *ide;
	struct dhall *s;
	bool check, parsed;
};

static void parse_protected(void *ud)
{
	struct opening *o = ud;
	struct loaded *l = o->ide->l;

	o->parsed = term_parse(&l->unit, o->ide->text, &l->diags) != NULL;
}

static void resolve_protected(void *ud)
{
	struct opening *o = ud;
	struct loaded *l = o->ide->l;

	l->loader = o->s;
	o->s->loading = l;
	unit_resolve_each(o->s, l);
}

static void open_text(struct opening *o)
{
	struct loaded *l = o->ide->l;

	if (session_protect(o->s, parse_protected, o) && o->parsed)
		(void)!session_protect(o->s, resolve_protected, o);
	o->s->loading = NULL;
	unit_publish_deps(l);
	if (o->parsed && o->check && !o->s->finished)
		ide_check(o->ide, o->s);
}

static struct dh_ide *open_ide(struct dhall_world *w, str text, str name, str directory, bool check)
{
	struct dh_ide *i = mem_make(struct dh_ide);
	struct opening o = {.ide = i, .check = check};

	i->world = w;
	i->l = unit_new(w, name, directory);
	i->text = str_dup(&i->l->unit.arena, text);
	i->l->unit.file = source_add(name, text);
	o.s = dhall_open(w, &i->l->diags);
	open_text(&o);
	dhall_close(o.s);
	i->l->loader = NULL;
	i->l->state = UNIT_DONE;
	return i;
}

struct dh_ide *dhall_ide_open(struct dhall_world *w, str text, str name, str directory)
{
	return open_ide(w, text, name, directory, true);
}

struct dh_ide *ide_open_unchecked(struct dhall_world *w, str text, str name, str directory)
{
	return open_ide(w, text, name, directory, false);
}

void dhall_ide_close(struct dh_ide *i)
{
	if (!i)
		return;
	unit_drop(i->world, i->l);
	mem_free(i);
}

/* ---- what is known ---- */

str dhall_ide_text(const struct dh_ide *i)
{
	return i->text;
}

bool dhall_ide_parsed(const struct dh_ide *i)
{
	return ide_root(i) != NULL;
}

const struct diags *dhall_ide_diags(const struct dh_ide *i)
{
	return &i->l->diags;
}

uint32_t dhall_ide_file(const struct dh_ide *i)
{
	return i->l->unit.file;
}

static bool depends(const struct loaded *l, str path)
{
	for (size_t i = 0; i < l->unit.ndeps; i++)
		if (str_eq(l->unit.deps[i], path))
			return true;
	return false;
}

bool dhall_ide_depends(const struct dh_ide *i, str path)
{
	return depends(i->l, path);
}

/* ---- forgetting ---- */

static bool is_stale(const struct loaded *l, str path)
{
	return path.n ? depends(l, path) : l->state == UNIT_FAILED || l->state == UNIT_ABSENT;
}

static void forget_units(struct dhall_world *w, str path)
{
	for (size_t i = 0; i < w->units.n; i++) {
		struct loaded *l = w->units.entries[i].value;

		if (!l || !is_stale(l, path))
			continue;
		w->units.entries[i].value = NULL;
		unit_drop(w, l);
	}
}

static void forget_bytes(struct dhall_world *w, str path)
{
	for (size_t i = 0; i < w->raw.n; i++) {
		struct raw *r = w->raw.entries[i].value;

		if (!r || (path.n ? !str_eq(w->raw.entries[i].key, path) : r->found == DHALL_FOUND))
			continue;
		w->raw.entries[i].value = NULL;
		raw_free(r);
	}
}

void dhall_forget(struct dhall_world *w, str path)
{
	if (path.n && !map_get(&w->raw, path)) /* nobody has looked for it */
		return;
	forget_units(w, path);
	forget_bytes(w, path);
}
