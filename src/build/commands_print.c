#include "commands.h"
#include "dhalltext.h"

#include <straylight/dhall.h>

static void text_field(struct buf *b, const char *before, str text)
{
	buf_fmt(b, "%s", before);
	dhall_spell_text(text, b);
}

static void optional_field(struct buf *b, const char *before, str text)
{
	buf_fmt(b, "%s", before);
	if (!text.p)
		buf_lit(b, "None Text");
	else
		text_field(b, "Some ", text);
}

static void word_list(struct buf *b, const char *before, const struct typed_command *c, uint32_t indent, struct arena *a)
{
	const char *newline = b->p ? memrchr(b->p, '\n', b->n) : NULL;
	size_t at = newline ? b->n - (size_t)(newline + 1 - b->p) : b->n;

	dhalltext_list(before, dhalltext_items(a, c->words, c->nwords), c->nwords, S("Text"), (uint32_t)at, indent, b);
}

/* On one line, if that fits. */
static void print_run(struct buf *b, const struct typed_command *c, uint32_t indent, struct arena *a)
{
	struct buf flat = {0};

	text_field(&flat, " { program = ", c->a);
	dhalltext_list(", arguments = ", dhalltext_items(a, c->words, c->nwords), c->nwords, S("Text"), indent + 17 + (uint32_t)flat.n, 0,
			&flat);
	if (str_find(buf_view(&flat), '\n') == flat.n) {
		buf_fmt(b, "%.*s }", STR_ARG(buf_view(&flat)));
	} else {
		buf_fmt(b, "\n%*s", (int)indent + 4, "");
		text_field(b, "{ program = ", c->a);
		buf_fmt(b, "\n%*s", (int)indent + 4, "");
		dhalltext_list(", arguments = ", dhalltext_items(a, c->words, c->nwords), c->nwords, S("Text"), indent + 4, indent + 6, b);
		buf_fmt(b, "\n%*s}", (int)indent + 4, "");
	}
	buf_free(&flat);
}

static void print_one(const struct typed_command *c, str module, uint32_t indent, struct buf *b, struct arena *a)
{
	static const char *const names[] = { /* ORDER COMMAND */
		"Mkdir", "Copy", "Move", "Remove", "Symlink", "Chmod", "Write", "Append", "Substitute", "Untar", "Unzip", "Patch",
		"PatchElf", "Configure", "Make", "Install", "Run",
	};

	buf_fmt(b, "%.*s.Command.%s", STR_ARG(module), names[c->kind]);
	switch (c->kind) {
	case COMMAND_MKDIR:
	case COMMAND_REMOVE:
	case COMMAND_UNZIP: text_field(b, " ", c->a); return;
	case COMMAND_COPY:
	case COMMAND_MOVE:
		text_field(b, " { from = ", c->a);
		text_field(b, ", to = ", c->b);
		break;
	case COMMAND_SYMLINK:
		text_field(b, " { target = ", c->a);
		text_field(b, ", link = ", c->b);
		break;
	case COMMAND_CHMOD:
		text_field(b, " { path = ", c->a);
		text_field(b, ", mode = ", c->b);
		break;
	case COMMAND_WRITE:
	case COMMAND_APPEND:
		text_field(b, " { path = ", c->a);
		text_field(b, ", content = ", c->b);
		break;
	case COMMAND_SUBSTITUTE:
		text_field(b, " { path = ", c->a);
		text_field(b, ", from = ", c->b);
		text_field(b, ", to = ", c->c);
		break;
	case COMMAND_UNTAR:
	case COMMAND_PATCH:
		text_field(b, c->kind == COMMAND_UNTAR ? " { archive = " : " { file = ", c->a);
		buf_fmt(b, ", strip = %u", c->strip);
		break;
	case COMMAND_PATCHELF:
		text_field(b, " { path = ", c->a);
		optional_field(b, ", interpreter = ", c->b);
		optional_field(b, ", rpath = ", c->c);
		break;
	case COMMAND_INSTALL:
		text_field(b, " { from = ", c->a);
		text_field(b, ", to = ", c->b);
		text_field(b, ", mode = ", c->c);
		break;
	case COMMAND_CONFIGURE:
	case COMMAND_MAKE:
		word_list(b, c->nwords ? " " : " (", c, indent + 4, a);
		if (!c->nwords)
			buf_c(b, ')');
		return;
	case COMMAND_RUN:
		print_run(b, c, indent, a);
		return;
	}
	buf_lit(b, " }");
}

void commands_print(const command_list *list, str module, uint32_t indent, struct buf *out)
{
	struct arena a = {0};

	if (!list->n)
		buf_fmt(out, "[] : List %.*s.Command", STR_ARG(module));
	for (size_t i = 0; i < list->n; i++) {
		if (i)
			buf_fmt(out, "\n%*s", (int)indent, "");
		buf_fmt(out, "%s", i ? ", " : "[ ");
		print_one(&list->p[i], module, indent, out, &a);
	}
	if (list->n)
		buf_fmt(out, "\n%*s]", (int)indent, "");
	arena_clear(&a);
}
