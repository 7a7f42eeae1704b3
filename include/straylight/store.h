/* store.h: bytes, trees and results, named by their digests, on disk.
 *
 * Layer: store, above base.
 *
 * The disk store is the local truth: remote stores move blobs into and out of it (layer re), they are
 * not layered under it.  Every function may be called from any thread; calls on different digests
 * never wait for each other.
 *
 * On disk, below the cache directory (docs/internals/store.md has the formats; FN is the digest
 * function's name):
 *	cas/FN/ab/HASH      content, mode 0444
 *	cas/FN/ab/HASH.x    the same with mode 0555; one of the two is there first, the other is made
 *	                    when it is needed
 *	ac/FN/KIND/ab/KEY   records, action results ("result") among them, ending in their own SHA-256
 *	trees/FN/HASH/      a tree materialised for read-only mounts
 *	tmp/INSTANCE/       being written; everything here is renamed or removed
 * Invariants: a file under cas/ was complete when it got its name; a read that is verified and does
 * not match removes the file and is a miss; nothing is ever changed in place.
 *
 * Verified by hash: every blob that is read or copied, every Directory of a tree that is loaded, every
 * record.  By size and modification time, which is the same for all blobs: store_has, store_path, what is
 * hard-linked, the parts of a result; a blob that was written to has another time, and is hashed.  Nothing
 * is synced: what power loss tears is shorter than its digest says. */
#ifndef STRAYLIGHT_STORE_H
#define STRAYLIGHT_STORE_H

#include <straylight/base.h>

struct store;

/* Opens (and makes) the store below `root`.  NULL after a diagnostic. */
struct store *store_open(str root, enum digest_fn, struct diags *) SL_MUST_USE;
void store_close(struct store *);
enum digest_fn store_fn(const struct store *);
str store_root(const struct store *);
/* A new empty directory below tmp/, for one owner; the path lives in the arena.  It goes with the
 * store.  0 or -errno. */
int store_scratch(struct store *, struct arena *, str *path);

/* ---- blobs ----
 * 0 or a negative errno; -ENOENT is a miss, -ENOSPC leaves nothing behind, -ESTALE means that the cache
 * directory was removed under us.  The empty blob is always there.  What a process has seen to be there
 * it does not look for again, until something proves missing or damaged. */

bool store_has(struct store *, const struct digest *);
int store_put(struct store *, str bytes, struct digest *out);
/* Hashes and copies a file in (following links).  If it changes meanwhile, the digest is that of the
 * bytes which were stored.  -EINVAL: not a regular file. */
int store_put_file(struct store *, const char *path, struct digest *out);
/* The same by renaming when it can: the file is gone afterwards.  For outputs in store_scratch that
 * nobody writes to any more.  A link is -EINVAL. */
int store_take_file(struct store *, const char *path, struct digest *out);
/* Verified: the bytes are the digest's, or it is a miss (and the damaged file is removed). */
int store_get(struct store *, const struct digest *, struct blob **out);
/* The same into memory of the caller's, which has room for the digest's size; after an error it holds anything. */
int store_read(struct store *, const struct digest *, char *to);
/* Writes the blob to a file that must not exist; mode 0444 or 0555.  From 128 KiB on it is a hard link
 * to the store (read-only use only: a reader that may write gets `exclusive` = a copy). */
int store_get_file(struct store *, const struct digest *, bool executable, bool exclusive, const char *path);
/* The blob's own file, for a read-only bind; the path lives in the arena. */
int store_path(struct store *, const struct digest *, bool executable, struct arena *, str *path);
/* Rehashes; what is damaged is removed, -ENOENT when nothing whole is left. */
int store_verify(struct store *, const struct digest *);

/* ---- blobs in pieces ----
 * For what does not fit into memory or comes by the network.  One thread at a time for each write. */

/* The blob's file, open for reading, or a negative errno.  Its size is right; its bytes are not verified. */
int store_open_blob(struct store *, const struct digest *);

struct store_write;
/* 0 or -errno. */
int store_write_begin(struct store *, struct store_write **out) SL_MUST_USE;
int store_write_add(struct store_write *, const void *, size_t); /* 0 or -errno, which sticks */
int64_t store_write_size(const struct store_write *);             /* bytes added so far */
/* Ends it.  The blob is there if the bytes are the digest's: 0.  -EBADMSG: they are not, and nothing is left. */
int store_write_end(struct store_write *, const struct digest *) SL_MUST_USE;
void store_write_drop(struct store_write *); /* ends it and leaves nothing; NULL is fine */

