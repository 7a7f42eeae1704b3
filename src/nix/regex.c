/* Patterns into programs. */
#include "regex_int.h"

void regex_free(struct regex *r)
{
	if (!r)
		return;
	vec_free(&r->code);
	vec_free(&r->sets);
	mem_free(r);
}

uint64_t regex_cost(const struct regex *r, size_t n)
{
	return (uint64_t)n * r->code.n / 64;
}

uint32_t regex_groups(const struct regex *r)
{
	return r->groups;
}

/* ---- compiling ---- */

struct compiler {
	struct regex *r;
	str in;
	size_t at;
	unsigned depth;
	const char *why;
};

static bool fail(struct compiler *c, const char *why)
{
	if (!c->why)
		c->why = why;
	return false;
}

static bool more(const struct compiler *c)
{
	return c->at < c->in.n;
}

static char look(const struct compiler *c)
{
	return more(c) ? c->in.p[c->at] : '\0';
}

static bool emit(struct compiler *c, struct inst i)
{
	if (c->r->code.n >= REGEX_SIZE_MAX)
		return fail(c, "it is too large");
	vec_push(&c->r->code, i);
	return true;
}

static void set_add(struct set *s, unsigned char b)
{
	s->bits[b >> 3] |= (uint8_t)(1u << (b & 7));
}

static bool class_has(str name, unsigned char b)
{
	bool lower = b >= 'a' && b <= 'z', upper = b >= 'A' && b <= 'Z', digit = b >= '0' && b <= '9';
	bool graph = b > 0x20 && b < 0x7f;

	if (str_eq(name, S("alpha"))) return lower || upper;
	if (str_eq(name, S("digit"))) return digit;
	if (str_eq(name, S("alnum"))) return lower || upper || digit;
	if (str_eq(name, S("upper"))) return upper;
	if (str_eq(name, S("lower"))) return lower;
	if (str_eq(name, S("space"))) return b == ' ' || (b >= 9 && b <= 13);
	if (str_eq(name, S("blank"))) return b == ' ' || b == '\t';
	if (str_eq(name, S("punct"))) return graph && !(lower || upper || digit);
	if (str_eq(name, S("print"))) return graph || b == ' ';
	if (str_eq(name, S("graph"))) return graph;
	if (str_eq(name, S("cntrl"))) return b < 0x20 || b == 0x7f;
	return str_eq(name, S("xdigit")) && (digit || (b >= 'a' && b <= 'f') || (b >= 'A' && b <= 'F'));
}

/* [:name:], [.x.] or [=x=]; `at` is behind the bracket.  *single: one byte, which may begin a range. */
static bool named(struct compiler *c, struct set *s, bool *single, unsigned char *byte)
{
	char kind = look(c);
	str rest = str_from(c->in, c->at + 1), name;
	size_t end;
	char close[2] = {kind, ']'};
	bool some = false;

	end = str_find_str(rest, str_of(close, 2));
	if (end == rest.n)
		return fail(c, "a bracket does not end");
	name = str_upto(rest, end);
	c->at += 1 + end + 2;
	*single = kind != ':';
	if (*single) {
		if (name.n != 1)
			return fail(c, "there is no collating element of that name");
		*byte = (unsigned char)name.p[0];
		return true;
	}
	for (unsigned b = 0; b < 256; b++)
		if (class_has(name, (unsigned char)b)) {
			set_add(s, (unsigned char)b);
			some = true;
		}
	return some || fail(c, "there is no class of that name");
}

static bool bracket_item(struct compiler *c, struct set *s, bool *single, unsigned char *byte)
{
	*single = true;
	if (look(c) == '[' && c->at + 1 < c->in.n && memchr(":.=", c->in.p[c->at + 1], 3)) {
		c->at++;
		return named(c, s, single, byte);
	}
	*byte = (unsigned char)look(c);
	c->at++;
	return true;
}

