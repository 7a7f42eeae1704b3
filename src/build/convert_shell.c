/* Phases and hooks as typed commands.  A text becomes commands whole, or not at all. */
#include "convert_shell.h"

#define HOOKS_MAX 4 /* hooks that run each other */

/* ---- redirections ---- */

static bool echoed(struct running *r, const texts *words, struct buf *out)
{
	size_t i = 1;
	bool newline = true;

	if (i < words->n && str_eq(words->p[i], S("-n"))) {
		newline = false;
		i++;
	}
	if (i < words->n && (str_eq(words->p[i], S("-e")) || str_eq(words->p[i], S("-ne"))))
		return shell_odd(r, "'echo' with escapes");
	for (size_t first = i; i < words->n; i++) {
		if (i > first)
			buf_c(out, ' ');
		buf_str(out, words->p[i]);
	}
	if (newline)
		buf_c(out, '\n');
	return true;
}

static bool printed(struct running *r, const texts *words, struct buf *out)
{
	bool line = words->n == 3 && (str_eq(words->p[1], S("%s\n")) || str_eq(words->p[1], S("%s\\n")));

	if (words->n != 2 && !line)
		return shell_odd(r, "'printf' with a format");
	if (!line && (str_find(words->p[1], '%') < words->p[1].n || str_find(words->p[1], '\\') < words->p[1].n))
		return shell_odd(r, "'printf' with a format");
	buf_str(out, words->p[words->n - 1]);
	if (line)
		buf_c(out, '\n');
	return true;
}

static bool do_redirected(struct running *r, const struct shell_command *c, const texts *words)
{
	str program = words->n ? words->p[0] : (str){0}, to, text;
	struct buf b = {0};
	bool pattern, ok = shell_text(r, &c->to, &to, &pattern);

	if (ok && str_eq(to, S("/dev/null")) && c->output == SHELL_WRITE) {
		buf_free(&b);
		return shell_odd(r, "output that is thrown away");
	}
	if (ok && str_eq(program, S("echo")))
		ok = echoed(r, words, &b);
	else if (ok && str_eq(program, S("printf")))
		ok = printed(r, words, &b);
	else if (ok && str_eq(program, S("cat")) && words->n == 1 && c->input == SHELL_HERE) {
		ok = shell_text(r, &c->from, &text, &pattern);
		if (ok)
			buf_str(&b, text);
	} else if (ok && (words->n == 0 || str_eq(program, S(":")) || str_eq(program, S("true")))) {
		ok = true;
	} else if (ok && str_eq(program, S("cat")) && words->n == 2 && c->output == SHELL_WRITE && !c->input) {
		shell_put(r, "C.Copy { from = %s, to = %s }", shell_quoted(r, shell_placed(r, words->p[1])).p, shell_quoted(r, shell_placed(r, to)).p);
		buf_free(&b);
		return true;
	} else if (ok) {
		ok = shell_odd(r, "the output of '%.*s' goes to a file", STR_ARG(program));
	}
	to = shell_placed(r, to);
	shell_note_out(r, to);
	if (ok)
		shell_put(r, "C.%s { path = %s, content = %s }", c->output == SHELL_APPEND ? "Append" : "Write", shell_quoted(r, to).p,
				shell_quoted(r, buf_view(&b)).p);
	buf_free(&b);
	return ok;
}

/* ---- one command ---- */

static bool run_hook(struct running *r, str name)
{
	if (r->p->depth >= HOOKS_MAX)
		return shell_odd(r, "hooks that run each other");
	return convert_hook(r->p, str_dup(&r->p->c->arena, name).p, r->out);
}

static bool do_words(struct running *r, const struct shell_command *c, const texts *words)
{
	if (!str_eq(words->p[0], S("runHook")))
		return shell_call(r, c, words);
	return words->n != 2 || run_hook(r, words->p[1]);
}

static bool do_list(struct running *r, const struct shell_command *list, size_t n);

static bool set_variable(struct running *r, str name, str value)
{
	str *slot = arena_make(&r->p->c->arena, str);

	*slot = value;
	map_put(&r->p->variables, str_dup(&r->p->c->arena, name), slot);
	return true;
}

