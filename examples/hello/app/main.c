#include "greet/greet.h"

#include <stdio.h>

extern const char motto[];

int main(int argc, char **argv)
{
	char buf[256];

	if (!greet(buf, sizeof buf, argc > 1 ? argv[1] : "world"))
		return 1;
	printf("%s\n%s\n", buf, motto);
	return 0;
}
