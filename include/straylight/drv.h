/* drv.h: derivations, exactly as Nix writes them.
 *
 * Layer: nix, above base.  No I/O: input derivations come from a function of the caller.
 *
 * A derivation is plain data; its texts are borrowed from its maker's arena (or from the bytes it was
 * parsed from).  Invariant: outputs, inputs, the outputs of an input, sources and the environment are
 * sorted by bytes and without duplicates; so printing is a function of the content, and
 * drv_print(drv_parse(x)) is x. */
#ifndef STRAYLIGHT_DRV_H
#define STRAYLIGHT_DRV_H

#include <straylight/storepath.h>

enum drv_kind {
	DRV_INPUT,    /* addressed by its inputs; paths may not be filled in yet (drv_fill) */
	DRV_FIXED,    /* one output "out" whose hash is known */
	DRV_FLOATING, /* addressed by content that nobody knows yet */
	DRV_IMPURE,
};

struct drv_output {
	str name;
	str path; /* empty while unknown */
	str algo; /* "sha256", "r:sha512" …; empty: addressed by inputs */
	str hash; /* FIXED: base 16; "impure"; else empty */
};

struct drv_input {
	str path;           /* of the derivation */
	const str *outputs; /* that are used */
	size_t noutputs;
};

struct drv_env {
	str key, value;
};

struct drv {
	str name; /* without ".drv"; not part of the file's content */
	enum drv_kind kind;
	struct drv_output *outputs;
	size_t noutputs; /* at least 1 */
	struct drv_input *inputs;
	size_t ninputs;
	str *sources; /* store paths that are no derivations */
	size_t nsources;
	str system, builder;
	str *args; /* in order */
	size_t nargs;
	struct drv_env *env;
	size_t nenv;
};

/* Parses the ATerm.  `path` names the file in diagnostics, and the derivation after it ("…/HASH-NAME.drv"
 * or "NAME.drv").  The result and its arrays live in the arena; texts without escapes are borrowed from
 * `aterm`.  NULL after one diagnostic with an offset: DRV_SYNTAX (damaged, or not in the form that Nix
 * writes), DRV_OUTPUTS (outputs that do not go together). */
struct drv *drv_parse(struct arena *, str aterm, str path, struct diags *) SL_MUST_USE;
/* Appends the ATerm. */
void drv_print(const struct drv *, struct buf *out);
/* Appends what `nix show-derivation` says of it: the value of the path's key, indented by two. */
void drv_json(const struct drv *, struct buf *out);

/* Establishes the invariant in a derivation that was just put together: sorts, drops duplicates, merges
 * inputs with one path.  Of environment entries with one key the last stays.  The arrays are changed in
 * place; merged lists go to the arena. */
void drv_sort(struct drv *, struct arena *);
/* The kind that the outputs make, or false and a diagnostic (DRV_OUTPUTS about the file `path`): none, mixed,
 * fixed but not the single output "out". */
bool drv_kind_of(const struct drv *, enum drv_kind *out, str path, struct diags *) SL_MUST_USE;
/* The fixed output's hash and whether it is recursive.  false after a diagnostic. */
bool drv_fixed_hash(const struct drv_output *, struct nix_hash *, bool *recursive, struct diags *) SL_MUST_USE;

/* The path of the derivation itself: that of its text, named NAME.drv, which refers to its inputs. */
str drv_path(const struct drv *, struct arena *, str store_dir);
/* The same when the caller has printed it already. */
str drv_path_of(const struct drv *, str aterm, struct arena *, str store_dir);

/* ---- hashDerivationModulo ----
 * The hash of a derivation in which every input is replaced by its own such hash, and a fixed output by
 * its content: so it says what is built and not how its inputs are called.
 * A memo holds the hash by path; it belongs to one thread.  Paths are copied into it. */

struct drv_memo;
/* The derivation at a path; NULL when it is not there (the function has told why, or DRV_MISSING is
 * told).  It must live until the call that asked for it returns. */
typedef const struct drv *drv_find(void *ud, str path, struct diags *);
/* `find` may be NULL: then every input must be in the memo already. */
struct drv_memo *drv_memo_new(str store_dir, drv_find *, void *ud) SL_MUST_USE;
void drv_memo_free(struct drv_memo *);
bool drv_memo_has(const struct drv_memo *, str path);
str drv_memo_store_dir(const struct drv_memo *);

struct drv_hash {
	unsigned char b[32];
	bool deferred; /* an input's output path is not known before it is built */
};

/* What dependants use; memoised under `path`.  The closure is walked with an explicit stack, so any
 * depth is fine.  false after a diagnostic: DRV_MISSING, DRV_CYCLE, an input that lacks an output. */
bool drv_hash_modulo(struct drv_memo *, str path, const struct drv *, struct drv_hash *out, struct diags *) SL_MUST_USE;
/* With its own output paths, and the variables of those names, left empty: what makes the output paths. */
bool drv_hash_masked(struct drv_memo *, const struct drv *, struct drv_hash *out, struct diags *) SL_MUST_USE;

/* Writes the output paths that the content implies into the outputs and into the variables named like
 * them (those that exist).  The path of an output that cannot be known (FLOATING, IMPURE, deferred) is
 * empty; with the first two the variable is the placeholder.  Variables must be there for masking to be
 * right: put them in, empty, before. */
bool drv_fill(struct drv *, struct drv_memo *, struct arena *, struct diags *) SL_MUST_USE;
/* The implied path of output i; empty when it cannot be known. */
bool drv_output_path(const struct drv *, size_t i, struct drv_memo *, struct arena *, str *out,
		struct diags *) SL_MUST_USE;
/* Every recorded output path is the implied one, or DRV_PATH with both. */
bool drv_check(const struct drv *, str path, struct drv_memo *, struct diags *) SL_MUST_USE;

#endif
