#include "count.h"

int count(void)
{
	static int n = COUNT_FROM;

	return ++n;
}
