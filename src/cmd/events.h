/* events.h: what a build does, for programs: JSON lines as it happens, and a trace for a viewer when it is over.
 *
 * --events: one object per line, written at once.  Each has "event" and "ms", since the build began:
 *	{"event":"begin","version"}
 *	{"event":"started","label","action"}            a command starts
 *	{"event":"finished","label","action","served","wall_ms","digest","reasons"}
 *	    served: run, cache, narrow, core, remote, remote-cache, failed or would (--dry-run); reasons where it ran
 *	{"event":"end","code","ran","cached","narrowed","core","failed","unfinished"}
 * --profile: the Trace Event Format that chrome://tracing and Perfetto read: a complete event ("ph":"X") for each
 * action that was started, in the lowest lane (tid) that was free. */
#ifndef STRAYLIGHT_CMD_EVENTS_H
#define STRAYLIGHT_CMD_EVENTS_H

#include "cmd.h"

#include <straylight/build.h>

struct running;

struct events {
	int lines, trace; /* open files; -1: not asked for */
	str lines_path, trace_path;
	int err;          /* the first error of writing, and where */
	str err_path;
	int64_t began;
	struct buf out;   /* of the trace */
	VEC(struct running) running; /* by lane; a lane without a label is free */
	size_t n;         /* events in the trace */
};

/* p == NULL: not asked for.  Paths are seen from the call's folder; a file that is there is written anew.
 * false after a diagnostic. */
bool events_open(struct events *, struct call *, str lines, str trace) SL_MUST_USE;
void events_started(struct events *, const struct build_action *);
void events_finished(struct events *, const struct build_action *);
/* Writes what is left; what could not be written is a diagnostic. */
void events_close(struct events *, struct call *, const struct build_summary *, int code);

#endif
