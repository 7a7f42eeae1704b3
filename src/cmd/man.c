#include "man.h"

/* ---- what a page says ---- */

static const struct {
	const char *what, *text;
} exits[] = {
	{"0", "success"},
	{"1", "the user's build, test or check failed"},
	{"2", "wrong usage"},
	{"3", "the machine is to blame: disk, sandbox, cache"},
	{"130", "interrupted; what was done is kept"},
}, variables[] = {
	{"XDG_CACHE_HOME", "the cache stands in straylight/ below it; without it in ~/.cache/straylight"},
	{"STRAYLIGHT_PRELUDE", "a Dhall expression, used instead of the prelude that is part of straylight"},
	{"STRAYLIGHT_SUBSTITUTERS", "binary caches, as --substituters names them, for commands that get none"},
	{"STRAYLIGHT_TRUSTED_KEYS", "whose signatures are believed, as --trusted-keys names them"},
	{"STRAYLIGHT_DHALL_STEPS", "what one evaluation may take, in steps of about ten nanoseconds; 268435456 without it"},
	{"STRAYLIGHT_DHALL_BYTES", "the memory that Dhall values may take in a session; 2147483648 without it"},
	{"NO_COLOR", "when set and not empty, messages have no colours unless --color=always is given"},
}, files[] = {
	{"straylight.dhall", "the workspace, in its topmost folder"},
	{"BUILD.dhall", "the targets of a folder"},
	{"straylight-out/", "outputs"},
	{".straylight/", "what straylight remembers of the workspace"},
};

#define ITEMS(f, rows, out)                                                                        \
	for (size_t i_ = 0; i_ < SL_COUNT(rows); i_++)                                             \
	(f)->item((out), str_c((rows)[i_].what), str_c((rows)[i_].text))

static str page_name(const char *command, struct arena *a)
{
	str name = str_fmt(a, "straylight-%s", command);
	char *p = (char *)(uintptr_t)name.p;

	for (size_t i = 0; i < name.n; i++)
		if (p[i] == ' ')
			p[i] = '-';
	return name;
}

static void paragraphs(const struct man_format *f, str text, struct buf *out)
{
	str line;

	while (text.n) {
		str_cut(text, '\n', &line, &text);
		if (str_starts(line, S("  ")))
			f->literal(out, str_from(line, 2));
		else if (line.n)
			f->paragraph(out, line);
	}
}

static void options(const struct man_format *f, const struct option *rows, size_t n, struct buf *out)
{
	for (size_t i = 0; i < n; i++) {
		struct buf what = {0};

		option_spelling(&rows[i], &what);
		f->item(out, buf_view(&what), str_c(rows[i].help));
		buf_free(&what);
	}
}

static void command_page(const struct man_format *f, const struct command *row, struct arena *a, struct buf *out)
{
	f->begin(out, page_name(row->name, a), row->summary);
	f->synopsis(out, str_fmt(a, "straylight %s%s%s%s", row->name, row->noptions ? " [OPTIONS]" : "",
				 *row->usage ? " " : "", row->usage).p);
	f->heading(out, "Description");
	paragraphs(f, str_c(row->about), out);
	if (row->noptions)
		f->heading(out, "Options");
	options(f, row->options, row->noptions, out);
	f->heading(out, "See also");
	f->paragraph(out, S("straylight(1) has the options of every command, the exit codes and the environment."));
}

static void program_page(const struct man_format *f, const struct command *const *commands, struct arena *a,
		struct buf *out)
{
	f->begin(out, S("straylight"), "a build system");
	f->synopsis(out, "straylight [-C DIR] COMMAND [OPTIONS] [ARGUMENTS]");
	f->heading(out, "Description");
	f->paragraph(out, S("Builds software from BUILD.dhall files: each action runs in a sandbox that holds what it "
			    "declares, and runs again only when something that it reads has changed."));
	f->heading(out, "Commands");
	for (; *commands; commands++)
		f->item(out, page_name((*commands)->name, a), str_c((*commands)->summary));
	f->heading(out, "Options of every command");
	options(f, common_rows, common_count, out);
	f->heading(out, "Exit codes");
	ITEMS(f, exits, out);
	f->heading(out, "Environment");
	ITEMS(f, variables, out);
	f->heading(out, "Files");
	ITEMS(f, files, out);
}

