/* store.h: bytes, trees and results, named by their digests, on disk.
 *
 * Layer: store, above base.
 *
 * The disk store is the local truth: remote stores move blobs into and out of it (layer re), they are
 * not layered under it.  Every function may be called from any thread; calls on different digests
 * never wait for each other.
 *
 * On disk, below the cache directory (docs/internals/store.md has the formats):
 *	cas/FN/ab/HASH      content, mode 0444; FN is the digest function's name
 *	cas/FN/ab/HASH.x    the same content with mode 0555, made when first needed
 *	ac/FN/ab/HASH       action results, CBOR, ending in their own SHA-256
 *	trees/FN/HASH/      a tree materialised for read-only mounts
 *	tmp/                being written; everything here is renamed or removed
 * Invariants: a file under cas/ was complete when it got its name; a read that is verified and does
 * not match removes the file and is a miss; nothing is ever changed in place. */
#ifndef STRAYLIGHT_STORE_H
#define STRAYLIGHT_STORE_H

#include <straylight/base.h>

struct store;

/* Opens (and makes) the store below `root`.  NULL after a diagnostic. */
struct store *store_open(str root, enum digest_fn, struct diags *) SL_MUST_USE;
void store_close(struct store *);
enum digest_fn store_fn(const struct store *);
str store_root(const struct store *);
/* A new empty directory below tmp/, for one owner; the path lives in the arena.  0 or -errno. */
int store_scratch(struct store *, struct arena *, str *path);

/* ---- blobs ----
 * 0 or a negative errno; -ENOENT is a miss.  The empty blob is always there and never on disk. */

bool store_has(struct store *, const struct digest *);
int store_put(struct store *, str bytes, struct digest *out);
/* Hashes and copies a file in. */
int store_put_file(struct store *, const char *path, struct digest *out);
/* The same by renaming when it can: the file is gone afterwards.  For outputs in store_scratch. */
int store_take_file(struct store *, const char *path, struct digest *out);
/* Verified: the bytes are the digest's, or it is a miss (and the damaged file is removed). */
int store_get(struct store *, const struct digest *, struct blob **out);
/* Writes the blob to a file that must not exist; mode 0444 or 0555.  Large blobs are hard links to
 * the store (read-only use only: a reader that may write gets `exclusive` = a copy). */
int store_get_file(struct store *, const struct digest *, bool executable, bool exclusive, const char *path);
/* The blob's own file, for a read-only bind; the path lives in the arena.  Not verified. */
int store_path(struct store *, const struct digest *, bool executable, struct arena *, str *path);
/* Rehashes; removes and answers -ENOENT when damaged. */
int store_verify(struct store *, const struct digest *);

/* ---- trees ----
 * A persistent Merkle directory in REAPI's canonical form: entries sorted by name, no duplicates.
 * Immutable and counted; unchanged parts are shared between trees.  A tree's digest is that of its
 * Directory message and is computed once.  `shape` is a digest of names and kinds alone: two trees
 * with equal shapes differ only in file contents (depfile narrowing rests on it). */

enum tree_kind { TREE_FILE, TREE_DIR, TREE_SYMLINK };

struct tree;

struct tree_entry {
	str name;
	enum tree_kind kind;
	bool executable;        /* FILE */
	struct digest digest;   /* FILE; of a DIR use tree_digest(dir) */
	struct tree *dir;       /* DIR */
	str target;             /* SYMLINK */
};

struct tree *tree_ref(struct tree *);
void tree_unref(struct tree *);
size_t tree_count(const struct tree *);
const struct tree_entry *tree_entries(const struct tree *); /* sorted, borrowed */
const struct tree_entry *tree_find(const struct tree *, str path); /* "a/b/c"; NULL when absent; "" is absent */
const struct digest *tree_digest(struct tree *, enum digest_fn);
const unsigned char *tree_shape(struct tree *); /* 32 bytes */
size_t tree_files(const struct tree *); /* of all levels, computed once */
uint64_t tree_bytes(const struct tree *);

