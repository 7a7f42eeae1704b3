/* `dhall lsp`: the server of lsp.h on standard input and output. */
#include "cmd.h"
#include "lsp.h"

#include <straylight/base/pool.h>
#include <straylight/doors.h>

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#define PIECE 65536

struct serving {
	struct call *call;
	struct lsp lsp;
	bool ended; /* input is at its end, or output is closed */
};

/* ---- doors ---- */

static bool is_folder(struct arena *mem, str folder, str name)
{
	struct stat st;

	return stat(os_join(mem, folder, name), &st) == 0 && S_ISDIR(st.st_mode);
}

static void list_folder(void *ud, struct arena *mem, str folder, str **names, size_t *n)
{
	(void)ud;
	if (os_list(mem, str_dup(mem, folder).p, names, n) != 0)
		*n = 0;
	for (size_t i = 0; i < *n; i++)
		if (is_folder(mem, folder, (*names)[i]))
			(*names)[i] = str_fmt(mem, "%.*s/", STR_ARG((*names)[i]));
}

static void list_variables(void *ud, struct arena *mem, str **names, size_t *n)
{
	str value;

	(void)ud;
	*n = 0;
	while (environ[*n])
		++*n;
	*names = arena_array(mem, str, *n);
	for (size_t i = 0; i < *n; i++)
		str_cut(str_c(environ[i]), '=', &(*names)[i], &value);
}

/* ---- the loop ---- */

static bool is_readable(void)
{
	struct pollfd p = {.fd = STDIN_FILENO, .events = POLLIN};

	return poll(&p, 1, 0) > 0;
}

static void read_some(struct serving *v)
{
	static char piece[PIECE];
	ssize_t n = read(STDIN_FILENO, piece, sizeof piece);

	if (n > 0)
		lsp_input(&v->lsp, str_of(piece, (size_t)n));
	else if (n == 0 || errno != EINTR)
		v->ended = true;
}

static void write_all(struct serving *v)
{
	struct buf *out = &v->lsp.out;

	if (out->n && os_write_all(STDOUT_FILENO, out->p, out->n) < 0)
		v->ended = true;
	out->n = 0;
}

static bool is_over(const struct serving *v)
{
	return v->lsp.phase == LSP_ENDED || v->lsp.phase == LSP_BROKEN;
}

static void serve(void *ud)
{
	struct serving *v = ud;

	while (!v->ended && !is_over(v)) {
		while (!v->ended && is_readable())
			read_some(v);
		if (!lsp_step(&v->lsp) && !lsp_idle(&v->lsp) && !v->ended)
			read_some(v);
		write_all(v);
	}
	while (!is_over(v) && lsp_step(&v->lsp)) /* what came before the end of the input */
		write_all(v);
	lsp_close(&v->lsp);
}

static int run_lsp(struct call *c)
{
	struct dhall_env env = doors_env(&c->arena);
	struct lsp_files files = {list_folder, list_variables, NULL};
	struct serving v = {.call = c};

	lsp_open(&v.lsp, &env, &files);
	pool_run_deep(serve, &v);
	return v.lsp.phase == LSP_ENDED ? 0 : 1;
}

const struct command cmd_dhall_lsp = {
	.name = "dhall lsp",
	.usage = "",
	.summary = "serve editors: the language server for Dhall",
	.about = "Speaks the Language Server Protocol on standard input and output: diagnostics while a file is written, types "
		 "under the cursor, completion, definitions, references, renaming, outlines, links, formatting, lint and "
		 "freezing. Imports of files that are open are those files as they stand in the editor. docs/lsp.md tells how "
		 "editors start it. Ends with 0 after shutdown and exit, with 1 when the editor goes away without them.",
	.section = SECTION_LANGUAGE,
	.run = run_lsp,
};
