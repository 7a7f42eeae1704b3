#include "note.h"

#include <string.h>

int main(void)
{
	return strcmp(note(), "noted");
}
