#include "count.h"

int main(void)
{
	return count() == 42 ? 0 : 1;
}
