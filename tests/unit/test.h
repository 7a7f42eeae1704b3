/* test.h: what every unit test includes: cmocka and its prerequisites, and a few words of our own. */
#ifndef STRAYLIGHT_TEST_H
#define STRAYLIGHT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <straylight/base/str.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static inline void assert_str(str got, str want)
{
	if (!str_eq(got, want))
		fail_msg("got '%.*s', want '%.*s'", STR_ARG(got), STR_ARG(want));
}

static inline void assert_str_c(str got, const char *want)
{
	assert_str(got, str_c(want));
}

/* How fn(ud) ends in a process of its own: the exit code, or 128 and the signal.  What it writes to
 * standard error is dropped. */
static inline int exit_of(void (*fn)(void *), void *ud)
{
	pid_t child;
	int status;

	fflush(NULL);
	child = fork();
	if (child == 0) {
		if (!freopen("/dev/null", "w", stderr))
			_exit(99);
		fn(ud);
		_exit(0);
	}
	if (child < 0 || waitpid(child, &status, 0) < 0)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* A fresh empty directory; NUL-terminated, the test's to remove. */
static inline char *fresh_dir(void)
{
	static char path[256];
	const char *tmp = getenv("TMPDIR");

	snprintf(path, sizeof path, "%s/straylight-test-XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(path))
		abort();
	return path;
}

#endif
