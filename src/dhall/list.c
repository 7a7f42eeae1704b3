/* Lists: flat arrays that grow in place at either end (struct list_buf); joining two long ones makes
 * a rope, which is flattened once, when its items are first looked at. */
#include "session.h"

#define ROPE_FROM 64         /* both sides at least this long */
#define ITEMS_LOOKED_AT 4    /* more are taken to be young */
#define FRAMES_LOOKED_AT 16
#define GROWN_FROM 16        /* items of a buffer that a loop is taken to fill */
#define GROWTH_IN_LOOPS 7

static struct val *list_value(struct dhall *s, struct val **items, size_t n, struct list_buf *buf)
{
	struct val *v = val_new(s, VAL_LIST);

	v->n = (uint32_t)n;
	v->u.list.items = items;
	v->u.list.buf = buf;
	return v;
}

struct val *list_of(struct dhall *s, struct val **items, size_t n)
{
	if (n > UINT32_MAX)
		session_too_long(s, "list");
	return list_value(s, items, n, NULL);
}

struct val *list_empty(struct dhall *s, struct val *whole_type)
{
	return val_one(s, VAL_LIST, whole_type);
}

struct val *list_empty_of(struct dhall *s, struct val *element_type)
{
	return list_empty(s, val_one(s, VAL_LIST_TYPE, element_type));
}

/* ---- ropes ---- */

/* Writes the leaves from the right end; the pending left parts stand on a stack of their own, so the
 * shape of the rope does not matter. */
static struct val **flatten(struct dhall *s, const struct rope *r, size_t n)
{
	struct val **items = arena_raw(&s->arena, mem_size(n, sizeof *items), _Alignof(struct val *));
	struct val **to = items + n;
	size_t top = 0, cap = 64;
	struct val **todo = arena_raw(&s->arena, cap * sizeof *todo, _Alignof(struct val *));

	session_work(s, WORK_COPY(n * sizeof *items));
	todo[top++] = r->a;
	todo[top++] = r->b;
	while (top) {
		struct val *v = todo[--top];

		if (!(v->flags & VAL_ROPE) || v->u.rope->items) {
			to -= v->n;
			memcpy(to, v->flags & VAL_ROPE ? v->u.rope->items : v->u.list.items,
					v->n * sizeof *to);
			continue;
		}
		if (top + 2 > cap) {
			struct val **more = arena_raw(&s->arena, cap * 2 * sizeof *todo,
					_Alignof(struct val *));

			memcpy(more, todo, top * sizeof *todo);
			todo = more;
			cap *= 2;
		}
		todo[top++] = v->u.rope->a;
		todo[top++] = v->u.rope->b;
	}
	return items;
}

struct val **list_items(struct dhall *s, struct val *v)
{
	struct rope *r;

	if (v->flags & VAL_ROPE) {
		r = v->u.rope;
		if (!r->items)
			r->items = flatten(s, r, v->n);
		young_written(s, r);
		young_written(s, v);
		v->flags &= (uint16_t)~VAL_ROPE;
		v->u.list.items = r->items;
		v->u.list.buf = NULL;
	}
	return v->u.list.items;
}

static struct val *rope_value(struct dhall *s, struct val *a, struct val *b, size_t n)
{
	struct val *v = val_new(s, VAL_LIST);
	struct rope *r = arena_raw(&s->arena, sizeof *r, _Alignof(struct rope));

	r->a = a;
	r->b = b;
	r->items = NULL;
	v->flags = VAL_ROPE;
	v->n = (uint32_t)n;
	v->u.rope = r;
	return v;
}

/* ---- concatenation ---- */

static bool has_room_at_end(const struct val *a, size_t more)
{
	const struct list_buf *b = a->flags & VAL_ROPE ? NULL : a->u.list.buf;

	return b && a->u.list.items + a->n == b->used_hi && (size_t)(b->end - b->used_hi) >= more;
}

static bool has_room_at_start(const struct val *a, size_t more)
{
	const struct list_buf *b = a->flags & VAL_ROPE ? NULL : a->u.list.buf;

	return b && a->u.list.items == b->used_lo && (size_t)(b->used_lo - b->start) >= more;
}

static bool any_young(const struct dhall *s, const struct young *y, struct val *const *items, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (young_holds(s, y, items[i]))
			return true;
	return false;
}

/* An older buffer got items: the frames in which they are young give up, and those within them. */
static void items_written(struct dhall *s, const struct list_buf *buf, struct val *const *items,
		size_t n)
{
	struct young *last = NULL;
	unsigned looked = 0;

	for (struct young *y = s->young; y && !young_has(s, y, buf); y = y->up) {
		if (n > ITEMS_LOOKED_AT || ++looked > FRAMES_LOOKED_AT) {
			young_written(s, buf);
			return;
		}
		if (any_young(s, y, items, n))
			last = y;
	}
	while (last) {
		struct young *y = s->young;

		y->escaped = true;
		s->young = y->up;
		if (y == last)
			break;
	}
}

