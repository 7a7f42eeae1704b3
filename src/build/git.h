/* git.h: commits of git repositories, by the git program.
 *
 * Layer: build.  A commit's name fixes its files, so what has been fetched once is found again in the CAS.  A repository
 * on this machine is read where it is; of others a bare copy grows in the cache, below git/. */
#ifndef STRAYLIGHT_BUILD_GIT_H
#define STRAYLIGHT_BUILD_GIT_H

#include <straylight/store.h>

struct git_commit {
	struct tree_entry files; /* without a name; a DIR with one reference */
	int64_t time;            /* of the commit, since 1970 */
	int64_t count;           /* commits that it follows, itself among them */
};

/* `url` is an absolute path, or has one of the schemes file, http, https, ssh and git; `ref` (may be empty) is where to look for
 * the commit when the server does not give it by its name.  false after a diagnostic: FETCH_FAILED, FETCH_OFFLINE, ARCHIVE, IO. */
bool git_fetch(struct store *, str url, str ref, str rev, struct git_commit *out, struct diags *) SL_MUST_USE;

#endif
