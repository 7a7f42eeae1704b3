/* The form (Nix's ATerm): Derive([(name,path,algo,hash),…],[(path,[output,…]),…],[source,…],system,
 * builder,[arg,…],[(key,value),…]), every text in double quotes with the escapes \" \\ \n \r \t; no space
 * anywhere.  What Nix would read but write in another way is refused. */
#include "drv_int.h"

struct parser {
	const char *start, *at, *end;
	str path;
	struct arena *arena;
	struct diags *diags;
	struct buf escaped; /* a text with escapes, until it is copied */
	VEC(str) texts;     /* the innermost list that is being read */
};

/* ---- complaints ---- */

static bool fail_at(struct parser *p, const char *at, const char *fmt, ...) SL_PRINTF(3, 4);

static bool fail_at(struct parser *p, const char *at, const char *fmt, ...)
{
	struct buf b = {0};
	struct diag *d;
	va_list args;

	va_start(args, fmt);
	buf_vfmt(&b, fmt, args);
	va_end(args);
	d = diag_error(p->diags, DIAG_DRV_SYNTAX, NO_SPAN, "%s at byte %zu", buf_z(&b), (size_t)(at - p->start));
	diag_subject(p->diags, d, p->path);
	buf_free(&b);
	return false;
}

static bool expected(struct parser *p, const char *what)
{
	if (p->at == p->end)
		return fail_at(p, p->at, "the derivation ends where %s must stand", what);
	return fail_at(p, p->at, "%s is missing", what);
}

/* ---- parts ---- */

static bool punct(struct parser *p, char c)
{
	char what[] = "'?'";

	if (SL_LIKELY(p->at < p->end && *p->at == c)) {
		p->at++;
		return true;
	}
	what[1] = c;
	return expected(p, what);
}

static bool word(struct parser *p, str w)
{
	if ((size_t)(p->end - p->at) < w.n || memcmp(p->at, w.p, w.n) != 0)
		return fail_at(p, p->at, "'%.*s' is missing", STR_ARG(w));
	p->at += w.n;
	return true;
}

/* The byte that a backslash and c stand for; 0 when that is no escape. */
static char unescape(char c)
{
	switch (c) {
	case 'n': return '\n';
	case 'r': return '\r';
	case 't': return '\t';
	case '"':
	case '\\': return c;
	default: return 0;
	}
}

/* The rest of a text from its first special byte on. */
static bool escaped_text(struct parser *p, const char *begin, str *out)
{
	p->escaped.n = 0;
	buf_add(&p->escaped, begin, (size_t)(p->at - begin));
	while (p->at < p->end && *p->at != '"') {
		size_t n;

		if (*p->at != '\\')
			return fail_at(p, p->at, "a line end or tab stands unescaped");
		if (p->end - p->at < 2)
			break;
		if (!unescape(p->at[1]))
			return fail_at(p, p->at, "an escape is none of \\\", \\\\, \\n, \\r and \\t");
		buf_c(&p->escaped, unescape(p->at[1]));
		p->at += 2;
		n = drv_plain(p->at, (size_t)(p->end - p->at));
		buf_add(&p->escaped, p->at, n);
		p->at += n;
	}
	if (p->end - p->at < 1 || *p->at != '"')
		return fail_at(p, begin - 1, "the text does not end that begins");
	p->at++;
	*out = str_dup(p->arena, buf_view(&p->escaped));
	return true;
}

static bool text(struct parser *p, str *out)
{
	const char *begin;

	if (SL_UNLIKELY(p->at == p->end || *p->at != '"'))
		return expected(p, "a text in double quotes");
	begin = ++p->at;
	p->at += drv_plain(begin, (size_t)(p->end - begin));
	if (SL_UNLIKELY(p->at == p->end || *p->at != '"'))
		return escaped_text(p, begin, out);
	*out = str_of(begin, (size_t)(p->at++ - begin));
	return true;
}

static bool comma_text(struct parser *p, str *out)
{
	return punct(p, ',') && text(p, out);
}

/* Between the elements of a list; *more tells whether another one follows. */
static bool next(struct parser *p, size_t have, bool *more)
{
	*more = p->at < p->end && *p->at != ']';
	if (p->at == p->end)
		return expected(p, "']'");
	if (!*more)
		p->at++;
	else if (have)
		return punct(p, ',');
	return true;
}

static bool in_order(struct parser *p, const char *at, const str *before, str now, const char *what)
{
	int order = before ? str_cmp(*before, now) : -1;

	if (SL_LIKELY(order < 0))
		return true;
	return fail_at(p, at, order ? "the %s '%.*s' is not in the order of bytes" : "the %s '%.*s' is there twice", what,
			STR_ARG(now));
}

static bool absolute(struct parser *p, const char *at, str path, const char *what)
{
	return (path.n && path.p[0] == '/') || fail_at(p, at, "the %s '%.*s' is no absolute path", what, STR_ARG(path));
}

