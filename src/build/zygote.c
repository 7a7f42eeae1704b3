#include "zygote.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/securebits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* One action, from RUN to its reply; the reply at the same index of the shared table. */
struct action {
	pid_t pid; /* 0: free, or ended */
	bool ended; /* the reply is still to be sent */
};

struct nursery {
	struct zygote z;
	struct action actions[ZYGOTE_MAX];
	struct zygote_reply *replies; /* shared */
};

const char *zygote_step_name(enum zygote_step step)
{
	static const char *const names[] = {
#define X(name, text) text,
		ZYGOTE_STEPS(X)
#undef X
	};

	return (unsigned)step < SL_COUNT(names) ? names[step] : "";
}

const char *zygote_mode_name(enum zygote_mode mode)
{
	static const char *const names[] = {"on", "none", "probe"};

	return names[mode];
}

bool zygote_refuse(struct zygote_reply *r, enum zygote_step step, const char *path)
{
	int err = errno;
	size_t n = path ? strnlen(path, sizeof r->path) : 0;

	r->how = SANDBOX_REFUSED;
	r->step = step;
	r->err = err;
	r->path_n = (uint32_t)n;
	if (n)
		memcpy(r->path, path, n);
	r->told = true;
	return false;
}

pid_t zygote_clone(unsigned long flags)
{
	return (pid_t)syscall(SYS_clone, flags | SIGCHLD, NULL, NULL, NULL, NULL);
}

static int write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -1;
	n = write(fd, text, strlen(text));
	close(fd);
	return n < 0 ? -1 : 0;
}

/* The steps of set-up: 0, or -1 and errno. */

static int unshare_user(struct zygote *z)
{
	z->uid = geteuid();
	z->gid = getegid();
	(void)setgroups(0, NULL); /* root's groups go; others may not change theirs */
	return unshare(CLONE_NEWUSER);
}

static int map_uid(struct zygote *z)
{
	char text[64];

	if (write_text("/proc/self/setgroups", "deny") < 0)
		return -1;
	snprintf(text, sizeof text, "%d %u 1", ZYGOTE_UID, z->uid);
	if (write_text("/proc/self/uid_map", text) < 0)
		return -1;
	snprintf(text, sizeof text, "%d %u 1", ZYGOTE_UID, z->gid);
	return write_text("/proc/self/gid_map", text);
}

static int unshare_rest(struct zygote *z)
{
	(void)z;
	if (unshare(CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWNET) < 0)
		return -1;
	(void)sethostname("sandbox", 7);
	(void)setdomainname("", 0);
	return 0;
}

static int make_private(struct zygote *z)
{
	(void)z;
	return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
}

/* With none left to make, no action gets capabilities of its own back. */
static int no_userns(struct zygote *z)
{
	(void)z;
	return write_text("/proc/sys/user/max_user_namespaces", "0");
}

/* From here to leave_lean the zygote is in the lean namespace, with a root that covers the host's. */
static int new_root(struct zygote *z)
{
	int root;

	z->host = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	if (z->host < 0 || unshare(CLONE_NEWNS) < 0)
		return -1;
	z->lean = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	root = zygote_tmpfs();
	if (z->lean < 0 || root < 0 || mkdirat(root, "dev", 0755) < 0 ||
			move_mount(root, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH) < 0 ||
			fchdir(root) < 0)
		return -1;
	return close(root);
}

/* Read-only, so that an action whose uid owns the host's node cannot change its mode; a device is
 * written through a read-only mount all the same. */