/* Building: entries in any order, then one end.  Paths are relative, normalised, without "..". */
struct tree_builder;
struct tree_builder *tree_builder_new(void) SL_MUST_USE;
enum tree_put { TREE_PUT_OK, TREE_PUT_SAME, TREE_PUT_CLASH }; /* the same entry again; another one is there */
enum tree_put tree_put_file(struct tree_builder *, str path, const struct digest *, bool executable);
enum tree_put tree_put_symlink(struct tree_builder *, str path, str target);
enum tree_put tree_put_dir(struct tree_builder *, str path); /* an empty one, or one that others fill */
enum tree_put tree_put_tree(struct tree_builder *, str path, struct tree *); /* merged; path "" is the root */
/* The finished tree (one reference); frees the builder.  After a clash: the first path that clashed
 * is in *clash (in the arena) and the result is NULL; clash may be NULL when the caller looked at
 * every return value. */
struct tree *tree_builder_end(struct tree_builder *, struct arena *, str *clash) SL_MUST_USE;

struct tree *tree_empty(void);
/* a and b side by side: equal subtrees by pointer, then by digest; NULL and *clash on a conflict. */
struct tree *tree_merge(struct tree *a, struct tree *b, struct arena *, str *clash) SL_MUST_USE;
/* tree below a path: "usr/lib" gives { usr = { lib = tree } }. */
struct tree *tree_below(struct tree *, str path) SL_MUST_USE;

/* REAPI's Directory message of this level, canonical; and back (children are looked up by digest).
 * The reader is strict: unsorted or duplicate names, '/' in a name are refused. */
void tree_message(struct tree *, enum digest_fn, struct buf *out);

/* Stores every Directory message of the tree that the store lacks. */
int store_put_tree(struct store *, struct tree *);
/* Loads a tree by its root's digest; all levels verified.  -ENOENT when a part is missing. */
int store_get_tree(struct store *, const struct digest *, struct tree **out);
/* A directory on disk as a tree; contents are put into the store.  Links are kept as links; other
 * kinds of files are -EINVAL with *bad the path. */
int store_import(struct store *, const char *path, struct tree **out, struct arena *, str *bad);
/* The tree as files below `path` (which must not exist); files read-only. */
int store_export(struct store *, struct tree *, const char *path, bool exclusive);
/* The tree in the cache of materialised trees, made when absent; for read-only binds.  Two threads
 * may ask for the same: one makes it. */
int store_materialize(struct store *, struct tree *, struct arena *, str *path);

/* ---- action results ---- */

struct output_entry {
	str path;             /* relative to the working directory */
	enum tree_kind kind;
	bool executable;      /* FILE */
	struct digest digest; /* FILE: content; DIR: the root Directory */
	str target;           /* SYMLINK */
};

struct action_result { /* REAPI's ActionResult, as far as both sides agree */
	const struct output_entry *outputs; /* sorted by path */
	size_t noutputs;
	int32_t exit_code;
	struct digest out, err; /* stdout and stderr, in the CAS */
	str worker;             /* where it ran; may be empty */
	int64_t start_ns, wall_ns; /* wall clock since 1970; duration */
};

/* A hit is verified to be whole: every output it names is in the CAS (trees with all their parts),
 * else it is a miss.  The result lives in the arena. */
bool store_result_get(struct store *, const struct digest *action, struct arena *, struct action_result *out);
/* Written last, after all it names is there. */
int store_result_put(struct store *, const struct digest *action, const struct action_result *);

/* Small keyed records beside the action cache ("narrow" for depfile manifests, "package" for
 * evaluated packages …): verified like results; a damaged one is a miss. */
bool store_record_get(struct store *, const char *kind, const unsigned char key[32], struct blob **out);
int store_record_put(struct store *, const char *kind, const unsigned char key[32], str bytes);

#endif
