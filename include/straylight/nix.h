/* nix.h: the Nix language (as of Nix 2.8, with later builtins): text in, values and derivations out.
 *
 * Layer: nix, above base and store.  It does no I/O: the world is reached only through nix_env.
 *
 * A session (struct nix) belongs to one thread, whose stack should be of POOL_STACK: evaluation recurses
 * on it, up to a depth that the size of the stack gives.  Values stay valid until nix_close.  Every
 * function that evaluates returns false (or NULL) after adding a diagnostic; the session can be used
 * on, unless a limit of bytes or steps was crossed: then it is finished, and every further call fails. */
#ifndef STRAYLIGHT_NIX_H
#define STRAYLIGHT_NIX_H

#include <straylight/base.h>

/* ---- the world ---- */

enum nix_found {
	NIX_FOUND,
	NIX_ABSENT,
	NIX_FAILED, /* a diagnostic was added */
};

enum nix_file_type { NIX_NOTHING, NIX_REGULAR, NIX_DIRECTORY, NIX_SYMLINK, NIX_UNKNOWN };

struct nix_entry {
	str name;
	enum nix_file_type type;
};

/* Should this path be copied?  `type` is "regular", "directory", "symlink" or "unknown". */
typedef bool nix_filter(void *ud, str path, str type);

enum nix_fetch_kind {
	NIX_FETCH_FILE,
	NIX_FETCH_ARCHIVE, /* unpacked: its single topmost entry */
	NIX_FETCH_GIT,     /* the files of a commit */
};

/* What a fetch builtin asks for. */
struct nix_fetch {
	enum nix_fetch_kind kind;
	str url, name;
	const unsigned char *sha256; /* that the file, or the NAR of the tree, must have; NULL: not known */
	str rev, ref;                /* GIT: 40 digits in base 16, empty: what the branch is at; the branch, empty: any, or HEAD */
};

struct nix_fetched {
	str path; /* the store path */
	str real; /* where it lies now */
	unsigned char sha256[32]; /* of the file, or of the NAR */
	int64_t time, count;      /* GIT: of the commit, and of commits up to it */
	str rev;                  /* GIT: the commit; zeros: what lies in the folder is none */
};

struct nix_limits { /* 0 = the default */
	size_t bytes;   /* that values take; default 8 GiB */
	uint64_t steps; /* calls and values evaluated; default none */
};

/* The only doors to the world.  Paths are absolute and canonical. */
struct nix_env {
	/* A file's bytes (links are followed); one reference, the caller's. */
	enum nix_found (*read)(void *ud, str path, struct blob **out, struct diags *);
	/* A directory's entries in byte order, in the arena. */
	enum nix_found (*list)(void *ud, str path, struct arena *, struct nix_entry **out, size_t *n, struct diags *);
	/* What is there; a link is a link. */
	enum nix_file_type (*type)(void *ud, str path);
	/* What a link says, in the arena; false when it is none. */
	bool (*link)(void *ud, str path, struct arena *, str *target);
	/* An environment variable; NULL when it is not set. */
	const char *(*variable)(void *ud, str name);
	/* SHA-256 of what is at a path: of its NAR, or of a single file's bytes when not recursive.  The filter (may
	 * be NULL) is asked for the path and for each entry below what it keeps. */
	bool (*hash)(void *ud, str path, bool recursive, nix_filter *, void *filter_ud,
			unsigned char sha256[32], struct diags *);
	/* What was just hashed has this store path: the door may copy it there.  May be NULL. */
	bool (*keep)(void *ud, str path, str store_path, bool recursive, nix_filter *, void *filter_ud,
			struct diags *);
	/* The bytes of a text that is a store path (a derivation, or what toFile made): they are not kept here when it is
	 * a derivation.  May be NULL. */
	bool (*write)(void *ud, str store_path, str bytes, struct diags *);
	/* Fetches, and puts it where it can be read; the result's texts are in the arena.  NULL: nothing is fetched. */
	bool (*fetch)(void *ud, const struct nix_fetch *, struct arena *, struct nix_fetched *out, struct diags *);
	/* Builds an output of a derivation that was given to write ("import from derivation"); then the other doors read below its store path.
	 * NULL: what would have to be built first is E1135. */
	bool (*realise)(void *ud, str drv, str output, struct diags *);
	/* Seconds since 1970, asked for once at most.  NULL: there is no currentTime. */
	int64_t (*now)(void *ud);
	str store_dir; /* default /nix/store */
	str home;      /* for ~; may be empty */
	str directory; /* where relative entries of `search` start; empty: / */
	str system;    /* builtins.currentSystem; empty: there is none */
	const str *search; /* entries of NIX_PATH, "name=path" or "path", in order */
	size_t nsearch;
	bool restricted; /* what depends on the machine fails: getEnv is "",
			currentTime and currentSystem are not there */
	/* One line of trace, warn or the like. */
	void (*say)(void *ud, str line);
	void *ud;
	struct nix_limits limits;
};

