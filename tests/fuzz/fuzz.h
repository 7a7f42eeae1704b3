/* fuzz.h: what every fuzz target includes.
 *
 * A target reads its input as untrusted bytes, and calls must() for what holds of every input: a
 * target that only looks for crashes sees half of the mistakes. */
#ifndef STRAYLIGHT_FUZZ_H
#define STRAYLIGHT_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

#define must(condition) ((condition) ? (void)0 : abort())

#endif
