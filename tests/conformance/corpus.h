/* corpus.h: the Dhall standard's own tests, which are not part of this repository.
 *
 * They are looked for in $STRAYLIGHT_CORPUS/dhall-lang/tests, else in ../shared/corpus beside the
 * source tree.  A driver exits with CORPUS_ABSENT, which ctest shows as skipped, when there are none. */
#ifndef STRAYLIGHT_CORPUS_H
#define STRAYLIGHT_CORPUS_H

#include <straylight/base/os.h>

#include <stdio.h>
#include <stdlib.h>

#define CORPUS_ABSENT 77

/* What a case may return besides a problem: it cannot be run here; the file is no case. */
static const char corpus_left_out[] = "left out", corpus_no_case[] = "no case";

/* A case that does not behave as its file says, and the part of the standard's text that explains it. */
struct exception {
	const char *path; /* below the tests folder */
	const char *reason;
};

struct corpus {
	struct arena mem;
	const char *root;
	const struct exception *exceptions;
	size_t nexceptions;
	size_t passed, failed, left_out;
};

/* One test: `path` is the input's.  NULL when it passes, else why not. */
typedef const char *corpus_case(struct arena *, const char *path);

static inline bool corpus_open(struct corpus *c)
{
	const char *given = getenv("STRAYLIGHT_CORPUS");
	struct stamp s;

	c->root = os_join(&c->mem, str_c(given ? given : "../shared/corpus"), S("dhall-lang/tests"));
	if (os_stamp(c->root, &s) == 0)
		return true;
	printf("skipped: no tests in '%s'; set STRAYLIGHT_CORPUS\n", c->root);
	return false;
}

static inline void corpus_report(struct corpus *c, str path, const char *problem)
{
	const char *reason = NULL;

	if (problem == corpus_left_out || problem == corpus_no_case) {
		c->left_out += problem == corpus_left_out;
		return;
	}
	for (size_t i = 0; i < c->nexceptions; i++)
		if (str_eq(path, str_c(c->exceptions[i].path)))
			reason = c->exceptions[i].reason;
	if (!problem == !reason) {
		c->passed++;
		return;
	}
	c->failed++;
	if (problem)
		printf("FAILED %.*s: %s\n", STR_ARG(path), problem);
	else
		printf("FAILED %.*s: passes, but is expected to fail (%s)\n", STR_ARG(path), reason);
}

/* Runs every file below `folder` whose name ends with `suffix`. */
static inline void corpus_run(struct corpus *c, str folder, str suffix, corpus_case *run)
{
	const char *dir = os_join(&c->mem, str_c(c->root), folder);
	str *names;
	size_t n;

	if (os_list(&c->mem, dir, &names, &n) < 0) {
		corpus_report(c, folder, "the folder cannot be read");
		return;
	}
	for (size_t i = 0; i < n; i++) {
		str path = str_c(os_join(&c->mem, folder, names[i]));
		const char *full = os_join(&c->mem, str_c(c->root), path);
		struct stamp s;

		if (os_stamp(full, &s) == 0 && S_ISDIR(s.mode))
			corpus_run(c, path, suffix, run);
		else if (str_ends(names[i], suffix))
			corpus_report(c, path, run(&c->mem, full));
	}
}

/* The file, NULL when there is none; the blob is the caller's. */
static inline struct blob *corpus_read(const char *path)
{
	struct blob *b = NULL;

	return os_read(path, 0, &b) < 0 ? NULL : b;
}

/* The file that belongs to `path`: its name with `from` at the end replaced by `to`. */
static inline struct blob *corpus_partner(struct arena *mem, const char *path, str from, const char *to)
{
	str stem = str_upto(str_c(path), strlen(path) - from.n);

	return corpus_read(str_fmt(mem, "%.*s%s", STR_ARG(stem), to).p);
}

/* Prints the counts of a part that has just run, and counts from 0 again; true when all passed. */
static inline bool corpus_part(struct corpus *c, const char *what)
{
	bool ok = c->failed == 0 && c->passed > 0;

	printf("%s: %zu passed, %zu failed\n", what, c->passed, c->failed);
	c->passed = c->failed = 0;
	return ok;
}

#endif
