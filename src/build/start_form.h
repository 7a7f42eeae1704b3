/* start_form.h: what the start file's writer (src/build/drv_start.c) and its reader (launch.c) agree on.
 *
 * A text is "LENGTH:BYTES" and a NUL byte; a list is "COUNT:" and that many texts.  The file holds: the list of host
 * folders; "COUNT:" and that many pairs of texts, a name below /build and the file's bytes; the list of the program and
 * its arguments from the zeroth on; the list of the environment. */
#ifndef STRAYLIGHT_START_FORM_H
#define STRAYLIGHT_START_FORM_H

#define START_REFUSED 117 /* exit code: the builder was not started */
#define START_ROOT 118    /* exit code: nor was it, for the worker runs actions as root and lets them be nobody else */
#define START_UID 1000    /* as in Nix's sandbox */
#define START_GID 100

#endif
