#include "trace_int.h"

#include <straylight/base/os.h>
#include <straylight/dhall.h>

#include <stdlib.h>

/* Sources that were compiled with the same words: a target, or a part of one that stands by itself. */
struct group {
	VEC(str) srcs;                       /* below root */
	VEC(str) includes, defines, copts, folders; /* folders: absolute */
	str c_std, cxx_std;                  /* behind -std= */
	str c_opt, cxx_opt;                  /* a standard that has no word of its own */
	bool forced;
};

struct target {
	str name;
	const struct made *made;
	VEC(struct group) groups;
};

struct writer {
	str root;
	const struct trace *trace;
	struct proposal *p;
	struct map names;   /* of targets → itself */
	struct map targets; /* output → struct target */
	VEC(struct target *) all;
};

/* ---- words of a compilation ---- */

struct standard {
	const char *word, *name;
};

static const struct standard c_standards[] = {{"c99", "C99"}, {"c11", "C11"}, {"c17", "C17"}, {"c18", "C17"}, {"c2x", "C23"},
		{"c23", "C23"}, {"gnu99", "Gnu99"}, {"gnu11", "Gnu11"}, {"gnu17", "Gnu17"}, {"gnu18", "Gnu17"},
		{"gnu2x", "Gnu23"}, {"gnu23", "Gnu23"}},
			     cxx_standards[] = {{"c++11", "Cxx11"}, {"c++0x", "Cxx11"}, {"c++14", "Cxx14"}, {"c++17", "Cxx17"},
					     {"c++1z", "Cxx17"}, {"c++20", "Cxx20"}, {"c++2a", "Cxx20"}, {"c++23", "Cxx23"},
					     {"c++2b", "Cxx23"}, {"gnu++11", "Gnuxx11"}, {"gnu++14", "Gnuxx14"},
					     {"gnu++17", "Gnuxx17"}, {"gnu++20", "Gnuxx20"}, {"gnu++2a", "Gnuxx20"},
					     {"gnu++23", "Gnuxx23"}};

static str standard_name(const struct standard *all, size_t n, str word)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(str_c(all[i].word), word))
			return str_c(all[i].name);
	return (str){0};
}

static void set_standard(struct writer *w, struct group *g, bool cxx, str word)
{
	str name = cxx ? standard_name(cxx_standards, SL_COUNT(cxx_standards), word)
		       : standard_name(c_standards, SL_COUNT(c_standards), word);

	*(cxx ? &g->cxx_std : &g->c_std) = name;
	*(cxx ? &g->cxx_opt : &g->c_opt) = name.p ? (str){0} : str_fmt(&w->p->arena, "-std=%.*s", STR_ARG(word));
}

static void add_include(struct writer *w, struct group *g, str folder)
{
	str below = path_below(w->root, folder);

	vec_push(&g->folders, folder);
	if (below.p)
		vec_push(&g->includes, below);
	else
		propose_note(w->p, folder, "headers are found there, outside of the workspace: a toolchain must bring them");
}

static void add_forced(struct writer *w, struct group *g, str file)
{
	str below = path_below(w->root, file);

	if (!below.p) {
		propose_note(w->p, file, "is included by force, and lies outside of the workspace");
		return;
	}
	g->forced = true;
	vec_push(&g->copts, S("-include"));
	vec_push(&g->copts, below);
}

static void add_copt(struct writer *w, struct group *g, str word)
{
	if (str_find_str(word, w->root) < word.n)
		propose_note(w->p, word, "names a place of this machine and is left out");
	else
		vec_push(&g->copts, word);
}

static void read_words(struct writer *w, const struct compiled *c, struct group *g)
{
	for (size_t i = 0; i < c->nitems; i++) {
		str text = c->items[i].text;

		switch (c->items[i].word) {
		case WORD_INCLUDE: add_include(w, g, text); break;
		case WORD_FORCED: add_forced(w, g, text); break;
		case WORD_DEFINE: vec_push(&g->defines, text); break;
		case WORD_STD: set_standard(w, g, c->cxx, text); break;
		case WORD_COMPILE: add_copt(w, g, text); break;
		case WORD_MODE: propose_note(w->p, text, "is left to --mode=debug or release"); break;
		case WORD_LINK:
		case WORD_LIBRARY:
		case WORD_FOLDER:
		case WORD_INPUT:
		case WORD_IDLE: break;
		}
	}
}

/* ---- groups ---- */

