#include <straylight/base/diag.h>
#include <straylight/base/json.h>
#include <straylight/base/map.h>

#include <pthread.h>
#include <stdio.h>

static const struct {
	const char *name, *number;
	enum diag_blame blame;
	const char *summary;
} rows[] = {
	[DIAG_NONE] = {"NONE", "E0000", BLAME_INFRA, "no error"},
#define D(name, number, blame, summary) [DIAG_##name] = {#name, number, blame, summary},
#include <straylight/base/diag.def>
#undef D
};

void diags_free(struct diags *ds)
{
	arena_clear(&ds->arena);
	*ds = (struct diags){0};
}

static void append(struct diags *ds, struct diag *d)
{
	if (ds->last)
		ds->last->next = d;
	else
		ds->first = d;
	ds->last = d;
	if (d->severity == DIAG_ERROR)
		ds->errors++;
	else if (d->severity == DIAG_WARNING)
		ds->warnings++;
}

static struct diag *add(struct diags *ds, enum diag_severity severity, enum diag_code code, struct span at,
		const char *fmt, va_list args)
{
	struct diag *d = arena_make(&ds->arena, struct diag);

	d->code = code;
	d->severity = severity;
	d->at = at;
	d->text = str_vfmt(&ds->arena, fmt, args);
	append(ds, d);
	return d;
}

struct diag *diag_verror(struct diags *ds, enum diag_code code, struct span at, const char *fmt, va_list args)
{
	return add(ds, DIAG_ERROR, code, at, fmt, args);
}

struct diag *diag_error(struct diags *ds, enum diag_code code, struct span at, const char *fmt, ...)
{
	va_list args;
	struct diag *d;

	va_start(args, fmt);
	d = add(ds, DIAG_ERROR, code, at, fmt, args);
	va_end(args);
	return d;
}

struct diag *diag_warning(struct diags *ds, enum diag_code code, struct span at, const char *fmt, ...)
{
	va_list args;
	struct diag *d;

	va_start(args, fmt);
	d = add(ds, DIAG_WARNING, code, at, fmt, args);
	va_end(args);
	return d;
}

static void append_note(struct diag *d, struct diag_note *n)
{
	if (d->last_note)
		d->last_note->next = n;
	else
		d->notes = n;
	d->last_note = n;
}

struct diag *diag_note(struct diags *ds, struct diag *d, struct span at, const char *fmt, ...)
{
	struct diag_note *n = arena_make(&ds->arena, struct diag_note);
	va_list args;

	n->at = at;
	va_start(args, fmt);
	n->text = str_vfmt(&ds->arena, fmt, args);
	va_end(args);
	append_note(d, n);
	return d;
}

struct diag *diag_hint(struct diags *ds, struct diag *d, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	d->hint = str_vfmt(&ds->arena, fmt, args);
	va_end(args);
	return d;
}

struct diag *diag_subject(struct diags *ds, struct diag *d, str subject)
{
	d->subject = str_dup(&ds->arena, subject);
	return d;
}

struct diag *diag_detail(struct diags *ds, struct diag *d, str detail)
{
	d->detail = str_dup(&ds->arena, detail);
	return d;
}

void diags_move(struct diags *to, struct diags *from)
{
	for (const struct diag *d = from->first; d; d = d->next) {
		struct diag *copy = arena_make(&to->arena, struct diag);

		*copy = *d;
		copy->next = NULL;
		copy->notes = copy->last_note = NULL;
		copy->text = str_dup(&to->arena, d->text);
		copy->hint = str_dup(&to->arena, d->hint);
		copy->subject = str_dup(&to->arena, d->subject);
		copy->detail = str_dup(&to->arena, d->detail);
		for (const struct diag_note *n = d->notes; n; n = n->next) {
			struct diag_note *note = arena_make(&to->arena, struct diag_note);

			note->at = n->at;
			note->text = str_dup(&to->arena, n->text);
			append_note(copy, note);
		}
		append(to, copy);
	}
	diags_free(from);
}

void diags_soften(struct diags *to, struct diags *from)
{
	for (struct diag *d = from->first; d; d = d->next)
		if (d->severity == DIAG_ERROR)
			d->severity = DIAG_WARNING;
	diags_move(to, from);
}

int diags_exit(const struct diags *ds)
{
	int worst = 0;

	for (const struct diag *d = ds->first; d; d = d->next)
		if (d->severity == DIAG_ERROR && (int)rows[d->code].blame > worst)
			worst = (int)rows[d->code].blame;
	return worst;
}

