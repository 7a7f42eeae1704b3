#include "shellwords.h"

typedef VEC(struct shell_piece) piece_list;
typedef VEC(struct shell_word) word_list;
typedef VEC(struct shell_command) command_list;
typedef VEC(struct shell_assignment) assignment_list;

struct here { /* a here-document whose text follows the line */
	str end;
	bool quoted, tabs;
	struct shell_word *into;
};

struct reader {
	str text;
	size_t at;
	unsigned depth;
	struct arena *arena;
	struct shell_bad *bad;
	VEC(struct here) heres;
};

static bool fail(struct reader *r, size_t at, const char *why)
{
	*r->bad = (struct shell_bad){at, why};
	return false;
}

static char peek(const struct reader *r, size_t ahead)
{
	return r->at + ahead < r->text.n ? r->text.p[r->at + ahead] : '\0';
}

static bool ends(const struct reader *r)
{
	return r->at >= r->text.n;
}

static bool is_name_start(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_name_byte(char c)
{
	return is_name_start(c) || (c >= '0' && c <= '9');
}

/* What ends a word when it is not quoted. */
static bool is_break(char c)
{
	return c == '\0' || char_in(c, " \t\n;&|<>()");
}

/* ---- words ---- */

static void add_text(struct reader *r, piece_list *out, enum shell_piece_kind kind, bool quoted, str text)
{
	struct shell_piece *last = out->n ? &vec_last(out) : NULL;
	struct buf b = {0};

	if (last && last->kind == kind && kind == SHELL_TEXT) {
		buf_str(&b, last->text);
		buf_str(&b, text);
		last->text = buf_take(&b, r->arena);
		return;
	}
	vec_push(out, ((struct shell_piece){kind, quoted, text}));
}

/* At '$': name, or ${name}. */
static bool read_variable(struct reader *r, piece_list *out, bool quoted)
{
	size_t from = r->at++, lo;
	bool braces = peek(r, 0) == '{';

	r->at += braces;
	lo = r->at;
	while (is_name_byte(peek(r, 0)) && (r->at > lo || is_name_start(peek(r, 0))))
		r->at++;
	if (r->at == lo) {
		if (!braces && peek(r, 0) != '(' && (!peek(r, 0) || (quoted ? char_in(peek(r, 0), "\" \t\n/|,") : is_break(peek(r, 0))))) {
			add_text(r, out, SHELL_TEXT, quoted, S("$"));
			return true;
		}
		return fail(r, from, peek(r, 0) == '(' ? "a command substitution" : "a special parameter");
	}
	if (braces && peek(r, 0) != '}')
		return fail(r, from, "an expansion with an operator");
	add_text(r, out, SHELL_VARIABLE, quoted, str_of(r->text.p + lo, r->at - lo));
	r->at += braces;
	return true;
}

static bool read_double(struct reader *r, piece_list *out)
{
	size_t from = r->at++, lo = r->at;

	add_text(r, out, SHELL_TEXT, true, S(""));
	for (;; lo = r->at) {
		while (!ends(r) && !char_in(peek(r, 0), "\"\\$`"))
			r->at++;
		add_text(r, out, SHELL_TEXT, true, str_of(r->text.p + lo, r->at - lo));
		if (ends(r))
			return fail(r, from, "a quotation that does not end");
		if (peek(r, 0) == '"') {
			r->at++;
			return true;
		}
		if (peek(r, 0) == '`')
			return fail(r, r->at, "a command substitution");
		if (peek(r, 0) == '$') {
			if (!read_variable(r, out, true))
				return false;
			continue;
		}
		r->at++;
		if (peek(r, 0) == '\n')
			r->at++;
		else if (char_in(peek(r, 0), "\"\\$`"))
			add_text(r, out, SHELL_TEXT, true, str_of(r->text.p + r->at++, 1));
		else
			add_text(r, out, SHELL_TEXT, true, S("\\"));
	}
}

static bool read_single(struct reader *r, piece_list *out)
{
	size_t from = r->at++, n = str_find(str_from(r->text, r->at), '\'');

	if (r->at + n >= r->text.n)
		return fail(r, from, "a quotation that does not end");
	add_text(r, out, SHELL_TEXT, true, str_of(r->text.p + r->at, n));
	r->at += n + 1;
	return true;
}

static bool read_bare(struct reader *r, piece_list *out)
{
	size_t lo = r->at;
	bool glob = false;

	while (!is_break(peek(r, 0)) && !char_in(peek(r, 0), "'\"\\$`")) {
		if (peek(r, 0) == '{' || peek(r, 0) == '}')
			return fail(r, r->at, "braces");
		if (peek(r, 0) == '~' && r->at == lo && !out->n)
			return fail(r, r->at, "a home directory");
		glob |= char_in(peek(r, 0), "*?[");
		r->at++;
	}
	add_text(r, out, glob ? SHELL_GLOB : SHELL_TEXT, false, str_of(r->text.p + lo, r->at - lo));
	return true;
}

static bool read_piece(struct reader *r, piece_list *out)
{
	switch (peek(r, 0)) {
	case '\'': return read_single(r, out);
	case '"': return read_double(r, out);
	case '$': return read_variable(r, out, false);
	case '`': return fail(r, r->at, "a command substitution");
	case '\\':
		if (r->at + 1 >= r->text.n)
			return fail(r, r->at, "a backslash at the end");
		if (peek(r, 1) != '\n')
			add_text(r, out, SHELL_TEXT, true, str_of(r->text.p + r->at + 1, 1));
		r->at += 2;
		return true;
	default: return read_bare(r, out);
	}
}

static struct shell_word word_of(struct reader *r, piece_list *list)
{
	struct shell_piece *pieces = arena_array(r->arena, struct shell_piece, list->n);
	struct shell_word w = {pieces, list->n};

	if (list->n)
		memcpy(pieces, list->p, list->n * sizeof *pieces);
	vec_free(list);
	return w;
}

static bool read_word(struct reader *r, struct shell_word *out)
{
	piece_list list = {0};

	while (!ends(r) && !is_break(peek(r, 0)))
		if (!read_piece(r, &list)) {
			vec_free(&list);
			return false;
		}
	*out = word_of(r, &list);
	return true;
}

bool shell_plain(const struct shell_word *w, struct arena *a, str *out)
{
	struct buf b = {0};

	for (size_t i = 0; i < w->n; i++) {
		if (w->pieces[i].kind != SHELL_TEXT) {
			buf_free(&b);
			return false;
		}
		buf_str(&b, w->pieces[i].text);
	}
	*out = buf_take(&b, a);
	return true;
}

/* ---- space, comments and here-documents ---- */

static void skip_blanks(struct reader *r)
{
	for (;;) {
		while (peek(r, 0) == ' ' || peek(r, 0) == '\t' || (peek(r, 0) == '\\' && peek(r, 1) == '\n'))
			r->at += peek(r, 0) == '\\' ? 2 : 1;
		if (peek(r, 0) != '#')
			return;
		while (!ends(r) && peek(r, 0) != '\n')
			r->at++;
	}
}

static bool read_here_line(struct reader *r, const struct here *h, str line, piece_list *out)
{
	struct reader inner = {.text = line, .arena = r->arena, .bad = r->bad};

	if (h->quoted) {
		add_text(r, out, SHELL_TEXT, true, line);
		return true;
	}
	while (!ends(&inner)) {
		size_t lo = inner.at;

		while (!ends(&inner) && !char_in(peek(&inner, 0), "\\$`"))
			inner.at++;
		add_text(r, out, SHELL_TEXT, true, str_of(line.p + lo, inner.at - lo));
		if (ends(&inner))
			break;
		if (peek(&inner, 0) == '`')
			return fail(r, r->at, "a command substitution");
		if (peek(&inner, 0) == '$' && !read_variable(&inner, out, true))
			return fail(r, r->at, r->bad->why);
		if (peek(&inner, 0) == '\\') {
			size_t skip = peek(&inner, 1) && char_in(peek(&inner, 1), "\\$`") ? 1 : 0;

			add_text(r, out, SHELL_TEXT, true, str_of(line.p + inner.at + skip, 1));
			inner.at += 1 + skip;
		}
	}
	return true;
}

static bool read_here(struct reader *r, const struct here *h)
{
	piece_list list = {0};
	size_t from = r->at;

	while (!ends(r)) {
		size_t n = str_find(str_from(r->text, r->at), '\n');
		str line = str_of(r->text.p + r->at, n < r->text.n - r->at ? n + 1 : n);
		str shown = str_upto(line, n);

		while (h->tabs && shown.n && shown.p[0] == '\t') {
			shown = str_from(shown, 1);
			line = str_from(line, 1);
		}
		r->at += n < r->text.n - r->at ? n + 1 : n;
		if (str_eq(str_trim(shown), h->end)) {
			*h->into = word_of(r, &list);
			return true;
		}
		if (!read_here_line(r, h, line, &list))
			break;
	}
	vec_free(&list);
	return r->bad->why ? false : fail(r, from, "a here-document that does not end");
}

/* After a newline: the texts that the line announced. */
static bool read_heres(struct reader *r)
{
	bool ok = true;

	for (size_t i = 0; i < r->heres.n && ok; i++)
		ok = read_here(r, &r->heres.p[i]);
	r->heres.n = 0;
	return ok;
}

/* Newlines and semicolons between commands. */
static bool skip_ends(struct reader *r)
{
	for (;;) {
		skip_blanks(r);
		if (peek(r, 0) == ';' && peek(r, 1) != ';')
			r->at++;
		else if (peek(r, 0) == '\n') {
			r->at++;
			if (!read_heres(r))
				return false;
		} else
			return true;
	}
}

/* ---- commands ---- */

static bool read_redirect(struct reader *r, struct shell_command *c, struct shell_word *here_text)
{
	bool out = peek(r, 0) == '>', twice = peek(r, 1) == peek(r, 0);
	struct here h = {.into = here_text};
	struct shell_word target;
	size_t from = r->at;

	r->at += twice ? 2 : 1;
	if (peek(r, 0) == '&' || peek(r, 0) == '(' || (!out && peek(r, 0) == '<'))
		return fail(r, from, "this redirection");
	if (!out && twice && peek(r, 0) == '-') {
		h.tabs = true;
		r->at++;
	}
	skip_blanks(r);
	if (!read_word(r, &target) || !target.n)
		return r->bad->why ? false : fail(r, from, "a redirection to nothing");
	if (out ? c->output : c->input)
		return fail(r, from, "two redirections");
	if (out) {
		c->output = twice ? SHELL_APPEND : SHELL_WRITE;
		c->to = target;
		return true;
	}
	c->input = twice ? SHELL_HERE : SHELL_READ;
	c->from = target;
	if (!twice)
		return true;
	if (!shell_plain(&target, r->arena, &h.end))
		return fail(r, from, "this here-document");
	for (size_t i = 0; i < target.n; i++)
		h.quoted |= target.pieces[i].quoted;
	vec_push(&r->heres, h);
	return true;
}

static bool is_assignment(const struct shell_word *w, struct reader *r, struct shell_assignment *out)
{
	str first = w->n && w->pieces[0].kind == SHELL_TEXT && !w->pieces[0].quoted ? w->pieces[0].text : (str){0};
	size_t eq = str_find(first, '=');
	struct shell_piece *pieces;

	if (eq == 0 || eq == first.n || !is_name_start(first.p[0]))
		return false;
	for (size_t i = 0; i < eq; i++)
		if (!is_name_byte(first.p[i]))
			return false;
	out->name = str_upto(first, eq);
	pieces = arena_array(r->arena, struct shell_piece, w->n);
	memcpy(pieces, w->pieces, w->n * sizeof *pieces);
	pieces[0].text = str_from(first, eq + 1);
	out->value = (struct shell_word){pieces, w->n};
	return true;
}

static const char *odd_word(str w)
{
	static const struct {
		const char *word, *why;
	} rows[] = {
		{"if", "a condition"}, {"then", "a condition"}, {"else", "a condition"}, {"elif", "a condition"}, {"fi", "a condition"},
		{"while", "a loop on a condition"}, {"until", "a loop on a condition"}, {"case", "a choice"}, {"esac", "a choice"},
		{"function", "a function"}, {"!", "a negation"}, {"[[", "a condition"}, {"[", "a condition"}, {"test", "a condition"},
		{"eval", "eval"}, {"source", "a script that is read"}, {".", "a script that is read"}, {"trap", "a trap"},
	};

	for (size_t i = 0; i < SL_COUNT(rows); i++)
		if (str_eq(w, str_c(rows[i].word)))
			return rows[i].why;
	return NULL;
}

static void *copied(struct arena *a, const void *p, size_t n, size_t size)
{
	void *out = arena_alloc(a, mem_size(n, size), _Alignof(max_align_t));

	return n ? memcpy(out, p, n * size) : out;
}

/* One simple command: to a newline, ';' or "&&". */
static bool read_simple(struct reader *r, struct shell_command *c, struct shell_word *here_text)
{
	word_list words = {0};
	assignment_list assignments = {0};
	bool ok = true;

	while (ok) {
		struct shell_assignment one;
		struct shell_word w;

		skip_blanks(r);
		if (peek(r, 0) == '<' || peek(r, 0) == '>') {
			ok = read_redirect(r, c, here_text);
			continue;
		}
		if (ends(r) || is_break(peek(r, 0)))
			break;
		ok = read_word(r, &w);
		if (ok && !words.n && is_assignment(&w, r, &one))
			vec_push(&assignments, one);
		else if (ok && w.n)
			vec_push(&words, w);
		if (ok && words.n && w.n == 1 && w.pieces[0].kind == SHELL_TEXT && !w.pieces[0].quoted && w.pieces[0].text.n == 1 &&
				w.pieces[0].text.p[0] == '2' && peek(r, 0) == '>')
			ok = fail(r, r->at, "a redirection of errors");
	}
	c->words = copied(r->arena, words.p, words.n, sizeof *words.p);
	c->nwords = words.n;
	c->assignments = copied(r->arena, assignments.p, assignments.n, sizeof *assignments.p);
	c->nassignments = assignments.n;
	vec_free(&words);
	vec_free(&assignments);
	return ok;
}

static bool read_list(struct reader *r, bool inside, const struct shell_command **out, size_t *n);

static bool take_word(struct reader *r, const char *word)
{
	size_t n = strlen(word);

	skip_blanks(r);
	if (!str_starts(str_from(r->text, r->at), str_c(word)) || !is_break(peek(r, n)))
		return false;
	r->at += n;
	return true;
}

/* After "for": NAME in WORD… ; do … done. */
static bool read_for(struct reader *r, struct shell_command *c)
{
	size_t from = r->at, lo;
	struct shell_word none;

	skip_blanks(r);
	lo = r->at;
	while (is_name_byte(peek(r, 0)))
		r->at++;
	c->variable = str_of(r->text.p + lo, r->at - lo);
	if (!c->variable.n || !take_word(r, "in") || !read_simple(r, c, &none))
		return r->bad->why ? false : fail(r, from, "this loop");
	if (c->nassignments || c->input || c->output || !skip_ends(r) || !take_word(r, "do"))
		return r->bad->why ? false : fail(r, from, "this loop");
	if (++r->depth > SHELL_DEPTH_MAX)
		return fail(r, from, "loops in each other");
	if (!read_list(r, true, &c->body, &c->nbody))
		return false;
	r->depth--;
	skip_blanks(r);
	return ends(r) || char_in(peek(r, 0), "\n;&") ? true : fail(r, r->at, "a loop with more behind it");
}

static bool read_command(struct reader *r, struct shell_command *c, struct shell_word *here_text)
{
	str first;

	c->lo = (uint32_t)r->at;
	if (take_word(r, "for")) {
		if (!read_for(r, c))
			return false;
	} else if (!read_simple(r, c, here_text)) {
		return false;
	} else if (c->nwords && shell_plain(&c->words[0], r->arena, &first) && odd_word(first)) {
		return fail(r, c->lo, odd_word(first));
	}
	c->hi = (uint32_t)r->at;
	if (peek(r, 0) == '(' || peek(r, 0) == ')')
		return fail(r, r->at, peek(r, 1) == ')' ? "a function" : "a subshell");
	if (peek(r, 0) == '|')
		return fail(r, r->at, peek(r, 1) == '|' ? "an alternative ('||')" : "a pipe");
	if (peek(r, 0) == '&' && peek(r, 1) != '&')
		return fail(r, r->at, "a command in the background");
	if (peek(r, 0) == '&')
		r->at += 2;
	return c->hi > c->lo ? true : fail(r, r->at, "what stands here");
}

/* To the end of the text, or with `inside` to "done". */
static bool read_list(struct reader *r, bool inside, const struct shell_command **out, size_t *n)
{
	command_list list = {0};
	VEC(struct shell_word *) texts = {0}; /* of here-documents, which come after their commands */
	struct shell_command *all;
	bool ok = true;

	for (;;) {
		struct shell_command c = {0};

		ok = skip_ends(r);
		if (!ok || (inside && take_word(r, "done")))
			break;
		if (ends(r)) {
			if (inside || r->heres.n)
				ok = fail(r, r->at, "a loop or here-document that does not end");
			break;
		}
		vec_push(&texts, arena_make(r->arena, struct shell_word));
		ok = read_command(r, &c, vec_last(&texts));
		if (!ok)
			break;
		vec_push(&list, c);
	}
	all = copied(r->arena, list.p, list.n, sizeof *list.p);
	for (size_t i = 0; i < list.n; i++)
		if (all[i].input == SHELL_HERE)
			all[i].from = *texts.p[i];
	*out = all;
	*n = list.n;
	vec_free(&list);
	vec_free(&texts);
	return ok;
}

bool shell_read(str text, struct arena *a, const struct shell_command **out, size_t *n, struct shell_bad *bad)
{
	struct reader r = {.text = text, .arena = a, .bad = bad};
	bool ok;

	*bad = (struct shell_bad){0};
	if (str_find(text, '\0') < text.n)
		return fail(&r, str_find(text, '\0'), "a null byte");
	ok = read_list(&r, false, out, n);
	vec_free(&r.heres);
	return ok;
}
