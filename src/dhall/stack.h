/* stack.h: how far recursion may go on this thread.
 *
 * Whatever recurses by the nesting of its input asks here, and gives a diagnostic instead of going
 * on: no input may overflow the C stack, on whatever thread it runs. */
#ifndef STRAYLIGHT_DHALL_STACK_H
#define STRAYLIGHT_DHALL_STACK_H

#include <stdbool.h>

/* The address that recursion on this thread must stay above; a reserve lies below it. */
const char *stack_floor(void);

static inline bool stack_low(const char *floor)
{
	return (const char *)__builtin_frame_address(0) < floor;
}

#endif
