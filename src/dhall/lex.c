#include "lex.h"
#include "stack.h"

#include <pthread.h>
#include <stdio.h>

#define L BYTE_LABEL
#define F BYTE_LABEL_FIRST
#define D BYTE_DIGIT
#define H BYTE_HEX
#define P BYTE_PATH
#define N BYTE_PLAIN
#define T BYTE_TEXT
#define U BYTE_URL

#define TWO(c, v) [c] = (v), [(c) + 1] = (v)
#define SIX(c, v) TWO(c, v), TWO((c) + 2, v), TWO((c) + 4, v)
#define TEN(c, v) SIX(c, v), TWO((c) + 6, v), TWO((c) + 8, v)
#define TWENTY(c, v) TEN(c, v), TEN((c) + 10, v)

/* clang-format off */
const uint8_t byte_class[256] = {
	[' '] = N|T, ['!'] = N|T|P|U, ['"'] = N, ['#'] = N|T, ['$'] = N|P|U, ['%'] = N|T|P,
	['&'] = N|T|P|U, ['\''] = N|T|P|U, ['('] = N|T, [')'] = N|T, ['*'] = N|T|P|U, ['+'] = N|T|P|U,
	[','] = N|T, ['-'] = N|T|P|U|L, ['.'] = N|T|P|U, ['/'] = N|T|L,
	TEN('0', N|T|P|U|L|D|H), [':'] = N|T|P|U, [';'] = N|T|P|U, ['<'] = N|T, ['='] = N|T|P|U,
	['>'] = N|T, ['?'] = N|T, ['@'] = N|T|P,
	SIX('A', N|T|P|U|L|F|H), TWENTY('G', N|T|P|U|L|F),
	['['] = N|T, ['\\'] = N, [']'] = N|T, ['^'] = N|T|P, ['_'] = N|T|P|U|L|F, ['`'] = N|T|P,
	SIX('a', N|T|P|U|L|F|H), TWENTY('g', N|T|P|U|L|F),
	['{'] = N|T, ['|'] = N|T|P, ['}'] = N|T, ['~'] = N|T|P|U, [0x7f] = N|T,
};
/* clang-format on */

#undef L
#undef F
#undef D
#undef H
#undef P
#undef N
#undef T
#undef U

/* ---- reserved words ---- */

struct word {
	str text;
	uint8_t kind, sub;
};

#define W(text, kind, sub) {{text, sizeof(text) - 1}, kind, sub}

static const struct word words[] = {
	W("if", TOKEN_IF, 0), W("then", TOKEN_THEN, 0), W("else", TOKEN_ELSE, 0), W("let", TOKEN_LET, 0),
	W("in", TOKEN_IN, 0), W("using", TOKEN_USING, 0), W("missing", TOKEN_MISSING, 0),
	W("assert", TOKEN_ASSERT, 0), W("as", TOKEN_AS, 0), W("Infinity", TOKEN_INFINITY, 0),
	W("NaN", TOKEN_NAN, 0), W("merge", TOKEN_MERGE, 0), W("Some", TOKEN_SOME, 0),
	W("toMap", TOKEN_TOMAP, 0), W("forall", TOKEN_FORALL, 0), W("with", TOKEN_WITH, 0),
	W("showConstructor", TOKEN_SHOW_CONSTRUCTOR, 0),
	W("Type", TOKEN_CONST, CONST_TYPE), W("Kind", TOKEN_CONST, CONST_KIND), W("Sort", TOKEN_CONST, CONST_SORT),
	W("False", TOKEN_BOOL, 0), W("True", TOKEN_BOOL, 1),
#define B(id, name, type) W(name, TOKEN_BUILTIN, BUILTIN_##id),
#include "builtin.def"
#undef B
};

#undef W

#define SLOTS 512
static uint8_t word_slots[SLOTS]; /* index + 1; 0: none */
static pthread_once_t words_once = PTHREAD_ONCE_INIT;