/* [text,…] into the arena; `ordered` names the elements of a list that must be sorted, paths if so. */
static bool text_list(struct parser *p, const char *ordered, bool paths, str **out, size_t *n)
{
	bool more;

	p->texts.n = 0;
	if (!punct(p, '['))
		return false;
	while (true) {
		const char *at;
		str s;

		if (!next(p, p->texts.n, &more))
			return false;
		if (!more)
			break;
		at = p->at;
		if (!text(p, &s) || (paths && !absolute(p, at, s, ordered)) ||
				(ordered && !in_order(p, at, p->texts.n ? &vec_last(&p->texts) : NULL, s, ordered)))
			return false;
		vec_push(&p->texts, s);
	}
	*n = p->texts.n;
	*out = arena_raw(p->arena, mem_size(*n, sizeof **out), _Alignof(str));
	if (*n)
		memcpy(*out, p->texts.p, *n * sizeof **out);
	return true;
}

/* ---- the lists of tuples ---- */

static bool output(struct parser *p, const struct drv_output *before, struct drv_output *o)
{
	const char *at = p->at + 1, *path_at;
	str why;

	if (!punct(p, '(') || !text(p, &o->name))
		return false;
	path_at = p->at + 1;
	if (!comma_text(p, &o->path) || !comma_text(p, &o->algo) || !comma_text(p, &o->hash) || !punct(p, ')'))
		return false;
	if (!storepath_name_ok(o->name, p->arena, &why))
		return fail_at(p, at, "the name of an output %.*s", STR_ARG(why));
	return in_order(p, at, before ? &before->name : NULL, o->name, "output") &&
			(o->path.n == 0 || absolute(p, path_at, o->path, "output path"));
}

static bool input(struct parser *p, const struct drv_input *before, struct drv_input *in)
{
	const char *at = p->at + 1;
	str *names;

	if (!punct(p, '(') || !text(p, &in->path) || !absolute(p, at, in->path, "input derivation") ||
			!in_order(p, at, before ? &before->path : NULL, in->path, "input derivation") ||
			!punct(p, ',') || !text_list(p, "output", false, &names, &in->noutputs))
		return false;
	in->outputs = names;
	return punct(p, ')');
}

static bool variable(struct parser *p, const struct drv_env *before, struct drv_env *e)
{
	const char *at = p->at + 1;

	return punct(p, '(') && text(p, &e->key) && in_order(p, at, before ? &before->key : NULL, e->key, "variable") &&
			comma_text(p, &e->value) && punct(p, ')');
}

/* A list of what `one` reads. */
#define TUPLES(p, T, one, array, count)                                                            \
	do {                                                                                       \
		VEC(T) list = {0};                                                                 \
		bool more = true, ok = punct((p), '[');                                            \
                                                                                                   \
		while (ok && (ok = next((p), list.n, &more)) && more) {                            \
			vec_push(&list, (T){0});                                                   \
			ok = one((p), list.n > 1 ? &list.p[list.n - 2] : NULL, &vec_last(&list));  \
		}                                                                                  \
		if (ok) {                                                                          \
			*(count) = list.n;                                                         \
			*(array) = arena_raw((p)->arena, mem_size(list.n, sizeof(T)), _Alignof(T)); \
			if (list.n)                                                                \
				memcpy(*(array), list.p, list.n * sizeof(T));                      \
		}                                                                                  \
		vec_free(&list);                                                                   \
		return ok;                                                                         \
	} while (0)

static bool outputs(struct parser *p, struct drv *d)
{
	TUPLES(p, struct drv_output, output, &d->outputs, &d->noutputs);
}

static bool inputs(struct parser *p, struct drv *d)
{
	TUPLES(p, struct drv_input, input, &d->inputs, &d->ninputs);
}

static bool variables(struct parser *p, struct drv *d)
{
	TUPLES(p, struct drv_env, variable, &d->env, &d->nenv);
}

static bool derivation(struct parser *p, struct drv *d)
{
	if ((size_t)(p->end - p->start) > DRV_SIZE_MAX)
		return fail_at(p, p->start + DRV_SIZE_MAX, "a derivation of more than 64 MiB goes on");
	if (!word(p, S("Derive(")) || !outputs(p, d) || !punct(p, ',') || !inputs(p, d) || !punct(p, ',') ||
			!text_list(p, "source", true, &d->sources, &d->nsources) || !comma_text(p, &d->system) ||
			!comma_text(p, &d->builder) || !punct(p, ',') ||
			!text_list(p, NULL, false, &d->args, &d->nargs) || !punct(p, ',') || !variables(p, d) ||
			!punct(p, ')'))
		return false;
	if (p->at != p->end)
		return fail_at(p, p->at, "something follows the derivation");
	return drv_kind_of(d, &d->kind, p->path, p->diags);
}

str drv_name_of(str path)
{
	str base = path, hash, rest;

	for (size_t i = path.n; i > 0 && base.n == path.n; i--)
		if (path.p[i - 1] == '/')
			base = str_from(path, i);
	if (str_ends(base, S(".drv")))
		base = str_upto(base, base.n - 4);
	if (str_cut(base, '-', &hash, &rest) && hash.n == STORE_HASH_CHARS)
		return rest;
	return base;
}

struct drv *drv_parse(struct arena *a, str aterm, str path, struct diags *diags)
{
	struct parser p = {aterm.p, aterm.p, aterm.p + aterm.n, path, a, diags, {0}, {0}};
	struct drv *d = arena_make(a, struct drv);
	bool ok;

	if (!aterm.p)
		p.start = p.at = p.end = "";
	ok = derivation(&p, d);
	d->name = drv_name_of(path);
	buf_free(&p.escaped);
	vec_free(&p.texts);
	return ok ? d : NULL;
}
