#include "say.h"

#include <stdio.h>

void say(const char *whom)
{
	printf("%s, %s (built %s)\n", WORD, whom, __DATE__);
}
