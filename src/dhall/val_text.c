/* Text: literals are flat bytes; concatenation grows in place where it can (struct text_buf). */
#include "session.h"

#define GROWS_FROM 64 /* shorter texts get no room to grow */

static struct val *text_value(struct dhall *s, const char *p, size_t n, struct text_buf *buf)
{
	struct val *v;

	if (n == 0)
		return s->empty_text;
	if (n > UINT32_MAX)
		session_too_long(s, "text");
	v = val_new(s, VAL_TEXT);
	v->n = (uint32_t)n;
	v->u.text.p = p;
	v->u.text.buf = buf;
	return v;
}

struct val *text_of(struct dhall *s, str text)
{
	return text_value(s, text.p, text.n, NULL);
}

struct val *text_copy(struct dhall *s, str text)
{
	return text_of(s, str_dup(&s->arena, text));
}

/* ---- concatenation of literals ---- */

static void copy_parts(char *to, struct val *const *parts, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (parts[i]->n)
			memcpy(to, parts[i]->u.text.p, parts[i]->n);
		to += parts[i]->n;
	}
}

static struct val *grow_at_end(struct dhall *s, struct val *const *parts, size_t n, size_t total)
{
	const struct val *first = parts[0];
	struct text_buf *b = first->u.text.buf;

	if (!b || first->u.text.p + first->n != b->used_hi ||
			(size_t)(b->end - b->used_hi) < total - first->n)
		return NULL;
	copy_parts(b->used_hi, parts + 1, n - 1);
	b->used_hi += total - first->n;
	return text_value(s, first->u.text.p, total, b);
}

static struct val *grow_at_start(struct dhall *s, struct val *const *parts, size_t n, size_t total)
{
	const struct val *last = parts[n - 1];
	struct text_buf *b = last->u.text.buf;

	if (!b || last->u.text.p != b->used_lo || (size_t)(b->used_lo - b->start) < total - last->n)
		return NULL;
	b->used_lo -= total - last->n;
	copy_parts(b->used_lo, parts, n - 1);
	return text_value(s, b->used_lo, total, b);
}

static struct val *join_fresh(struct dhall *s, struct val *const *parts, size_t n, size_t total)
{
	size_t room = total < GROWS_FROM ? 0 : total;
	char *p = arena_raw(&s->arena, total + room, 1);
	bool front = parts[n - 1]->n > parts[0]->n; /* it will probably grow there again */
	struct text_buf *b = NULL;

	session_work(s, WORK_COPY(total));
	if (front)
		p += room;
	copy_parts(p, parts, n);
	if (room) {
		b = arena_raw(&s->arena, sizeof *b, _Alignof(struct text_buf));
		b->start = front ? p - room : p;
		b->used_lo = p;
		b->used_hi = p + total;
		b->end = front ? b->used_hi : b->used_hi + room;
	}
	return text_value(s, p, total, b);
}

/* All parts are literals. */
static struct val *join(struct dhall *s, struct val *const *parts, size_t n)
{
	size_t total = 0, some = 0;
	struct val *only = s->empty_text, *v;

	for (size_t i = 0; i < n; i++) {
		total += parts[i]->n;
		if (parts[i]->n) {
			some++;
			only = parts[i];
		}
	}
	if (some <= 1)
		return only;
	if (total > UINT32_MAX)
		session_too_long(s, "text");
	v = grow_at_end(s, parts, n, total);
	if (!v)
		v = grow_at_start(s, parts, n, total);
	return v ? v : join_fresh(s, parts, n, total);
}

/* ---- with stuck parts ---- */

struct mixing {
	struct dhall *s;
	struct val **run; /* literals since the last stuck part */
	size_t nrun;
	struct mix *mix;
	size_t n;
};

static str run_end(struct mixing *m)
{
	str text = text_str(join(m->s, m->run, m->nrun));

	m->nrun = 0;
	return text;
}

static void mix_stuck(struct mixing *m, struct val *v)
{
	str before = run_end(m);

	m->mix->chunks[m->n++] = (struct mix_chunk){before, v};
}

static void mix_part(struct mixing *m, struct val *v)
{
	if (v->kind == VAL_TEXT) {
		m->run[m->nrun++] = v;
	} else if (v->kind == VAL_TEXT_MIX) {
		for (uint32_t i = 0; i < v->n; i++) {
			m->run[m->nrun++] = text_of(m->s, v->u.mix->chunks[i].before);
			mix_stuck(m, v->u.mix->chunks[i].v);
		}
		m->run[m->nrun++] = text_of(m->s, v->u.mix->tail);
	} else {
		mix_stuck(m, v);
	}
}

