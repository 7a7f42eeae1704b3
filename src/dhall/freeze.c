/* Hashes are put behind the imports of a text.  Each import is resolved, checked and evaluated without the
 * hash that may be written there, so what is written is never taken for what is true. */
#include "children.h"
#include "edits.h"
#include "session.h"
#include "unit.h"

#define HASH_LENGTH (sizeof "sha256:" - 1 + 64)

struct visit {
	const struct term *t;
	bool alone; /* an operator may stand in its place without parentheses */
};

struct freezer {
	struct dhall *s;
	struct unit unit;
	struct edits edits;
	str name, directory;
	unsigned flags; /* enum dhall_freeze_flags */
	VEC(struct visit) todo;
	struct term_stack parts;
	struct arena mem;
	bool ok;
};

/* Where the parts of an import stand. */
struct written {
	uint32_t lo, hi;        /* without parentheses */
	uint32_t place;         /* where its location and headers end */
	uint32_t hash, hash_hi; /* equal: none */
};

/* ---- places ---- */

static struct written places(const struct edits *e, const struct term *t)
{
	const struct import *im = t->u.import;
	struct written w = {.lo = edit_start(e, t)};
	uint32_t mode;

	w.place = im->headers ? im->headers->hi : edit_place_end(e, im, w.lo);
	w.hash = w.hash_hi = w.hi = w.place;
	if (im->has_hash) {
		w.hash = edit_skip(e, w.place);
		w.hash_hi = w.hi = w.hash + (uint32_t)HASH_LENGTH;
	}
	if (im->mode != IMPORT_CODE) {
		mode = edit_skip(e, edit_skip(e, w.hi) + 2); /* behind `as` */
		for (w.hi = mode; w.hi < t->hi && e->text.p[w.hi] >= 'A';)
			w.hi++;
	}
	return w;
}

/* ---- the hash ---- */

/* The import alone and without its hash, at the place where it stands in the text. */
static str import_text(struct freezer *f, const struct written *w)
{
	struct buf b = {0};
	str s = f->edits.text;

	for (uint32_t i = 0; i < w->hi; i++)
		buf_c(&b, s.p[i] == '\n' || (i >= w->lo && (i < w->hash || i >= w->hash_hi)) ? s.p[i] : ' ');
	return buf_take(&b, &f->mem);
}

static void remember(struct freezer *f, dh_val v, const unsigned char hash[32])
{
	const struct dhall_env *env = &f->s->world->env;
	const struct dh_term *t = env->remember ? dhall_quote(f->s, v, true) : NULL;
	struct buf bytes = {0};

	if (t) {
		dhall_encode(t, &bytes);
		env->remember(env->ud, hash, buf_view(&bytes));
	}
	buf_free(&bytes);
}

/* "sha256:…" of what the import stands for now; empty after a diagnostic. */
static str hash_now(struct freezer *f, const struct term *t)
{
	struct written w = places(&f->edits, t);
	const struct dh_parsed *parsed = dhall_parse(f->s, import_text(f, &w), f->name, f->directory);
	const struct dh_resolved *resolved = parsed ? dhall_resolve(f->s, parsed) : NULL;
	const struct dh_typed *typed = resolved ? dhall_check(f->s, resolved) : NULL;
	dh_val v = {NULL};
	unsigned char hash[32];
	char hex[65];

	if (typed)
		v = dhall_eval(f->s, typed);
	if (!v.v || !dhall_hash(f->s, v, hash)) {
		f->ok = false;
		return S("");
	}
	remember(f, v, hash);
	hex_of(hash, sizeof hash, hex);
	return str_fmt(&f->mem, "sha256:%s", hex);
}

/* ---- edits ---- */

static bool wanted(const struct freezer *f, const struct import *im)
{
	if (im->kind == IMPORT_MISSING || im->mode == IMPORT_LOCATION)
		return false;
	return im->kind == IMPORT_REMOTE || (f->flags & DHALL_FREEZE_ALL);
}

