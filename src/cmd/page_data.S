/* The pages of docs/errors/ as bytes.  The assembler finds them by the include path. */
	.macro page name, number
	.globl page_\name, page_\name\()_end
	.hidden page_\name, page_\name\()_end
page_\name:
	.incbin "\number\().md"
page_\name\()_end:
	.byte 0
	.endm

	.section .rodata
#define D(name, number, blame, summary) page name, number
#include <straylight/base/diag.def>
#undef D
#if defined(__linux__) && defined(__ELF__)
	.section .note.GNU-stack, "", %progbits
#endif
