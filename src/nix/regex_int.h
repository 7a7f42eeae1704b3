/* regex_int.h: programs of regular expressions, which regex.c makes and regex_run.c runs. */
#ifndef STRAYLIGHT_NIX_REGEX_INT_H
#define STRAYLIGHT_NIX_REGEX_INT_H

#include "regex.h"

enum op { OP_BYTE, OP_SET, OP_SPLIT, OP_JUMP, OP_SAVE, OP_BEGIN, OP_END, OP_MATCH };

struct inst {
	uint8_t op;
	uint8_t byte;  /* BYTE */
	uint32_t a, b; /* SPLIT: first a, then b; JUMP: a; SAVE: slot a; SET: set a */
};

struct set {
	uint8_t bits[32];
};

struct regex {
	VEC(struct inst) code;
	VEC(struct set) sets;
	uint32_t groups;
	bool alternatives;
};

#endif
