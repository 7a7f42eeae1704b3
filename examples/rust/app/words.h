#ifndef WORDS_H
#define WORDS_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How many words are in the text, which is UTF-8. */
size_t words_count(const char *text);

#ifdef __cplusplus
}
#endif

#endif