static bool same_texts(const str *a, size_t na, const str *b, size_t nb)
{
	if (na != nb)
		return false;
	for (size_t i = 0; i < na; i++)
		if (!str_eq(a[i], b[i]))
			return false;
	return true;
}

static bool fits(str have, str want)
{
	return !have.p || !want.p || str_eq(have, want);
}

static bool same_words(const struct group *a, const struct group *b)
{
	return same_texts(a->includes.p, a->includes.n, b->includes.p, b->includes.n) &&
	       same_texts(a->folders.p, a->folders.n, b->folders.p, b->folders.n) &&
	       same_texts(a->defines.p, a->defines.n, b->defines.p, b->defines.n) &&
	       same_texts(a->copts.p, a->copts.n, b->copts.p, b->copts.n) && fits(a->c_std, b->c_std) &&
	       fits(a->cxx_std, b->cxx_std) && fits(a->c_opt, b->c_opt) && fits(a->cxx_opt, b->cxx_opt);
}

static void group_free(struct group *g)
{
	vec_free(&g->srcs);
	vec_free(&g->includes);
	vec_free(&g->defines);
	vec_free(&g->copts);
	vec_free(&g->folders);
}

static void join(struct group *to, const struct group *from)
{
	to->c_std = to->c_std.p ? to->c_std : from->c_std;
	to->cxx_std = to->cxx_std.p ? to->cxx_std : from->cxx_std;
	to->c_opt = to->c_opt.p ? to->c_opt : from->c_opt;
	to->cxx_opt = to->cxx_opt.p ? to->cxx_opt : from->cxx_opt;
}

static void add_source(struct writer *w, struct target *t, const struct compiled *c, str below)
{
	struct group g = {0};

	read_words(w, c, &g);
	for (size_t i = 0; i < t->groups.n; i++) {
		if (!same_words(&t->groups.p[i], &g))
			continue;
		join(&t->groups.p[i], &g);
		vec_push(&t->groups.p[i].srcs, below);
		group_free(&g);
		return;
	}
	vec_push(&g.srcs, below);
	vec_push(&t->groups, g);
}

static void say_when_made(struct writer *w, str below, const struct stat *st)
{
	if ((uint64_t)st->st_mtim.tv_sec * 1000000 + (uint64_t)st->st_mtim.tv_nsec / 1000 >= w->trace->began)
		propose_note(w->p, below, "was written by the build itself: keep it, or let a genrule write it");
}

static bool is_there(struct writer *w, str path, struct stat *st)
{
	return stat(str_dup(&w->p->arena, path).p, st) == 0;
}

static void add_part(struct writer *w, struct target *t, const struct compiled *c)
{
	str below = path_below(w->root, c->source);
	struct stat st;

	if (!below.p) {
		propose_note(w->p, c->source, "is compiled, and lies outside of the workspace");
		return;
	}
	if (!is_there(w, c->source, &st)) {
		if (is_there(w, t->made->output, &st)) /* what configure tries out is gone with its sources */
			propose_note(w->p, below, "is compiled, and is not there any more");
		return;
	}
	say_when_made(w, below, &st);
	w->p->nsources++;
	add_source(w, t, c, below);
}

/* ---- names ---- */

static str short_name(const struct made *m)
{
	str name = m->output;
	size_t cut;

	for (size_t i = name.n; i-- > 0;)
		if (name.p[i] == '/') {
			name = str_from(name, i + 1);
			break;
		}
	if (!m->library)
		return name;
	if (str_starts(name, S("lib")))
		name = str_from(name, 3);
	cut = str_find_str(name, S(".so"));
	if (cut == name.n && str_ends(name, S(".a")))
		cut = name.n - 2;
	return str_upto(name, cut);
}

static str own_name(struct writer *w, str name)
{
	str one = name.n ? name : S("all");

	for (unsigned i = 2; map_has(&w->names, one); i++)
		one = str_fmt(&w->p->arena, "%.*s-%u", STR_ARG(name), i);
	map_put(&w->names, one, w);
	return one;
}

static bool same_groups(const struct target *a, const struct target *b)
{
	if (a->groups.n != b->groups.n)
		return false;
	for (size_t i = 0; i < a->groups.n; i++) {
		const struct group *x = &a->groups.p[i], *y = &b->groups.p[i];

		if (!same_words(x, y) || !same_texts(x->srcs.p, x->srcs.n, y->srcs.p, y->srcs.n))
			return false;
	}
	return true;
}

