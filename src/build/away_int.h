/* away_int.h: what away.c (opening, troubles), away_errand.c, away_fetch.c and away_put.c share. */
#ifndef STRAYLIGHT_BUILD_AWAY_INT_H
#define STRAYLIGHT_BUILD_AWAY_INT_H

#include "away.h"

#include <uv.h>

enum trouble { /* each is told once a build */
	TROUBLE_LOOK,  /* the remote cache could not be asked */
	TROUBLE_RUN,   /* an action could not be run there */
	TROUBLE_FETCH, /* what is there could not be downloaded */
	TROUBLE_PUT,   /* a result of this machine could not be written */
	TROUBLE_KINDS,
};

struct errand_queue {
	struct errand *first, **last;
};

struct away {
	uv_loop_t *loop;
	struct pool *pool;
	struct store *store;
	struct provider *provider;
	struct re_client *client;
	struct build_remote options; /* texts are the caller's */
	unsigned running;            /* errands that execute */
	struct errand_queue waiting; /* to execute */
	struct errand *executing;    /* those that are there, or whose results come; by next */
	bool cannot_run;             /* the server runs nothing, as its capabilities say */

	struct diags troubles;
	unsigned seen[TROUBLE_KINDS]; /* how often */
	bool outage;                  /* it was said that the server is not there */
	struct build_remote_summary summary;

	size_t puts; /* that have not ended */
	size_t under_way; /* errands and fetches, the same */
	bool cannot_write;

	uv_timer_t timer;
	bool watched;
	away_silence *silence;
	void *silence_ud;
};

/* Counts it, and says it when it is the first of its kind in this build. */
void away_trouble(struct away *, enum trouble, const struct re_status *, str what);

#endif
