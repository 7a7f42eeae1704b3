/* stack.h: the bounds of recursion, from base. */
#include <straylight/base/stack.h>
