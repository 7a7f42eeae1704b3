#include "options.h"

#define NUMBER_MAX 1000000000u

struct reader {
	const struct options *tables;
	size_t ntables;
	const char *const *argv;
	size_t argc, at;
	struct arena *arena;
	struct diags *diags;
};

/* ---- what was meant ---- */

const char *options_near(str word, const char *const *names, size_t n)
{
	unsigned best = (word.n < 3 ? (unsigned)word.n / 2 : word.n < 6 ? 2 : 3) + 1;
	const char *found = NULL;

	for (size_t i = 0; i < n; i++) {
		unsigned d = str_distance(word, str_c(names[i]), best);

		if (d < best) {
			best = d;
			found = names[i];
		}
	}
	return found;
}

static void hint_option(struct reader *r, struct diag *d, str word)
{
	VEC(const char *) names = {0};
	const char *near;

	for (size_t t = 0; t < r->ntables; t++)
		for (size_t i = 0; i < r->tables[t].n; i++)
			if (r->tables[t].rows[i].name)
				vec_push(&names, r->tables[t].rows[i].name);
	near = options_near(word, names.p, names.n);
	if (near)
		diag_hint(r->diags, d, "did you mean '--%s'?", near);
	vec_free(&names);
}

/* ---- reading ---- */

static const struct option *find(const struct reader *r, str name, char letter, void **into)
{
	for (size_t t = 0; t < r->ntables; t++)
		for (size_t i = 0; i < r->tables[t].n; i++) {
			const struct option *o = &r->tables[t].rows[i];

			if (letter ? o->letter == letter : o->name && str_eq(str_c(o->name), name)) {
				*into = (char *)r->tables[t].into + o->at;
				return o;
			}
		}
	return NULL;
}

static struct diag *wrong(struct reader *r, const char *fmt, ...)
{
	va_list args;
	struct diag *d;

	va_start(args, fmt);
	d = diag_verror(r->diags, DIAG_USAGE, NO_SPAN, fmt, args);
	va_end(args);
	return d;
}

static bool set_number(struct reader *r, str given, str value, unsigned *into)
{
	uint64_t n = 0;
	bool ok = value.n > 0;

	for (size_t i = 0; i < value.n && ok; i++) {
		ok = value.p[i] >= '0' && value.p[i] <= '9';
		n = n * 10 + (uint64_t)(value.p[i] - '0');
		ok = ok && n <= NUMBER_MAX;
	}
	if (!ok) {
		wrong(r, "'%.*s' needs a number, not '%.*s'", STR_ARG(given), STR_ARG(value));
		return false;
	}
	*into = (unsigned)n;
	return true;
}

static bool set_choice(struct reader *r, str given, str value, const char *words, int *into)
{
	str rest = str_c(words), word;
	struct diag *d;
	bool more = true;

	for (int i = 0; more; i++) {
		more = str_cut(rest, '|', &word, &rest);
		if (str_eq(word, value)) {
			*into = i;
			return true;
		}
	}
	d = wrong(r, "'%.*s' cannot be '%.*s'", STR_ARG(given), STR_ARG(value));
	diag_hint(r->diags, d, "it is one of %s", words);
	return false;
}

static bool add_text(struct reader *r, str value, struct texts *into)
{
	if (into->n == into->cap) {
		str *more = arena_array(r->arena, str, into->cap ? into->cap * 2 : 4);

		if (into->n)
			memcpy(more, into->p, into->n * sizeof *more);
		into->p = more;
		into->cap = into->cap ? into->cap * 2 : 4;
	}
	into->p[into->n++] = value;
	return true;
}

static bool set(struct reader *r, const struct option *o, void *into, str given, str value)
{
	switch (o->kind) {
	case OPTION_FLAG: *(bool *)into = true; return true;
	case OPTION_TEXT: *(str *)into = value; return true;
	case OPTION_TEXTS: return add_text(r, value, into);
	case OPTION_NUMBER: return set_number(r, given, value, into);
	case OPTION_CHOICE: return set_choice(r, given, value, o->value, into);
	}
	return false;
}

/* The word after this one, which is the option's value. */
static bool next_value(struct reader *r, const struct option *o, str given, str *value)
{
	if (r->at >= r->argc) {
		wrong(r, "'%.*s' needs a value: %s", STR_ARG(given), o->value);
		return false;
	}
	*value = str_c(r->argv[r->at++]);
	return true;
}

