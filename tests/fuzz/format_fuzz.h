/* format_fuzz.h: what must hold of every text that is formatted. */
#ifndef STRAYLIGHT_FORMAT_FUZZ_H
#define STRAYLIGHT_FORMAT_FUZZ_H

#include "children.h"
#include "term.h"

#include <stdlib.h>

static inline int format_compare(const void *a, const void *b)
{
	return str_cmp(*(const str *)a, *(const str *)b);
}

/* The comments in order, without what blanks stand at the ends of their lines. */
static inline void format_comments(const struct unit *u, str text, struct buf *out)
{
	struct buf all = {0};
	str *comments = arena_array((struct arena *)(uintptr_t)&u->arena, str, u->ncomments + 1);
	str line, rest;

	for (size_t i = 0; i < u->ncomments; i++) {
		bool more = true;

		rest = str_of(text.p + u->comments[i].lo, u->comments[i].hi - u->comments[i].lo);
		all.n = 0;
		while (more) {
			more = str_cut(rest, '\n', &line, &rest);
			buf_str(&all, str_trim(line));
			buf_c(&all, '\n');
		}
		comments[i] = str_dup((struct arena *)(uintptr_t)&u->arena, buf_view(&all));
	}
	qsort(comments, u->ncomments, sizeof *comments, format_compare);
	for (size_t i = 0; i < u->ncomments; i++)
		buf_str(out, comments[i]);
	buf_free(&all);
}

/* "a${"b"}c" becomes "abc" in place: formatting may write one for the other. */
static inline void format_join(struct arena *mem, struct term *t)
{
	struct term_chunk *chunks = arena_array(mem, struct term_chunk, t->n);
	struct buf before = {0};
	uint32_t n = 0;

	for (uint32_t i = 0; i < t->n; i++) {
		const struct term *e = t->u.text.chunks[i].expr;

		buf_str(&before, t->u.text.chunks[i].before);
		if (e->kind == TERM_TEXT && e->n == 0) {
			buf_str(&before, e->u.text.tail);
			continue;
		}
		chunks[n++] = (struct term_chunk){str_dup(mem, buf_view(&before)), e};
		before.n = 0;
	}
	buf_str(&before, t->u.text.tail);
	t->u.text.tail = str_dup(mem, buf_view(&before));
	t->u.text.chunks = chunks;
	t->n = n;
	buf_free(&before);
}

static inline void format_join_all(struct arena *mem, const struct term *whole)
{
	struct term_stack todo = {0};

	vec_push(&todo, whole);
	for (size_t i = 0; i < todo.n; i++)
		term_children(&todo, todo.p[i]);
	while (todo.n) {
		const struct term *t = vec_pop(&todo);

		if (t->kind == TERM_TEXT)
			format_join(mem, (struct term *)(uintptr_t)t);
	}
	vec_free(&todo);
}

/* One text with what is known of it. */
struct formatted {
	struct unit unit;
	struct buf text, encoded, comments;
};

static inline bool format_read(struct formatted *f, str text)
{
	struct diags diags = {0};
	bool ok = dhall_format(text, S("(text)"), &f->text, &diags) && term_parse(&f->unit, text, &diags);

	if (ok) {
		format_join_all(&f->unit.arena, f->unit.term);
		term_encode(f->unit.term, &f->encoded);
		format_comments(&f->unit, text, &f->comments);
	}
	diags_free(&diags);
	return ok;
}

static inline void format_free(struct formatted *f)
{
	arena_clear(&f->unit.arena);
	buf_free(&f->text);
	buf_free(&f->encoded);
	buf_free(&f->comments);
}

/* NULL when formatting keeps the meaning and the comments, and has nothing more to do the second time. */
static inline const char *format_problem(const struct formatted *first)
{
	struct formatted again = {0};
	const char *problem = NULL;

	if (!format_read(&again, buf_view(&first->text)))
		problem = "what is written does not parse";
	else if (!str_eq(buf_view(&again.encoded), buf_view(&first->encoded)))
		problem = "what is written means something else";
	else if (!str_eq(buf_view(&again.comments), buf_view(&first->comments)))
		problem = "the comments are not the same";
	else if (!str_eq(buf_view(&again.text), buf_view(&first->text)))
		problem = "formatted again it changes";
	format_free(&again);
	return problem;
}

#endif
