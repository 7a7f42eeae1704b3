/* away.h: results from elsewhere, for the steps of actions: a remote cache, and remote workers.
 *
 * One struct away serves a build, on the loop's thread; layer re does the talking.  Invariants
 * - An outage slows a build down and does not fail it: the errand ends with ERRAND_NONE, the action is run
 *   here, and one warning says why; one for each other kind of trouble (away_troubles).  With `require` it is an error.
 * - The outputs of a remote result stay at the server until something here needs them (away_fetch), but for
 *   depfiles, what the command printed, and Directory messages; with DOWNLOAD_ALL everything is fetched.
 * - A result whose outputs the server lost is no result: the errand runs the action again, or ends with
 *   ERRAND_NONE when it may only look. */
#ifndef STRAYLIGHT_BUILD_AWAY_H
#define STRAYLIGHT_BUILD_AWAY_H

#include "provide.h"
#include "reads.h"

#include <straylight/base/pool.h>
#include <straylight/build.h>
#include <straylight/re.h>

struct away;

/* NULL after a diagnostic.  Connects to nothing yet. */
struct away *away_new(struct uv_loop_s *, struct pool *, struct store *, struct provider *,
		const struct build_remote *, struct diags *) SL_MUST_USE;
/* Ends what runs; the loop must turn afterwards.  NULL is fine. */
void away_free(struct away *);
/* It runs actions, and is not only a cache. */
bool away_runs(const struct away *);
bool away_writes(const struct away *);
/* The warnings of this build, or errors with `require`; appended. */
void away_troubles(struct away *, struct diags *);
/* An error by itself, of what nothing can be done about here. */
void away_tell(struct away *, const struct re_status *, str what, struct diags *);
void away_count(const struct away *, struct build_remote_summary *);

/* ---- errands ---- */

enum errand_end {
	ERRAND_RESULT,    /* there is one, of whatever exit code */
	ERRAND_NONE,      /* there is none to be had: do it here */
	ERRAND_TIMEOUT,   /* the action's own */
	ERRAND_LOST,      /* inputs that neither side has: `lost` */
	ERRAND_FAILED,    /* diags */
	ERRAND_CANCELLED,
};

struct errand {
	/* given; all borrowed until done */
	const struct action *action;
	const struct contents *contents;
	const struct identity *identity;
	const struct digest *other; /* another action whose result would do (narrow.h); may be NULL */
	bool skip_cache;            /* away_run: run it even if there is a result */
	void (*started)(void *ud);  /* away_run: it is on its way; may be NULL */
	void (*done)(void *ud);     /* on the loop, once */
	void *ud;
	/* made; in the arena, which the caller clears */
	struct arena arena;
	struct diags diags;
	enum errand_end end;
	struct action_result result; /* outputs are those that the action declares */
	struct reads reads;
	str out, err;                /* what it printed */
	bool whole;                  /* all outputs are in the store */
	bool cached;                 /* no worker ran for it */
	const struct digest *lost;
	size_t nlost;
	/* away.c's own */
	struct away *away;
	struct re_run *run;
	int64_t fetching_ns; /* since when what it printed comes, and its outputs */
	struct errand *next;
	struct digest depfile;
	bool has_depfile, executes, cancelled, tried_other;
	enum errand_state { ERRAND_NEW, ERRAND_WAITING, ERRAND_PROVIDING, ERRAND_ASKING, ERRAND_FETCHING, ERRAND_OVER } state;
};

/* The remote cache has it, or not. */
void away_look(struct away *, struct errand *);
/* Puts the sources into the store, uploads what the server lacks, runs the action. */
void away_run(struct away *, struct errand *);
/* done follows, with CANCELLED unless it was over. */
void away_cancel(struct errand *);

/* ---- contents ---- */

struct away_fetch {
	/* given */
	const struct content *contents;
	size_t n;
	struct tree *const *trees; /* and the files of these */
	size_t ntrees;
	void (*done)(void *ud);
	void *ud;
	/* made */
	struct arena arena;
	struct diags diags;        /* not empty: it failed */
	const struct digest *lost; /* or these cannot be had */
	size_t nlost;
	struct digest *wanted;
	size_t nwanted;
	struct away *away;
	size_t pending;
};

/* Downloads what the store lacks of them. */
void away_fetch(struct away *, struct away_fetch *);
/* The Directory messages of a tree into the store, and the tree (re_get_tree). */
void away_get_tree(struct away *, const struct digest *root, re_got_tree *, void *ud);

/* ---- results of this machine ---- */

/* Writes a result of the sandbox to the remote cache, in the background; away_settle waits for it. */
void away_put(struct away *, const struct action *, const struct identity *, const struct action_result *,
		const struct digest *depfile);
/* Turns the loop until what away_put began is over; at once when `hurry`. */
void away_settle(struct away *, bool hurry);

/* Every so often while something runs there and says nothing: told of the errand that is silent for longest. */
typedef void away_silence(void *ud, void *errand_ud, const struct re_progress *);
void away_watch(struct away *, away_silence *, void *ud);
/* The same of every errand that is there now. */
void away_each(const struct away *, away_silence *, void *ud);

#endif
