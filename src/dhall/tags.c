/* Tags as etags writes them, which vi reads too: a section for each file,
 *	FORM FEED "\n" NAME "," SIZE "\n" and SIZE bytes of lines
 *	the line up to one character behind the name, DEL, the name, ^A, its line "," its byte from 1 on
 * The first two lines name the file itself, for either editor.  Bindings, fields and alternatives are
 * tagged where no function is around them. */
#include "edits.h"

struct tag_visit {
	const struct term *t;   /* or NULL: */
	sym name;               /* the tag */
	uint32_t at;
};

struct tagger {
	struct edits source;
	struct buf lines;
	uint32_t line, line_lo; /* of the last tag */
	VEC(struct tag_visit) todo;
};

static void tag(struct tagger *g, sym name, uint32_t at)
{
	str s = g->source.text, text = sym_str(name);
	uint32_t end;

	at += at < s.n && s.p[at] == '`';
	for (uint32_t i = g->line_lo; i < at; i++)
		if (s.p[i] == '\n') {
			g->line++;
			g->line_lo = i + 1;
		}
	end = at + (uint32_t)text.n;
	while (end < s.n && s.p[end] != '\n' && s.p[end] != '\r' && ((unsigned char)s.p[++end] & 0xc0) == 0x80)
		;
	buf_fmt(&g->lines, "%.*s\x7f%.*s\x01%u,%u\n", STR_ARG(str_of(s.p + g->line_lo, end - g->line_lo)), STR_ARG(text),
			g->line, at + 1);
}

static void later(struct tagger *g, const struct term *t, sym name, uint32_t at)
{
	if (t || name)
		vec_push(&g->todo, ((struct tag_visit){t, name, at}));
}

/* What is pushed last comes first. */
static void tag_term(struct tagger *g, const struct term *t)
{
	switch ((enum term_kind)t->kind) {
	case TERM_LET:
		later(g, t->u.let.body, 0, 0);
		later(g, t->u.let.value, 0, 0);
		later(g, NULL, t->u.let.name, edit_skip(&g->source, edit_start(&g->source, t) + 3));
		break;
	case TERM_ANNOT:
		later(g, t->u.two.b, 0, 0);
		later(g, t->u.two.a, 0, 0);
		break;
	case TERM_RECORD:
	case TERM_RECORD_TYPE:
	case TERM_UNION:
		for (uint32_t i = t->n; i-- > 0;) {
			const struct term_field *f = &t->u.fields.fields[i];

			later(g, f->value, 0, 0);
			if (f->hi)
				later(g, NULL, f->name, f->lo);
		}
		break;
	default: break;
	}
}

bool dhall_tags(str text, str name, struct buf *out, struct diags *diags)
{
	struct unit u = {.name = name, .file = source_add(name, text)};
	struct tagger g = {.source = {.unit = &u, .text = text}, .line = 1};
	bool ok = term_parse(&u, text, diags) != NULL;
	str base = name, head;

	while (str_cut(base, '/', &head, &base))
		;
	base = head;
	if (ok)
		later(&g, u.term, 0, 0);
	buf_fmt(&g.lines, "\x7f%.*s\x01" "1,1\n\x7f/%.*s\x01" "1,1\n", STR_ARG(base), STR_ARG(base));
	while (g.todo.n) {
		struct tag_visit v = vec_pop(&g.todo);

		if (v.t)
			tag_term(&g, v.t);
		else
			tag(&g, v.name, v.at);
	}
	if (ok)
		buf_fmt(out, "\f\n%.*s,%zu\n%.*s", STR_ARG(name), g.lines.n, STR_ARG(buf_view(&g.lines)));
	buf_free(&g.lines);
	vec_free(&g.todo);
	arena_clear(&u.arena);
	return ok;
}
