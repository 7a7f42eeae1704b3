/* A program of nothing: what it is linked with must be whole. */
int main(void)
{
	return 0;
}
