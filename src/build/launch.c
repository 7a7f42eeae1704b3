/* launch: starts the builder of a derivation on a worker of Remote Execution.
 *
 * A static program of its own that travels in the input root: a worker need have no file of ours.  It is told where a
 * start file lies (src/build/drv_start.h has the format), writes the files that belong into the build folder, makes the
 * folder that it was started in the root, and becomes the builder.
 *
 * Where that folder is the root already, there is nothing to make.  Else it takes namespaces, and what is seen then is
 * the input root, /proc, a few devices, and the host folders that the start file names; no network.
 *
 * It ends with START_REFUSED or START_ROOT and one line on standard error when the worker does not allow that. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "start_form.h"

static void refuse(const char *fmt, ...)
{
	int err = errno;
	va_list args;

	fputs("straylight-launch: cannot ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fprintf(stderr, ": %s\n", strerror(err));
	exit(START_REFUSED);
}

/* ---- the start file ---- */

struct start {
	char *at, *end;
};

static void read_start(struct start *s, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	size_t n = 0;
	ssize_t got = 1;

	if (fd < 0 || fstat(fd, &st) < 0)
		refuse("read %s", path);
	s->at = malloc((size_t)st.st_size + 1);
	while (s->at && n < (size_t)st.st_size && (got = read(fd, s->at + n, (size_t)st.st_size - n)) > 0)
		n += (size_t)got;
	if (!s->at || got <= 0)
		refuse("read %s", path);
	s->end = s->at + n;
	close(fd);
}

static size_t number(struct start *s)
{
	size_t n = 0;

	while (s->at < s->end && *s->at >= '0' && *s->at <= '9')
		n = n * 10 + (size_t)(*s->at++ - '0');
	errno = EINVAL;
	if (s->at == s->end || *s->at++ != ':' || n > (size_t)(s->end - s->at))
		refuse("understand the start file");
	return n;
}

/* "LENGTH:BYTES\0": the bytes, which the NUL byte ends where they are a text. */
static char *text(struct start *s, size_t *n)
{
	size_t length = number(s);
	char *bytes = s->at;

	errno = EINVAL;
	if (length == (size_t)(s->end - s->at) || bytes[length] != '\0')
		refuse("understand the start file");
	s->at += length + 1;
	if (n)
		*n = length;
	return bytes;
}

static char **texts(struct start *s)
{
	size_t n = number(s);
	char **list = calloc(n + 1, sizeof *list);

	if (!list)
		refuse("start");
	for (size_t i = 0; i < n; i++)
		list[i] = text(s, NULL);
	return list;
}

/* ---- files ---- */

static void make_dir(const char *path, mode_t mode)
{
	if (mkdir(path, mode) < 0 && errno != EEXIST)
		refuse("make %s", path);
	chmod(path, mode);
}

static void make_dirs(const char *path)
{
	char *copy = strdup(path);

	for (char *p = strchr(copy, '/'); p; p = strchr(p + 1, '/')) {
		*p = '\0';
		make_dir(copy, 0755);
		*p = '/';
	}
	make_dir(copy, 0755);
	free(copy);
}

static void write_file(const char *name, const char *bytes, size_t n)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
	ssize_t put = 1;

	while (fd >= 0 && n && (put = write(fd, bytes, n)) > 0) {
		bytes += put;
		n -= (size_t)put;
	}
	if (fd < 0 || put <= 0)
		refuse("write %s", name);
	close(fd);
}

static void write_files(struct start *s)
{
	size_t n = number(s);

	for (size_t i = 0; i < n; i++) {
		char *name = text(s, NULL), path[4096];
		size_t size;
		char *bytes = text(s, &size);

		snprintf(path, sizeof path, "build/%s", name);
		write_file(path, bytes, size);
	}
}

/* ---- the root ---- */

static const char *const devices[] = {"null", "zero", "full", "random", "urandom"};

static const char *const streams[][2] = {{"dev/fd", "/proc/self/fd"}, {"dev/stdin", "/proc/self/fd/0"},
		{"dev/stdout", "/proc/self/fd/1"}, {"dev/stderr", "/proc/self/fd/2"}};

static bool is_root(void)
{
	struct stat here, root;

	return stat(".", &here) == 0 && stat("/", &root) == 0 && here.st_dev == root.st_dev && here.st_ino == root.st_ino;
}

static void make_point(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0 || S_ISDIR(st.st_mode))
		make_dirs(path + 1);
	else
		write_file(path + 1, "", 0);
}

