#include "lex.h"

#define L (BYTE_ID | BYTE_ID_FIRST | BYTE_PATH | BYTE_SCHEME | BYTE_URI)
#define N (BYTE_ID | BYTE_DIGIT | BYTE_PATH | BYTE_SCHEME | BYTE_URI)

const uint8_t nix_bytes[256] = {
	['a'] = L, ['b'] = L, ['c'] = L, ['d'] = L, ['e'] = L, ['f'] = L, ['g'] = L, ['h'] = L, ['i'] = L, ['j'] = L,
	['k'] = L, ['l'] = L, ['m'] = L, ['n'] = L, ['o'] = L, ['p'] = L, ['q'] = L, ['r'] = L, ['s'] = L, ['t'] = L,
	['u'] = L, ['v'] = L, ['w'] = L, ['x'] = L, ['y'] = L, ['z'] = L,
	['A'] = L, ['B'] = L, ['C'] = L, ['D'] = L, ['E'] = L, ['F'] = L, ['G'] = L, ['H'] = L, ['I'] = L, ['J'] = L,
	['K'] = L, ['L'] = L, ['M'] = L, ['N'] = L, ['O'] = L, ['P'] = L, ['Q'] = L, ['R'] = L, ['S'] = L, ['T'] = L,
	['U'] = L, ['V'] = L, ['W'] = L, ['X'] = L, ['Y'] = L, ['Z'] = L,
	['0'] = N, ['1'] = N, ['2'] = N, ['3'] = N, ['4'] = N, ['5'] = N, ['6'] = N, ['7'] = N, ['8'] = N, ['9'] = N,
	['_'] = BYTE_ID | BYTE_ID_FIRST | BYTE_PATH | BYTE_URI,
	['-'] = BYTE_ID | BYTE_PATH | BYTE_SCHEME | BYTE_URI,
	['\''] = BYTE_ID | BYTE_URI,
	['.'] = BYTE_PATH | BYTE_SCHEME | BYTE_URI,
	['+'] = BYTE_PATH | BYTE_SCHEME | BYTE_URI,
	['%'] = BYTE_URI, ['/'] = BYTE_URI, ['?'] = BYTE_URI, [':'] = BYTE_URI, ['@'] = BYTE_URI, ['&'] = BYTE_URI,
	['='] = BYTE_URI, ['$'] = BYTE_URI, [','] = BYTE_URI, ['!'] = BYTE_URI, ['~'] = BYTE_URI, ['*'] = BYTE_URI,
	[' '] = BYTE_SPACE, ['\t'] = BYTE_SPACE, ['\r'] = BYTE_SPACE, ['\n'] = BYTE_SPACE,
};
#undef L
#undef N

void syntax_error(struct parser *p, const char *lo, const char *hi, const char *fmt, ...)
{
	va_list args;
	str text;

	va_start(args, fmt);
	text = str_vfmt(&p->x->mem, fmt, args);
	va_end(args);
	fail_at(p->x, DIAG_NIX_SYNTAX, place_of(p, lo), place_of(p, hi), "%.*s", STR_ARG(text));
}

void unexpected(struct parser *p, const char *wanted)
{
	struct token *t = &p->tok;

	if (t->kind == TOKEN_END)
		syntax_error(p, t->lo, t->lo, "expected %s, found the end of the text", wanted);
	syntax_error(p, t->lo, t->hi, "expected %s, found '%.*s'", wanted, STR_ARG(str_of(t->lo,
			(size_t)(t->hi - t->lo))));
}

/* ---- space ---- */

static const char *skip_comment(struct parser *p, const char *s)
{
	const char *end;

	for (s += 2; ; s = end + 1) {
		end = memchr(s, '*', (size_t)(p->end - s));
		if (!end)
			syntax_error(p, p->end, p->end, "a comment does not end");
		if (end[1] == '/')
			return end + 2;
	}
}

static const char *skip_space(struct parser *p, const char *s)
{
	for (;;) {
		while (byte_is(*s, BYTE_SPACE))
			s++;
		if (*s == '#') {
			while (s < p->end && *s != '\n' && *s != '\r')
				s++;
		} else if (*s == '/' && s[1] == '*') {
			s = skip_comment(p, s);
		} else {
			return s;
		}
	}
}

