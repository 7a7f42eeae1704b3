/* dhall_work.h: what the dhall commands share: reading their input and going through the phases. */
#ifndef STRAYLIGHT_CMD_DHALL_WORK_H
#define STRAYLIGHT_CMD_DHALL_WORK_H

#include "cmd.h"

#include <straylight/dhall.h>

#define DHALL_INPUT "FILE is a file or - for standard input, which is also what no FILE means. Imports are resolved " \
		    "from the file's folder, on standard input from the current one."

/* For a field `explain` of the options, which a run hands to its struct call. */
#define DHALL_EXPLAIN(T) FLAG(T, explain, 0, "explain", "explain each message at length")

enum dhall_phase { DHALL_READ, DHALL_PARSED, DHALL_RESOLVED, DHALL_CHECKED };

/* Invariant of a step: what its phase and those before have made is there, the rest is NULL. */
struct dhall_work {
	struct call *call;
	str text, name, directory; /* the input; directory: where its imports start */
	struct dhall *session;
	const struct dh_parsed *parsed;
	const struct dh_resolved *resolved;
	const struct dh_typed *typed;
	enum dhall_phase phase;
	bool (*step)(struct dhall_work *);
};

/* Reads the argument with that number (none: standard input), goes as far as `phase`, and calls the step
 * on a stack of its own (the language recurses).  After a diagnostic nothing is printed.  Returns 0, as
 * commands do. */
int dhall_work(struct call *, size_t argument, enum dhall_phase, bool (*step)(struct dhall_work *));

/* run_WORD, which is do_WORD over the argument with that number. */
#define DHALL_RUN(word, argument, phase)                                                           \
	static int run_##word(struct call *c)                                                      \
	{                                                                                          \
		return dhall_work(c, argument, phase, do_##word);                                  \
	}

/* Reads and parses another file for the same session; false after a diagnostic. */
bool dhall_work_also(struct dhall_work *, size_t argument, enum dhall_phase);

/* The normal form of v and a newline. */
bool dhall_work_print(struct dhall_work *, dh_val v, bool alpha);

#endif
