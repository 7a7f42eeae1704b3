/* BLAKE3's own C source for ARM, from Debian's librust-blake3-dev; empty on other processors. */
#if defined(__aarch64__)
#include <blake3_neon.c>
#else
typedef int blake3_neon_is_for_arm;
#endif