static bool bracket(struct compiler *c)
{
	struct set s = {{0}};
	bool negated = false, first = true, single;
	unsigned char lo = 0, hi = 0;

	if (look(c) == '^') {
		negated = true;
		c->at++;
	}
	for (; first || look(c) != ']'; first = false) {
		if (!more(c))
			return fail(c, "a bracket does not end");
		if (!bracket_item(c, &s, &single, &lo))
			return false;
		if (!single)
			continue;
		hi = lo;
		if (look(c) == '-' && c->at + 1 < c->in.n && c->in.p[c->at + 1] != ']') {
			c->at++;
			if (!bracket_item(c, &s, &single, &hi))
				return false;
			if (!single || hi < lo)
				return fail(c, "a range has its ends in the wrong order");
		}
		for (unsigned b = lo; b <= hi; b++)
			set_add(&s, (unsigned char)b);
	}
	c->at++;
	if (negated)
		for (unsigned i = 0; i < sizeof s.bits; i++)
			s.bits[i] = (uint8_t)~s.bits[i];
	vec_push(&c->r->sets, s);
	return emit(c, (struct inst){.op = OP_SET, .a = (uint32_t)c->r->sets.n - 1});
}

static bool any_byte(struct compiler *c)
{
	struct set s;

	memset(&s, 0xff, sizeof s);
	vec_push(&c->r->sets, s);
	return emit(c, (struct inst){.op = OP_SET, .a = (uint32_t)c->r->sets.n - 1});
}

static bool alternatives(struct compiler *c);

static bool group(struct compiler *c)
{
	uint32_t number = ++c->r->groups;
	bool ok;

	if (++c->depth > REGEX_DEPTH_MAX)
		return fail(c, "it is nested too deep");
	ok = emit(c, (struct inst){.op = OP_SAVE, .a = number * 2}) && alternatives(c);
	if (ok && look(c) != ')')
		return fail(c, "a parenthesis does not end");
	c->at++;
	c->depth--;
	return ok && emit(c, (struct inst){.op = OP_SAVE, .a = number * 2 + 1});
}

static bool atom(struct compiler *c)
{
	char b = look(c);

	c->at++;
	switch (b) {
	case '(': return group(c);
	case '[': return bracket(c);
	case '.': return any_byte(c);
	case '^': return emit(c, (struct inst){.op = OP_BEGIN});
	case '$': return emit(c, (struct inst){.op = OP_END});
	case '*': case '+': case '?': case '{': return fail(c, "there is nothing to repeat");
	case '\\':
		if (!more(c))
			return fail(c, "it ends with a backslash");
		b = look(c);
		c->at++;
		break;
	default: break;
	}
	return emit(c, (struct inst){.op = OP_BYTE, .byte = (uint8_t)b});
}

/* ---- repetition ---- */

/* Puts one instruction in front of what was emitted since `lo`. */
static bool wedge(struct compiler *c, size_t lo, struct inst i)
{
	if (!emit(c, i))
		return false;
	memmove(c->r->code.p + lo + 1, c->r->code.p + lo, (c->r->code.n - lo - 1) * sizeof i);
	c->r->code.p[lo] = i;
	for (size_t k = lo + 1; k < c->r->code.n; k++) {
		struct inst *j = &c->r->code.p[k];

		if (j->op == OP_SPLIT || j->op == OP_JUMP) {
			j->a += j->a >= lo;
			j->b += j->op == OP_SPLIT && j->b >= lo;
		}
	}
	return true;
}

static bool optional(struct compiler *c, size_t lo)
{
	return wedge(c, lo, (struct inst){.op = OP_SPLIT, .a = (uint32_t)lo + 1, .b = (uint32_t)c->r->code.n + 1});
}

static bool star(struct compiler *c, size_t lo)
{
	return wedge(c, lo, (struct inst){.op = OP_SPLIT, .a = (uint32_t)lo + 1, .b = (uint32_t)c->r->code.n + 2}) &&
			emit(c, (struct inst){.op = OP_JUMP, .a = (uint32_t)lo});
}

static bool plus(struct compiler *c, size_t lo)
{
	return emit(c, (struct inst){.op = OP_SPLIT, .a = (uint32_t)lo, .b = (uint32_t)c->r->code.n + 1});
}

