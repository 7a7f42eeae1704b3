#include "lib/add.h"
#include <stdio.h>

int main(int argc, char **argv)
{
	printf("%d%s\n", add(2, 3), argc > 1 ? argv[1] : "");
	return argc > 2 ? 9 : 0;
}
