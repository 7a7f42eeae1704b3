#include "parse.h"

#include <math.h>
#include <stdlib.h>

/* Numbers, dates, times, time zones and bytes: everything that begins with a digit or a sign.
 *
 * The alternatives of the grammar share beginnings, but a few bytes tell them apart:
 * dddd-dd-dd is a date, dd:dd:dd a time, ±dd:dd a zone, 0x" bytes. */

static SL_NORETURN void bad_literal(struct parser *p, const char *lo, const char *hi, const char *what, const char *hint)
{
	struct diag *d = lex_error(p, DIAG_SYNTAX_NUMBER, lex_offset(p, lo), lex_offset(p, hi), "%s", what);

	if (hint)
		diag_hint(p->diags, d, "%s", hint);
	lex_leave(p);
}

static const char *digits_end(const char *s)
{
	while (byte_is(*s, BYTE_DIGIT))
		s++;
	return s;
}

static struct term *finish(struct parser *p, struct term *t, const char *end)
{
	p->at = end;
	p->tok.hi = t->hi = lex_offset(p, end);
	lex_next(p);
	return t;
}

/* ---- dates and times ---- */

static bool two_digits(const char *s)
{
	return byte_is(s[0], BYTE_DIGIT) && byte_is(s[1], BYTE_DIGIT);
}

static int two(const char *s)
{
	return (s[0] - '0') * 10 + (s[1] - '0');
}

static bool looks_like_date(const char *s)
{
	return two_digits(s) && two_digits(s + 2) && s[4] == '-' && two_digits(s + 5) && s[7] == '-'
		&& two_digits(s + 8);
}

static bool looks_like_time(const char *s)
{
	return two_digits(s) && s[2] == ':' && two_digits(s + 3) && s[5] == ':' && two_digits(s + 6);
}

static bool looks_like_zone(const char *s)
{
	return (*s == '+' || *s == '-') && two_digits(s + 1) && s[3] == ':' && two_digits(s + 4);
}

static int days_of(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return month == 2 && leap ? 29 : days[month - 1];
}

static struct term *date(struct parser *p, const char *s, const char **end)
{
	struct term *t = parse_make(p, TERM_DATE, lex_offset(p, s), lex_offset(p, s + 10));
	int year = two(s) * 100 + two(s + 2), month = two(s + 5), day = two(s + 8);

	if (month < 1 || month > 12)
		bad_literal(p, s + 5, s + 7, "there is no such month", "a date is YYYY-MM-DD");
	if (day < 1 || day > days_of(year, month))
		bad_literal(p, s + 8, s + 10, "the month has no such day", "a date is YYYY-MM-DD");
	if (byte_is(s[10], BYTE_DIGIT))
		bad_literal(p, s, s + 11, "a day has two digits", "a date is YYYY-MM-DD");
	t->u.date.year = year;
	t->u.date.month = (uint8_t)month;
	t->u.date.day = (uint8_t)day;
	*end = s + 10;
	return t;
}

/* Of a fraction, as many digits are kept as fit together with the seconds into 63 bits; the standard
 * asks for nine. */
#define FRACTION_DIGITS 17

static struct term *time_of_day(struct parser *p, const char *s, const char **end)
{
	struct term *t = parse_make(p, TERM_TIME, lex_offset(p, s), 0);

	if (two(s) > 23)
		bad_literal(p, s, s + 2, "there is no such hour", "hours go from 00 to 23");
	if (two(s + 3) > 59)
		bad_literal(p, s + 3, s + 5, "there is no such minute", "minutes go from 00 to 59");
	if (two(s + 6) > 59)
		bad_literal(p, s + 6, s + 8, "there is no such second", "seconds go from 00 to 59: Dhall has no leap seconds");
	t->u.time.hour = (uint8_t)two(s);
	t->u.time.minute = (uint8_t)two(s + 3);
	t->u.time.second = (uint8_t)two(s + 6);
	s += 8;
	if (s[0] == '.' && byte_is(s[1], BYTE_DIGIT)) {
		for (s++; byte_is(*s, BYTE_DIGIT); s++) {
			if (t->u.time.precision == FRACTION_DIGITS)
				continue;
			t->u.time.fraction = t->u.time.fraction * 10 + (uint64_t)(*s - '0');
			t->u.time.precision++;
		}
	}
	t->hi = lex_offset(p, s);
	*end = s;
	return t;
}

static struct term *zone(struct parser *p, const char *s, const char **end)
{
	struct term *t = parse_make(p, TERM_TIMEZONE, lex_offset(p, s), lex_offset(p, s + 1));
	int minutes;

	*end = s + 1;
	if (*s == 'Z' || *s == 'z')
		return t;
	if (two(s + 1) > 23)
		bad_literal(p, s + 1, s + 3, "there is no such hour", "an offset goes from -23:59 to +23:59");
	if (two(s + 4) > 59)
		bad_literal(p, s + 4, s + 6, "there is no such minute", "minutes go from 00 to 59");
	minutes = two(s + 1) * 60 + two(s + 4);
	t->u.zone.minutes = *s == '-' ? -minutes : minutes;
	t->hi = lex_offset(p, s + 6);
	*end = s + 6;
	return t;
}

/* { date, time, timeZone }, without those that are NULL; a single one is itself. */
static struct term *moment(struct parser *p, struct term *d, struct term *t, struct term *z)
{
	const struct term *parts[] = {d, t, z};
	static const char *const names[] = {"date", "time", "timeZone"};
	struct term_field *fields;
	struct term *r;
	uint32_t n = 0;

