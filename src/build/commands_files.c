/* Programs that make, move and change files. */
#include "commands_int.h"

#include <ctype.h>

/* The words that are no options; each option is one of the letters. */
static bool plain_words(struct maker *m, const words *w, const char *letters, words *rest)
{
	bool end = false;

	for (size_t i = 1; i < w->n; i++) {
		str x = w->p[i];

		if (!end && str_eq(x, S("--"))) {
			end = true;
			continue;
		}
		if (end || x.n < 2 || x.p[0] != '-') {
			vec_push(rest, x);
			continue;
		}
		for (size_t k = 1; k < x.n; k++)
			if (!char_in(x.p[k], letters))
				return maker_fail(m, "'%.*s' has the option '%.*s'", STR_ARG(w->p[0]), STR_ARG(x));
	}
	return true;
}

bool make_folders(struct maker *m, const words *w)
{
	words rest = {0};
	bool ok = plain_words(m, w, "pv", &rest);

	for (size_t i = 0; i < rest.n && ok; i++)
		maker_add(m, COMMAND_MKDIR, maker_without_slash(maker_here(m, rest.p[i])), S(""), S(""));
	vec_free(&rest);
	return ok;
}

bool remove_files(struct maker *m, const words *w)
{
	words rest = {0};
	bool ok = plain_words(m, w, "rfRv", &rest);

	for (size_t i = 0; i < rest.n && ok; i++)
		maker_add(m, COMMAND_REMOVE, maker_without_slash(maker_here(m, rest.p[i])), S(""), S(""));
	vec_free(&rest);
	return ok;
}

/* cp and mv: the last word is a file, or a folder for all the others. */
bool put_files(struct maker *m, const words *w, enum command_kind kind)
{
	words rest = {0};
	bool ok = plain_words(m, w, kind == COMMAND_COPY ? "rRafpv" : "fv", &rest), folder;

	if (ok && rest.n < 2)
		ok = maker_fail(m, "'%.*s' has no target", STR_ARG(w->p[0]));
	folder = ok && (rest.n > 2 || maker_is_folder(m, maker_here(m, vec_last(&rest))));
	for (size_t i = 0; ok && i + 1 < rest.n; i++) {
		str to = maker_here(m, vec_last(&rest));

		if (rest.p[i].n > 1 && str_ends(rest.p[i], S("/.")))
			ok = maker_fail(m, "the contents of a folder are copied");
		maker_add(m, kind, maker_without_slash(maker_here(m, rest.p[i])), folder ? maker_inside(m, to, rest.p[i]) : to, S(""));
	}
	vec_free(&rest);
	return ok;
}

bool link_file(struct maker *m, const words *w)
{
	words rest = {0};
	bool ok = plain_words(m, w, "sfnv", &rest);
	bool symbolic = w->n > 1 && w->p[1].n > 1 && w->p[1].p[0] == '-' && str_find(w->p[1], 's') < w->p[1].n;

	if (ok && (rest.n != 2 || !symbolic))
		ok = maker_fail(m, "'ln' makes something else than one symbolic link");
	if (ok) {
		str to = maker_here(m, rest.p[1]);

		maker_add(m, COMMAND_SYMLINK, rest.p[0], maker_is_folder(m, to) ? maker_inside(m, to, rest.p[0]) : to, S(""));
	}
	vec_free(&rest);
	return ok;
}

bool change_mode(struct maker *m, const words *w)
{
	if (w->n < 3 || w->p[1].p[0] == '-')
		return maker_fail(m, "'chmod' has options");
	for (size_t i = 2; i < w->n; i++)
		maker_add(m, COMMAND_CHMOD, maker_here(m, w->p[i]), w->p[1], S(""));
	return true;
}

struct installing {
	str mode, folder;
	bool folders;
	words rest;
};

/* An option of install; *i is left at its last word. */
static bool install_option(struct maker *m, const words *w, size_t *i, struct installing *x)
{
	str o = w->p[*i];

	for (size_t k = 1; k < o.n; k++) {
		str value = str_from(o, k + 1);

		if (o.p[k] == 'd')
			x->folders = true;
		if (char_in(o.p[k], "dDvcpCs"))
			continue;
		if (o.p[k] != 'm' && o.p[k] != 't')
			return maker_fail(m, "'install' has the option '%.*s'", STR_ARG(o));
		if (!value.n && *i + 1 < w->n)
			value = w->p[++*i];
		*(o.p[k] == 'm' ? &x->mode : &x->folder) = value;
		return true;
	}
	return true;
}

