/* What a shell completes, from the same rows that parsing and help come from: words of commands, options, and the
 * words that an option chooses from.  The scripts ask nothing when they run, since a build may hold the workspace. */
#include "cmd.h"

#include <string.h>

struct script {
	const struct command *const *commands;
	struct buf *out;
};

/* ---- the words of commands ---- */

static str first_word(const struct command *row)
{
	str first, rest;

	str_cut(str_c(row->name), ' ', &first, &rest);
	return first;
}

static str second_word(const struct command *row)
{
	str first, rest;

	str_cut(str_c(row->name), ' ', &first, &rest);
	return rest;
}

/* Members of a group stand together in the table. */
static bool begins_word(const struct script *s, size_t i)
{
	return i == 0 || !str_eq(first_word(s->commands[i]), first_word(s->commands[i - 1]));
}

/* A command of the group's own name stands behind the members. */
static bool ends_group(const struct script *s, size_t i)
{
	return !s->commands[i + 1] || begins_word(s, i + 1) || !second_word(s->commands[i + 1]).n;
}

/* What the word does that row i begins. */
static const char *title(const struct script *s, size_t i)
{
	const struct command *own = command_find(s->commands, first_word(s->commands[i]));

	return own ? own->summary : "a group of commands";
}

/* ---- texts in quotes ---- */

/* What ends a text in single quotes is written as '\''; `also` are characters with a meaning inside, escaped with \. */
static void quoted(struct buf *out, str text, const char *also)
{
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '\'')
			buf_str(out, S("'\\''"));
		else if (char_in(text.p[i], also))
			buf_fmt(out, "\\%c", text.p[i]);
		else
			buf_c(out, text.p[i]);
	}
}

static bool takes_value(const struct option *o)
{
	return o->kind != OPTION_FLAG;
}

/* Calls each for the common options and those of the row. */
static void each_option(const struct script *s, const struct command *row,
		void each(const struct script *, const struct command *, const struct option *))
{
	for (size_t i = 0; i < common_count; i++)
		each(s, row, &common_rows[i]);
	for (size_t i = 0; i < row->noptions; i++)
		each(s, row, &row->options[i]);
}

/* "one|two" as "one two". */
static void choices(struct buf *out, const char *words)
{
	for (; *words; words++)
		buf_c(out, *words == '|' ? ' ' : *words);
}

/* ---- bash ---- */

static void bash_option(const struct script *s, const struct command *row, const struct option *o)
{
	(void)row;
	if (o->name)
		buf_fmt(s->out, " --%s", o->name);
	else
		buf_fmt(s->out, " -%c", o->letter);
}

static void bash_choice(const struct script *s, const struct option *o)
{
	if (o->kind != OPTION_CHOICE)
		return;
	buf_fmt(s->out, "\t--%s) words='", o->name);
	choices(s->out, o->value);
	buf_str(s->out, S("' ;;\n"));
}

/* An option that chooses does so from the same words in every command that has it, so the first one tells. */
static bool is_first(const struct script *s, size_t command, const struct option *o)
{
	for (size_t c = 0; c < command; c++)
		for (size_t i = 0; i < s->commands[c]->noptions; i++) {
			const struct option *other = &s->commands[c]->options[i];

			if (o->name && other->name && str_eq(str_c(o->name), str_c(other->name)) && other->kind == o->kind)
				return false;
		}
	return true;
}

static void bash_choices(const struct script *s)
{
	for (size_t i = 0; i < common_count; i++)
		bash_choice(s, &common_rows[i]);
	for (size_t c = 0; s->commands[c]; c++)
		for (size_t i = 0; i < s->commands[c]->noptions; i++)
			if (is_first(s, c, &s->commands[c]->options[i]))
				bash_choice(s, &s->commands[c]->options[i]);
}

static void bash_groups(const struct script *s)
{
	for (size_t c = 0; s->commands[c]; c++) {
		str word = first_word(s->commands[c]), second = second_word(s->commands[c]);

		if (second.n && begins_word(s, c))
			buf_fmt(s->out, "\t\t'2 %.*s') words='", STR_ARG(word));
		if (second.n)
			buf_fmt(s->out, " %.*s", STR_ARG(second));
		if (second.n && ends_group(s, c))
			buf_str(s->out, S("' ;;\n"));
	}
}