static void add_items(struct dhall *s, const struct list_buf *buf, struct val **to,
		struct val *const *from, size_t n)
{
	memcpy(to, from, n * sizeof *to);
	items_written(s, buf, from, n);
}

static void copy_items(struct val **to, struct val *const *from, size_t n)
{
	memcpy(to, from, n * sizeof *to);
}

/* A buffer that items filled one by one, in a loop that goes on: it will be filled up to the loop's end. */
static bool fills_up(const struct val *grown, const struct val *more)
{
	return more->n == 1 && grown->n >= GROWN_FROM && !(grown->flags & VAL_ROPE) && grown->u.list.buf;
}

static size_t room_for_more(const struct dhall *s, const struct val *a, const struct val *b, size_t n)
{
	size_t most = GROWTH_IN_LOOPS * n;

	if (fills_up(b, a) || fills_up(a, b))
		return s->loop_left < n ? n : s->loop_left < most ? (size_t)s->loop_left : most;
	return n < 4 ? 4 : n;
}

static struct val *concat_fresh(struct dhall *s, struct val *a, struct val *b, size_t n)
{
	size_t room = room_for_more(s, a, b, n);
	struct val **left = list_items(s, a), **right = list_items(s, b), **p;
	struct list_buf *buf = arena_raw(&s->arena, sizeof *buf, _Alignof(struct list_buf));

	session_work(s, WORK_COPY(n * sizeof *p));
	buf->start = arena_raw(&s->arena, mem_size(n + room, sizeof *p), _Alignof(struct val *));
	p = buf->start + (b->n > a->n ? room : 0);
	copy_items(p, left, a->n);
	copy_items(p + a->n, right, b->n);
	buf->used_lo = p;
	buf->used_hi = p + n;
	buf->end = buf->start + n + room;
	return list_value(s, p, n, buf);
}

struct val *list_concat(struct dhall *s, struct val *a, struct val *b)
{
	size_t n = (size_t)a->n + b->n;
	struct list_buf *buf;

	if (n > UINT32_MAX)
		session_too_long(s, "list");
	if (a->n >= ROPE_FROM && b->n >= ROPE_FROM)
		return rope_value(s, a, b, n);
	if (a->n >= b->n && has_room_at_end(a, b->n)) {
		buf = a->u.list.buf;
		add_items(s, buf, buf->used_hi, list_items(s, b), b->n);
		buf->used_hi += b->n;
		return list_value(s, a->u.list.items, n, buf);
	}
	if (b->n >= a->n && has_room_at_start(b, a->n)) {
		buf = b->u.list.buf;
		buf->used_lo -= a->n;
		add_items(s, buf, buf->used_lo, list_items(s, a), a->n);
		return list_value(s, buf->used_lo, n, buf);
	}
	return concat_fresh(s, a, b, n);
}

bool list_grows(const struct val *rest)
{
	return rest->kind == VAL_LIST && rest->n && rest->n < UINT32_MAX && has_room_at_start(rest, 1);
}

struct val *list_prepend(struct dhall *s, struct val *item, struct val *rest)
{
	struct val **items;
	struct list_buf *buf;

	if (list_grows(rest)) {
		buf = rest->u.list.buf;
		*--buf->used_lo = item;
		items_written(s, buf, buf->used_lo, 1);
		return list_value(s, buf->used_lo, (size_t)rest->n + 1, buf);
	}
	items = arena_raw(&s->arena, sizeof *items, _Alignof(struct val *));
	items[0] = item;
	return eval_operator(s, OP_LIST_APPEND, list_of(s, items, 1), rest);
}

/* ---- builtins that make lists ---- */

struct val *list_reverse(struct dhall *s, struct val *v)
{
	struct val **from, **to;

	if (v->n < 2)
		return v;
	session_work(s, WORK_COPY(v->n * sizeof *to));
	from = list_items(s, v);
	to = arena_raw(&s->arena, mem_size(v->n, sizeof *to), _Alignof(struct val *));
	for (uint32_t i = 0; i < v->n; i++)
		to[v->n - 1 - i] = from[i];
	return list_of(s, to, v->n);
}

static struct val *pair(struct dhall *s, enum val_kind kind, struct val *a, struct val *b)
{
	struct val **fields = arena_raw(&s->arena, 2 * sizeof *fields, _Alignof(struct val *));

	fields[0] = a;
	fields[1] = b;
	return record_new(s, kind, s->shape_indexed, fields);
}

struct val *list_indexed(struct dhall *s, struct val *v, struct val *element_type)
{
	struct val **from, **to;

	if (v->n == 0)
		return list_empty_of(s, pair(s, VAL_RECORD_TYPE, s->builtins[BUILTIN_NATURAL],
				element_type));
	session_work(s, v->n);
	from = list_items(s, v);
	to = arena_raw(&s->arena, mem_size(v->n, sizeof *to), _Alignof(struct val *));
	for (uint32_t i = 0; i < v->n; i++)
		to[i] = pair(s, VAL_RECORD, val_natural(s, num_small(i)), from[i]);
	return list_of(s, to, v->n);
}
