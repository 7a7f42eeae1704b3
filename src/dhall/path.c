#include "parse.h"

/* Imports: what they name, their hash and their mode.  The bytes of paths, URLs and environment
 * variables have grammars of their own, read here from the token's first byte on. */

static SL_NORETURN void bad_import(struct parser *p, const char *lo, const char *hi, const char *what, const char *hint)
{
	const char *end = p->text + p->n;
	struct diag *d = lex_error(p, DIAG_SYNTAX_IMPORT, lex_offset(p, lo), lex_offset(p, hi > end ? end : hi), "%s", what);

	if (hint)
		diag_hint(p->diags, d, "%s", hint);
	lex_leave(p);
}

/* ---- paths ---- */

static const char *quoted_component(struct parser *p, const char *s)
{
	const char *start = s;

	while (*s != '"' && *s != '/') {
		if (byte_is(*s, BYTE_PLAIN))
			s++;
		else if ((unsigned char)*s >= 0x80)
			s += lex_wide(p, s);
		else
			break;
	}
	if (*s != '"')
		bad_import(p, start - 1, s, "the quoted part of the path does not end", "every part between slashes has its own quotes");
	if (s == start)
		bad_import(p, start - 1, s + 1, "a part of the path is empty", NULL);
	return s;
}

static bool starts_component(const char *s)
{
	return *s == '/' && (byte_is(s[1], BYTE_PATH) || s[1] == '"');
}

static const char *components(struct parser *p, struct import *i, const char *s)
{
	const char *start = p->text + p->tok.lo;

	if (!starts_component(s))
		bad_import(p, start, s + 1, "a path needs a name after the slash", "write './name'; unusual names stand in quotes: ./\"a b\"");
	while (starts_component(s)) {
		const char *from = ++s;

		if (*s == '"') {
			s = quoted_component(p, ++from);
			vec_push(&p->parts, str_of(from, (size_t)(s - from)));
			s++;
			continue;
		}
		while (byte_is(*s, BYTE_PATH))
			s++;
		vec_push(&p->parts, str_of(from, (size_t)(s - from)));
	}
	i->nparts = p->parts.n;
	i->parts = PARSE_TAKE(p, parts, 0, str);
	return s;
}

static const char *local(struct parser *p, struct import *i)
{
	const char *s = p->text + p->tok.lo;

	i->kind = IMPORT_LOCAL;
	i->base = s[0] == '/' ? BASE_ABSOLUTE : s[0] == '~' ? BASE_HOME : s[1] == '.' ? BASE_PARENT : BASE_HERE;
	return components(p, i, s + (i->base == BASE_ABSOLUTE ? 0 : i->base == BASE_PARENT ? 2 : 1));
}

/* ---- URLs ---- */

/* Behind all bytes of BYTE_URL, `more`, and %XX. */
static const char *url_bytes(const char *s, const char *more)
{
	for (;;) {
		if (byte_is(*s, BYTE_URL) || char_in(*s, more))
			s++;
		else if (*s == '%' && byte_is(s[1], BYTE_HEX) && byte_is(s[2], BYTE_HEX))
			s += 3;
		else
			return s;
	}
}

static const char *octet(const char *s)
{
	int n = 0;
	const char *start = s;

	while (byte_is(*s, BYTE_DIGIT) && s - start < 3)
		n = n * 10 + (*s++ - '0');
	return s == start || n > 255 || (s - start > 1 && *start == '0') ? NULL : s;
}

static const char *ipv4(const char *s)
{
	for (int i = 0; i < 4; i++) {
		if (i && *s++ != '.')
			return NULL;
		s = octet(s);
		if (!s)
			return NULL;
	}
	return s;
}

