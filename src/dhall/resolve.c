/* Import resolution (imports.md): locations, the walk over a unit's imports, `?`, hashes. */
#include "children.h"
#include "unit.h"

/* ---- locations ---- */

struct components {
	str *p;
	size_t n;
};

static void push_component(struct components *c, str part)
{
	if (str_eq(part, S(".")))
		return;
	if (str_eq(part, S("..")) && c->n && !str_eq(c->p[c->n - 1], S(".."))) {
		c->n--;
		return;
	}
	c->p[c->n++] = part;
}

/* A directory is a prefix ("", ".", "~", "https://authority") and "/component"s.  What has no slash
 * after its prefix is the prefix alone. */
static str split_prefix(str directory, str *rest)
{
	size_t at = str_starts(directory, S("http")) ? str_find_str(directory, S("://")) : directory.n;
	size_t from = at < directory.n ? at + 3 : 0;
	size_t slash = from + str_find(str_from(directory, from), '/');

	*rest = str_from(directory, slash);
	return str_upto(directory, slash);
}

static void push_directory(struct components *c, str rest)
{
	str part;

	while (rest.n) {
		rest = str_from(rest, 1); /* the slash */
		part = str_upto(rest, str_find(rest, '/'));
		if (part.n)
			push_component(c, part);
		rest = str_from(rest, part.n);
	}
}

static str joined(struct arena *a, str prefix, const struct components *c, size_t n, str query)
{
	struct buf b = {0};

	buf_str(&b, prefix);
	for (size_t i = 0; i < n; i++) {
		buf_c(&b, '/');
		buf_str(&b, c->p[i]);
	}
	if (query.p) {
		buf_c(&b, '?');
		buf_str(&b, query);
	}
	return buf_take(&b, a);
}

static str prefix_of(struct arena *a, const struct import *im, str directory, struct components *c)
{
	str rest, prefix;

	if (im->kind == IMPORT_REMOTE)
		return str_fmt(a, "http%s://%.*s", im->https ? "s" : "", STR_ARG(im->authority));
	if (im->base == BASE_ABSOLUTE)
		return S("");
	if (im->base == BASE_HOME)
		return S("~");
	prefix = split_prefix(directory, &rest);
	push_directory(c, rest);
	if (im->base == BASE_PARENT)
		push_component(c, S(".."));
	return prefix;
}

/* Where the import leads from a file in `directory`. */
static struct location locate(struct dhall *s, const struct import *im, str directory)
{
	struct arena *a = &s->arena;
	struct location at = {.kind = im->kind, .directory = directory};
	struct components c = {0};
	size_t slashes = 2;
	str prefix;
	bool web;

	if (im->kind == IMPORT_ENV) {
		at.name = im->variable;
		at.directory = s->world->env.directory; /* no rule of imports.md chains them to what imports it */
	}
	if (im->kind == IMPORT_ENV || im->kind == IMPORT_MISSING)
		return at;
	for (size_t i = 0; i < directory.n; i++)
		slashes += directory.p[i] == '/';
	c.p = arena_array(a, str, slashes + im->nparts);
	prefix = prefix_of(a, im, directory, &c);
	web = remote_is(prefix);
	for (size_t i = 0; i + 1 < im->nparts; i++)
		push_component(&c, web && im->kind == IMPORT_LOCAL ? remote_component(a, im->parts[i]) : im->parts[i]);
	at.directory = joined(a, prefix, &c, c.n, (str){NULL, 0});
	if (im->nparts)
		c.p[c.n++] = web && im->kind == IMPORT_LOCAL ? remote_component(a, im->parts[im->nparts - 1])
							     : im->parts[im->nparts - 1];
	at.name = joined(a, prefix, &c, c.n, im->query);
	at.path = at.name;
	if (web) {
		at.kind = IMPORT_REMOTE;
		at.shown = remote_shown(a, at.name);
	}
	if (str_eq(prefix, S("~")))
		at.path = str_fmt(a, "%.*s%.*s", STR_ARG(s->world->env.home),
				STR_ARG(str_from(at.name, 1)));
	return at;
}

/* ---- one import ---- */

struct resolving {
	struct dhall *s;
	struct loaded *l;
	bool each; /* what fails does not end the walk */
};

static struct term *made(struct resolving *r, enum term_kind kind, const struct term *at)
{
	struct term *t = arena_make(&r->l->unit.arena, struct term);

	t->kind = (uint8_t)kind;
	t->lo = at->lo;
	t->hi = at->hi;
	return t;
}

static struct span span_of(const struct resolving *r, const struct term *t)
{
	return t->hi ? (struct span){r->l->unit.file, t->lo, t->hi} : NO_SPAN;
}

