#include "words.h"

#include <iostream>

int main(int argc, char **argv)
{
	std::size_t n = 0;

	for (int i = 1; i < argc; i++)
		n += words_count(argv[i]);
	std::cout << n << '\n';
}
