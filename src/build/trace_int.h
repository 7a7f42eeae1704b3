/* trace_int.h: between a trace and its targets.
 *
 * trace_graph_read (trace_graph.c) finds what was compiled and what was made of the objects; trace_propose.c writes it. */
#ifndef STRAYLIGHT_BUILD_TRACE_INT_H
#define STRAYLIGHT_BUILD_TRACE_INT_H

#include "trace_tool.h"

#include <straylight/base/map.h>

struct compiled { /* one source, with the words it was compiled with */
	str source; /* absolute */
	bool cxx;
	bool used;  /* something was made of its object */
	const struct tool_item *items;
	size_t nitems;
};

struct made { /* an archive, a shared library or a program */
	str output;
	bool library, cxx; /* cxx: C++'s driver linked it */
	VEC(struct compiled *) parts;
	VEC(struct made *) deps;
	VEC(str) linkopts;
};

struct trace_graph {
	struct arena *arena;
	struct map objects; /* path → struct compiled */
	struct map outputs; /* path → struct made */
	VEC(struct made *) made;
	VEC(struct compiled *) compiled;
	struct proposal *said; /* gets notes */
};

void trace_graph_read(struct trace_graph *, const struct trace *);
void trace_graph_free(struct trace_graph *);

void propose_note(struct proposal *, str about, const char *text);

/* Adds the headers below `root` that the source includes, however indirectly, to the map (relative path → itself):
 * from the folder of who includes them, and from `folders` (absolute).  What a condition keeps out counts as well. */
void headers_of(str root, str source, const str *folders, size_t nfolders, struct map *found, struct arena *);

/* The path below root, or {NULL, 0}. */
str path_below(str root, str path);

#endif
