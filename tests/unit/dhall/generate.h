/* generate.h: random Dhall texts that parse, in every way of writing them that the grammar has.
 *
 * The rules below are those of dhall.abnf, each with a random choice; blanks and comments stand wherever they
 * may.  The same seed gives the same texts. */
#ifndef STRAYLIGHT_TEST_GENERATE_H
#define STRAYLIGHT_TEST_GENERATE_H

#include <straylight/base.h>

struct generator {
	uint64_t state; /* not 0 */
	unsigned depth, comments;
	struct buf out;
};

static inline unsigned pick(struct generator *g, unsigned n)
{
	g->state ^= g->state << 13;
	g->state ^= g->state >> 7;
	g->state ^= g->state << 17;
	return (unsigned)((g->state * 0x2545f4914f6cdd1d) >> 33) % n;
}

static inline void put(struct generator *g, const char *s)
{
	buf_str(&g->out, str_c(s));
}

#define PUT_ONE(g, ...) put(g, ((const char *const[]){__VA_ARGS__})[pick(g, SL_COUNT(((const char *const[]){__VA_ARGS__})))])

/* whsp1 */
static inline void blank(struct generator *g)
{
	switch (pick(g, 12)) {
	case 0: put(g, "\n"); break;
	case 1: put(g, "\t "); break;
	case 2: buf_fmt(&g->out, " -- note %u\n", g->comments++); break;
	case 3: buf_fmt(&g->out, " {- note %u {- inner -} -} ", g->comments++); break;
	case 4: buf_fmt(&g->out, "\n  {- note %u\n     goes on\n  -}\n", g->comments++); break;
	case 5: put(g, "\n\n  "); break;
	default: put(g, " "); break;
	}
}

/* whsp */
static inline void gap(struct generator *g)
{
	if (pick(g, 2))
		blank(g);
}

static inline void generate_expression(struct generator *);
static inline void generate_operand(struct generator *);

static inline void generate_name(struct generator *g)
{
	PUT_ONE(g, "x", "y", "z", "name", "_", "a-b", "a/b", "`if`", "`two words`", "`Natural`", "`Some`", "`in`", "letter", "If", "x1");
}

static inline void generate_variable(struct generator *g)
{
	PUT_ONE(g, "x", "y", "name", "_", "a-b/c", "`if`", "`Natural`", "lets");
	if (pick(g, 6) == 0)
		buf_fmt(&g->out, "@%u", pick(g, 3));
}

static inline void generate_literal(struct generator *g)
{
	PUT_ONE(g, "0", "1", "42", "123456789012345678901234567890", "0x1F", "0b101", "+0", "-7", "+0xFF", "1.5", "-0.0", "1e3", "2.5E-7", "NaN",
			"Infinity", "-Infinity", "True", "False", "Type", "Kind", "Natural", "List", "Text/replace", "None", "0x\"00fF\"",
			"2024-02-29", "23:59:59.050", "2024-02-29T01:02:03Z", "01:02:03-08:30", "+00:00", "Natural/fold");
}

static inline void generate_chunk(struct generator *g, bool lines)
{
	switch (pick(g, 8)) {
	case 0:
		put(g, "${");
		gap(g);
		generate_expression(g);
		gap(g);
		put(g, "}");
		break;
	case 1: PUT_ONE(g, "é", "∀", "λ", "😀"); break;
	case 2:
		if (lines)
			PUT_ONE(g, "'''", "''${", "\n", "\n    ", "\n\n", "\"", "\\", "$ ", "'a");
		else
			PUT_ONE(g, "\\n", "\\t", "\\\"", "\\$", "\\\\", "\\u0041", "\\u{1F600}", "$ ", "'", "''");
		break;
	case 3: put(g, " "); break;
	default: PUT_ONE(g, "a", "word", "--", "{-", "b c"); break;
	}
}

static inline void generate_text(struct generator *g)
{
	bool lines = pick(g, 3) == 0;

	put(g, lines ? "''\n  " : "\"");
	for (unsigned n = pick(g, 5); n > 0; n--)
		generate_chunk(g, lines);
	put(g, lines ? " ''" : "\"");
}

