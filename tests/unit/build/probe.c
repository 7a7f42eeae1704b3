/* The command that the tests of the sandbox run inside it: static, so that it needs nothing there.
 * Every word does one thing; the words that attack exit with the number of attempts that were not
 * refused and name each on stdout. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

extern char **environ;

static int allowed;

/* An attempt that the sandbox must refuse. */
#define REFUSED(attempt)                                                                           \
	do {                                                                                       \
		errno = 0;                                                                         \
		if ((long)(attempt) >= 0) {                                                        \
			printf("allowed: %s\n", #attempt);                                         \
			allowed++;                                                                 \
		}                                                                                  \
	} while (0)

/* A state of things that must hold. */
#define HOLDS(claim)                                                                               \
	do {                                                                                       \
		if (!(claim)) {                                                                    \
			printf("not so: %s (%s)\n", #claim, strerror(errno));                      \
			allowed++;                                                                 \
		}                                                                                  \
	} while (0)

static int do_exit(char **a)
{
	return atoi(a[0]);
}

static int do_signal(char **a)
{
	raise(atoi(a[0]));
	return 99;
}

static int do_abort(char **a)
{
	(void)a;
	abort();
}

static int do_env(char **a)
{
	(void)a;
	for (char **e = environ; *e; e++)
		puts(*e);
	return 0;
}

static int do_cwd(char **a)
{
	char path[4096];

	(void)a;
	return puts(getcwd(path, sizeof path) ? path : "?") < 0;
}

static int do_echo(char **a)
{
	printf("%s", a[0]);
	fprintf(stderr, "%s", a[1]);
	return 0;
}

/* N bytes to each of stdout and stderr, in turns. */
static int do_flood(char **a)
{
	static char bytes[4096];
	long left = atol(a[0]);

	memset(bytes, 'x', sizeof bytes);
	while (left > 0) {
		size_t n = left < (long)sizeof bytes ? (size_t)left : sizeof bytes;

		if (write(1, bytes, n) != (ssize_t)n || write(2, bytes, n) != (ssize_t)n)
			return 1;
		left -= (long)n;
	}
	return 0;
}

static int do_stdin(char **a)
{
	char c;

	(void)a;
	return read(0, &c, 1) != 0;
}

static int do_cat(char **a)
{
	char bytes[4096];
	int fd = open(a[0], O_RDONLY);
	ssize_t n;

	if (fd < 0)
		return errno;
	while ((n = read(fd, bytes, sizeof bytes)) > 0)
		if (write(1, bytes, (size_t)n) != n)
			return 1;
	return n < 0 ? errno : 0;
}

static int do_write(char **a)
{
	int fd = open(a[0], O_WRONLY | O_CREAT | O_EXCL, 0644);

	if (fd < 0)
		return errno;
	return write(fd, a[1], strlen(a[1])) != (ssize_t)strlen(a[1]);
}

static int do_mkdir(char **a)
{
	return mkdir(a[0], 0755) < 0 ? errno : 0;
}

static int count(const char *path, bool numbers)
{
	DIR *d = opendir(path);
	struct dirent *e;
	int n = 0;

	if (!d)
		return -1;
	while ((e = readdir(d)))
		if (numbers ? e->d_name[0] >= '0' && e->d_name[0] <= '9' : e->d_name[0] != '.')
			n++;
	closedir(d);
	return n;
}

static int do_count(char **a)
{
	return printf("%d\n", count(a[0], false)) < 0;
}

static int do_list(char **a)
{
	DIR *d = opendir(a[0]);
	struct dirent *e;

	if (!d)
		return errno;
	while ((e = readdir(d)))
		if (e->d_name[0] != '.')
			printf("%s\n", e->d_name);
	return closedir(d);
}

static int do_mode(char **a)
{
	struct stat st;

	if (stat(a[0], &st) < 0)
		return errno;
	return printf("%04o\n", st.st_mode & 07777) < 0;
}

static void hold(const char *lock)
{
	int fd = open(lock, O_RDWR | O_CREAT, 0644);

	if (fd < 0 || flock(fd, LOCK_SH) < 0)
		_exit(98);
}

/* A family: the child, and a grandchild in a session of its own, all hold the lock and ignore every
 * signal that can be ignored; the first lives as long as is said. */
static int do_family(char **a)
{
	int ready[2];
	char c;

	hold(a[0]);
	for (int s = 1; s < 32; s++)
		signal(s, SIG_IGN);
	if (pipe(ready) < 0)
		return 97;
	if (fork() == 0) {
		setsid();
		if (fork() == 0)
			(void)!write(ready[1], "x", 1);
		for (;;)
			pause();
	}
	if (read(ready[0], &c, 1) != 1)
		return 96;
	if (strcmp(a[1], "leave") == 0)
		return 0;
	puts("ready");
	fflush(stdout);
	if (a[2])
		close(open(a[2], O_WRONLY | O_CREAT, 0644));
	for (;;)
		pause();
}

/* Processes of this pid namespace, asked of the kernel: /proc may be the masked one of a container. */
static int processes(void)
{
	int n = 0;

	for (pid_t p = 1; p < 200; p++)
		n += kill(p, 0) == 0 || errno == EPERM;
	return n;
}

/* /proc is of this pid namespace.  Where a container masks it, the one that is there shows others. */
static bool is_own_proc(void)
{
	char text[16];

	return readlink("/proc/self", text, sizeof text) == 1 && text[0] == '2';
}

/* Orphans are reaped by the first process and do not disturb the status. */
static int do_orphans(char **a)
{
	(void)a;
	for (int i = 0; i < 20; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			if (fork() == 0)
				_exit(3);
			_exit(0);
		}
		waitpid(pid, NULL, 0);
	}
	for (int i = 0; i < 5000; i++) {
		if (processes() <= 2)
			return 7;
		usleep(1000);
	}
	return 8;
}

static int attack_remount(char **a)
{
	struct mount_attr rw = {.attr_clr = MOUNT_ATTR_RDONLY};
	struct mount_attr suid = {.attr_clr = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV};

	(void)a;
	REFUSED(mount(NULL, "/in", NULL, MS_REMOUNT | MS_BIND, NULL));
	REFUSED(mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND, NULL));
	REFUSED(mount(NULL, "/", NULL, MS_REMOUNT, NULL));
	REFUSED(mount(NULL, "/proc", NULL, MS_REMOUNT | MS_BIND, NULL));
	REFUSED(mount_setattr(AT_FDCWD, "/in", 0, &rw, sizeof rw));
	REFUSED(mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, &rw, sizeof rw));
	REFUSED(mount_setattr(AT_FDCWD, "/out", 0, &suid, sizeof suid));
	REFUSED(umount2("/in", 0));
	REFUSED(umount2("/in", MNT_DETACH));
	REFUSED(umount2("/proc", MNT_DETACH));
	REFUSED(umount2("/", MNT_DETACH));
	return allowed;
}

