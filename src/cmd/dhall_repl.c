#include "dhall_repl.h"
#include "version.h"

#include <straylight/doors.h>
#include <straylight/base/pool.h>

#include <stdio.h>
#include <stdlib.h>

#define LOADING_MAX 16 /* files that load one another */
#define FILE_MAX ((size_t)1 << 26)

struct args {
	bool explain;
};

/* One entry: what was typed, as Dhall code whose columns are those that were typed. */
struct entry {
	str text;
	uint32_t at;  /* where its code begins */
	str code;
	uint32_t end; /* where what was typed ends in the code */
	str name;     /* of a binding, a file */
};

struct verb {
	const char *name, *usage, *help;
	bool (*read)(struct repl *, struct entry *);                /* finds the code; false after a diagnostic. NULL: none */
	void (*run)(struct repl *, const struct entry *, const struct dh_typed *); /* typed is NULL without code */
};

static void wrong(struct repl *r, const char *what, str name)
{
	struct diag *d = diag_error(&r->call->diags, DIAG_USAGE, NO_SPAN, what, STR_ARG(name));

	diag_hint(&r->call->diags, d, "':help' says what can be entered");
}

/* ---- lines ---- */

static str next_line(struct repl *r, const char *prompt)
{
	struct input *in = r->input;
	str line = {NULL, 0};

	if (!in->file)
		line = editor_line(&r->editor, prompt, &r->mem);
	else if (in->rest.n)
		str_cut(in->rest, '\n', &line, &in->rest);
	in->ended = !line.p;
	return line;
}

/* In a file, lines that begin with a blank belong to the one before. */
static bool goes_on(const struct repl *r)
{
	str rest = r->input->rest;

	return r->input->file && rest.n && (rest.p[0] == ' ' || rest.p[0] == '\t' || rest.p[0] == '\n');
}

static bool more(struct repl *r, struct entry *e)
{
	str line = next_line(r, "| ");

	if (!line.p || (!str_trim(line).n && !r->input->file))
		return false;
	e->text = str_fmt(&r->mem, "%.*s\n%.*s", STR_ARG(e->text), STR_ARG(line));
	return true;
}

/* ---- code ---- */

/* What was typed, with blanks for the first `at` bytes. */
static str blanked(struct repl *r, str text, uint32_t at)
{
	str s = str_dup(&r->mem, text);

	memset((char *)(uintptr_t)s.p, ' ', at);
	return s;
}

static bool read_code(struct repl *r, struct entry *e)
{
	e->code = blanked(r, e->text, e->at);
	e->end = (uint32_t)e->code.n;
	return true;
}

static bool is_label(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '/';
}

/* :let x = e becomes let x = e in x. */
static bool read_let(struct repl *r, struct entry *e)
{
	str rest = str_from(e->text, e->at);
	size_t lo = 0, hi;
	bool quoted;

	while (lo < rest.n && (rest.p[lo] == ' ' || rest.p[lo] == '\t'))
		lo++;
	quoted = lo < rest.n && rest.p[lo] == '`';
	for (hi = lo + quoted; hi < rest.n && (quoted ? rest.p[hi] != '`' : is_label(rest.p[hi]));)
		hi++;
	e->name = str_of(rest.p + lo + quoted, hi - lo - quoted);
	e->code = str_fmt(&r->mem, " let%.*s\nin  `%.*s`", STR_ARG(rest), STR_ARG(e->name));
	e->end = (uint32_t)e->text.n;
	return true;
}

/* :save FILE, or :save FILE = e. */
static bool read_save(struct repl *r, struct entry *e)
{
	str file, rest, given = str_trim(str_from(e->text, e->at));
	bool expression = str_cut(given, '=', &file, &rest);

	e->name = str_trim(file);
	if (!e->name.n) {
		wrong(r, "':save%.*s' needs the name of a file", given);
		return false;
	}
	if (expression) {
		e->at = (uint32_t)(rest.p - e->text.p);
		return read_code(r, e);
	}
	return true;
}

