/* curl.h: the functions of libcurl that are used, found when they are first needed. */
#ifndef STRAYLIGHT_NET_CURL_H
#define STRAYLIGHT_NET_CURL_H

#include <curl/curl.h>
#include <stdbool.h>

/* The headers check the arguments of these by macros of the same names. */
#undef curl_easy_setopt
#undef curl_easy_getinfo

struct curl_table {
	CURLcode (*global_init)(long flags);
	CURL *(*easy_init)(void);
	void (*easy_reset)(CURL *);
	CURLcode (*easy_setopt)(CURL *, CURLoption, ...);
	CURLcode (*easy_perform)(CURL *);
	CURLcode (*easy_getinfo)(CURL *, CURLINFO, ...);
	const char *(*easy_strerror)(CURLcode);
	struct curl_slist *(*slist_append)(struct curl_slist *, const char *);
	void (*slist_free_all)(struct curl_slist *);
};

/* NULL when the library is not there or lacks a function. */
const struct curl_table *curl_load(void);

#endif