static int bind_device(int dev, const char *name)
{
	struct mount_attr attr = {.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC};
	char path[32];
	int file, tree;

	snprintf(path, sizeof path, "/dev/%s", name);
	file = openat(dev, name, O_CREAT | O_WRONLY | O_CLOEXEC, 0444);
	tree = open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	if (file < 0 || tree < 0 || mount_setattr(tree, "", AT_EMPTY_PATH, &attr, sizeof attr) < 0 ||
			move_mount(tree, "", dev, name, MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return -1;
	close(file);
	return close(tree);
}

/* What shells and programs expect beside the devices. */
static int link_streams(int dev)
{
	static const char *const links[][2] = {{"fd", "/proc/self/fd"}, {"stdin", "/proc/self/fd/0"},
			{"stdout", "/proc/self/fd/1"}, {"stderr", "/proc/self/fd/2"}};

	for (size_t i = 0; i < SL_COUNT(links); i++)
		if (symlinkat(links[i][1], dev, links[i][0]) < 0)
			return -1;
	return 0;
}

static int bind_devices(struct zygote *z)
{
	static const char *const names[] = {"null", "zero", "full", "random", "urandom"};
	struct mount_attr attr = {.attr_set = MOUNT_ATTR_RDONLY};
	int dev = zygote_tmpfs();

	(void)z;
	if (dev < 0 || move_mount(dev, "", AT_FDCWD, "dev", MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return -1;
	for (size_t i = 0; i < SL_COUNT(names); i++)
		if (bind_device(dev, names[i]) < 0)
			return -1;
	if (link_streams(dev) < 0)
		return -1;
	if (mount_setattr(dev, "", AT_EMPTY_PATH, &attr, sizeof attr) < 0)
		return -1;
	return close(dev);
}

static int leave_lean(struct zygote *z)
{
	if (syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0)
		return -1;
	if (setns(z->host, CLONE_NEWNS) < 0)
		return -1;
	return close(z->host);
}

/* What every action inherits.  The capabilities themselves stay until an action's own first process
 * has composed its root; exec of the command would take them too, for its uid is not 0. */
static int drop(struct zygote *z)
{
	unsigned long bits = (SECURE_ALL_BITS & ~SECBIT_KEEP_CAPS) | SECURE_ALL_LOCKS;

	(void)z;
	for (unsigned long cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0)
			return -1;
	if (prctl(PR_SET_SECUREBITS, bits, 0, 0, 0) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	(void)syscall(SYS_keyctl, 1L /* KEYCTL_JOIN_SESSION_KEYRING */, NULL);
	return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

/* The network namespace is shared, and abstract sockets live in it: scoped, an action reaches only
 * its own.  A domain of its own also keeps it from tracing what runs beside it. */
static int scope(struct zygote *z)
{
	const struct {
		uint64_t fs, net, scoped;
	} attr = {0, 0, 1 /* LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET */};

	z->scope = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof attr, 0L);
	return z->scope < 0 ? -1 : 0;
}

static const struct {
	enum zygote_step step;
	int (*take)(struct zygote *);
	bool optional; /* the sandbox is whole enough without it */
} SETUP[] = {
	{STEP_UNSHARE_USER, unshare_user, false},
	{STEP_MAP_UID, map_uid, false},
	{STEP_UNSHARE, unshare_rest, false},
	{STEP_PRIVATE, make_private, false},
	{STEP_NO_USERNS, no_userns, true},
	{STEP_NEW_ROOT, new_root, false},
	{STEP_DEV, bind_devices, false},
	{STEP_PIVOT, leave_lean, false},
	{STEP_DROP, drop, false},
	{STEP_SCOPE, scope, true},
};

bool zygote_enter(struct zygote *z, zygote_seen *seen, void *ud)
{
	for (size_t i = 0; i < SL_COUNT(SETUP); i++) {
		bool ok = SETUP[i].take(z) == 0;

		if (seen)
			seen(ud, SETUP[i].step, ok ? 0 : errno);
		if (!ok && !SETUP[i].optional)
			return zygote_refuse(&z->refusal, SETUP[i].step, NULL);
	}
	return true;
}

/* Sends the reply and frees the row; a full socket leaves it for later, so that neither side ever
 * waits for the other. */
static void tell(struct nursery *n, size_t i)
{
	const struct zygote_reply *r = &n->replies[i];
	size_t size = offsetof(struct zygote_reply, path) + r->path_n;

	n->actions[i].ended = send(n->z.sock, r, size, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 && errno == EAGAIN;
}

static bool tell_rest(struct nursery *n)
{
	bool left = false;

	for (size_t i = 0; i < ZYGOTE_MAX; i++) {
		if (n->actions[i].ended)
			tell(n, i);
		left |= n->actions[i].ended;
	}
	return left;
}

static void reap(struct nursery *n)
{
	struct signalfd_siginfo ignored;
	pid_t pid;
	int status;

	while (read(n->z.signals, &ignored, sizeof ignored) > 0)
		;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		size_t i = 0;
		struct zygote_reply *r;

		while (n->actions[i].pid != pid)
			i++;
		r = &n->replies[i];
		if (!r->told) {
			r->how = SANDBOX_SIGNALED;
			r->code = WIFSIGNALED(status) ? WTERMSIG(status) : SIGKILL;
		}
		n->actions[i].pid = 0;
		tell(n, i);
	}
}

static size_t free_row(const struct nursery *n)
{
	size_t i = 0;

	while (n->actions[i].pid || n->actions[i].ended)
		i++;
	return i;
}

static bool wants_network(int request)
{
	struct wire head;

	return pread(request, &head, sizeof head, 0) == (ssize_t)sizeof head && head.own_network;
}

/* ZYGOTE_MAX rows are enough: the caller counts. */
static void run(struct nursery *n, uint64_t id, const int *fds, size_t nfds)
{
	size_t i = free_row(n);
	struct zygote_reply *r = &n->replies[i];
	unsigned long flags = n->z.mode == ZYGOTE_ON ? CLONE_NEWPID | CLONE_NEWIPC : 0;
	pid_t pid;

	*r = n->z.refusal;
	r->id = id;
	if (r->told) {
		tell(n, i);
		return;
	}
	if (n->z.mode == ZYGOTE_ON && wants_network(fds[0]))
		flags |= CLONE_NEWNET;
	pid = zygote_clone(flags);
	if (pid == 0)
		zygote_init(&n->z, fds, nfds, r);
	if (pid < 0) {
		zygote_refuse(r, STEP_CLONE, NULL);
		tell(n, i);
		return;
	}
	n->actions[i].pid = pid;
}

/* In mode NONE the first process is asked: it knows what else there is to kill. */
static void end(const struct nursery *n, size_t i)
{
	if (n->actions[i].pid)
		kill(n->actions[i].pid, n->z.mode == ZYGOTE_ON ? SIGKILL : SIGTERM);
}

/* One message; false when the caller is gone. */
static bool hear(struct nursery *n)
{
	struct zygote_call call;
	union {
		char bytes[CMSG_SPACE(4 * sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec iov = {&call, sizeof call};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control,
		.msg_controllen = sizeof control};
	struct cmsghdr *c;
	ssize_t got = recvmsg(n->z.sock, &msg, MSG_CMSG_CLOEXEC);
	int fds[4];
	size_t nfds = 0;

	if (got < 0)
		return errno == EINTR || errno == EAGAIN;
	if (got != (ssize_t)sizeof call)
		return false;
	c = CMSG_FIRSTHDR(&msg);
	if (c && c->cmsg_type == SCM_RIGHTS) {
		nfds = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(fds, CMSG_DATA(c), nfds * sizeof(int));
	}
	if (call.verb == ZYGOTE_RUN && nfds >= 3)
		run(n, call.id, fds, nfds);
	for (size_t i = 0; i < nfds; i++)
		close(fds[i]);
	for (size_t i = 0; call.verb == ZYGOTE_KILL && i < ZYGOTE_MAX; i++)
		if (n->replies[i].id == call.id)
			end(n, i);
	return true;
}

static void serve(struct nursery *n)
{
	struct pollfd p[] = {{n->z.sock, POLLIN, 0}, {n->z.signals, POLLIN, 0}};

	for (;;) {
		p[0].events = tell_rest(n) ? POLLIN | POLLOUT : POLLIN;
		if (poll(p, 2, -1) < 0 && errno != EINTR)
			return;
		if (p[1].revents)
			reap(n);
		if (p[0].revents & ~POLLOUT && !hear(n))
			return;
	}
}

/* A clean start, whatever the caller's descriptors and limits were. */
static void settle(struct zygote *z)
{
	struct rlimit files;
	sigset_t chld;
	int null = open("/dev/null", O_RDWR);

	for (int fd = 0; fd < 2 && null >= 0; fd++)
		dup2(null, fd);
	close_range(ZYGOTE_FD + 1, ~0U, 0);
	fcntl(ZYGOTE_FD, F_SETFD, FD_CLOEXEC);
	z->sock = ZYGOTE_FD;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	sigprocmask(SIG_SETMASK, &chld, NULL);
	z->signals = signalfd(-1, &chld, SFD_CLOEXEC | SFD_NONBLOCK);
	z->self = pidfd_open(getpid(), 0);
	z->lean = z->scope = -1;
	getrlimit(RLIMIT_NOFILE, &z->files);
	files = (struct rlimit){z->files.rlim_max, z->files.rlim_max};
	setrlimit(RLIMIT_NOFILE, &files);
	umask(0);
	if (chdir("/") < 0 || z->signals < 0 || z->self < 0)
		_exit(3);
}

void zygote_main(enum zygote_mode mode)
{
	struct nursery *n = mem_make(struct nursery);

	n->z.mode = mode;
	settle(&n->z);
	if (mode == ZYGOTE_PROBE)
		zygote_probe(&n->z);
	n->replies = mmap(NULL, ZYGOTE_MAX * sizeof *n->replies, PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (n->replies == MAP_FAILED)
		mem_oom();
	if (mode == ZYGOTE_ON)
		zygote_enter(&n->z, NULL, NULL);
	serve(n);
	for (size_t i = 0; i < ZYGOTE_MAX; i++)
		end(n, i);
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
	_exit(0);
}

void sandbox_zygote_hook(int argc, char **argv)
{
	if (argc != 3 || strcmp(argv[1], ZYGOTE_ARG) != 0)
		return;
	for (int m = 0; m < ZYGOTE_MODES; m++)
		if (strcmp(argv[2], zygote_mode_name((enum zygote_mode)m)) == 0)
			zygote_main((enum zygote_mode)m);
	_exit(2);
}
