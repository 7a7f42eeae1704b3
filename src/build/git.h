/* git.h: commits of git repositories, by the git program.
 *
 * Layer: build.  A commit's name fixes its files, so what has been fetched once is found again in the CAS.  A repository
 * on this machine is read where it is; of others a bare copy grows in the cache, below git/. */
#ifndef STRAYLIGHT_BUILD_GIT_H
#define STRAYLIGHT_BUILD_GIT_H

#include <straylight/store.h>

#define GIT_DIRTY "0000000000000000000000000000000000000000" /* no commit: what lies in the folder */

struct git_commit {
	struct tree_entry files; /* without a name; a DIR with one reference */
	int64_t time;            /* of the commit, since 1970 */
	int64_t count;           /* commits that it follows, itself among them; GIT_DIRTY: 0 */
};

/* Which commit a branch is at now (empty: HEAD), in the arena.  A repository on this machine whose files differ from HEAD is at GIT_DIRTY when
 * no branch is named.  A server is asked each time.  false after a diagnostic: FETCH_FAILED, FETCH_OFFLINE. */
bool git_resolve(struct store *, str url, str ref, struct arena *, str *rev, struct diags *) SL_MUST_USE;

/* The files of a commit; of GIT_DIRTY those that git tracks, as they are now, and the time of HEAD.  `url` is an absolute path, or has one of the schemes file, http, https, ssh and git; `ref` (may be empty) is where to look for
 * the commit when the server does not give it by its name.  false after a diagnostic: FETCH_FAILED, FETCH_OFFLINE, ARCHIVE, IO. */
bool git_fetch(struct store *, str url, str ref, str rev, struct git_commit *out, struct diags *) SL_MUST_USE;

#endif
