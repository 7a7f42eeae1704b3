/* convert_deps.dhall as bytes.  The assembler finds it by the include path. */
	.section .rodata
	.globl convert_deps, convert_deps_end
	.hidden convert_deps, convert_deps_end
convert_deps: .incbin "convert_deps.dhall"
convert_deps_end: .byte 0
#if defined(__linux__) && defined(__ELF__)
	.section .note.GNU-stack, "", %progbits
#endif