void man_page(const struct man_format *f, const struct command *const *commands, const struct command *row,
		struct buf *out)
{
	struct arena a = {0};

	if (row)
		command_page(f, row, &a, out);
	else
		program_page(f, commands, &a, out);
	arena_clear(&a);
}

/* ---- Markdown ---- */

#define COLUMNS 110

static void md_begin(struct buf *out, str name, const char *summary)
{
	buf_fmt(out, "# %.*s\n\n%s\n", STR_ARG(name), summary);
}

static void md_synopsis(struct buf *out, const char *line)
{
	buf_fmt(out, "\n```\n%s\n```\n", line);
}

static void md_heading(struct buf *out, const char *title)
{
	buf_fmt(out, "\n## %s\n\n", title);
}

static void md_gap(struct buf *out)
{
	if (!str_ends(buf_view(out), S("\n\n")))
		buf_c(out, '\n');
}

static void md_paragraph(struct buf *out, str text)
{
	md_gap(out);
	options_wrap(text, 0, 0, COLUMNS, out);
	buf_c(out, '\n');
}

static bool is_literal(str text)
{
	size_t last = text.n;

	while (last && text.p[last - 1] != '\n')
		last--;
	return str_starts(str_from(text, last), S("    "));
}

static void md_literal(struct buf *out, str line)
{
	if (!is_literal(str_upto(buf_view(out), out->n ? out->n - 1 : 0)))
		md_gap(out);
	buf_fmt(out, "    %.*s\n", STR_ARG(line));
}

static void md_item(struct buf *out, str what, str text)
{
	size_t start = out->n;

	buf_fmt(out, "- `%.*s`: ", STR_ARG(what));
	options_wrap(text, (unsigned)utf8_count(str_from(buf_view(out), start)), 2, COLUMNS, out);
	buf_c(out, '\n');
}

const struct man_format man_markdown = {md_begin, md_synopsis, md_heading, md_paragraph, md_literal, md_item};

/* ---- roff ---- */

static void roff_text(struct buf *out, str text)
{
	if (text.n && (text.p[0] == '.' || text.p[0] == '\''))
		buf_lit(out, "\\&");
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '\\')
			buf_lit(out, "\\e");
		else if (text.p[i] == '-')
			buf_lit(out, "\\-");
		else
			buf_c(out, text.p[i]);
	}
	buf_c(out, '\n');
}

static void roff_begin(struct buf *out, str name, const char *summary)
{
	buf_lit(out, ".TH ");
	for (size_t i = 0; i < name.n; i++)
		buf_c(out, name.p[i] >= 'a' && name.p[i] <= 'z' ? (char)(name.p[i] - 32) : name.p[i]);
	buf_fmt(out, " 1\n.SH NAME\n%.*s \\- %s\n", STR_ARG(name), summary);
}

static void roff_synopsis(struct buf *out, const char *line)
{
	buf_lit(out, ".SH SYNOPSIS\n");
	roff_text(out, str_c(line));
}

static void roff_heading(struct buf *out, const char *title)
{
	buf_lit(out, ".SH ");
	for (; *title; title++)
		buf_c(out, *title >= 'a' && *title <= 'z' ? (char)(*title - 32) : *title);
	buf_c(out, '\n');
}

static void roff_paragraph(struct buf *out, str text)
{
	buf_lit(out, ".PP\n");
	roff_text(out, text);
}

static void roff_literal(struct buf *out, str line)
{
	if (str_ends(buf_view(out), S(".EE\n")))
		out->n -= sizeof ".EE";
	else
		buf_lit(out, ".EX\n");
	roff_text(out, line);
	buf_lit(out, ".EE\n");
}

static void roff_item(struct buf *out, str what, str text)
{
	buf_lit(out, ".TP\n.B ");
	roff_text(out, what);
	roff_text(out, text);
}

const struct man_format man_roff = {
	roff_begin, roff_synopsis, roff_heading, roff_paragraph, roff_literal, roff_item,
};
