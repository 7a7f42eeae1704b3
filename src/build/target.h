/* target.h: what a package says, as plain data.
 *
 * Made by analysis.c from Dhall values (or by record.c from the cache), immutable afterwards, owned by
 * the struct package's arena, read from any thread.  It mirrors prelude/Analysis.dhall, with labels
 * already parsed: ORDER PIECE, ORDER ARG, ORDER INPUT, ORDER CATEGORY and ORDER ACT below follow the
 * tables of alternative names in analysis.c, and record.c names the last of each. */
#ifndef STRAYLIGHT_BUILD_TARGET_H
#define STRAYLIGHT_BUILD_TARGET_H

#include <straylight/base.h>

enum piece_kind { /* ORDER PIECE */
	PIECE_TEXT,
	PIECE_SOURCE,  /* text: path below the package; or label */
	PIECE_OUTPUT,  /* text: path below the target's output directory */
	PIECE_TOOL,    /* toolchain, text: the tool */
	PIECE_PACKAGE,
	PIECE_OUTPUTS,
};

struct piece {
	enum piece_kind kind;
	sym label;     /* SOURCE that names a target; else 0 */
	sym toolchain; /* TOOL */
	str text;
};

struct word {
	const struct piece *pieces;
	uint32_t n;
};

struct provided {
	sym name;
	const sym *deps; /* labels */
	uint32_t ndeps;
	bool transitive;
};

enum arg_kind { ARG_WORD, ARG_FLAGS, ARG_PROVIDED, ARG_WHEN }; /* ORDER ARG */

struct arg {
	enum arg_kind kind;
	union {
		struct word word; /* WORD */
		struct {          /* FLAGS */
			sym toolchain;
			str category;
		};
		struct { /* PROVIDED */
			struct provided provided;
			str prefix, flag; /* flag.p == NULL: none */
		};
		struct { /* WHEN */
			struct piece file; /* PIECE_SOURCE */
			const str *suffixes;
			const struct arg *args; /* WORD and FLAGS only */
			uint32_t nsuffixes, nargs;
		};
	};
};

enum input_kind { INPUT_SOURCE, INPUT_OUTPUT, INPUT_PROVIDED }; /* ORDER INPUT */

struct input {
	enum input_kind kind;
	sym label; /* SOURCE that names a target */
	str text;
	struct provided provided;
};

enum category { /* ORDER CATEGORY */
	CATEGORY_COMPILE, CATEGORY_LINK, CATEGORY_ARCHIVE, CATEGORY_COPY, CATEGORY_WRITE, CATEGORY_RUN,
	CATEGORY_TEST, CATEGORY_CUSTOM,
};
extern const char *const category_names[]; /* "compile" … */

enum resource { /* ORDER RESOURCE */
	RESOURCE_PURE, RESOURCE_NETWORK, RESOURCE_AUTH, RESOURCE_SANDBOX, RESOURCE_FILESYSTEM,
};
extern const char *const resource_names[]; /* "Pure" … */

struct coeffect {
	enum resource resource;
	str detail;
};

struct env_word {
	str name;
	struct word value;
};

struct step {
	enum category category;
	str custom; /* CUSTOM */
	str identifier;
	const struct arg *command;
	const struct env_word *env;
	const struct input *inputs, *headers;
	const str *outputs, *directories;
	const sym *toolchains; /* words, beyond those in the command */
	const struct coeffect *coeffects;
	uint32_t ncommand, nenv, ninputs, nheaders, noutputs, ndirectories, ntoolchains, ncoeffects;
	str out_file; /* what the command prints goes to this output; p == NULL: none */
	str depfile;  /* p == NULL: none */
	uint32_t timeout_s; /* 0: the workspace's default */
};

enum act_kind { /* ORDER ACT */
	ACT_STEP, ACT_WRITE, ACT_COPY, ACT_SYMLINK, ACT_TREE, ACT_ARTIFACT, ACT_SOURCES, ACT_FETCH,
};

struct tree_item {
	str path;
	struct input from;
};

struct act {
	enum act_kind kind;
	struct step step;   /* STEP */
	str output;         /* the others */
	struct word content; /* WRITE */
	bool executable;    /* WRITE, FETCH */
	struct input from;  /* COPY */
	str target;         /* SYMLINK; of an ARTIFACT the digest's text, of a FETCH the hash's */
	const struct tree_item *items; /* TREE; SOURCES, without paths */
	const str *urls;    /* FETCH */
	uint32_t nitems, nurls;
	bool unpack;        /* FETCH */
	str strip;          /* FETCH: the directory in the archive; p == NULL: its only topmost one */
};

struct provide {
	sym name;
	const struct word *words;
	const sym *from;
	uint32_t nwords, nfrom;
};

struct named_text {
	str name, value;
};

struct flag_list {
	str category;
	const str *flags;
	uint32_t n;
};

enum bytes_kind { BYTES_HOST, BYTES_TREE, BYTES_PINNED, BYTES_NIX }; /* ORDER BYTES */

struct bytes {
	enum bytes_kind kind;
	const str *compilers, *languages, *packages, *programs; /* HOST, PINNED */
	uint32_t ncompilers, nlanguages, npackages, nprograms;
	str where; /* TREE, PINNED: digest text; NIX: the installable */
};

/* A toolchain as the core sees it (Analysis.Rendered). */
struct rendered {
	str name;
	const struct bytes *bytes; /* laid over one another at the root */
	uint32_t nbytes;
	const struct named_text *tools;
	const struct flag_list *flags;
	const struct named_text *env;
	uint32_t ntools, nflags, nenv;
};

struct toolchain_choice {
	sym word;
	struct rendered rendered;
};

struct analysis {
	const struct act *acts;
	const struct step *tests;
	const struct provide *provides;
	const str *outputs;
	const struct input *exports;
	const sym *forwards, *suite, *deps;
	const struct toolchain_choice *toolchains;
	uint32_t nacts, ntests, nprovides, noutputs, nexports, nforwards, nsuite, ndeps, ntoolchains;
	str executable; /* p == NULL: none */
};

enum visibility_kind { /* ORDER VISIBILITY */
	VISIBLE_PUBLIC, VISIBLE_PRIVATE, VISIBLE_PACKAGE, VISIBLE_TARGETS,
};

struct target {
	sym label;
	str package, name;
	str field;         /* its field in BUILD.dhall's record */
	struct span span;  /* where that field is written */
	enum visibility_kind visibility;
	const str *visible_to; /* TARGETS: label patterns */
	uint32_t nvisible_to;
	const str *labels;
	uint32_t nlabels;
	const str *sources; /* files below the package that it mentions, sorted, each once */
	uint32_t nsources;
	const sym *needs;   /* labels that it mentions, sorted by text, each once */
	uint32_t nneeds;
	struct analysis analysis;
};

/* One BUILD.dhall, evaluated. */
struct package {
	struct arena arena;
	str path;      /* of the folder, below the workspace; "" is the root */
	uint32_t file; /* source.h, of BUILD.dhall */
	const struct target *targets; /* sorted by name */
	uint32_t ntargets;
	const str *deps; /* files and variables that its value depends on */
	size_t ndeps;
};

const struct target *package_target(const struct package *, str name); /* NULL when it has none */

#endif
