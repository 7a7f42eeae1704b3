#include "curl.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>

static struct curl_table table;
static bool loaded;

static const struct {
	const char *name;
	size_t at;
} rows[] = {
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
	void *library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);

	if (!library)
		return;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		void *f = dlsym(library, rows[i].name);

		if (!f)
			return;
		*(void **)(void *)((char *)&table + rows[i].at) = f;
	}
	loaded = table.global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

const struct curl_table *curl_load(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, load);
	return loaded ? &table : NULL;
}
