#include "trace_int.h"

#include <straylight/base/os.h>

#include <stdlib.h>

void propose_note(struct proposal *p, str about, const char *text)
{
	for (size_t i = 0; i < p->notes.n; i++)
		if (str_eq(p->notes.p[i].about, about) && str_eq(p->notes.p[i].text, str_c(text)))
			return;
	vec_push(&p->notes, ((struct trace_note){str_dup(&p->arena, about), str_c(text)}));
}

str path_below(str root, str path)
{
	if (str_eq(root, S("/")))
		return str_from(path, 1);
	if (!str_starts(path, root))
		return (str){0};
	if (path.n == root.n)
		return S(".");
	return path.p[root.n] == '/' ? str_from(path, root.n + 1) : (str){0};
}

static str folder_of(str path)
{
	for (size_t i = path.n; i-- > 0;)
		if (path.p[i] == '/')
			return str_upto(path, i ? i : 1);
	return S(".");
}

static str name_of(str path)
{
	size_t at = path.n;

	while (at && path.p[at - 1] != '/')
		at--;
	return str_from(path, at);
}

/* ---- compilations ---- */

static struct compiled *compiled_new(struct trace_graph *g, const struct tool_run *r, str source)
{
	struct compiled *c = arena_make(g->arena, struct compiled);
	struct tool_item *items = arena_array(g->arena, struct tool_item, r->items.n);

	c->source = source;
	c->cxx = tool_is_cxx(source) || (r->cxx && !str_ends(source, S(".s")) && !str_ends(source, S(".S")));
	for (size_t i = 0; i < r->items.n; i++)
		if (r->items.p[i].word != WORD_INPUT)
			items[c->nitems++] = r->items.p[i];
	c->items = items;
	vec_push(&g->compiled, c);
	return c;
}

/* "dir/src.c" becomes "src.o" in the folder where the compiler ran. */
static str default_object(struct trace_graph *g, const struct trace_process *p, str source)
{
	str name = name_of(source);
	size_t dot = name.n;

	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] == '.')
			dot = i;
	return str_fmt(g->arena, "%.*s/%.*s.o", STR_ARG(p->dir), STR_ARG(str_upto(name, dot)));
}

static void read_compile(struct trace_graph *g, const struct trace_process *p, const struct tool_run *r)
{
	for (size_t i = 0; i < r->items.n; i++) {
		str source = r->items.p[i].text;

		if (r->items.p[i].word != WORD_INPUT)
			continue;
		if (!tool_is_source(source)) {
			propose_note(g->said, source, "is compiled, and is no C, C++ or assembly by its name");
			continue;
		}
		map_put(&g->objects, r->output.n ? r->output : default_object(g, p, source), compiled_new(g, r, source));
	}
}

/* ---- what is made of objects ---- */

static struct made *made_of(struct trace_graph *g, str output)
{
	struct made *m = map_get(&g->outputs, output);

	if (!m) {
		m = arena_make(g->arena, struct made);
		m->output = output;
		map_put(&g->outputs, output, m);
		vec_push(&g->made, m);
	}
	return m;
}

static void add_part(struct made *m, struct compiled *c)
{
	c->used = true;
	for (size_t i = 0; i < m->parts.n; i++)
		if (m->parts.p[i] == c)
			return;
	vec_push(&m->parts, c);
}

static void add_dep(struct made *m, struct made *dep)
{
	for (size_t i = 0; i < m->deps.n; i++)
		if (m->deps.p[i] == dep)
			return;
	if (dep != m)
		vec_push(&m->deps, dep);
}

static bool add_known(struct trace_graph *g, struct made *m, str path)
{
	struct compiled *c = map_get(&g->objects, path);
	struct made *dep = c ? NULL : map_get(&g->outputs, path);

	if (c)
		add_part(m, c);
	else if (dep)
		add_dep(m, dep);
	return c || dep;
}

static void add_input(struct trace_graph *g, struct made *m, const struct tool_run *r, str path)
{
	if (tool_is_source(path))
		add_part(m, compiled_new(g, r, path));
	else if (!add_known(g, m, path))
		propose_note(g->said, path, "is linked, and the trace does not say where it comes from");
}

/* -lNAME: what the build made of that name in one of its folders, or else the system's. */
static void add_library(struct trace_graph *g, struct made *m, const struct tool_run *r, str name)
{
	static const char *const suffixes[] = {".so", ".a"};

	for (size_t i = 0; i < r->items.n; i++)
		for (size_t k = 0; k < SL_COUNT(suffixes) && r->items.p[i].word == WORD_FOLDER; k++)
			if (add_known(g, m, str_fmt(g->arena, "%.*s/lib%.*s%s", STR_ARG(r->items.p[i].text), STR_ARG(name),
							 suffixes[k])))
				return;
	vec_push(&m->linkopts, str_fmt(g->arena, "-l%.*s", STR_ARG(name)));
}

