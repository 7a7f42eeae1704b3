/* Targets in the place of what a subject is written as, laid out as they stand there. */
#include "migrate_int.h"

/* ---- the text around ---- */

/* The byte before, but for blanks; *at is where they begin. */
static char before(str text, uint32_t *at)
{
	while (*at > 0 && char_in(text.p[*at - 1], " \t\r\n"))
		--*at;
	return *at > 0 ? text.p[*at - 1] : '\0';
}

/* The sign before the field that the site is the value of, a brace or a comma; false: it is not written as one. */
static bool sign_before(const struct fixing *f, const struct subject *s, uint32_t *at)
{
	*at = s->site.at.lo;
	if (s->npath != 1 || !s->path[0].name || before(f->text, at) != '=')
		return false;
	--*at;
	(void)before(f->text, at);
	while (*at > 0 && !char_in(f->text.p[*at - 1], " \t\r\n{,"))
		--*at;
	return strchr("{,", before(f->text, at)) && *at > 0;
}

bool place_has_room(const struct fixing *f, const struct subject *s)
{
	uint32_t at;

	return sign_before(f, s, &at);
}

/* Behind the equals sign, when the value begins in its line. */
static bool is_behind_sign(const struct fixing *f, uint32_t lo, uint32_t *sign)
{
	while (lo > 0 && f->text.p[lo - 1] == ' ')
		lo--;
	*sign = lo;
	return lo > 0 && f->text.p[lo - 1] == '=';
}

/* Where a value below its name begins. */
static uint32_t value_column(const struct fixing *f, uint32_t at)
{
	uint32_t lo = at, column = 0;

	while (lo > 0 && f->text.p[lo - 1] != '\n')
		lo--;
	while (f->text.p[lo + column] == ' ')
		column++;
	if (str_starts(str_from(f->text, lo + column), S("in  ")))
		column += 4;
	return column + (str_starts(str_from(f->text, lo + column), S("let ")) ? 6 : 4);
}

/* ---- layout ---- */

/* Names of the prelude where no literal is: S is what the file calls it. */
static void with_prelude(struct fixing *f, str call, struct buf *out)
{
	str prelude = fixing_prelude(f);
	bool text = false;

	for (size_t i = 0; i < call.n; i++) {
		char c = call.p[i], next = i + 1 < call.n ? call.p[i + 1] : '\0';
		bool first = i == 0 || char_in(call.p[i - 1], " [({,");

		if (text && c == '\\' && next) {
			buf_add(out, call.p + i++, 2);
			continue;
		}
		text ^= c == '"';
		if (!text && first && c == 'S' && next == '.')
			buf_str(out, prelude);
		else if (!text && first && c == 'C' && (next == '.' || next == ')'))
			buf_fmt(out, "%.*s.Builder.Command", STR_ARG(prelude));
		else
			buf_c(out, c);
	}
}

/* As the formatter has it: lines after the first one from that column on.  *lead: blanks before the first line there. */
static str laid_out(struct fixing *f, str call, struct buf *laid, uint32_t *lead)
{
	struct buf spelled = {0};
	struct diags unheard = {0};

	with_prelude(f, call, &spelled);
	if (!dhall_format(buf_view(&spelled), S("(target)"), laid, &unheard)) {
		laid->n = 0;
		buf_str(laid, buf_view(&spelled));
	}
	*lead = 0;
	while (*lead < laid->n && laid->p[*lead] == ' ')
		++*lead;
	buf_free(&spelled);
	diags_free(&unheard);
	return str_trim(buf_view(laid));
}

static void indented(str text, uint32_t column, struct buf *out)
{
	str line;

	for (bool more = true, start = true; more; start = false) {
		more = str_cut(text, '\n', &line, &text);
		buf_fmt(out, "%s%*s%.*s", start ? "" : "\n", start || !line.n ? 0 : (int)column, "", STR_ARG(line));
	}
}

/* ---- lists ---- */

static bool list_site(struct fixing *f, struct dh_range *out)
{
	struct dh_site site;

	if (!dhall_site(f->typed, NULL, 0, f->a, &site))
		return false;
	*out = site.bare;
	return out->lo + 1 < out->hi && f->text.p[out->lo] == '[' && f->text.p[out->hi - 1] == ']';
}

bool place_is_list(struct fixing *f)
{
	struct dh_range at;
	size_t n = 0;

	if (!dh_list(f->s->dhall, dhall_eval(f->s->dhall, f->typed), &n) || n != f->subjects.n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!f->subjects.p[i].written || f->subjects.p[i].npath != 1)
			return false;
	return list_site(f, &at);
}

void place_record(struct fixing *f)
{
	struct dh_range at;

	if (!list_site(f, &at))
		return;
	reshape_put(&f->edits, at.lo, at.lo + 1, S("{"));
	reshape_put(&f->edits, at.hi - 1, at.hi, S("}"));
	for (size_t i = 0; i < f->subjects.n; i++)
		change(f, &f->subjects.p[i], "what was an item of a list is the field '%.*s' of a record", STR_ARG(f->subjects.p[i].what));
}

static void place_field(struct fixing *f, const struct subject *s, str text, uint32_t lead)
{
	uint32_t column = reshape_column(f->text, s->site.at.lo) + 2;
	struct buf b = {0};

	dhall_spell_field(s->what, &b);
	buf_fmt(&b, " =\n%*s", (int)(column + lead), "");
	indented(text, column, &b);
	reshape_put(&f->edits, s->site.at.lo, s->site.at.hi, buf_take(&b, f->a));
}

/* ---- targets ---- */

void place_target(struct fixing *f, const struct subject *s, str call)
{
	uint32_t lo = s->site.at.lo, column = reshape_column(f->text, lo), lead, sign;
	struct buf laid = {0}, b = {0};
	str text = laid_out(f, call, &laid, &lead);

	if (f->mode == FIX_RECORD && f->listed) {
		place_field(f, s, text, lead);
		buf_free(&laid);
		return;
	}
	if (is_behind_sign(f, lo, &sign) && str_find(text, '\n') < text.n) {
		lo = sign;
		column = value_column(f, lo);
		buf_fmt(&b, "\n%*s", (int)(column + lead), "");
		indented(text, column, &b);
	} else {
		indented(text, column > lead ? column - lead : 0, &b);
	}
	reshape_put(&f->edits, lo, s->site.at.hi, buf_take(&b, f->a));
	buf_free(&laid);
}

void place_another(struct fixing *f, const struct subject *s, str name, str call)
{
	uint32_t sign, column, lead;
	struct buf laid = {0}, b = {0};
	str text = laid_out(f, call, &laid, &lead);

	if (sign_before(f, s, &sign)) {
		column = reshape_column(f->text, sign - 1);
		buf_fmt(&b, "\n%*s, ", (int)column, "");
		dhall_spell_field(name, &b);
		buf_fmt(&b, " =\n%*s", (int)(column + 4 + lead), "");
		indented(text, column + 4, &b);
		reshape_put(&f->edits, s->site.at.hi, s->site.at.hi, buf_take(&b, f->a));
	}
	buf_free(&laid);
	buf_free(&b);
}
