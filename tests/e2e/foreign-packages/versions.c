#include <png.h>
#include <stdio.h>
#include <zlib.h>

int main(void)
{
	printf("%s %s\n", png_get_libpng_ver(NULL), zlibVersion());
	return 0;
}