static void make_points(char **host)
{
	char path[32];

	make_dir("proc", 0755);
	make_dir("dev", 0755);
	for (size_t i = 0; i < sizeof devices / sizeof *devices; i++) {
		snprintf(path, sizeof path, "dev/%s", devices[i]);
		write_file(path, "", 0);
	}
	for (size_t i = 0; i < sizeof streams / sizeof *streams; i++)
		if (symlink(streams[i][1], streams[i][0]) < 0 && errno != EEXIST)
			refuse("make %s", streams[i][0]);
	for (size_t i = 0; host[i]; i++)
		make_point(host[i]);
}

/* Root without the capability to give file capabilities cannot be mapped (since Linux 5.12). */
static void map_id(const char *file, unsigned inside, unsigned outside)
{
	char line[64];
	int fd = open(file, O_WRONLY | O_CLOEXEC);

	snprintf(line, sizeof line, "%u %u 1", inside, outside);
	if (fd >= 0 && write(fd, line, strlen(line)) > 0) {
		close(fd);
		return;
	}
	fprintf(stderr, "straylight-launch: the worker runs actions as user %u, who cannot become another: %s\n", outside, strerror(errno));
	exit(START_ROOT);
}

/* Builders are never root: programs do other things then. */
static void take_namespaces(int flags)
{
	unsigned uid = geteuid(), gid = getegid();
	int fd;

	if (unshare(CLONE_NEWUSER | flags) < 0)
		refuse("take namespaces");
	fd = open("/proc/self/setgroups", O_WRONLY | O_CLOEXEC);
	if (fd >= 0) {
		if (write(fd, "deny", 4) < 0)
			errno = 0;
		close(fd);
	}
	map_id("/proc/self/uid_map", START_UID, uid);
	map_id("/proc/self/gid_map", START_GID, gid);
}

static void loopback_up(void)
{
	struct ifreq lo = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd >= 0) {
		ioctl(fd, SIOCSIFFLAGS, &lo);
		close(fd);
	}
}

static void bind_at(const char *from, const char *to, bool writable)
{
	struct mount_attr closed = {.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID};

	if (mount(from, to, NULL, MS_BIND | MS_REC, NULL) < 0)
		refuse("bind %s", from);
	if (!writable && mount_setattr(AT_FDCWD, to, AT_RECURSIVE, &closed, sizeof closed) < 0 && errno != ENOSYS)
		refuse("close %s", from);
}

/* Inputs may be the worker's own files, under other names: a builder must not write to them. */
static void close_inputs(void)
{
	DIR *dir = opendir("nix/store");
	const struct dirent *e;
	char path[4096];

	if (!dir)
		refuse("list nix/store");
	while ((e = readdir(dir))) {
		struct stat st;

		snprintf(path, sizeof path, "nix/store/%s", e->d_name);
		if (e->d_name[0] != '.' && lstat(path, &st) == 0 && !S_ISLNK(st.st_mode))
			bind_at(path, path, false);
	}
	closedir(dir);
}

static void enter_root(char **host)
{
	char here[4096], path[64];

	if (!getcwd(here, sizeof here))
		refuse("find the current folder");
	make_points(host);
	take_namespaces(CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS);
	loopback_up();
	if (mount(NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL) < 0)
		refuse("make mounts private");
	bind_at(here, here, true);
	if (chdir(here) < 0) /* by its path: onto the mount */
		refuse("enter %s", here);
	for (size_t i = 0; host[i]; i++)
		bind_at(host[i], host[i] + 1, false);
	close_inputs();
	bind_at("/proc", "proc", true);
	for (size_t i = 0; i < sizeof devices / sizeof *devices; i++) {
		snprintf(path, sizeof path, "/dev/%s", devices[i]);
		bind_at(path, path + 1, true);
	}
	if (syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
		refuse("change the root");
}

int main(int argc, char **argv)
{
	struct start s;
	char **host, **args, **env;

	if (argc != 2) {
		fputs("usage: launch START-FILE\n", stderr);
		return START_REFUSED;
	}
	read_start(&s, argv[1]);
	umask(0);
	make_dir("build", 0700);
	make_dir("tmp", 01777);
	make_dirs("nix/store");
	umask(022);
	host = texts(&s);
	write_files(&s);
	args = texts(&s);
	env = texts(&s);
	if (!is_root())
		enter_root(host);
	else if (geteuid() == 0)
		take_namespaces(0);
	if (chdir("/build") < 0)
		refuse("enter /build");
	execve(args[0], args + 1, env);
	refuse("start %s", args[0]);
}
