#include "note.h"

const char *note(void)
{
	return TEXT;
}
