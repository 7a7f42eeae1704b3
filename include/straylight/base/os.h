/* os.h: files, directories and time, in one place so that a port is one file.
 *
 * Functions return 0 or a negative errno; callers turn that into a diagnostic with os_error.
 * Paths are bytes and NUL-terminated. */
#ifndef STRAYLIGHT_BASE_OS_H
#define STRAYLIGHT_BASE_OS_H

#include <straylight/base/blob.h>
#include <straylight/base/diag.h>
#include <sys/stat.h>
#include <sys/types.h>

/* What tells whether a file is still the one that was read.  ctime is in it because it cannot be set
 * back; a stamp younger than the moment of reading proves nothing (os_stamp_racy). */
struct stamp {
	uint64_t dev, ino, size;
	int64_t mtime_ns, ctime_ns;
	uint32_t mode;
	uint32_t pad; /* always zero: stamps are compared and written as bytes */
};

void os_stamp_of(const struct stat *, struct stamp *out);
int os_stamp(const char *path, struct stamp *out); /* lstat */
static inline bool stamp_eq(const struct stamp *a, const struct stamp *b)
{
	return memcmp(a, b, sizeof *a) == 0;
}
/* The file may have changed within the clock's grain after it was read: its stamp must not be trusted
 * later (git's racy rule).  read_ns is os_wall_ns from before the reading began. */
bool os_stamp_racy(const struct stamp *, int64_t read_ns);

/* Whole file into a blob with one reference.  `max` bounds the size (-EFBIG beyond; 0 = 1 TiB). */
int os_read(const char *path, size_t max, struct blob **out);
int os_read_fd(int fd, size_t max, struct blob **out); /* from where fd stands to its end */
int os_write_all(int fd, const void *, size_t n);      /* waits when fd does not block */

/* Modes below are as for open(2): the umask applies. */

/* Writes beside `path` and renames over it: a reader sees the old bytes or the new, never a part.
 * With `sync` the bytes are on disk before the rename.  A process killed between leaves a file
 * ".tmp-PID-N" there. */
int os_replace(const char *path, str bytes, mode_t mode, bool sync);

int os_mkdirs(const char *path, mode_t mode);       /* all missing parents; an existing directory is fine */
int os_mkdirs_for(const char *path, mode_t mode);   /* the parents of a file */
/* Absent is fine; never follows a link; directories without write permission get it.  After an error
 * the rest is removed all the same. */
int os_remove_tree(const char *path);
/* By reflink, copy_file_range or bytes.  `from` may be a link, `to` is replaced: a link or another
 * name of the same file is not written through. */
int os_copy_file(const char *from, const char *to, mode_t mode);

/* Names in a directory, without "." and "..", sorted by bytes; in the arena. */
int os_list(struct arena *, const char *path, str **names, size_t *n);

int64_t os_now_ns(void);  /* monotonic */
int64_t os_wall_ns(void); /* since 1970 */
unsigned os_cpus(void);   /* that this process may use; at least 1 */

/* base/name, with one slash between (just name when base is empty); in the arena. */
char *os_join(struct arena *, str base, str name);
/* "a/./b/../c" → "a/c", "/a//b/" → "/a/b"; never climbs above the start ("" for "."); false when it
 * would.  Works on the text alone; *out is followed by a NUL byte. */
bool os_normalize(struct arena *, str path, str *out);

/* "what 'path': text of errno".  The code is the caller's when the user can put it right (no such
 * file, not a directory, too large …), DIAG_DISK_FULL or DIAG_IO otherwise.  err may have either sign. */
struct diag *os_error(struct diags *, enum diag_code, int err, const char *what, str path);

/* Where caches go: $XDG_CACHE_HOME/straylight (if absolute), else $HOME/.cache/straylight; NULL if
 * neither is set. */
char *os_cache_dir(struct arena *);

#endif