static int attack_mount(char **a)
{
	(void)a;
	REFUSED(mount("tmpfs", "/tmp", "tmpfs", 0, NULL));
	REFUSED(mount("proc", "/tmp", "proc", 0, NULL));
	REFUSED(mount("sysfs", "/tmp", "sysfs", 0, NULL));
	REFUSED(mount("/in", "/tmp", NULL, MS_BIND, NULL));
	REFUSED(mount("/in", "/tmp", NULL, MS_MOVE, NULL));
	REFUSED(mount(NULL, "/", NULL, MS_SHARED | MS_REC, NULL));
	REFUSED(fsopen("tmpfs", 0));
	REFUSED(open_tree(AT_FDCWD, "/in", OPEN_TREE_CLONE));
	REFUSED(fsmount(0, 0, 0));
	REFUSED(move_mount(AT_FDCWD, "/in", AT_FDCWD, "/tmp", 0));
	REFUSED(syscall(SYS_pivot_root, "/tmp", "/tmp"));
	return allowed;
}

static int attack_write(char **a)
{
	struct timeval times[2] = {{1, 0}, {1, 0}};
	int flags = 0x10; /* FS_IMMUTABLE_FL */
	int fd = open("/in/a", O_RDONLY);

	(void)a;
	HOLDS(fd >= 0);
	REFUSED(open("/in/a", O_WRONLY));
	REFUSED(open("/in/a", O_RDWR | O_TRUNC));
	REFUSED(open("/proc/self/fd/3", O_RDWR));
	REFUSED(open("/in/new", O_WRONLY | O_CREAT, 0644));
	REFUSED(open("/in", O_TMPFILE | O_RDWR, 0644));
	REFUSED(truncate("/in/a", 0));
	REFUSED(ftruncate(fd, 0));
	REFUSED(unlink("/in/a"));
	REFUSED(rename("/in/a", "/in/b"));
	REFUSED(rename("/in/a", "/out/a"));
	REFUSED(link("/in/a", "/out/a"));
	REFUSED(mkdir("/in/d", 0755));
	REFUSED(symlink("a", "/in/l"));
	REFUSED(chmod("/in/a", 0777));
	REFUSED(fchmod(fd, 0777));
	REFUSED(chown("/in/a", 1000, 1000));
	REFUSED(utimes("/in/a", times));
	REFUSED(setxattr("/in/a", "user.x", "y", 1, 0));
	REFUSED(ioctl(fd, _IOW('f', 2, long), &flags));
	REFUSED(chmod("/in", 0777));
	REFUSED(open("/probe", O_WRONLY));
	REFUSED(chmod("/probe", 0777));
	REFUSED(unlink("/probe"));
	return allowed;
}