/* A library that was made twice, static and shared, is one target. */
static struct target *twin_of(const struct writer *w, const struct target *t)
{
	for (size_t i = 0; t->made->library && i < w->all.n; i++) {
		const struct made *m = w->all.p[i]->made;

		if (m->library && str_eq(short_name(m), short_name(t->made)) && same_groups(w->all.p[i], t))
			return w->all.p[i];
	}
	return NULL;
}

static void target_free(struct target *t)
{
	for (size_t i = 0; i < t->groups.n; i++)
		group_free(&t->groups.p[i]);
	vec_free(&t->groups);
}

static void add_target(struct writer *w, const struct made *m)
{
	struct target *t = arena_make(&w->p->arena, struct target), *twin;

	t->made = m;
	for (size_t i = 0; i < m->parts.n; i++)
		add_part(w, t, m->parts.p[i]);
	if (!t->groups.n && !m->deps.n)
		return; /* what configure tried, or was made of what is gone: said above */
	twin = twin_of(w, t);
	map_put(&w->targets, m->output, twin ? twin : t);
	if (twin) {
		target_free(t);
		return;
	}
	t->name = own_name(w, short_name(m));
	vec_push(&w->all, t);
}

/* ---- writing ---- */

static void write_texts(struct buf *out, const char *field, const str *texts, size_t n)
{
	if (!n)
		return;
	if (field)
		buf_fmt(out, ", %s = ", field);
	buf_lit(out, "[ ");
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_lit(out, ", ");
		dhall_spell_text(texts[i], out);
	}
	buf_lit(out, " ]");
}

static void write_list(struct buf *out, const str *texts, size_t n)
{
	if (n)
		write_texts(out, NULL, texts, n);
	else
		buf_lit(out, "([] : List Text)");
	buf_c(out, ' ');
}

static int by_bytes(const void *a, const void *b)
{
	return str_cmp(*(const str *)a, *(const str *)b);
}

static void write_headers(struct writer *w, const struct group *g, struct buf *out)
{
	struct map found = {0};
	struct arena *a = &w->p->arena;
	str *names;
	struct stat st;

	for (size_t i = 0; i < g->srcs.n; i++)
		headers_of(w->root, str_c(os_join(a, w->root, g->srcs.p[i])), g->folders.p, g->folders.n, &found, a);
	for (size_t i = 0; i + 1 < g->copts.n; i++)
		if (g->forced && str_eq(g->copts.p[i], S("-include")))
			map_put(&found, g->copts.p[i + 1], w);
	names = arena_array(a, str, found.n);
	for (size_t i = 0; i < found.n; i++) {
		names[i] = found.entries[i].key;
		if (stat(os_join(a, w->root, names[i]), &st) == 0)
			say_when_made(w, names[i], &st);
	}
	qsort(names, found.n, sizeof *names, by_bytes);
	write_texts(out, "private_hdrs", names, found.n);
	map_free(&found);
}

static void write_words(struct writer *w, const struct group *g, bool library, struct buf *out)
{
	write_headers(w, g, out);
	write_texts(out, library ? "local_includes" : "includes", g->includes.p, g->includes.n);
	write_texts(out, library ? "local_defines" : "defines", g->defines.p, g->defines.n);
	if (g->c_std.p)
		buf_fmt(out, ", c_std = Some S.CStd.%.*s", STR_ARG(g->c_std));
	if (g->cxx_std.p)
		buf_fmt(out, ", cxx_std = Some S.CxxStd.%.*s", STR_ARG(g->cxx_std));
	write_texts(out, "copts", g->copts.p, g->copts.n);
	write_texts(out, "conlyopts", &g->c_opt, g->c_opt.p ? 1 : 0);
	write_texts(out, "cxxopts", &g->cxx_opt, g->cxx_opt.p ? 1 : 0);
}

/* A record `// { … }` of what was written with leading commas. */
static void write_more(struct buf *more, struct buf *out)
{
	if (more->n)
		buf_fmt(out, "// { %.*s }", STR_ARG(str_from(buf_view(more), 2)));
	more->n = 0;
}

static str part_name(struct writer *w, const struct target *t, size_t i)
{
	return i == 0 ? t->name : own_name(w, str_fmt(&w->p->arena, "%.*s-part", STR_ARG(t->name)));
}

