#include "zygote.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* What the command needs, made ready before the vfork: after it the child only makes system calls. */
struct start {
	char **argv, **env;
	int fds[3];
	bool confined, interactive;
	struct rlimit files;
	struct zygote_reply *reply; /* shared: the child tells there what exec refused */
};

int zygote_loopback_up(void)
{
	struct ifreq lo = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), r;

	if (fd < 0)
		return -1;
	r = ioctl(fd, SIOCSIFFLAGS, &lo);
	close(fd);
	return r;
}

/* argv and env of the request as exec wants them. */
static char **vector(const struct wire *w, uint32_t first, uint32_t n)
{
	const uint32_t *at = (const uint32_t *)((const char *)w + w->vectors) + first;
	char **v = mem_array(char *, (size_t)n + 1);

	for (uint32_t i = 0; i < n; i++)
		v[i] = (char *)(uintptr_t)wire_text(w, at[i]);
	return v;
}

static const struct wire *open_request(int fd)
{
	struct stat st;
	void *p;

	if (fstat(fd, &st) < 0 || (size_t)st.st_size < sizeof(struct wire)) {
		errno = EINVAL;
		return NULL;
	}
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
	return p == MAP_FAILED ? NULL : p;
}

/* No capability, no path out by tracing: then the first process is as poor as the command. */
static bool drop_all(const struct zygote *z)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct none[2] = {{0}, {0}};

	return syscall(SYS_capset, &head, none) == 0 &&
			(z->scope < 0 || syscall(SYS_landlock_restrict_self, z->scope, 0L) == 0);
}

/* The own process group of the terminal, as a shell expects. */
static void take_terminal(void)
{
	setpgid(0, 0);
	tcsetpgrp(STDIN_FILENO, getpid());
}

SL_NORETURN static void become_command(const struct start *s)
{
	sigset_t none;

	if (!s->confined)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (int i = 0; i < 3; i++)
		if (dup2(s->fds[i], i) < 0)
			goto failed;
	close_range(3, ~0U, 0);
	if (s->interactive)
		take_terminal();
	else
		setsid();
	umask(022);
	setrlimit(RLIMIT_NOFILE, &s->files);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execve(s->argv[0], s->argv, s->env);
failed:
	zygote_refuse(s->reply, STEP_EXEC, s->argv[0]);
	_exit(127);
}

static pid_t start_command(const struct start *s)
{
	pid_t pid = vfork();

	if (pid == 0)
		become_command(s);
	return pid;
}

/* Everything that descends from us.  Confined, that is the whole pid namespace; else the command's
 * group and, as we are a subreaper, whatever the kernel hands to us. */