static unsigned word_hash(const char *s, size_t n)
{
	return ((unsigned char)s[0] * 7u + (unsigned char)s[n - 1] * 31u + (unsigned char)s[n / 2] * 3u + (unsigned)n * 5u) % SLOTS;
}

static void index_words(void)
{
	_Static_assert(SL_COUNT(words) < 255, "a slot is a byte");
	for (size_t i = 0; i < SL_COUNT(words); i++) {
		unsigned at = word_hash(words[i].text.p, words[i].text.n);

		while (word_slots[at])
			at = (at + 1) % SLOTS;
		word_slots[at] = (uint8_t)(i + 1);
	}
}

static const struct word *word_of(const char *s, size_t n)
{
	unsigned at = word_hash(s, n);

	for (; word_slots[at]; at = (at + 1) % SLOTS) {
		const struct word *w = &words[word_slots[at] - 1];

		if (str_eq(w->text, str_of(s, n)))
			return w;
	}
	return NULL;
}

enum token_kind lex_word(str s, uint8_t *sub)
{
	const struct word *w;

	pthread_once(&words_once, index_words);
	w = s.n ? word_of(s.p, s.n) : NULL;
	*sub = w ? w->sub : 0;
	return w ? (enum token_kind)w->kind : TOKEN_LABEL;
}

/* ---- errors ---- */

static struct span span_of(const struct parser *p, uint32_t lo, uint32_t hi)
{
	return p->unit->file ? (struct span){p->unit->file, lo, hi} : NO_SPAN;
}

struct diag *lex_error(struct parser *p, enum diag_code code, uint32_t lo, uint32_t hi, const char *fmt, ...)
{
	struct diag *d;
	va_list args;

	va_start(args, fmt);
	d = diag_verror(p->diags, code, span_of(p, lo, hi), fmt, args);
	va_end(args);
	return d;
}

void lex_note(struct parser *p, struct diag *d, uint32_t lo, uint32_t hi, const char *fmt, ...)
{
	char text[160];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	diag_note(p->diags, d, span_of(p, lo, hi), "%s", text);
}

void lex_leave(struct parser *p)
{
	stack_forget(p->top);
	longjmp(*p->leave, 1);
}

/* One character that cannot be seen, or looks like a space and is none. */
static bool unseen(str s, uint32_t *cp)
{
	return s.n && utf8_get(s, 0, cp) == s.n &&
			((*cp >= 0x7f && *cp <= 0xa0) || (*cp >= 0x2000 && *cp <= 0x200f) || (*cp >= 0x2028 && *cp <= 0x202f) ||
					(*cp >= 0x205f && *cp <= 0x206f) || *cp == 0xad || *cp == 0x3000 || *cp == 0xfeff);
}

const char *lex_found(const struct parser *p, char out[48])
{
	uint32_t n = p->tok.hi - p->tok.lo, cut = 36, cp;

	if (p->tok.kind == TOKEN_END)
		return "the end of the text";
	if (p->tok.kind == TOKEN_SINGLE_QUOTE)
		return "a multi-line text";
	if (p->tok.kind == TOKEN_DOUBLE_QUOTE)
		return "a text";
	if (unseen(str_of(p->text + p->tok.lo, n), &cp)) {
		snprintf(out, 48, "the character U+%04X", cp);
	} else if (n > 40) {
		while (((unsigned char)p->text[p->tok.lo + cut] & 0xc0) == 0x80)
			cut--;
		snprintf(out, 48, "'%.*s…'", (int)cut, p->text + p->tok.lo);
	} else {
		snprintf(out, 48, "'%.*s'", (int)n, p->text + p->tok.lo);
	}
	return out;
}

static SL_NORETURN void bad_byte(struct parser *p, const char *s)
{
	unsigned char c = (unsigned char)*s;
	uint32_t lo = lex_offset(p, s);
	struct diag *d;

	if (c == '\r')
		d = lex_error(p, DIAG_SYNTAX_BYTE, lo, lo + 1, "a carriage return without a line feed");
	else
		d = lex_error(p, DIAG_SYNTAX_BYTE, lo, lo + 1, "the byte 0x%02x is not allowed here", c);
	diag_hint(p->diags, d, "remove it; in a text it can be written as \\u{%x}", c);
	lex_leave(p);
}

