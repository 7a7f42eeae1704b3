#define SECRET 0
