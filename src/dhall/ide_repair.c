/* Text that is being written made whole: what is open before a place is closed behind it, in whatever way
 * parses.  A light scan of the bytes keeps a stack of what is open; it need not be right about text that is
 * wrong, as the parser looks at the outcome. */
#include "ide.h"
#include "lex.h"

enum open_kind {
	OPEN_PAREN, OPEN_BRACE, OPEN_BRACKET, OPEN_ANGLE,
	OPEN_DOUBLE, OPEN_SINGLE,   /* an interpolation in a text of that kind */
	OPEN_ARROW,                 /* \ or forall, before its arrow */
	OPEN_LET, OPEN_VALUE,       /* before and behind its '=' */
	OPEN_IF, OPEN_THEN,
	OPEN_WITH,                  /* before its '=' */
	OPEN_ASSERT,                /* before its ':' */
};

/* ORDER OPEN: what closes it, behind an expression. */
static const char *const closers[] = {
	")", "}", "]", ">", "}\"", "}''", " -> x", " = x in x", " in x", " then x else x", " else x", " = x", " : x",
};

struct scan {
	str s;
	uint32_t at, end;
	VEC(uint8_t) open; /* enum open_kind */
	bool whole;        /* the last token may end an expression */
	bool new_name, mode;
	struct repaired *out;
};

static char peek(const struct scan *c, uint32_t more)
{
	return c->at + more < c->end ? c->s.p[c->at + more] : '\0';
}

static bool on_top(const struct scan *c, enum open_kind k)
{
	return c->open.n && vec_last(&c->open) == k;
}

static void pop_if(struct scan *c, enum open_kind k)
{
	if (on_top(c, k))
		c->open.n--;
}

static bool is_bracket(uint8_t k)
{
	return k <= OPEN_SINGLE;
}

/* A comma or a closing bracket ends all that stands behind the bracket. */
static void to_bracket(struct scan *c)
{
	while (c->open.n && !is_bracket(vec_last(&c->open)))
		c->open.n--;
}

/* ---- what is skipped whole; false when the place is in it ---- */

static bool skip_line(struct scan *c)
{
	while (c->at < c->end && c->s.p[c->at] != '\n')
		c->at++;
	if (c->at == c->end)
		c->out->state = REPAIR_COMMENT;
	return c->at < c->end;
}

static bool skip_block(struct scan *c)
{
	unsigned depth = 0;

	while (c->at < c->end) {
		if (peek(c, 0) == '{' && peek(c, 1) == '-') {
			depth++;
			c->at += 2;
		} else if (peek(c, 0) == '-' && peek(c, 1) == '}') {
			c->at += 2;
			if (--depth == 0)
				return true;
		} else {
			c->at++;
		}
	}
	c->out->state = REPAIR_COMMENT;
	return false;
}

/* From inside a text to its end or to an interpolation. */
static bool skip_text(struct scan *c, enum open_kind kind)
{
	while (c->at < c->end) {
		char x = peek(c, 0);

		if (x == '$' && peek(c, 1) == '{') {
			c->at += 2;
			vec_push(&c->open, (uint8_t)kind);
			c->whole = false;
			return true;
		}
		if (kind == OPEN_DOUBLE && x == '\\') {
			c->at += 2;
		} else if (kind == OPEN_DOUBLE && x == '"') {
			c->at++;
			c->whole = true;
			return true;
		} else if (kind == OPEN_SINGLE && x == '\'' && peek(c, 1) == '\'') {
			bool escape = peek(c, 2) == '\'' || (peek(c, 2) == '$' && peek(c, 3) == '{');

			c->at += peek(c, 2) == '\'' ? 3 : escape ? 4 : 2;
			c->whole = true;
			if (!escape)
				return true;
		} else {
			c->at++;
		}
	}
	c->out->state = REPAIR_TEXT;
	return false;
}

static bool ends_path(char c)
{
	return c == '\0' || char_in(c, " \t\r\n()[]{}<>,");
}

