/* trace.h: what an existing build ran, and the targets that would do the same.
 *
 * Layer: build.  A trace is what was seen from outside: each program that was executed, with its words, its folder,
 * the response files that its words name and how it ended.  It lives in memory in the arena of struct trace and on
 * disk as one CBOR item:
 *
 *	55799({ "straylight-trace": 1, "dir": text, "began": uint, "processes": [process …] })
 *	process = [parent, program, dir, [word …], [[name, content] …], [variable …], status, start, end]
 *
 * parent is 0 or 1 + the index of an earlier process; times are microseconds since the trace began, which is microseconds since 1970; status is the
 * exit code, 128 + N for signal N, or null for what was left running.  Bytes that are no UTF-8 stand as they are.  Of
 * the environment only what compilers read is kept, so no secret gets into a trace. */
#ifndef STRAYLIGHT_TRACE_H
#define STRAYLIGHT_TRACE_H

#include <straylight/base.h>

#define TRACE_RUNNING (-1)

struct trace_response { /* the content of a file that a word @name stands for, as the program found it */
	str name, content;
};

struct trace_process {
	uint32_t parent; /* 0: the traced command; else 1 + its index, which is smaller than the own one */
	str program;     /* absolute: what was executed, links followed */
	str dir;         /* absolute */
	const str *words, *variables;
	uint32_t nwords, nvariables, nresponses;
	const struct trace_response *responses;
	int32_t status;  /* TRACE_RUNNING when it had not ended */
	uint64_t start, end;
};

struct trace {
	struct arena arena;
	str dir;        /* where the command was started, absolute */
	uint64_t began; /* microseconds since 1970 */
	VEC(struct trace_process) processes;
};

void trace_free(struct trace *);

/* Runs the command (found along PATH) in the current directory with the caller's environment, terminal and files, and
 * fills the trace (from {0}) until the command ends; what it left running is let go.  *status is how it ended, as
 * above.  While it runs, SIGINT and SIGQUIT are the command's.  false after DIAG_TRACE (no such program, or the
 * machine lets nobody trace). */
bool trace_record(char *const argv[], struct trace *, int *status, struct diags *) SL_MUST_USE;

void trace_write(const struct trace *, struct buf *out);
/* From {0}; false after DIAG_TRACE_FILE, and the trace is to be freed all the same. */
bool trace_read(str bytes, str name, struct trace *, struct diags *) SL_MUST_USE;

/* ---- targets ---- */

struct trace_note {
	str about; /* a file or a word */
	str text;
};

struct proposal {
	struct arena arena;
	size_t ntargets, nsources;
	struct buf text;              /* a BUILD.dhall, formatted */
	VEC(struct trace_note) notes; /* what the targets do not say, each once */
};

/* The targets that compile, archive and link as the trace did, for a BUILD.dhall at `root` (absolute).  Reads the
 * sources below root for what they include.  A target without sources there is left out with a note; so is whatever
 * no target can say.  false after DIAG_TRACE_NOTHING: nothing was compiled.  Free it in each case. */
bool trace_propose(const struct trace *, str root, struct proposal *, struct diags *) SL_MUST_USE;
void proposal_free(struct proposal *);

#endif