static inline void generate_record(struct generator *g, bool type)
{
	static const char *const names[] = {"a", "b", "`c d`", "e", "`let`", "Natural", "g"};
	unsigned n = pick(g, 5), from = pick(g, 3);

	put(g, "{");
	gap(g);
	if (n == 0) {
		put(g, type ? "" : "=");
	} else if (pick(g, 4) == 0) {
		put(g, ",");
		gap(g);
	}
	for (unsigned i = 0; i < n; i++) {
		if (i) {
			put(g, ",");
			gap(g);
		}
		put(g, names[from + i < SL_COUNT(names) ? from + i : i]);
		if (!type && pick(g, 4) == 0) {
			gap(g);
			continue; /* the variable of that name */
		}
		for (unsigned more = pick(g, 6); !type && more > 3; more--) {
			gap(g);
			put(g, ".");
			gap(g);
			generate_name(g);
		}
		gap(g);
		put(g, type ? ":" : "=");
		if (type)
			blank(g);
		else
			gap(g);
		generate_expression(g);
		blank(g);
	}
	gap(g);
	put(g, "}");
}

static inline void generate_union(struct generator *g)
{
	static const char *const names[] = {"A", "B", "`c d`", "E"};
	unsigned n = pick(g, 4);

	put(g, "<");
	gap(g);
	for (unsigned i = 0; i < n; i++) {
		if (i) {
			put(g, "|");
			gap(g);
		}
		put(g, names[i]);
		gap(g);
		if (pick(g, 2)) {
			put(g, ":");
			blank(g);
			generate_expression(g);
			blank(g);
		}
	}
	put(g, ">");
}

static inline void generate_list(struct generator *g)
{
	unsigned n = 1 + pick(g, 3);

	put(g, "[");
	gap(g);
	for (unsigned i = 0; i < n; i++) {
		if (i)
			put(g, ",");
		gap(g);
		generate_expression(g);
		blank(g);
	}
	put(g, "]");
}

static inline void generate_in_brackets(struct generator *g)
{
	put(g, "(");
	gap(g);
	generate_expression(g);
	blank(g);
	put(g, ")");
}

/* primitive-expression */
static inline void generate_primitive(struct generator *g)
{
	if (g->depth > 7) {
		generate_variable(g);
		return;
	}
	g->depth++;
	switch (pick(g, 10)) {
	case 0: generate_text(g); break;
	case 1: generate_record(g, false); break;
	case 2: generate_record(g, true); break;
	case 3: generate_union(g); break;
	case 4: generate_list(g); break;
	case 5: generate_in_brackets(g); break;
	case 6:
	case 7: generate_literal(g); break;
	default: generate_variable(g); break;
	}
	g->depth--;
}

static inline void generate_names(struct generator *g)
{
	static const char *const names[] = {"a", "`b c`", "d"};
	unsigned n = pick(g, 4);

	put(g, "{");
	gap(g);
	for (unsigned i = 0; i < n; i++) {
		put(g, i ? "," : "");
		gap(g);
		put(g, names[i]);
		gap(g);
	}
	put(g, "}");
}

/* selector-expression */
static inline void generate_selected(struct generator *g)
{
	generate_primitive(g);
	while (pick(g, 6) == 0) {
		gap(g);
		put(g, ".");
		gap(g);
		switch (pick(g, 4)) {
		case 0: generate_names(g); break;
		case 1: generate_in_brackets(g); break;
		default: generate_name(g); break;
		}
	}
}

static inline void generate_import(struct generator *g)
{
	PUT_ONE(g, "./a", "../a/b.dhall", "~/a", "/etc/\"two words\"", "env:A", "env:\"a b\"", "missing", "https://a.b/c?d=e", "http://u@[::1]:8/a");
	if (pick(g, 4) == 0) {
		put(g, " sha256:d60d8415e36e86dae7f42933d3b0c4fe3ca238f057fba206c7e9fbf5d784fe15");
	}
	if (pick(g, 4) == 0) {
		blank(g);
		put(g, "as");
		blank(g);
		PUT_ONE(g, "Text", "Location", "Bytes");
	}
}

/* import-expression */
static inline void generate_operand(struct generator *g)
{
	switch (pick(g, 10)) {
	case 0: generate_import(g); break;
	case 1:
		generate_selected(g);
		gap(g);
		put(g, "::");
		gap(g);
		generate_selected(g);
		break;
	default: generate_selected(g); break;
	}
}