static int attack_root(char **a)
{
	(void)a;
	REFUSED(open("/new", O_WRONLY | O_CREAT, 0644));
	REFUSED(mkdir("/new", 0755));
	REFUSED(symlink("in", "/new"));
	REFUSED(rmdir("/tmp"));
	REFUSED(rename("/out", "/tmp/out"));
	REFUSED(chmod("/", 0777));
	REFUSED(open("/dev/new", O_WRONLY | O_CREAT, 0644));
	REFUSED(open("/proc/sys/kernel/core_pattern", O_WRONLY));
	REFUSED(open("/proc/sys/kernel/hostname", O_WRONLY));
	REFUSED(open("/proc/sys/vm/drop_caches", O_WRONLY));
	REFUSED(open("/proc/sysrq-trigger", O_WRONLY));
	REFUSED(open("/proc/kcore", O_RDONLY));
	REFUSED(open("/proc/self/uid_map", O_WRONLY));
	REFUSED(sethostname("x", 1));
	return allowed;
}

static int attack_hidden(char **a)
{
	char path[256];

	REFUSED(open("/etc/passwd", O_RDONLY));
	REFUSED(open("/../../etc/passwd", O_RDONLY));
	REFUSED(open("/proc/self/root/etc/passwd", O_RDONLY));
	REFUSED(open("/proc/self/cwd/../etc/passwd", O_RDONLY));
	REFUSED(open("/proc/1/root/etc/passwd", O_RDONLY));
	REFUSED(open("/proc/1/root", O_RDONLY));
	REFUSED(open("/proc/1/cwd", O_RDONLY));
	REFUSED(readlink("/proc/1/fd/0", path, sizeof path));
	REFUSED(open("/proc/1/fd/0", O_RDONLY));
	REFUSED(open("/proc/1/mem", O_RDONLY));
	REFUSED(open("/proc/1/environ", O_RDONLY));
	REFUSED(open("/proc/1/ns/mnt", O_RDONLY));
	REFUSED(access("/root", F_OK));
	REFUSED(access("/home", F_OK));
	REFUSED(access("/etc", F_OK));
	REFUSED(access("/sys", F_OK));
	REFUSED(access("/dev/tty", F_OK));
	REFUSED(access("/dev/pts", F_OK));
	REFUSED(access("/dev/shm", F_OK));
	REFUSED(access(a[0], F_OK));
	snprintf(path, sizeof path, "/in/../..%s", a[0]);
	REFUSED(access(path, F_OK));
	snprintf(path, sizeof path, "/out/../..%s", a[0]);
	REFUSED(access(path, F_OK));
	REFUSED(symlink(a[0], "/out/link") == 0 ? open("/out/link", O_RDONLY) : 0);
	unlink("/out/link");
	return allowed;
}

static int attack_processes(char **a)
{
	char byte;
	struct iovec here = {&byte, 1}, there = {(void *)&environ, 1};

	(void)a;
	HOLDS(getpid() == 2);
	HOLDS(getppid() == 1);
	HOLDS(processes() == 2);
	HOLDS(!is_own_proc() || count("/proc", true) == 2);
	REFUSED(kill(-1, SIGKILL));
	REFUSED(kill(3, 0));
	kill(1, SIGKILL);
	kill(1, SIGTERM);
	kill(1, SIGSTOP);
	REFUSED(ptrace(PTRACE_SEIZE, 1, NULL, NULL));
	REFUSED(process_vm_readv(1, &here, 1, &there, 1, 0));
	REFUSED(syscall(SYS_pidfd_getfd, (int)syscall(SYS_pidfd_open, 1, 0), 3, 0));
	REFUSED(setns((int)syscall(SYS_pidfd_open, 1, 0), CLONE_NEWNS));
	return allowed;
}

