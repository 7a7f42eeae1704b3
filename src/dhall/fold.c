/* Natural/fold and List/fold as loops: strict in the accumulator, so that no chain of thunks is left
 * behind; an iteration's memory is given back where that is possible (young.h), and a value that comes
 * back ends a loop early. */
#include "session.h"

#define BIG_LOOP 256 /* iterations from which an accumulator's parts are evaluated at each step */

/* What is left of a fold when its outermost step has been applied: `count` steps from the start. */
struct fold {
	struct val *step, *start;
	struct val **items; /* List/fold: the items of the steps, the last first to be applied */
	uint64_t count;
};

/* The same value, told without looking deep. */
static bool same_scalar(const struct val *a, const struct val *b)
{
	if (a == b)
		return true;
	if (a->kind != b->kind || a->kind < VAL_EVALUATED)
		return false;
	switch ((enum val_kind)a->kind) {
	case VAL_BOOL: return a->sub == b->sub;
	case VAL_NATURAL:
	case VAL_INTEGER: return num_cmp(a->u.num, b->u.num) == 0;
	case VAL_DOUBLE: return memcmp(&a->u.dbl, &b->u.dbl, sizeof a->u.dbl) == 0;
	case VAL_TEXT: return a->n == b->n && a->n <= 256 && memcmp(a->u.text.p, b->u.text.p, a->n) == 0;
	case VAL_LIST: return a->n == 0 && b->n == 0;
	case VAL_NONE: return true;
	case VAL_SOME: return a->u.one.a == b->u.one.a;
	case VAL_ALTERNATIVE: return a->n == b->n && a->u.alt.payload == b->u.alt.payload;
	case VAL_RECORD:
	case VAL_RECORD_TYPE:
		if (a->n > 16 || a->u.rec.shape != b->u.rec.shape)
			return false;
		for (uint32_t i = 0; i < a->n; i++)
			if (a->u.rec.fields[i] != b->u.rec.fields[i] &&
					(a->u.rec.fields[i]->kind == VAL_RECORD ||
							!same_scalar(a->u.rec.fields[i],
									b->u.rec.fields[i])))
				return false;
		return true;
	default: return false;
	}
}

/* Evaluates the parts of an accumulator, so that a long loop leaves no chain of thunks behind. */
static void settle(struct dhall *s, struct val *v)
{
	switch ((enum val_kind)v->kind) {
	case VAL_RECORD:
		for (uint32_t i = 0; i < v->n && i < 16; i++)
			val_force(s, v->u.rec.fields[i]);
		break;
	case VAL_SOME: val_force(s, v->u.one.a); break;
	case VAL_ALTERNATIVE:
		if (v->u.alt.payload)
			val_force(s, v->u.alt.payload);
		break;
	default: break;
	}
}

/* ---- memory of an iteration ---- */

/* The accumulators of a loop stand in two places by turns when an iteration's memory is given back:
 * a scalar, or a record of scalars, texts and lists whose bytes and items are older. */
#define PARTS_MAX 8

struct turns {
	struct dhall *s;
	struct young young;
	struct val *place[2]; /* the one of the last result is place[1] */
	uint32_t parts;       /* that a place has room for */
	uint64_t outer_left;  /* loop_left of the fold around */
};

static bool is_old(const struct turns *t, const void *p)
{
	return !young_has(t->s, &t->young, p);
}

/* Whether a copy of the node needs nothing that is young. */
static bool may_move(const struct turns *t, const struct val *v)
{
	switch ((enum val_kind)v->kind) {
	case VAL_TEXT: return is_old(t, v->u.text.p) && is_old(t, v->u.text.buf);
	case VAL_LIST:
		if (v->n == 0)
			return is_old(t, v->u.one.a);
		return !(v->flags & VAL_ROPE) && is_old(t, v->u.list.items) && is_old(t, v->u.list.buf);
	default: return young_scalar(v);
	}
}

static bool parts_may_move(const struct turns *t, const struct val *v)
{
	if (v->kind != VAL_RECORD || v->n > PARTS_MAX)
		return may_move(t, v);
	for (uint32_t i = 0; i < v->n; i++)
		if (!may_move(t, v->u.rec.fields[i]))
			return false;
	return true;
}

/* A node, with room for the fields of a record: their pointers and their nodes. */
static size_t place_size(uint32_t parts)
{
	return sizeof(struct val) + parts * (sizeof(struct val *) + sizeof(struct val));
}

static void places_new(struct turns *t, uint32_t parts)
{
	unsigned char *p = arena_raw(&t->s->arena, 2 * place_size(parts), _Alignof(struct val));

	t->parts = parts;
	t->place[0] = (struct val *)(void *)p;
	t->place[1] = (struct val *)(void *)(p + place_size(parts));
}

static void turn_begin(struct turns *t, uint64_t left)
{
	t->s->loop_left = left;
	young_begin(t->s, &t->young);
	if (!t->place[0])
		return;
	t->young.kept_lo = (unsigned char *)(t->place[0] < t->place[1] ? t->place[0] : t->place[1]);
	t->young.kept_hi = t->young.kept_lo + 2 * place_size(t->parts);
}