unsigned lex_wide(struct parser *p, const char *s)
{
	str rest = {s, p->n - (size_t)(s - p->text)};
	uint32_t cp = 0, lo = lex_offset(p, s);
	unsigned n = utf8_get(rest, 0, &cp);
	struct diag *d;

	if (n && (cp & 0xfffe) != 0xfffe)
		return n;
	if (n)
		d = lex_error(p, DIAG_SYNTAX_BYTE, lo, lo + n, "U+%X is not a character", cp);
	else
		d = lex_error(p, DIAG_SYNTAX_BYTE, lo, lo + 1, "the byte 0x%02x is not valid UTF-8", (unsigned char)*s);
	diag_hint(p->diags, d, "Dhall is written in UTF-8");
	lex_leave(p);
}

/* ---- whitespace ---- */

/* The end of the line that s is in: at its line feed or carriage return, or at the end of the text. */
static const char *line_end(struct parser *p, const char *s)
{
	for (;;) {
		while (byte_is(*s, BYTE_PLAIN) || *s == '\t')
			s++;
		if ((unsigned char)*s >= 0x80)
			s += lex_wide(p, s);
		else if (*s == '\n' || (*s == '\r' && s[1] == '\n') || s == p->text + p->n)
			return s;
		else
			bad_byte(p, s);
	}
}

static const char *block_comment(struct parser *p, const char *start)
{
	const char *s = start + 2;
	size_t open = 1;

	while (open) {
		if (s[0] == '-' && s[1] == '}') {
			open--;
			s += 2;
		} else if (s[0] == '{' && s[1] == '-') {
			open++;
			s += 2;
		} else if (byte_is(*s, BYTE_PLAIN) || *s == '\t' || *s == '\n') {
			s++;
		} else if ((unsigned char)*s >= 0x80) {
			s += lex_wide(p, s);
		} else if (s[0] == '\r' && s[1] == '\n') {
			s += 2;
		} else if (s == p->text + p->n) {
			struct diag *d = lex_error(p, DIAG_SYNTAX_UNCLOSED, lex_offset(p, start), lex_offset(p, start) + 2,
					"the comment that begins here does not end");

			diag_hint(p->diags, d, "comments nest: every '{-' needs its own '-}'");
			lex_leave(p);
		} else {
			bad_byte(p, s);
		}
	}
	return s;
}

static const char *comment(struct parser *p, const char *s)
{
	const char *end = *s == '{' ? block_comment(p, s) : line_end(p, s);

	vec_push(&p->comments, ((struct span){p->unit->file, lex_offset(p, s), lex_offset(p, end)}));
	return end;
}

static const char *skip(struct parser *p, const char *s)
{
	for (;;) {
		switch (*s) {
		case ' ':
			do
				s++;
			while (*s == ' ');
			break;
		case '\n':
		case '\t':
			s++;
			break;
		case '\r':
			if (s[1] != '\n')
				return s;
			s += 2;
			break;
		case '-':
			if (s[1] != '-')
				return s;
			s = comment(p, s);
			break;
		case '{':
			if (s[1] != '-')
				return s;
			s = comment(p, s);
			break;
		default:
			return s;
		}
	}
}

/* ---- tokens ---- */

