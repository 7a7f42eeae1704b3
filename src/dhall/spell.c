#include "spell.h"
#include "lex.h"

#include <straylight/dhall.h>

#include <stdlib.h>

/* ---- names ---- */

static bool simple(str s)
{
	if (s.n == 0 || !byte_is(s.p[0], BYTE_LABEL_FIRST))
		return false;
	for (size_t i = 1; i < s.n; i++)
		if (!byte_is(s.p[i], BYTE_LABEL))
			return false;
	return true;
}

void spell_label(sym name, enum spell_label use, struct buf *out)
{
	str s = sym_str(name);
	uint8_t sub;
	enum token_kind kind = lex_word(s, &sub);
	bool reserved;

	switch (kind) {
	case TOKEN_LABEL: reserved = false; break;
	case TOKEN_BUILTIN:
	case TOKEN_CONST:
	case TOKEN_BOOL: reserved = use == SPELL_VARIABLE; break;
	case TOKEN_SOME: reserved = use != SPELL_FIELD; break;
	default: reserved = true;
	}
	reserved = reserved || !simple(s);
	if (reserved)
		buf_c(out, '`');
	buf_str(out, s);
	if (reserved)
		buf_c(out, '`');
}

/* ---- literals ---- */

static void escaped(char c, struct buf *out)
{
	static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
	const char *at = c ? strchr(from, c) : NULL;

	if (at)
		buf_fmt(out, "\\%c", to[at - from]);
	else
		buf_fmt(out, "\\u%04X", (unsigned char)c);
}

void spell_text(str s, struct buf *out)
{
	size_t from = 0;

	for (size_t i = 0; i < s.n; i++) {
		bool dollar = s.p[i] == '$' && i + 1 < s.n && s.p[i + 1] == '{';

		if (!dollar && (unsigned char)s.p[i] >= ' ' && s.p[i] != '"' && s.p[i] != '\\')
			continue;
		buf_add(out, s.p + from, i - from);
		if (dollar)
			buf_lit(out, "\\$");
		else
			escaped(s.p[i], out);
		from = i + 1;
	}
	buf_add(out, s.p ? s.p + from : NULL, s.n - from);
}

void dhall_spell_text(str s, struct buf *out)
{
	buf_c(out, '"');
	spell_text(s, out);
	buf_c(out, '"');
}

void dhall_spell_field(str s, struct buf *out)
{
	spell_label(intern(s), SPELL_FIELD, out);
}

/* Whether the text can stand between '' and '' as it is: its control characters are line feeds and tabs,
 * and no quote of its own runs into a delimiter. */
static bool plain_piece(str s, bool last)
{
	for (size_t i = 0; i < s.n; i++) {
		if ((unsigned char)s.p[i] < ' ' && s.p[i] != '\n' && s.p[i] != '\t')
			return false;
		if (s.p[i] == '\'' && i + 2 < s.n && s.p[i + 1] == '$' && s.p[i + 2] == '{')
			return false;
	}
	return !last || s.n == 0 || s.p[s.n - 1] != '\'';
}

/* Whether a line of the piece begins with something else than a space or tab: then no more than the
 * indentation is taken away when it is read.  `open`: a line begins with the piece. */
static bool anchors(str s, bool open)
{
	for (size_t i = 0; i < s.n; i++) {
		if (open && s.p[i] != ' ' && s.p[i] != '\t' && s.p[i] != '\n')
			return true;
		open = s.p[i] == '\n';
	}
	return open; /* what follows the piece: an interpolation or the closing quotes */
}

static bool only_feeds(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != '\n')
			return false;
	return true;
}

bool spell_multiline(const struct term *t)
{
	bool feeds = false, more = t->n > 0;

	for (uint32_t i = 0; i <= t->n; i++) {
		str s = i < t->n ? t->u.text.chunks[i].before : t->u.text.tail;

		feeds = feeds || str_find(s, '\n') < s.n;
		more = more || !only_feeds(s);
	}
	return feeds && more;
}

bool spell_plain_lines(const struct term *t)
{
	bool anchored = false;

	for (uint32_t i = 0; i <= t->n; i++) {
		str s = i < t->n ? t->u.text.chunks[i].before : t->u.text.tail;

		if (!plain_piece(s, i == t->n))
			return false;
		anchored = anchored || anchors(s, i == 0);
	}
	return anchored;
}

static void spell_bytes(str s, struct buf *out)
{
	buf_lit(out, "0x\"");
	for (size_t i = 0; i < s.n; i++)
		buf_fmt(out, "%02x", (unsigned char)s.p[i]);
	buf_c(out, '"');
}