static void bash(const struct script *s)
{
	buf_str(s->out, S("# source this, or put it where bash-completion looks: "
			  "~/.local/share/bash-completion/completions/straylight\n"
			  "_straylight()\n{\n"
			  "\tlocal word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} words=''\n"
			  "\tif [ \"$word\" = = ]; then word=''; elif [ \"$before\" = = ]; then before=${COMP_WORDS[COMP_CWORD-2]}; fi\n"
			  "\tcase $before in\n"));
	bash_choices(s);
	buf_str(s->out, S("\t*)\n\t\tcase \"$COMP_CWORD ${COMP_WORDS[1]}\" in\n\t\t'1 '*) words='"));
	for (size_t c = 0; s->commands[c]; c++)
		if (begins_word(s, c))
			buf_fmt(s->out, " %.*s", STR_ARG(first_word(s->commands[c])));
	buf_str(s->out, S("' ;;\n"));
	bash_groups(s);
	buf_str(s->out, S("\t\t*) [[ $word == -* ]] && case \"${COMP_WORDS[1]} ${COMP_WORDS[2]}\" in\n"));
	for (size_t c = 0; s->commands[c]; c++) {
		buf_fmt(s->out, second_word(s->commands[c]).n ? "\t\t\t'%s') words='" : "\t\t\t'%s '*) words='", s->commands[c]->name);
		each_option(s, s->commands[c], bash_option);
		buf_str(s->out, S("' ;;\n"));
	}
	buf_str(s->out, S("\t\t\tesac ;;\n\t\tesac ;;\n\tesac\n"
			  "\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n}\n"
			  "complete -o default -F _straylight straylight\n"));
}

/* ---- zsh ---- */

#define ZSH_SPECIAL ":[]\\"

static void zsh_value(struct buf *out, const struct option *o)
{
	if (!takes_value(o))
		return;
	buf_c(out, ':');
	quoted(out, o->kind == OPTION_CHOICE ? str_c(o->name) : str_c(o->value), ZSH_SPECIAL);
	if (o->kind == OPTION_CHOICE) {
		buf_str(out, S(":("));
		choices(out, o->value);
		buf_c(out, ')');
	} else {
		buf_str(out, S(":_files"));
	}
}

static void zsh_option(const struct script *s, const struct command *row, const struct option *o)
{
	const char *many = o->kind == OPTION_TEXTS ? "*" : "";

	(void)row;
	if (o->letter) {
		buf_fmt(s->out, " '%s-%c%s[", many, o->letter, takes_value(o) ? "+" : "");
		quoted(s->out, str_c(o->help), ZSH_SPECIAL);
		buf_c(s->out, ']');
		zsh_value(s->out, o);
		buf_c(s->out, '\'');
	}
	if (o->name) {
		buf_fmt(s->out, " '%s--%s%s[", many, o->name, takes_value(o) ? "=" : "");
		quoted(s->out, str_c(o->help), ZSH_SPECIAL);
		buf_c(s->out, ']');
		zsh_value(s->out, o);
		buf_c(s->out, '\'');
	}
}

static void zsh_row(struct buf *out, str word, const char *summary)
{
	buf_fmt(out, " '%.*s:", STR_ARG(word));
	quoted(out, str_c(summary), ZSH_SPECIAL);
	buf_c(out, '\'');
}

static void zsh_groups(const struct script *s)
{
	for (size_t c = 0; s->commands[c]; c++) {
		const struct command *row = s->commands[c];

		if (!second_word(row).n)
			continue;
		if (begins_word(s, c))
			buf_fmt(s->out, "\telif (( CURRENT == 3 )) && [[ $words[2] == %.*s ]]; then\n\t\trows=(", STR_ARG(first_word(row)));
		zsh_row(s->out, second_word(row), row->summary);
		if (ends_group(s, c))
			buf_str(s->out, S(")\n\t\t_describe command rows\n"));
	}
}

