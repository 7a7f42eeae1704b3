#include "unpack_library.h"

#include <straylight/base.h>
#include <straylight/base/library.h>

#include <pthread.h>

static struct unpack_table table;
static bool loaded;

static const struct library_row rows[] = {
	{"archive_read_new", offsetof(struct unpack_table, read_new)},
	{"archive_read_free", offsetof(struct unpack_table, read_free)},
	{"archive_read_support_filter_gzip", offsetof(struct unpack_table, filter[0])},
	{"archive_read_support_filter_bzip2", offsetof(struct unpack_table, filter[1])},
	{"archive_read_support_filter_xz", offsetof(struct unpack_table, filter[2])},
	{"archive_read_support_filter_lzma", offsetof(struct unpack_table, filter[3])},
	{"archive_read_support_filter_lzip", offsetof(struct unpack_table, filter[4])},
	{"archive_read_support_filter_lz4", offsetof(struct unpack_table, filter[5])},
	{"archive_read_support_filter_zstd", offsetof(struct unpack_table, filter[6])},
	{"archive_read_support_filter_compress", offsetof(struct unpack_table, filter[7])},
	{"archive_read_support_format_raw", offsetof(struct unpack_table, format_raw)},
	{"archive_read_support_format_empty", offsetof(struct unpack_table, format_empty)},
	{"archive_read_support_format_tar", offsetof(struct unpack_table, format_tar)},
	{"archive_read_support_format_zip", offsetof(struct unpack_table, format_zip)},
	{"archive_read_open_fd", offsetof(struct unpack_table, open_fd)},
	{"archive_read_next_header", offsetof(struct unpack_table, next_header)},
	{"archive_read_data", offsetof(struct unpack_table, read_data)},
	{"archive_error_string", offsetof(struct unpack_table, error_string)},
	{"archive_entry_pathname", offsetof(struct unpack_table, pathname)},
	{"archive_entry_symlink", offsetof(struct unpack_table, symlink)},
	{"archive_entry_hardlink", offsetof(struct unpack_table, hardlink)},
	{"archive_entry_filetype", offsetof(struct unpack_table, filetype)},
	{"archive_entry_perm", offsetof(struct unpack_table, perm)},
};

static void load(void)
{
	loaded = library_load("libarchive.so.13", rows, SL_COUNT(rows), &table);
}

const struct unpack_table *unpack_load(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, load);
	return loaded ? &table : NULL;
}