static void set_hash(struct freezer *f, const struct written *w, str hash)
{
	if (w->hash == w->hash_hi)
		edit_add(&f->edits, w->place, w->place, str_fmt(&f->mem, " %.*s", STR_ARG(hash)));
	else if (!str_eq(str_of(f->edits.text.p + w->hash, HASH_LENGTH), hash))
		edit_add(&f->edits, w->hash, w->hash_hi, hash);
}

static void freeze_import(struct freezer *f, const struct term *t, bool alone)
{
	struct written w = places(&f->edits, t);
	str hash = hash_now(f, t);
	bool parens = !alone && !(t->flags & TERM_FLAG_PAREN);

	if (!(f->flags & DHALL_FREEZE_CACHE)) {
		set_hash(f, &w, hash);
		return;
	}
	edit_add(&f->edits, w.lo, w.lo, str_fmt(&f->mem, "%smissing %.*s ? ", parens ? "(" : "", STR_ARG(hash)));
	if (w.hash != w.hash_hi)
		edit_add(&f->edits, w.place, w.hash_hi, S(""));
	if (parens)
		edit_add(&f->edits, w.hi, w.hi, S(")"));
}

static bool is_import(const struct term *t, bool hash)
{
	return t->kind == TERM_IMPORT && t->u.import->has_hash == hash;
}

/* missing sha256:… ? import, and import sha256:… ? import: what --cache writes, or wrote. */
static bool freeze_pair(struct freezer *f, const struct term *t)
{
	const struct term *a = t->u.two.a, *b = t->u.two.b;
	struct written pinned, plain;
	bool missing;
	str hash;

	if (t->kind != TERM_OP || t->sub != OP_ALTERNATIVE || !is_import(a, true) || !is_import(b, false) ||
			!wanted(f, b->u.import))
		return false;
	missing = a->u.import->kind == IMPORT_MISSING;
	if (!missing && !(f->flags & DHALL_FREEZE_CACHE))
		return false;
	hash = hash_now(f, b);
	pinned = places(&f->edits, a);
	plain = places(&f->edits, b);
	if (f->flags & DHALL_FREEZE_CACHE) {
		set_hash(f, &pinned, hash);
	} else {
		edit_add(&f->edits, a->lo, b->lo, S(""));
		set_hash(f, &plain, hash);
	}
	return true;
}

/* ---- the walk ---- */

static void later(struct freezer *f, const struct term *t, bool alone)
{
	if (t)
		vec_push(&f->todo, ((struct visit){t, alone}));
}

static void freeze_term(struct freezer *f, struct visit v)
{
	enum term_kind kind = (enum term_kind)v.t->kind;
	bool alone = kind == TERM_LET || kind == TERM_RECORD || kind == TERM_LIST;

	if (freeze_pair(f, v.t))
		return;
	if (kind == TERM_IMPORT && wanted(f, v.t->u.import))
		freeze_import(f, v.t, v.alone);
	if (kind == TERM_IMPORT)
		later(f, v.t->u.import->headers, false);
	f->parts.n = 0;
	term_children(&f->parts, v.t);
	for (size_t i = 0; i < f->parts.n; i++)
		later(f, f->parts.p[i], alone);
}

bool dhall_freeze(struct dhall *s, str text, str name, str directory, unsigned flags, struct buf *out)
{
	struct freezer f = {.s = s, .name = name, .directory = directory, .flags = flags, .ok = true};

	f.unit.file = source_add(name, text);
	f.edits.unit = &f.unit;
	f.edits.text = text;
	f.ok = term_parse(&f.unit, text, s->diags) != NULL;
	if (f.ok)
		later(&f, f.unit.term, true);
	while (f.ok && f.todo.n)
		freeze_term(&f, vec_pop(&f.todo));
	if (f.ok)
		edits_apply(&f.edits, out);
	vec_free(&f.edits.list);
	vec_free(&f.todo);
	vec_free(&f.parts);
	arena_clear(&f.mem);
	arena_clear(&f.unit.arena);
	return f.ok;
}
