#ifndef NOTE_H
#define NOTE_H

const char *note(void);

#endif