/* Up to eight groups of four digits, one "::" for missing ones, the last two perhaps an IPv4 address. */
static const char *ipv6(const char *s)
{
	int groups = 0;
	bool gap = false;

	if (s[0] == ':' && s[1] != ':')
		return NULL;
	for (;;) {
		const char *start = s, *v4;

		if (s[0] == ':' && s[1] == ':') {
			if (gap)
				return NULL;
			gap = true;
			s += 2;
			if (!byte_is(*s, BYTE_HEX))
				break;
			continue;
		}
		if (groups <= 6 && (v4 = ipv4(s)) != NULL && *v4 == ']') {
			groups += 2;
			s = v4;
			break;
		}
		while (byte_is(*s, BYTE_HEX) && s - start < 4)
			s++;
		if (s == start)
			return NULL;
		groups++;
		if (*s != ':')
			break;
		if (s[1] != ':')
			s++;
	}
	return (gap ? groups <= 7 : groups == 8) ? s : NULL;
}

static const char *ip_literal(const char *s)
{
	if (*s == 'v' || *s == 'V') {
		const char *version = ++s;

		while (byte_is(*s, BYTE_HEX))
			s++;
		if (s == version || *s != '.')
			return NULL;
		version = ++s;
		while (byte_is(*s, BYTE_URL))
			s++;
		return s == version ? NULL : s;
	}
	return ipv6(s);
}

static bool alphanumeric(char c)
{
	return byte_is(c, BYTE_LABEL) && c != '-' && c != '/' && c != '_';
}

/* Labels of letters and digits with '-' inside, and '.' between them and perhaps at the end. */
static const char *domain(const char *s)
{
	const char *end = NULL;

	while (alphanumeric(*s)) {
		const char *dash;

		while (alphanumeric(*s))
			s++;
		for (dash = s; *dash == '-';)
			dash++;
		if (dash != s && alphanumeric(*dash)) {
			s = dash;
			continue;
		}
		end = s;
		if (*s != '.')
			return s;
		end = ++s;
	}
	return end;
}

/* [user@]host[:port]; NULL when it is none. */
static const char *authority(const char *s)
{
	const char *at = url_bytes(s, "");

	if (*at == '@')
		s = at + 1;
	if (*s == '[') {
		s = ip_literal(s + 1);
		if (!s || *s++ != ']')
			return NULL;
	} else {
		s = domain(s);
		if (!s)
			return NULL;
	}
	if (*s == ':')
		for (s++; byte_is(*s, BYTE_DIGIT);)
			s++;
	return s;
}

static const char *remote(struct parser *p, struct import *i)
{
	const char *start = p->text + p->tok.lo, *s = p->at, *end;

	i->kind = IMPORT_REMOTE;
	i->https = start[4] == 's';
	end = authority(s);
	if (!end)
		bad_import(p, start, url_bytes(s, "@[]") + (*s == '\0'), "the URL names no host", "write 'https://host/path'");
	i->authority = str_of(s, (size_t)(end - s));
	for (s = end; *s == '/';) {
		const char *from = ++s;

		s = url_bytes(s, "@");
		vec_push(&p->parts, str_of(from, (size_t)(s - from)));
	}
	if (*s == '"')
		bad_import(p, start, s + 1, "a URL has no quoted parts", "write unusual characters as %20");
	if (p->parts.n == 0)
		vec_push(&p->parts, ((str){"", 0}));
	i->nparts = p->parts.n;
	i->parts = PARSE_TAKE(p, parts, 0, str);
	if (*s == '?') {
		end = url_bytes(++s, "@/?");
		i->query = str_of(s, (size_t)(end - s));
		s = end;
	}
	return s;
}

/* ---- environment variables ---- */

static const char *variable_escape(struct parser *p, const char *s)
{
	static const char from[] = "\"\\abfnrtv", to[] = "\"\\\a\b\f\n\r\t\v";
	const char *at = s[1] ? strchr(from, s[1]) : NULL;

	if (!at)
		bad_import(p, s, s + 2, "there is no such escape in the name of a variable", "the escapes are \\\" \\\\ \\a \\b \\f \\n \\r \\t \\v");
	buf_c(&p->bytes, to[at - from]);
	return s + 2;
}

