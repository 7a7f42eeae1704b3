#ifndef FOLD_H
#define FOLD_H

/* The small letter of an ASCII letter; anything else as it is. */
int fold(int c);

#endif