/* ---- what may be longer than it looks ---- */

/* The end of the path that starts at s, or of its part before "${"; NULL when none starts here. */
static const char *path_end(struct parser *p, const char *s)
{
	const char *at = s;
	bool some = false;

	if (s < p->no_path)
		return NULL;
	while (byte_is(*at, BYTE_PATH))
		at++;
	while (*at == '/') {
		if (byte_is(at[1], BYTE_PATH)) {
			some = true;
			for (at++; byte_is(*at, BYTE_PATH);)
				at++;
		} else if (some || (at[1] == '$' && at[2] == '{')) {
			return at + 1;
		} else {
			break;
		}
	}
	if (!some)
		p->no_path = at;
	return some ? at : NULL;
}

static const char *uri_end(struct parser *p, const char *s)
{
	const char *at = s;

	if (s < p->no_uri)
		return NULL;
	while (byte_is(*at, BYTE_SCHEME))
		at++;
	if (*at != ':' || !byte_is(at[1], BYTE_URI)) {
		p->no_uri = at;
		return NULL;
	}
	for (at++; byte_is(*at, BYTE_URI);)
		at++;
	return at;
}

static void give(struct parser *p, enum token_kind k, const char *lo, const char *hi)
{
	p->tok.kind = (uint8_t)k;
	p->tok.lo = lo;
	p->tok.hi = p->at = hi;
}

/* ---- words and numbers ---- */

static enum token_kind word_kind(const char *s, size_t n)
{
#define WORD(lit, kind) \
	if (n == sizeof lit - 1 && memcmp(s, lit, sizeof lit - 1) == 0) \
		return kind
	switch (*s) {
	case 'a': WORD("assert", TOKEN_ASSERT); break;
	case 'e': WORD("else", TOKEN_ELSE); break;
	case 'i':
		WORD("if", TOKEN_IF);
		WORD("in", TOKEN_IN);
		WORD("inherit", TOKEN_INHERIT);
		break;
	case 'l': WORD("let", TOKEN_LET); break;
	case 'o': WORD("or", TOKEN_OR); break;
	case 'r': WORD("rec", TOKEN_REC); break;
	case 't': WORD("then", TOKEN_THEN); break;
	case 'w': WORD("with", TOKEN_WITH); break;
	default: break;
	}
#undef WORD
	return TOKEN_ID;
}

static void lex_word(struct parser *p, const char *s)
{
	const char *at = s, *longer = NULL;
	enum token_kind k;

	while (byte_is(*at, BYTE_ID))
		at++;
	if (*at == '.' || *at == '+' || *at == '/')
		longer = path_end(p, s);
	if (longer && longer > at) {
		give(p, TOKEN_PATH, s, longer);
		return;
	}
	if ((*at == ':' || *at == '.' || *at == '+') && *s != '_' && (longer = uri_end(p, s)) && longer > at) {
		give(p, TOKEN_URI, s, longer);
		return;
	}
	k = word_kind(s, (size_t)(at - s));
	if (k == TOKEN_ID || k == TOKEN_OR)
		p->tok.name = intern(str_of(s, (size_t)(at - s)));
	give(p, k, s, at);
}

static const char *exponent(const char *at)
{
	const char *e = at;

	if (*e != 'e' && *e != 'E')
		return at;
	e++;
	if (*e == '+' || *e == '-')
		e++;
	if (!byte_is(*e, BYTE_DIGIT))
		return at;
	while (byte_is(*e, BYTE_DIGIT))
		e++;
	return e;
}

static void lex_number(struct parser *p, const char *s)
{
	const char *at = s, *longer;
	enum token_kind k = TOKEN_INT;

	while (byte_is(*at, BYTE_DIGIT))
		at++;
	if (*at == '.' && (*s != '0' || (at - s == 1 && byte_is(at[1], BYTE_DIGIT)))) {
		k = TOKEN_FLOAT;
		for (at++; byte_is(*at, BYTE_DIGIT);)
			at++;
		at = exponent(at);
	}
	longer = byte_is(*at, BYTE_PATH) || *at == '/' ? path_end(p, s) : NULL;
	if (longer && longer > at)
		give(p, TOKEN_PATH, s, longer);
	else
		give(p, k, s, at);
}

