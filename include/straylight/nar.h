/* nar.h: NAR, the form in which Nix hashes and carries trees.
 *
 * Layer: store, above base.
 *
 * A NAR is "nix-archive-1" and one node; every word is its length (8 bytes, little endian), its bytes,
 * and zeros up to a multiple of 8.  A node is ( type regular [executable ""] contents BYTES ), or
 * ( type symlink target TEXT ), or ( type directory { entry ( name TEXT node NODE ) } ) with names in
 * the order of bytes.  So a tree has exactly one NAR, and what is accepted here is what would be
 * written again. */
#ifndef STRAYLIGHT_NAR_H
#define STRAYLIGHT_NAR_H

#include <straylight/store.h>

#define NAR_DEPTH_MAX TREE_DEPTH_MAX /* directories inside one another */
#define NAR_NAME_MAX 255
#define NAR_TARGET_MAX 4095

/* ---- reading ----
 * A visitor is told of each node as its bytes come by.  A function that returns false ends the reading;
 * it has told why.  The root's name is empty.  Texts are borrowed for the call. */
struct nar_visitor {
	bool (*enter)(struct nar_visitor *, str name); /* a directory begins */
	bool (*leave)(struct nar_visitor *);           /* … and ends */
	bool (*file)(struct nar_visitor *, str name, bool executable, uint64_t size);
	bool (*data)(struct nar_visitor *, str bytes); /* of the file: parts, none of them empty */
	bool (*done)(struct nar_visitor *);            /* the file is whole */
	bool (*link)(struct nar_visitor *, str name, str target);
};

struct nar_reader;
/* `name` is what diagnostics call the archive; both live until the end. */
struct nar_reader *nar_reader_new(struct nar_visitor *, str name, struct diags *) SL_MUST_USE;
/* The next bytes, in parts of any size.  false after a diagnostic: NAR_SYNTAX with the offset, or what the
 * visitor told; everything after that is false too. */
bool nar_reader_feed(struct nar_reader *, str bytes);
/* There are no more bytes; frees.  false, after a diagnostic, unless the archive was whole. */
bool nar_reader_end(struct nar_reader *);

/* A visitor that makes files below `path`, which must not exist.  Its end frees it; unless `ok`, what was
 * made is removed. */
struct nar_visitor *nar_restorer_new(const char *path, struct diags *) SL_MUST_USE;
bool nar_restorer_end(struct nar_visitor *, bool ok);

/* A visitor that puts the tree into the store.  Its end frees it, and gives the root: an entry without a
 * name, a DIR with one reference, a target in the arena.  false after a diagnostic or unless `ok`. */
struct nar_visitor *nar_importer_new(struct store *, struct diags *) SL_MUST_USE;
bool nar_importer_end(struct nar_visitor *, bool ok, struct arena *, struct tree_entry *out);

/* ---- writing ----
 * The bytes go to a function, in large parts and in order; when it returns false, writing ends. */
typedef bool nar_write(void *ud, str bytes);

/* What is at `path` (a link there is a link).  `write` may be called from another thread, one call at a
 * time, while files are read.  false after a diagnostic (NAR_FILE, IO), or when `write` returned false. */
bool nar_dump(const char *path, nar_write *, void *ud, struct diags *);
/* The same from the store: a file, link or tree (an entry whose name does not matter). */
bool nar_dump_entry(struct store *, const struct tree_entry *, nar_write *, void *ud, struct diags *);
/* The SHA-256 and size of the NAR of what is at `path`. */
bool nar_hash(const char *path, struct digest *out, struct diags *);

#endif
