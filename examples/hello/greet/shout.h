#ifndef SHOUT_H
#define SHOUT_H

#ifdef __cplusplus
extern "C" {
#endif

/* Makes the first letter of s a capital. */
void shout(char *s);

#ifdef __cplusplus
}
#endif

#endif
