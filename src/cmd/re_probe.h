/* re_probe.h: a program that needs nothing at all: for a worker of which nothing is known.
 *
 * A static ELF executable (System V ABI, "ELF-64 Object File Format") of some 200 bytes: it writes "ok\n" into the file
 * "out" and to standard output, and ends with 0. */
#ifndef STRAYLIGHT_CMD_RE_PROBE_H
#define STRAYLIGHT_CMD_RE_PROBE_H

#include <straylight/base.h>

#define RE_PROBE_SAYS S("ok\n")

/* For the machine that uname calls so; false: none is written for it. */
bool re_probe(const char *machine, struct buf *out) SL_MUST_USE;

#endif
