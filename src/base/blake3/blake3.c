/* BLAKE3's own C source, from Debian's librust-blake3-dev, found by the include path. */
#include <blake3.c>