static void zsh(const struct script *s)
{
	buf_str(s->out, S("#compdef straylight\n"
			  "# put this into a folder of $fpath, as _straylight\n"
			  "_straylight() {\n\tlocal -a rows\n"
			  "\tif (( CURRENT == 2 )); then\n\t\trows=("));
	for (size_t c = 0; s->commands[c]; c++)
		if (begins_word(s, c))
			zsh_row(s->out, first_word(s->commands[c]), title(s, c));
	buf_str(s->out, S(")\n\t\t_describe command rows\n"));
	zsh_groups(s);
	buf_str(s->out, S("\telse\n\t\tcase \"$words[2] $words[3]\" in\n"));
	for (size_t c = 0; s->commands[c]; c++) {
		buf_fmt(s->out, second_word(s->commands[c]).n ? "\t\t('%s') shift 2 words; (( CURRENT -= 2 )); _arguments -s" :
				"\t\t('%s '*) shift words; (( CURRENT -= 1 )); _arguments -s", s->commands[c]->name);
		each_option(s, s->commands[c], zsh_option);
		buf_str(s->out, S(" '*:file:_files' ;;\n"));
	}
	buf_str(s->out, S("\t\tesac\n\tfi\n}\n_straylight \"$@\"\n"));
}

/* ---- fish ---- */

/* In fish's single quotes only \' and \\ are escapes. */
static void fish_text(struct buf *out, str text)
{
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '\'' || text.p[i] == '\\')
			buf_c(out, '\\');
		buf_c(out, text.p[i]);
	}
}

static void fish_line(const struct script *s, const struct command *row)
{
	str first = first_word(row), second = second_word(row);

	buf_fmt(s->out, "complete -c straylight -n '__fish_seen_subcommand_from %.*s", STR_ARG(first));
	if (second.n)
		buf_fmt(s->out, "; and __fish_seen_subcommand_from %.*s", STR_ARG(second));
	buf_c(s->out, '\'');
}

static void fish_option(const struct script *s, const struct command *row, const struct option *o)
{
	fish_line(s, row);
	if (o->name)
		buf_fmt(s->out, " -l %s", o->name);
	if (o->letter)
		buf_fmt(s->out, " -s %c", o->letter);
	if (takes_value(o))
		buf_str(s->out, S(" -r"));
	if (o->kind == OPTION_CHOICE) {
		buf_str(s->out, S(" -f -a '"));
		choices(s->out, o->value);
		buf_c(s->out, '\'');
	}
	buf_str(s->out, S(" -d '"));
	fish_text(s->out, str_c(o->help));
	buf_str(s->out, S("'\n"));
}

static void fish_word(const struct script *s, str word, const char *summary)
{
	buf_fmt(s->out, " -f -a %.*s -d '", STR_ARG(word));
	fish_text(s->out, str_c(summary));
	buf_str(s->out, S("'\n"));
}

static void fish_members(const struct script *s, str group)
{
	for (size_t c = 0; s->commands[c]; c++)
		if (second_word(s->commands[c]).n && str_eq(first_word(s->commands[c]), group))
			buf_fmt(s->out, " %.*s", STR_ARG(second_word(s->commands[c])));
}

static void fish(const struct script *s)
{
	buf_str(s->out, S("# put this into ~/.config/fish/completions/straylight.fish\n"));
	for (size_t c = 0; s->commands[c]; c++) {
		const struct command *row = s->commands[c];

		if (begins_word(s, c)) {
			buf_str(s->out, S("complete -c straylight -n __fish_use_subcommand"));
			fish_word(s, first_word(row), title(s, c));
		}
		if (second_word(row).n) {
			buf_fmt(s->out, "complete -c straylight -n '__fish_seen_subcommand_from %.*s; and not "
					"__fish_seen_subcommand_from", STR_ARG(first_word(row)));
			fish_members(s, first_word(row));
			buf_c(s->out, '\'');
			fish_word(s, second_word(row), row->summary);
		}
		each_option(s, row, fish_option);
	}
}

/* ---- the command ---- */

static const struct {
	const char *name;
	void (*write)(const struct script *);
} shells[] = {
	{"bash", bash},
	{"zsh", zsh},
	{"fish", fish},
};

static int run(struct call *c)
{
	struct script s = {c->commands, &c->out};

	for (size_t i = 0; i < SL_COUNT(shells); i++)
		if (str_eq(c->arguments.args[0], str_c(shells[i].name))) {
			shells[i].write(&s);
			return 0;
		}
	call_usage(c, "there are no completions for '%.*s'", STR_ARG(c->arguments.args[0]));
	return 0;
}

const struct command cmd_completions = {
	.name = "completions",
	.usage = "bash|zsh|fish",
	.summary = "print what makes a shell complete commands and options",
	.about = "Prints a script for the shell. It names its place in its first lines.\n"
		 "  straylight completions bash > ~/.local/share/bash-completion/completions/straylight",
	.section = SECTION_OTHER,
	.min = 1,
	.max = 1,
	.run = run,
};
