#ifndef GREET_H
#define GREET_H

int greet(const char *whom);

#endif
