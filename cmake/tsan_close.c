/* libuv closes with a raw system call, which ThreadSanitizer does not see: a number that it closed, and which another
 * thread opened anew with openat (not seen either), would still be the old socket. So in that build each raw close of
 * what is linked statically (--wrap=syscall) goes through the close that the sanitizer knows. */
#include <stdarg.h>
#include <sys/syscall.h>
#include <unistd.h>

long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);

long __wrap_syscall(long number, ...)
{
	va_list args;
	long a[6];

	va_start(args, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(args, long);
	va_end(args);
	if (number == SYS_close)
		return close((int)a[0]);
	return __real_syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
