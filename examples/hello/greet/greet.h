#ifndef GREET_H
#define GREET_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Writes "Hello, WHO!" into buf and returns its length, or 0 when n is too small. */
size_t greet(char *buf, size_t n, const char *who);

#ifdef __cplusplus
}
#endif

#endif