static void read_link(struct trace_graph *g, const struct tool_run *r)
{
	struct made *m = made_of(g, r->output);

	m->parts.n = m->deps.n = m->linkopts.n = 0; /* the last link of a file is the one that stays */
	m->library = r->shared;
	m->cxx = m->cxx || r->cxx;
	for (size_t i = 0; i < r->items.n; i++) {
		const struct tool_item *x = &r->items.p[i];

		if (x->word == WORD_INPUT)
			add_input(g, m, r, x->text);
		else if (x->word == WORD_LIBRARY)
			add_library(g, m, r, x->text);
		else if (x->word == WORD_LINK)
			vec_push(&m->linkopts, x->text);
	}
}

static void read_archive(struct trace_graph *g, const struct tool_run *r)
{
	struct made *m = made_of(g, r->output);

	m->library = true;
	for (size_t i = 0; i < r->items.n; i++)
		if (!add_known(g, m, r->items.p[i].text))
			propose_note(g->said, r->items.p[i].text, "is archived, and the trace does not say where it comes from");
}

/* ---- files that get another name ---- */

static void rename_known(struct trace_graph *g, str from, str to)
{
	void *object = map_get(&g->objects, from), *output = map_get(&g->outputs, from);

	if (object)
		map_put(&g->objects, to, object);
	if (output)
		map_put(&g->outputs, to, output);
}

/* cp, mv, ln and install with two names: libtool makes its objects and libraries elsewhere. */
static void read_rename(struct trace_graph *g, const struct trace_process *p)
{
	str name = name_of(p->nwords ? p->words[0] : p->program), at[2], full[2];
	size_t n = 0;

	if (!str_eq(name, S("cp")) && !str_eq(name, S("mv")) && !str_eq(name, S("ln")) && !str_eq(name, S("install")))
		return;
	for (uint32_t i = 1; i < p->nwords; i++) {
		if (p->words[i].n && p->words[i].p[0] == '-')
			continue;
		if (n == 2)
			return;
		at[n++] = p->words[i];
	}
	if (n != 2)
		return;
	for (size_t i = 2; i-- > 0;) {
		str base = i == 0 && str_eq(name, S("ln")) ? folder_of(full[1]) : p->dir;
		str path = at[i].n && at[i].p[0] == '/' ? at[i] : str_c(os_join(g->arena, base, at[i]));

		if (!os_normalize(g->arena, path, &full[i]))
			return;
	}
	rename_known(g, full[0], full[1]);
	rename_known(g, full[0], str_fmt(g->arena, "%.*s/%.*s", STR_ARG(full[1]), STR_ARG(name_of(full[0]))));
}

/* ---- all of it ---- */

/* What a driver starts (cc1, as, collect2) is its own affair. */
static bool below_driver(const struct trace *t, const struct trace_process *p)
{
	bool cxx;

	for (uint32_t up = p->parent; up; up = t->processes.p[up - 1].parent) {
		enum tool_kind kind = tool_kind(t->processes.p[up - 1].program, &cxx);

		if (kind == TOOL_DRIVER || kind == TOOL_LINKER)
			return true;
	}
	return false;
}

static void read_process(struct trace_graph *g, const struct trace *t, const struct trace_process *p)
{
	struct tool_run r = {0};
	bool cxx;
	enum tool_kind kind = tool_kind(p->program, &cxx);

	if (p->status != 0 || below_driver(t, p))
		return;
	if (kind == TOOL_NONE)
		read_rename(g, p);
	else if (kind == TOOL_LINKER)
		propose_note(g->said, p->program, "links by itself; only what a compiler links becomes a target");
	else if (tool_read(p, g->arena, &r)) {
		if (r.kind == TOOL_ARCHIVE)
			read_archive(g, &r);
		else if (r.compiles)
			read_compile(g, p, &r);
		else
			read_link(g, &r);
	}
	tool_free(&r);
}

void trace_graph_read(struct trace_graph *g, const struct trace *t)
{
	for (size_t i = 0; i < t->processes.n; i++)
		read_process(g, t, &t->processes.p[i]);
}

void trace_graph_free(struct trace_graph *g)
{
	for (size_t i = 0; i < g->made.n; i++) {
		vec_free(&g->made.p[i]->parts);
		vec_free(&g->made.p[i]->deps);
		vec_free(&g->made.p[i]->linkopts);
	}
	vec_free(&g->made);
	vec_free(&g->compiled);
	map_free(&g->objects);
	map_free(&g->outputs);
}
