/* dice_int.h: the graph as it lies in memory; only src/dice includes this.
 *
 * nodes[] holds one 64-byte node per key, ids are indices (0 is no node).  A node's dependencies are a
 * slice of deps[] (one of them is kept inline); who depends on a node, and who waits for it, are lists
 * of 8-byte cells.  The three arrays move when they grow: keep ids, not pointers, across any call that
 * may make a key or run user code.
 *
 * Invariants, between any two turns of the engine:
 * - a settled node (CLEAN, FAILED) is right for the present version, and all its dependencies are
 *   settled, unless it is FAILED and TRANSIENT;
 * - for each of a node's dependencies there is a reverse edge to the node (there may be more: stale);
 * - CHECK and RUN nodes are `active`: pending == 0 means that they are in the queue, else each pending
 *   has one waiter cell at an unsettled dependency, or is the job. */
#ifndef STRAYLIGHT_DICE_INT_H
#define STRAYLIGHT_DICE_INT_H

#include <straylight/base/vec.h>
#include <straylight/dice.h>
#include <uv.h>

enum state {
	NEW,    /* never settled */
	DIRTY,  /* was settled; something below may have changed */
	CHECK,  /* active: comparing the recorded dependencies, batch by batch */
	RUN,    /* active: its step is being run */
	CLEAN,  /* settled with a value */
	FAILED, /* settled without; aux has the failure */
};

enum {
	FORCE = 1 << 0,     /* DIRTY: run without checking; `why` is already set */
	VALUED = 1 << 1,    /* value is there */
	TRANSIENT = 1 << 2, /* in dice.transient: to be run again after the next commit */
	INJECTED = 1 << 3,  /* the open transaction injects it */
	DOOMED = 1 << 4,    /* RUN: forget what its job brings */
	TOLERANT = 1 << 5,  /* its last run looked at failures (dice_wait) */
	HOPELESS = 1 << 6,  /* CHECK, RUN: something it needs failed, its next turn skips it */
	QUEUED = 1 << 7,    /* in dice.queue */
	GAP = 1 << 8,       /* value was right at `changed` and at `at`, maybe not in between */
	ON_PATH = 1 << 9,   /* cycle.c, during a search */
	SEEN = 1 << 10,     /* cycle.c, during a search */
};

struct node {
	uint64_t key;           /* its bytes when they fit, else a pointer into dice.keys */
	union dice_value value; /* VALUED */
	uint32_t changed;       /* version at which it last gave another answer */
	uint32_t at;            /* the last version that its answer was known right for */
	uint32_t dep;           /* room == 0: its only dependency; else where its slice begins */
	uint32_t ndep;
	uint32_t rdep;    /* cells */
	uint32_t waiters; /* cells; unsettled only */
	uint32_t pending; /* active: asked for and not there, the job included */
	uint32_t cur;     /* CHECK: where the batch begins; RUN: dependencies recorded in this run */
	uint32_t because; /* with why == DICE_DEP */
	uint32_t aux;     /* index of a struct aux; 0: none */
	uint16_t kind;    /* index in dice.kinds */
	uint16_t flags;
	uint8_t state;
	uint8_t why;
	uint8_t room; /* log2 of the size of its slice */
};
_Static_assert(sizeof(struct node) == 64, "a node is one cache line");

#define ID_MASK 0x7fffffffu
#define BARRIER 0x80000000u /* in deps[]: asked after something before it was read */
#define REQUEST 0x80000000u /* in a waiter cell: a slot of dice.requests */

struct cell {
	uint32_t to, next;
};

/* What few nodes have: a run that keeps something, a failure. */
struct aux {
	void *scratch;
	void (*drop)(void *);
	struct dice_job *job;
	union dice_value result; /* COMPLETED, REJECTED: what the job brought */
	void *error;             /* root == own id */
	uint32_t root;           /* where the failure began; 0: no failure */
	uint32_t since, until;   /* root != 0: the versions of node.value */
	uint32_t free;
	enum { NOTHING, COMPLETED, REJECTED, RESUMED } news;
};

struct dice_job {
	struct dice *dice;
	uint32_t id;
	bool cancelled;
	void (*cancel)(void *ud);
	void *ud;
	struct dice_job *next, **link;
};

struct dice_request {
	struct dice *dice;
	uint32_t slot;
	uint32_t left; /* wanted keys not settled */
	bool keep_going, ended;
	enum dice_outcome outcome;
	dice_done *done;
	void *ud;
	struct dice_request *next; /* among the ended */
};

struct change {
	uint32_t id;
	bool inject; /* else touch */
	union dice_value value;
};

struct dice_txn {
	struct dice *dice;
	bool open;
	VEC(struct change) changes;
};

struct frame { /* cycle.c */
	uint32_t id, k;
};

struct dice {
	struct dice_host host;
	uint32_t version;

	struct node *nodes;
	uint32_t nnodes, node_cap;
	const struct dice_kind **kinds;
	uint32_t nkinds, kind_cap;
	uint32_t *table; /* open addressing; node ids, 0 = free */
	uint64_t mask;
	struct arena keys; /* of more than 8 bytes */

