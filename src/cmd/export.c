#include "export.h"

#include <straylight/base/os.h>

#include <errno.h>
#include <limits.h>
#include <unistd.h>

#define DEPTH_MAX 512 /* of an output: as the store's trees */

static int copy_link(const char *from, const char *to)
{
	char target[PATH_MAX];
	ssize_t n = readlink(from, target, sizeof target - 1);

	if (n < 0)
		return -errno;
	target[n] = '\0';
	if (unlink(to) < 0 && errno != ENOENT)
		return -errno;
	return symlink(target, to) < 0 ? -errno : 0;
}

static int copy(const char *from, const char *to, unsigned depth);

static int copy_below(const char *from, const char *to, unsigned depth)
{
	struct arena a = {0};
	str *names;
	size_t n = 0;
	int err = os_mkdirs(to, 0777);

	if (!err)
		err = os_list(&a, from, &names, &n);
	for (size_t i = 0; i < n && !err; i++)
		err = copy(os_join(&a, str_c(from), names[i]), os_join(&a, str_c(to), names[i]), depth + 1);
	arena_clear(&a);
	return err;
}

static int copy(const char *from, const char *to, unsigned depth)
{
	struct stat st;

	if (depth > DEPTH_MAX)
		return -ELOOP;
	if (lstat(from, &st) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return copy_below(from, to, depth);
	if (S_ISLNK(st.st_mode))
		return copy_link(from, to);
	return os_copy_file(from, to, st.st_mode & 0100 ? 0777 : 0666);
}

bool export_copy(const char *from, const char *to, struct diags *diags)
{
	int err = os_mkdirs_for(to, 0777);

	if (!err)
		err = copy(from, to, 0);
	if (err)
		os_error(diags, DIAG_IO, err, "writing", str_c(to));
	return !err;
}