struct nix;
struct nix *nix_open(const struct nix_env *, struct diags *) SL_MUST_USE; /* the env is copied */
void nix_close(struct nix *);

/* ---- values ---- */

typedef struct nix_val {
	struct val *v; /* opaque; NULL is no value */
} nix_val;

/* The value of a file (or of default.nix in a directory), by absolute path. */
bool nix_eval_file(struct nix *, str path, nix_val *out) SL_MUST_USE;
/* Of a text; relative paths in it start from `directory`, `name` is what diagnostics call it. */
bool nix_eval_text(struct nix *, str text, str name, str directory, nix_val *out) SL_MUST_USE;
/* Only parses, and binds names. */
bool nix_check_text(struct nix *, str text, str name, str directory) SL_MUST_USE;

/* Arguments for functions that are called on the way ("--arg"); `value` is not evaluated here. */
struct nix_argument {
	str name;
	nix_val value;
};
bool nix_text_value(struct nix *, str bytes, nix_val *out);

/* The value at a path "a.b.0.\"c d\"": of sets, lists, and functions whose parameters have defaults or
 * are among `arguments`, which are called on the way.  What is found is called too if there are arguments.
 * "" is the value itself. */
bool nix_attr(struct nix *, nix_val, str path, const struct nix_argument *arguments, size_t n,
		nix_val *out) SL_MUST_USE;

enum nix_kind {
	NIX_NONE, /* evaluation failed */
	NIX_INT, NIX_FLOAT, NIX_BOOL, NIX_NULL, NIX_STRING, NIX_PATH, NIX_LIST, NIX_ATTRS, NIX_FUNCTION,
};
enum nix_kind nix_kind(struct nix *, nix_val); /* evaluates the head */
bool nix_string(struct nix *, nix_val, str *out); /* of a string or path; owned by the session */
bool nix_bool(struct nix *, nix_val, bool *out);
bool nix_list(struct nix *, nix_val, size_t *n);
bool nix_item(struct nix *, nix_val list, size_t i, nix_val *out);
size_t nix_attrs(struct nix *, nix_val); /* how many; 0 for other kinds */
/* In byte order of names. */
bool nix_attr_at(struct nix *, nix_val, size_t i, str *name, nix_val *out);
/* One attribute by its name alone: false without a diagnostic when there is none. */
bool nix_get(struct nix *, nix_val, str name, nix_val *out);

/* As nix-instantiate --eval prints it; with `strict` all that is inside is evaluated first. */
bool nix_print(struct nix *, nix_val, bool strict, struct buf *out);
bool nix_json(struct nix *, nix_val, struct buf *out);
bool nix_xml(struct nix *, nix_val, bool strict, bool places, struct buf *out);

/* ---- derivations ---- */

bool nix_is_derivation(struct nix *, nix_val); /* a set with type = "derivation" */
/* The path of the .drv; with *output, the output that the value stands for. */
bool nix_drv_path(struct nix *, nix_val, str *out, str *output);
/* Calls fn for each derivation of the value: itself, or those in lists and in sets (the top set, and those that say
 * recurseForDerivations); fn gets the attribute path.  What fails to evaluate is reported and passed over when
 * `lenient`; false after the first error otherwise. */
typedef void nix_drv_fn(void *ud, str attr_path, nix_val drv);
bool nix_derivations(struct nix *, nix_val, bool lenient, nix_drv_fn *fn, void *ud);

/* ---- profile ---- */

/* From now on costs are counted: of every attribute's evaluation, how often and how many steps. */
void nix_profile(struct nix *);
/* A table of what cost most, the dearest first. */
void nix_profile_report(struct nix *, struct buf *out);

#endif