static const struct term *literal_text(struct resolving *r, str text, const struct term *at)
{
	struct term *t = made(r, TERM_TEXT, at);

	t->u.text.tail = text;
	return t;
}

/* < Environment : Text | Local : Text | Missing | Remote : Text >.KIND "name" */
static const struct term *location_term(struct resolving *r, const struct location *where,
		const struct term *at)
{
	static const char *const names[] = {"Environment", "Local", "Missing", "Remote"};
	static const int of_kind[] = {
			[IMPORT_LOCAL] = 1, [IMPORT_REMOTE] = 3, [IMPORT_ENV] = 0, [IMPORT_MISSING] = 2};
	struct arena *a = &r->l->unit.arena;
	struct term_field *fields = arena_array(a, struct term_field, 4);
	struct term *text = made(r, TERM_BUILTIN, at), *u = made(r, TERM_UNION, at),
		    *field = made(r, TERM_FIELD, at), *app;

	text->sub = BUILTIN_TEXT;
	for (int i = 0; i < 4; i++) {
		fields[i].name = intern_c(names[i]);
		fields[i].value = i == 2 ? NULL : text;
	}
	u->n = 4;
	u->u.fields.fields = fields;
	field->u.field.a = u;
	field->u.field.name = intern_c(names[of_kind[where->kind]]);
	if (where->kind == IMPORT_MISSING)
		return field;
	app = made(r, TERM_APP, at);
	app->u.two.a = field;
	app->u.two.b = literal_text(r, str_dup(a, where->name), at);
	return app;
}

static enum unit_state absent(struct resolving *r, const struct location *where, const struct term *t)
{
	struct diags *ds = &r->l->diags;
	struct diag *d;

	switch (where->kind) {
	case IMPORT_LOCAL:
		d = diag_error(ds, DIAG_IMPORT_ABSENT, span_of(r, t), "the file '%.*s' does not exist",
				STR_ARG(where->path));
		diag_hint(ds, d,
				"relative imports start from the importing file's directory; 'import ? other' gives an alternative");
		break;
	case IMPORT_ENV:
		d = diag_error(ds, DIAG_IMPORT_ABSENT, span_of(r, t),
				"the environment variable '%.*s' is not set", STR_ARG(where->name));
		diag_hint(ds, d, "set it, or write an alternative: env:%.*s ? other",
				STR_ARG(where->name));
		break;
	case IMPORT_REMOTE:
		break; /* remote.c has told it */
	case IMPORT_MISSING:
		d = diag_error(ds, DIAG_IMPORT_ABSENT, span_of(r, t), "'missing' is never there");
		diag_hint(ds, d,
				"it needs an alternative, 'missing ? other', or a sha256 that is in the cache");
		break;
	}
	return UNIT_ABSENT;
}

/* What stands before byte `at`, up to a blank or bracket: "D.Input.Src". */
static str word_before(str text, size_t at)
{
	size_t end, lo;

	for (end = at; end > 0 && char_in(text.p[end - 1], " \t\r\n");)
		end--;
	for (lo = end; lo > 0 && end < at && !char_in(text.p[lo - 1], " \t\r\n()[]{},=<>");)
		lo--;
	return str_of(text.p + lo, end - lo);
}

/* A folder was meant as a path, which is a text: D.Input.Src ./. is D.Input.Src ".". */
static void hint_folder(struct resolving *r, struct diag *d, const struct term *t)
{
	struct span at = span_of(r, t);
	str text = source_text(at.file), path = str_trim(str_of(text.p + at.lo, at.hi - at.lo)), before = word_before(text, at.lo);

	if (str_starts(path, S("./")))
		path = str_from(path, 2);
	if (str_ends(path, S("/.")))
		path = str_upto(path, path.n - 2);
	diag_hint(&r->l->diags, d, "an import is a file; a folder is named by a text: %.*s%s\"%.*s\"", STR_ARG(before), before.n ? " " : "",
			STR_ARG(path.n ? path : S(".")));
}

/* What went wrong in an imported file is told here too. */
static void imported_here(struct resolving *r, const struct loaded *l, const struct term *t)
{
	struct diag *d;

	diags_copy(&r->l->diags, &l->diags);
	d = r->l->diags.last;
	if (d && l->unit.name.n)
		diag_note(&r->l->diags, d, span_of(r, t), "'%.*s' is imported here",
				STR_ARG(l->unit.name));
	if (d && d->code == DIAG_IMPORT_FOLDER && !d->hint.n)
		hint_folder(r, d, t);
}