static const char *label(struct parser *p, const char *s)
{
	const char *end = s + 1;
	const struct word *w;

	while (byte_is(*end, BYTE_LABEL))
		end++;
	w = word_of(s, (size_t)(end - s));
	if (w) {
		p->tok.kind = w->kind;
		p->tok.sub = w->sub;
		return end;
	}
	p->tok.kind = TOKEN_LABEL;
	if (SL_UNLIKELY(*end == ':')) { /* the words that begin an import or a hash */
		str text = str_of(s, (size_t)(end - s));
		bool url = end[1] == '/' && end[2] == '/';

		if (url && (str_eq(text, S("http")) || str_eq(text, S("https"))))
			p->tok.kind = TOKEN_HTTP;
		else if ((byte_is(end[1], BYTE_LABEL_FIRST) || end[1] == '"') && str_eq(text, S("env")))
			p->tok.kind = TOKEN_ENV;
		else if (byte_is(end[1], BYTE_LABEL) && str_eq(text, S("sha256")))
			p->tok.kind = TOKEN_HASH;
		if (p->tok.kind != TOKEN_LABEL)
			return end + (url ? 3 : 1);
	}
	p->tok.name = intern(str_of(s, (size_t)(end - s)));
	return end;
}

static const char *quoted_label(struct parser *p, const char *s)
{
	const char *end = s + 1;

	while (byte_is(*end, BYTE_PLAIN) && *end != '`' && *end != 0x7f)
		end++;
	if (*end != '`') {
		struct diag *d;
		uint32_t lo = lex_offset(p, s), hi = lex_offset(p, end);

		if (*end == '\0' || *end == '\n' || *end == '\r')
			d = lex_error(p, DIAG_SYNTAX_UNCLOSED, lo, hi, "the quoted name does not end on its line");
		else
			d = lex_error(p, DIAG_SYNTAX_BYTE, hi, hi + 1, "a name holds only printable ASCII characters");
		diag_hint(p->diags, d, "a quoted name is written `like this`");
		lex_leave(p);
	}
	p->tok.kind = TOKEN_LABEL;
	p->tok.quoted = true;
	p->tok.name = intern(str_of(s + 1, (size_t)(end - s) - 1));
	return end + 1;
}

/* The Unicode spellings of operators. */
static const char *wide_token(struct parser *p, const char *s)
{
	static const struct {
		char text[4];
		uint8_t kind;
	} rows[] = {
		{"→", TOKEN_ARROW}, {"λ", TOKEN_LAMBDA}, {"∀", TOKEN_FORALL},
		{"∧", TOKEN_OP + OP_COMBINE}, {"⫽", TOKEN_OP + OP_PREFER},
		{"⩓", TOKEN_OP + OP_COMBINE_TYPES}, {"≡", TOKEN_OP + OP_EQUIVALENT},
	};

	for (size_t i = 0; i < SL_COUNT(rows); i++)
		if (strncmp(s, rows[i].text, strlen(rows[i].text)) == 0) {
			p->tok.kind = rows[i].kind;
			p->unit->unicode = true;
			return s + strlen(rows[i].text);
		}
	p->tok.kind = TOKEN_BAD;
	return s + lex_wide(p, s);
}

static bool starts_path(const char *s)
{
	return byte_is(*s, BYTE_PATH) || *s == '"';
}

