#include "cmd.h"
#include "page.h"

#include <straylight/net.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

const struct option common_rows[] = {
	TEXT(struct common, dir, 'C', NULL, "DIR", "as if started in DIR"),
	FLAG(struct common, verbose, 'v', "verbose", "say more"),
	FLAG(struct common, quiet, 'q', "quiet", "say only what went wrong"),
	CHOICE(struct common, color, 0, "color", "auto|always|never", "colour messages (default: on a terminal)"),
	FLAG(struct common, json, 0, "json", "results and messages as JSON"),
	FLAG(struct common, offline, 0, "offline", "do not use the network"),
	FLAG(struct common, help, 0, "help", "print help on the command"),
};
const size_t common_count = SL_COUNT(common_rows);

struct first { /* what may stand only before the command */
	bool version;
};

static const struct option first_rows[] = {
	FLAG(struct first, version, 0, "version", "print the version"),
};

/* ---- output ---- */

static void look_at_terminal(struct call *c)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	c->terminal = term && *term && strcmp(term, "dumb") != 0 && isatty(STDERR_FILENO);
	c->color = c->common.color == COLOR_AUTO ? c->terminal && !(no && *no) : c->common.color == COLOR_ALWAYS;
}

void call_flush(struct call *c)
{
	int err = c->out.n ? os_write_all(STDOUT_FILENO, c->out.p, c->out.n) : 0;

	c->out.n = 0;
	if (err)
		os_error(&c->diags, DIAG_IO, err, "writing to", S("standard output"));
}

/* What is said twice in the same words (two uses of one mistake) is printed once. */
static void render_each(const struct diags *diags, enum diag_style style, bool color, struct buf *out)
{
	struct arena a = {0};
	struct map seen = {0};

	for (const struct diag *d = diags->first; d; d = d->next) {
		size_t start = out->n;
		bool fresh;

		diag_render(d, style, color, out);
		map_slot(&seen, str_dup(&a, str_from(buf_view(out), start)), &fresh);
		if (!fresh)
			out->n = start;
	}
	map_free(&seen);
	arena_clear(&a);
}

/* The page of each code, once. */
static void explain(const struct diags *diags, struct buf *out)
{
	bool seen[DIAG_COUNT] = {false};

	for (const struct diag *d = diags->first; d; d = d->next) {
		if (!seen[d->code]) {
			buf_c(out, '\n');
			buf_str(out, page_of(d->code));
		}
		seen[d->code] = true;
	}
}

void call_diags(struct call *c)
{
	struct buf text = {0};
	int code = diags_exit(&c->diags);

	if (code > c->worst)
		c->worst = code;
	render_each(&c->diags, c->common.json ? DIAG_JSON : DIAG_TEXT, c->color, &text);
	if (c->explain && !c->common.json)
		explain(&c->diags, &text);
	(void)!os_write_all(STDERR_FILENO, text.p, text.n);
	buf_free(&text);
	diags_free(&c->diags);
}

void call_usage(struct call *c, const char *fmt, ...)
{
	va_list args;
	struct diag *d;

	va_start(args, fmt);
	d = diag_verror(&c->diags, DIAG_USAGE, NO_SPAN, fmt, args);
	va_end(args);
	diag_hint(&c->diags, d, "usage: straylight %s%s%s", c->command->name, *c->command->usage ? " " : "",
			c->command->usage);
}

void call_say(struct call *c, const char *fmt, ...)
{
	struct buf line = {0};
	va_list args;

	if (c->common.quiet || c->common.json)
		return;
	va_start(args, fmt);
	buf_vfmt(&line, fmt, args);
	va_end(args);
	buf_c(&line, '\n');
	(void)!os_write_all(STDERR_FILENO, line.p, line.n);
	buf_free(&line);
}

const char *call_dir(struct call *c)
{
	char path[4096];

	if (getcwd(path, sizeof path))
		return str_dup(&c->arena, str_c(path)).p;
	os_error(&c->diags, DIAG_IO, errno, "finding", S("the current directory"));
	return NULL;
}

/* ---- calling ---- */

