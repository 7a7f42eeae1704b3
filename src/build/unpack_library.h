/* unpack_library.h: the functions of libarchive that are used, found when they are first needed. */
#ifndef STRAYLIGHT_BUILD_UNPACK_LIBRARY_H
#define STRAYLIGHT_BUILD_UNPACK_LIBRARY_H

#include <archive.h>
#include <archive_entry.h>
#include <stdbool.h>

struct unpack_table {
	struct archive *(*read_new)(void);
	int (*read_free)(struct archive *);
	int (*filter[8])(struct archive *); /* those that start no program */
	int (*format_raw)(struct archive *);
	int (*format_empty)(struct archive *);
	int (*format_tar)(struct archive *);
	int (*format_zip)(struct archive *);
	int (*open_fd)(struct archive *, int fd, size_t block);
	int (*next_header)(struct archive *, struct archive_entry **);
	la_ssize_t (*read_data)(struct archive *, void *, size_t);
	const char *(*error_string)(struct archive *);
	const char *(*pathname)(struct archive_entry *);
	const char *(*symlink)(struct archive_entry *);
	const char *(*hardlink)(struct archive_entry *);
	__LA_MODE_T (*filetype)(struct archive_entry *);
	__LA_MODE_T (*perm)(struct archive_entry *);
};

/* NULL when the library is not there or lacks a function. */
const struct unpack_table *unpack_load(void);

#endif
