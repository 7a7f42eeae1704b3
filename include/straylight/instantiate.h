/* instantiate.h: the derivations that Nix expressions stand for, remembered across processes.
 *
 * Layer: build.
 *
 * Evaluation is a function of what is asked and of what it reads, so its result is kept in the store, keyed by the request, together with
 * everything that was read and the hash of each answer (src/build/nix_witness.h).  While all of that is the same, and the derivations
 * are still in the folder, nothing is parsed or evaluated again.  What rests on the time, on an unfixed fetch, or prints something while
 * it is evaluated is never remembered.
 *
 * instantiate() evaluates on the C stack: it is called on a worker of a pool, or by pool_run_deep.  Any number of threads may. */
#ifndef STRAYLIGHT_INSTANTIATE_H
#define STRAYLIGHT_INSTANTIATE_H

#include <straylight/nixstore.h>
#include <straylight/store.h>

struct instantiate_argument { /* for functions on the way */
	str name, value;
	bool is_text; /* a string; else an expression */
};

struct instantiate { /* what is asked; borrowed */
	str file;            /* an absolute path; of a folder its default.nix; empty: */
	str text, directory; /* an expression, and where its relative paths start */
	str attr;            /* the attribute path in its value; may be empty */
	const struct instantiate_argument *args;
	size_t nargs;
	const str *search;   /* entries before those of NIX_PATH */
	size_t nsearch;
	const struct nix_env *doors; /* NULL: those of doors_nix; else others, which write into the folder, and have the search path; then */
	str world;           /* says all that those doors show which no answer of theirs tells */
	bool import_derivations; /* with our own doors: what evaluation reads of a derivation's outputs is built first; E1135 otherwise */
};

struct instance {
	str attr;   /* below what was asked for; empty: that itself */
	str drv;    /* the store path; its file lies in the folder, with all that it needs */
	str output; /* that the value stands for */
};

struct instances {
	const struct instance *all; /* a derivation, or those of a set or list (nix_derivations) */
	size_t n;
	const str *reads;  /* what they rest on, once each: absolute paths, and "env:NAME" */
	size_t nreads;
	bool fleeting; /* they rest on more than that: another time they may be others */
	bool recalled; /* nothing was evaluated */
};

/* "NAME#ATTR": attribute ATTR of <NAME>, or of the file at NAME when that begins with a dot or a slash ("nixpkgs#hello", "./x#a.b").
 * Relative paths start at `directory`.  false, and nothing else, when the text is none. */
bool instantiate_named(str text, str directory, struct arena *, struct instantiate *out);
/* What results points to is in the arena.  false after a diagnostic: those of nix_eval_file and nix_attr, NIX_FILE, IO. */
bool instantiate(struct store *, struct nixstore *, const struct instantiate *, struct arena *, struct instances *out,
		struct diags *) SL_MUST_USE;

#endif
