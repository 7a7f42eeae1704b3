/* journal.h: what each action was made of when its result was last had, and why it ran.
 *
 * Written through the same walk that makes the action's digest (identity.h), so the reason that is
 * given for a run is the reason.  A result that a cache had is recorded when it is another than the last.  Of headers only those are recorded that the run read, when that is
 * known.  Two records per action, both in the workspace's state; no label has a blank in it:
 *	STATE_ACTION  "LABEL NAME"  the parts: [[field, text, hash or null], …]
 *	STATE_RUN     "LABEL NAME"  the last event: [run, served, start, wall ns, action, [reason, …]] */
#ifndef STRAYLIGHT_BUILD_JOURNAL_H
#define STRAYLIGHT_BUILD_JOURNAL_H

#include "identity.h"
#include "state.h"
#include <straylight/build.h>

struct journal;
struct journal *journal_new(struct state *) SL_MUST_USE; /* the start of a run: it gets the next number */
void journal_free(struct journal *);

/* Why the action is not what it was at its last result: root causes, one sentence each, in the arena.
 * Empty when nothing differs (then its result was not in the cache). */
void journal_explain(struct journal *, const struct action *, const struct contents *, const struct identity *,
		struct arena *, const str **reasons, size_t *n);

/* The action has a result.  knows_reads: a depfile told which headers it read. */
void journal_record(struct journal *, const struct action *, const struct contents *, const struct identity *,
		bool knows_reads, const str *reads, size_t nreads);

struct journal_event {
	uint64_t run;
	enum build_served served;
	int64_t start_ns, wall_ns;
	struct digest action;
	const str *reasons;
	size_t nreasons;
};
void journal_event(struct journal *, const struct action *, const struct journal_event *);
/* Whether the last event was of this very action: then there is nothing new to record. */
bool journal_is_last(const struct journal *, const struct action *, const struct digest *);
/* The last event of "LABEL NAME"; false when there is none.  Texts in the arena. */
bool journal_last(struct state *, str key, struct arena *, struct journal_event *out);
uint64_t journal_run(const struct journal *);

#endif