bool install_files(struct maker *m, const words *w)
{
	struct installing x = {.mode = S("755")};
	bool ok = true;
	str to;

	for (size_t i = 1; i < w->n && ok; i++) {
		if (str_starts(w->p[i], S("--mode=")))
			x.mode = str_from(w->p[i], 7);
		else if (str_starts(w->p[i], S("--")))
			ok = maker_fail(m, "'install' has the option '%.*s'", STR_ARG(w->p[i]));
		else if (w->p[i].n > 1 && w->p[i].p[0] == '-')
			ok = install_option(m, w, &i, &x);
		else
			vec_push(&x.rest, w->p[i]);
	}
	if (ok && !x.folders && x.rest.n < (x.folder.n ? 1 : 2))
		ok = maker_fail(m, "'install' has no target");
	for (size_t i = 0; ok && x.folders && i < x.rest.n; i++)
		maker_add(m, COMMAND_MKDIR, maker_without_slash(maker_here(m, x.rest.p[i])), S(""), S(""));
	to = x.folder.n ? x.folder : x.rest.n ? vec_last(&x.rest) : S("");
	for (size_t i = 0; ok && !x.folders && i + !x.folder.n < x.rest.n; i++) {
		bool folder = x.folder.n || x.rest.n > 2 || maker_is_folder(m, maker_here(m, to));

		maker_add(m, COMMAND_INSTALL, maker_here(m, x.rest.p[i]), folder ? maker_inside(m, maker_here(m, to), x.rest.p[i]) : maker_here(m, to), x.mode);
	}
	vec_free(&x.rest);
	return ok;
}

bool substitute_text(struct maker *m, const words *w)
{
	str path = w->n > 1 ? maker_here(m, w->p[1]) : S("");

	if (w->n < 5 || (w->n - 2) % 3)
		return maker_run(m, w);
	for (size_t i = 2; i < w->n; i += 3) {
		str how = w->p[i];

		if (!str_eq(how, S("--replace")) && !str_eq(how, S("--replace-fail")) && !str_eq(how, S("--replace-warn")) &&
				!str_eq(how, S("--replace-quiet")))
			return maker_fail(m, "'substituteInPlace' has the option '%.*s'", STR_ARG(how));
	}
	for (size_t i = 2; i < w->n; i += 3)
		maker_add(m, COMMAND_SUBSTITUTE, path, w->p[i + 1], w->p[i + 2]);
	return true;
}

/* s|from|to|g where both are plain text. */
static bool plain_substitution(str s, str *from, str *to)
{
	char sign = s.n > 1 ? s.p[1] : '\0';
	str rest;

	if (s.n < 5 || s.p[0] != 's' || isalnum((unsigned char)sign) || sign == '\\' || !str_cut(str_from(s, 2), sign, from, &rest) ||
			!str_cut(rest, sign, to, &rest) || !str_eq(rest, S("g")) || !from->n)
		return false;
	for (size_t i = 0; i < from->n; i++)
		if (char_in(from->p[i], ".*[]^\\+?(){}|") || (from->p[i] == '$' && i + 1 == from->n))
			return false;
	for (size_t i = 0; i < to->n; i++)
		if (to->p[i] == '&' || to->p[i] == '\\')
			return false;
	return true;
}

/* sed -i s|a|b|g FILE…; any other is run as it is. */
bool edit_stream(struct maker *m, const words *w)
{
	size_t at = 2;
	str from, to;

	if (w->n < 4 || !str_eq(w->p[1], S("-i")))
		return maker_run(m, w);
	if (str_eq(w->p[2], S("-e")))
		at = 3;
	if (at + 1 >= w->n || !plain_substitution(w->p[at], &from, &to))
		return maker_run(m, w);
	for (size_t i = at + 1; i < w->n; i++)
		if (!w->p[i].n || w->p[i].p[0] == '-')
			return maker_run(m, w);
	for (size_t i = at + 1; i < w->n; i++)
		maker_add(m, COMMAND_SUBSTITUTE, maker_here(m, w->p[i]), from, to);
	return true;
}