/* ---- trees ----
 * A persistent Merkle directory in REAPI's canonical form: entries sorted by name, no duplicates.
 * Immutable and counted; unchanged parts are shared between trees.  A tree's digest is that of its
 * Directory message and is computed once.  `shape` is a digest of names and kinds alone: two trees
 * with equal shapes differ only in file contents (depfile narrowing rests on it); so it covers
 * executable bits and the targets of links. */

enum tree_kind { TREE_FILE, TREE_DIR, TREE_SYMLINK };

#define TREE_DEPTH_MAX 512 /* directories inside one another: what recurses over trees is safe */

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
enum tree_put {
	TREE_PUT_OK,
	TREE_PUT_SAME,    /* the same is there already */
	TREE_PUT_CLASH,   /* something else is there */
	TREE_PUT_INVALID, /* an empty name, ".", "..", a NUL, an empty target, or deeper than TREE_DEPTH_MAX */
};
enum tree_put tree_put_file(struct tree_builder *, str path, const struct digest *, bool executable);
enum tree_put tree_put_symlink(struct tree_builder *, str path, str target);
enum tree_put tree_put_dir(struct tree_builder *, str path); /* an empty one, or one that others fill */
enum tree_put tree_put_tree(struct tree_builder *, str path, struct tree *); /* merged; path "" is the root */
/* The finished tree (one reference); frees the builder.  NULL after a CLASH or INVALID: the first such
 * path is in *clash (in the arena; clash may be NULL). */
struct tree *tree_builder_end(struct tree_builder *, struct arena *, str *clash) SL_MUST_USE;

struct tree *tree_empty(void);
/* a and b side by side: equal subtrees by pointer, then by digest; NULL and *clash on a conflict. */
struct tree *tree_merge(struct tree *a, struct tree *b, struct arena *, str *clash) SL_MUST_USE;
/* tree below a path: "usr/lib" gives { usr = { lib = tree } }; NULL when the path is INVALID. */
struct tree *tree_below(struct tree *, str path) SL_MUST_USE;

/* REAPI's Directory message of this level, canonical. */
void tree_message(struct tree *, enum digest_fn, struct buf *out);

/* Stores every Directory message of the tree that the store lacks. */
int store_put_tree(struct store *, struct tree *);
/* Loads a tree by its root's digest; all levels verified.  -ENOENT when a part is missing, -EBADMSG
 * when one is not a canonical Directory message, -E2BIG beyond TREE_DEPTH_MAX or 2^26 nodes. */
int store_get_tree(struct store *, const struct digest *, struct tree **out);
/* Every Directory of the tree, and every file that they name, is there (by size); asked of the disk once. */
bool store_has_tree(struct store *, const struct digest *root);
/* A directory on disk as a tree; contents are put into the store.  Links are kept as links; other
 * kinds of files are -EINVAL.  *bad is the path below it that an error is about, in the arena. */
int store_import(struct store *, const char *path, struct tree **out, struct arena *, str *bad);
/* The tree as files below `path` (which must not exist); files read-only, directories writable.  After
 * an error nothing is left. */
int store_export(struct store *, struct tree *, const char *path, bool exclusive);
/* The tree in the cache of materialised trees, made when absent; for read-only binds.  Two threads
 * may ask for the same: one makes it.  Directories are 0555, files 0444 or 0555; small files are inodes
 * of their own; all have one modification time, except that further copies of a content in the tree
 * have later ones (else compilers take them for one file).  -ENOENT: a file's content is missing. */
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

/* Small keyed records ("narrow" for depfile manifests, "package" for evaluated packages …; "result" is
 * taken): verified, a damaged one is removed and a miss.  `kind` is a file name. */
bool store_record_get(struct store *, const char *kind, const unsigned char key[32], struct blob **out);
int store_record_put(struct store *, const char *kind, const unsigned char key[32], str bytes);
/* When it was written, in seconds since 1970; 0: there is none. */
int64_t store_record_time(struct store *, const char *kind, const unsigned char key[32]);

/* ---- making it smaller ---- */

struct store_swept {
	size_t removed, kept; /* files, and trees as one each */
	uint64_t removed_bytes, kept_bytes;
};

/* Removes below a cache directory, of all digest functions, what was used longest ago, until at most `keep`
 * bytes of disk are left.  0 or a negative errno; -EBUSY: a store is open there, in this process or another,
 * and nothing was removed.  A store that is being opened waits.  After an error *out says nothing. */
int store_gc(str root, uint64_t keep, struct store_swept *out) SL_MUST_USE;

#endif
