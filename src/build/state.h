/* state.h: what a workspace remembers between runs, in .straylight/state (LMDB); of builds with BLAKE3 digests in
 * .straylight/state-blake3.  Digests in records do not say their function: each function has a state of its own, as it
 * has a store of its own, so one cannot be taken for the other.
 *
 * Records are small and may always be lost: everything here is a memo of something that can be found
 * out again, keyed so that a stale record cannot be taken for a fresh one.  Each is sealed by a checksum;
 * one that does not match is absent, and a damaged or full file is begun anew.  Reads see the state as
 * it was at state_open or the last state_commit; writes are held in memory and land together in
 * state_commit (one LMDB transaction, so a killed process leaves the old state).
 *
 * .straylight/lock is held from state_open to state_close: one build in a workspace at a time. */
#ifndef STRAYLIGHT_BUILD_STATE_H
#define STRAYLIGHT_BUILD_STATE_H

#include <straylight/base.h>

enum state_space { /* the first byte of a key: never renumber */
	STATE_DIR = 'd',    /* directory path → stamps and digests of its files (files.c) */
	STATE_ACTION = 'a', /* "label name" → the action's last record (journal.c) */
	STATE_OUTPUT = 'o', /* path below straylight-out → stamp and digest (materialize.c) */
	STATE_RUN = 'r',    /* numbers and times of runs (journal.c) */
	STATE_HELD = 'h',   /* label → its outputs by digest, when a server may hold them (get.c) */
	STATE_LAST = 'l',   /* what was asked → stamps of all it rested on (noop.c) */
};

struct state;

/* `root` is the workspace.  waiting(ud) is called once before it blocks on another process's lock; NULL:
 * do not wait, fail.  NULL after a diagnostic. */
struct state *state_open(str root, enum digest_fn, void (*waiting)(void *ud), void *ud, struct diags *) SL_MUST_USE;
/* Drops what was not committed, frees the lock. */
void state_close(struct state *);

/* The record, valid until state_commit or state_close; false when there is none. */
bool state_get(struct state *, enum state_space, str key, str *value);
void state_put(struct state *, enum state_space, str key, str value); /* copied; value.p == NULL deletes */
/* 0 or a negative errno; then nothing of it landed.  Damage that is met here is no error: the file is
 * begun anew by the next state_open. */
int state_commit(struct state *);
/* Calls fn for every record of a space whose key begins with the prefix, in order of keys. */
void state_each(struct state *, enum state_space, str prefix, void (*fn)(void *ud, str key, str value), void *ud);

#endif