/* ---- evaluating ---- */

static bool is_unfinished(const struct repl *r, const struct entry *e)
{
	const struct diag *d = r->call->diags.first;

	return d && (d->code == DIAG_SYNTAX_UNCLOSED || (d->code == DIAG_SYNTAX_UNEXPECTED && d->at.lo >= e->end));
}

/* The code of the entry, whose reader finds it anew as long as lines follow that it needs. */
static const struct dh_parsed *parse(struct repl *r, const struct verb *v, struct entry *e)
{
	const struct dh_parsed *parsed;

	while (goes_on(r) && more(r, e))
		continue;
	for (;;) {
		uint32_t at = e->at;

		if (!v->read(r, e) || !e->code.p)
			return NULL;
		parsed = dhall_parse_with(r->session, e->code, S("(repl)"), r->directory, r->bindings.p, r->bindings.n);
		e->at = at;
		if (parsed || !is_unfinished(r, e) || !more(r, e))
			return parsed;
		diags_free(&r->call->diags);
	}
}

static const struct dh_typed *check(struct repl *r, const struct dh_parsed *parsed)
{
	const struct dh_resolved *resolved = parsed ? dhall_resolve(r->session, parsed) : NULL;

	return resolved ? dhall_check(r->session, resolved) : NULL;
}

static void bind_to(struct repl *r, str name, const struct dh_typed *typed)
{
	vec_push(&r->bindings, ((struct dhall_binding){str_dup(&r->mem, name), typed}));
}

static bool print_value(struct repl *r, dh_val v, struct buf *out)
{
	const struct dh_term *t = v.v ? dhall_quote(r->session, v, false) : NULL;

	if (t)
		dhall_print(t, out);
	return t != NULL;
}

/* ---- what can be entered ---- */

static void run_expression(struct repl *r, const struct entry *e, const struct dh_typed *typed)
{
	(void)e;
	if (print_value(r, dhall_eval(r->session, typed), &r->call->out)) {
		buf_c(&r->call->out, '\n');
		bind_to(r, S("it"), typed);
	}
}

static void run_type(struct repl *r, const struct entry *e, const struct dh_typed *typed)
{
	(void)e;
	if (print_value(r, dhall_type_of(r->session, typed), &r->call->out))
		buf_c(&r->call->out, '\n');
}

static void run_hash(struct repl *r, const struct entry *e, const struct dh_typed *typed)
{
	unsigned char hash[32];
	char hex[65];

	(void)e;
	if (!dhall_hash(r->session, dhall_eval(r->session, typed), hash))
		return;
	hex_of(hash, sizeof hash, hex);
	buf_fmt(&r->call->out, "sha256:%s\n", hex);
}

static void run_let(struct repl *r, const struct entry *e, const struct dh_typed *typed)
{
	bind_to(r, e->name, typed);
	if (r->input->file)
		return;
	buf_fmt(&r->call->out, "%.*s : ", STR_ARG(e->name));
	run_type(r, e, typed);
}

static void run_clear(struct repl *r, const struct entry *e, const struct dh_typed *typed)
{
	(void)e;
	(void)typed;
	r->bindings.n = 0;
}

static void run_set(struct repl *r, const struct entry *e, const struct dh_typed *typed)
{
	(void)typed;
	if (str_eq(str_trim(str_from(e->text, e->at)), S("--explain")))
		r->call->explain = e->text.p[1] == 's';
	else
		wrong(r, "there is no option '%.*s'", str_trim(str_from(e->text, e->at)));
}

static void run_quit(struct repl *r, const struct entry *e, const struct dh_typed *typed)
{
	(void)e;
	(void)typed;
	r->quit = true;
}

static void run_all(struct repl *, struct input *);

