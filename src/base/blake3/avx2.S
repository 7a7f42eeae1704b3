/* BLAKE3's own assembly, from Debian's librust-blake3-dev; empty on other processors. */
#if defined(__x86_64__)
#include <blake3_avx2_x86-64_unix.S>
#endif