static int reach(int family, const void *address, socklen_t n)
{
	int fd = socket(family, SOCK_STREAM, 0);

	return fd < 0 ? -1 : connect(fd, address, n);
}

static int reach_abstract(const char *name)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};

	memcpy(un.sun_path + 1, name, strlen(name));
	return reach(AF_UNIX, &un, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name)));
}

static int attack_sockets(char **a)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(a[0]))};

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	REFUSED(reach(AF_INET, &in, sizeof in));
	in.sin_addr.s_addr = htonl(0x08080808);
	REFUSED(reach(AF_INET, &in, sizeof in));
	REFUSED(reach_abstract(a[1]));
	REFUSED(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
	REFUSED(socket(AF_PACKET, SOCK_RAW, 0));
	return allowed;
}

static int attack_abstract(char **a)
{
	REFUSED(reach_abstract(a[0]));
	return allowed;
}

/* The other side of attack_abstract: listens until it is killed. */
static int do_listen(char **a)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	memcpy(un.sun_path + 1, a[0], strlen(a[0]));
	if (bind(fd, (void *)&un, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(a[0]))) < 0 ||
			listen(fd, 1) < 0)
		return errno;
	close(open(a[1], O_WRONLY | O_CREAT, 0644));
	for (;;)
		pause();
}

/* TCP to oneself: only with a network of its own. */
static int do_loopback(char **a)
{
	struct sockaddr_in in = {.sin_family = AF_INET};
	socklen_t n = sizeof in;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	(void)a;
	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(fd, (void *)&in, sizeof in) < 0 || listen(fd, 1) < 0 || getsockname(fd, (void *)&in, &n) < 0)
		return errno;
	return reach(AF_INET, &in, n) < 0 ? errno : 0;
}

static int do_shm(char **a)
{
	return shmget(atoi(a[0]), 4096, 0600 | (atoi(a[1]) ? IPC_CREAT : 0)) < 0 ? errno : 0;
}

static int attack_nodes(char **a)
{
	char c = 'x';
	int null = open("/dev/null", O_RDWR), zero = open("/dev/zero", O_RDONLY), full = open("/dev/full", O_RDWR);

	(void)a;
	REFUSED(mknod("/tmp/c", S_IFCHR | 0666, makedev(1, 3)));
	REFUSED(mknod("/tmp/b", S_IFBLK | 0666, makedev(8, 0)));
	REFUSED(mknod("/out/c", S_IFCHR | 0666, makedev(1, 3)));
	REFUSED(chmod("/dev/null", 0));
	REFUSED(fchmod(null, 0));
	REFUSED(fchmod(0, 0));
	REFUSED(unlink("/dev/null"));
	HOLDS(write(null, &c, 1) == 1 && read(null, &c, 1) == 0);
	HOLDS(read(zero, &c, 1) == 1 && c == 0);
	HOLDS(write(full, &c, 1) < 0 && errno == ENOSPC);
	HOLDS(read(open("/dev/random", O_RDONLY), &c, 1) == 1);
	HOLDS(read(open("/dev/urandom", O_RDONLY), &c, 1) == 1);
	HOLDS(count("/dev", false) == 9);
	return allowed;
}

static int has_line(const char *file, const char *line)
{
	char text[256];
	FILE *f = fopen(file, "r");
	bool found = false;

	while (f && !found && fgets(text, sizeof text, f))
		found = strcmp(text, line) == 0;
	if (f)
		fclose(f);
	return found;
}

