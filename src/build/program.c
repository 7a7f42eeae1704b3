#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

/* Until the end of the output, the limit, or too long a wait. */
static bool listen_to(int fd, int64_t ms, struct buf *out)
{
	int64_t end = os_now_ns() + ms * 1000000;
	char part[4096];

	while (!out->over) {
		struct pollfd ready = {.fd = fd, .events = POLLIN};
		int64_t left = (end - os_now_ns()) / 1000000;
		ssize_t n;

		if (left <= 0 || poll(&ready, 1, (int)left) == 0)
			return false;
		n = read(fd, part, sizeof part);
		if (n == 0)
			return true;
		if (n > 0)
			buf_add(out, part, (size_t)n);
		else if (errno != EINTR)
			return false;
	}
	return false;
}

static pid_t start(char *const argv[], char *const env[], int out)
{
	posix_spawn_file_actions_t files;
	pid_t pid = -1;

	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&files, out, 1);
	posix_spawn_file_actions_adddup2(&files, out, 2);
	if (posix_spawnp(&pid, argv[0], &files, NULL, argv, env) != 0)
		pid = -1;
	posix_spawn_file_actions_destroy(&files);
	return pid;
}

bool program_ask(char *const argv[], char *const env[], int64_t ms, struct buf *out, bool *started)
{
	int ends[2], status = -1;
	bool whole;
	pid_t pid;

	if (started)
		*started = false;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return false;
	pid = start(argv, env, ends[1]);
	close(ends[1]);
	whole = pid > 0 && listen_to(ends[0], ms, out);
	close(ends[0]);
	if (started)
		*started = pid > 0;
	if (pid > 0 && !whole)
		kill(pid, SIGKILL);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return whole && status == 0;
}