static bool skip_path(struct scan *c, enum repair_state state)
{
	bool quoted = false;
	uint32_t from = c->at;

	for (; c->at < c->end && (quoted || !ends_path(peek(c, 0))); c->at++)
		quoted ^= peek(c, 0) == '"';
	c->whole = true;
	if (c->at < c->end)
		return true;
	c->out->from = from;
	c->out->state = state;
	return false;
}

/* ---- tokens ---- */

static bool starts_path(const struct scan *c)
{
	str rest = str_of(c->s.p + c->at, c->end - c->at);

	if (str_starts(rest, S("./")) || str_starts(rest, S("../")) || str_starts(rest, S("~/")))
		return true;
	return peek(c, 0) == '/' && peek(c, 1) != '/' && peek(c, 1) != '\\' && !c->whole;
}

static void keyword(struct scan *c, enum token_kind k)
{
	bool whole = c->whole;

	c->whole = false;
	switch (k) {
	case TOKEN_LET:
		if (whole) /* the next of a row: one `in` ends all */
			pop_if(c, OPEN_VALUE);
		vec_push(&c->open, OPEN_LET);
		c->new_name = true;
		break;
	case TOKEN_IN: pop_if(c, OPEN_VALUE); break;
	case TOKEN_IF: vec_push(&c->open, OPEN_IF); break;
	case TOKEN_THEN:
		if (on_top(c, OPEN_IF))
			c->open.p[c->open.n - 1] = OPEN_THEN;
		break;
	case TOKEN_ELSE: pop_if(c, OPEN_THEN); break;
	case TOKEN_FORALL: vec_push(&c->open, OPEN_ARROW); break;
	case TOKEN_WITH:
		vec_push(&c->open, OPEN_WITH);
		break;
	case TOKEN_ASSERT: vec_push(&c->open, OPEN_ASSERT); break;
	case TOKEN_AS: c->mode = true; break;
	case TOKEN_MERGE:
	case TOKEN_SOME:
	case TOKEN_TOMAP:
	case TOKEN_USING:
	case TOKEN_SHOW_CONSTRUCTOR: break;
	default: c->whole = true; /* a name, a builtin, a literal */
	}
}

static bool word(struct scan *c)
{
	uint32_t from = c->at;
	bool name = c->new_name, mode = c->mode, selector = from && c->out->selector;
	str s;
	uint8_t sub;

	if (peek(c, 0) == '`') {
		c->at += 1 + (uint32_t)str_find(str_of(c->s.p + from + 1, c->end - from - 1), '`');
		c->at += c->at < c->end;
	} else {
		while (byte_is(peek(c, 0), BYTE_LABEL))
			c->at++;
	}
	s = str_of(c->s.p + from, c->at - from);
	c->new_name = c->mode = false;
	if (c->at == c->end) {
		c->out->from = from;
		c->out->state = name ? REPAIR_NAME : mode ? REPAIR_MODE : REPAIR_CODE;
		return false;
	}
	if (str_eq(s, S("env")) && peek(c, 0) == ':') {
		c->at++;
		return skip_path(c, REPAIR_VARIABLE);
	}
	if ((str_eq(s, S("http")) || str_eq(s, S("https"))) && str_starts(str_of(c->s.p + c->at, c->end - c->at), S("://")))
		return skip_path(c, REPAIR_TEXT);
	if (name || selector || s.p[0] == '`')
		c->whole = true;
	else
		keyword(c, lex_word(s, &sub));
	return true;
}

static void closing(struct scan *c, enum open_kind k)
{
	to_bracket(c);
	pop_if(c, k);
	c->whole = true;
}

static void equals(struct scan *c)
{
	uint32_t n = 0;

	while (peek(c, n) == '=')
		n++;
	c->at += n;
	c->whole = false;
	if (n == 1 && on_top(c, OPEN_LET))
		c->open.p[c->open.n - 1] = OPEN_VALUE;
	else if (n == 1)
		pop_if(c, OPEN_WITH);
}

