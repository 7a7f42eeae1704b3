/* Strings and paths: what has a grammar of its own. */
#include "lex.h"

static void piece_text(struct parser *p, struct buf *b, const char *lo)
{
	if (b->n) {
		struct expr *e = expr_str(p, buf_view(b), lo);

		vec_push(&p->x->stack, e);
		b->n = 0;
	}
}

/* What stands above the mark as one expression.  What was interpolated stays so, even if it is constant: as an
 * attribute's name it is computed. */
static struct expr *joined(struct parser *p, size_t mark, const char *lo, bool path, bool interpolated)
{
	size_t n = p->x->stack.n - mark;
	struct expr *e;

	if (n == 0)
		return expr_str(p, S(""), lo);
	if (n == 1 && !interpolated) {
		e = p->x->stack.p[mark];
		p->x->stack.n = mark;
		e->lo = place_of(p, lo);
		e->hi = place_of(p, p->last);
		return e;
	}
	e = expr_many(p, EX_TEXT, mark, lo);
	e->flag = path;
	return e;
}

static char escaped(char c)
{
	switch (c) {
	case 'n': return '\n';
	case 'r': return '\r';
	case 't': return '\t';
	default: return c;
	}
}

/* A line end is \n however it is written; returns what follows it. */
static const char *plain(struct buf *b, const char *s)
{
	if (*s != '\r') {
		buf_c(b, *s);
		return s + 1;
	}
	buf_c(b, '\n');
	return s + (s[1] == '\n' ? 2 : 1);
}

static const char *interpolation(struct parser *p, const char *s)
{
	struct expr *e;

	nix_deep(p->x);
	p->at = s + 2;
	e = parse_braced(p);
	vec_push(&p->x->stack, e);
	return p->at;
}

struct expr *parse_string(struct parser *p)
{
	struct buf *b = buf_borrow(p->x);
	size_t mark = p->x->stack.n;
	const char *lo = p->tok.lo, *s = p->tok.hi, *from = s;
	bool interpolated = false;

	while (*s != '"') {
		if (s >= p->end)
			syntax_error(p, lo, lo + 1, "a string does not end");
		if (*s == '$' && s[1] == '{') {
			piece_text(p, b, from);
			s = from = interpolation(p, s);
			interpolated = true;
		} else if (*s == '$' && s + 1 < p->end && s[1] != '"' && s[1] != '\\') {
			buf_c(b, '$');
			s = plain(b, s + 1);
		} else if (*s == '\\' && s + 1 < p->end) {
			buf_c(b, escaped(s[1]));
			s += 2;
		} else {
			s = plain(b, s);
		}
	}
	piece_text(p, b, from);
	buf_return(p->x, b);
	p->at = s + 1;
	p->tok.hi = s + 1;
	nix_lex(p);
	return joined(p, mark, lo, false, interpolated);
}

/* ---- indented strings ---- */

/* Pieces stand on x->stack, texts as CONSTs whose flag says that they are raw. */
static void indented_text(struct parser *p, struct buf *b, bool raw, const char *lo)
{
	struct expr *e;

	if (!b->n)
		return;
	e = expr_str(p, buf_view(b), lo);
	e->flag = raw;
	e->name = 1; /* a piece, not an expression that was interpolated */
	vec_push(&p->x->stack, e);
	b->n = 0;
}

static bool is_piece(const struct expr *e)
{
	return e->kind == EX_CONST && e->name == 1;
}

static uint32_t least_indent(struct expr **e, size_t n)
{
	bool at_start = true;
	uint32_t least = 1000000, current = 0;

	for (size_t i = 0; i < n; i++) {
		str t;

		if (!is_piece(e[i]) || !e[i]->flag) {
			if (at_start && current < least)
				least = current;
			at_start = false;
			continue;
		}
		t = val_str(&AS(ex_const, e[i])->v);
		for (size_t j = 0; j < t.n; j++) {
			if (t.p[j] == '\n') {
				at_start = true;
				current = 0;
			} else if (at_start && t.p[j] == ' ') {
				current++;
			} else if (at_start) {
				at_start = false;
				if (current < least)
					least = current;
			}
		}
	}
	return least;
}

/* Takes the indentation away, and the last line if it is only spaces. */
static void strip(struct parser *p, size_t mark)
{
	struct expr **e = p->x->stack.p + mark;
	size_t n = p->x->stack.n - mark, out = 0;
	uint32_t least = least_indent(e, n), dropped = 0;
	bool at_start = true;
	struct buf *b = buf_borrow(p->x);

	for (size_t i = 0; i < n; i++) {
		str t;

		if (!is_piece(e[i])) {
			at_start = false;
			dropped = 0;
			e[out++] = e[i];
			continue;
		}
		t = val_str(&AS(ex_const, e[i])->v);
		b->n = 0;
		for (size_t j = 0; j < t.n; j++) {
			if (at_start && t.p[j] == ' ') {
				if (dropped++ >= least)
					buf_c(b, ' ');
				continue;
			}
			at_start = t.p[j] == '\n';
			dropped = 0;
			buf_c(b, t.p[j]);
		}
		if (i + 1 == n) {
			size_t last = b->n;

			while (last > 0 && b->p[last - 1] == ' ')
				last--;
			if (last > 0 && b->p[last - 1] == '\n')
				b->n = last;
		}
		e[i]->name = 0;
		e[i]->flag = 0;
		set_str(p->x, &AS(ex_const, e[i])->v, buf_view(b));
		if (b->n || n == 1)
			e[out++] = e[i];
	}
	buf_return(p->x, b);
	p->x->stack.n = mark + out;
}