bool untar_archive(struct maker *m, const words *w)
{
	uint32_t strip = 0;
	str archive = {0};

	for (size_t i = 1; i < w->n; i++) {
		str x = w->p[i];
		bool letters = i == 1 && x.n && x.p[0] != '/' && str_find(x, 'x') < x.n && str_find(x, '.') == x.n;

		if (letters || (x.n > 1 && x.p[0] == '-' && x.p[1] != '-')) {
			for (size_t k = x.p[0] == '-'; k < x.n; k++)
				if (!char_in(x.p[k], "xfzjJv"))
					return maker_run(m, w);
		} else if (str_starts(x, S("--strip-components="))) {
			if (!maker_number(str_from(x, 19), &strip))
				return maker_run(m, w);
		} else if (archive.p || x.p[0] == '-') {
			return maker_run(m, w);
		} else {
			archive = x;
		}
	}
	if (!archive.n)
		return maker_run(m, w);
	if (m->dir.n)
		return maker_run(m, w);
	maker_add(m, COMMAND_UNTAR, maker_here(m, archive), S(""), S(""))->strip = strip;
	return true;
}

bool apply_patch(struct maker *m, const words *w, str input)
{
	uint32_t strip = 0;
	bool said = false;

	for (size_t i = 1; i < w->n; i++) {
		str x = w->p[i];

		if (str_starts(x, S("-p")) && maker_number(str_from(x, 2), &strip))
			said = true;
		else if (str_starts(x, S("--strip=")) && maker_number(str_from(x, 8), &strip))
			said = true;
		else if ((str_eq(x, S("-i")) || str_eq(x, S("--input"))) && i + 1 < w->n && !input.p)
			input = w->p[++i];
		else
			return maker_fail(m, "'patch' has the option '%.*s'", STR_ARG(x));
	}
	if (!said || !input.n || m->dir.n)
		return maker_fail(m, m->dir.n ? "'patch' runs in another folder" : "'patch' has no -pN or no file");
	maker_add(m, COMMAND_PATCH, maker_here(m, input), S(""), S(""))->strip = strip;
	return true;
}

bool patch_elf(struct maker *m, const words *w)
{
	str interpreter = {0}, rpath = {0}, path = {0};

	for (size_t i = 1; i < w->n; i++) {
		if (str_eq(w->p[i], S("--set-interpreter")) && i + 1 < w->n)
			interpreter = w->p[++i];
		else if (str_eq(w->p[i], S("--set-rpath")) && i + 1 < w->n)
			rpath = w->p[++i];
		else if (w->p[i].p[0] == '-' || path.p)
			return maker_run(m, w);
		else
			path = maker_here(m, w->p[i]);
	}
	if (!path.n)
		return maker_run(m, w);
	maker_add(m, COMMAND_PATCHELF, path, interpreter, rpath);
	return true;
}

/* ---- text into files ---- */

static bool printed(struct maker *m, const words *w, str *out)
{
	struct buf b = {0};
	bool echo = str_eq(w->p[0], S("echo")), newline = echo;
	size_t at = 1;

	if (echo && w->n > 1 && str_eq(w->p[1], S("-n"))) {
		newline = false;
		at = 2;
	} else if (echo && w->n > 1 && w->p[1].n > 1 && w->p[1].p[0] == '-') {
		return maker_fail(m, "'echo' has the option '%.*s'", STR_ARG(w->p[1]));
	}
	if (!echo && (w->n != 2 || str_find(w->p[1], '%') < w->p[1].n))
		return maker_fail(m, "'printf' has a format");
	for (size_t i = at; i < w->n; i++) {
		str x = w->p[i];

		if (i > at)
			buf_c(&b, ' ');
		for (size_t k = 0; k < x.n; k++) {
			if (x.p[k] != '\\') {
				buf_c(&b, x.p[k]);
			} else if (!echo && k + 1 < x.n && char_in(x.p[k + 1], "nt\\")) {
				buf_c(&b, x.p[k + 1] == 'n' ? '\n' : x.p[k + 1] == 't' ? '\t' : '\\');
				k++;
			} else {
				buf_free(&b);
				return maker_fail(m, "'%.*s' has a backslash", STR_ARG(w->p[0]));
			}
		}
	}
	if (newline)
		buf_c(&b, '\n');
	*out = buf_take(&b, m->a);
	return true;
}

bool write_text(struct maker *m, const words *w, const struct flat_command *c)
{
	str text = c->input, file = c->output;

	if (!c->document && !printed(m, w, &text))
		return false;
	if (!file.p)
		return true; /* it is only said */
	if (!maker_expand(m, &file))
		return false;
	maker_add(m, c->append ? COMMAND_APPEND : COMMAND_WRITE, maker_here(m, file), text, S(""));
	return true;
}