static enum unit_state raw_import(struct resolving *r, const struct location *where, struct import *im,
		const struct term *t)
{
	const struct raw *raw;
	struct blob *blob;
	struct term *bytes;
	size_t bad;

	if (where->kind != IMPORT_REMOTE)
		unit_depends(r->l, unit_place(&r->s->arena, where));
	raw = unit_raw(r->s, where, &r->l->diags);
	if (!raw || raw->found != DHALL_FOUND)
		return raw ? absent(r, where, t) : UNIT_FAILED;
	blob = raw->blob;
	if (im->mode == IMPORT_BYTES) {
		bytes = made(r, TERM_BYTES, t);
		bytes->u.bytes = str_dup(&r->l->unit.arena, blob_str(blob));
		im->replacement = bytes;
		return UNIT_DONE;
	}
	bad = utf8_check(blob_str(blob));
	if (bad < blob->n) {
		struct diag *d = diag_error(&r->l->diags, DIAG_IMPORT_TEXT, span_of(r, t),
				"'%.*s' is not UTF-8 at byte %zu", STR_ARG(unit_place(&r->s->arena, where)), bad);

		diag_hint(&r->l->diags, d, "import it 'as Bytes'");
		return UNIT_FAILED;
	}
	im->replacement = literal_text(r, str_dup(&r->l->unit.arena, blob_str(blob)), t);
	return UNIT_DONE;
}

/* ---- hashes ---- */

struct hashing {
	struct dhall *s;
	struct import *im;
	struct buf bytes;
};

static void encode_protected(void *ud)
{
	struct hashing *h = ud;
	struct val *v = h->im->target ? unit_value(h->s, h->im->target)
				      : eval(h->s, h->im->replacement, &env_empty);

	h->s->encoded.n = 0;
	hash_encode(h->s, v, &h->s->encoded);
}

static enum unit_state verify(struct resolving *r, struct import *im, const struct location *where,
		const struct term *t)
{
	struct hashing h = {.s = r->s, .im = im};
	const struct dhall_env *env = &r->s->world->env;
	struct diags *outer = r->s->diags;
	unsigned char found[32];
	char want_hex[65], found_hex[65];
	struct diag *d;
	bool ok;

	r->s->diags = &r->l->diags;
	ok = session_protect(r->s, encode_protected, &h);
	r->s->diags = outer;
	if (!ok)
		return UNIT_FAILED;
	sha256(buf_view(&r->s->encoded), found);
	if (memcmp(found, im->hash, 32) == 0) {
		if (env->remember)
			env->remember(env->ud, found, buf_view(&r->s->encoded));
		return UNIT_DONE;
	}
	hex_of(im->hash, 32, want_hex);
	hex_of(found, 32, found_hex);
	d = diag_error(&r->l->diags, DIAG_IMPORT_HASH, span_of(r, t),
			"'%.*s' does not have the hash that is written",
			STR_ARG(where->kind == IMPORT_REMOTE ? where->shown : where->name));
	diag_note(&r->l->diags, d, NO_SPAN, "written: sha256:%s", want_hex);
	diag_note(&r->l->diags, d, NO_SPAN, "found:   sha256:%s", found_hex);
	diag_hint(&r->l->diags, d, "if the change is intended, write the new hash");
	return UNIT_FAILED;
}

static enum unit_state code_import(struct resolving *r, const struct location *where, struct import *im,
		const struct term *t)
{
	struct loaded *child;

	if (where->kind == IMPORT_MISSING)
		return absent(r, where, t);
	child = unit_load(r->s, where, span_of(r, t));
	unit_depends_all(r->l, &child->unit, im->has_hash && child->state == UNIT_DONE);
	if (child->state == UNIT_DONE) {
		im->target = &child->unit;
		return UNIT_DONE;
	}
	if (child->state == UNIT_ABSENT && !child->diags.first)
		return absent(r, where, t);
	imported_here(r, child, t);
	return child->state;
}

/* The referential sanity check: what came from a URL may import nothing of this machine. */
static enum unit_state allowed(struct resolving *r, const struct location *where, const struct term *t)
{
	struct diag *d;

	if (!remote_is(r->l->unit.directory) || where->kind == IMPORT_REMOTE || where->kind == IMPORT_MISSING)
		return UNIT_DONE;
	d = diag_error(&r->l->diags, DIAG_IMPORT_OPAQUE, span_of(r, t), "'%.*s' imports '%.*s', which is of this machine",
			STR_ARG(r->l->unit.name), STR_ARG(unit_place(&r->s->arena, where)));
	diag_hint(&r->l->diags, d, "what comes from a URL may import only URLs: make what it needs a parameter");
	return UNIT_FAILED;
}