static void run_load(struct repl *r, const struct entry *e, const struct dh_typed *typed)
{
	str file = str_trim(str_from(e->text, e->at));
	struct input in = {.file = true, .depth = r->input->depth + 1, .outer = r->input};
	struct blob *text = NULL;
	int err;

	(void)typed;
	if (in.depth > LOADING_MAX) {
		wrong(r, "'%.*s' is loaded by itself, or by too many others", file);
		return;
	}
	err = os_read(str_dup(&r->mem, file).p, FILE_MAX, &text);
	if (err) {
		os_error(&r->call->diags, DIAG_USAGE, err, "reading", file);
		return;
	}
	in.rest = str_dup(&r->mem, blob_str(text));
	blob_unref(text);
	run_all(r, &in);
}

/* `:let name =` and the value below it, shifted so that its lines belong to it. */
static bool spell_binding(struct repl *r, const struct dhall_binding *b, struct buf *out)
{
	struct buf value = {0};
	bool ok = print_value(r, dhall_eval(r->session, b->value), &value);
	str line, rest = buf_view(&value);

	buf_fmt(out, ":let `%.*s` =\n", STR_ARG(b->name));
	while (ok && rest.n) {
		str_cut(rest, '\n', &line, &rest);
		buf_fmt(out, "%s%.*s\n", line.n ? "    " : "", STR_ARG(line));
	}
	buf_free(&value);
	return ok;
}

static void run_save(struct repl *r, const struct entry *e, const struct dh_typed *typed)
{
	struct buf out = {0};
	bool ok = true;
	int err;

	if (typed) {
		ok = print_value(r, dhall_eval(r->session, typed), &out);
		buf_c(&out, '\n');
	}
	for (size_t i = 0; !typed && ok && i < r->bindings.n; i++)
		if (!str_eq(r->bindings.p[i].name, S("it")))
			ok = spell_binding(r, &r->bindings.p[i], &out);
	err = ok ? os_replace(str_dup(&r->mem, e->name).p, buf_view(&out), 0666, false) : 0;
	if (err)
		os_error(&r->call->diags, DIAG_USAGE, err, "writing", e->name);
	buf_free(&out);
}

static void run_help(struct repl *, const struct entry *, const struct dh_typed *);

static const struct verb verbs[] = {
	{"let", "NAME = EXPRESSION", "give a value a name; NAME : TYPE = EXPRESSION too", read_let, run_let},
	{"type", "EXPRESSION", "print the type", read_code, run_type},
	{"hash", "EXPRESSION", "print the semantic hash", read_code, run_hash},
	{"load", "FILE", "enter what the file has", NULL, run_load},
	{"save", "FILE [= EXPRESSION]", "write all names, or the value, to a file", read_save, run_save},
	{"clear", "", "forget all names", NULL, run_clear},
	{"set", "--explain", "explain messages at length", NULL, run_set},
	{"unset", "--explain", "do not", NULL, run_set},
	{"help", "", "print this", NULL, run_help},
	{"quit", "", "leave; so does the end of the input", NULL, run_quit},
};

static const struct verb plain = {NULL, NULL, NULL, read_code, run_expression};

static void run_help(struct repl *r, const struct entry *e, const struct dh_typed *typed)
{
	struct buf *out = &r->call->out;

	(void)e;
	(void)typed;
	buf_lit(out, "An expression is evaluated, and its value is 'it' from then on. What is not finished goes on on the next\n"
		     "line; an empty line ends it.\n");
	for (size_t i = 0; i < SL_COUNT(verbs); i++)
		buf_fmt(out, "  :%-6s%-22s%s\n", verbs[i].name, verbs[i].usage, verbs[i].help);
}

/* ---- the loop ---- */

static const struct verb *verb_of(struct repl *r, struct entry *e)
{
	str word = str_from(e->text, 1);
	struct diag *d;
	const char *near;
	size_t n = 0;

	if (e->text.p[0] != ':')
		return &plain;
	while (n < word.n && word.p[n] >= 'a' && word.p[n] <= 'z')
		n++;
	word = str_upto(word, n);
	e->at = (uint32_t)n + 1;
	for (size_t i = 0; i < SL_COUNT(verbs); i++)
		if (str_eq(str_c(verbs[i].name), word))
			return &verbs[i];
	d = diag_error(&r->call->diags, DIAG_USAGE, NO_SPAN, "there is no ':%.*s'", STR_ARG(word));
	near = options_near(word, r->verbs, r->nverbs);
	if (near)
		diag_hint(&r->call->diags, d, "did you mean ':%s'?", near);
	else
		diag_hint(&r->call->diags, d, "':help' lists what can be entered");
	return NULL;
}

