#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>

int main(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(80)};
	int s = socket(AF_INET, SOCK_STREAM, 0);

	inet_pton(AF_INET, "192.0.2.1", &a.sin_addr);
	if (connect(s, (struct sockaddr *)&a, sizeof a) == 0)
		return 0;
	perror("connect 192.0.2.1");
	return 1;
}