static bool do_for(struct running *r, const struct shell_command *c)
{
	texts values = {0};
	bool ok = true;

	for (size_t i = 0; i < c->nwords && ok; i++)
		ok = shell_expand(r, &c->words[i], &values);
	for (size_t i = 0; i < values.n && ok; i++)
		ok = set_variable(r, c->variable, values.p[i]) && do_list(r, c->body, c->nbody);
	vec_free(&values);
	return ok;
}

static bool export_word(struct running *r, str w)
{
	str name, value;

	if (!str_cut(w, '=', &name, &value))
		return true;
	if (str_eq(name, S("HOME")) || str_eq(name, S("PATH")) || str_eq(name, S("LD_LIBRARY_PATH")))
		return shell_odd(r, "'%.*s' is set", STR_ARG(name));
	vec_push(&r->p->env, str_fmt(&r->p->c->arena, "{ name = %s, value = %s }", shell_quoted(r, name).p, shell_quoted(r, value).p));
	return set_variable(r, name, value);
}

static bool do_command(struct running *r, const struct shell_command *c)
{
	texts words = {0};
	bool pattern, ok = true;
	str value;

	if (!shell_works(r, SHELL_WORK_COMMAND))
		return false;
	if (c->variable.p)
		return do_for(r, c);
	for (size_t i = 0; i < c->nassignments && ok; i++) {
		ok = c->nwords == 0 || shell_odd(r, "a variable that is set for one command");
		ok = ok && shell_text(r, &c->assignments[i].value, &value, &pattern) && set_variable(r, c->assignments[i].name, value);
	}
	for (size_t i = 0; i < c->nwords && ok; i++)
		ok = shell_expand(r, &c->words[i], &words);
	if (ok && c->output)
		ok = do_redirected(r, c, &words);
	else if (ok && words.n && str_eq(words.p[0], S("export")))
		for (size_t i = 1; i < words.n && ok; i++)
			ok = export_word(r, words.p[i]);
	else if (ok && c->input && !(words.n && str_eq(words.p[0], S("patch"))))
		ok = shell_odd(r, "input from a file");
	else if (ok && words.n)
		ok = do_words(r, c, &words);
	vec_free(&words);
	return ok;
}

static bool do_list(struct running *r, const struct shell_command *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!do_command(r, &list[i]))
			return false;
	return true;
}

static unsigned line_of(str text, size_t at)
{
	unsigned line = 1;

	for (size_t i = 0; i < at && i < text.n; i++)
		line += text.p[i] == '\n';
	return line;
}

bool convert_shell(struct package *p, str attribute, str text, texts *out)
{
	struct running r = {p, attribute, out};
	const struct shell_command *list;
	size_t n, before = out->n, env = p->env.n;
	struct shell_bad bad;
	bool ok;

	if (!shell_read(text, &p->c->arena, &list, &n, &bad))
		return shell_odd(&r, "%s is not understood (line %u of it)", bad.why, line_of(text, bad.at));
	p->depth++;
	ok = do_list(&r, list, n);
	p->depth--;
	if (!p->depth)
		p->cwd = (str){0};
	if (!ok) {
		out->n = before;
		p->env.n = env;
	}
	return ok;
}

bool convert_hook(struct package *p, const char *name, texts *out)
{
	struct setting *s = package_setting(p, name);
	str text;

	if (!s || nix_kind(p->c->x, s->value) == NIX_NULL)
		return true;
	s->used = true;
	if (!package_coerce(p, s->value, &text)) {
		package_left(p, str_c(name), DIAG_CONVERT_SHELL, NULL, "it is no text");
		return false;
	}
	return convert_shell(p, str_c(name), text, out);
}

str convert_commands(struct converting *c, const texts *list)
{
	struct buf b = {0};

	for (size_t i = 0; i < list->n; i++)
		buf_fmt(&b, "%s%.*s", i ? ", " : "[ ", STR_ARG(list->p[i]));
	buf_str(&b, list->n ? S(" ]") : S("([] : List C)"));
	return buf_take(&b, &c->arena);
}
