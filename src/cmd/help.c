#include "man.h"
#include "page.h"

#define COLUMNS 80
#define SUMMARY_AT 26

static const char *const section_titles[SECTION_COUNT] = {
	[SECTION_BUILD] = "Build",
	[SECTION_LANGUAGE] = "Languages and formats",
	[SECTION_OTHER] = "Other",
};

/* ---- finding ---- */

const struct command *command_find(const struct command *const *commands, str name)
{
	for (; *commands; commands++)
		if (str_eq(str_c((*commands)->name), name))
			return *commands;
	return NULL;
}

/* Is the row a member of the group that the word names? */
static bool in_group(const struct command *row, str word)
{
	str name = str_c(row->name);

	return name.n > word.n && name.p[word.n] == ' ' && str_starts(name, word);
}

bool command_is_group(const struct command *const *commands, str word)
{
	for (; *commands; commands++)
		if (in_group(*commands, word))
			return true;
	return false;
}

void command_unknown(const struct command *const *commands, str name, struct diags *diags)
{
	struct diag *d = diag_error(diags, DIAG_USAGE, NO_SPAN, "there is no command '%.*s'", STR_ARG(name));
	VEC(const char *) names = {0};
	const char *near;

	for (; *commands; commands++)
		vec_push(&names, (*commands)->name);
	near = options_near(name, names.p, names.n);
	if (near)
		diag_hint(diags, d, "did you mean '%s'?", near);
	else
		diag_hint(diags, d, "`straylight help` lists the commands");
	vec_free(&names);
}

void command_incomplete(const struct command *const *commands, str word, struct diags *diags)
{
	struct diag *d = diag_error(diags, DIAG_USAGE, NO_SPAN, "'%.*s' needs one more word", STR_ARG(word));
	struct buf members = {0};

	for (; *commands; commands++)
		if (in_group(*commands, word))
			buf_fmt(&members, "%s%s", members.n ? ", " : "", (*commands)->name + word.n + 1);
	diag_hint(diags, d, "it is one of %.*s", STR_ARG(buf_view(&members)));
	buf_free(&members);
}

/* ---- texts ---- */

static void line_of(const struct command *row, struct buf *out)
{
	size_t start = out->n;

	buf_fmt(out, "  %s ", row->name);
	buf_lit(out, "  ");
	while (out->n - start < SUMMARY_AT)
		buf_c(out, ' ');
	buf_fmt(out, "%s\n", row->summary);
}

void help_overview(const struct command *const *commands, struct buf *out)
{
	buf_lit(out, "straylight builds software from BUILD.dhall files.\n\n"
		     "Usage: straylight [-C DIR] COMMAND [OPTIONS] [ARGUMENTS]\n");
	for (int s = 0; s < SECTION_COUNT; s++) {
		buf_fmt(out, "\n%s:\n", section_titles[s]);
		for (size_t i = 0; commands[i]; i++)
			if ((int)commands[i]->section == s)
				line_of(commands[i], out);
	}
	buf_lit(out, "\n`straylight help COMMAND` says more about one, `straylight help E0301` about a message.\n");
}

void help_group(const struct command *const *commands, str word, struct buf *out)
{
	buf_fmt(out, "Usage: straylight %.*s COMMAND [OPTIONS] [ARGUMENTS]\n\n", STR_ARG(word));
	for (; *commands; commands++)
		if (in_group(*commands, word))
			line_of(*commands, out);
	buf_fmt(out, "\n`straylight help %.*s COMMAND` says more about one.\n", STR_ARG(word));
}

void help_command(const struct command *row, struct buf *out)
{
	buf_fmt(out, "Usage: straylight %s%s%s%s\n\n", row->name, row->noptions ? " [OPTIONS]" : "",
			*row->usage ? " " : "", row->usage);
	options_wrap(str_c(row->about), 0, 0, COLUMNS, out);
	buf_c(out, '\n');
	if (row->noptions) {
		buf_lit(out, "\nOptions:\n");
		options_help(row->options, row->noptions, COLUMNS, out);
	}
	buf_lit(out, "\nOptions of every command:\n");
	options_help(common_rows, common_count, COLUMNS, out);
}

enum format { FORMAT_TEXT, FORMAT_MARKDOWN, FORMAT_MAN }; /* ORDER of the words below */

struct args {
	int format;
};

static const struct option options[] = {
	CHOICE(struct args, format, 0, "format", "text|markdown|man", "of a command's page (default: text)"),
};

static bool is_code(str word)
{
	return word.n == 5 && (word.p[0] == 'E' || word.p[0] == 'e') && word.p[1] >= '0' && word.p[1] <= '9';
}

static void help_on(struct call *c, str name)
{
	const struct command *row = command_find(c->commands, name);
	const struct args *args = c->options;
	char number[6] = "E";
	enum diag_code code;

	if (row && args->format != FORMAT_TEXT) {
		man_page(args->format == FORMAT_MAN ? &man_roff : &man_markdown, c->commands, row, &c->out);
	} else if (row) {
		help_command(row, &c->out);
	} else if (command_is_group(c->commands, name)) {
		help_group(c->commands, name, &c->out);
	} else if (is_code(name)) {
		memcpy(number + 1, name.p + 1, 4);
		code = diag_find(str_c(number));
		if (code)
			buf_str(&c->out, page_of(code));
		else
			call_usage(c, "there is no message with the code '%.*s'", STR_ARG(name));
	} else {
		command_unknown(c->commands, name, &c->diags);
	}
}

static int run(struct call *c)
{
	str *args = c->arguments.args;
	int format = ((const struct args *)c->options)->format;

	if (c->arguments.nargs == 0 && format != FORMAT_TEXT)
		man_page(format == FORMAT_MAN ? &man_roff : &man_markdown, c->commands, NULL, &c->out);
	else if (c->arguments.nargs == 0)
		help_overview(c->commands, &c->out);
	else if (c->arguments.nargs == 1)
		help_on(c, args[0]);
	else
		help_on(c, str_fmt(&c->arena, "%.*s %.*s", STR_ARG(args[0]), STR_ARG(args[1])));
	return 0;
}

const struct command cmd_help = {
	.name = "help",
	.usage = "[COMMAND | CODE]",
	.summary = "explain a command or a message's code",
	.about = "Lists the commands, or explains one of them, or what the code of a message (E0301) means. The pages of the "
		 "manual come from here: `straylight help --format=man build | man -l -`.",
	.section = SECTION_OTHER,
	.max = 2,
	.options = options,
	.noptions = SL_COUNT(options),
	.size = sizeof(struct args),
	.run = run,
};
