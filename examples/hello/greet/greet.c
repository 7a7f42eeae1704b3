#include "greet.h"
#include "shout.h"

#include <stdio.h>

size_t greet(char *buf, size_t n, const char *who)
{
	int len = snprintf(buf, n, "hello, %s!", who);

	if (len < 0 || (size_t)len >= n)
		return 0;
	shout(buf);
	return (size_t)len;
}
