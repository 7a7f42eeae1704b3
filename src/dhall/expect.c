#include "parse.h"

/* What the parser says when it finds something else than it needs, and the checks that say it. */

static bool is_word(enum token_kind k)
{
	return (k >= TOKEN_IF && k <= TOKEN_SHOW_CONSTRUCTOR) || k == TOKEN_MISSING || k == TOKEN_INFINITY
		|| k == TOKEN_NAN;
}

/* What is usually meant by a byte that starts nothing; NULL when nothing is known. */
static const char *meant(str byte)
{
	static const struct {
		const char *found, *hint;
	} rows[] = {
		{"-", "there is no '-' operator: see Natural/subtract; a negative number is written '-1'"},
		{"'", "a text stands in double quotes, or in '' … '' over several lines"},
		{"&", "the logical and is '&&'"},
		{"!", "not x is written 'x == False'"},
		{"/", "there is no division; a path is written './file', a merge of records '//'"},
		{";", "nothing separates bindings: write the next 'let', or 'in'"},
		{"“", "write plain quotes"}, {"”", "write plain quotes"}, {"‘", "write plain quotes"},
		{"’", "write plain quotes"},
	};

	for (size_t i = 0; i < SL_COUNT(rows); i++)
		if (str_eq(byte, str_c(rows[i].found)))
			return rows[i].hint;
	return NULL;
}

/* What to do about a token behind a whole expression. */
static const char *advice_behind(const struct parser *p)
{
	enum token_kind kind = (enum token_kind)p->tok.kind;

	if (!p->tok.gap && p->tok.lo == p->end && (kind <= TOKEN_LAST_OPERAND || is_word(kind)))
		return "a space is needed between two expressions: 'f (x)'";
	switch (kind) {
	case TOKEN_EQUALS:
		return p->text[p->tok.hi] == '>' ? "an arrow is written '->'"
						 : "a binding is written 'let x = … in …', a record '{ x = … }'";
	case TOKEN_COLON: return "an annotation stands behind a plain expression: put what is before it in parentheses";
	case TOKEN_COMPLETE: return "put a chain of '::' in parentheses";
	case TOKEN_WITH:
		return "only a plain expression may stand before 'with': put what is before it in parentheses";
	case TOKEN_DOT: return "an import has no fields before it is resolved: write '(./file).field'";
	case TOKEN_BAR: return "the logical or is '||'";
	case TOKEN_HASH: return "a hash follows an import: './file sha256:…'";
	case TOKEN_SOME:
	case TOKEN_MERGE:
	case TOKEN_TOMAP:
	case TOKEN_SHOW_CONSTRUCTOR:
	case TOKEN_IF:
	case TOKEN_LET:
	case TOKEN_LAMBDA:
	case TOKEN_FORALL:
	case TOKEN_ASSERT: return "as an argument, put it in parentheses";
	default: return NULL;
	}
}

static struct diag *unexpected(struct parser *p, const char *what, const char *hint)
{
	char found[48];
	bool end = p->tok.kind == TOKEN_END; /* shown behind the last token, not on an empty line below it */
	struct diag *d = lex_error(p, DIAG_SYNTAX_UNEXPECTED, end ? p->end : p->tok.lo, end ? p->end : p->tok.hi,
			"found %s, expected %s", lex_found(p, found), what);

	if (p->tok.kind == TOKEN_BAD && meant(lex_slice(p, p->tok.lo, p->tok.hi)))
		hint = meant(lex_slice(p, p->tok.lo, p->tok.hi));
	if (hint)
		diag_hint(p->diags, d, "%s", hint);
	return d;
}

void parse_unexpected(struct parser *p, const char *what, const char *hint)
{
	unexpected(p, what, hint);
	lex_leave(p);
}

struct diag *parse_unfinished(struct parser *p, const char *what)
{
	return unexpected(p, what, advice_behind(p));
}

void parse_expect(struct parser *p, enum token_kind kind, const char *what, const char *hint)
{
	if (SL_UNLIKELY(p->tok.kind != kind))
		parse_unexpected(p, what, hint);
	lex_next(p);
}

void parse_spaced(struct parser *p, const char *after)
{
	struct diag *d;

	lex_next(p);
	if (SL_LIKELY(p->tok.gap) || p->tok.kind == TOKEN_END)
		return;
	d = lex_error(p, DIAG_SYNTAX_SPACE, p->end, p->tok.hi, "a space is missing after '%s'", after);
	if (strcmp(after, ":") == 0)
		diag_hint(p->diags, d, "'x :T' would look like the start of an import or a '::'");
	lex_leave(p);
}

/* In braces, a second field without a comma shows at its sign: "{ a = 1 b = 2 }". */
static const char *advice_inside(const struct parser *p, enum token_kind closing)
{
	bool sign = p->tok.kind == TOKEN_EQUALS || p->tok.kind == TOKEN_COLON;

	if (sign && closing == TOKEN_RBRACE)
		return "fields are separated by ','";
	if (sign && closing == TOKEN_RANGLE)
		return "alternatives are separated by '|', and have types: '< A : T | B >'";
	return advice_behind(p);
}

void parse_close(struct parser *p, enum token_kind kind, const char *what, uint32_t open)
{
	struct diag *d;

	if (SL_LIKELY(p->tok.kind == kind)) {
		lex_next(p);
		return;
	}
	if (p->tok.kind == TOKEN_END) {
		d = lex_error(p, DIAG_SYNTAX_UNCLOSED, open, open + 1, "'%c' is never closed", p->text[open]);
		lex_note(p, d, p->end, p->end, "the text ends here, expected %s", what);
	} else {
		d = unexpected(p, what, advice_inside(p, kind));
		lex_note(p, d, open, open + 1, "opened here");
	}
	lex_leave(p);
}

/* ---- names ---- */

static SL_NORETURN void reserved(struct parser *p, const char *use)
{
	char found[48];
	struct diag *d = lex_error(p, DIAG_SYNTAX_RESERVED, p->tok.lo, p->tok.hi, "%s is reserved and cannot be %s",
			lex_found(p, found), use);

	diag_hint(p->diags, d, "quote it: `%.*s`", STR_ARG(lex_slice(p, p->tok.lo, p->tok.hi)));
	lex_leave(p);
}

sym parse_any_label(struct parser *p, bool some, const char *what)
{
	enum token_kind kind = (enum token_kind)p->tok.kind;
	sym name;

	if (kind == TOKEN_LABEL)
		name = p->tok.name;
	else if (kind == TOKEN_BUILTIN || kind == TOKEN_CONST || kind == TOKEN_BOOL || (some && kind == TOKEN_SOME))
		name = intern(lex_slice(p, p->tok.lo, p->tok.hi));
	else if (is_word(kind))
		reserved(p, "a field name");
	else if (kind == TOKEN_DOUBLE_QUOTE)
		parse_unexpected(p, what, "a field name stands without quotes, or between backticks");
	else
		parse_unexpected(p, what, NULL);
	lex_next(p);
	return name;
}

sym parse_binder(struct parser *p)
{
	enum token_kind kind = (enum token_kind)p->tok.kind;
	sym name = p->tok.name;

	if (kind == TOKEN_BUILTIN || kind == TOKEN_CONST || kind == TOKEN_BOOL || is_word(kind))
		reserved(p, "the name of a variable");
	parse_expect(p, TOKEN_LABEL, "the name of a variable", NULL);
	return name;
}