	uint32_t *deps; /* slices of 2^room */
	uint32_t ndeps, dep_cap;
	uint32_t free_slices[32]; /* by room; the first word links them */
	struct cell *cells;
	uint32_t ncells, cell_cap, free_cell;
	uint32_t edges, stale; /* reverse edges; of these, stale ones */
	struct aux *aux;
	uint32_t naux, aux_cap, free_aux;

	VEC(uint32_t) queue; /* ready nodes; commits use it for their walk */
	VEC(uint32_t) transient;
	struct dice_txn txn;

	uint32_t active;   /* nodes in CHECK and RUN */
	uint32_t stepping; /* the node whose step is running */
	uint32_t njobs;
	struct dice_job *jobs, *cancelled_jobs;
	VEC(struct dice_request *) requests; /* slots; NULL once done */
	struct dice_request *ended, **ended_end;
	uint32_t live, patient; /* requests not ended; of these, the keep_going ones */
	bool draining;          /* nobody asks; unwanted work was dropped, jobs are waited for */
	bool interrupt;         /* cancel the jobs too */

	bool suspect; /* someone waits for a node that was already active: there may be a cycle */
	uint64_t turns, search_at;
	VEC(struct frame) path;
	VEC(uint32_t) seen;

	uint64_t steps, runs, checks;
	uv_idle_t *idle;
};

struct dice_ctx {
	struct dice *dice;
	const struct dice_kind *kind;
	uint32_t me;
	uint32_t pos;   /* dependencies asked so far */
	uint32_t guess; /* where dice_dep looks for the next */
	uint32_t skip;  /* something that it needs, which failed */
	bool read;      /* something was read since the last barrier */
	uint64_t bits;  /* a key of up to 8 bytes, which must not move during the step */
	union dice_value result;
};

static inline bool settled(const struct node *n)
{
	return n->state >= CLEAN;
}

static inline bool active(const struct node *n)
{
	return n->state == CHECK || n->state == RUN;
}

static inline struct aux *aux_of(const struct dice *d, const struct node *n)
{
	return n->aux ? &d->aux[n->aux] : NULL;
}

static inline bool has_fault(const struct dice *d, const struct node *n)
{
	return n->aux && d->aux[n->aux].root;
}

static inline uint32_t *deps_of(struct dice *d, struct node *n)
{
	return n->room ? d->deps + n->dep : &n->dep;
}

static inline void emit(struct dice *d, enum dice_event event, uint32_t id)
{
	if (d->host.event)
		d->host.event(d->host.ud, event, (dice_id){id});
}

/* graph.c */
uint32_t cell_new(struct dice *, uint32_t to, uint32_t next);
void cell_free(struct dice *, uint32_t cell);
struct aux *aux_need(struct dice *, uint32_t id);
/* Gives the record back when neither a run nor a failure needs it. */
void aux_tidy(struct dice *, struct node *);
/* Forgets the failure, if there is one. */
void fault_clear(struct dice *, struct node *);
void value_release(const struct dice_kind *, union dice_value);
bool value_same(const struct dice_kind *, union dice_value was, union dice_value now);
bool key_is(const struct dice *, uint32_t id, const struct dice_kind *, const void *key);
/* Makes `id` the k-th dependency of `me` (k <= ndep), with its reverse edge.  mark: BARRIER or 0. */
void dep_record(struct dice *, uint32_t me, uint32_t k, uint32_t id, uint32_t mark);
/* Keeps the first n. */
void deps_truncate(struct dice *, struct node *, uint32_t n);
/* All settled nodes that may depend on it become DIRTY.  Uses the queue, which is empty. */
void dirty_above(struct dice *, uint32_t id);
/* Drops the stale reverse edges when they are many.  No node is active. */
void edges_compact(struct dice *);

/* step.c: settling wakes who waits */
void push(struct dice *, uint32_t id); /* into the queue, once */
/* The end of the batch that begins at k < ndep. */
uint32_t batch_end(struct dice *, struct node *, uint32_t k);
void turn(struct dice *, uint32_t id); /* takes a node from the queue one step on */
void lives_once(struct dice *, uint32_t id); /* to be run again after the next commit */
void run_forget(struct dice *, uint32_t id); /* scratch, a result not used */
void node_reset(struct dice *, uint32_t id);
/* Puts an unsettled node to work, unless it is. */
void node_start(struct dice *, uint32_t id);
void fault_raise(struct dice *, uint32_t id, enum dice_fault, const dice_id *path, size_t n);

/* Makes `me` wait for those of the n dependencies that are not settled, and puts them to work, the
 * first of them first.  false when all are settled. */
bool await(struct dice *, uint32_t me, const uint32_t *deps, uint32_t n);

/* wave.c */
void wave_kick(struct dice *); /* the loop shall call us */
void wave_settled(struct dice *, uint32_t slot, bool failed);

/* cycle.c: fails one node of every cycle found among the active ones; there is one if the queue is
 * empty, no job is outstanding and something is active.  Returns what it cost, in turns. */
uint64_t cycle_search(struct dice *);

#endif
