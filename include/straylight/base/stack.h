/* stack.h: how far recursion may go on this thread.
 *
 * Whatever recurses by the nesting of its input asks here, and gives a diagnostic instead of going
 * on: no input may overflow the C stack, on whatever thread it runs. */
#ifndef STRAYLIGHT_BASE_STACK_H
#define STRAYLIGHT_BASE_STACK_H

#include <straylight/base/mem.h>

/* The address that recursion on this thread must stay above; a reserve lies below it. */
const char *stack_floor(void);

/* To be called before a longjmp to a function whose frame is at `top`.  It does nothing but in builds
 * with AddressSanitizer, which on its own forgets at most 64 MiB of the frames that are left. */
void stack_forget(const char *top);

static inline bool stack_low(const char *floor)
{
	return (const char *)__builtin_frame_address(0) < floor;
}

#endif
