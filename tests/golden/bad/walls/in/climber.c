#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* Tries to get out of the sandbox, and says what worked. */

static void tried(const char *what, int worked)
{
	printf("%s: %s\n", what, worked ? "WORKED" : "refused");
}

static int call(void)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(80), .sin_addr = {htonl(0x01010101)}};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) == 0;
}

static int others(void)
{
	DIR *d = opendir("/proc");
	struct dirent *e;
	int n = 0;

	while (d && (e = readdir(d)))
		if (e->d_name[0] >= '0' && e->d_name[0] <= '9' && atoi(e->d_name) != getpid())
			n++;
	return n;
}

int main(int argc, char **argv)
{
	const char *input = argc > 1 ? argv[1] : "";

	if (strcmp(input, "--call") == 0) {
		if (!call())
			perror("calling home");
		return 1;
	}
	tried("writing the input", open(input, O_WRONLY) >= 0);
	tried("changing its mode", chmod(input, 0666) == 0);
	tried("removing it", unlink(input) == 0);
	tried("remounting the root", mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND, NULL) == 0);
	tried("unmounting the toolchain", umount2("/usr", MNT_DETACH) == 0);
	tried("mounting over it", mount("none", "/usr", "tmpfs", 0, NULL) == 0);
	tried("a user namespace of its own", unshare(CLONE_NEWUSER) == 0);
	tried("being root", setuid(0) == 0);
	tried("the host's files", open("/etc/passwd", O_RDONLY) >= 0 || open("/root", O_RDONLY) >= 0);
	tried("the workspace's other files", open("secret.txt", O_RDONLY) >= 0);
	tried("the network", call());
	tried("killing everything else", kill(-1, 0) == 0 && others() > 1);
	tried("seeing other processes", others() > 1);
	tried("a device", mknod("/tmp/sda", S_IFBLK | 0600, 8 << 8) == 0);
	return 0;
}