/* Tokens of punctuation; *kind is set, the length returned. */
static unsigned punctuation(const char *s, uint8_t *kind)
{
#define IS(k, n) (*kind = (uint8_t)(k), (n))
	switch (*s) {
	case '(': return IS(TOKEN_LPAREN, 1);
	case ')': return IS(TOKEN_RPAREN, 1);
	case '[': return IS(TOKEN_LBRACKET, 1);
	case ']': return IS(TOKEN_RBRACKET, 1);
	case '{': return IS(TOKEN_LBRACE, 1);
	case '}': return IS(TOKEN_RBRACE, 1);
	case '<': return IS(TOKEN_LANGLE, 1);
	case '>': return IS(TOKEN_RANGLE, 1);
	case ',': return IS(TOKEN_COMMA, 1);
	case '@': return IS(TOKEN_AT, 1);
	case '?': return IS(TOKEN_OP + OP_ALTERNATIVE, 1);
	case '#': return IS(TOKEN_OP + OP_LIST_APPEND, 1);
	case '*': return IS(TOKEN_OP + OP_TIMES, 1);
	case '"': return IS(TOKEN_DOUBLE_QUOTE, 1);
	case '\\': return IS(TOKEN_LAMBDA, 1);
	case ':': return s[1] == ':' ? IS(TOKEN_COMPLETE, 2) : IS(TOKEN_COLON, 1);
	case '|': return s[1] == '|' ? IS(TOKEN_OP + OP_OR, 2) : IS(TOKEN_BAR, 1);
	case '&': return s[1] == '&' ? IS(TOKEN_OP + OP_AND, 2) : IS(TOKEN_BAD, 1);
	case '!': return s[1] == '=' ? IS(TOKEN_OP + OP_NE, 2) : IS(TOKEN_BAD, 1);
	case '\'': return s[1] == '\'' ? IS(TOKEN_SINGLE_QUOTE, 2) : IS(TOKEN_BAD, 1);
	case '~': return s[1] == '/' ? IS(TOKEN_PATH, 2) : IS(TOKEN_BAD, 1);
	case '=':
		if (s[1] != '=')
			return IS(TOKEN_EQUALS, 1);
		return s[2] == '=' ? IS(TOKEN_OP + OP_EQUIVALENT, 3) : IS(TOKEN_OP + OP_EQ, 2);
	case '+':
		if (byte_is(s[1], BYTE_DIGIT))
			return IS(TOKEN_NUMBER, 2);
		return s[1] == '+' ? IS(TOKEN_OP + OP_TEXT_APPEND, 2) : IS(TOKEN_OP + OP_PLUS, 1);
	case '-':
		if (s[1] == '>')
			return IS(TOKEN_ARROW, 2);
		if (byte_is(s[1], BYTE_DIGIT) || strncmp(s + 1, "Infinity", 8) == 0)
			return IS(TOKEN_NUMBER, 2);
		return IS(TOKEN_BAD, 1);
	case '/':
		if (s[1] == '\\')
			return IS(TOKEN_OP + OP_COMBINE, 2);
		if (s[1] == '/')
			return s[2] == '\\' && s[3] == '\\' ? IS(TOKEN_OP + OP_COMBINE_TYPES, 4) : IS(TOKEN_OP + OP_PREFER, 2);
		return starts_path(s + 1) ? IS(TOKEN_PATH, 1) : IS(TOKEN_BAD, 1);
	case '.':
		if (s[1] == '/')
			return IS(TOKEN_PATH, 2);
		return s[1] == '.' && s[2] == '/' ? IS(TOKEN_PATH, 3) : IS(TOKEN_DOT, 1);
	default: return 0;
	}
#undef IS
}

void lex_next(struct parser *p)
{
	const char *s = skip(p, p->at);
	unsigned n;

	p->end = p->tok.hi;
	p->tok = (struct token){.lo = lex_offset(p, s), .gap = s != p->at};
	if (byte_is(*s, BYTE_LABEL_FIRST)) {
		s = label(p, s);
	} else if (byte_is(*s, BYTE_DIGIT)) {
		p->tok.kind = TOKEN_NUMBER;
		s++;
	} else if ((n = punctuation(s, &p->tok.kind)) != 0) {
		s += n;
	} else if (*s == '`') {
		s = quoted_label(p, s);
	} else if ((unsigned char)*s >= 0x80) {
		s = wide_token(p, s);
	} else if (s == p->text + p->n) {
		p->tok.kind = TOKEN_END;
	} else if (byte_is(*s, BYTE_PLAIN)) {
		p->tok.kind = TOKEN_BAD;
		s++;
	} else {
		bad_byte(p, s);
	}
	p->at = s;
	p->tok.hi = lex_offset(p, s);
}

void lex_start(struct parser *p)
{
	pthread_once(&words_once, index_words);
	p->underscore = intern(S("_"));
	while (p->at[0] == '#' && p->at[1] == '!') {
		const char *end = line_end(p, p->at);

		vec_push(&p->comments, ((struct span){p->unit->file, lex_offset(p, p->at), lex_offset(p, end)}));
		p->at = *end == '\r' ? end + 2 : *end == '\n' ? end + 1 : end;
	}
	lex_next(p);
}
