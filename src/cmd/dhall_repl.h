/* dhall_repl.h: what the files of `dhall repl` share: dhall_repl.c (what is entered) and dhall_complete.c. */
#ifndef STRAYLIGHT_CMD_DHALL_REPL_H
#define STRAYLIGHT_CMD_DHALL_REPL_H

#include "dhall_work.h"
#include "editor.h"

/* Where lines come from: a file that is loaded, or, with no text, the editor. */
struct input {
	str rest;
	bool file, ended;
	unsigned depth;
	struct input *outer;
};

struct repl {
	struct call *call;
	struct dhall_world *world;
	struct dhall *session;
	struct editor editor;
	struct input *input;
	struct arena mem; /* names and texts, which stay */
	VEC(struct dhall_binding) bindings;
	str directory;
	const char *const *verbs; /* the words behind a ':' */
	size_t nverbs;
	bool quit;
};

/* A session in which a bound was crossed goes; what has a name is the world's, and stays. */
void repl_renew(struct repl *);
/* For struct editor: what the word at the end of the line could become. */
void repl_complete(void *repl, str line, str word, struct buf *names);

#endif