static struct val *mix_parts(struct dhall *s, struct val *const *parts, size_t n)
{
	struct mixing m = {.s = s};
	size_t chunks = 0;
	struct val *v;

	for (size_t i = 0; i < n; i++)
		chunks += parts[i]->kind == VAL_TEXT       ? 0
			  : parts[i]->kind == VAL_TEXT_MIX ? parts[i]->n
							   : 1;
	if (chunks > UINT32_MAX)
		session_too_long(s, "text");
	m.mix = arena_raw(&s->arena, sizeof *m.mix + chunks * sizeof(struct mix_chunk),
			_Alignof(struct mix));
	m.run = arena_raw(&s->arena, (n + 1) * 2 * sizeof *m.run, _Alignof(struct val *));
	for (size_t i = 0; i < n; i++)
		mix_part(&m, parts[i]);
	m.mix->tail = run_end(&m);
	if (m.n == 1 && m.mix->chunks[0].before.n == 0 && m.mix->tail.n == 0)
		return m.mix->chunks[0].v;
	v = val_new(s, VAL_TEXT_MIX);
	v->n = (uint32_t)m.n;
	v->u.mix = m.mix;
	return v;
}

struct val *text_concat(struct dhall *s, struct val *const *parts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (parts[i]->kind != VAL_TEXT)
			return mix_parts(s, parts, n);
	return join(s, parts, n);
}

struct val *text_term(struct dhall *s, const struct term *t, struct env *e)
{
	size_t n = 0;
	struct val *few[8], **parts = few;

	if (t->n == 0)
		return text_of(s, t->u.text.tail);
	if (t->n > 3)
		parts = arena_raw(&s->arena, mem_size((size_t)t->n * 2 + 1, sizeof *parts),
				_Alignof(struct val *));
	for (uint32_t i = 0; i < t->n; i++) {
		if (t->u.text.chunks[i].before.n)
			parts[n++] = text_of(s, t->u.text.chunks[i].before);
		parts[n++] = eval(s, t->u.text.chunks[i].expr, e);
	}
	if (t->u.text.tail.n)
		parts[n++] = text_of(s, t->u.text.tail);
	return text_concat(s, parts, n);
}

/* ---- Text/show, Text/replace ---- */

static void show_char(struct buf *b, unsigned char c)
{
	switch (c) {
	case '"': buf_lit(b, "\\\""); break;
	case '$': buf_lit(b, "\\u0024"); break;
	case '\\': buf_lit(b, "\\\\"); break;
	case '\b': buf_lit(b, "\\b"); break;
	case '\f': buf_lit(b, "\\f"); break;
	case '\n': buf_lit(b, "\\n"); break;
	case '\r': buf_lit(b, "\\r"); break;
	case '\t': buf_lit(b, "\\t"); break;
	default:
		if (c < 0x20)
			buf_fmt(b, "\\u%04x", c);
		else
			buf_c(b, (char)c);
	}
}

struct val *text_show(struct dhall *s, str text)
{
	struct buf b = {0};

	session_work(s, text.n / 2);
	buf_c(&b, '"');
	for (size_t i = 0; i < text.n; i++)
		show_char(&b, (unsigned char)text.p[i]);
	buf_c(&b, '"');
	return text_of(s, buf_take(&b, &s->arena));
}

static size_t count_matches(str needle, str hay)
{
	size_t n = 0, at;

	while ((at = str_find_str(hay, needle)) < hay.n) {
		n++;
		hay = str_from(hay, at + needle.n);
	}
	return n;
}

struct val *text_replace(struct dhall *s, str needle, struct val *replacement, str hay)
{
	size_t matches = count_matches(needle, hay), n = 0, at;
	struct val **parts;

	session_work(s, WORK_BYTES(hay.n) + matches * 2);
	if (matches == 0)
		return text_of(s, hay);
	parts = arena_raw(&s->arena, mem_size(matches * 2 + 1, sizeof *parts), _Alignof(struct val *));
	while ((at = str_find_str(hay, needle)) < hay.n) {
		parts[n++] = text_of(s, str_upto(hay, at));
		parts[n++] = replacement;
		hay = str_from(hay, at + needle.n);
	}
	parts[n++] = text_of(s, hay);
	return text_concat(s, parts, n);
}
