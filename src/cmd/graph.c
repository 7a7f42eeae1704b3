#include "graph.h"

#include <stdlib.h>

static struct graph_node *node_at(const struct graph *g, uint32_t i)
{
	return &g->nodes.p[i];
}

uint32_t graph_find(const struct graph *g, sym label)
{
	uintptr_t slot = (uintptr_t)map_get(&g->index, sym_str(label));

	return slot ? (uint32_t)slot - 1 : GRAPH_NONE;
}

/* The node of the label, made if it is not there; GRAPH_NONE when there is no such target. */
static uint32_t node_of(struct graph *g, struct build *b, sym label)
{
	struct graph_node n = {0};
	uint32_t at = graph_find(g, label);

	if (at != GRAPH_NONE || !build_target(b, label, &n.target))
		return at;
	vec_push(&g->nodes, n);
	at = (uint32_t)g->nodes.n - 1;
	map_put(&g->index, sym_str(label), (void *)((uintptr_t)at + 1));
	return at;
}

void graph_add(struct graph *g, struct build *b, const sym *labels, size_t n)
{
	size_t done = g->nodes.n;

	for (size_t i = 0; i < n; i++)
		node_of(g, b, labels[i]);
	for (; done < g->nodes.n; done++) {
		struct build_target t = g->nodes.p[done].target;

		for (size_t i = 0; i < t.nneeds; i++) {
			uint32_t to = node_of(g, b, t.needs[i]);

			if (to == GRAPH_NONE)
				continue;
			vec_push(&node_at(g, (uint32_t)done)->needs, to);
			vec_push(&node_at(g, to)->needed_by, (uint32_t)done);
		}
	}
}

void graph_free(struct graph *g)
{
	for (size_t i = 0; i < g->nodes.n; i++) {
		vec_free(&g->nodes.p[i].needs);
		vec_free(&g->nodes.p[i].needed_by);
	}
	vec_free(&g->nodes);
	map_free(&g->index);
}

void graph_walk(struct graph *g, const sym *labels, size_t n, bool back, uint32_t depth)
{
	VEC(uint32_t) queue = {0};

	for (size_t i = 0; i < g->nodes.n; i++)
		g->nodes.p[i].depth = g->nodes.p[i].from = GRAPH_NONE;
	for (size_t i = 0; i < n; i++) {
		uint32_t at = graph_find(g, labels[i]);

		if (at != GRAPH_NONE && node_at(g, at)->depth == GRAPH_NONE) {
			node_at(g, at)->depth = 0;
			vec_push(&queue, at);
		}
	}
	for (size_t i = 0; i < queue.n; i++) {
		const struct graph_node *node = node_at(g, queue.p[i]);
		const uint32_t *next = back ? node->needed_by.p : node->needs.p;
		size_t count = back ? node->needed_by.n : node->needs.n;

		for (size_t k = 0; k < count && node->depth < depth; k++) {
			struct graph_node *to = node_at(g, next[k]);

			if (to->depth != GRAPH_NONE)
				continue;
			to->depth = node->depth + 1;
			to->from = queue.p[i];
			vec_push(&queue, next[k]);
		}
	}
	vec_free(&queue);
}

static int by_label(const void *a, const void *b, void *ud)
{
	const struct graph *g = ud;

	return sym_cmp(node_at(g, *(const uint32_t *)a)->target.label, node_at(g, *(const uint32_t *)b)->target.label);
}

uint32_t *graph_reached(const struct graph *g, size_t *n)
{
	VEC(uint32_t) all = {0};

	for (uint32_t i = 0; i < g->nodes.n; i++)
		if (node_at(g, i)->depth != GRAPH_NONE)
			vec_push(&all, i);
	if (all.n)
		qsort_r(all.p, all.n, sizeof *all.p, by_label, (void *)(uintptr_t)g);
	*n = all.n;
	return all.p;
}
