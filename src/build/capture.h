/* capture.h: toolchains made from what is installed on this machine.
 *
 * A capture is a tree for the root of a sandbox ("usr", and "lib", "lib64", "bin", "sbin" as the links
 * that the machine has) with compilers, what they read and start, and the shared libraries of all of
 * it; and the stamps of everything that was looked at, which tell later whether it is still so.
 *
 * Invariants: every link of every chain is in the tree; a chain through /etc (alternatives) is one link
 * to where it leaves /etc.  Nothing below /etc, /usr/share/doc, /usr/share/man and the like is in it.
 * Any thread may call anything here; a struct capture is immutable. */
#ifndef STRAYLIGHT_BUILD_CAPTURE_H
#define STRAYLIGHT_BUILD_CAPTURE_H

#include "target.h"
#include <straylight/store.h>

struct capture_request { /* as Analysis.dhall's Host; all borrowed */
	const str *compilers; /* "gcc", "clang++", "aarch64-linux-gnu-gcc"; others are taken as programs */
	const str *languages; /* "c", "c++": what the compilers must be able to compile */
	const str *packages;  /* Debian packages whose files below /usr are added; "NAME/depends": and those that it depends on */
	const str *programs;  /* names in /usr/bin, /usr/sbin or /usr/local/bin */
	size_t ncompilers, nlanguages, npackages, nprograms;
};

struct capture_tool {
	str name, path; /* "gcc", "/usr/bin/gcc" */
};

struct capture_name {
	str name;
	struct stamp stamp;
};

struct capture_dir {
	str path; /* absolute, without links */
	struct stamp stamp;
	bool whole; /* all that is in it was taken: a new file would be, too */
	const struct capture_name *names;
	size_t n;
};

struct capture {
	struct digest digest; /* of the tree */
	struct digest request;
	str version;          /* "gcc 12.2.0"; of several compilers "gcc 12.2.0, clang 14.0.6" */
	const struct capture_tool *tools; /* the compilers and programs asked for */
	size_t ntools;
	const struct capture_dir *dirs; /* sorted by path */
	size_t ndirs, nfiles;
	uint64_t bytes;
};

/* Finds everything and puts it into the store; starts the compilers to ask them where their parts are.
 * The tree has one reference for the caller.  false after diagnostics. */
bool capture_host(struct store *, const struct capture_request *, struct arena *, struct capture *out,
		struct tree **tree, struct diags *) SL_MUST_USE;

/* Nothing was added to, removed from or renamed in any directory that was looked at: what package
 * managers do to change a file.  The quick check; where it fails capture_fresh may still hold. */
bool capture_unmoved(const struct capture *);
/* Every file, link and whole directory is as it was.  On two threads. */
bool capture_fresh(const struct capture *);

/* The record, for .straylight/toolchains/NAME; it is replaced whole.  Reading is false when there is
 * none, when it is damaged, or made for another request or digest function: then capture_host is due. */
int capture_write(const struct capture *, const char *path);
bool capture_read(const char *path, const struct capture_request *, enum digest_fn, struct arena *,
		struct capture *out);
/* The record from and to bytes; reading takes anything, and copies into the arena. */
bool capture_decode(str bytes, struct arena *, struct capture *out);
void capture_encode(const struct capture *, struct buf *out);

/* The tree of host bytes: from the record below the workspace's .straylight/toolchains while it is fresh
 * and the store has the tree, else captured and recorded.  One reference, and the record in the arena;
 * NULL after diagnostics. */
struct tree *capture_obtain(struct store *, str workspace, const struct bytes *, struct arena *,
		struct capture *out, struct diags *) SL_MUST_USE;

#endif
