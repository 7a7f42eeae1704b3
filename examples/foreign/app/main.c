#include <count.h>
#include <greet.h>
#include <note.h>
#include <stdio.h>

int main(void)
{
	printf("%d %s\n", count(), note());
	return greet("app");
}