static const char *environment(struct parser *p, struct import *i)
{
	const char *s = p->at, *start = s;

	i->kind = IMPORT_ENV;
	if (*s != '"') {
		while (byte_is(*s, BYTE_LABEL) && *s != '-' && *s != '/')
			s++;
		i->variable = str_of(start, (size_t)(s - start));
		return s;
	}
	for (s++; *s != '"';) {
		if (*s == '\\') {
			s = variable_escape(p, s);
			continue;
		}
		if (!byte_is(*s, BYTE_PLAIN) || *s == '=' || *s == 0x7f)
			bad_import(p, start, s + 1, "the name of the variable does not end, or holds what no name may hold", NULL);
		buf_c(&p->bytes, *s++);
	}
	if (p->bytes.n == 0)
		bad_import(p, start, s + 1, "the name of the variable is empty", NULL);
	i->variable = str_dup(p->mem, buf_view(&p->bytes));
	p->bytes.n = 0;
	return s + 1;
}

/* ---- hash and mode ---- */

static void hash(struct parser *p, struct import *i)
{
	const char *start = p->text + p->tok.lo, *digits = start + 7, *s = digits;

	while (byte_is(*s, BYTE_HEX))
		s++;
	if (s - digits != 64 || byte_is(*s, BYTE_LABEL)) {
		while (byte_is(*s, BYTE_LABEL))
			s++;
		bad_import(p, start, s, "a hash is 'sha256:' and 64 hexadecimal digits", "'straylight dhall freeze' writes it");
	}
	for (size_t n = 0; n < 32; n++)
		i->hash[n] = (unsigned char)(byte_hex(digits[2 * n]) << 4 | byte_hex(digits[2 * n + 1]));
	i->has_hash = true;
	p->at = s;
	p->tok.hi = lex_offset(p, s);
	lex_next(p);
}

static void mode(struct parser *p, struct import *i)
{
	parse_spaced(p, "as");
	if (p->tok.kind == TOKEN_BUILTIN && p->tok.sub == BUILTIN_TEXT)
		i->mode = IMPORT_TEXT;
	else if (p->tok.kind == TOKEN_BUILTIN && p->tok.sub == BUILTIN_BYTES)
		i->mode = IMPORT_BYTES;
	else if (p->tok.kind == TOKEN_LABEL && !p->tok.quoted && p->tok.name == intern(S("Location")))
		i->mode = IMPORT_LOCATION;
	else
		parse_unexpected(p, "'Text', 'Bytes' or 'Location'", NULL);
	lex_next(p);
}

static void headers(struct parser *p, struct import *i)
{
	parse_spaced(p, "using");
	if (p->tok.kind > TOKEN_LAST_OPERAND)
		parse_unexpected(p, "the headers of the request", "put what is not a plain operand in parentheses");
	parse_down(p);
	i->headers = parse_operand(p);
	parse_up(p);
}

struct term *parse_import(struct parser *p)
{
	struct term *t = parse_make(p, TERM_IMPORT, p->tok.lo, 0);
	struct import *i = arena_make(p->mem, struct import);
	const char *end = p->at;

	t->u.import = i;
	vec_push(&p->imports, i);
	switch ((enum token_kind)p->tok.kind) {
	case TOKEN_PATH: end = local(p, i); break;
	case TOKEN_HTTP: end = remote(p, i); break;
	case TOKEN_ENV: end = environment(p, i); break;
	default: i->kind = IMPORT_MISSING;
	}
	p->at = end;
	p->tok.hi = lex_offset(p, end);
	lex_next(p);
	if (i->kind == IMPORT_REMOTE && p->tok.kind == TOKEN_USING && p->tok.gap)
		headers(p, i);
	if (p->tok.kind == TOKEN_HASH && p->tok.gap)
		hash(p, i);
	if (p->tok.kind == TOKEN_AS && p->tok.gap)
		mode(p, i);
	t->hi = p->end;
	return t;
}
