/* Commands of shell: words, redirections, here-documents and loops. */
#include "shellwords_int.h"

typedef VEC(struct shell_word) word_list;
typedef VEC(struct shell_command) command_list;
typedef VEC(struct shell_assignment) assignment_list;

/* ---- space, comments and here-documents ---- */

static void skip_blanks(struct reader *r)
{
	for (;;) {
		while (reader_peek(r, 0) == ' ' || reader_peek(r, 0) == '\t' || (reader_peek(r, 0) == '\\' && reader_peek(r, 1) == '\n'))
			r->at += reader_peek(r, 0) == '\\' ? 2 : 1;
		if (reader_peek(r, 0) != '#')
			return;
		while (!reader_ends(r) && reader_peek(r, 0) != '\n')
			r->at++;
	}
}

static bool read_here_line(struct reader *r, const struct here *h, str line, piece_list *out)
{
	struct reader inner = {.text = line, .arena = r->arena, .bad = r->bad};

	if (h->quoted) {
		reader_add_text(out, SHELL_TEXT, true, line);
		return true;
	}
	while (!reader_ends(&inner)) {
		size_t lo = inner.at;

		while (!reader_ends(&inner) && !char_in(reader_peek(&inner, 0), "\\$`"))
			inner.at++;
		reader_add_text(out, SHELL_TEXT, true, str_of(line.p + lo, inner.at - lo));
		if (reader_ends(&inner))
			break;
		if (reader_peek(&inner, 0) == '`')
			return reader_fail(r, r->at, "a command substitution");
		if (reader_peek(&inner, 0) == '$' && !reader_variable(&inner, out, true))
			return reader_fail(r, r->at, r->bad->why);
		if (reader_peek(&inner, 0) == '\\') {
			size_t skip = reader_peek(&inner, 1) && char_in(reader_peek(&inner, 1), "\\$`") ? 1 : 0;

			reader_add_text(out, SHELL_TEXT, true, str_of(line.p + inner.at + skip, 1));
			inner.at += 1 + skip;
		}
	}
	return true;
}

static bool read_here(struct reader *r, const struct here *h)
{
	piece_list list = {0};
	size_t from = r->at;

	while (!reader_ends(r)) {
		size_t n = str_find(str_from(r->text, r->at), '\n');
		str line = str_of(r->text.p + r->at, n < r->text.n - r->at ? n + 1 : n);
		str shown = str_upto(line, n);

		while (h->tabs && shown.n && shown.p[0] == '\t') {
			shown = str_from(shown, 1);
			line = str_from(line, 1);
		}
		r->at += n < r->text.n - r->at ? n + 1 : n;
		if (str_eq(str_trim(shown), h->end)) {
			*h->into = reader_word_of(r, &list);
			return true;
		}
		if (!read_here_line(r, h, line, &list))
			break;
	}
	vec_free(&list);
	return r->bad->why ? false : reader_fail(r, from, "a here-document that does not end");
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
		if (reader_peek(r, 0) == ';' && reader_peek(r, 1) != ';')
			r->at++;
		else if (reader_peek(r, 0) == '\n') {
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
	bool out = reader_peek(r, 0) == '>', twice = reader_peek(r, 1) == reader_peek(r, 0);
	struct here h = {.into = here_text};
	struct shell_word target;
	size_t from = r->at;

	r->at += twice ? 2 : 1;
	if (reader_peek(r, 0) == '&' || reader_peek(r, 0) == '(' || (!out && reader_peek(r, 0) == '<'))
		return reader_fail(r, from, "this redirection");
	if (!out && twice && reader_peek(r, 0) == '-') {
		h.tabs = true;
		r->at++;
	}
	skip_blanks(r);
	if (!reader_word(r, &target) || !target.n)
		return r->bad->why ? false : reader_fail(r, from, "a redirection to nothing");
	if (out ? c->output : c->input)
		return reader_fail(r, from, "two redirections");
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
		return reader_fail(r, from, "this here-document");
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

	if (eq == 0 || eq == first.n || !reader_starts_name(first.p[0]))
		return false;
	for (size_t i = 0; i < eq; i++)
		if (!reader_is_in_name(first.p[i]))
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
		if (reader_peek(r, 0) == '<' || reader_peek(r, 0) == '>') {
			ok = read_redirect(r, c, here_text);
			continue;
		}
		if (reader_ends(r) || reader_is_break(reader_peek(r, 0)))
			break;
		ok = reader_word(r, &w);
		if (ok && !words.n && is_assignment(&w, r, &one))
			vec_push(&assignments, one);
		else if (ok && w.n)
			vec_push(&words, w);
		if (ok && words.n && w.n == 1 && w.pieces[0].kind == SHELL_TEXT && !w.pieces[0].quoted && w.pieces[0].text.n == 1 &&
				w.pieces[0].text.p[0] == '2' && reader_peek(r, 0) == '>')
			ok = reader_fail(r, r->at, "a redirection of errors");
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
	if (!str_starts(str_from(r->text, r->at), str_c(word)) || !reader_is_break(reader_peek(r, n)))
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
	while (reader_is_in_name(reader_peek(r, 0)))
		r->at++;
	c->variable = str_of(r->text.p + lo, r->at - lo);
	if (!c->variable.n || !take_word(r, "in") || !read_simple(r, c, &none))
		return r->bad->why ? false : reader_fail(r, from, "this loop");
	if (c->nassignments || c->input || c->output || !skip_ends(r) || !take_word(r, "do"))
		return r->bad->why ? false : reader_fail(r, from, "this loop");
	if (++r->depth > SHELL_DEPTH_MAX)
		return reader_fail(r, from, "loops in each other");
	if (!read_list(r, true, &c->body, &c->nbody))
		return false;
	r->depth--;
	skip_blanks(r);
	return reader_ends(r) || char_in(reader_peek(r, 0), "\n;&") ? true : reader_fail(r, r->at, "a loop with more behind it");
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
		return reader_fail(r, c->lo, odd_word(first));
	}
	c->hi = (uint32_t)r->at;
	if (reader_peek(r, 0) == '(' || reader_peek(r, 0) == ')')
		return reader_fail(r, r->at, reader_peek(r, 1) == ')' ? "a function" : "a subshell");
	if (reader_peek(r, 0) == '|')
		return reader_fail(r, r->at, reader_peek(r, 1) == '|' ? "an alternative ('||')" : "a pipe");
	if (reader_peek(r, 0) == '&' && reader_peek(r, 1) != '&')
		return reader_fail(r, r->at, "a command in the background");
	if (reader_peek(r, 0) == '&')
		r->at += 2;
	return c->hi > c->lo ? true : reader_fail(r, r->at, "what stands here");
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
		if (reader_ends(r)) {
			if (inside || r->heres.n)
				ok = reader_fail(r, r->at, "a loop or here-document that does not end");
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
		return reader_fail(&r, str_find(text, '\0'), "a null byte");
	ok = read_list(&r, false, out, n);
	vec_free(&r.heres);
	return ok;
}