static void spell_time(const struct term *t, struct buf *out)
{
	buf_fmt(out, "%02u:%02u:%02u", t->u.time.hour, t->u.time.minute, t->u.time.second);
	if (t->u.time.precision)
		buf_fmt(out, ".%0*llu", t->u.time.precision, (unsigned long long)t->u.time.fraction);
}

bool spell_leaf(const struct term *t, struct buf *out)
{
	static const char *const builtins[] = {
#define B(id, name, type) name,
#include "builtin.def"
#undef B
	};
	static const char *const consts[] = {"Type", "Kind", "Sort"};
	int32_t minutes;

	switch ((enum term_kind)t->kind) {
	case TERM_CONST: buf_str(out, str_c(consts[t->sub])); return true;
	case TERM_BUILTIN: buf_str(out, str_c(builtins[t->sub])); return true;
	case TERM_BOOL: buf_str(out, t->sub ? S("True") : S("False")); return true;
	case TERM_INTEGER:
		if (num_sign(t->u.num) >= 0)
			buf_c(out, '+');
		num_print(t->u.num, out);
		return true;
	case TERM_NATURAL: num_print(t->u.num, out); return true;
	case TERM_DOUBLE: num_print_double(t->u.dbl, out); return true;
	case TERM_BYTES: spell_bytes(t->u.bytes, out); return true;
	case TERM_DATE:
		buf_fmt(out, "%04d-%02u-%02u", t->u.date.year, t->u.date.month, t->u.date.day);
		return true;
	case TERM_TIME: spell_time(t, out); return true;
	case TERM_TIMEZONE:
		minutes = t->u.zone.minutes;
		buf_fmt(out, "%c%02d:%02d", minutes < 0 ? '-' : '+', abs(minutes) / 60, abs(minutes) % 60);
		return true;
	default: return false;
	}
}

/* ---- imports ---- */

static void spell_component(str s, struct buf *out)
{
	bool plain = s.n > 0;

	for (size_t i = 0; i < s.n && plain; i++)
		plain = byte_is(s.p[i], BYTE_PATH);
	buf_str(out, plain ? S("/") : S("/\""));
	buf_str(out, s);
	if (!plain)
		buf_c(out, '"');
}

static void spell_url(const struct import *i, struct buf *out)
{
	buf_str(out, i->https ? S("https://") : S("http://"));
	buf_str(out, i->authority);
	for (size_t n = 0; n < i->nparts; n++) {
		buf_c(out, '/');
		buf_str(out, i->parts[n]);
	}
	if (i->query.p) {
		buf_c(out, '?');
		buf_str(out, i->query);
	}
}

static void spell_variable(str s, struct buf *out)
{
	static const char from[] = "\"\\\a\b\f\n\r\t\v", to[] = "\"\\abfnrtv";
	bool plain = s.n && byte_is(s.p[0], BYTE_LABEL_FIRST);

	for (size_t i = 0; i < s.n && plain; i++)
		plain = byte_is(s.p[i], BYTE_LABEL) && s.p[i] != '-' && s.p[i] != '/';
	buf_lit(out, "env:");
	if (plain) {
		buf_str(out, s);
		return;
	}
	buf_c(out, '"');
	for (size_t i = 0; i < s.n; i++) {
		const char *at = s.p[i] ? strchr(from, s.p[i]) : NULL;

		if (at)
			buf_fmt(out, "\\%c", to[at - from]);
		else
			buf_c(out, s.p[i]);
	}
	buf_c(out, '"');
}

void spell_place(const struct import *i, struct buf *out)
{
	static const char *const bases[] = {[BASE_ABSOLUTE] = "", [BASE_HERE] = ".", [BASE_PARENT] = "..", [BASE_HOME] = "~"};

	switch (i->kind) {
	case IMPORT_LOCAL:
		buf_str(out, str_c(bases[i->base]));
		for (size_t n = 0; n < i->nparts; n++)
			spell_component(i->parts[n], out);
		break;
	case IMPORT_REMOTE: spell_url(i, out); break;
	case IMPORT_ENV: spell_variable(i->variable, out); break;
	case IMPORT_MISSING: buf_lit(out, "missing"); break;
	}
}

void spell_hash(const struct import *i, struct buf *out)
{
	buf_lit(out, "sha256:");
	for (size_t n = 0; n < 32; n++)
		buf_fmt(out, "%02x", i->hash[n]);
}

const char *spell_mode(const struct import *i)
{
	static const char *const modes[] = {[IMPORT_CODE] = "", [IMPORT_TEXT] = "as Text",
		[IMPORT_LOCATION] = "as Location", [IMPORT_BYTES] = "as Bytes"};

	return modes[i->mode];
}
