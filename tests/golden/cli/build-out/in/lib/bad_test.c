#include "lib/add.h"
#include <stdio.h>

int main(void)
{
	printf("1 + 1 is %d\n", add(1, 1));
	return 7;
}