/* The first line does not count when only spaces are in it. */
static const char *behind_first_line(const char *s)
{
	const char *at = s;

	while (*at == ' ')
		at++;
	return *at == '\n' ? at + 1 : s;
}

/* '' and what makes it no end; *escape is what it stands for.  Returns what follows. */
static const char *quotes(struct parser *p, const char *s, struct buf *b)
{
	if (s[2] == '\'') {
		buf_lit(b, "''");
		return s + 3;
	}
	if (s[2] == '$') {
		buf_c(b, '$');
		return s + 3;
	}
	if (s[2] == '\\' && s + 3 < p->end) {
		buf_c(b, escaped(s[3]));
		return s + 4;
	}
	return s;
}

struct expr *parse_indented(struct parser *p)
{
	struct buf *b = buf_borrow(p->x);
	size_t mark = p->x->stack.n;
	const char *lo = p->tok.lo, *s = behind_first_line(p->tok.hi), *from = s, *next;
	bool interpolated = false;

	for (;;) {
		if (s >= p->end)
			syntax_error(p, lo, lo + 2, "a string does not end");
		if (*s == '\'' && s[1] == '\'') {
			indented_text(p, b, true, from);
			next = quotes(p, s, b);
			if (next == s)
				break;
			indented_text(p, b, false, s);
			s = from = next;
		} else if (*s == '$' && s[1] == '{') {
			indented_text(p, b, true, from);
			s = from = interpolation(p, s);
			interpolated = true;
		} else if (*s == '$' && s[1] != '\'' && s + 1 < p->end) {
			buf_c(b, '$');
			buf_c(b, s[1]);
			s += 2;
		} else if (*s == '$') {
			indented_text(p, b, true, from);
			buf_c(b, '$');
			indented_text(p, b, false, s);
			from = ++s;
		} else if (*s == '\'' && s[1] != '$' && s + 1 < p->end) {
			buf_c(b, '\'');
			buf_c(b, s[1]);
			s += 2;
		} else if (*s == '\'') {
			indented_text(p, b, true, from);
			buf_c(b, '\'');
			indented_text(p, b, false, s);
			from = ++s;
		} else {
			buf_c(b, *s++);
		}
	}
	buf_return(p->x, b);
	p->at = s + 2;
	p->tok.hi = s + 2;
	strip(p, mark);
	nix_lex(p);
	return joined(p, mark, lo, false, interpolated);
}

/* ---- paths ---- */

/* The first part, made absolute; its last slash counts when something is interpolated behind it. */
static struct expr *path_start(struct parser *p, const char *lo, const char *hi)
{
	struct buf *b = buf_borrow(p->x);
	str written = str_of(lo, (size_t)(hi - lo));
	struct ex_const *e;
	struct text *t;

	if (*lo == '~') {
		if (!p->x->env.home.n)
			syntax_error(p, lo, hi, "the home folder is not known");
		buf_str(b, p->x->env.home);
		written = str_from(written, 1);
	} else if (*lo != '/') {
		buf_str(b, p->dir);
		buf_c(b, '/');
	}
	buf_str(b, written);
	t = path_text(p->x, buf_view(b));
	buf_return(p->x, b);
	if (hi[-1] == '/' && t->n > 1) {
		t->b[t->n++] = '/';
		t->b[t->n] = '\0';
	}
	e = EXPR(p, ex_const, EX_CONST, lo);
	val_path(&e->v, t);
	return &e->x;
}

struct expr *parse_path(struct parser *p)
{
	const char *lo = p->tok.lo, *s = p->tok.hi, *from = s;
	size_t mark = p->x->stack.n;
	struct expr *start = path_start(p, lo, s);
	struct buf *b = buf_borrow(p->x);

	vec_push(&p->x->stack, start);
	for (;;) {
		if (*s == '$' && s[1] == '{') {
			piece_text(p, b, from);
			s = from = interpolation(p, s);
		} else if (p->x->stack.n > mark + 1 && (byte_is(*s, BYTE_PATH) || (*s == '/' &&
				s[-1] != '/' && (byte_is(s[1], BYTE_PATH) || (s[1] == '$' && s[2] == '{'))))) {
			buf_c(b, *s++);
		} else {
			break;
		}
	}
	if (s[-1] == '/' || (p->x->stack.n > mark + 1 && *s == '/'))
		syntax_error(p, lo, s, "a path ends with a slash");
	piece_text(p, b, from);
	buf_return(p->x, b);
	p->at = s;
	p->tok.hi = s;
	nix_lex(p);
	return joined(p, mark, lo, true, false);
}