static bool read_long(struct reader *r, str word)
{
	str name, value = {NULL, 0}, given;
	bool has = str_cut(str_from(word, 2), '=', &name, &value);
	void *into = NULL;
	const struct option *o = find(r, name, 0, &into);

	given = str_upto(word, name.n + 2);
	if (!o) {
		hint_option(r, wrong(r, "there is no option '%.*s'", STR_ARG(given)), name);
		return false;
	}
	if (has && o->kind == OPTION_FLAG) {
		wrong(r, "'%.*s' takes no value", STR_ARG(given));
		return false;
	}
	if (!has && o->kind != OPTION_FLAG && !next_value(r, o, given, &value))
		return false;
	return set(r, o, into, given, value);
}

/* "-v", "-vq", "-j4", "-j 4". */
static bool read_letters(struct reader *r, str word)
{
	for (size_t i = 1; i < word.n; i++) {
		void *into = NULL;
		const struct option *o = find(r, S(""), word.p[i], &into);
		char text[2] = {'-', word.p[i]};
		str given = str_of(text, 2), value = str_from(word, i + 1);

		if (!o) {
			hint_option(r, wrong(r, "there is no option '%.*s'", STR_ARG(word.n > 2 ? word : given)),
					str_from(word, 1));
			return false;
		}
		if (o->kind == OPTION_FLAG) {
			*(bool *)into = true;
			continue;
		}
		if (!value.n && !next_value(r, o, given, &value))
			return false;
		return set(r, o, into, given, value);
	}
	return true;
}

bool options_read(const struct options *tables, size_t ntables, const char *const *argv, size_t argc,
		enum options_until until, struct arena *a, struct arguments *out, struct diags *diags)
{
	struct reader r = {.tables = tables, .ntables = ntables, .argv = argv, .argc = argc, .arena = a, .diags = diags};
	bool options = true;

	*out = (struct arguments){.args = arena_array(a, str, argc), .rest = arena_array(a, str, argc)};
	while (r.at < argc) {
		str word = str_c(argv[r.at]);
		bool is_option = options && word.n > 1 && word.p[0] == '-', ends = str_eq(word, S("--"));

		if (until == OPTIONS_WORD && (!is_option || ends))
			break;
		r.at++;
		if (is_option && ends)
			options = false;
		else if (!is_option && !options && until == OPTIONS_SPLIT)
			out->rest[out->nrest++] = word;
		else if (!is_option)
			out->args[out->nargs++] = word;
		else if (!(word.p[1] == '-' ? read_long(&r, word) : read_letters(&r, word)))
			return false;
	}
	out->read = r.at;
	return true;
}

/* ---- help ---- */

#define HELP_AT 26 /* the column where what an option does begins */

static void spelling(const struct option *o, bool aligned, struct buf *out)
{
	if (o->letter)
		buf_fmt(out, "-%c%s%s", o->letter, o->name ? ", " : o->value ? " " : "",
				o->name || !o->value ? "" : o->value);
	else if (aligned)
		buf_lit(out, "    ");
	if (o->name)
		buf_fmt(out, "--%s%s%s", o->name, o->value ? "=" : "", o->value ? o->value : "");
}

void option_spelling(const struct option *o, struct buf *out)
{
	spelling(o, false, out);
}

static void newline(unsigned indent, struct buf *out)
{
	buf_c(out, '\n');
	for (unsigned i = 0; i < indent; i++)
		buf_c(out, ' ');
}

void options_wrap(str text, unsigned at, unsigned indent, unsigned columns, struct buf *out)
{
	bool first = true; /* on this line */
	str line, word;

	while (text.n) {
		str_cut(text, '\n', &line, &text);
		while (line.n) {
			str_cut(line, ' ', &word, &line);
			if (!first && at + 1 + utf8_count(word) > columns) {
				newline(indent, out);
				at = indent;
				first = true;
			}
			if (!first)
				buf_c(out, ' ');
			buf_str(out, word);
			at += (unsigned)utf8_count(word) + !first;
			first = false;
		}
		if (text.n) {
			newline(text.p[0] == '\n' ? 0 : indent, out);
			at = indent;
			first = true;
		}
	}
}

void options_help(const struct option *rows, size_t n, unsigned columns, struct buf *out)
{
	for (size_t i = 0; i < n; i++) {
		size_t start = out->n;
		unsigned at;

		buf_lit(out, "  ");
		spelling(&rows[i], true, out);
		at = (unsigned)(out->n - start);
		if (at + 2 > HELP_AT) {
			newline(HELP_AT, out);
			at = HELP_AT;
		}
		for (; at < HELP_AT; at++)
			buf_c(out, ' ');
		options_wrap(str_c(rows[i].help), at, HELP_AT, columns, out);
		buf_c(out, '\n');
	}
}
