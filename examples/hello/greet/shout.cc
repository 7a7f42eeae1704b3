#include "shout.h"

#include <cctype>
#include <string_view>

void shout(char *s)
{
	if (!std::string_view(s).empty())
		s[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(s[0])));
}
