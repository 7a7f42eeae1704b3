#include "greet.h"

#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
	char buf[64], small[4];

	if (argc != 2 || !greet(buf, sizeof buf, argv[1]) || strcmp(buf, "Hello, world!") != 0) {
		fprintf(stderr, "greet: unexpected '%s'\n", buf);
		return 1;
	}
	return greet(small, sizeof small, argv[1]) != 0;
}
