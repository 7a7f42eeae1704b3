/* graph.h: a set of targets and who needs whom among them, for queries. */
#ifndef STRAYLIGHT_CMD_GRAPH_H
#define STRAYLIGHT_CMD_GRAPH_H

#include <straylight/build.h>

#define GRAPH_NONE UINT32_MAX

struct graph_node {
	struct build_target target;
	VEC(uint32_t) needs; /* nodes */
	VEC(uint32_t) needed_by;
	uint32_t depth;      /* of the last walk; GRAPH_NONE: not reached */
	bool owner;          /* query owner: it has one of the files */
	uint32_t from;       /* the node that the last walk reached it from */
};

struct graph {
	VEC(struct graph_node) nodes; /* in the order in which they were added */
	struct map index;             /* label → node + 1, as a pointer */
};

/* Starts from {0}.  Adds the labels and all that they need, transitively: targets that the build has
 * reached (build_configure, build_match). */
void graph_add(struct graph *, struct build *, const sym *labels, size_t n);
void graph_free(struct graph *);
uint32_t graph_find(const struct graph *, sym label); /* GRAPH_NONE when it is not there */

/* Breadth first from the labels along `needs` or, with `back`, along `needed_by`, at most `depth` steps
 * far; sets depth and from. */
void graph_walk(struct graph *, const sym *labels, size_t n, bool back, uint32_t depth);
/* The nodes that the last walk reached, sorted by label; the caller frees it with mem_free. */
uint32_t *graph_reached(const struct graph *, size_t *n) SL_MUST_USE;

#endif