	if (!d && !z)
		return t;
	if (!t)
		return d;
	fields = arena_raw(p->mem, 3 * sizeof *fields, _Alignof(struct term_field));
	for (size_t i = 0; i < 3; i++)
		if (parts[i])
			fields[n++] = (struct term_field){.name = intern_c(names[i]), .value = parts[i]};
	r = parse_make(p, TERM_RECORD, p->tok.lo, 0);
	r->n = n;
	r->u.fields.fields = fields;
	return r;
}

static struct term *temporal(struct parser *p, const char *s)
{
	struct term *d = NULL, *t = NULL, *z = NULL;
	const char *end = s;

	if (looks_like_date(s)) {
		d = date(p, s, &end);
		if ((*end == 'T' || *end == 't') && looks_like_time(end + 1))
			t = time_of_day(p, end + 1, &end);
	} else {
		t = time_of_day(p, s, &end);
	}
	if (t && (*end == 'Z' || *end == 'z' || looks_like_zone(end)))
		z = zone(p, end, &end);
	return finish(p, moment(p, d, t, z), end);
}

/* ---- bytes ---- */

static struct term *bytes(struct parser *p, const char *s) /* behind 0x" */
{
	struct term *t = parse_make(p, TERM_BYTES, p->tok.lo, 0);
	const char *end = s;
	char *out;
	size_t n;

	while (byte_is(*end, BYTE_HEX))
		end++;
	if (*end != '"')
		bad_literal(p, end, end + (end != p->text + p->n), "a bytes literal holds only hexadecimal digits", NULL);
	if ((end - s) % 2)
		bad_literal(p, s, end, "the number of digits of a bytes literal must be even", "every byte has two digits");
	n = (size_t)(end - s) / 2;
	out = arena_raw(p->mem, n, 1);
	for (size_t i = 0; i < n; i++)
		out[i] = (char)(byte_hex(s[2 * i]) << 4 | byte_hex(s[2 * i + 1]));
	t->u.bytes = str_of(out, n);
	return finish(p, t, end + 1);
}

/* ---- numbers ---- */

static struct term *double_literal(struct parser *p, const char *s, const char *end)
{
	struct term *t = parse_make(p, TERM_DOUBLE, p->tok.lo, 0);

	t->u.dbl = strtod(s, NULL); /* stops at the same byte: both know the same digits */
	if (isinf(t->u.dbl))
		bad_literal(p, s, end, "the number is too large for a Double", "the largest Double is about 1.8e308");
	return finish(p, t, end);
}

/* The end of a double's exponent at s; s when there is none. */
static const char *exponent_end(const char *s)
{
	const char *digits = s + 1;

	if (*s != 'e' && *s != 'E')
		return s;
	if (*digits == '+' || *digits == '-')
		digits++;
	return byte_is(*digits, BYTE_DIGIT) ? digits_end(digits) : s;
}

static struct term *whole_number(struct parser *p, str digits, unsigned base, const char *end)
{
	char sign = p->text[p->tok.lo];
	bool is_signed = sign == '+' || sign == '-';
	struct term *t = parse_make(p, is_signed ? TERM_INTEGER : TERM_NATURAL, p->tok.lo, 0);

	t->u.num = num_parse(p->mem, digits, base);
	if (sign == '-')
		t->u.num = num_neg(p->mem, t->u.num);
	return finish(p, t, end);
}

static bool is_bit(char c)
{
	return c == '0' || c == '1';
}

static struct term *number(struct parser *p, const char *start, const char *s)
{
	const char *end = digits_end(s), *point = end;

	if (s[0] == '0' && s[1] == 'x' && byte_is(s[2], BYTE_HEX)) {
		for (end = s + 2; byte_is(*end, BYTE_HEX);)
			end++;
		return whole_number(p, str_of(s + 2, (size_t)(end - s) - 2), 16, end);
	}
	if (s[0] == '0' && s[1] == 'b' && is_bit(s[2])) {
		for (end = s + 2; is_bit(*end);)
			end++;
		return whole_number(p, str_of(s + 2, (size_t)(end - s) - 2), 2, end);
	}
	if (end[0] == '.' && byte_is(end[1], BYTE_DIGIT))
		point = digits_end(end + 1);
	if (point != end || exponent_end(end) != end)
		return double_literal(p, start, exponent_end(point));
	if (s[0] == '0' && end - s > 1)
		bad_literal(p, s, end, "a number must not begin with 0",
				"leave the zeros out; there are no octal numbers, hexadecimal ones are written 0x1F");
	return whole_number(p, str_of(s, (size_t)(end - s)), 10, end);
}

struct term *parse_literal(struct parser *p)
{
	const char *start = p->text + p->tok.lo, *s = start;
	const char *end;

	if (*s == '+' || *s == '-') {
		s++;
		if (*s == 'I') {
			struct term *t = parse_make(p, TERM_DOUBLE, p->tok.lo, 0);

			t->u.dbl = -__builtin_inf();
			return finish(p, t, s + 8);
		}
		if (digits_end(s) - s == 2 && looks_like_zone(start)) {
			struct term *t = zone(p, start, &end);

			return finish(p, t, end);
		}
		return number(p, start, s);
	}
	if (s[0] == '0' && s[1] == 'x' && s[2] == '"')
		return bytes(p, s + 3);
	if (looks_like_date(s) || looks_like_time(s))
		return temporal(p, s);
	return number(p, start, s);
}