/* What is there, now that it may be imported. */
static enum unit_state import_at(struct resolving *r, const struct location *where, struct import *im,
		const struct term *t)
{
	enum unit_state state = im->mode != IMPORT_CODE && where->kind != IMPORT_MISSING ? raw_import(r, where, im, t)
											   : code_import(r, where, im, t);

	return state == UNIT_DONE && im->has_hash ? verify(r, im, where, t) : state;
}

static enum unit_state one_import(struct resolving *r, const struct term *t)
{
	struct import *im = t->u.import;
	struct location where = locate(r->s, im, r->l->unit.directory);
	struct loaded *cached;
	enum unit_state state;

	im->place = where.kind == IMPORT_MISSING ? S("missing") : str_dup(&r->l->unit.arena, unit_place(&r->s->arena, &where));
	if (where.kind == IMPORT_LOCAL &&
			(im->mode == IMPORT_LOCATION || im->base == BASE_ABSOLUTE || im->base == BASE_HOME))
		unit_depends(r->l, str_fmt(&r->s->arena, "at:%.*s", STR_ARG(where.name)));
	if (im->mode == IMPORT_LOCATION) {
		im->replacement = location_term(r, &where, t);
		return UNIT_DONE;
	}
	if (im->has_hash && (cached = unit_cached(r->s, im->hash, span_of(r, t))) != NULL) {
		im->target = &cached->unit;
		return UNIT_DONE;
	}
	state = allowed(r, &where, t);
	if (state == UNIT_DONE && where.kind == IMPORT_REMOTE)
		state = remote_fetch(r->s, r->l, im, &where, span_of(r, t));
	if (state == UNIT_DONE)
		state = import_at(r, &where, im, t);
	/* What a hash names is the same wherever it comes from; that nothing was there may be another now. */
	if (where.kind == IMPORT_REMOTE && !(im->has_hash && state == UNIT_DONE))
		unit_depends(r->l, str_fmt(&r->s->arena, "url:%.*s", STR_ARG(where.shown)));
	return state;
}

/* ---- the walk ---- */

static enum unit_state walk(struct resolving *, const struct term *);

/* a ? b: b is taken when something in a is absent.  Chains lean left and are walked from there. */
static enum unit_state alternative(struct resolving *r, const struct term *t)
{
	struct diags before = r->l->diags;
	enum unit_state state;

	r->l->diags = (struct diags){0};
	state = walk(r, t->u.two.a);
	if (state == UNIT_ABSENT) {
		diags_free(&r->l->diags);
		((struct term *)(uintptr_t)t)->flags |= TERM_FLAG_RIGHT;
		state = walk(r, t->u.two.b);
	}
	if (before.first) {
		diags_copy(&before, &r->l->diags);
		diags_free(&r->l->diags);
		r->l->diags = before;
	}
	return state;
}

static enum unit_state walk(struct resolving *r, const struct term *root)
{
	enum unit_state state = UNIT_DONE, worst = UNIT_DONE;
	struct term_stack todo = {0};

	if (stack_low(r->s->stack_lo)) {
		diag_error(&r->l->diags, DIAG_LIMIT_DEPTH, span_of(r, root),
				"alternatives are nested too deep");
		return UNIT_FAILED;
	}
	vec_push(&todo, root);
	while (todo.n && state == UNIT_DONE) {
		const struct term *t = vec_pop(&todo);
		bool alternatives = t->kind == TERM_OP && t->sub == OP_ALTERNATIVE;

		r->l->walked |= (t->kind == TERM_IMPORT || alternatives) && !r->l->unit.file;
		if (t->kind == TERM_IMPORT)
			state = one_import(r, t);
		else if (alternatives)
			state = alternative(r, t);
		else
			term_children(&todo, t);
		if (r->each && state != UNIT_DONE) {
			worst = worst == UNIT_FAILED ? worst : state;
			state = UNIT_DONE;
		}
	}
	vec_free(&todo);
	return r->each ? worst : state;
}

/* A text without imports has nothing to resolve: `a ? b` is a.  Decoded terms have no list. */
enum unit_state unit_resolve(struct dhall *s, struct loaded *l)
{
	struct resolving r = {.s = s, .l = l};

	return l->unit.nimports || !l->unit.file ? walk(&r, l->unit.term) : UNIT_DONE;
}

void unit_resolve_each(struct dhall *s, struct loaded *l)
{
	struct resolving r = {.s = s, .l = l, .each = true};

	if (l->unit.nimports)
		walk(&r, l->unit.term);
}
