/* symbolic.nix and evaluated.nix as bytes.  The assembler finds it by the include path. */
	.section .rodata
	.globl symbolic_text, symbolic_text_end, evaluated_text, evaluated_text_end
	.hidden symbolic_text, symbolic_text_end, evaluated_text, evaluated_text_end
symbolic_text: .incbin "symbolic.nix"
symbolic_text_end: .byte 0
evaluated_text: .incbin "evaluated.nix"
evaluated_text_end: .byte 0
#if defined(__linux__) && defined(__ELF__)
	.section .note.GNU-stack, "", %progbits
#endif
