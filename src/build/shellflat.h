/* shellflat.h: simple shell as a flat list of commands whose words are texts: loops over written words are unrolled.
 *
 * Layer: build.  It does no I/O.  What shellwords.h reads and this cannot say (patterns, loops over variables, dollar signs
 * that are no variable's, here-documents with variables) is refused too: a reader of commands never gets less than
 * what the shell would do. */
#ifndef STRAYLIGHT_BUILD_SHELLFLAT_H
#define STRAYLIGHT_BUILD_SHELLFLAT_H

#include <straylight/base.h>

struct flat_command {
	const str *assignments; /* "NAME=value" */
	const str *words;       /* the program first; none: it only assigns */
	size_t nassignments, nwords;
	str input, output;      /* < and >; p == NULL: none */
	bool append;            /* >> */
	bool document;          /* `input` is the text of a here-document */
	uint32_t at;            /* where it begins */
};

struct flat_script {
	const struct flat_command *commands;
	size_t n;
	const char *why; /* it is not understood: what stands at `at`, in a few words */
	uint32_t at;
};

/* Variables stand as $name in the texts, or as ${name} where the text would make the name longer.  What it points to lives
 * in the arena.  false: see why and at. */
bool flat_read(str text, struct arena *, struct flat_script *out) SL_MUST_USE;

/* Calls name(ud, NAME) for each variable of a text that flat_read gave, in order, and writes the text with what that
 * returns in its place; p == NULL leaves it as it is. */
typedef str flat_name_fn(void *ud, str name);
str flat_expand(str text, struct arena *, flat_name_fn *name, void *ud);

#endif
