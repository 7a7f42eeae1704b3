/* Programs over texts: all threads take each byte together. */
#include "regex_int.h"

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
