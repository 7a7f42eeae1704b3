#include "zygote.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* One message per step taken, from the probing zygote. */
struct finding {
	enum zygote_step step;
	int err;
};

static void tell(void *ud, enum zygote_step step, int err)
{
	const struct zygote *z = ud;
	struct finding f = {step, err};

	(void)!send(z->sock, &f, sizeof f, MSG_NOSIGNAL);
}

static void tell_now(struct zygote *z, enum zygote_step step, bool ok)
{
	tell(z, step, ok ? 0 : errno);
}

/* What an action's first process does, with nothing to put into its root. */
static void probe_action(struct zygote *z)
{
	const struct {
		struct wire w;
		char cwd[2];
	} request = {{.cwd = sizeof(struct wire)}, "/"};
	struct zygote_reply reply = {0};

	tell_now(z, STEP_PROC, zygote_proc_mount() >= 0);
	if (zygote_root_enter(z, &request.w, &reply))
		tell(z, STEP_ENTER, 0);
	else
		tell(z, reply.step, reply.err);
}

static void in_child(struct zygote *z, unsigned long flags, enum zygote_step cloned, void (*probe)(struct zygote *))
{
	pid_t pid = zygote_clone(flags);

	if (pid == 0) {
		probe(z);
		_exit(0);
	}
	tell_now(z, cloned, pid > 0);
	if (pid > 0)
		waitpid(pid, NULL, 0);
}

static void probe_network(struct zygote *z)
{
	tell_now(z, STEP_NETWORK, zygote_loopback_up() == 0);
}

void zygote_probe(struct zygote *z)
{
	if (zygote_enter(z, tell, z)) {
		in_child(z, CLONE_NEWPID | CLONE_NEWIPC, STEP_CLONE, probe_action);
		in_child(z, CLONE_NEWNET, STEP_CLONE_NET, probe_network);
	}
	_exit(0);
}

static bool reads(const char *path, char value)
{
	FILE *f = fopen(path, "re");
	int c = f ? fgetc(f) : EOF;

	if (f)
		fclose(f);
	return c == value;
}

#define CONTAINER                                                                                  \
	"allow user namespaces in the container (docker: --security-opt seccomp=unconfined " \
	"--security-opt apparmor=unconfined) or build with --sandbox=none"

/* The kernel has several doors before user namespaces, and each refuses in its own way. */
static const char *advice_user(int err)
{
	if (err == ENOSPC || reads("/proc/sys/user/max_user_namespaces", '0'))
		return "raise the limit: sysctl user.max_user_namespaces=15000 (a sandbox around this one "
		       "may hold it at 0)";
	if (reads("/proc/sys/kernel/unprivileged_userns_clone", '0'))
		return "sysctl kernel.unprivileged_userns_clone=1";
	if (reads("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", '1'))
		return "sysctl kernel.apparmor_restrict_unprivileged_userns=0, or an AppArmor profile for "
		       "straylight that allows userns";
	if (err == ENOSYS || err == EINVAL)
		return "use a kernel with CONFIG_USER_NS";
	return CONTAINER;
}

static const char *advice_for(enum zygote_step step, int err)
{
	switch (step) {
	case STEP_SPAWN: return "mount /proc: the program starts itself again from /proc/self/exe";
	case STEP_UNSHARE_USER:
	case STEP_MAP_UID:
	case STEP_UNSHARE:
	case STEP_PRIVATE: return advice_user(err);
	case STEP_NEW_ROOT:
	case STEP_DEV:
	case STEP_ENTER:
		if (err == ENOSYS)
			return "use Linux 5.12 or later, or a container whose seccomp profile allows "
			       "fsopen, open_tree and mount_setattr";
		return advice_user(err);
	case STEP_PIVOT: return "the root is an initramfs: switch_root to a mounted file system first";
	case STEP_NO_USERNS:
		return "harmless: actions may make user namespaces, in which their inputs stay read-only; "
		       "a writable /proc/sys closes this";
	case STEP_SCOPE:
		return "harmless: actions that run at once could meet in abstract sockets; Linux 6.12 with "
		       "Landlock closes this";
	case STEP_PROC:
		return "parts of /proc are masked here, so actions see this /proc read-only, with the other "
		       "processes in it; docker: --security-opt systempaths=unconfined";
	case STEP_CLONE:
		return "raise user.max_pid_namespaces, user.max_ipc_namespaces and the limit of processes "
		       "(ulimit -u)";
	case STEP_CLONE_NET:
	case STEP_NETWORK: return "tests get no network of their own: raise user.max_net_namespaces";
	default: return CONTAINER;
	}
}

size_t sandbox_probe(struct sandbox_probe out[SANDBOX_PROBES_MAX])
{
	struct finding f;
	size_t n = 0;
	pid_t pid;
	int fd = zygote_start(ZYGOTE_PROBE, &pid);

	if (fd < 0) {
		out[0] = (struct sandbox_probe){zygote_step_name(STEP_SPAWN), errno,
			advice_for(STEP_SPAWN, errno)};
		return 1;
	}
	while (n < SANDBOX_PROBES_MAX) {
		ssize_t got = recv(fd, &f, sizeof f, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got != (ssize_t)sizeof f)
			break;
		out[n++] = (struct sandbox_probe){zygote_step_name(f.step), f.err,
			f.err ? advice_for(f.step, f.err) : NULL};
	}
	close(fd);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return n;
}