/* A group behind the first: a library of its own, all of which is linked. */
static str write_part(struct writer *w, const struct target *t, size_t i, struct buf *more)
{
	struct buf *out = &w->p->text;
	const struct group *g = &t->groups.p[i];
	str name = part_name(w, t, i);

	buf_lit(out, ", ");
	dhall_spell_field(name, out);
	buf_lit(out, " = S.cxx_library ");
	dhall_spell_text(name, out);
	buf_c(out, ' ');
	write_list(out, g->srcs.p, g->srcs.n);
	buf_lit(out, "([] : List Text) ([] : List Text) ");
	write_words(w, g, true, more);
	buf_lit(more, ", alwayslink = True");
	write_more(more, out);
	buf_c(out, '\n');
	return name;
}

static void write_target(struct writer *w, const struct target *t)
{
	static const struct group none;
	const struct group *g = t->groups.n ? &t->groups.p[0] : &none;
	struct buf *out = &w->p->text, more = {0};
	VEC(str) deps = {0};

	for (size_t i = 1; i < t->groups.n; i++) {
		str part = write_part(w, t, i, &more);

		vec_push(&deps, str_fmt(&w->p->arena, ":%.*s", STR_ARG(part)));
	}
	for (size_t i = 0; i < t->made->deps.n; i++) {
		const struct target *dep = map_get(&w->targets, t->made->deps.p[i]->output);

		if (dep)
			vec_push(&deps, str_fmt(&w->p->arena, ":%.*s", STR_ARG(dep->name)));
	}
	buf_lit(out, ", ");
	dhall_spell_field(t->name, out);
	buf_fmt(out, " = S.%s ", t->made->library ? "cxx_library" : "cxx_binary");
	dhall_spell_text(t->name, out);
	buf_c(out, ' ');
	write_list(out, g->srcs.p, g->srcs.n);
	if (t->made->library)
		buf_lit(out, "([] : List Text) ");
	write_list(out, deps.p, deps.n);
	write_words(w, g, t->made->library, &more);
	write_texts(&more, "linkopts", t->made->linkopts.p, t->made->linkopts.n);
	if (t->made->cxx)
		buf_lit(&more, ", link_cxx = True");
	write_more(&more, out);
	buf_c(out, '\n');
	buf_free(&more);
	vec_free(&deps);
}

static void say_unused(struct writer *w, const struct trace_graph *g)
{
	struct stat st;

	for (size_t i = 0; i < g->compiled.n; i++) {
		str below = path_below(w->root, g->compiled.p[i]->source);

		if (!g->compiled.p[i]->used && below.p && is_there(w, g->compiled.p[i]->source, &st))
			propose_note(w->p, below, "is compiled, and nothing is made of its object");
	}
}

static void write_all(struct writer *w, struct trace_graph *g)
{
	struct buf *out = &w->p->text;

	for (size_t i = 0; i < g->made.n; i++)
		add_target(w, g->made.p[i]);
	say_unused(w, g);
	buf_lit(out, "let S = env:STRAYLIGHT_PRELUDE in {");
	for (size_t i = 0; i < w->all.n; i++)
		write_target(w, w->all.p[i]);
	buf_lit(out, "}\n");
	w->p->ntargets = w->all.n;
}

static void writer_free(struct writer *w)
{
	for (size_t i = 0; i < w->all.n; i++)
		target_free(w->all.p[i]);
	vec_free(&w->all);
	map_free(&w->names);
	map_free(&w->targets);
}

bool trace_propose(const struct trace *t, str root, struct proposal *p, struct diags *d)
{
	struct trace_graph g = {.arena = &p->arena, .said = p};
	struct writer w = {.root = root, .trace = t, .p = p};
	struct buf laid_out = {0};
	bool ok = true;

	trace_graph_read(&g, t);
	write_all(&w, &g);
	writer_free(&w);
	trace_graph_free(&g);
	if (!p->ntargets) {
		struct diag *none = diag_error(d, DIAG_TRACE_NOTHING, NO_SPAN,
				"nothing that was compiled below '%.*s' was archived or linked", STR_ARG(root));

		diag_hint(d, none, "the build must do all its work while it is traced: clean it first");
		return false;
	}
	ok = dhall_format(buf_view(&p->text), S("BUILD.dhall"), &laid_out, d);
	buf_free(&p->text);
	p->text = laid_out;
	return ok;
}

void proposal_free(struct proposal *p)
{
	buf_free(&p->text);
	vec_free(&p->notes);
	arena_clear(&p->arena);
	*p = (struct proposal){0};
}
