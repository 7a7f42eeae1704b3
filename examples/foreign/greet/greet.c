#include "greet.h"

#include <say.h>

int greet(const char *whom)
{
	say(whom);
	return 1;
}
