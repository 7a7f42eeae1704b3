/* The prelude's files as bytes.  The assembler finds them by the include path. */
	.section .rodata
#define P(id, path)                                                                                \
	.globl prelude_##id, prelude_##id##_end;                                                   \
	.hidden prelude_##id, prelude_##id##_end;                                                  \
	prelude_##id: .incbin path;                                                                \
	prelude_##id##_end: .byte 0;
#include "prelude.def"
#if defined(__linux__) && defined(__ELF__)
	.section .note.GNU-stack, "", %progbits
#endif