/* ---- the rest ---- */

static const char *search_end(const char *s)
{
	for (s++; byte_is(*s, BYTE_PATH) || (*s == '/' && byte_is(s[1], BYTE_PATH) && byte_is(s[-1], BYTE_PATH));)
		s++;
	return *s == '>' && byte_is(s[-1], BYTE_PATH) ? s + 1 : NULL;
}

static void lex_sign(struct parser *p, const char *s)
{
	const char *longer = NULL;
	enum token_kind k;
	size_t n = 1;

#define TWO(c, kind2, kind1) (s[1] == (c) ? (n = 2, (kind2)) : (kind1))
	switch (*s) {
	case '(': k = TOKEN_LPAREN; break;
	case ')': k = TOKEN_RPAREN; break;
	case '[': k = TOKEN_LBRACKET; break;
	case ']': k = TOKEN_RBRACKET; break;
	case '{': k = TOKEN_LBRACE; break;
	case '}': k = TOKEN_RBRACE; break;
	case ';': k = TOKEN_SEMICOLON; break;
	case ':': k = TOKEN_COLON; break;
	case ',': k = TOKEN_COMMA; break;
	case '@': k = TOKEN_AT; break;
	case '?': k = TOKEN_HAS; break;
	case '*': k = TOKEN_STAR; break;
	case '"': k = TOKEN_QUOTE; break;
	case '=': k = TWO('=', TOKEN_EQ, TOKEN_ASSIGN); break;
	case '!': k = TWO('=', TOKEN_NE, TOKEN_NOT); break;
	case '>': k = TWO('=', TOKEN_GE, TOKEN_GT); break;
	case '<':
		longer = search_end(s);
		if (longer) {
			give(p, TOKEN_SEARCH, s, longer);
			return;
		}
		k = TWO('=', TOKEN_LE, TOKEN_LT);
		break;
	case '&': k = TWO('&', TOKEN_AND, TOKEN_END); break;
	case '|': k = TWO('|', TOKEN_LOR, TOKEN_END); break;
	case '$': k = TWO('{', TOKEN_DOLLAR, TOKEN_END); break;
	case '\'': k = TWO('\'', TOKEN_INDENTED, TOKEN_END); break;
	case '-':
		longer = byte_is(s[1], BYTE_PATH) || s[1] == '/' ? path_end(p, s) : NULL;
		k = TWO('>', TOKEN_IMPLIES, TOKEN_MINUS);
		break;
	case '+':
		longer = byte_is(s[1], BYTE_PATH) || s[1] == '/' ? path_end(p, s) : NULL;
		k = TWO('+', TOKEN_CONCAT, TOKEN_PLUS);
		break;
	case '/':
		longer = path_end(p, s);
		k = TWO('/', TOKEN_UPDATE, TOKEN_SLASH);
		break;
	case '.':
		longer = path_end(p, s);
		if (s[1] == '.' && s[2] == '.') {
			n = 3;
			k = TOKEN_ELLIPSIS;
		} else {
			k = TOKEN_DOT;
		}
		break;
	case '~':
		if (s[1] == '/' && (byte_is(s[2], BYTE_PATH) || (s[2] == '$' && s[3] == '{'))) {
			longer = path_end(p, s + 1);
			give(p, TOKEN_HOME, s, longer ? longer : s + 2);
			return;
		}
		k = TOKEN_END;
		break;
	default: k = TOKEN_END; break;
	}
#undef TWO
	if (longer) {
		give(p, TOKEN_PATH, s, longer);
		return;
	}
	if (k == TOKEN_END)
		syntax_error(p, s, s + 1,
				(unsigned char)*s < 0x20 ? "byte %02x starts nothing" : "'%c' starts nothing", *s);
	give(p, k, s, s + n);
}

void nix_lex(struct parser *p)
{
	const char *s;

	p->last = p->tok.hi;
	s = skip_space(p, p->at);
	if (byte_is(*s, BYTE_ID_FIRST))
		lex_word(p, s);
	else if (byte_is(*s, BYTE_DIGIT) || (*s == '.' && byte_is(s[1], BYTE_DIGIT)))
		lex_number(p, s);
	else if (s >= p->end)
		give(p, TOKEN_END, s, s);
	else
		lex_sign(p, s);
}