const char *diag_number(enum diag_code code)
{
	return rows[code].number;
}

const char *diag_name(enum diag_code code)
{
	return rows[code].name;
}

const char *diag_summary(enum diag_code code)
{
	return rows[code].summary;
}

enum diag_blame diag_blame(enum diag_code code)
{
	return rows[code].blame;
}

enum diag_code diag_find(str number)
{
	for (size_t i = 1; i < SL_COUNT(rows); i++)
		if (str_eq(number, str_c(rows[i].number)))
			return (enum diag_code)i;
	return DIAG_NONE;
}

/* ---- rendering ---- */

static const char *severity_name(enum diag_severity s)
{
	return s == DIAG_ERROR ? "error" : s == DIAG_WARNING ? "warning" : "note";
}

static const char *severity_color(enum diag_severity s)
{
	return s == DIAG_ERROR ? "\033[1;31m" : s == DIAG_WARNING ? "\033[1;33m" : "\033[1;36m";
}

#define BOLD "\033[1m"
#define RESET "\033[0m"
#define SHOWN_MAX 160 /* longer source lines are cut */

static bool continues(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* The part of a long line that is shown: around byte `from`, whole code points. */
static size_t window(str *line, size_t from)
{
	size_t cut = from > SHOWN_MAX / 2 ? from - SHOWN_MAX / 2 : 0;

	if (line->n <= SHOWN_MAX)
		return 0;
	for (int i = 0; i < 3 && cut < from && continues(line->p[cut]); i++)
		cut++;
	*line = str_from(*line, cut);
	if (line->n > SHOWN_MAX) {
		line->n = SHOWN_MAX;
		for (int i = 0; i < 3 && continues(line->p[line->n]); i++)
			line->n--;
	}
	return cut;
}

/* Tabs count one column, and no source can send the terminal a command. */
static char shown(char c)
{
	return (char)((unsigned char)c < 0x20 || c == 0x7f ? ' ' : c);
}

/* The source line and carets under the span's part in it:
 *	   12 | let x = 1 + "a"
 *	      |             ^^^  */
static void show_source(struct span at, bool color, struct buf *out)
{
	struct place p = source_place(at.file, at.lo);
	str line = p.line_text;
	size_t from = at.lo - p.line_lo, to = at.hi > at.lo ? at.hi - p.line_lo : from + 1, cut;

	if (from > line.n)
		from = line.n;
	cut = window(&line, from);
	from -= cut;
	to = to - cut < line.n ? to - cut : line.n;
	if (to <= from)
		to = from + 1;
	buf_fmt(out, "%6u | ", p.line);
	for (size_t i = 0; i < line.n; i++)
		buf_c(out, shown(line.p[i]));
	buf_fmt(out, "\n       | %s", color ? "\033[1;32m" : "");
	for (size_t i = 0; i < to; i++)
		if (i >= line.n || !continues(line.p[i]))
			buf_c(out, i < from ? ' ' : '^');
	buf_fmt(out, "%s\n", color ? RESET : "");
}

static void show_place(struct span at, struct buf *out)
{
	struct place p = source_place(at.file, at.lo);
	str name = source_name(at.file);

	buf_fmt(out, "%.*s:%u:%u", STR_ARG(name), p.line, p.column);
}

static void show_indented(str text, struct buf *out)
{
	while (text.n) {
		str line;

		str_cut(text, '\n', &line, &text);
		buf_fmt(out, "    %.*s\n", STR_ARG(line));
	}
}

static void render_text(const struct diag *d, bool color, struct buf *out)
{
	buf_fmt(out, "%s%s[%s]%s: ", color ? severity_color(d->severity) : "", severity_name(d->severity),
			rows[d->code].number, color ? RESET : "");
	if (d->subject.n)
		buf_fmt(out, "%.*s: ", STR_ARG(d->subject));
	buf_fmt(out, "%s%.*s%s\n", color ? BOLD : "", STR_ARG(d->text), color ? RESET : "");
	if (d->at.file) {
		buf_lit(out, "  --> ");
		show_place(d->at, out);
		buf_c(out, '\n');
		show_source(d->at, color, out);
	}
	show_indented(d->detail, out);
	for (const struct diag_note *n = d->notes; n; n = n->next) {
		buf_fmt(out, "  note: %.*s\n", STR_ARG(n->text));
		if (n->at.file) {
			buf_lit(out, "  --> ");
			show_place(n->at, out);
			buf_c(out, '\n');
			show_source(n->at, color, out);
		}
	}
	if (d->hint.n)
		buf_fmt(out, "  hint: %.*s\n", STR_ARG(d->hint));
}

static void render_gcc(const struct diag *d, struct buf *out)
{
	if (d->at.file)
		show_place(d->at, out);
	else
		buf_str(out, d->subject.n ? d->subject : S("straylight"));
	buf_fmt(out, ": %s: %.*s [%s]\n", severity_name(d->severity), STR_ARG(d->text), rows[d->code].number);
	for (const struct diag_note *n = d->notes; n; n = n->next) {
		if (!n->at.file)
			continue;
		show_place(n->at, out);
		buf_fmt(out, ": note: %.*s\n", STR_ARG(n->text));
	}
}

static void json_span(struct json *j, struct span at)
{
	struct place lo = source_place(at.file, at.lo), hi = source_place(at.file, at.hi);

	json_member_str(j, "file", source_name(at.file));
	json_member_int(j, "line", lo.line);
	json_member_int(j, "column", lo.column);
	json_member_int(j, "end_line", hi.line);
	json_member_int(j, "end_column", hi.column);
}

static void json_some(struct json *j, const char *key, str value)
{
	if (!value.n)
		return;
	json_member_str(j, key, value);
}

static void render_json(const struct diag *d, struct buf *out)
{
	struct json j = json_to(out);

	json_object(&j);
	json_key(&j, "code");
	json_c(&j, rows[d->code].number);
	json_key(&j, "name");
	json_c(&j, rows[d->code].name);
	json_key(&j, "severity");
	json_c(&j, severity_name(d->severity));
	json_member_str(&j, "message", d->text);
	if (d->at.file)
		json_span(&j, d->at);
	json_some(&j, "subject", d->subject);
	json_some(&j, "detail", d->detail);
	json_some(&j, "hint", d->hint);
	if (d->notes) {
		json_key(&j, "notes");
		json_array(&j);
		for (const struct diag_note *n = d->notes; n; n = n->next) {
			json_object(&j);
			json_member_str(&j, "message", n->text);
			if (n->at.file)
				json_span(&j, n->at);
			json_end(&j, '}');
		}
		json_end(&j, ']');
	}
	json_end(&j, '}');
	buf_c(out, '\n');
}

/* ---- what must not be shown ---- */

static struct {
	pthread_mutex_t lock;
	struct arena texts;
	struct map all;
} secrets = {.lock = PTHREAD_MUTEX_INITIALIZER};

void diag_hide(str secret)
{
	if (secret.n < 8)
		return;
	pthread_mutex_lock(&secrets.lock);
	if (!map_has(&secrets.all, secret))
		map_put(&secrets.all, str_dup(&secrets.texts, secret), &secrets);
	pthread_mutex_unlock(&secrets.lock);
}

static void hide_one(struct buf *b, size_t from, str secret)
{
	char *old = str_zdup(str_from(buf_view(b), from));
	str rest = str_of(old, b->n - from);

	b->n = from;
	for (;;) {
		size_t at = str_find_str(rest, secret);

		buf_str(b, str_upto(rest, at));
		if (at == rest.n)
			break;
		buf_lit(b, "\xe2\x80\xa6");
		rest = str_from(rest, at + secret.n);
	}
	mem_free(old);
}

static void hide(struct buf *b, size_t from)
{
	pthread_mutex_lock(&secrets.lock);
	for (size_t i = 0; i < secrets.all.n; i++)
		if (str_find_str(str_from(buf_view(b), from), secrets.all.entries[i].key) < b->n - from)
			hide_one(b, from, secrets.all.entries[i].key);
	pthread_mutex_unlock(&secrets.lock);
}

void diag_render(const struct diag *d, enum diag_style style, bool color, struct buf *out)
{
	size_t from = out->n;

	switch (style) {
	case DIAG_TEXT: render_text(d, color, out); break;
	case DIAG_GCC: render_gcc(d, out); break;
	case DIAG_JSON: render_json(d, out); break;
	}
	hide(out, from);
}

void diags_render(const struct diags *ds, enum diag_style style, bool color, struct buf *out)
{
	for (const struct diag *d = ds->first; d; d = d->next)
		diag_render(d, style, color, out);
}