static void run_entry(struct repl *r, struct entry *e)
{
	const struct verb *v = verb_of(r, e);
	const struct dh_typed *typed = NULL;

	if (v && v->read)
		typed = check(r, parse(r, v, e));
	if (v && !r->call->diags.errors)
		v->run(r, e, typed);
	if (!r->input->file)
		editor_remember(&r->editor, e->text);
}

void repl_renew(struct repl *r)
{
	if (!dhall_finished(r->session))
		return;
	dhall_close(r->session);
	r->session = dhall_open(r->world, &r->call->diags);
}

static void run_all(struct repl *r, struct input *in)
{
	r->input = in;
	while (!r->quit && !in->ended) {
		struct entry e = {.text = next_line(r, "> ")};

		e.text = str_trim(e.text);
		if (e.text.n && !str_starts(e.text, S("--")))
			run_entry(r, &e);
		call_flush(r->call);
		call_diags(r->call);
		repl_renew(r);
	}
	r->input = in->outer;
}

/* ---- the command ---- */

static const char *history_file(struct arena *a)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME"), *path;

	if (state && state[0] == '/')
		path = os_join(a, str_c(state), S("straylight/repl_history"));
	else if (home && home[0] == '/')
		path = os_join(a, str_c(home), S(".local/state/straylight/repl_history"));
	else
		return NULL;
	return os_mkdirs_for(path, 0700) == 0 ? path : NULL;
}

static void repl_deep(void *ud)
{
	struct repl *r = ud;
	struct dhall_env env = doors_env(&r->call->arena);
	struct input in = {0};

	r->world = dhall_world_new(&env);
	r->session = dhall_open(r->world, &r->call->diags);
	editor_open(&r->editor);
	if (r->editor.terminal)
		call_say(r->call, "straylight " STRAYLIGHT_VERSION "; :help says what can be entered");
	run_all(r, &in);
	editor_close(&r->editor);
	dhall_close(r->session);
	dhall_world_free(r->world);
}

static int run_repl(struct call *c)
{
	struct repl r = {.call = c, .editor = {.complete = repl_complete, .history = history_file(&c->arena)}};
	const char *dir = call_dir(c), *names[SL_COUNT(verbs)];

	if (!dir)
		return 0;
	c->explain = ((const struct args *)c->options)->explain;
	for (size_t i = 0; i < SL_COUNT(verbs); i++)
		names[i] = verbs[i].name;
	r.verbs = names;
	r.nverbs = SL_COUNT(verbs);
	r.editor.ud = &r;
	r.directory = str_c(dir);
	source_root(r.directory);
	pool_run_deep(repl_deep, &r);
	if (r.editor.terminal)
		c->worst = 0;
	vec_free(&r.bindings);
	arena_clear(&r.mem);
	return 0;
}

static const struct option options[] = {
	DHALL_EXPLAIN(struct args),
};

const struct command cmd_dhall_repl = {
	.name = "dhall repl",
	.usage = "",
	.summary = "evaluate Dhall expressions as they are entered",
	.about = "Prints the normal form of each expression that is entered, or does what a command like :let x = 1 says; :help "
		 "lists them. On a terminal lines can be edited, the tab key completes names, fields and files, and what was "
		 "entered is remembered in $XDG_STATE_HOME/straylight/repl_history. From a pipe only results are printed, and the "
		 "exit code is that of the worst message.",
	.section = SECTION_LANGUAGE,
	COMMAND_OPTIONS(options, struct args),
	.run = run_repl,
};
