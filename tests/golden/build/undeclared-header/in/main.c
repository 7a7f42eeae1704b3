#include "include/secret.h"

int main(void)
{
	return SECRET;
}
