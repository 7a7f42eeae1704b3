#include <straylight/base/stack.h>

#include <pthread.h>
#include <stddef.h>

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define ASAN 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define ASAN 1
#endif
#ifdef ASAN
#include <sanitizer/asan_interface.h>
#endif

/* For what runs below the deepest recursion: GMP, libc, a diagnostic. */
#define RESERVE ((size_t)256 << 10)

static _Thread_local const char *floor_of_thread;

const char *stack_floor(void)
{
	pthread_attr_t attr;
	void *low = NULL;
	size_t size = 0;

	if (floor_of_thread)
		return floor_of_thread;
	if (pthread_getattr_np(pthread_self(), &attr) == 0) {
		pthread_attr_getstack(&attr, &low, &size);
		pthread_attr_destroy(&attr);
	}
	/* Unknown bounds: half a MiB from here on is on every stack that libc makes. */
	if (!low)
		low = (char *)__builtin_frame_address(0) - 2 * RESERVE;
	floor_of_thread = (const char *)low + RESERVE;
	return floor_of_thread;
}

void stack_forget(const char *top)
{
#ifdef ASAN
	const char *here = __builtin_frame_address(0);

	if (top > here)
		__asan_unpoison_memory_region(here, (size_t)(top - here));
#else
	(void)top;
#endif
}
