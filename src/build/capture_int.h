/* capture_int.h: the inside of capture_*.c. */
#ifndef STRAYLIGHT_BUILD_CAPTURE_INT_H
#define STRAYLIGHT_BUILD_CAPTURE_INT_H

#include "capture.h"

/* What names the request and the digest function in a record. */
struct digest capture_request_digest(const struct capture_request *, enum digest_fn);

/* ---- what was found (capture_find.c) ----
 * Paths are absolute.  A physical path has no link in it and is what the tree is keyed by. */

struct found_file {
	str path; /* physical */
	struct stamp stamp;
	bool executable;
	bool racy; /* touched just before it was looked at */
	struct digest digest; /* once stored */
};

struct found_link {
	str path, target;
};

struct found {
	struct arena arena;
	struct map physical; /* path → str *, p == NULL when it does not exist */
	struct map dirs;     /* physical path → struct found_dir */
	struct map known;    /* physical paths of files and whole directories */
	VEC(struct found_file) files; /* grows while it is scanned for what they need */
	VEC(struct found_link) links;
	struct diags *diags;
};

void found_free(struct found *);
/* The path without links; every link on the way is noted.  p == NULL when it does not exist. */
str found_physical(struct found *, str path);
/* Adds the file behind the path, and the links to it.  false when there is none. */
bool found_add(struct found *, str path);
/* Everything below a directory; false when there is no such directory. */
bool found_add_whole(struct found *, str path);
/* Only notes it for the stamps: the tree does not get it. */
void found_watch(struct found *, str path);
/* The directories with the stamps of all that was noted, sorted. */
void found_stamps(struct found *, struct arena *, struct capture *out);

/* The first dir/name that exists; p == NULL when none does. */
str found_in(struct found *, const str *dirs, size_t n, str name);

/* ---- what files need (capture_elf.c) ----
 * Adds interpreters and shared libraries of all files, and of those, until nothing is missing. */
void found_close(struct found *);

/* ---- Debian's lists (capture_dpkg.c) ---- */

/* The files of an installed package that a build may need.  false when it is not installed. */
bool found_add_package(struct found *, str name);
/* The same of the package and of all that it depends on (capture_depends.c), as dpkg's status file says. */
bool found_add_depends(struct found *, str name);
/* Those of the packages that own these paths; false when one has no owner. */
bool found_add_owners(struct found *, const str *paths, size_t n);

/* ---- compilers (capture_ask.c) ---- */

struct compiler {
	bool clang;
	str version;        /* "gcc 12.2.0" */
	str install;        /* gcc's own directory; clang's resource directory */
	const str *programs, *libraries, *includes; /* directories that it looks into */
	size_t nprograms, nlibraries, nincludes;
};

/* Whether the name is that of a gcc or clang, with any prefix and version. */
bool compiler_known(str name);
/* Starts it.  false when it does not answer as such a compiler does. */
bool compiler_ask(const char *path, const str *languages, size_t n, struct arena *, struct compiler *out);

#endif