static int attack_privilege(char **a)
{
	char **self = (char *[]){a[0], (char[]){"whoami"}, NULL};
	pid_t pid;
	int status;

	HOLDS(getuid() == 1000 && geteuid() == 1000 && getgid() == 1000 && getegid() == 1000);
	HOLDS(has_line("/proc/self/status", "CapInh:\t0000000000000000\n"));
	HOLDS(has_line("/proc/self/status", "CapPrm:\t0000000000000000\n"));
	HOLDS(has_line("/proc/self/status", "CapEff:\t0000000000000000\n"));
	HOLDS(has_line("/proc/self/status", "CapBnd:\t0000000000000000\n"));
	HOLDS(has_line("/proc/self/status", "CapAmb:\t0000000000000000\n"));
	HOLDS(has_line("/proc/self/status", "NoNewPrivs:\t1\n"));
	HOLDS(getsid(0) == getpid());
	HOLDS(count("/proc/self/fd", false) == 4); /* 0, 1, 2 and the one that counts */
	REFUSED(setuid(0));
	REFUSED(setresuid(0, 0, 0));
	REFUSED(setgid(0));
	REFUSED(chroot("/tmp"));
	REFUSED(chown("/out", 0, 0));
	REFUSED(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, 1, 0, 0));
	REFUSED(setpriority(PRIO_PROCESS, 0, -20));
	pid = fork();
	if (pid == 0)
		_exit(execv(self[0], self));
	HOLDS(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0);
	return allowed;
}

static int do_whoami(char **a)
{
	(void)a;
	HOLDS(geteuid() == 1000 && getegid() == 1000);
	HOLDS(has_line("/proc/self/status", "CapEff:\t0000000000000000\n"));
	return allowed;
}

static void put_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd >= 0)
		(void)!write(fd, text, strlen(text));
	close(fd);
}

/* In a user namespace of its own an action would be its root.  Where it gets one all the same, its
 * inputs stay as they are. */
static int attack_nested(char **a)
{
	(void)a;
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0) {
		put_text("/proc/self/setgroups", "deny");
		put_text("/proc/self/uid_map", "0 1000 1");
	}
	return attack_remount(a) + attack_write(a) + attack_nodes(a);
}

static int attack_userns(char **a)
{
	(void)a;
	REFUSED(unshare(CLONE_NEWUSER | CLONE_NEWNS));
	REFUSED(unshare(CLONE_NEWNS));
	REFUSED(unshare(CLONE_NEWPID));
	REFUSED(unshare(CLONE_NEWNET));
	REFUSED(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL));
	return allowed;
}

/* No other process that /proc shows lets anything of its own be seen. */
static int attack_siblings(char **a)
{
	DIR *d = opendir("/proc");
	char own[32] = "", path[300];
	struct dirent *e;

	(void)a;
	HOLDS(d && readlink("/proc/self", own, sizeof own - 1) > 0);
	while (d && (e = readdir(d))) {
		static const char *const parts[] = {"root", "cwd", "mem", "environ", "ns/mnt", "fd/1"};

		for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
			snprintf(path, sizeof path, "/proc/%s/%s", e->d_name, parts[i]);
			if (e->d_name[0] >= '1' && e->d_name[0] <= '9' && strcmp(e->d_name, own) != 0)
				REFUSED(open(path, O_RDONLY));
		}
	}
	return allowed;
}

/* A terminal on 0, 1 and 2, and in its foreground. */
static int do_terminal(char **a)
{
	char line[32];

	(void)a;
	HOLDS(isatty(0) && isatty(1) && isatty(2));
	HOLDS(tcgetpgrp(0) == getpgrp() && getpgrp() == getpid());
	HOLDS(fgets(line, sizeof line, stdin) && strcmp(line, "typed\n") == 0);
	return allowed;
}

static const struct {
	const char *word;
	int (*act)(char **args);
} WORDS[] = {
	{"exit", do_exit}, {"signal", do_signal}, {"abort", do_abort}, {"env", do_env}, {"cwd", do_cwd},
	{"echo", do_echo}, {"flood", do_flood}, {"stdin", do_stdin}, {"cat", do_cat}, {"write", do_write},
	{"mkdir", do_mkdir}, {"count", do_count}, {"list", do_list}, {"mode", do_mode},
	{"family", do_family}, {"orphans", do_orphans}, {"listen", do_listen},
	{"loopback", do_loopback}, {"shm", do_shm}, {"whoami", do_whoami},
	{"remount", attack_remount}, {"mount", attack_mount}, {"rewrite", attack_write},
	{"root", attack_root}, {"hidden", attack_hidden}, {"processes", attack_processes},
	{"sockets", attack_sockets}, {"abstract", attack_abstract}, {"nodes", attack_nodes},
	{"privilege", attack_privilege}, {"userns", attack_userns},
	{"nested", attack_nested}, {"siblings", attack_siblings}, {"terminal", do_terminal},
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof WORDS / sizeof WORDS[0]; i++)
		if (strcmp(argv[1], WORDS[i].word) == 0)
			return WORDS[i].act(argv + 2);
	return 100;
}