/* What is between lo and hi once more, at the end. */
static bool again(struct compiler *c, size_t lo, size_t hi)
{
	uint32_t shift = (uint32_t)(c->r->code.n - lo);

	for (size_t k = lo; k < hi; k++) {
		struct inst i = c->r->code.p[k];

		if (i.op == OP_SPLIT || i.op == OP_JUMP) {
			i.a += shift;
			i.b += shift;
		}
		if (!emit(c, i))
			return false;
	}
	return true;
}

static bool number(struct compiler *c, uint32_t *n)
{
	if (look(c) < '0' || look(c) > '9')
		return fail(c, "a number of repetitions is expected");
	for (*n = 0; look(c) >= '0' && look(c) <= '9'; c->at++) {
		*n = *n * 10 + (uint32_t)(look(c) - '0');
		if (*n > REGEX_SIZE_MAX)
			return fail(c, "it is too large");
	}
	return true;
}

/* {n}, {n,} or {n,m}: copies of what it stands behind. */
static bool counted(struct compiler *c, size_t lo)
{
	size_t hi = c->r->code.n, from = lo;
	uint32_t least, most;
	bool endless = false;

	if (!number(c, &least))
		return false;
	most = least;
	if (look(c) == ',') {
		c->at++;
		endless = look(c) == '}';
		if (!endless && !number(c, &most))
			return false;
	}
	if (look(c) != '}')
		return fail(c, "a brace does not end");
	c->at++;
	if (most < least)
		return fail(c, "the bounds of a repetition are in the wrong order");
	if (most == 0 && !endless) {
		c->r->code.n = lo;
		return true;
	}
	for (uint32_t i = 1; i < least; i++) {
		from = c->r->code.n;
		if (!again(c, lo, hi))
			return false;
	}
	if (endless && least > 0)
		return plus(c, from);
	if (endless)
		return star(c, lo);
	if (least == 0 && !optional(c, lo))
		return false;
	if (least == 0)
		hi++; /* the copies are optional ones too */
	for (uint32_t i = least ? least : 1; i < most; i++) {
		from = c->r->code.n;
		if (!again(c, lo, hi) || (least && !optional(c, from)))
			return false;
	}
	return true;
}

static bool repeated(struct compiler *c)
{
	size_t lo = c->r->code.n;

	if (!atom(c))
		return false;
	for (;;) {
		bool ok;

		switch (look(c)) {
		case '*': c->at++; ok = star(c, lo); break;
		case '+': c->at++; ok = plus(c, lo); break;
		case '?': c->at++; ok = optional(c, lo); break;
		case '{': c->at++; ok = counted(c, lo); break;
		default: return true;
		}
		if (!ok)
			return false;
	}
}

static bool sequence(struct compiler *c)
{
	while (more(c) && look(c) != '|' && look(c) != ')')
		if (!repeated(c))
			return false;
	return true;
}

/* a | b | c: a split before each but the last, jumps to the end behind them. */
static bool alternatives(struct compiler *c)
{
	VEC(uint32_t) jumps = {0};
	bool ok = true;

	for (;;) {
		size_t lo = c->r->code.n;

		ok = sequence(c);
		if (!ok || look(c) != '|')
			break;
		c->at++;
		c->r->alternatives = true;
		ok = wedge(c, lo, (struct inst){.op = OP_SPLIT, .a = (uint32_t)lo + 1,
				.b = (uint32_t)c->r->code.n + 2}) &&
				emit(c, (struct inst){.op = OP_JUMP});
		if (!ok)
			break;
		vec_push(&jumps, (uint32_t)c->r->code.n - 1);
	}
	for (size_t i = 0; i < jumps.n; i++)
		c->r->code.p[jumps.p[i]].a = (uint32_t)c->r->code.n;
	vec_free(&jumps);
	return ok;
}

struct regex *regex_new(str pattern, const char **why)
{
	struct regex *r = mem_make(struct regex);
	struct compiler c = {.r = r, .in = pattern};
	bool ok = alternatives(&c);

	if (ok && more(&c))
		ok = fail(&c, "a parenthesis ends that does not begin");
	if (ok && r->code.n * ((size_t)r->groups + 1) > REGEX_STATE_MAX)
		ok = fail(&c, "it is too large");
	if (ok && emit(&c, (struct inst){.op = OP_MATCH}))
		return r;
	*why = c.why;
	regex_free(r);
	return NULL;
}
