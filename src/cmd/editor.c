#include "editor.h"

#include <straylight/base/library.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define HISTORY_MAX 1000

typedef char **offer_fn(const char *word, int start, int end);

/* libedit's face of readline; it has no header of its own that can be had without the library. */
static struct edit {
	char *(*readline)(const char *);
	int (*add_history)(const char *);
	int (*read_history)(const char *);
	int (*write_history)(const char *);
	void (*stifle_history)(int);
	char **(*matches)(const char *, char *(*)(const char *, int));
	offer_fn **attempted;
	int *over, *append;
	const char **breaks;
	char **buffer;
	int (**before_input)(void);
	void (*prepare_terminal)(int);
} edit;

static const struct library_row rows[] = {
	{"readline", offsetof(struct edit, readline)},
	{"add_history", offsetof(struct edit, add_history)},
	{"read_history", offsetof(struct edit, read_history)},
	{"write_history", offsetof(struct edit, write_history)},
	{"stifle_history", offsetof(struct edit, stifle_history)},
	{"rl_completion_matches", offsetof(struct edit, matches)},
	{"rl_attempted_completion_function", offsetof(struct edit, attempted)},
	{"rl_attempted_completion_over", offsetof(struct edit, over)},
	{"rl_completion_append_character", offsetof(struct edit, append)},
	{"rl_basic_word_break_characters", offsetof(struct edit, breaks)},
	{"rl_line_buffer", offsetof(struct edit, buffer)},
	{"rl_pre_input_hook", offsetof(struct edit, before_input)},
	{"rl_prep_terminal", offsetof(struct edit, prepare_terminal)},
};

static struct editor *current; /* for the callbacks, which carry nothing */
static struct buf names;       /* what completion found */
static size_t at;              /* the next of it */

static bool load(void)
{
	return library_load("libedit.so.2", rows, SL_COUNT(rows), &edit);
}

/* ---- completion ---- */

static char *next_name(const char *word, int state)
{
	const char *name;

	(void)word;
	if (state == 0)
		at = 0;
	if (at >= names.n)
		return NULL;
	name = names.p + at;
	at += strlen(name) + 1;
	return strdup(name); /* freed by libedit */
}

static char **offer(const char *word, int start, int end)
{
	names.n = 0;
	current->complete(current->ud, str_of(*edit.buffer, (size_t)end), str_c(word), &names);
	(void)start;
	*edit.append = 0;
	*edit.over = names.n > 0;
	return names.n ? edit.matches(word, next_name) : NULL;
}

/* ---- lines ---- */

/* libedit prints the prompt first and then takes the terminal: an end of input typed in between arrives as a NUL. */
static int take_terminal(void)
{
	edit.prepare_terminal(1);
	return 0;
}

void editor_open(struct editor *e)
{
	e->terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	current = e;
	if (!e->terminal || !load())
		return;
	*edit.attempted = offer;
	*edit.before_input = take_terminal;
	*edit.breaks = " \t\n()[]{}<>,=+*&|#?:\"\\!";
	edit.stifle_history(HISTORY_MAX);
	if (e->history)
		edit.read_history(e->history);
}

static str read_plain(struct editor *e, const char *prompt, struct arena *a)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t n;
	str out = {NULL, 0};

	if (e->terminal) {
		fputs(prompt, stdout);
		fflush(stdout);
	}
	n = getline(&line, &room, stdin);
	if (n > 0 && line[n - 1] == '\n')
		n--;
	if (n >= 0)
		out = str_dup(a, str_of(line, (size_t)n));
	free(line);
	return out;
}

str editor_line(struct editor *e, const char *prompt, struct arena *a)
{
	str out = {NULL, 0};
	char *line;

	if (!edit.readline)
		return read_plain(e, prompt, a);
	line = edit.readline(prompt);
	if (line)
		out = str_dup(a, str_c(line));
	free(line);
	return out;
}

void editor_remember(struct editor *e, str entry)
{
	struct buf one = {0};

	if (!e->terminal || !edit.readline)
		return;
	for (size_t i = 0; i < entry.n; i++)
		buf_c(&one, entry.p[i] == '\n' ? ' ' : entry.p[i]);
	buf_c(&one, '\0');
	edit.add_history(one.p);
	buf_free(&one);
}

void editor_close(struct editor *e)
{
	if (e->terminal && edit.readline && e->history)
		edit.write_history(e->history);
	buf_free(&names);
	current = NULL;
}
