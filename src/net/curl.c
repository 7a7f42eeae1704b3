#include "curl.h"

#include <straylight/base.h>
#include <straylight/base/library.h>

#include <pthread.h>

static struct curl_table table;
static bool loaded;

static const struct library_row rows[] = {
	{"curl_global_init", offsetof(struct curl_table, global_init)},
	{"curl_easy_init", offsetof(struct curl_table, easy_init)},
	{"curl_easy_reset", offsetof(struct curl_table, easy_reset)},
	{"curl_easy_setopt", offsetof(struct curl_table, easy_setopt)},
	{"curl_easy_perform", offsetof(struct curl_table, easy_perform)},
	{"curl_easy_getinfo", offsetof(struct curl_table, easy_getinfo)},
	{"curl_easy_strerror", offsetof(struct curl_table, easy_strerror)},
	{"curl_slist_append", offsetof(struct curl_table, slist_append)},
	{"curl_slist_free_all", offsetof(struct curl_table, slist_free_all)},
};

static void load(void)
{
	loaded = library_load("libcurl.so.4", rows, SL_COUNT(rows), &table) && table.global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

const struct curl_table *curl_load(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, load);
	return loaded ? &table : NULL;
}
