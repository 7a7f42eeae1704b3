/* unpack.h: archives and compressed files, read by libarchive.
 *
 * Layer: build.  The library is loaded when it is first needed, as libcurl is (net.h).  Archives are tar (of
 * any kind) and zip, compressed in any way that it knows: gzip, bzip2, xz, lzma, zstd, lz4 … */
#ifndef STRAYLIGHT_BUILD_UNPACK_H
#define STRAYLIGHT_BUILD_UNPACK_H

#include <straylight/nar.h>

#define UNPACK_BYTES_MAX ((uint64_t)64 << 30) /* of what is in an archive */
#define UNPACK_ENTRIES_MAX ((size_t)4 << 20)

/* The bytes of a compressed file go to the function; a file that is not compressed is given as it is.  `name` is
 * what diagnostics call it.  false after a diagnostic (ARCHIVE: it is damaged, or holds more than `max`; IO), or
 * when `write` returned false. */
bool unpack_file(int fd, str name, uint64_t max, nar_write *write, void *ud, struct diags *) SL_MUST_USE;
/* Puts what is in an archive into the store: an entry without a name, a DIR with one reference.  Later entries
 * replace earlier ones.  false after a diagnostic: ARCHIVE (damaged, a path that leads out of it, a kind of file that
 * a store cannot hold, too much), IO, DISK_FULL. */
bool unpack_archive(struct store *, int fd, str name, struct tree_entry *out, struct diags *) SL_MUST_USE;

#endif