static bool enter_dir(struct call *c)
{
	str dir = c->common.dir;

	if (!dir.p || chdir(str_dup(&c->arena, dir).p) == 0)
		return true;
	os_error(&c->diags, DIAG_USAGE, errno, "entering", dir);
	return false;
}

static bool count_fits(struct call *c)
{
	const struct command *row = c->command;
	size_t n = c->arguments.nargs;

	if (n < row->min) {
		call_usage(c, row->max == 1 ? "an argument is missing" : "arguments are missing");
		return false;
	}
	if (n > row->max) {
		call_usage(c, "'%.*s' is one argument too many", STR_ARG(c->arguments.args[row->max]));
		return false;
	}
	return true;
}

static int run_row(struct call *c, const char *const *argv, size_t argc)
{
	const struct command *row = c->command;
	struct options tables[] = {
		{row->options, row->noptions, arena_alloc(&c->arena, row->size, _Alignof(max_align_t))},
		{common_rows, SL_COUNT(common_rows), &c->common},
	};
	bool ok;

	c->options = tables[0].into;
	ok = options_read(tables, SL_COUNT(tables), argv, argc,
			row->flags & COMMAND_SPLIT ? OPTIONS_SPLIT : OPTIONS_ALL, &c->arena, &c->arguments, &c->diags);
	look_at_terminal(c);
	if (!ok)
		return 0;
	if (c->common.help) {
		help_command(row, &c->out);
		return 0;
	}
	if (c->common.offline)
		net_offline();
	return count_fits(c) && enter_dir(c) ? row->run(c) : 0;
}

/* The command by one word, or by two in a group; *used words were its name. */
static const struct command *find_row(struct call *c, const char *const *words, size_t n, size_t *used)
{
	str name = str_c(words[0]);

	*used = 1;
	if (command_is_group(c->commands, name) && n > 1 && words[1][0] != '-') {
		name = str_fmt(&c->arena, "%s %s", words[0], words[1]);
		*used = 2;
	}
	return command_find(c->commands, name);
}

/* After the common options: a command's name and its own arguments. */
static int run_words(struct call *c, const char *const *argv, size_t argc)
{
	str word = str_c(argv[0]);
	size_t used;

	c->command = find_row(c, argv, argc, &used);
	if (c->command)
		return run_row(c, argv + used, argc - used);
	if (used == 1 && command_is_group(c->commands, word)) {
		if (argc > 1 && strcmp(argv[1], "--help") == 0)
			return help_group(c->commands, word, &c->out), 0;
		command_incomplete(c->commands, word, &c->diags);
		return 0;
	}
	command_unknown(c->commands, used == 1 ? word : str_fmt(&c->arena, "%s %s", argv[0], argv[1]), &c->diags);
	return 0;
}

static int dispatch(struct call *c, const char *const *argv, size_t argc)
{
	struct first first = {0};
	const struct options tables[] = {
		{common_rows, SL_COUNT(common_rows), &c->common},
		{first_rows, SL_COUNT(first_rows), &first},
	};
	bool ok = options_read(tables, SL_COUNT(tables), argv, argc, OPTIONS_WORD, &c->arena, &c->arguments,
			&c->diags);

	look_at_terminal(c);
	if (!ok)
		return 0;
	argv += c->arguments.read;
	argc -= c->arguments.read;
	if (first.version)
		return run_words(c, (const char *[]){"version"}, 1);
	if (argc && !c->common.help)
		return run_words(c, argv, argc);
	help_overview(c->commands, &c->out);
	return c->common.help ? 0 : BLAME_USAGE;
}

/* A file that is opened later must not get the number of a standard stream. */
static void open_streams(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

int call_main(const struct command *const *commands, int argc, char **argv)
{
	struct call c = {.commands = commands};
	int code;

	open_streams();
	code = dispatch(&c, (const char *const *)argv + 1, argc > 0 ? (size_t)argc - 1 : 0);
	call_flush(&c);
	call_diags(&c);
	buf_free(&c.out);
	arena_clear(&c.arena);
	return code ? code : c.worst;
}
