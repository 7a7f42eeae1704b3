#include "regex.h"

/* ---- programs ---- */

enum op { OP_BYTE, OP_SET, OP_SPLIT, OP_JUMP, OP_SAVE, OP_BEGIN, OP_END, OP_MATCH };

struct inst {
	uint8_t op;
	uint8_t byte;  /* BYTE */
	uint32_t a, b; /* SPLIT: first a, then b; JUMP: a; SAVE: slot a; SET: set a */
};

struct set {
	uint8_t bits[32];
};

struct regex {
	VEC(struct inst) code;
	VEC(struct set) sets;
	uint32_t groups;
	bool alternatives;
};

void regex_free(struct regex *r)
{
	if (!r)
		return;
	vec_free(&r->code);
	vec_free(&r->sets);
	mem_free(r);
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
		ok = wedge(c, lo, (struct inst){.op = OP_SPLIT, .a = (uint32_t)lo + 1, .b = (uint32_t)c->r->code.n + 2}) &&
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
	if (ok && emit(&c, (struct inst){.op = OP_MATCH}))
		return r;
	*why = c.why;
	regex_free(r);
	return NULL;
}

/* ---- running ---- */

struct thread {
	uint32_t pc;
	size_t *at;
};

struct threads {
	struct thread *t;
	size_t n;
};

struct pending { /* of add(): an instruction to follow, or a slot to put back */
	uint32_t pc, slot;
	size_t old;
};

struct machine {
	const struct regex *r;
	str text;
	size_t slots;
	struct threads now, next;
	size_t *room[2];
	uint64_t *mark;  /* by pc: the step that added it last */
	uint64_t step;
	struct pending *todo;
	size_t *at;      /* of the thread that is being added */
};

/* Follows what takes no byte, in order of preference. */
static void add(struct machine *m, struct threads *to, size_t *room, uint32_t pc, size_t pos)
{
	size_t n = 0;

	m->todo[n++] = (struct pending){pc, UINT32_MAX, 0};
	while (n) {
		struct pending p = m->todo[--n];
		const struct inst *i;

		if (p.slot != UINT32_MAX) {
			m->at[p.slot] = p.old;
			continue;
		}
		if (m->mark[p.pc] == m->step)
			continue;
		m->mark[p.pc] = m->step;
		i = &m->r->code.p[p.pc];
		switch (i->op) {
		case OP_JUMP: m->todo[n++] = (struct pending){i->a, UINT32_MAX, 0}; break;
		case OP_SPLIT:
			m->todo[n++] = (struct pending){i->b, UINT32_MAX, 0};
			m->todo[n++] = (struct pending){i->a, UINT32_MAX, 0};
			break;
		case OP_SAVE:
			m->todo[n++] = (struct pending){0, i->a, m->at[i->a]};
			m->at[i->a] = pos;
			m->todo[n++] = (struct pending){p.pc + 1, UINT32_MAX, 0};
			break;
		case OP_BEGIN:
			if (pos == 0)
				m->todo[n++] = (struct pending){p.pc + 1, UINT32_MAX, 0};
			break;
		case OP_END:
			if (pos == m->text.n)
				m->todo[n++] = (struct pending){p.pc + 1, UINT32_MAX, 0};
			break;
		default:
			to->t[to->n] = (struct thread){p.pc, room + to->n * m->slots};
			memcpy(to->t[to->n].at, m->at, m->slots * sizeof *m->at);
			to->n++;
			break;
		}
	}
}

static bool takes(const struct machine *m, const struct inst *i, unsigned char b)
{
	if (i->op == OP_BYTE)
		return i->byte == b;
	return i->op == OP_SET && (m->r->sets.p[i->a].bits[b >> 3] >> (b & 7) & 1);
}

static void start(struct machine *m, const struct regex *r, str text)
{
	size_t n = r->code.n;

	*m = (struct machine){.r = r, .text = text, .slots = ((size_t)r->groups + 1) * 2};
	m->now.t = mem_array(struct thread, n);
	m->next.t = mem_array(struct thread, n);
	m->room[0] = mem_array(size_t, mem_size(n, m->slots));
	m->room[1] = mem_array(size_t, mem_size(n, m->slots));
	m->mark = mem_array(uint64_t, n);
	m->todo = mem_array(struct pending, n * 3 + 2);
	m->at = mem_array(size_t, m->slots);
}

static void stop(struct machine *m)
{
	mem_free(m->now.t);
	mem_free(m->next.t);
	mem_free(m->room[0]);
	mem_free(m->room[1]);
	mem_free(m->mark);
	mem_free(m->todo);
	mem_free(m->at);
}

static void fresh(struct machine *m, size_t pos)
{
	for (size_t i = 0; i < m->slots; i++)
		m->at[i] = REGEX_NONE;
	m->at[0] = pos;
}

/* One byte on: the threads of `now` move; a match of theirs is kept when it is better. */
static bool advance(struct machine *m, size_t pos, unsigned how, bool longest, bool found, size_t *at)
{
	unsigned side = (unsigned)(m->step & 1);

	m->step++;
	m->next.n = 0;
	for (size_t i = 0; i < m->now.n; i++) {
		struct thread *t = &m->now.t[i];
		const struct inst *in = &m->r->code.p[t->pc];

		if (in->op == OP_MATCH) {
			if (((how & REGEX_WHOLE) && pos != m->text.n) || ((how & REGEX_NOT_EMPTY) && t->at[0] == pos))
				continue;
			if (found && longest && (at[0] < t->at[0] || (at[0] == t->at[0] && at[1] >= pos)))
				continue;
			memcpy(at, t->at, m->slots * sizeof *at);
			at[1] = pos;
			found = true;
			if (!longest)
				break; /* the others are worse */
		} else if (pos < m->text.n && takes(m, in, (unsigned char)m->text.p[pos])) {
			memcpy(m->at, t->at, m->slots * sizeof *m->at);
			add(m, &m->next, m->room[side], t->pc + 1, pos + 1);
		}
	}
	return found;
}

bool regex_find(const struct regex *r, str text, size_t from, unsigned how, size_t *at)
{
	struct machine m;
	bool found = false, longest = r->alternatives && !(how & REGEX_WHOLE);

	start(&m, r, text);
	m.step = 1;
	for (size_t pos = from; pos <= text.n; pos++) {
		struct threads swap;

		/* a new beginning is worse than all that are under way */
		if (!found && (pos == from || !(how & (REGEX_WHOLE | REGEX_HERE)))) {
			fresh(&m, pos);
			add(&m, &m.now, m.room[!(m.step & 1)], 0, pos);
		}
		if (m.now.n == 0 && (found || (how & (REGEX_WHOLE | REGEX_HERE))))
			break;
		found = advance(&m, pos, how, longest, found, at);
		swap = m.now;
		m.now = m.next;
		m.next = swap;
	}
	stop(&m);
	return found;
}