/* A '}' may end an interpolation: then the text goes on. */
static bool brace(struct scan *c)
{
	to_bracket(c);
	c->at++;
	c->whole = true;
	if (on_top(c, OPEN_DOUBLE) || on_top(c, OPEN_SINGLE))
		return skip_text(c, (enum open_kind)vec_pop(&c->open));
	pop_if(c, OPEN_BRACE);
	return true;
}

static void opening(struct scan *c, enum open_kind k)
{
	c->new_name = k == OPEN_PAREN && on_top(c, OPEN_ARROW);
	vec_push(&c->open, (uint8_t)k);
	c->at++;
	c->whole = false;
}

static bool sign(struct scan *c)
{
	str rest = str_of(c->s.p + c->at, c->end - c->at);

	switch (peek(c, 0)) {
	case '(': opening(c, OPEN_PAREN); return true;
	case '[': opening(c, OPEN_BRACKET); return true;
	case '{': opening(c, OPEN_BRACE); return true;
	case '<': opening(c, OPEN_ANGLE); return true;
	case ')': closing(c, OPEN_PAREN); break;
	case ']': closing(c, OPEN_BRACKET); break;
	case '>': closing(c, OPEN_ANGLE); break;
	case '}': return brace(c);
	case '=': equals(c); return true;
	case ',':
	case '|':
		to_bracket(c);
		c->whole = false;
		break;
	case ':':
		pop_if(c, OPEN_ASSERT);
		c->whole = false;
		break;
	default:
		if (str_starts(rest, S("->")) || str_starts(rest, S("→"))) {
			pop_if(c, OPEN_ARROW);
			c->at += peek(c, 0) == '-' ? 1 : 2;
		} else if (peek(c, 0) == '/' && peek(c, 1) == '\\') {
			c->at++;
		} else if (str_starts(rest, S("//\\\\"))) {
			c->at += 3;
		} else if (peek(c, 0) == '\\' || str_starts(rest, S("λ"))) {
			vec_push(&c->open, OPEN_ARROW);
		} else if (str_starts(rest, S("∀"))) {
			vec_push(&c->open, OPEN_ARROW);
			c->at += 2;
		}
		c->whole = false;
	}
	c->at++;
	return true;
}

/* One token; false when the place is in it. */
static bool token(struct scan *c)
{
	bool dot = peek(c, 0) == '.' && !starts_path(c);
	bool ok;

	if (peek(c, 0) == '-' && peek(c, 1) == '-')
		return skip_line(c);
	if (peek(c, 0) == '{' && peek(c, 1) == '-')
		return skip_block(c);
	if (char_in(peek(c, 0), " \t\r\n")) {
		c->at++;
		return true;
	}
	if (dot)
		ok = (c->at++, true);
	else if (starts_path(c))
		ok = skip_path(c, REPAIR_PATH);
	else if (byte_is(peek(c, 0), BYTE_LABEL_FIRST | BYTE_DIGIT) || peek(c, 0) == '`')
		ok = word(c);
	else if (peek(c, 0) == '"')
		ok = (c->at++, skip_text(c, OPEN_DOUBLE));
	else if (peek(c, 0) == '\'' && peek(c, 1) == '\'')
		ok = (c->at += 2, skip_text(c, OPEN_SINGLE));
	else
		ok = sign(c);
	if (ok)
		c->out->selector = dot;
	return ok;
}

struct repaired ide_repair(str text, uint32_t at, struct buf *out)
{
	struct repaired r = {.state = REPAIR_CODE, .from = at};
	struct scan c = {.s = text, .end = at, .out = &r};

	while (c.at < c.end && token(&c))
		;
	if (c.at >= c.end && r.state == REPAIR_CODE && !(r.from < at))
		r.state = c.new_name ? REPAIR_NAME : c.mode ? REPAIR_MODE : REPAIR_CODE;
	if (r.state == REPAIR_CODE) {
		buf_str(out, str_upto(text, r.from));
		buf_c(out, 'x');
		while (c.open.n)
			buf_str(out, str_c(closers[vec_pop(&c.open)]));
	}
	vec_free(&c.open);
	return r;
}