static struct val *next_place(struct turns *t)
{
	struct val *v = t->place[0];

	t->place[0] = t->place[1];
	t->place[1] = v;
	return v;
}

/* Nothing of `from` stands in the place that it moves to: the last result stands in the other one. */
static struct val *move(struct turns *t, const struct val *from)
{
	struct val *v = next_place(t);
	struct val *nodes = v + 1;
	struct val **fields = (struct val **)(void *)(nodes + t->parts);

	*v = *from;
	if (from->kind != VAL_RECORD)
		return v;
	for (uint32_t i = 0; i < from->n; i++) {
		nodes[i] = *from->u.rec.fields[i];
		fields[i] = &nodes[i];
	}
	v->u.rec.fields = fields;
	return v;
}

/* A value kept to be compared with later ones, whatever becomes of its memory. */
struct saved {
	bool known;
	uint64_t at;
	struct val v;
	struct val parts[PARTS_MAX];
	struct val *fields[PARTS_MAX];
};

static void save(struct saved *k, const struct val *v, uint64_t at)
{
	k->v = *v;
	k->at = at;
	k->known = v->kind != VAL_RECORD || v->n <= PARTS_MAX;
	if (!k->known || v->kind != VAL_RECORD)
		return;
	for (uint32_t i = 0; i < v->n; i++) {
		k->parts[i] = *v->u.rec.fields[i];
		k->fields[i] = &k->parts[i];
		k->known = k->known && young_scalar(&k->parts[i]);
	}
	k->v.u.rec.fields = k->fields;
}

static struct val *places_given_up(struct turns *t, struct val *result)
{
	t->place[0] = t->place[1] = NULL;
	return result;
}

/* The places must stand below what is given back, so the result waits elsewhere while they are made. */
static struct val *move_to_new(struct turns *t, const struct val *result, uint32_t parts)
{
	struct saved k;

	save(&k, result, 0);
	young_rewind(t->s, &t->young);
	places_new(t, parts);
	return move(t, &k.v);
}

static struct val *iteration_end(struct turns *t, struct val *result)
{
	uint32_t parts = result->kind == VAL_RECORD ? result->n : 0;

	if (!young_end(t->s, &t->young))
		return places_given_up(t, result);
	if (is_old(t, result)) {
		young_rewind(t->s, &t->young);
		return result;
	}
	if (!parts_may_move(t, result))
		return places_given_up(t, result);
	if (!t->place[0] || parts != t->parts)
		return move_to_new(t, result, parts);
	result = move(t, result);
	young_rewind(t->s, &t->young);
	return result;
}

/* step applied count times.  A value that comes back (Brent's algorithm) makes the rest of the loop
 * known: only what is left of the last round is run. */
static struct val *natural_loop(struct dhall *s, struct val *step, struct val *acc, uint64_t count)
{
	bool watch = true, big = count > BIG_LOOP;
	struct turns turns = {.s = s, .outer_left = s->loop_left};
	struct saved saved = {0};

	for (uint64_t i = 1; i <= count; i++) {
		struct val *next;

		session_step(s);
		turn_begin(&turns, count - i);
		next = eval_apply(s, step, acc);
		if (big)
			settle(s, next);
		if (next == acc)
			count = i;
		next = iteration_end(&turns, next);
		if (watch && saved.known && same_scalar(next, &saved.v)) {
			count = i + (count - i) % (i - saved.at);
			watch = false;
		}
		if (watch && i > 1 << 16 && (i & (i - 1)) == 0 && val_equal(s, next, acc))
			count = i;
		if (watch && (i & (i - 1)) == 0)
			save(&saved, next, i);
		acc = next;
	}
	s->loop_left = turns.outer_left;
	return val_force(s, acc);
}

static struct val *list_loop(struct dhall *s, struct val *step, struct val *acc,
		struct val **items, uint64_t count)
{
	bool big = count > BIG_LOOP;
	struct turns turns = {.s = s, .outer_left = s->loop_left};

	for (uint64_t i = count; i-- > 0;) {
		session_step(s);
		turn_begin(&turns, i);
		acc = eval_apply2(s, step, items[i], acc);
		if (big)
			settle(s, acc);
		acc = iteration_end(&turns, acc);
	}
	s->loop_left = turns.outer_left;
	return val_force(s, acc);
}

struct val *fold_force(struct dhall *s, struct fold *f)
{
	if (f->items)
		return list_loop(s, f->step, f->start, f->items, f->count);
	return natural_loop(s, f->step, f->start, f->count);
}

struct val *fold_rest(struct dhall *s, struct val *step, struct val *start,
		struct val **items, uint64_t count)
{
	struct val *v = val_new(s, VAL_LAZY);
	struct fold *f;

	if (count == 0)
		return start;
	f = arena_raw(&s->arena, sizeof *f, _Alignof(struct fold));
	*f = (struct fold){step, start, items, count};
	v->sub = LAZY_FOLD;
	v->u.fold = f;
	return v;
}