static void kill_all(bool confined, pid_t command)
{
	char text[4096], *at, *end;
	ssize_t n;
	int fd;

	if (confined) {
		kill(-1, SIGKILL);
		return;
	}
	kill(-command, SIGKILL);
	fd = open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	for (at = text;; at = end) {
		long pid = strtol(at, &end, 10);

		if (end == at || *end == '\0')
			return;
		kill((pid_t)pid, SIGKILL);
	}
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static uint64_t timeval_ns(struct timeval t)
{
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_usec * 1000u;
}

static void tell_end(struct zygote_reply *r, int status, const struct rusage *u)
{
	if (r->told) /* exec was refused */
		return;
	if (r->how != SANDBOX_TIMEOUT) {
		r->how = WIFSIGNALED(status) ? SANDBOX_SIGNALED : SANDBOX_EXITED;
		r->code = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
	}
	r->user_ns = timeval_ns(u->ru_utime);
	r->system_ns = timeval_ns(u->ru_stime);
	r->max_rss = (uint64_t)u->ru_maxrss * 1024;
}

/* Reaps orphans too; true when the command was among the dead. */
static bool reap_command(pid_t command, struct zygote_reply *r)
{
	struct rusage used;
	int status;
	pid_t pid;

	while ((pid = wait4(-1, &status, WNOHANG, &used)) > 0)
		if (pid == command) {
			tell_end(r, status, &used);
			return true;
		}
	if (pid == 0 || errno != ECHILD)
		return false;
	*r = (struct zygote_reply){.id = r->id, .how = SANDBOX_SIGNALED, .code = SIGKILL};
	return true;
}

/* Waits for the end of the command, of its time, or for the zygote's word (mode NONE). */
static void attend(pid_t command, bool confined, uint32_t timeout_ms, const sigset_t *waited,
		struct zygote_reply *r)
{
	uint64_t begin = now_ns(), span = timeout_ms ? timeout_ms * UINT64_C(1000000) : UINT64_MAX;
	bool killing = false;

	while (!reap_command(command, r)) {
		uint64_t gone = now_ns() - begin;
		uint64_t left = killing ? 10000000 : gone < span ? span - gone : 0;
		struct timespec wait = {(time_t)(left / 1000000000u), (long)(left % 1000000000u)};
		int sig = sigtimedwait(waited, NULL, span == UINT64_MAX && !killing ? NULL : &wait);

		if (sig < 0 && errno == EAGAIN && !killing)
			r->how = SANDBOX_TIMEOUT;
		killing = killing || sig == SIGTERM || r->how == SANDBOX_TIMEOUT;
		if (killing)
			kill_all(confined, command);
	}
	r->wall_ns = now_ns() - begin;
}

/* What the command left behind; in a pid namespace our own end does the same. */
static void sweep(pid_t command)
{
	for (int round = 0; round < 1000; round++) {
		kill_all(false, command);
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		if (waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD)
			return;
		poll(NULL, 0, 1);
	}
}

static bool prepare(const struct zygote *z, const struct wire *w, struct zygote_reply *r)
{
	if (z->mode == ZYGOTE_NONE)
		return zygote_root_lay(w, r);
	if (w->own_network && zygote_loopback_up() < 0)
		return zygote_refuse(r, STEP_NETWORK, NULL);
	if (!zygote_root_enter(z, w, r))
		return false;
	return drop_all(z) || zygote_refuse(r, STEP_DROP, NULL);
}

/* The zygote's word is SIGTERM in mode NONE.  Confined, SIGTERM could only be the command's, and a
 * first process that leaves it to the kernel never sees it. */
static void wait_for(sigset_t *set, bool confined)
{
	sigemptyset(set);
	sigaddset(set, SIGCHLD);
	if (!confined)
		sigaddset(set, SIGTERM);
	sigaddset(set, SIGTTOU);
	sigprocmask(SIG_SETMASK, set, NULL);
	sigdelset(set, SIGTTOU);
}

/* Dies with the zygote; it may have died before the kernel was asked for that. */
static void follow(const struct zygote *z)
{
	struct pollfd zygote = {z->self, POLLIN, 0};

	prctl(PR_SET_PDEATHSIG, z->mode == ZYGOTE_ON ? SIGKILL : SIGTERM);
	if (poll(&zygote, 1, 0) != 0)
		_exit(1);
	if (z->mode == ZYGOTE_NONE)
		prctl(PR_SET_CHILD_SUBREAPER, 1);
}

void zygote_init(const struct zygote *z, const int *fds, size_t nfds, struct zygote_reply *r)
{
	const struct wire *w = open_request(fds[0]);
	struct start s = {.confined = z->mode == ZYGOTE_ON, .files = z->files, .reply = r};
	sigset_t waited;
	pid_t command;

	wait_for(&waited, s.confined);
	close_range((unsigned)z->sock, (unsigned)z->signals, 0); /* only the zygote itself holds its end */
	follow(z);
	if (!w) {
		zygote_refuse(r, STEP_REQUEST, NULL);
		_exit(1);
	}
	if (!prepare(z, w, r))
		_exit(1);
	s.argv = vector(w, 0, w->argc);
	s.env = vector(w, w->argc, w->nenv);
	s.interactive = w->interactive;
	/* The action's /dev/null, not ours: the mount decides what may be done with a descriptor. */
	s.fds[0] = nfds > 3 ? fds[1] : open("/dev/null", O_RDONLY | O_CLOEXEC);
	s.fds[1] = fds[nfds - 2];
	s.fds[2] = fds[nfds - 1];
	command = start_command(&s);
	if (command < 0) {
		zygote_refuse(r, STEP_EXEC, s.argv[0]);
		_exit(1);
	}
	attend(command, s.confined, w->timeout_ms, &waited, r);
	if (!s.confined)
		sweep(command);
	r->told = true;
	_exit(0);
}