/* application-expression */
static inline void generate_application(struct generator *g)
{
	unsigned n = 1;

	switch (pick(g, 14)) {
	case 0: put(g, "Some"); break;
	case 1: put(g, "toMap"); break;
	case 2: put(g, "showConstructor"); break;
	case 3:
		put(g, "merge");
		n = 2;
		break;
	default:
		generate_operand(g);
		n = 0;
		break;
	}
	for (n += pick(g, 4) == 0; n > 0; n--) {
		blank(g);
		generate_operand(g);
	}
}

/* operator-expression; any two operators may meet, what binds tighter is up to the parser */
static inline void generate_operators(struct generator *g)
{
	generate_application(g);
	while (g->depth < 6 && pick(g, 4) == 0) {
		blank(g);
		PUT_ONE(g, "+", "*", "++", "#", "&&", "||", "==", "!=", "/\\", "//", "//\\\\", "===", "?", "∧", "⫽", "⩓", "≡");
		blank(g);
		generate_application(g);
	}
}

static inline void generate_binder(struct generator *g)
{
	gap(g);
	put(g, "(");
	gap(g);
	generate_name(g);
	gap(g);
	put(g, ":");
	blank(g);
	generate_expression(g);
	blank(g);
	put(g, ")");
	gap(g);
	PUT_ONE(g, "->", "→");
	gap(g);
	generate_expression(g);
}

static inline void generate_let(struct generator *g)
{
	for (unsigned n = 1 + pick(g, 3); n > 0; n--) {
		put(g, "let");
		blank(g);
		generate_name(g);
		gap(g);
		if (pick(g, 3) == 0) {
			put(g, ":");
			blank(g);
			generate_expression(g);
			blank(g);
		}
		put(g, "=");
		gap(g);
		generate_expression(g);
		blank(g);
	}
	put(g, "in");
	blank(g);
	generate_expression(g);
}

static inline void generate_with(struct generator *g)
{
	generate_operand(g);
	blank(g);
	put(g, "with");
	blank(g);
	for (unsigned n = 1 + pick(g, 3); n > 0; n--) {
		if (pick(g, 5) == 0)
			put(g, "?");
		else
			generate_name(g);
		gap(g);
		if (n > 1) {
			put(g, ".");
			gap(g);
		}
	}
	put(g, "=");
	gap(g);
	generate_operators(g);
}

static inline void generate_if(struct generator *g)
{
	static const char *const words[] = {"if", "then", "else"};

	for (unsigned i = 0; i < SL_COUNT(words); i++) {
		put(g, words[i]);
		blank(g);
		generate_expression(g);
		if (i < 2)
			blank(g);
	}
}

static inline void generate_arrow(struct generator *g)
{
	generate_operators(g);
	blank(g);
	PUT_ONE(g, "->", "→");
	gap(g);
	generate_expression(g);
}

static inline void generate_annotated(struct generator *g)
{
	switch (pick(g, 4)) {
	case 0:
		PUT_ONE(g, "[]", "[ ]", "[ , ]");
		break;
	case 1:
		put(g, "assert");
		break;
	default: generate_operators(g); break;
	}
	blank(g);
	put(g, ":");
	blank(g);
	generate_expression(g);
}

/* expression */
static inline void generate_expression(struct generator *g)
{
	if (g->depth > 5) {
		generate_operators(g);
		return;
	}
	g->depth++;
	switch (pick(g, 16)) {
	case 0:
		PUT_ONE(g, "\\", "λ");
		generate_binder(g);
		break;
	case 1:
		PUT_ONE(g, "forall", "∀");
		generate_binder(g);
		break;
	case 2: generate_let(g); break;
	case 3: generate_if(g); break;
	case 4: generate_with(g); break;
	case 5: generate_arrow(g); break;
	case 6: generate_annotated(g); break;
	default: generate_operators(g); break;
	}
	g->depth--;
}

/* One text, valid until the next. */
static inline str generate(struct generator *g)
{
	g->out.n = 0;
	g->depth = g->comments = 0;
	gap(g);
	generate_expression(g);
	gap(g);
	return buf_view(&g->out);
}

#endif
