#define LIB 0
